//! How fast we ask: evenly spaced per account and per endpoint of an account, slower after a 429, slowly faster again.
//!
//! Stripe allows 25 requests a second for each endpoint and 100 for a live account (25 in a sandbox), and asks clients to
//! stay below. Nothing here reads a clock: the caller says what time it is and waits as long as it is told to.

use std::collections::HashMap;

use jiff::Timestamp;
use std::time::Duration;

/// A slowed endpoint is never asked less often than this.
const SPACING_MAX: Duration = Duration::from_secs(2);

/// After a 429 every success takes one part in this many off the spacing: about 35 successes to double the rate again.
const RECOVERY_PARTS: u32 = 50;

/// Requests a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of one endpoint of one account.
    pub endpoint: u32,
    /// Of one account.
    pub account: u32,
}

impl Rates {
    /// For a live account: four fifths of Stripe's limit for an endpoint, three fifths of the account's, which others share.
    pub const LIVE: Self = Self { endpoint: 20, account: 60 };
    /// For test mode and sandboxes, where an account has 25 a second in all.
    pub const TEST: Self = Self { endpoint: 15, account: 20 };
}

/// Spaces requests out. Without rates it lets everything pass: a simulator on this machine needs no sparing.
#[derive(Debug)]
pub struct Limiter {
    rates: Option<Rates>,
    buckets: HashMap<Bucket, Spacing>,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Bucket {
    Account(String),
    Endpoint(String, String),
}

#[derive(Clone, Copy, Debug)]
struct Spacing {
    next: Timestamp,
    least: Duration,
    current: Duration,
}

impl Limiter {
    /// A limiter for these rates; `None` limits nothing.
    #[must_use]
    pub fn new(rates: Option<Rates>) -> Self {
        Self { rates, buckets: HashMap::new() }
    }

    /// Takes a place at `now`.
    ///
    /// # Errors
    /// How long to wait before asking again.
    pub fn take(&mut self, now: Timestamp, account: &str, endpoint: &str) -> Result<(), Duration> {
        let Some(rates) = self.rates else { return Ok(()) };
        let keys = Self::keys(account, endpoint);
        for (key, rate) in keys.iter().zip([rates.account, rates.endpoint]) {
            let least = Duration::from_secs(1) / rate.max(1);
            self.buckets.entry(key.clone()).or_insert(Spacing { next: now, least, current: least });
        }
        let wait = keys.iter().filter_map(|key| self.buckets.get(key)).map(|spacing| spacing.wait(now)).max();
        match wait {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                self.spacings(&keys, |spacing| spacing.next = later(now, spacing.current));
                Ok(())
            }
        }
    }

    /// A 429 came: halves the rate of the endpoint, or of the whole account where `reason` begins with `global`.
    pub fn slow_down(&mut self, account: &str, endpoint: &str, reason: Option<&str>) {
        let [whole, one] = Self::keys(account, endpoint);
        let key = if reason.is_some_and(|reason| reason.starts_with("global")) { whole } else { one };
        self.spacings(&[key], |spacing| spacing.current = (spacing.current * 2).min(SPACING_MAX));
    }

    /// A good answer came: a slowed rate recovers a little.
    pub fn speed_up(&mut self, account: &str, endpoint: &str) {
        self.spacings(&Self::keys(account, endpoint), |spacing| {
            let faster = spacing.current.saturating_sub(spacing.current / RECOVERY_PARTS);
            spacing.current = faster.max(spacing.least);
        });
    }

    fn keys(account: &str, endpoint: &str) -> [Bucket; 2] {
        [Bucket::Account(account.to_owned()), Bucket::Endpoint(account.to_owned(), endpoint.to_owned())]
    }

    fn spacings(&mut self, keys: &[Bucket], change: impl Fn(&mut Spacing)) {
        for key in keys {
            self.buckets.entry(key.clone()).and_modify(&change);
        }
    }
}

impl Spacing {
    /// How long until the next place. Never longer than the spacing, even when the clock was set back meanwhile.
    fn wait(&self, now: Timestamp) -> Duration {
        let until = Duration::try_from(now.duration_until(self.next)).unwrap_or(Duration::ZERO);
        until.min(self.current)
    }
}

fn later(now: Timestamp, by: Duration) -> Timestamp {
    now.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    proptest! {
        #[test]
        fn no_second_holds_more_than_the_rate(steps in prop::collection::vec((0_i64..40, 0_usize..3), 1..400)) {
            let mut limiter = Limiter::new(Some(Rates::LIVE));
            let (mut now, mut taken) = (0, Vec::new());
            for (step, endpoint) in steps {
                now += step;
                if limiter.take(at(now), "acct", ["a", "b", "c"][endpoint]).is_ok() {
                    taken.push((now, endpoint));
                }
            }
            for &(start, endpoint) in &taken {
                let within = |&&(when, _): &&(i64, usize)| (start..start + 1_000).contains(&when);
                prop_assert!(taken.iter().filter(within).count() <= 61);
                prop_assert!(taken.iter().filter(within).filter(|(_, other)| *other == endpoint).count() <= 20);
            }
        }

        #[test]
        fn waiting_as_told_gets_a_place(slowed in 0_u32..9, now in 0_i64..10_000) {
            let mut limiter = Limiter::new(Some(Rates::TEST));
            limiter.take(at(now), "acct", "a").unwrap();
            for _ in 0..slowed {
                limiter.slow_down("acct", "a", None);
            }
            let wait = limiter.take(at(now), "acct", "a").unwrap_err();
            prop_assert!(limiter.take(later(at(now), wait), "acct", "a").is_ok());
        }
    }

    #[test]
    fn a_429_halves_the_rate_and_successes_restore_it() {
        let mut limiter = Limiter::new(Some(Rates::LIVE));
        limiter.take(at(0), "acct", "a").unwrap();
        limiter.slow_down("acct", "a", Some("endpoint-rate"));
        limiter.take(at(1_000), "acct", "a").unwrap();
        assert_eq!(limiter.take(at(1_000), "acct", "a"), Err(Duration::from_millis(100)));
        assert_eq!(limiter.take(at(1_017), "acct", "b"), Ok(()), "another endpoint is not slowed");
        (0..100).for_each(|_| limiter.speed_up("acct", "a"));
        limiter.take(at(2_000), "acct", "a").unwrap();
        assert_eq!(limiter.take(at(2_000), "acct", "a"), Err(Duration::from_millis(50)));
    }

    #[test]
    fn a_clock_set_back_does_not_stop_us() {
        let mut limiter = Limiter::new(Some(Rates::LIVE));
        limiter.take(at(3_600_000), "acct", "a").unwrap();
        assert!(limiter.take(at(0), "acct", "a").unwrap_err() <= Duration::from_millis(50));
    }

    #[test]
    fn without_rates_everything_passes() {
        let mut limiter = Limiter::new(None);
        assert!((0..1_000).all(|_| limiter.take(at(0), "acct", "a").is_ok()));
    }
}
