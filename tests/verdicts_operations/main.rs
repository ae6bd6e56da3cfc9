//! Verdicts of the kubectl, docker and terraform packs, where no environment is configured and an agent asks.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "a test fails by panicking, and says what it skips"
)]

mod arity;
mod docker;
mod every_example;
mod kubernetes;
mod stand;
mod terraform;
