//! The proof that a verdict's demand is met.

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

    /// How the demand was met.
    #[must_use]
    pub fn kind(&self) -> &GrantKind {
        &self.kind
    }
}
