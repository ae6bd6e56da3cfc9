//! The proof that a verdict's demand is met.

use crate::journal::Claim;
use crate::quorum::{Approval, Tally};
use crate::request::Request;

/// Proof, made only by this room, that the verdict's demand is met for one action.
///
/// It cannot be copied, and starting the command consumes it: one grant, one start.
#[derive(Debug)]
pub struct Grant {
    kind: GrantKind,
}

/// How the demand was met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GrantKind {
    /// The verdict was `run`: nobody had to be asked.
    NotNeeded,
    /// One human at the terminal typed the code.
    Confirmed {
        /// The login name of that human.
        by: String,
    },
    /// The people it takes signed the request.
    Approved {
        /// Each of them.
        by: Vec<Approval>,
        /// The request, which the intent uses up.
        claim: Claim,
    },
    /// One human ran it without the people it takes, and owes a review.
    BrokenGlass {
        /// Who signed for it.
        by: Approval,
        /// Why.
        reason: String,
        /// The request, which the intent uses up.
        claim: Claim,
    },
}

impl Grant {
    pub(super) fn new(kind: GrantKind) -> Self {
        Self { kind }
    }

    /// A grant for tests of other rooms, which have nobody to ask.
    #[cfg(test)]
    pub(crate) fn for_test() -> Self {
        Self::new(GrantKind::NotNeeded)
    }

    /// The grant of a quorum; `None` where the tally lacks somebody, or somebody refused.
    #[must_use]
    pub fn approved(tally: &Tally, request: &Request) -> Option<Self> {
        let claim = request.claim().ok().filter(|_| tally.met())?;
        Some(Self::new(GrantKind::Approved { by: tally.approvals.clone(), claim }))
    }

    /// The grant of one human who signed a request that says that it goes without the others, and why.
    #[must_use]
    pub fn broken_glass(tally: &Tally, request: &Request) -> Option<Self> {
        let reason = request.break_glass()?.to_owned();
        let [by] = tally.approvals.as_slice() else { return None };
        let claim = request.claim().ok().filter(|_| tally.rejections.is_empty())?;
        Some(Self::new(GrantKind::BrokenGlass { by: by.clone(), reason, claim }))
    }

    /// How the demand was met.
    #[must_use]
    pub fn kind(&self) -> &GrantKind {
        &self.kind
    }

    /// The request that starting the command uses up.
    #[must_use]
    pub fn claim(&self) -> Option<&Claim> {
        match &self.kind {
            GrantKind::NotNeeded | GrantKind::Confirmed { .. } => None,
            GrantKind::Approved { claim, .. } | GrantKind::BrokenGlass { claim, .. } => Some(claim),
        }
    }
}
