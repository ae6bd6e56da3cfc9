//! Who asks, and how that is known (design section 8).
//!
//! In: an [`Observation`], taken once. Out: the [`Actor`], the [`Mode`] and the reasons. Never: a clock, a disk or
//! `env::var` while judging, and never a kinder answer because of what the caller says about itself.
//!
//! A marker is a courtesy of honest agents, not a wall: an agent can take it off before it makes itself a terminal.
//! Looking for it on the processes above was tried and given up: a double fork sheds those too, and a person at a
//! terminal that some CI job or agent once opened would be locked out. What a machine must not decide alone belongs
//! behind signatures or another user's account.

mod markers;
mod observe;

pub use observe::{Observation, Presence, TerminalFacts, account_of_the_gate};

use crate::report::sanitize;
use std::fmt;

/// What kind of caller asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ActorKind {
    /// A person at a terminal.
    Human,
    /// A coding agent, or any process that nobody sits in front of.
    Agent,
    /// A CI job.
    Ci,
}

impl ActorKind {
    /// Every kind.
    pub const ALL: &'static [ActorKind] = &[ActorKind::Human, ActorKind::Agent, ActorKind::Ci];

    /// The word used in rules, logs and on screens.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            ActorKind::Human => "human",
            ActorKind::Agent => "agent",
            ActorKind::Ci => "ci",
        }
    }

    /// The kind that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.word() == word)
    }
}

impl fmt::Display for ActorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// What kind of caller.
    pub kind: ActorKind,
    /// A human's login name, or the product's name (`claude-code`, `github-actions`, `unattended`).
    pub name: String,
    /// The login name of the account it runs under; a human's own.
    pub account: String,
    /// How that is known, in short clauses: `CLAUDECODE is set`, `standard input is not a terminal`.
    pub evidence: Vec<String>,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.kind {
            ActorKind::Human => write!(f, "{} (human)", self.name),
            ActorKind::Agent | ActorKind::Ci => {
                write!(f, "{} ({}) as {}", self.name, self.kind, self.account)
            }
        }
    }
}

/// What happens when a verdict demands a human, from lenient to strict.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mode {
    /// Ask at the terminal.
    Interactive,
    /// Wait for approvals given elsewhere.
    Wait,
    /// Refuse.
    Deny,
    /// Run nothing at all.
    Explain,
}

impl Mode {
    /// Every mode, from lenient to strict.
    pub const ALL: &'static [Mode] = &[Mode::Interactive, Mode::Wait, Mode::Deny, Mode::Explain];

    /// The word of `--mode`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Mode::Interactive => "interactive",
            Mode::Wait => "wait",
            Mode::Deny => "deny",
            Mode::Explain => "explain",
        }
    }

    /// The mode that `word` names.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|mode| mode.word() == word)
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

/// What an observation amounts to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detected {
    /// Who asks.
    pub actor: Actor,
    /// The most lenient mode that the caller may have.
    pub mode: Mode,
    /// Why that mode, as one clause: `CLAUDECODE is set`.
    pub because: String,
}

/// Judges who asks.
///
/// CI markers mean `deny`, agent markers `wait`, both together an agent in `deny`. Without markers a human needs
/// a controlling terminal that standard input or standard error is tied to; otherwise the caller counts as an
/// unattended agent, because unknown is never the kind answer (a cron job has no marker either).
#[must_use]
pub fn detect(observation: &Observation) -> Detected {
    let mut clues = Clues::default();
    clues.read_variables(observation);
    clues.read_claim(observation);
    clues.judge(observation)
}

/// What speaks for an agent, and what for a CI job.
#[derive(Default)]
struct Clues {
    agents: Vec<Clue>,
    ci_systems: Vec<Clue>,
}

struct Clue {
    name: String,
    evidence: String,
}

impl Clues {
    fn read_variables(&mut self, observation: &Observation) {
        let clue = |found: markers::Found| Clue {
            evidence: format!("{} is set", sanitize::text(&found.variable)),
            name: sanitize::text(&found.product),
        };
        self.agents.extend(markers::agents(&observation.variables).into_iter().map(clue));
        self.ci_systems.extend(markers::ci_systems(&observation.variables).into_iter().map(clue));
    }

