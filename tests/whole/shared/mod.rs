//! What the accounts of one machine share: made by `doctor --setup`, used by people who do not trust each other.
//!
//! Root's commands are called, so all of it happens on a machine of its own (`machine`).

mod machine;
mod members;
mod setup;
