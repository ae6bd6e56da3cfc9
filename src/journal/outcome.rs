//! What became of a command that was allowed to start.

use std::time::Duration;

/// How the start, and then the command, ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// The command never started; `exit_code` is what the gate will answer (125, 126 or 127).
    NotStarted {
        /// 125, 126 or 127, as `env` would.
        exit_code: u8,
        /// Why, in one line.
        reason: String,
    },
    /// The command ended by itself.
    Exited {
        /// 0..=255.
        code: u8,
    },
    /// A signal ended the command.
    Signaled {
        /// The signal number.
        signal: i32,
        /// Whether the kernel wrote a core.
        core: bool,
    },
    /// `--timeout` ended the whole process tree.
    TimedOut {
        /// The limit that passed.
        limit: Duration,
        /// How many processes were ended besides the command itself.
        descendants: u32,
        /// How many processes could not be ended: they hang in the kernel, or run as another user.
        survivors: u32,
    },
}

/// The outcome record's content.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// How it ended.
    pub end: End,
    /// From start to end, monotonic.
    pub took: Duration,
}
