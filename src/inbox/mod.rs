//! Where requests wait for votes: one small trait, and the directory behind it on one machine.
//!
//! In: stored requests and votes. Out: the same bytes. Never: a judgement of them - whoever may write an inbox may put
//! anything into it, so that requests count by their digest in the log and votes by their signatures.

mod directory;
mod kept;

pub(crate) use directory::shards;
pub use directory::{Directory, SHARDS, SHARED};
pub use kept::Kept;

use crate::journal::ActionId;
use std::io;
use std::path::PathBuf;

/// Carries requests to approvers and votes back. Another carrier (a service, a chat) is another implementation.
pub trait Inbox {
    /// Stores a request under its id; one id takes one request.
    ///
    /// # Errors
    /// It cannot be stored, or the id is taken.
    fn put(&self, id: &ActionId, request: &[u8]) -> Result<(), InboxError>;

    /// The request of an id; `None` where there is none.
    ///
    /// # Errors
    /// It cannot be read.
    fn request(&self, id: &ActionId) -> Result<Option<Vec<u8>>, InboxError>;

    /// Adds a vote on the request of an id. The same vote twice is one.
    ///
    /// # Errors
    /// It cannot be stored.
    fn vote(&self, id: &ActionId, vote: &[u8]) -> Result<(), InboxError>;

    /// Every vote on the request of an id, in no order that means anything.
    ///
    /// # Errors
    /// They cannot be read.
    fn votes(&self, id: &ActionId) -> Result<Vec<Vec<u8>>, InboxError>;

    /// The ids of all requests, old ones too.
    ///
    /// # Errors
    /// They cannot be listed.
    fn list(&self) -> Result<Vec<ActionId>, InboxError>;

    /// Where it is, for messages.
    fn place(&self) -> String;
}

/// Why an inbox does not do what it should.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// The kernel refused.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// Something that is no request or vote stands in its place.
    #[error("`{}` is not a file of at most {limit} bytes", path.display())]
    Odd {
        /// What.
        path: PathBuf,
        /// In bytes.
        limit: u64,
    },
    /// Somebody floods a request with votes.
    #[error("`{}` holds more than {most} votes on {id}; none of them was counted", path.display())]
    Crowded {
        /// The directory.
        path: PathBuf,
        /// The request.
        id: ActionId,
        /// So many are looked at.
        most: usize,
    },
    /// Somebody could take away or exchange what others put there.
    #[error("`{}` cannot be used as a shared inbox: {why}", path.display())]
    Unfit {
        /// The directory.
        path: PathBuf,
        /// Why, in one clause.
        why: String,
    },
}

impl InboxError {
    fn io(doing: &'static str, path: impl Into<PathBuf>, source: impl Into<io::Error>) -> Self {
        Self::Io { doing, path: path.into(), source: source.into() }
    }

    /// Whether a file is at fault, and not the disk or this process: a pipe, a link, a large file, one that its owner
    /// lets nobody read. Such a one is no vote, and no reason to lose the others.
    fn is_its_own_fault(&self) -> bool {
        const FAULTS: [i32; 4] = [libc::EACCES, libc::ELOOP, libc::ENXIO, libc::EISDIR];
        match self {
            InboxError::Odd { .. } => true,
            InboxError::Io { source, .. } => source.raw_os_error().is_some_and(|code| FAULTS.contains(&code)),
            InboxError::Crowded { .. } | InboxError::Unfit { .. } => false,
        }
    }

    /// What to do, for a `help:` line.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            InboxError::Io { source, .. } if source.kind() == io::ErrorKind::PermissionDenied => {
                "the shared inbox belongs to the group `remgate`: usermod -aG remgate YOU, and log in again"
                    .to_owned()
            }
            InboxError::Crowded { id, .. } => {
                format!("`ls -l` there shows whose files {id}.*.vote are; root may remove them")
            }
            InboxError::Unfit { .. } => {
                "`remgate doctor --setup` shows how it must be made; `--apply` does it".to_owned()
            }
            InboxError::Io { .. } | InboxError::Odd { .. } => {
                "`remgate doctor` says what is wrong with the installation".to_owned()
            }
        }
    }
}
