//! How many requests an account may make: a rate for all of them, one for each endpoint, and a number at once.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

/// Stripe's own limits are 100 requests a second for an account and 25 for each endpoint.
const ENDPOINT_DIVISOR: u32 = 4;
/// How many nanoseconds of its rate a bucket holds: a second may be used up at once.
const BURST: i128 = 1_000_000_000;

/// The limits of every account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Requests a second.
    pub per_second: NonZeroU32,
    /// Those of one endpoint (method and address, ids apart); `None` is a quarter of all, but at least one.
    pub per_endpoint: Option<NonZeroU32>,
    /// Requests that are being answered at the same time. Without a latency only answers that stall take any time here.
    pub at_once: NonZeroU32,
}

/// Which limit was reached: what Stripe says in `Stripe-Rate-Limited-Reason`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reached {
    GlobalRate,
    EndpointRate,
    GlobalConcurrency,
}

/// Counts requests against the limits.
pub(super) struct Limiter {
    limits: Option<Limits>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// By account, and by account and endpoint: until when the bucket's tokens are spent, in nanoseconds since the epoch.
    spent_until: HashMap<String, i128>,
    /// By account.
    in_flight: HashMap<String, u32>,
}

/// A request that is being answered; dropped when it is done.
pub(super) struct Flight<'a> {
    limiter: &'a Limiter,
    account: String,
}

impl Reached {
    /// Stripe's word.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::GlobalRate => "global-rate",
            Self::EndpointRate => "endpoint-rate",
            Self::GlobalConcurrency => "global-concurrency",
        }
    }
}

impl Limiter {
    /// No request was made yet; without limits all of them pass.
    pub(super) fn new(limits: Option<Limits>) -> Self {
        Self { limits, state: Mutex::default() }
    }

