//! Who asks: every row is a world, and what must be made of it.

use remgate::actor::{
    ActorKind, Ancestor, Detected, Mode, Observation, Presence, TerminalFacts, choose, detect,
};
use std::collections::BTreeMap;

const ATTENDED: TerminalFacts =
    TerminalFacts { controlling: Presence::Present, stdin: Presence::Present, stderr: Presence::Present };
const NOWHERE: TerminalFacts =
    TerminalFacts { controlling: Presence::Absent, stdin: Presence::Absent, stderr: Presence::Absent };

fn map(variables: &[(&str, &str)]) -> BTreeMap<String, String> {
    variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn world(variables: &[(&str, &str)], terminal: TerminalFacts) -> Observation {
    Observation { variables: map(variables), terminal, account: "alice".to_owned(), ancestors: Vec::new() }
}

fn judge(variables: &[(&str, &str)], terminal: TerminalFacts) -> Detected {
    detect(&world(variables, terminal))
}

#[test]
fn each_world_has_its_actor_and_mode() {
    use ActorKind::{Agent, Ci, Human};
    use Mode::{Deny, Interactive, Wait};
    type World<'a> = (&'a [(&'a str, &'a str)], TerminalFacts, ActorKind, &'a str, Mode, &'a str);
    let no_pipes = TerminalFacts { stdin: Presence::Absent, ..ATTENDED };
    let no_stderr = TerminalFacts { stderr: Presence::Absent, ..ATTENDED };
    let inherited = TerminalFacts { controlling: Presence::Present, ..NOWHERE };
    let table: &[World] = &[
        (&[], ATTENDED, Human, "alice", Interactive, "there is a terminal and no agent or CI marker"),
        (
            &[("SSH_TTY", "/dev/pts/3")],
            ATTENDED,
            Human,
            "alice",
            Interactive,
            "there is a terminal and no agent or CI marker",
        ),
        // `kubectl get pods | remgate xargs ...` and `remgate ... 2>log`: a person is still there.
        (&[], no_pipes, Human, "alice", Interactive, "there is a terminal and no agent or CI marker"),
        (&[], no_stderr, Human, "alice", Interactive, "there is a terminal and no agent or CI marker"),
        // Nobody is there: cron, a tool that merely inherited a terminal.
        (&[], NOWHERE, Agent, "unattended", Wait, "there is no controlling terminal"),
        (
            &[],
            inherited,
            Agent,
            "unattended",
            Wait,
            "neither standard input nor standard error is a terminal",
        ),
        // A terminal proves no human.
        (&[("CLAUDECODE", "1")], ATTENDED, Agent, "claude-code", Wait, "CLAUDECODE is set"),
        (&[("CLAUDECODE", "0")], ATTENDED, Agent, "claude-code", Wait, "CLAUDECODE is set"),
        (
            &[("CLAUDE_CODE_ENTRYPOINT", "cli")],
            NOWHERE,
            Agent,
            "claude-code",
            Wait,
            "CLAUDE_CODE_ENTRYPOINT is set",
        ),
        (
            &[("CODEX_SANDBOX_NETWORK_DISABLED", "1")],
            ATTENDED,
            Agent,
            "codex",
            Wait,
            "CODEX_SANDBOX_NETWORK_DISABLED is set",
        ),
        (&[("GEMINI_CLI", "1")], ATTENDED, Agent, "gemini-cli", Wait, "GEMINI_CLI is set"),
        (&[("CURSOR_AGENT", "1")], ATTENDED, Agent, "cursor", Wait, "CURSOR_AGENT is set"),
        (&[("AGENT", "goose")], ATTENDED, Agent, "goose", Wait, "AGENT is set"),
        (&[("AI_AGENT", "devin@2.1")], ATTENDED, Agent, "devin@2.1", Wait, "AI_AGENT is set"),
        (&[("AGENT", "\u{1b}[2J\u{202e}")], ATTENDED, Agent, "\\x1b[2J\\u{202e}", Wait, "AGENT is set"),
        (
            &[("AGENT", "")],
            ATTENDED,
            Human,
            "alice",
            Interactive,
            "there is a terminal and no agent or CI marker",
        ),
        // CI refuses; a terminal does not help (`docker run -t`).
        (&[("CI", "true")], NOWHERE, Ci, "ci", Deny, "CI is set"),
        (
            &[("CI", "true"), ("GITHUB_ACTIONS", "true")],
            ATTENDED,
            Ci,
            "github-actions",
            Deny,
            "GITHUB_ACTIONS is set",
        ),
        (&[("JENKINS_URL", "https://ci.example")], NOWHERE, Ci, "jenkins", Deny, "JENKINS_URL is set"),
        (&[("TF_BUILD", "True")], NOWHERE, Ci, "azure-pipelines", Deny, "TF_BUILD is set"),
        (
            &[("CI", "false")],
            ATTENDED,
            Human,
            "alice",
            Interactive,
            "there is a terminal and no agent or CI marker",
        ),
        (
            &[("CI", "0")],
            ATTENDED,
            Human,
            "alice",
            Interactive,
            "there is a terminal and no agent or CI marker",
        ),
        (
            &[("CI", "")],
            ATTENDED,
            Human,
            "alice",
            Interactive,
            "there is a terminal and no agent or CI marker",
        ),
        // Both: called an agent, held as a job.
        (&[("CI", "1"), ("CLAUDECODE", "1")], ATTENDED, Agent, "claude-code", Deny, "CI is set"),
        // What the caller says of itself only tightens.
        (&[("REMGATE_ACTOR", "agent")], ATTENDED, Agent, "agent", Wait, "REMGATE_ACTOR is `agent`"),
        (&[("REMGATE_ACTOR", "ci")], ATTENDED, Ci, "ci", Deny, "REMGATE_ACTOR is `ci`"),
        (&[("REMGATE_ACTOR", "robot")], ATTENDED, Agent, "robot", Wait, "REMGATE_ACTOR is `robot`"),
        (
            &[("REMGATE_ACTOR", "human")],
            NOWHERE,
            Agent,
            "unattended",
            Wait,
            "there is no controlling terminal",
        ),
        (
            &[("REMGATE_ACTOR", "human"), ("CLAUDECODE", "1")],
            ATTENDED,
            Agent,
            "claude-code",
            Wait,
            "CLAUDECODE is set",
        ),
        (&[("REMGATE_ACTOR", "human"), ("CI", "1")], ATTENDED, Ci, "ci", Deny, "CI is set"),
        (&[("REMGATE_ACTOR", "agent"), ("CI", "1")], ATTENDED, Agent, "agent", Deny, "CI is set"),
    ];
    for (variables, terminal, kind, name, mode, because) in table {
        let detected = judge(variables, *terminal);
        let seen =
            (detected.actor.kind, detected.actor.name.as_str(), detected.mode, detected.because.as_str());
        assert_eq!(seen, (*kind, *name, *mode, *because), "{variables:?} {terminal:?}");
        assert_eq!(detected.actor.account, "alice");
        assert_eq!(detected.actor.evidence.first(), Some(&detected.because));
    }
}

#[test]
fn a_marker_taken_off_the_command_is_found_on_the_shell_above() {
    let mut observed = world(&[], ATTENDED);
    observed.ancestors = vec![
        Ancestor { pid: 41, variables: map(&[("SSH_TTY", "/dev/pts/1")]) },
        Ancestor { pid: 40, variables: map(&[("CLAUDECODE", "1")]) },
    ];
    let detected = detect(&observed);
    assert_eq!((detected.actor.kind, detected.mode), (ActorKind::Agent, Mode::Wait));
    assert_eq!(detected.because, "process 40 above has CLAUDECODE set");
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
