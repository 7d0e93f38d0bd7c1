//! What time it is. The time zone of this machine is nobody's business day, so it is not asked.
//!
//! `TIEOUT_CLOCK="FROM RATE [SINCE]"` is a switch for tests: at the machine's instant `SINCE`, or when the process starts, it is `FROM`, and
//! from then on time runs `RATE` times as fast, waits included. So a test sees a schedule's whole year, and several processes whose
//! clocks differ. Without it the clock is the machine's.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use super::Outside;
use crate::exit::{Exit, Failure};

const SWITCH: &str = "TIEOUT_CLOCK";

/// Faster than this a second is nothing any more.
const RATE_MAX: i32 = 1_000_000;

/// The machine's clock, or one that a test has set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock(Option<Set>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Set {
    from: Timestamp,
    rate: i32,
    since: Timestamp,
}

impl Clock {
    /// As the environment says.
    pub fn from_environment() -> Result<Self, Failure> {
        let Ok(text) = std::env::var(SWITCH) else { return Ok(Self(None)) };
        let set = Set::parse(&text, Timestamp::now()).ok_or_else(|| {
            Failure::new(Exit::Usage, format!("{SWITCH} is no clock: '{text}'"))
                .hint(format!("expected FROM RATE [SINCE], such as 2026-07-01T11:00:00Z 60; RATE is 1 to {RATE_MAX}"))
        })?;
        Ok(Self(Some(set)))
    }

    fn now(self) -> Timestamp {
        let now = Timestamp::now();
        self.0.map_or(now, |set| set.at(now))
    }

    /// Whether a test has set it.
    pub(super) const fn is_set(self) -> bool {
        self.0.is_some()
    }

    /// How long to wait by the machine's clock.
    pub(super) fn wait(self, wanted: Duration) -> Duration {
        let rate = self.0.and_then(|set| u32::try_from(set.rate).ok());
        rate.and_then(|rate| wanted.checked_div(rate)).unwrap_or(wanted)
    }
}

impl Set {
    fn parse(text: &str, now: Timestamp) -> Option<Self> {
        let mut words = text.split_whitespace();
        let from = words.next()?.parse().ok()?;
        let rate = words.next()?.parse().ok().filter(|rate| (1..=RATE_MAX).contains(rate))?;
        let since = words.next().map_or(Some(now), |word| word.parse().ok())?;
        words.next().is_none().then_some(Self { from, rate, since })
    }

    fn at(self, now: Timestamp) -> Timestamp {
        let passed: SignedDuration = now.duration_since(self.since);
        passed.checked_mul(self.rate).and_then(|passed| self.from.checked_add(passed).ok()).unwrap_or(Timestamp::MAX)
    }
}

impl Outside {
    /// The clock of this machine.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Returns after `duration`.
    pub async fn sleep(&self, duration: Duration) {
        tokio::time::sleep(self.clock.wait(duration)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_set_clock_begins_where_it_was_set_and_runs_as_fast_as_it_was_told() {
        let set = Set::parse("2026-07-01T11:00:00Z 60 2026-01-01T00:00:00Z", at("2026-01-01T00:00:09Z")).unwrap();
        assert_eq!(set.at(at("2026-01-01T00:00:02Z")), at("2026-07-01T11:02:00Z"));
        let clock = Clock(Some(set));
        assert_eq!(
            (clock.wait(Duration::from_secs(60)), Clock(None).wait(Duration::from_secs(60))),
            (Duration::from_secs(1), Duration::from_secs(60))
        );
        let now = at("2026-01-01T00:00:09Z");
        assert_eq!(Set::parse("2026-07-01T11:00:00Z 1", now).unwrap().at(now), at("2026-07-01T11:00:00Z"));
    }

    #[test]
    fn what_is_no_clock_is_refused() {
        for text in [
            "",
            "now",
            "2026-07-01T11:00:00Z",
            "2026-07-01T11:00:00Z 0",
            "2026-07-01T11:00:00Z 2 x",
            "2026-07-01T11:00:00Z 2000000",
        ] {
            assert_eq!(Set::parse(text, Timestamp::UNIX_EPOCH), None, "{text}");
        }
    }
}
