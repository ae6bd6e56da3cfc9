//! Who may say yes, and the proof that somebody did (design sections 8 and 9).
//!
//! In: what the verdict demands, who asks, in which mode, and the question. Out: a [`Grant`], or a [`Refusal`] that
//! says why and what would make it pass. Never: a grant from anything typed before the question was on the screen,
//! from standard input, or to a machine.

mod code;
mod deadline;
mod grant;
mod keys;
mod overwrite;
mod prompt;
mod refusal;
mod signer;
mod terminal;
mod wait;
mod wake;
mod way;

pub use grant::{Grant, GrantKind};
pub use overwrite::{Overwrite, confirm_overwrite};
pub use prompt::Agreed;
pub use refusal::{Refusal, RefusalReason};
pub use signer::{Signer, SignerError};
pub use terminal::Terminal;
pub use wait::{Waited, wait};
pub use way::{Signing, Way, way};

pub use crate::decide::Demand;

use crate::actor::{Actor, ActorKind, Mode};
use crate::report::Question;
use crate::rules::ConfirmBy;

/// What seeking came to.
#[must_use]
#[derive(Debug)]
pub enum Answer {
    /// The demand is met.
    Granted(Grant),
    /// It is not.
    Refused(Refusal),
}

/// The grant of a verdict that demands nobody; any other demand is refused.
pub fn unasked(demand: Demand) -> Answer {
    match demand {
        Demand::Nothing => Answer::Granted(Grant::new(GrantKind::NotNeeded)),
        Demand::OneHuman | Demand::TwoHumans | Demand::Refuse => Answer::Refused(Refusal::other(
            RefusalReason::Policy,
            demand.to_string(),
            "this is a defect of the gate; please report it".to_owned(),
        )),
    }
}

/// Seeks what `demand` wants from whoever is at the terminal. Draws and reads only where one human is demanded, in
/// interactive mode, from a human; signed approvals are sought elsewhere.
pub fn seek(demand: Demand, actor: &Actor, mode: Mode, question: &Question, terminal: &Terminal) -> Answer {
    match way(demand, ConfirmBy::Terminal, Signing::Nobody, actor, mode) {
        Err(refusal) => return Answer::Refused(refusal),
        Ok(Way::Free) => return unasked(demand),
        Ok(Way::Signatures) => {
            return Answer::Refused(Refusal::new(RefusalReason::NeedsTwo, demand, actor, mode));
        }
        Ok(Way::Terminal) => {}
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
