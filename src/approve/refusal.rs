//! Why an action was not allowed, and what would make it pass.

use super::Demand;
use crate::actor::{Actor, ActorKind, Mode};

/// Why nobody's consent was had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalReason {
    /// Esc was pressed.
    Esc,
    /// Ctrl-C or Ctrl-\ was pressed.
    CtrlC,
    /// Ctrl-D was pressed.
    CtrlD,
    /// The terminal went away, or SIGHUP came.
    HangUp,
    /// Another process sent INT, QUIT or TERM.
    Signal(i32),
    /// Nobody answered in time.
    TimedOut,
    /// The wrong code, twice.
    WrongCode,
    /// There is no terminal to ask at, or it cannot be used.
    NoTerminal,
    /// The mode forbids asking.
    WrongMode,
    /// Whoever asks is no human.
    NotHuman,
    /// Two humans are needed.
    NeedsTwo,
    /// The verdict is `deny`.
    Policy,
    /// A rule wants something that was not given or is not so.
    Unmet,
    /// What was approved is no longer what would run.
    Drifted,
    /// A request is open, and not enough people have approved it.
    Unapproved,
    /// An approver refused the request.
    Rejected,
    /// The request expired, or a clock is wrong.
    Untimely,
    /// The approval was used before, or this log does not know it.
    Used,
    /// Too many runs without approval were not reviewed.
    Owed,
    /// Nobody signed for a run without approval.
    Unsigned,
    /// There is no program to start: 126 or 127, as `env` answers.
    NoProgram(u8),
}

impl RefusalReason {
    /// The word for the log and for `--json`.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            RefusalReason::Esc => "esc",
            RefusalReason::CtrlC => "ctrl-c",
            RefusalReason::CtrlD => "ctrl-d",
            RefusalReason::HangUp => "hang-up",
            RefusalReason::Signal(_) => "signal",
            RefusalReason::TimedOut => "timed-out",
            RefusalReason::WrongCode => "wrong-code",
            RefusalReason::NoTerminal => "no-terminal",
            RefusalReason::WrongMode => "wrong-mode",
            RefusalReason::NotHuman => "not-human",
            RefusalReason::NeedsTwo => "needs-two",
            RefusalReason::Policy => "policy",
            RefusalReason::Unmet => "unmet",
            RefusalReason::Drifted => "drifted",
            RefusalReason::Unapproved => "unapproved",
            RefusalReason::Rejected => "rejected",
            RefusalReason::Untimely => "untimely",
            RefusalReason::Used => "used",
            RefusalReason::Owed => "review-owed",
            RefusalReason::Unsigned => "unsigned",
            RefusalReason::NoProgram(_) => "no-program",
        }
    }
}

/// An action that was not allowed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}; the command was not started")]
pub struct Refusal {
    reason: RefusalReason,
    text: String,
    remedy: String,
    details: Vec<String>,
    exit_code: u8,
}

/// Denied: somebody or the policy said no.
const DENIED: u8 = 77;
/// Not allowed yet: approval is pending, or nobody answered.
const PENDING: u8 = 75;

impl Refusal {
    /// A refusal of an action.
    #[must_use]
    pub fn new(reason: RefusalReason, demand: Demand, actor: &Actor, mode: Mode) -> Self {
        let (text, remedy) = (text(reason, demand, actor, mode), remedy(reason, demand, actor, mode));
        Self { reason, text, remedy, details: Vec::new(), exit_code: exit_code(reason, mode) }
    }

    /// A refusal that has nothing to do with people: a requirement of a rule, a drift, a missing program.
    #[must_use]
    pub fn other(reason: RefusalReason, text: String, remedy: String) -> Self {
        Self { reason, text, remedy, details: Vec::new(), exit_code: exit_code(reason, Mode::Deny) }
    }

    /// The same refusal with what led to it, one line each.
    #[must_use]
    pub fn with_details(self, details: Vec<String>) -> Self {
        Self { details, ..self }
    }

    /// What led to it, one line each.
    #[must_use]
    pub fn details(&self) -> &[String] {
        &self.details
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> RefusalReason {
        self.reason
    }

    /// What would make it pass, for a `help:` line.
    #[must_use]
    pub fn remedy(&self) -> &str {
        &self.remedy
    }

    /// 77 where somebody or the policy said no, 75 where nobody has said yes yet (design section 11).
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        self.exit_code
    }
}

fn exit_code(reason: RefusalReason, mode: Mode) -> u8 {
    match reason {
        RefusalReason::TimedOut
        | RefusalReason::NoTerminal
        | RefusalReason::NeedsTwo
        | RefusalReason::Unapproved
        | RefusalReason::NotHuman => PENDING,
        RefusalReason::WrongMode => match mode {
            Mode::Wait | Mode::Interactive => PENDING,
            Mode::Deny | Mode::Explain => DENIED,
        },
        RefusalReason::Esc
        | RefusalReason::CtrlC
        | RefusalReason::CtrlD
        | RefusalReason::HangUp
        | RefusalReason::Signal(_)
        | RefusalReason::WrongCode
        | RefusalReason::Unmet
        | RefusalReason::Drifted
        | RefusalReason::Rejected
        | RefusalReason::Untimely
        | RefusalReason::Used
        | RefusalReason::Owed
        | RefusalReason::Unsigned
        | RefusalReason::Policy => DENIED,
        RefusalReason::NoProgram(code) => code,
    }
}

