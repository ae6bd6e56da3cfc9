//! The variables by which agents and CI systems say that they started us, as data.
//!
//! A marker only ever tightens, so a wrong row costs a human a longer way and never lets a machine through. Left
//! out on purpose: what people set in their own profiles to configure a product (`AIDER_MODEL`, `CODEX_HOME`,
//! `GOOSE_PROVIDER`, `COPILOT_GITHUB_TOKEN`). Such a row would shut the on-call engineer out of their own prompt.

use std::collections::BTreeMap;

/// One row: the variable, whom it gives away, and where that is written down.
#[derive(Debug)]
pub(super) struct Marker {
    pub(super) variable: Variable,
    pub(super) product: Product,
    /// Who documents or checks this variable.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "read by people, and by the test that wants one in every row")
    )]
    pub(super) source: &'static str,
}

/// Which variables a row speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    /// Exactly this one.
    Named(&'static str),
    /// Every one that starts so.
    Prefixed(&'static str),
}

/// Whom a row gives away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Product {
    /// This product.
    Known(&'static str),
    /// The one that the variable's value names.
    InValue,
}

use Product::{InValue, Known};
use Variable::{Named, Prefixed};

const fn row(variable: Variable, product: Product, source: &'static str) -> Marker {
    Marker { variable, product, source }
}

/// Agents. The first row that fits names the agent; all that fit are kept as evidence.
pub(super) const AGENTS: &[Marker] = &[
    row(Named("CLAUDECODE"), Known("claude-code"), "Claude Code docs, settings: set to 1 in spawned shells"),
    row(Named("CLAUDE_CODE_ENTRYPOINT"), Known("claude-code"), "Claude Code: how the session was started"),
    row(Named("CLAUDE_CODE"), Known("claude-code"), "vercel/detect-agent"),
    row(
        Prefixed("CODEX_SANDBOX"),
        Known("codex"),
        "openai/codex AGENTS.md: CODEX_SANDBOX, _NETWORK_DISABLED",
    ),
    row(Named("CODEX_THREAD_ID"), Known("codex"), "openai/codex; aws/aws-cdk-cli detect-agent"),
    row(Named("CODEX_CI"), Known("codex"), "openai/codex, unified exec; vercel/detect-agent 1.2"),
    row(Named("GEMINI_CLI"), Known("gemini-cli"), "gemini-cli docs, shell tool: sets GEMINI_CLI=1"),
    row(Named("CURSOR_AGENT"), Known("cursor"), "Cursor docs, agent terminal; vercel/detect-agent"),
    row(Named("CURSOR_TRACE_ID"), Known("cursor"), "Cursor's terminal, agent or not; vercel/detect-agent"),
    row(Named("OPENCODE"), Known("opencode"), "opencode: sets OPENCODE=1 in its process"),
    row(Named("OPENCODE_CLIENT"), Known("opencode"), "opencode; vercel/detect-agent"),
    row(Named("GOOSE_TERMINAL"), Known("goose"), "goose docs, environment variables: set in its shells"),
    row(Named("AMP_CURRENT_THREAD_ID"), Known("amp"), "Amp manual: set for executed commands"),
    row(Named("AUGMENT_AGENT"), Known("auggie"), "Auggie docs, environment: set to 1 in its shell tool"),
    row(Named("CLINE_ACTIVE"), Known("cline"), "Cline docs: set in terminals it opens"),
    row(Named("COPILOT_CLI"), Known("github-copilot"), "GitHub Copilot CLI: set for subprocesses"),
    row(Prefixed("COPILOT_AGENT"), Known("github-copilot"), "GitHub Copilot cloud agent's job environment"),
    row(Named("ANTIGRAVITY_AGENT"), Known("antigravity"), "vercel/detect-agent 1.2"),
    row(Named("PI_CODING_AGENT"), Known("pi"), "pi coding agent"),
    row(Named("QWEN_CODE"), Known("qwen-code"), "qwen-code, shell tool: sets QWEN_CODE=1"),
    row(Named("REPLIT_AGENT"), Known("replit"), "Replit agent"),
    row(Named("REPL_ID"), Known("replit"), "Replit docs, agent or not; vercel/detect-agent"),
    // Generic ones come last, so that a product that sets both is called by its usual name.
    row(Named("AI_AGENT"), InValue, "vercel/detect-agent: the value names the agent"),
    row(Named("AGENT"), InValue, "agents.md proposal; set by goose and Amp: the value names the agent"),
];

/// CI systems. The general `CI` comes last, so that a known product is called by its name.
pub(super) const CI_SYSTEMS: &[Marker] = &[
    row(Named("GITHUB_ACTIONS"), Known("github-actions"), "GitHub docs, default environment variables"),
    row(Named("GITLAB_CI"), Known("gitlab-ci"), "GitLab docs, predefined CI/CD variables"),
    row(Named("BUILDKITE"), Known("buildkite"), "Buildkite docs, environment variables"),
    row(Named("JENKINS_URL"), Known("jenkins"), "Jenkins handbook, global variables"),
    row(Named("HUDSON_URL"), Known("jenkins"), "watson/ci-info vendors.json"),
    row(Named("TEAMCITY_VERSION"), Known("teamcity"), "TeamCity docs, predefined build parameters"),
    row(Named("TF_BUILD"), Known("azure-pipelines"), "Azure Pipelines docs, predefined variables"),
    row(Named("CIRCLECI"), Known("circleci"), "CircleCI docs, built-in environment variables"),
    row(Named("TRAVIS"), Known("travis-ci"), "Travis CI docs, default environment variables"),
    row(Named("APPVEYOR"), Known("appveyor"), "AppVeyor docs, environment variables"),
    row(Named("DRONE"), Known("drone"), "Drone docs, environment reference"),
    row(Named("SEMAPHORE"), Known("semaphore"), "Semaphore docs, environment variables"),
    row(Named("BITBUCKET_COMMIT"), Known("bitbucket-pipelines"), "Bitbucket docs, variables"),
    row(Named("BITRISE_IO"), Known("bitrise"), "Bitrise docs, available variables"),
    row(
        Named("CODEBUILD_BUILD_ARN"),
        Known("aws-codebuild"),
        "AWS CodeBuild user guide, environment variables",
    ),
    row(Named("CIRRUS_CI"), Known("cirrus-ci"), "Cirrus CI docs, environment variables"),
    row(Named("BUDDY_WORKSPACE_ID"), Known("buddy"), "watson/ci-info vendors.json"),
    row(Named("GO_PIPELINE_LABEL"), Known("gocd"), "GoCD docs, environment variables"),
    row(Named("bamboo_planKey"), Known("bamboo"), "Bamboo docs, variables"),
    row(Named("TASKCLUSTER_ROOT_URL"), Known("taskcluster"), "Taskcluster docs, worker environment"),
    row(Named("WOODPECKER"), Known("woodpecker"), "Woodpecker docs: CI=woodpecker and friends"),
    row(Named("CI"), Known("ci"), "set by nearly all of the above, and by people who mean it"),
];

impl Variable {
    /// Whether this row speaks of `name`.
    pub(super) fn speaks_of(self, name: &str) -> bool {
        match self {
            Named(exact) => name == exact,
            Prefixed(start) => name.starts_with(start),
        }
    }
}

/// Whether any row of either table, or the session facts that we show as evidence, speaks of `name`.
pub(super) fn is_of_interest(name: &str) -> bool {
    let shown = ["REMGATE_ACTOR", "SSH_TTY"];
    shown.contains(&name) || AGENTS.iter().chain(CI_SYSTEMS).any(|marker| marker.variable.speaks_of(name))
}

/// A marker that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) variable: String,
    pub(super) product: String,
}

