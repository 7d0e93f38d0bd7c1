//! What goes wrong at the edges of this process, where no row of the database tells of it: a delivery that is refused, a try that Stripe
//! does not answer. One call counts it, logs it and keeps it for the pages, so that the three never say different things.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use jiff::Timestamp;
use stripe::{Response, TransportError};

use super::Outside;

/// What is kept of a sentence: others have written parts of it.
const TOLD_MAX: usize = 400;

/// A kind of what goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mishap {
    /// A delivery that is not signed by Stripe for this endpoint.
    DeliveryForged,
    /// A delivery whose true signature is of another time: sent once more by somebody, or a clock is off.
    DeliveryStale,
    /// A delivery that is signed and no event, or whose body is too large or does not come.
    DeliveryUnreadable,
    /// A delivery that came while no secret is set.
    DeliveryUnexpected,
    /// Deliveries that the database did not take.
    DeliveryUnkept,
    /// A call of the API by somebody who does not bear the secret.
    BearerRefused,
    /// Settings that could not be read again.
    SettingsUnread,
    /// Stripe answered that there were too many requests.
    StripeLimited,
    /// Stripe answered that it cannot, or that it is away.
    StripeBroken,
    /// Stripe does not take the key, or not for this.
    StripeRefused,
    /// No whole answer of Stripe came.
    StripeUnanswered,
    /// A run whose process ended or stood still was taken back.
    RunLost,
    /// Schedules had been settled by a clock that was ahead.
    ClockAhead,
    /// Nothing that is scheduled could be run.
    SchedulerStuck,
    /// A heartbeat was not taken.
    WatchmanAway,
    /// A mail was not taken for one of its recipients, and for others it was.
    RecipientRefused,
}

impl Mishap {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::DeliveryForged,
        Self::DeliveryStale,
        Self::DeliveryUnreadable,
        Self::DeliveryUnexpected,
        Self::DeliveryUnkept,
        Self::BearerRefused,
        Self::SettingsUnread,
        Self::StripeLimited,
        Self::StripeBroken,
        Self::StripeRefused,
        Self::StripeUnanswered,
        Self::RunLost,
        Self::ClockAhead,
        Self::SchedulerStuck,
        Self::WatchmanAway,
        Self::RecipientRefused,
    ];

    /// The word in metrics.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeliveryForged => "delivery_forged",
            Self::DeliveryStale => "delivery_stale",
            Self::DeliveryUnreadable => "delivery_unreadable",
            Self::DeliveryUnexpected => "delivery_unexpected",
            Self::DeliveryUnkept => "delivery_unkept",
            Self::BearerRefused => "bearer_refused",
            Self::SettingsUnread => "settings_unread",
            Self::StripeLimited => "stripe_limited",
            Self::StripeBroken => "stripe_broken",
            Self::StripeRefused => "stripe_refused",
            Self::StripeUnanswered => "stripe_unanswered",
            Self::RunLost => "run_lost",
            Self::ClockAhead => "clock_ahead",
            Self::SchedulerStuck => "scheduler_stuck",
            Self::WatchmanAway => "watchman_away",
            Self::RecipientRefused => "recipient_refused",
        }
    }

    /// What people read.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::DeliveryForged => "Forged deliveries refused",
            Self::DeliveryStale => "Deliveries signed at another time refused",
            Self::DeliveryUnreadable => "Unreadable deliveries refused",
            Self::DeliveryUnexpected => "Deliveries refused for want of a secret",
            Self::DeliveryUnkept => "Deliveries that could not be kept",
            Self::BearerRefused => "Calls without the bearer refused",
            Self::SettingsUnread => "Settings that could not be read again",
            Self::StripeLimited => "Requests that Stripe found too many",
            Self::StripeBroken => "Requests that Stripe could not answer",
            Self::StripeRefused => "Requests that Stripe refused the key",
            Self::StripeUnanswered => "Requests without a whole answer of Stripe",
            Self::RunLost => "Runs that were taken back from a process that ended or stood still",
            Self::ClockAhead => "Schedules set back after a clock was ahead",
            Self::SchedulerStuck => "Times that nothing scheduled could be run",
            Self::WatchmanAway => "Heartbeats that were not taken",
            Self::RecipientRefused => "Recipients for whom a mail was not taken that others have",
        }
    }

    /// Of a try of a request to Stripe, what went wrong at the edge and in which words; nothing where Stripe answered what was asked.
    fn of_try(answered: &Result<Response, TransportError>) -> Option<(Self, String)> {
        let kind = match answered {
            Err(error) => return Some((Self::StripeUnanswered, error.to_string())),
            Ok(Response { status: 429, .. }) => Self::StripeLimited,
            Ok(Response { status: 401 | 403, .. }) => Self::StripeRefused,
            Ok(Response { status: 500.., .. }) => Self::StripeBroken,
            Ok(_) => return None,
        };
        let Ok(Response { status, request_id, .. }) = answered else { return None };
        let id = request_id.as_ref().map(|id| format!(", request {id}")).unwrap_or_default();
        Some((kind, format!("status {status}{id}")))
    }
}

