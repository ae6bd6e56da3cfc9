//! The whole program, from outside: the binary that people install, real files, real programs, real signals.
//!
//! Each file is one kind of story. `house` is the stage of them all: a home of its own, a cleared environment, fake
//! programs that write down that they ran.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a test fails by panicking, and starts the program to look at it from outside"
)]

mod approvals;
mod approver;
mod asking;
mod bad_input;
mod crash;
mod crowd;
mod house;
mod log;
mod probes;
mod rules;
mod secrets;
mod shared;
mod shell;
mod stories;
mod terminal;
