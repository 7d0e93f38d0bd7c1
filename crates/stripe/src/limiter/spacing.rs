//! The time between two requests of one bucket, and how 429s change it.
//!
//! A 429 says that the server was asked more than it serves; what it did serve in the same time is the rate that it allows.

use std::time::Duration;

use jiff::Timestamp;

/// No bucket is asked less often than this.
const SPACING_MAX: Duration = Duration::from_secs(2);

/// The first spacing of a server whose limit is not known is not longer than this: Stripe's own limit for an endpoint.
const SPACING_FIRST_MAX: Duration = Duration::from_millis(40);

/// What was served is measured over this time, and a 429 is heeded at most once in it: those that were on their way
/// together say the same.
const MEASURED: Duration = Duration::from_secs(1);

/// A good answer takes one part in this many off a slowed spacing: about 35 to double the rate again, ...
const RECOVERY_PARTS: u32 = 50;

/// ... and one in this many while it is near what the last 429 taught.
const RECOVERY_PARTS_NEAR: u32 = 600;

/// How near is near: one part in this many above or below that.
const NEAR_PARTS: u32 = 8;

/// A 429 adds at least one part in this many.
const SLOWER_PARTS_MIN: u32 = 32;

#[derive(Clone, Copy, Debug)]
pub(super) struct Spacing {
    next: Timestamp,
    /// By the limit that is known; zero where none is.
    least: Duration,
    current: Duration,
    /// What it was when the last 429 came, or became by what was served.
    wary: Duration,
    heeded: Option<Timestamp>,
    served: Served,
}

/// Good answers since an instant, and how far they lay apart in the stretch before.
#[derive(Clone, Copy, Debug)]
struct Served {
    since: Timestamp,
    good: u32,
    before: Option<Duration>,
}

impl Spacing {
    /// For so many requests a second; `None` knows of no limit.
    pub(super) fn new(now: Timestamp, rate: Option<u32>) -> Self {
        let least = rate.map_or(Duration::ZERO, |rate| Duration::from_secs(1) / rate.max(1));
        let served = Served { since: now, good: 0, before: None };
        Self { next: now, least, current: least, wary: Duration::ZERO, heeded: None, served }
    }

    /// How long until the next place. Never longer than the spacing, even when the clock was set back meanwhile.
    pub(super) fn wait(&self, now: Timestamp) -> Duration {
        let until = Duration::try_from(now.duration_until(self.next)).unwrap_or(Duration::ZERO);
        until.min(self.current)
    }

    pub(super) fn take(&mut self, now: Timestamp) {
        self.next = later(now, self.current);
    }

    /// A 429 came: the spacing of what was served becomes ours, within reason.
    pub(super) fn slow_down(&mut self, now: Timestamp) {
        if self.heeded.is_some_and(|heeded| now < later(heeded, MEASURED)) {
            return;
        }
        let served = self.served.spacing(now);
        let slowed = if self.current.is_zero() {
            served.unwrap_or(SPACING_FIRST_MAX).min(SPACING_FIRST_MAX)
        } else {
            let doubled = self.current * 2;
            served.unwrap_or(doubled).clamp(self.current + self.current / SLOWER_PARTS_MIN, doubled)
        };
        let before = std::mem::replace(&mut self.current, slowed.min(SPACING_MAX));
        self.wary = if served.is_some() { self.current } else { before };
        self.heeded = Some(now);
        self.served = Served { since: now, good: 0, before: None };
    }

    /// A good answer came.
    pub(super) fn speed_up(&mut self, now: Timestamp) {
        self.served.count(now);
        let is_near = self.current.abs_diff(self.wary) <= self.wary / NEAR_PARTS;
        let parts = if is_near { RECOVERY_PARTS_NEAR } else { RECOVERY_PARTS };
        self.current = self.current.saturating_sub(self.current / parts).max(self.least);
    }
}

impl Served {
    fn count(&mut self, now: Timestamp) {
        if now >= later(self.since, MEASURED) {
            *self = Self { since: now, good: 0, before: self.spacing(now) };
        }
        self.good = self.good.saturating_add(1);
    }

    /// How far good answers lie apart; `None` where too short a time was measured, or there were none.
    fn spacing(&self, now: Timestamp) -> Option<Duration> {
        let elapsed = Duration::try_from(self.since.duration_until(now)).unwrap_or(Duration::ZERO);
        let own = (elapsed >= MEASURED / 2 && self.good > 0).then(|| elapsed / self.good.max(1));
        own.or(self.before)
    }
}

pub(super) fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}
