//! Verdicts of the built-in packs: one table a family, and what holds over all of them.
#![expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test fails by panicking")]

mod git;
mod hosts;
mod judged;
mod loose;
mod lower;
mod manifests;
mod runners;
mod sql;
mod unknown;
