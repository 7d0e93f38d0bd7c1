//! When to ask again, and how long to wait before.
//!
//! The policy of Stripe's own clients (connection errors, 409, 5xx; exponential from half a second with jitter), more
//! patient because a sync has nobody waiting at a checkout, and with 429 as well, which the limiter makes rare.

use std::time::Duration;

use crate::outside::{Response, TransportError};

/// How often a call is tried. With three answers in ten bad, one call in two million fails; with Stripe down, all of it
/// takes about three quarters of a minute.
pub const TRIES_MAX: u32 = 12;

/// How often a call is tried when no connection could be made at all: without a network, say so within seconds.
pub const TRIES_CONNECT_MAX: u32 = 5;

/// The wait before the second try, before jitter.
const FIRST_DELAY: Duration = Duration::from_millis(500);

/// No wait of ours is longer, before jitter.
const DELAY_MAX: Duration = Duration::from_secs(8);

/// A `Retry-After` beyond this is not waited for; the policy's own delay is.
const RETRY_AFTER_MAX: Duration = Duration::from_secs(60);

/// What came of one try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// A good status; the body is still to be read.
    Good,
    /// Worth asking again.
    Again,
    /// Asking again would be answered the same.
    Final,
}

/// What an answer's status and headers say.
pub(crate) fn judge(response: &Response) -> Verdict {
    if (200..300).contains(&response.status) {
        return Verdict::Good;
    }
    match (response.should_retry.as_deref().map(str::trim), response.status) {
        (Some("true"), _) => Verdict::Again,
        (Some("false"), _) => Verdict::Final,
        (_, 409 | 429 | 500..) => Verdict::Again,
        _ => Verdict::Final,
    }
}

/// Whether a failed transport is worth another try.
pub(crate) const fn may_try_again(error: &TransportError) -> bool {
    match error {
        TransportError::Connect(_) | TransportError::Interrupted(_) => true,
        TransportError::TooLarge { .. } | TransportError::Refused(_) => false,
    }
}

/// The tries of one call.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Tries {
    made: u32,
    connected: bool,
}

impl Tries {
    /// One more try was made; `connected` says whether it reached a server.
    pub(crate) const fn count(&mut self, connected: bool) {
        self.made += 1;
        self.connected |= connected;
    }

    pub(crate) const fn made(self) -> u32 {
        self.made
    }

    /// How long to wait before the next try; `None` when there is none.
    pub(crate) fn delay(self, random: u64, retry_after: Option<&str>) -> Option<Duration> {
        let most = if self.connected { TRIES_MAX } else { TRIES_CONNECT_MAX };
        if self.made >= most {
            return None;
        }
        let asked = retry_after.and_then(|text| text.trim().parse().ok()).map(Duration::from_secs);
        match asked {
            Some(asked) if asked <= RETRY_AFTER_MAX => Some(asked.max(backoff(self.made, random))),
            _ => Some(backoff(self.made, random)),
        }
    }
}

/// The delay after `made` tries: doubled each time, capped, then 50 to 100 % of it, so that clients that failed together
/// do not come back together.
fn backoff(made: u32, random: u64) -> Duration {
    let doubled = FIRST_DELAY.saturating_mul(2_u32.saturating_pow(made.saturating_sub(1)));
    let half = doubled.min(DELAY_MAX) / 2;
    // The top 31 bits, as a fraction of 2^31.
    let share = u32::try_from(random >> 33).unwrap_or(0);
    let jitter = half.as_nanos().saturating_mul(u128::from(share)) >> 31;
    half + Duration::from_nanos(u64::try_from(jitter).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_delay_is_half_to_whole_of_the_doubled_one(made in 1_u32..60, random: u64) {
            let whole = (500_u64 << made.saturating_sub(1).min(10)).min(8_000);
            let delay = backoff(made, random);
            prop_assert!(delay >= Duration::from_millis(whole / 2) && delay <= Duration::from_millis(whole));
        }

        #[test]
        fn the_tries_end(random: u64, connected: bool, header in prop::option::of("[0-9a-z ]{0,8}")) {
            let mut tries = Tries::default();
            while tries.made() < 100 {
                tries.count(connected);
                match tries.delay(random, header.as_deref()) {
                    Some(delay) => prop_assert!(delay <= RETRY_AFTER_MAX),
                    None => break,
                }
            }
            prop_assert_eq!(tries.made(), if connected { TRIES_MAX } else { TRIES_CONNECT_MAX });
        }
    }

    #[test]
    fn what_cannot_get_better_is_not_asked_again() {
        let status = |status| judge(&Response { status, ..Response::default() });
        for again in [409, 429, 500, 502, 503, 599] {
            assert_eq!(status(again), Verdict::Again, "{again}");
        }
        for last in [301, 400, 401, 402, 403, 404, 424] {
            assert_eq!(status(last), Verdict::Final, "{last}");
        }
        assert_eq!(status(200), Verdict::Good);
    }

    #[test]
    fn stripes_header_overrides_the_policy() {
        let with = |status, word: &str| judge(&Response { status, should_retry: Some(word.to_owned()), ..Response::default() });
        assert_eq!(with(400, "true"), Verdict::Again);
        assert_eq!(with(500, "false"), Verdict::Final);
        assert_eq!(with(500, "perhaps"), Verdict::Again);
    }

    #[test]
    fn retry_after_is_waited_for_within_reason() {
        let mut tries = Tries::default();
        tries.count(true);
        assert_eq!(tries.delay(0, Some("7")), Some(Duration::from_secs(7)));
        assert_eq!(tries.delay(0, Some("86400")), Some(Duration::from_millis(250)));
        assert_eq!(tries.delay(0, Some("Wed, 21 Oct")), Some(Duration::from_millis(250)));
    }
}