    /// Counts a request of `account`; a refused one costs nothing.
    ///
    /// # Errors
    /// The limit that it ran into.
    pub(super) fn enter(&self, account: &str, endpoint: &str, now: Timestamp) -> Result<Flight<'_>, Reached> {
        if let Some(limits) = self.limits {
            self.state().count(limits, account, endpoint, now.as_nanosecond())?;
        }
        Ok(Flight { limiter: self, account: account.to_owned() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn count(&mut self, limits: Limits, account: &str, endpoint: &str, now: i128) -> Result<(), Reached> {
        let in_flight = self.in_flight.get(account).copied().unwrap_or_default();
        if in_flight >= limits.at_once.get() {
            return Err(Reached::GlobalConcurrency);
        }
        let endpoint = format!("{account} {endpoint}");
        let quarter = (limits.per_second.get() / ENDPOINT_DIVISOR).max(1);
        let endpoint_rate = limits.per_endpoint.map_or(quarter, NonZeroU32::get);
        let global = self.spend(account, limits.per_second.get(), now).ok_or(Reached::GlobalRate)?;
        let own = self.spend(&endpoint, endpoint_rate, now).ok_or(Reached::EndpointRate)?;
        self.spent_until.insert(account.to_owned(), global);
        self.spent_until.insert(endpoint, own);
        self.in_flight.insert(account.to_owned(), in_flight + 1);
        Ok(())
    }

    /// Until when the bucket is spent after one more request; `None` when it is empty.
    fn spend(&self, bucket: &str, per_second: u32, now: i128) -> Option<i128> {
        let spent_until = self.spent_until.get(bucket).map_or(now, |until| (*until).max(now)) + BURST / i128::from(per_second);
        (spent_until - now <= BURST).then_some(spent_until)
    }
}

impl Drop for Flight<'_> {
    fn drop(&mut self) {
        if let Some(in_flight) = self.limiter.state().in_flight.get_mut(&self.account) {
            *in_flight = in_flight.saturating_sub(1);
        }
    }
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;

    use super::*;

    fn limiter(per_second: u32, at_once: u32) -> Limiter {
        let number = |number| NonZeroU32::new(number).unwrap();
        Limiter::new(Some(Limits { per_second: number(per_second), per_endpoint: None, at_once: number(at_once) }))
    }

    fn at(millis: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_millis(millis)
    }

    /// How many of so many requests pass at one instant, each to an endpoint of its own, and what stops the first other.
    fn pass(limiter: &Limiter, endpoints: usize, requests: usize, now: Timestamp) -> (usize, Option<Reached>) {
        let asked = (0..requests).map(|number| limiter.enter("acct", &format!("/{}", number % endpoints), now).err());
        let refusals: Vec<Option<Reached>> = asked.collect();
        (refusals.iter().filter(|refusal| refusal.is_none()).count(), refusals.iter().flatten().next().copied())
    }

    #[test]
    fn a_second_of_requests_may_come_at_once_and_then_the_rate_holds() {
        let limiter = limiter(100, 1_000);
        assert_eq!(pass(&limiter, 10, 150, at(0)), (100, Some(Reached::GlobalRate)));
        assert_eq!(pass(&limiter, 10, 10, at(9)).0, 0);
        assert_eq!(pass(&limiter, 10, 10, at(10)).0, 1);
        assert_eq!(pass(&limiter, 10, 100, at(510)).0, 50);
        assert_eq!(pass(&limiter, 10, 150, at(10_000)).0, 100, "unused seconds do not add up");
    }

    #[test]
    fn an_endpoint_has_a_quarter_of_the_account() {
        let limiter = limiter(100, 1_000);
        assert_eq!(pass(&limiter, 1, 40, at(0)), (25, Some(Reached::EndpointRate)));
        assert_eq!(pass(&limiter, 1, 40, at(40)).0, 1);
        assert!(limiter.enter("acct", "/other", at(40)).is_ok());
        assert!(limiter.enter("acct_other", "/0", at(40)).is_ok());
        assert_eq!(pass(&self::limiter(3, 9), 1, 5, at(0)).0, 1, "at least one");
    }

    #[test]
    fn an_endpoint_may_have_all_of_it() {
        let number = |number| NonZeroU32::new(number).unwrap();
        let limits = Limits { per_second: number(100), per_endpoint: Some(number(100)), at_once: number(1_000) };
        assert_eq!(pass(&Limiter::new(Some(limits)), 1, 150, at(0)), (100, Some(Reached::GlobalRate)));
    }

    #[test]
    fn a_refused_request_costs_nothing() {
        let limiter = limiter(100, 1_000);
        assert_eq!(pass(&limiter, 1, 500, at(0)).0, 25);
        let others = (0..100).filter(|number| limiter.enter("acct", &format!("/other{number}"), at(0)).is_ok()).count();
        assert_eq!(others, 75);
    }

    #[test]
    fn so_many_are_answered_at_once() {
        let limiter = limiter(100, 2);
        let first = limiter.enter("acct", "/a", at(0)).ok();
        let _second = limiter.enter("acct", "/b", at(0)).ok();
        assert_eq!(limiter.enter("acct", "/c", at(0)).err(), Some(Reached::GlobalConcurrency));
        assert!(limiter.enter("acct_other", "/c", at(0)).is_ok());
        drop(first);
        assert!(limiter.enter("acct", "/c", at(0)).is_ok());
    }

    #[test]
    fn a_clock_that_goes_back_refuses_only_what_was_spent() {
        let limiter = limiter(4, 9);
        assert_eq!(pass(&limiter, 4, 8, at(5_000)).0, 4);
        assert_eq!(pass(&limiter, 4, 8, at(0)).0, 0);
        assert_eq!(pass(&limiter, 4, 8, at(6_000)).0, 4);
    }

    #[test]
    fn without_limits_everything_passes() {
        assert_eq!(pass(&Limiter::new(None), 1, 1_000, at(0)), (1_000, None));
    }
}