/// The agent markers among `variables`, in table order. Any value that is not empty counts: a product that says
/// `CLAUDECODE=0` exists nowhere but in a command line that would like to be taken for a human's.
pub(super) fn agents(variables: &BTreeMap<String, String>) -> Vec<Found> {
    find(AGENTS, variables, |value| !value.is_empty())
}

/// The CI markers among `variables`, in table order. `CI=false` and `CI=0` are how people switch it off.
pub(super) fn ci_systems(variables: &BTreeMap<String, String>) -> Vec<Found> {
    find(CI_SYSTEMS, variables, |value| {
        !matches!(value.to_ascii_lowercase().as_str(), "" | "0" | "false" | "no" | "off")
    })
}

fn find(table: &[Marker], variables: &BTreeMap<String, String>, counts: impl Fn(&str) -> bool) -> Vec<Found> {
    let counts = &counts;
    let hits = |marker: &Marker| {
        let (variable, product) = (marker.variable, marker.product);
        variables
            .iter()
            .filter(move |(name, value)| variable.speaks_of(name) && counts(value))
            .map(move |(name, value)| Found { variable: name.clone(), product: product.name(value) })
            .collect::<Vec<_>>()
    };
    table.iter().flat_map(hits).collect()
}

impl Product {
    /// The product's name; a value that claims to be one is untrusted, so it is cut to a sober length.
    fn name(self, value: &str) -> String {
        match self {
            Known(name) => name.to_owned(),
            InValue => value.chars().take(40).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_says_where_it_comes_from_and_no_variable_stands_twice() {
        let mut seen = std::collections::BTreeSet::new();
        for marker in AGENTS.iter().chain(CI_SYSTEMS) {
            assert!(!marker.source.is_empty(), "{marker:?}");
            assert!(seen.insert(format!("{:?}", marker.variable)), "twice: {marker:?}");
        }
    }

    #[test]
    fn every_row_finds_its_own_variable() {
        for (table, found) in [(AGENTS, agents as fn(&_) -> _), (CI_SYSTEMS, ci_systems as fn(&_) -> _)] {
            for marker in table {
                let (Named(name) | Prefixed(name)) = marker.variable;
                let hits: Vec<Found> = found(&BTreeMap::from([(name.to_owned(), "1".to_owned())]));
                assert_eq!(hits.len(), 1, "{name}");
                assert_eq!(hits[0].variable, name);
                assert!(is_of_interest(name));
            }
        }
    }

    #[test]
    fn what_people_set_for_themselves_is_no_marker() {
        for name in
            ["AIDER_MODEL", "CODEX_HOME", "GOOSE_PROVIDER", "COPILOT_GITHUB_TOKEN", "SSH_AUTH_SOCK", "PATH"]
        {
            assert!(!is_of_interest(name), "{name}");
        }
    }
}
