//! Who may say yes, and the proof that somebody did (design sections 8 and 9).
//!
//! In: what the verdict demands, who asks, in which mode, and the question. Out: a [`Grant`], or a [`Refusal`] that
//! says why and what would make it pass. Never: a grant from anything typed before the question was on the screen,
//! from standard input, or to a machine.

mod code;
mod grant;
mod keys;
mod overwrite;
mod prompt;
mod refusal;
mod terminal;
mod wake;

pub use grant::{Grant, GrantKind};
pub use overwrite::{Overwrite, confirm_overwrite};
pub use prompt::Agreed;
pub use refusal::{Refusal, RefusalReason};
pub use terminal::Terminal;

pub use crate::decide::Demand;

use crate::actor::{Actor, ActorKind, Mode};
use crate::report::Question;

/// What seeking came to.
#[must_use]
#[derive(Debug)]
pub enum Answer {
    /// The demand is met.
    Granted(Grant),
    /// It is not.
    Refused(Refusal),
}

/// Why asking is hopeless before it begins: the mode, the actor or the verdict itself.
#[must_use]
pub fn hopeless(demand: Demand, actor: &Actor, mode: Mode) -> Option<Refusal> {
    obstacle(demand, actor, mode).map(|reason| Refusal::new(reason, demand, actor, mode))
}

/// Seeks what `demand` wants. Draws and reads only where one human is demanded, in interactive mode, from a human.
pub fn seek(demand: Demand, actor: &Actor, mode: Mode, question: &Question, terminal: &Terminal) -> Answer {
    match obstacle(demand, actor, mode) {
        Some(reason) => return Answer::Refused(Refusal::new(reason, demand, actor, mode)),
        None if demand == Demand::Nothing => return Answer::Granted(Grant::new(GrantKind::NotNeeded)),
        None => {}
    }
    match ask(question, actor, terminal) {
        Ok(Agreed { .. }) => Answer::Granted(Grant::new(GrantKind::Confirmed { by: actor.account.clone() })),
        Err(reason) => Answer::Refused(Refusal::new(reason, demand, actor, mode)),
    }
}

/// Asks a human at the terminal, for verbs whose answer is no grant: approve, reject, review, break the glass.
///
/// # Errors
/// Why nobody agreed. A machine is not asked at all, whatever terminal it made itself.
pub fn ask(question: &Question, actor: &Actor, terminal: &Terminal) -> Result<Agreed, RefusalReason> {
    match actor.kind {
        ActorKind::Human => prompt::ask(question, terminal),
        ActorKind::Agent | ActorKind::Ci => Err(RefusalReason::NotHuman),
    }
}

/// What stands in the way before anybody is asked. Every pair is spelled out: a new demand or mode must be thought
/// about here before it compiles.
fn obstacle(demand: Demand, actor: &Actor, mode: Mode) -> Option<RefusalReason> {
    match (demand, mode) {
        (Demand::Refuse, _) => Some(RefusalReason::Policy),
        (Demand::Nothing | Demand::OneHuman | Demand::TwoHumans, Mode::Explain) => {
            Some(RefusalReason::WrongMode)
        }
        (Demand::Nothing, Mode::Interactive | Mode::Wait | Mode::Deny) => None,
        (Demand::OneHuman | Demand::TwoHumans, Mode::Deny) => Some(RefusalReason::WrongMode),
        (Demand::TwoHumans, Mode::Interactive | Mode::Wait) => Some(RefusalReason::NeedsTwo),
        (Demand::OneHuman, Mode::Wait) => Some(RefusalReason::WrongMode),
        (Demand::OneHuman, Mode::Interactive) => match actor.kind {
            ActorKind::Human => None,
            // `actor::choose` never gives a machine this mode; if it ever did, this is the second lock.
            ActorKind::Agent | ActorKind::Ci => Some(RefusalReason::NotHuman),
        },
    }
}
