//! What a human is asked to agree to: the sentences around a question.
//!
//! In: the kind of consent. Out: headline, instruction, closing line. Never: a word of the request itself, which is
//! somebody else's text.

use super::{Question, Row};
use crate::report::wrap;
use std::time::Duration;

/// What a code typed under the question means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asking {
    /// Run it, now and here.
    Confirm,
    /// Approve a stored request; a signature follows.
    Approve {
        /// Until the request expires.
        left: Duration,
        /// How many people's approvals are missing before this one.
        missing: u8,
    },
    /// Reject a stored request for good; a signature follows.
    Reject,
    /// Run it without the approvals it needs, and owe a review.
    BreakGlass {
        /// Why that cannot wait.
        reason: String,
    },
    /// Sign off a run that nobody approved.
    Review,
}

impl Asking {
    /// The first line, after the verdict.
    pub(super) fn headline(&self) -> String {
        match self {
            Asking::Confirm => "remgate asks: one human must agree".to_owned(),
            Asking::Approve { missing: 1, .. } => "remgate asks: do you approve? 1 more needed".to_owned(),
            Asking::Approve { missing, .. } => format!("remgate asks: do you approve? {missing} more needed"),
            Asking::Reject => "remgate asks: do you reject this?".to_owned(),
            Asking::BreakGlass { .. } => "remgate asks: run it unapproved?".to_owned(),
            Asking::Review => "remgate asks: was this run right?".to_owned(),
        }
    }

    /// The last sentence, with the code in its frame.
    pub(super) fn instruction(&self, framed: &str) -> String {
        let (does, otherwise) = match self {
            Asking::Confirm => ("run it once", "refuses"),
            Asking::Approve { .. } => ("approve this", "leaves it pending"),
            Asking::Reject => ("reject it for good", "leaves it pending"),
            Asking::BreakGlass { .. } => ("run it once and owe a review", "refuses"),
            Asking::Review => ("sign the review", "leaves it owed"),
        };
        format!("Type {framed} and Enter to {does}; Esc or Ctrl-C {otherwise}.")
    }

    /// The closing line when the code was typed.
    #[must_use]
    pub fn agreed(&self) -> &'static str {
        match self {
            Asking::Confirm | Asking::BreakGlass { .. } => "allowed",
            Asking::Approve { .. } => "agreed; the signature comes next",
            Asking::Reject => "rejected; the signature comes next",
            Asking::Review => "reviewed; the signature comes next",
        }
    }

    /// The closing line when it was not, without the reason.
    #[must_use]
    pub fn not_agreed(&self) -> &'static str {
        match self {
            Asking::Confirm | Asking::BreakGlass { .. } => "not allowed",
            Asking::Approve { .. } => "not approved",
            Asking::Reject => "not rejected",
            Asking::Review => "not reviewed",
        }
    }

    /// What the kind of consent adds to the context.
    pub(super) fn rows(&self) -> Vec<Row> {
        match self {
            Asking::Approve { left, .. } => {
                vec![Row::new("expires", "", &format!("in {}", clock(*left)), "")]
            }
            Asking::BreakGlass { reason } => vec![Row::new("glass", "broken", reason, "")],
            Asking::Confirm | Asking::Reject | Asking::Review => Vec::new(),
        }
    }
}

/// Where all of it can be read. What is about to start here is no stored request yet.
pub(super) fn full_text(question: &Question) -> String {
    match question.asking {
        Asking::Confirm => "remgate explain ...".to_owned(),
        Asking::Approve { .. } | Asking::Reject | Asking::BreakGlass { .. } | Asking::Review => {
            format!("remgate pending {}", wrap::cut(&crate::report::sanitize::text(&question.id), ID_COLUMNS))
        }
    }
}

/// An action's id has twelve; a longer one is somebody's invention.
pub(super) const ID_COLUMNS: usize = 20;

/// `4:31`, `2:03:04`, `3 d 4 h`.
#[must_use]
pub fn clock(left: Duration) -> String {
    let seconds = left.as_secs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    match hours {
        0 => format!("{minutes}:{:02}", seconds % 60),
        1..48 => format!("{hours}:{minutes:02}:{:02}", seconds % 60),
        _ => format!("{} d {} h", hours / 24, hours % 24),
    }
}
