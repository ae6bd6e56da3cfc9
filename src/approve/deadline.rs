//! Until when people are waited for.

use crate::clock;
use chrono::{DateTime, Utc};
use std::time::{Duration, Instant};

/// When the question lapses. Both clocks count: the monotonic one stands still while a laptop sleeps, the wall clock
/// can be set back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    monotonic: Instant,
    wall: DateTime<Utc>,
}

impl Deadline {
    pub(super) fn after(limit: Duration) -> Self {
        let (monotonic, wall) = (clock::monotonic(), clock::now());
        Self {
            // A limit beyond what the clock can count is cut to a day.
            monotonic: monotonic.checked_add(limit).unwrap_or(monotonic + DAY),
            wall: chrono::TimeDelta::from_std(limit)
                .ok()
                .and_then(|limit| wall.checked_add_signed(limit))
                .unwrap_or(wall + DAY),
        }
    }

    pub(super) fn left(&self) -> Duration {
        let by_wall = (self.wall - clock::now()).to_std().unwrap_or(Duration::ZERO);
        self.monotonic.saturating_duration_since(clock::monotonic()).min(by_wall)
    }
}

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use super::*;

    /// A laptop that slept, and a wall clock that was set back, must neither lengthen the question's life.
    #[test]
    fn the_question_lapses_by_whichever_clock_is_first() {
        let whole = Deadline::after(DAY);
        assert!(whole.left() > DAY / 2 && whole.left() <= DAY);
        let slept = Deadline { wall: clock::now() - Duration::from_secs(1), ..whole };
        assert_eq!(slept.left(), Duration::ZERO);
        let set_back = Deadline { monotonic: clock::monotonic(), ..whole };
        assert_eq!(set_back.left(), Duration::ZERO);
        assert!(Deadline::after(Duration::MAX).left() <= Duration::from_secs(u64::MAX));
    }
}
