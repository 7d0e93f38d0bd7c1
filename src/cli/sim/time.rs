//! The time of a simulated world, beside the time of this machine.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use sim::http::{WorldClock, WorldTime};

use crate::exit::{Exit, Failure};
use crate::outside::Outside;

/// A day a second: what runs faster cannot be followed.
pub(super) const RATE_MAX: i64 = 86_400;
/// Days before its end at which a running world begins, unless it is told otherwise: a week to look at.
const DAYS_LEFT: i64 = 7;

/// How the world's time follows this machine's.
#[derive(Clone)]
pub(super) struct Pace {
    /// The world's time at the beginning, unix seconds.
    pub(super) from: i64,
    /// The machine's then.
    since: Timestamp,
    /// Seconds of the world in one of the machine's; at least 1.
    pub(super) rate: i64,
    outside: Outside,
}

impl Pace {
    /// # Errors
    /// [`Exit::Usage`] when the day lies outside of the world.
    pub(super) fn new(
        rate: i64,
        from: Option<Date>,
        (first, until): (Date, Date),
        outside: &Outside,
    ) -> Result<Self, Failure> {
        let usual = until.saturating_sub(jiff::Span::new().days(DAYS_LEFT)).max(first);
        let from = from.unwrap_or(usual);
        if from < first || from > until {
            let told = format!("--clock-from {from} lies outside of the world, which lasts from {first} to {until}");
            return Err(Failure::new(Exit::Usage, told));
        }
        let from = from
            .to_zoned(TimeZone::UTC)
            .map_err(|error| Failure::new(Exit::Usage, format!("--clock-from {from}: {error}")))?
            .timestamp()
            .as_second();
        Ok(Self { from, since: outside.now(), rate, outside: outside.clone() })
    }

    /// The same, from now on: a world takes its time to be made.
    pub(super) fn beginning_now(self) -> Self {
        Self { since: self.outside.now(), ..self }
    }

    /// The world's time now, unix seconds.
    pub(super) fn now(&self) -> i64 {
        let passed = self.outside.now().as_millisecond().saturating_sub(self.since.as_millisecond()).max(0);
        self.from.saturating_add(passed.saturating_mul(self.rate) / 1_000)
    }

    /// How long this machine has to wait until the world's time is `at`: milliseconds.
    pub(super) fn wait_millis(&self, at: i64) -> u64 {
        let left = at.saturating_sub(self.now()).max(0);
        u64::try_from(left.saturating_mul(1_000) / self.rate + 1).unwrap_or(u64::MAX)
    }

    pub(super) fn world_time(&self) -> WorldTime {
        let pace = self.clone();
        let clock: WorldClock = Arc::new(move || pace.now());
        WorldTime::Running(clock)
    }
}
