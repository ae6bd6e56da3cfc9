//! What can go wrong with the record, and what was therefore not done.

use std::io;
use std::path::{Path, PathBuf};

/// A record that could not be made. The gate fails closed on every one of these.
#[derive(Debug, thiserror::Error)]
#[error("{problem}; {undone}")]
pub struct JournalError {
    /// What is wrong.
    #[source]
    pub problem: Problem,
    /// What was not done because of it.
    pub undone: Undone,
}

/// What was not done because the record could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Undone {
    /// The log was not opened, so nothing was judged, asked or started.
    Opening,
    /// The intent is not durable, so the command was not started.
    Start,
    /// The denial is not durable; nothing was started either.
    Denial,
    /// The request is not on record, so there is none.
    Request,
    /// What was said of a request is not on record, so it was not said.
    Vote,
    /// The command ended, but its outcome is not durable. The next gate records it as `abandoned`.
    Outcome,
}

impl std::fmt::Display for Undone {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Undone::Opening | Undone::Start => "the command was not started",
            Undone::Denial => "the denial was not recorded and the command was not started",
            Undone::Request => "nobody was asked and the command was not started",
            Undone::Vote => "nothing was handed on",
            Undone::Outcome => "the command ended, but its outcome was not recorded",
        })
    }
}

/// What is wrong with the log, the disk, or the record that was to be written.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// The kernel refused.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    Io {
        /// What was tried, as a verb: `open`, `write to`, `sync` ...
        doing: &'static str,
        /// On which file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// Somebody put a link where the log should be, perhaps to a file that the attacker can edit.
    #[error("`{}` is a symbolic link, and the log is never reached through one", .0.display())]
    Link(PathBuf),
    /// A pipe, a device or a directory where a file should be, or the reverse.
    #[error("`{}` is not a {wanted}", path.display())]
    FileType {
        /// Which file.
        path: PathBuf,
        /// What it should be.
        wanted: &'static str,
    },
    /// Its owner could change the record.
    #[error("`{}` belongs to user id {owner}, not to {expected} who runs the gate", path.display())]
    Owner {
        /// Which file.
        path: PathBuf,
        /// Whose it is.
        owner: u32,
        /// The effective user id of the gate.
        expected: u32,
    },
    /// Others could change the record.
    #[error("`{}` has mode {mode:04o}, which lets others change it (chmod go-w)", path.display())]
    Writable {
        /// Which file.
        path: PathBuf,
        /// Its permission bits.
        mode: rustix::fs::RawMode,
    },
    /// Another gate holds the append lock far longer than one append takes; perhaps it is stopped.
    #[error("another gate has held the lock `{}` for {seconds} s", path.display())]
    Busy {
        /// The lock file.
        path: PathBuf,
        /// How long this gate waited.
        seconds: u64,
    },
    /// After a failed sync the page cache no longer says what is on disk, so a second try proves nothing.
    #[error("cannot sync `{}`: {source}; what was written may be lost", path.display())]
    Sync {
        /// Which file.
        path: PathBuf,
        /// What the kernel said.
        source: io::Error,
    },
    /// The end of the log is not something that a crash leaves behind.
    #[error("the end of `{}` is not as a gate leaves it: {why}; see `remgate log verify`", path.display())]
    Damaged {
        /// The segment.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// One record would be too long to be read back in one piece.
    #[error("the record takes {bytes} bytes, and {limit} is the limit")]
    TooLarge {
        /// How long it would be.
        bytes: usize,
        /// How long it may be.
        limit: usize,
    },
    /// Every record lists the actions in flight; that list must stay small.
    #[error("{0} actions are in flight already, which is the limit")]
    TooManyInFlight(usize),
    /// A number that some JSON readers would silently change.
    #[error("field `{field}` holds {what}, which a record cannot hold exactly")]
    Number {
        /// The top-level field of the body.
        field: String,
        /// The kind of number.
        what: String,
    },
    /// The body tries to set a field that the journal itself writes.
    #[error("field `{0}` belongs to the journal, so a record's body cannot set it")]
    Reserved(String),
    /// Its mark was lost, for instance because somebody removed the lock file under a running gate.
    #[error("the log already says that action `{0}` was abandoned")]
    NotOpen(super::ActionId),
    /// Somebody cleaned up "a stale lock": without it two gates could append at once and fork the chain.
    #[error("the lock file `{}` was removed under a running gate", .0.display())]
    LockGone(PathBuf),
    /// A request that nobody could read back.
    #[error("the request cannot be written: {0}")]
    Request(String),
    /// RFC 3339 has four digits for the year.
    #[error("the clock says `{0}`, which a record cannot hold")]
    Clock(String),
    /// No randomness, so no key for the commitments.
    #[error("cannot make the redaction key: {0}")]
    Random(String),
}

impl Problem {
    /// What the kernel said about `path`, with links told apart: `ELOOP` reads like a puzzle.
    pub(super) fn io(doing: &'static str, path: &Path, source: impl Into<io::Error>) -> Problem {
        let source = source.into();
        let path = path.to_path_buf();
        if source.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) {
            return Problem::Link(path);
        }
        Problem::Io { doing, path, source }
    }

    /// Says what was not done because of this.
    pub(super) fn so(self, undone: Undone) -> JournalError {
        JournalError { problem: self, undone }
    }
}
