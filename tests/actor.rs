//! Who asks: every row is a world, and what must be made of it.

use remgate::actor::{ActorKind, Detected, Mode, Observation, Presence, TerminalFacts, choose, detect};
use std::collections::BTreeMap;

const ATTENDED: TerminalFacts =
    TerminalFacts { controlling: Presence::Present, stdin: Presence::Present, stderr: Presence::Present };
const NOWHERE: TerminalFacts =
    TerminalFacts { controlling: Presence::Absent, stdin: Presence::Absent, stderr: Presence::Absent };

fn map(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn world(variables: &[(&str, &str)], terminal: TerminalFacts) -> Observation {
    Observation { variables: map(variables), terminal, account: "alice".to_owned() }
}

fn judge(variables: &[(&str, &str)], terminal: TerminalFacts) -> Detected {
    detect(&world(variables, terminal))
}

const PIPED_IN: TerminalFacts = TerminalFacts { stdin: Presence::Absent, ..ATTENDED };
const LOGGED: TerminalFacts = TerminalFacts { stderr: Presence::Absent, ..ATTENDED };
const INHERITED: TerminalFacts = TerminalFacts { controlling: Presence::Present, ..NOWHERE };
const AT_TERMINAL: &str = "there is a terminal and no agent or CI marker";

/// Variables, terminal; kind, name, mode, reason.
type World =
    (&'static [(&'static str, &'static str)], TerminalFacts, ActorKind, &'static str, Mode, &'static str);

const WORLDS: &[World] = &[
    (&[], ATTENDED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    (&[("SSH_TTY", "/dev/pts/3")], ATTENDED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    // `kubectl get pods | remgate xargs ...` and `remgate ... 2>log`: a person is still there.
    (&[], PIPED_IN, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    (&[], LOGGED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    // Nobody is there: cron, a tool that merely inherited a terminal.
    (&[], NOWHERE, ActorKind::Agent, "unattended", Mode::Wait, "there is no controlling terminal"),
    (
        &[],
        INHERITED,
        ActorKind::Agent,
        "unattended",
        Mode::Wait,
        "neither standard input nor standard error is a terminal",
    ),
    // A terminal proves no human.
    (&[("CLAUDECODE", "1")], ATTENDED, ActorKind::Agent, "claude-code", Mode::Wait, "CLAUDECODE is set"),
    (&[("CLAUDECODE", "0")], ATTENDED, ActorKind::Agent, "claude-code", Mode::Wait, "CLAUDECODE is set"),
    (
        &[("CLAUDE_CODE_ENTRYPOINT", "cli")],
        NOWHERE,
        ActorKind::Agent,
        "claude-code",
        Mode::Wait,
        "CLAUDE_CODE_ENTRYPOINT is set",
    ),
    (
        &[("CODEX_SANDBOX_NETWORK_DISABLED", "1")],
        ATTENDED,
        ActorKind::Agent,
        "codex",
        Mode::Wait,
        "CODEX_SANDBOX_NETWORK_DISABLED is set",
    ),
    (&[("GEMINI_CLI", "1")], ATTENDED, ActorKind::Agent, "gemini-cli", Mode::Wait, "GEMINI_CLI is set"),
    (&[("CURSOR_AGENT", "1")], ATTENDED, ActorKind::Agent, "cursor", Mode::Wait, "CURSOR_AGENT is set"),
    (&[("AGENT", "goose")], ATTENDED, ActorKind::Agent, "goose", Mode::Wait, "AGENT is set"),
    (&[("AI_AGENT", "devin@2.1")], ATTENDED, ActorKind::Agent, "devin@2.1", Mode::Wait, "AI_AGENT is set"),
    (
        &[("AGENT", "\u{1b}[2J\u{202e}")],
        ATTENDED,
        ActorKind::Agent,
        "\\x1b[2J\\u{202e}",
        Mode::Wait,
        "AGENT is set",
    ),
    (&[("AGENT", "")], ATTENDED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    // CI refuses; a terminal does not help (`docker run -t`).
    (&[("CI", "true")], NOWHERE, ActorKind::Ci, "ci", Mode::Deny, "CI is set"),
    (
        &[("CI", "true"), ("GITHUB_ACTIONS", "true")],
        ATTENDED,
        ActorKind::Ci,
        "github-actions",
        Mode::Deny,
        "GITHUB_ACTIONS is set",
    ),
    (
        &[("JENKINS_URL", "https://ci.example")],
        NOWHERE,
        ActorKind::Ci,
        "jenkins",
        Mode::Deny,
        "JENKINS_URL is set",
    ),
    (&[("TF_BUILD", "True")], NOWHERE, ActorKind::Ci, "azure-pipelines", Mode::Deny, "TF_BUILD is set"),
    (&[("CI", "false")], ATTENDED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    (&[("CI", "0")], ATTENDED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    (&[("CI", "")], ATTENDED, ActorKind::Human, "alice", Mode::Interactive, AT_TERMINAL),
    // Both: called an agent, held as a job.
    (&[("CI", "1"), ("CLAUDECODE", "1")], ATTENDED, ActorKind::Agent, "claude-code", Mode::Deny, "CI is set"),
    // What the caller says of itself only tightens.
    (
        &[("REMGATE_ACTOR", "agent")],
        ATTENDED,
        ActorKind::Agent,
        "agent",
        Mode::Wait,
        "REMGATE_ACTOR is `agent`",
    ),
    (&[("REMGATE_ACTOR", "ci")], ATTENDED, ActorKind::Ci, "ci", Mode::Deny, "REMGATE_ACTOR is `ci`"),
    (
        &[("REMGATE_ACTOR", "robot")],
        ATTENDED,
        ActorKind::Agent,
        "robot",
        Mode::Wait,
        "REMGATE_ACTOR is `robot`",
    ),
    (
        &[("REMGATE_ACTOR", "human")],
        NOWHERE,
        ActorKind::Agent,
        "unattended",
        Mode::Wait,
        "there is no controlling terminal",
    ),
    (
        &[("REMGATE_ACTOR", "human"), ("CLAUDECODE", "1")],
        ATTENDED,
        ActorKind::Agent,
        "claude-code",
        Mode::Wait,
        "CLAUDECODE is set",
    ),
    (&[("REMGATE_ACTOR", "human"), ("CI", "1")], ATTENDED, ActorKind::Ci, "ci", Mode::Deny, "CI is set"),
    (
        &[("REMGATE_ACTOR", "agent"), ("CI", "1")],
        ATTENDED,
        ActorKind::Agent,
        "agent",
        Mode::Deny,
        "CI is set",
    ),
];

#[test]
fn each_world_has_its_actor_and_mode() {
    for (variables, terminal, kind, name, mode, because) in WORLDS {
        let detected = judge(variables, *terminal);
        let seen =
            (detected.actor.kind, detected.actor.name.as_str(), detected.mode, detected.because.as_str());
        assert_eq!(seen, (*kind, *name, *mode, *because), "{variables:?} {terminal:?}");
        assert_eq!(detected.actor.account, "alice");
        assert_eq!(detected.actor.evidence.first(), Some(&detected.because));
    }
}

#[test]
fn the_evidence_tells_of_a_remote_terminal_and_of_a_pipe() {
    let terminal = TerminalFacts { stdin: Presence::Absent, ..ATTENDED };
    let detected = judge(&[("SSH_TTY", "/dev/pts/3")], terminal);
    let expected = [
        "there is a terminal and no agent or CI marker",
        "standard input is not a terminal",
        "SSH_TTY is `/dev/pts/3`",
    ];
    assert_eq!(detected.actor.evidence, expected);
}

#[test]
fn a_caller_may_only_choose_a_stricter_mode() {
    let worlds = [judge(&[], ATTENDED), judge(&[], NOWHERE), judge(&[("CI", "1")], NOWHERE)];
    for detected in worlds {
        assert_eq!(choose(&detected, None), Ok(detected.mode));
        for wanted in Mode::ALL {
            let chosen = choose(&detected, Some(*wanted));
            assert_eq!(chosen.is_ok(), *wanted >= detected.mode, "{wanted} where {} holds", detected.mode);
            if let Ok(chosen) = chosen {
                assert_eq!(chosen, *wanted);
            }
        }
    }
}

#[test]
fn a_weaker_mode_is_refused_with_the_evidence_and_a_way_out() {
    let refused = choose(&judge(&[("CLAUDECODE", "1")], ATTENDED), Some(Mode::Interactive)).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "mode `interactive` is weaker than `wait`, which holds because CLAUDECODE is set; \
         the command was not started"
    );
    assert_eq!(
        refused.help(),
        "leave `--mode` out, or choose `--mode wait` or `--mode deny` or `--mode explain`"
    );
}

/// No set of variables, whatever they say, makes a mode weaker than the bare world has, except by being absent.
#[test]
fn more_variables_never_loosen() {
    let variables = [
        ("CLAUDECODE", "0"),
        ("CI", "false"),
        ("REMGATE_ACTOR", "human"),
        ("AGENT", "human"),
        ("GITHUB_ACTIONS", "true"),
    ];
    for terminal in [ATTENDED, NOWHERE] {
        for chosen in 0_u32..(1 << variables.len()) {
            let picked: Vec<_> = variables
                .iter()
                .enumerate()
                .filter(|(at, _)| chosen & (1 << at) != 0)
                .map(|(_, pair)| *pair)
                .collect();
            let with = judge(&picked, terminal);
            for left_out in 0..picked.len() {
                let mut fewer = picked.clone();
                fewer.remove(left_out);
                assert!(judge(&fewer, terminal).mode <= with.mode, "{fewer:?} against {picked:?}");
            }
        }
    }
}
