//! Properties of judging (design sections 1, 4-7): what must hold for every command and every rule file.
//!
//! `REMGATE_CASES=10000 cargo test --test properties` is what CI runs; without it each property has a few hundred cases.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::unwrap_used,
    reason = "a test that meets the unexpected shall fail"
)]

mod chosen;
mod language;
mod loaded;
mod permute;
mod random;
mod stage;
mod wrap;