fn text(reason: RefusalReason, demand: Demand, actor: &Actor, mode: Mode) -> String {
    match reason {
        RefusalReason::Esc => "refused at the prompt with Esc".to_owned(),
        RefusalReason::CtrlC => "refused at the prompt with Ctrl-C".to_owned(),
        RefusalReason::CtrlD => "refused at the prompt with Ctrl-D".to_owned(),
        RefusalReason::HangUp => "the terminal hung up during the prompt".to_owned(),
        RefusalReason::Signal(number) => format!("signal {number} ended the prompt"),
        RefusalReason::TimedOut => "nobody answered the prompt in time".to_owned(),
        RefusalReason::WrongCode => "the code was typed wrongly twice".to_owned(),
        RefusalReason::NoTerminal => format!("{demand}, and there is no terminal to ask at"),
        RefusalReason::WrongMode => match actor.kind {
            // A human is in such a mode by choice only, so there is no evidence to blame.
            ActorKind::Human => format!("{demand}, and mode `{mode}` asks nobody"),
            ActorKind::Agent | ActorKind::Ci => {
                format!("{demand}, and mode `{mode}` asks nobody ({})", because(actor))
            }
        },
        RefusalReason::NotHuman => format!("{demand}, and {actor} is none ({})", because(actor)),
        RefusalReason::NeedsTwo => demand.to_string(),
        RefusalReason::Policy => "the verdict is `deny`: no approval can allow this".to_owned(),
        // Refusal::other tells these in its own words.
        RefusalReason::Unmet
        | RefusalReason::Drifted
        | RefusalReason::Unapproved
        | RefusalReason::Rejected
        | RefusalReason::Untimely
        | RefusalReason::Used
        | RefusalReason::Owed
        | RefusalReason::Unsigned
        | RefusalReason::NoProgram(_) => demand.to_string(),
    }
}

/// The clause that decided the mode, as `actor::detect` left it: first.
fn because(actor: &Actor) -> &str {
    actor.evidence.first().map_or("nothing speaks for a human", String::as_str)
}

fn remedy(reason: RefusalReason, demand: Demand, actor: &Actor, mode: Mode) -> String {
    let by_a_human = "have a human run it from a terminal without agent or CI markers";
    let by_rule = "a rule that knows this command better can lower what it demands: remgate explain ...";
    match reason {
        RefusalReason::Esc | RefusalReason::CtrlC | RefusalReason::CtrlD => {
            "run it again to be asked again".to_owned()
        }
        RefusalReason::HangUp | RefusalReason::Signal(_) => {
            "run it again where the terminal stays".to_owned()
        }
        RefusalReason::TimedOut => "run it again when somebody is there to answer".to_owned(),
        RefusalReason::WrongCode => "run it again and type the code that the prompt shows".to_owned(),
        RefusalReason::NoTerminal | RefusalReason::NotHuman => format!("{by_a_human}; or {by_rule}"),
        RefusalReason::WrongMode if demand == Demand::OneHuman && mode == Mode::Wait => format!(
            "{by_a_human}; or list people who approve by signature: `remgate approver add`; or {by_rule}"
        ),
        RefusalReason::WrongMode if mode == Mode::Explain => {
            "leave `--mode explain` out to run it".to_owned()
        }
        RefusalReason::WrongMode if mode == Mode::Deny && actor.kind != ActorKind::Human => {
            format!("leave a request with `--no-wait` and bring its approval with `--approval`; or {by_rule}")
        }
        RefusalReason::WrongMode if demand == Demand::TwoHumans => two_people(),
        RefusalReason::WrongMode if actor.kind == ActorKind::Human => {
            format!("leave `--mode {mode}` out to be asked; or {by_rule}")
        }
        RefusalReason::WrongMode => format!("{by_a_human}; or {by_rule}"),
        RefusalReason::NeedsTwo => two_people(),
        RefusalReason::Policy
        | RefusalReason::Unmet
        | RefusalReason::Drifted
        | RefusalReason::Unapproved
        | RefusalReason::Rejected
        | RefusalReason::Untimely
        | RefusalReason::Used
        | RefusalReason::Owed
        | RefusalReason::Unsigned
        | RefusalReason::NoProgram(_) => {
            "choose a narrower command, or change the rules: remgate explain ...".to_owned()
        }
    }
}

fn two_people() -> String {
    "people approve by signature, once they are listed: `remgate approver add NAME --key FILE.pub`, then \
     `remgate approver check`; or a narrower command, or a rule that knows it better: remgate explain ..."
        .to_owned()
}
