//! The gate's own end, made like the command's.
//!
//! In: the outcome, when it is on record. Out: an exit code - or no return at all, when the command died by a signal.
//! Never: a core dump of the gate, which could hold what was typed, environment included.

use super::signals;
use crate::journal::{End, Outcome};
use std::process::ExitCode;

/// What `timeout` of GNU coreutils answers.
const TIMED_OUT: u8 = 124;

/// Ends as the command ended. Call it last, after everything is recorded and said.
///
/// When a signal ended the command, the same signal ends the gate, so that a shell sees it (and, for SIGINT, stops
/// its script). Where the system does not let it act - the first process of a container - the code is 128 plus
/// the signal, as shells count.
#[must_use]
pub fn end_like(outcome: &Outcome) -> ExitCode {
    match outcome.end {
        End::NotStarted { exit_code, .. } => ExitCode::from(exit_code),
        End::Exited { code } => ExitCode::from(code),
        End::TimedOut { .. } => ExitCode::from(TIMED_OUT),
        End::Signaled { signal, .. } => {
            forbid_core();
            signals::suffer(signal);
            ExitCode::from(u8::try_from(128 + signal).unwrap_or(u8::MAX))
        }
    }
}

/// A limit of zero is enough for files; a `core_pattern` that pipes to a program is only stopped by the second.
fn forbid_core() {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    let Rlimit { maximum, .. } = getrlimit(Resource::Core);
    // Lowering a limit of our own cannot be refused.
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum }).unwrap_or_default();
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)
        .unwrap_or_default();
}
