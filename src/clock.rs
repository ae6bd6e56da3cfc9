//! The one room that reads the clock.

use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

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

/// Time since the machine was started, sleep included: unlike the wall clock nobody sets it back while it runs, so an
/// approval that has expired by it stays expired.
#[must_use]
pub fn since_boot() -> Duration {
    let time = rustix::time::clock_gettime(SINCE_BOOT);
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    Duration::new(seconds, u32::try_from(time.tv_nsec).unwrap_or(0))
}

#[cfg(target_os = "linux")]
const SINCE_BOOT: rustix::time::ClockId = rustix::time::ClockId::Boottime;

/// Fallback elsewhere: a clock that nobody sets either, and that may stand still while the machine sleeps.
#[cfg(not(target_os = "linux"))]
const SINCE_BOOT: rustix::time::ClockId = rustix::time::ClockId::Monotonic;
