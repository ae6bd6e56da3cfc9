//! What an approval binds of the world besides words and rules, and how approved bytes are handed over.
//!
//! In: a judged action, descriptor 0, the directory. Out: [`Stdin`], [`Files`], [`Directory`], [`uptime_ms`]: each can be
//! written into a request, looked at again later, and compared; and [`Sealed`] copies that nobody can change any more.
//! Never: a wait on a fifo or device, a copy on disk that outlives the gate, or content that is trusted without being
//! hashed after it was sealed.
//!
//! | file | what it holds |
//! |---|---|
//! | `stdin.rs` | standard input, read to its end before anybody is asked |
//! | `files.rs` | which files the words of an action name |
//! | `named.rs` | words that may name files in commands that nobody knows |
//! | `file.rs` | one file: where its name leads, and whether all is still so |
//! | `content.rs` | what stands there |
//! | `handed.rs` | which words a sealed copy can stand in for |
//! | `tree.rs` | the digest of a directory |
//! | `sealed.rs` | bytes that cannot change |
//! | `directory.rs` | the working directory |
//! | `digest.rs` | SHA-256 |

mod content;
mod digest;
mod directory;
mod file;
mod files;
mod handed;
mod named;
mod sealed;
mod stdin;
#[cfg(test)]
mod tests;
mod tree;

pub use content::{Content, State};
pub use digest::Digest;
pub use directory::Directory;
pub use file::{BoundFile, How};
pub use files::{Files, Unbound};
pub use handed::{Handed, Started};
pub use sealed::Sealed;
pub use stdin::{Captured, Go, Nothing, Patience, SILENCE, Stdin};

/// Why something cannot be bound. Nothing was started.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// More on standard input than an approval can hold.
    #[error(
        "standard input holds more than {limit} bytes, which is more than can be approved; the command was not started"
    )]
    StdinTooLarge {
        /// In bytes.
        limit: u64,
    },
    /// A device or directory, of which nobody can say what comes from it.
    #[error("standard input is {kind}, which nobody can approve; the command was not started")]
    StdinKind {
        /// With its article.
        kind: &'static str,
    },
    /// Somebody broke the wait off.
    #[error("standard input did not end; the command was not started")]
    StdinNeverEnded,
    /// The system refused to read it.
    #[error("cannot read standard input: {reason}; the command was not started")]
    StdinUnreadable {
        /// The system's words.
        reason: String,
    },
    /// It changes faster than it can be read.
    #[error("`{path}` is being written to and cannot be approved; the command was not started")]
    Unsteady {
        /// As written, lossily decoded.
        path: String,
    },
    /// It is not what was approved.
    #[error("`{path}` is not what was approved: {what}; the command was not started")]
    Drifted {
        /// As written, lossily decoded.
        path: String,
        /// The field, before and after.
        what: String,
    },
    /// A directory, or a list of files, that is too large to be hashed before each start.
    #[error("`{path}` holds {what}, which is more than can be approved; the command was not started")]
    TooMuch {
        /// As written, lossily decoded.
        path: String,
        /// What there is too much of, with its number.
        what: String,
    },
    /// It cannot be read, and it would matter.
    #[error("cannot read `{path}`: {reason}; the command was not started")]
    Unreadable {
        /// As written, lossily decoded.
        path: String,
        /// The system's words.
        reason: String,
    },
    /// The name of the working directory leads to another one by now.
    #[error(
        "`{path}` is not the directory that the gate was started in any more; the command was not started"
    )]
    OtherDirectory {
        /// The path, lossily decoded.
        path: String,
    },
    /// No sealed copy could be made.
    #[error("cannot keep a copy of what was approved: {reason}; the command was not started")]
    NoCopy {
        /// The system's words.
        reason: String,
    },
}

/// The system's words for an error, in our style: lower case, without the number.
fn describe(error: impl Into<std::io::Error>) -> String {
    let text = error.into().to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// Milliseconds since the machine was started: what an expiry is measured with on the machine that made the request.
#[must_use]
pub fn uptime_ms() -> u64 {
    u64::try_from(crate::clock::since_boot().as_millis()).unwrap_or(u64::MAX)
}
