//! By which way a demand is met: nobody, a code at the terminal, or signatures.

use super::{Refusal, RefusalReason};
use crate::actor::{Actor, ActorKind, Mode};
use crate::decide::Demand;
use crate::rules::ConfirmBy;

/// How a demand will be met.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Nobody has to agree.
    Free,
    /// The human who asks types a code.
    Terminal,
    /// People sign a request, here or elsewhere.
    Signatures,
}

/// What stands in the way of waiting for signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Nobody is listed who could meet the demand.
    Nobody,
    /// Somebody is, and this call would wait for them.
    Waits,
    /// Somebody is; this call does not wait: it leaves a request, or brings the approvals along.
    Given,
}

/// The way for a demand, or why there is none. Every pair is spelled out: a new demand or mode must be thought about
/// here before it compiles.
///
/// # Errors
/// The refusal.
pub fn way(
    demand: Demand,
    confirm: ConfirmBy,
    signing: Signing,
    actor: &Actor,
    mode: Mode,
) -> Result<Way, Refusal> {
    let refused = |reason| Err(Refusal::new(reason, demand, actor, mode));
    match (demand, mode) {
        (Demand::Refuse, _) => refused(RefusalReason::Policy),
        (Demand::Nothing | Demand::OneHuman | Demand::TwoHumans, Mode::Explain) => {
            refused(RefusalReason::WrongMode)
        }
        (Demand::Nothing, Mode::Interactive | Mode::Wait | Mode::Deny) => Ok(Way::Free),
        (Demand::OneHuman, Mode::Interactive)
            if confirm == ConfirmBy::Terminal && signing != Signing::Given =>
        {
            match actor.kind {
                ActorKind::Human => Ok(Way::Terminal),
                // `actor::choose` never gives a machine this mode; if it ever did, this is the second lock.
                ActorKind::Agent | ActorKind::Ci => refused(RefusalReason::NotHuman),
            }
        }
        (Demand::OneHuman | Demand::TwoHumans, Mode::Interactive | Mode::Wait | Mode::Deny) => {
            match (signing, mode) {
                (Signing::Given, _) | (Signing::Waits, Mode::Interactive | Mode::Wait) => Ok(Way::Signatures),
                // In a job nobody is waited for.
                (Signing::Waits, Mode::Deny | Mode::Explain) => refused(RefusalReason::WrongMode),
                (Signing::Nobody, _) => refused(match (demand, mode) {
                    (_, Mode::Deny | Mode::Explain) | (Demand::OneHuman, Mode::Wait) => {
                        RefusalReason::WrongMode
                    }
                    (_, Mode::Interactive | Mode::Wait) => RefusalReason::NeedsTwo,
                }),
            }
        }
    }
}
