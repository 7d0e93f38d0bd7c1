//! How fast we ask: evenly spaced per account and per endpoint of an account, slower after a 429, slowly faster again.
//!
//! Stripe allows 25 requests a second for each endpoint and 100 for a live account (25 in a sandbox); others who read the same
//! account are left a part of that, by default a fifth. Nothing here reads a clock: the caller says what time it is and waits as long as it is
//! told to.

mod spacing;

use std::collections::HashMap;
use std::time::Duration;

use jiff::Timestamp;

use self::spacing::Spacing;

/// How much of Stripe's limits is used where nobody says: others who read the same account are left a fifth.
pub const SHARE_PERCENT_DEFAULT: u32 = 80;

/// Requests a second.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rates {
    /// Of one endpoint of one account.
    pub endpoint: u32,
    /// Of one account.
    pub account: u32,
}

impl Rates {
    /// Stripe's limits for a live account.
    pub const LIVE: Self = Self { endpoint: 25, account: 100 };
    /// Those for test mode and sandboxes, where an account has 25 a second in all.
    pub const TEST: Self = Self { endpoint: 25, account: 25 };

    /// So many hundredths of them, and never less than one request a second.
    #[must_use]
    pub fn share(self, percent: u32) -> Self {
        let part = |rate: u32| (rate.saturating_mul(percent) / 100).max(1);
        Self { endpoint: part(self.endpoint), account: part(self.account) }
    }
}

/// Spaces requests out. Without rates it lets everything pass until a 429 shows that there is a limit.
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

impl Limiter {
    /// A limiter for these rates; `None` knows of no limit.
    #[must_use]
    pub fn new(rates: Option<Rates>) -> Self {
        Self { rates, buckets: HashMap::new() }
    }

    /// Takes a place at `now`.
    ///
    /// # Errors
    /// How long to wait before asking again.
    pub fn take(&mut self, now: Timestamp, account: &str, endpoint: &str) -> Result<(), Duration> {
        let keys = Self::keys(account, endpoint);
        let rates = self.rates.map_or([None, None], |rates| [Some(rates.account), Some(rates.endpoint)]);
        for (key, rate) in keys.iter().zip(rates) {
            self.buckets.entry(key.clone()).or_insert_with(|| Spacing::new(now, rate));
        }
        let wait = keys.iter().filter_map(|key| self.buckets.get(key)).map(|spacing| spacing.wait(now)).max();
        match wait {
            Some(wait) if !wait.is_zero() => Err(wait),
            _ => {
                self.spacings(&keys, |spacing| spacing.take(now));
                Ok(())
            }
        }
    }

    /// A 429 came: slows the endpoint down, or the whole account where `reason` begins with `global`.
    pub fn slow_down(&mut self, now: Timestamp, account: &str, endpoint: &str, reason: Option<&str>) {
        let [whole, one] = Self::keys(account, endpoint);
        let key = if reason.is_some_and(|reason| reason.starts_with("global")) { whole } else { one };
        self.spacings(&[key], |spacing| spacing.slow_down(now));
    }

    /// A good answer came: a slowed rate recovers a little.
    pub fn speed_up(&mut self, now: Timestamp, account: &str, endpoint: &str) {
        self.spacings(&Self::keys(account, endpoint), |spacing| spacing.speed_up(now));
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

#[cfg(test)]
mod tests;
