//! The order intent -> run -> outcome, as types.
//!
//! [`open`](super::open) makes an [`Opened`]; only [`Opened::finish`] eats it, and wants the [`Grant`] with it; only
//! [`close`](super::close) eats the [`Finished`] and makes a [`Closed`], which is what the gate must return. A
//! skipped record or a grant used twice does not compile.

use super::Outcome;
use crate::approve::Grant;

/// An intent that is durable on disk and has no outcome yet.
#[must_use = "an intent without an outcome is an abandoned action"]
#[derive(Debug)]
pub struct Opened {
    id: String,
    seq: u64,
}

/// A command that ended, or failed to start, and is not on record yet.
#[must_use = "an outcome that is not recorded is an abandoned action"]
#[derive(Debug)]
pub struct Finished {
    opened: Opened,
    grant: Grant,
    outcome: Outcome,
}

/// An action whose story is whole on disk.
#[derive(Debug)]
pub struct Closed {
    id: String,
    outcome: Outcome,
}

impl Opened {
    /// Called by the run room alone, when the command has ended or failed to start.
    pub fn finish(self, grant: Grant, outcome: Outcome) -> Finished {
        Finished { opened: self, grant, outcome }
    }

    /// The action's id, as the log shows it.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}