/// How often something went wrong since this process started, and how it did last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen {
    /// How often.
    pub times: u64,
    /// When last.
    pub last_at: Timestamp,
    /// What was logged then.
    pub told: String,
}

/// Of each kind that went wrong, how often and how last.
#[derive(Default)]
pub struct Mishaps(Mutex<BTreeMap<Mishap, Seen>>);

impl Mishaps {
    fn count(&self, mishap: Mishap, told: &str, now: Timestamp) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let times = all.get(&mishap).map_or(0, |seen| seen.times).saturating_add(1);
        all.insert(mishap, Seen { times, last_at: now, told: told.chars().take(TOLD_MAX).collect() });
    }
}

impl Outside {
    /// Something went wrong: it is counted, logged, and shown on the page of alerts. `told` says what, in a sentence without a secret.
    pub fn mishap(&self, mishap: Mishap, told: &str) {
        match mishap {
            Mishap::DeliveryUnkept | Mishap::SettingsUnread => tracing::error!("{told}"),
            // Most of these are cured by the next try, and what is not ends in words of its own.
            Mishap::StripeLimited | Mishap::StripeBroken | Mishap::StripeRefused | Mishap::StripeUnanswered => {
                tracing::info!("{told}");
            }
            _ => tracing::warn!("{told}"),
        }
        self.mishaps.count(mishap, told, self.now());
    }

    /// What went wrong since this process started.
    #[must_use]
    pub fn mishaps(&self) -> BTreeMap<Mishap, Seen> {
        self.mishaps.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Minds how a try of a request to Stripe ended.
    pub(super) fn mind_try(&self, request: &stripe::Request, answered: &Result<Response, TransportError>) {
        if let Some((mishap, why)) = Mishap::of_try(answered) {
            self.mishap(mishap, &format!("Stripe did not answer {}: {why}", request.call().path()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_kind_has_a_word_and_words_of_its_own() {
        let words: BTreeSet<_> = Mishap::ALL.iter().map(|mishap| (mishap.as_str(), mishap.words())).collect();
        assert_eq!(words.len(), Mishap::ALL.len());
    }

    #[test]
    fn a_mishap_is_counted_and_the_last_one_is_kept_cut() {
        let outside = Outside::real().unwrap();
        assert!(outside.mishaps().is_empty());
        outside.mishap(Mishap::DeliveryForged, "first");
        outside.clone().mishap(Mishap::DeliveryForged, &"x".repeat(TOLD_MAX + 1));
        let seen = outside.mishaps();
        assert_eq!(seen.keys().collect::<Vec<_>>(), [&Mishap::DeliveryForged]);
        let last = &seen[&Mishap::DeliveryForged];
        assert_eq!((last.times, last.told.len()), (2, TOLD_MAX));
    }

    #[test]
    fn what_stripe_answers_in_order_is_no_mishap_and_what_breaks_off_is_one() {
        let answer = |status| Mishap::of_try(&Ok(Response { status, ..Response::default() })).map(|(mishap, _)| mishap);
        assert_eq!([200, 400, 404].map(answer), [None; 3]);
        let told = [429, 401, 403, 500, 503].map(answer);
        let (limited, refused, broken) = (Mishap::StripeLimited, Mishap::StripeRefused, Mishap::StripeBroken);
        assert_eq!(told, [Some(limited), Some(refused), Some(refused), Some(broken), Some(broken)]);
        let broken_off = Err(TransportError::Interrupted("reset".to_owned()));
        let why = "the connection broke off: reset".to_owned();
        assert_eq!(Mishap::of_try(&broken_off), Some((Mishap::StripeUnanswered, why)));
    }
}
