//! The run room against `env`: what a shell and a command observe through the gate is what they observe without it.
//!
//! This file is three programs. Without arguments of its own it is the test runner. Started again as `--be-gate` it is
//! the gate around nothing but the run room: its journal keeps no record and its grants are free, so that the room
//! is tested from the outside before, and apart from, the rest. As `--be-observer` it is a command that writes down
//! the signals it gets.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts processes to look at them from outside"
)]
#![expect(unsafe_code, reason = "signals, process groups and terminals have no safe interface")]

mod approved;
mod gate;
mod identity;
mod job_control;
mod limit;
mod observer;
mod signals;
mod stage;
mod starting;

/// The clock, what is bound, the journal and the approvals that the run room sees here.
use remgate::{bind, clock};

mod journal {
    pub(crate) use remgate::journal::{End, Outcome};

    /// An intent that nobody wrote.
    #[derive(Debug)]
    pub(crate) struct Opened;

    /// An outcome for the test to read.
    #[derive(Debug)]
    pub(crate) struct Finished {
        pub(crate) outcome: Outcome,
    }

    impl Opened {
        pub(crate) fn finish(self, _grant: crate::approve::Grant, outcome: Outcome) -> Finished {
            Finished { outcome }
        }
    }
}

mod approve {
    /// A grant for everything.
    #[derive(Debug)]
    pub(crate) struct Grant;
}

/// The room itself, compiled against the stand-ins above.
#[expect(
    dead_code,
    unreachable_pub,
    unused_imports,
    reason = "a room's interface is wider than one harness needs"
)]
#[path = "../../src/run/mod.rs"]
mod run;

use std::process::ExitCode;

fn main() -> ExitCode {
    let mut words = std::env::args_os();
    words.next();
    let words: Vec<_> = words.collect();
    match words.first().and_then(|word| word.to_str()) {
        Some("--be-gate") => gate::main(&words[1..]),
        Some("--be-observer") => observer::main(&words[1..]),
        _ => {
            hear_every_signal();
            let mut trials = Vec::new();
            trials.extend(starting::trials());
            trials.extend(approved::trials());
            trials.extend(identity::trials());
            trials.extend(signals::trials());
            trials.extend(job_control::trials());
            trials.extend(limit::trials());
            libtest_mimic::run(&libtest_mimic::Arguments::from_args(), trials).exit_code()
        }
    }
}

/// What `nohup cargo test` and `cargo test &` in a script ignore is inherited by whatever is started here.
fn hear_every_signal() {
    for signal in [libc::SIGHUP, libc::SIGINT, libc::SIGQUIT, libc::SIGTERM, libc::SIGTSTP] {
        // SAFETY: no handler is installed, and no other thread has been started.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}
