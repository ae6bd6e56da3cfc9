//! What keeps an action from beginning before anybody judged it, and the exit code for each.

use crate::actor::WeakerMode;
use crate::approve::SignerError;
use crate::bind::BindError;
use crate::house::HouseError;
use crate::inbox::InboxError;
use crate::journal::{ActionId, JournalError, Outcome, ReadError};
use crate::layers::LoadError;
use crate::quorum::RosterError;
use crate::report::NoRequest;
use crate::request::RequestError;

/// `sysexits.h` EX_USAGE.
pub const USAGE: u8 = 64;
/// `sysexits.h` EX_CONFIG.
pub const BAD_RULES: u8 = 78;
/// The gate's own failure, as `env` and `timeout` count theirs.
pub const OWN_FAILURE: u8 = 125;

/// The action did not begin - or, in one case, ended without a record of its end.
#[derive(Debug, thiserror::Error)]
pub enum Stop {
    /// The caller asked for a weaker mode than it may have.
    #[error(transparent)]
    Mode(#[from] WeakerMode),
    /// The rules cannot be used.
    #[error(transparent)]
    Rules(Box<LoadError>),
    /// The surroundings are not fit.
    #[error(transparent)]
    House(#[from] HouseError),
    /// The record cannot be written.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// No random bytes for the action's id.
    #[error("cannot make an id: {0}; the command was not started")]
    NoId(getrandom::Error),
    /// The program file cannot be read for its digest.
    #[error("{0}")]
    Digest(#[from] crate::run::DigestError),
    /// The list of approvers cannot be used.
    #[error(transparent)]
    Roster(#[from] RosterError),
    /// What is owed cannot be told.
    #[error("{0}; the command was not started")]
    Owed(#[from] ReadError),
    /// The inbox cannot be used.
    #[error("{0}; the command was not started")]
    Inbox(#[from] InboxError),
    /// The world cannot be bound to a request.
    #[error(transparent)]
    Bind(#[from] BindError),
    /// What is stored under an id is no request.
    #[error("what is stored as request {0} cannot be used: {1}; the command was not started")]
    Request(ActionId, RequestError),
    /// What is stored under an id cannot be shown to a human.
    #[error("request {0} cannot be shown: {1}; nothing was signed")]
    Shown(ActionId, NoRequest),
    /// Nothing was signed.
    #[error(transparent)]
    Sign(#[from] SignerError),
    /// Signals cannot be waited for.
    #[error("cannot wait: {0}; the command was not started")]
    Wait(#[from] std::io::Error),
    /// The command ran and ended, and that is not on record. The next gate records it as abandoned.
    #[error("{0}")]
    Unrecorded(JournalError, Outcome),
}

impl From<LoadError> for Stop {
    fn from(error: LoadError) -> Self {
        Stop::Rules(Box::new(error))
    }
}

impl Stop {
    /// The exit code. For [`Stop::Unrecorded`] the command's own end counts, which the caller takes from the outcome.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        match self {
            Stop::Mode(_) => USAGE,
            Stop::Rules(_) | Stop::Roster(_) => BAD_RULES,
            Stop::House(_)
            | Stop::Journal(_)
            | Stop::NoId(_)
            | Stop::Digest(_)
            | Stop::Inbox(_)
            | Stop::Owed(_)
            | Stop::Bind(_)
            | Stop::Request(..)
            | Stop::Shown(..)
            | Stop::Sign(_)
            | Stop::Wait(_)
            | Stop::Unrecorded(..) => OWN_FAILURE,
        }
    }

    /// What to do, for `help:` lines.
    #[must_use]
    pub fn help(&self) -> Vec<String> {
        match self {
            Stop::Mode(weaker) => vec![weaker.help()],
            Stop::Rules(_) => vec!["`remgate rules check` shows every problem".to_owned()],
            Stop::House(HouseError::NoHome) => {
                vec!["set HOME, or XDG_STATE_HOME for the record alone".to_owned()]
            }
            Stop::House(HouseError::NoDirectory(_)) => vec!["change to a directory that exists".to_owned()],
            Stop::Journal(_) | Stop::House(HouseError::Journal(_)) => {
                vec!["`remgate doctor` says what is wrong with the log".to_owned()]
            }
            Stop::Roster(_) => vec!["`remgate approver check` shows every problem".to_owned()],
            Stop::Owed(_) => vec!["`remgate log verify` says what is wrong with the log".to_owned()],
            Stop::Inbox(error) | Stop::House(HouseError::Inbox(error)) => vec![error.help()],
            Stop::Bind(BindError::StdinNeverEnded | BindError::StdinTooLarge { .. }) => {
                vec!["give it a file, or `</dev/null` where it reads nothing".to_owned()]
            }
            Stop::Request(..) | Stop::Shown(..) => vec!["run the command again for a new request".to_owned()],
            Stop::Sign(error) => vec![error.help().to_owned()],
            Stop::NoId(_) | Stop::Digest(_) | Stop::Bind(_) | Stop::Wait(_) => Vec::new(),
            Stop::Unrecorded(..) => {
                vec!["the next call records it as abandoned; look at the disk now".to_owned()]
            }
        }
    }
}