    /// `REMGATE_ACTOR` may only tighten: `human` adds nothing, and a word we do not know is no human either.
    fn read_claim(&mut self, observation: &Observation) {
        let Some(claim) = observation.variables.get("REMGATE_ACTOR").filter(|claim| !claim.is_empty()) else {
            return;
        };
        let evidence = format!("REMGATE_ACTOR is `{}`", sanitize::text(claim));
        match ActorKind::from_word(claim) {
            Some(ActorKind::Human) => {}
            Some(ActorKind::Ci) => self.ci_systems.push(Clue { name: "ci".to_owned(), evidence }),
            Some(ActorKind::Agent) => self.agents.push(Clue { name: "agent".to_owned(), evidence }),
            None => self.agents.push(Clue { name: sanitize::text(claim), evidence }),
        }
    }

    fn judge(self, observation: &Observation) -> Detected {
        let mode = if !self.ci_systems.is_empty() {
            Mode::Deny
        } else if !self.agents.is_empty() || !is_attended(observation.terminal) {
            Mode::Wait
        } else {
            Mode::Interactive
        };
        let (kind, name) = match (self.agents.first(), self.ci_systems.first()) {
            (Some(agent), _) => (ActorKind::Agent, agent.name.clone()),
            (None, Some(system)) => (ActorKind::Ci, system.name.clone()),
            (None, None) if is_attended(observation.terminal) => {
                (ActorKind::Human, observation.account.clone())
            }
            (None, None) => (ActorKind::Agent, "unattended".to_owned()),
        };
        let terminal = terminal_evidence(observation, kind);
        // The first clue is the mode's reason, so what decided the mode comes first.
        let clues = self.ci_systems.into_iter().chain(self.agents).map(|clue| clue.evidence);
        let evidence: Vec<String> = clues.chain(terminal).collect();
        let because = evidence.first().cloned().unwrap_or_default();
        let actor = Actor { kind, name, account: observation.account.clone(), evidence };
        Detected { actor, mode, because }
    }
}

/// A pipe in front (`... | remgate xargs ...`) or a log behind (`2>log`) still leaves a person at the terminal; a
/// process whose both ends are elsewhere merely inherited one.
fn is_attended(terminal: TerminalFacts) -> bool {
    terminal.controlling == Presence::Present
        && (terminal.stdin == Presence::Present || terminal.stderr == Presence::Present)
}

fn terminal_evidence(observation: &Observation, kind: ActorKind) -> Vec<String> {
    let terminal = observation.terminal;
    let mut evidence = match (terminal.controlling, is_attended(terminal)) {
        (Presence::Absent, _) => vec!["there is no controlling terminal".to_owned()],
        (Presence::Present, false) => {
            vec!["neither standard input nor standard error is a terminal".to_owned()]
        }
        (Presence::Present, true) => vec![match kind {
            ActorKind::Human => "there is a terminal and no agent or CI marker".to_owned(),
            ActorKind::Agent | ActorKind::Ci => "there is a terminal, which proves no human".to_owned(),
        }],
    };
    if terminal.stdin == Presence::Absent && is_attended(terminal) {
        evidence.push("standard input is not a terminal".to_owned());
    }
    if let Some(device) = observation.variables.get("SSH_TTY").filter(|device| !device.is_empty()) {
        evidence.push(format!("SSH_TTY is `{}`", sanitize::text(device)));
    }
    evidence
}

/// The caller asked for a weaker mode than it may have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "mode `{wanted}` is weaker than `{allowed}`, which holds because {because}; the command was not started"
)]
pub struct WeakerMode {
    wanted: Mode,
    allowed: Mode,
    because: String,
}

impl WeakerMode {
    /// What the caller can do instead, in one line.
    #[must_use]
    pub fn help(&self) -> String {
        let stricter: Vec<String> = Mode::ALL
            .iter()
            .filter(|mode| **mode >= self.allowed)
            .map(|mode| format!("`--mode {mode}`"))
            .collect();
        format!("leave `--mode` out, or choose {}", stricter.join(" or "))
    }
}

/// The mode that holds: the detected one, or a stricter one that the caller wants.
///
/// # Errors
/// [`WeakerMode`] where the caller wants a weaker one: neither option nor variable loosens the gate.
pub fn choose(detected: &Detected, wanted: Option<Mode>) -> Result<Mode, WeakerMode> {
    match wanted {
        None => Ok(detected.mode),
        Some(wanted) if wanted >= detected.mode => Ok(wanted),
        Some(wanted) => Err(WeakerMode { wanted, allowed: detected.mode, because: detected.because.clone() }),
    }
}
