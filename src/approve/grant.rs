//! The proof that a verdict's demand is met.

use crate::journal::{Claim, Consent};
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
}

impl Consent for Grant {
    fn claim(&self) -> Option<&Claim> {
        match &self.kind {
            GrantKind::NotNeeded | GrantKind::Confirmed { .. } => None,
            GrantKind::Approved { claim, .. } | GrantKind::BrokenGlass { claim, .. } => Some(claim),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quorum::Missing;

    /// Whoever counts asks before; this is the last lock.
    #[test]
    fn a_tally_that_lacks_somebody_or_holds_a_rejection_grants_nothing() {
        let request = crate::request::sample();
        let tally = |missing: u8, groups: &[&str], rejected: &[&str]| Tally {
            approvals: Vec::new(),
            rejections: rejected.iter().map(|who| ((*who).to_owned(), String::new())).collect(),
            void: Vec::new(),
            missing: Missing {
                people: missing,
                groups: groups.iter().map(|&group| group.to_owned()).collect(),
            },
        };
        assert!(Grant::approved(&tally(0, &[], &[]), &request).is_some());
        for lacking in [tally(1, &[], &[]), tally(0, &["sre"], &[]), tally(0, &[], &["bob"])] {
            assert!(Grant::approved(&lacking, &request).is_none(), "{lacking:?}");
        }
        assert!(
            Grant::broken_glass(&tally(0, &[], &[]), &request).is_none(),
            "nobody said that it breaks glass"
        );
    }
}
