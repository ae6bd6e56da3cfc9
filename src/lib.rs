//! remgate: a gate in front of remediation commands.
#![forbid(unsafe_op_in_unsafe_fn)]

pub mod approve;
pub mod clock;
pub mod facts;
pub mod journal;
pub mod report;
