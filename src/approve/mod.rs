//! Who may say yes, and the proof that somebody did.

mod grant;

pub use grant::{Grant, GrantKind};
