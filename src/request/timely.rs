//! Whether a request may still be used, by two clocks: the wall clock can be set back, and the one that counts since the
//! machine started cannot.

use super::Request;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

/// How far two clocks may differ: that of an approver's machine from the requester's, and here the wall clock from the
/// one that nobody can set.
pub const MAX_SKEW: TimeDelta = TimeDelta::seconds(120);

/// Now, by both clocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    /// The wall clock.
    pub now: DateTime<Utc>,
    /// Milliseconds since this machine started, sleep included; `None` on any other machine than the requester's.
    pub uptime_ms: Option<u64>,
}

/// Why a request is out of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Untimely {
    /// Its time is over.
    #[error("the request expired at {0}")]
    Expired(DateTime<Utc>),
    /// It comes from the future.
    #[error("the request was made at {0}, which is still to come by this clock")]
    Early(DateTime<Utc>),
    /// Somebody set the clock, or it jumped.
    #[error("the clock was set by {0} s since the request was made")]
    ClockSet(i64),
}

/// Whether the request can be approved or used at this moment.
///
/// # Errors
/// It cannot.
pub fn timely(request: &Request, moment: Moment) -> Result<(), Untimely> {
    let (created, expires) = (request.created(), request.expires());
    if created > moment.now.checked_add_signed(MAX_SKEW).unwrap_or(moment.now) {
        return Err(Untimely::Early(created));
    }
    if moment.now >= expires {
        return Err(Untimely::Expired(expires));
    }
    let then = request.fields().get("uptime_ms").and_then(Value::as_u64);
    if let (Some(then), Some(now)) = (then, moment.uptime_ms) {
        let passed = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub_unsigned(then);
        if passed >= (expires - created).num_milliseconds() {
            return Err(Untimely::Expired(expires));
        }
        let by_wall = (moment.now - created).num_milliseconds();
        let set = by_wall.saturating_sub(passed);
        if set.unsigned_abs() > MAX_SKEW.num_milliseconds().unsigned_abs() {
            return Err(Untimely::ClockSet(set / 1000));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::tests::request;

    #[test]
    fn a_request_lives_by_both_clocks() {
        let request = request();
        let created = request.created();
        let lives = request.expires() - created;
        let uptime = request.fields()["uptime_ms"].as_u64().unwrap();
        let at = |wall: TimeDelta, up: TimeDelta| Moment {
            now: created + wall,
            uptime_ms: Some(uptime.saturating_add_signed(up.num_milliseconds())),
        };
        let (second, hour) = (TimeDelta::seconds(1), TimeDelta::hours(1));
        assert_eq!(lives, hour, "the sample's lifetime");
        let rows = [
            (at(second, second), Ok(())),
            (at(-second, second), Ok(())),
            (at(hour - second, hour - second), Ok(())),
            (at(hour, hour), Err(Untimely::Expired(request.expires()))),
            // The wall clock was set back to make it live longer.
            (at(second, hour), Err(Untimely::Expired(request.expires()))),
            (at(-hour, second), Err(Untimely::Early(created))),
            (at(second, TimeDelta::minutes(30)), Err(Untimely::ClockSet(-1799))),
            (at(TimeDelta::minutes(30), second), Err(Untimely::ClockSet(1799))),
        ];
        for (moment, expected) in rows {
            assert_eq!(timely(&request, moment), expected, "{moment:?}");
        }
        let elsewhere = Moment { now: created + second, uptime_ms: None };
        assert_eq!(timely(&request, elsewhere), Ok(()));
    }
}
