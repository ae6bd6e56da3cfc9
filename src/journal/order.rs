//! The order intent -> run -> outcome, as types.
//!
//! [`open`](super::open) makes an [`Opened`]; only [`Opened::finish`] eats it, and wants the [`Grant`] with it; only
//! [`close`](super::close) eats the [`Finished`] and makes a [`Closed`], which is what the gate must return. A
//! skipped record or a grant used twice does not compile:
//!
//! ```compile_fail,E0382
//! use remgate::{approve::Grant, journal::{Opened, Outcome}};
//! fn twice(first: Opened, second: Opened, grant: Grant, outcome: Outcome) {
//!     let _ = first.finish(grant, outcome.clone());
//!     let _ = second.finish(grant, outcome); // the grant is spent
//! }
//! ```
//!
//! ```compile_fail,E0308
//! use remgate::journal::{Closed, Journal, JournalError, Opened, close};
//! fn unfinished(journal: &Journal, opened: Opened) -> Result<Closed, JournalError> {
//!     close(journal, opened) // nobody ran it
//! }
//! ```
//!
//! ```compile_fail,E0382
//! use remgate::{approve::Grant, journal::{Opened, Outcome}};
//! fn again(opened: Opened, one: Grant, two: Grant, outcome: Outcome) {
//!     let _ = opened.finish(one, outcome.clone());
//!     let _ = opened.finish(two, outcome); // one intent, one start
//! }
//! ```
//!
//! The straight way does:
//!
//! ```
//! use remgate::{approve::Grant, journal::{Closed, Intent, Journal, JournalError, Outcome, close, open}};
//! fn story(journal: &Journal, intent: Intent, grant: Grant, outcome: Outcome) -> Result<Closed, JournalError> {
//!     let opened = open(journal, intent)?;
//!     close(journal, opened.finish(grant, outcome))
//! }
//! ```

use super::lock::{Locks, Mark};
use super::{ActionId, Claim, Outcome, Redactor};

/// What starting a command takes, and uses up: the approval room's grant. The journal asks it for the request that it
/// claims, and otherwise only sees to it that it is spent.
pub trait Consent {
    /// The request that the start uses up.
    fn claim(&self) -> Option<&Claim>;
}

/// An intent that is durable on disk and has no outcome yet.
///
/// While it lives, the kernel holds a lock that says so; when the gate dies, however, the lock goes with it and
/// the next gate records the action as `abandoned`.
#[must_use = "an intent without an outcome is an abandoned action"]
#[derive(Debug)]
pub struct Opened {
    pub(super) id: ActionId,
    pub(super) seq: u64,
    pub(super) secrets: Redactor,
    /// Before the locks, so that it is dropped before them.
    pub(super) mark: Mark,
    pub(super) locks: Locks,
}

/// What recording an intent that claims a request came to.
#[must_use = "an intent that is dropped is an abandoned action"]
#[derive(Debug)]
pub enum Begun {
    /// It is on record, and the command may start.
    Opened(Opened),
    /// The request that it claims was used before: that is on record instead, and nothing may start.
    Spent(Closed),
}

/// A command that ended, or failed to start, and is not on record yet.
#[must_use = "an outcome that is not recorded is an abandoned action"]
#[derive(Debug)]
pub struct Finished {
    pub(super) opened: Opened,
    pub(super) outcome: Outcome,
}

/// An action whose story is whole on disk.
#[derive(Debug)]
pub struct Closed {
    pub(super) id: ActionId,
    pub(super) outcome: Outcome,
}

impl Finished {
    /// How the command ended: what the gate answers even where this cannot be put on record.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}

impl Opened {
    /// Called by the run room alone, when the command has ended or failed to start.
    pub fn finish(self, consent: impl Consent, outcome: Outcome) -> Finished {
        // It ends here; how the demand was met is in the intent.
        drop(consent);
        Finished { opened: self, outcome }
    }

    /// The action's id, as the log shows it.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }
}

impl Closed {
    /// The action's id, as the log shows it.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// How it ended.
    #[must_use]
    pub fn outcome(&self) -> &Outcome {
        &self.outcome
    }
}
