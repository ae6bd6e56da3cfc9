//! Shell text that people wrote, where it is at hand: how much of it is understood, and what other parsers see in it.
//!
//! The corpora are no part of the project: `../shared/corpora` or `REMGATE_CORPORA=directory`. Without them these tests
//! say SKIPPED. `cargo test --test shell_corpora -- --nocapture` prints shares, reasons and disagreements.
#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected shall fail, asks bash what is valid, and prints shares"
)]

mod agree;
mod brush;
mod corpora;
mod explained;
mod literal;
mod rable;
mod share;
