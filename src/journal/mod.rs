//! The record: one intent before, one outcome after, chained by hashes (design section 10).

mod order;
mod outcome;

pub use order::{Closed, Finished, Opened};
pub use outcome::{End, Outcome};
