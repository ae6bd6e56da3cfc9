//! The one room that reads the clock.

use chrono::{DateTime, Utc};
use std::time::Instant;

/// The wall clock, for records.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
pub fn now() -> DateTime<Utc> {
    Utc::now()
}

/// The monotonic clock, for durations and deadlines.
#[must_use]
#[expect(clippy::disallowed_methods, reason = "this is the room that reads the clock")]
pub fn monotonic() -> Instant {
    Instant::now()
}
