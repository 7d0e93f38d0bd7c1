//! Asks Stripe: at a polite rate, again where that helps, and reads the answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use facts::Mode;
use jiff::Timestamp;

use crate::error::{Place, StripeError, message, refusal};
use crate::key::ApiKey;
use crate::limiter::{Limiter, Rates, SHARE_PERCENT_DEFAULT};
use crate::origin::ApiBase;
use crate::outside::{Outside, Response, TransportError};
use crate::request::{Call, Request};
use crate::retry::{Tries, Verdict, judge, may_try_again};
use crate::window::Windows;

/// How many single objects and short lists should be read side by side.
pub const CONCURRENCY: usize = 8;

/// How many requests should be on their way at once, at most, of all accounts; Stripe also limits concurrency. At its limit
/// of requests, and a quarter of a second for an answer, a live account fills twenty places.
pub const PLACES: usize = 32;

/// A good answer, its body still to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The body's bytes.
    pub body: Vec<u8>,
    /// Stripe's id of the request.
    pub request_id: Option<String>,
    /// When it had arrived whole.
    pub fetched_at: Timestamp,
}

/// One key at one address.
pub struct Client<O> {
    outside: O,
    base: Arc<ApiBase>,
    key: Arc<ApiKey>,
    limiter: Mutex<Limiter>,
    windows: Mutex<Windows>,
    requests: AtomicU64,
}

/// Why one try failed, and whether it is worth another.
enum Failed {
    Again { why: String, connected: bool, retry_after: Option<String>, request_id: Option<String> },
    Finally(StripeError),
}

impl<O: Outside> Client<O> {
    /// A client that asks at `share_percent` of Stripe's limits, or at the usual share. Where nobody says how much, a server on
    /// this machine is asked as fast as it answers, until it says that this is too fast.
    pub fn new(outside: O, base: ApiBase, key: ApiKey, share_percent: Option<u32>) -> Self {
        let limits = match key.mode() {
            Mode::Live => Rates::LIVE,
            Mode::Test => Rates::TEST,
        };
        let unknown = base.is_loopback() && share_percent.is_none();
        let rates = (!unknown).then(|| limits.share(share_percent.unwrap_or(SHARE_PERCENT_DEFAULT)));
        Self::with_rates(outside, base, key, rates)
    }

    /// A client with rates of the caller's; `None` knows of no limit.
    pub fn with_rates(outside: O, base: ApiBase, key: ApiKey, rates: Option<Rates>) -> Self {
        Self {
            outside,
            base: Arc::new(base),
            key: Arc::new(key),
            limiter: Mutex::new(Limiter::new(rates)),
            windows: Mutex::default(),
            requests: AtomicU64::new(0),
        }
    }

    /// The key, which shows no secret.
    pub fn key(&self) -> &ApiKey {
        &self.key
    }

    /// How many requests were sent so far, failed ones included.
    pub fn requests(&self) -> u64 {
        self.requests.load(Ordering::Relaxed)
    }

    /// How many requests of this call's endpoint and account may be on their way at once, by what the last ones showed.
    pub fn at_once(&self, call: &Call) -> usize {
        let at_once = self.windows().at_once(account(call), &call.endpoint());
        usize::try_from(at_once).unwrap_or(1)
    }

    /// Asks until an answer can be read. `read` says what is wrong with a body that is not whole or not what it should be;
    /// such an answer is asked for again.
    ///
    /// # Errors
    /// [`StripeError`], once nothing more can be tried.
    pub async fn get<T>(&self, call: &Call, read: impl Fn(Answer) -> Result<T, String> + Send) -> Result<T, StripeError> {
        let mut tries = Tries::default();
        loop {
            let failed = match self.attempt(call, &read).await {
                Ok(value) => return Ok(value),
                Err(failed) => failed,
            };
            let (why, connected, retry_after, request_id) = match failed {
                Failed::Finally(error) => return Err(error),
                Failed::Again { why, connected, retry_after, request_id } => (why, connected, retry_after, request_id),
            };
            tries.count(connected);
            let Some(delay) = tries.delay(self.outside.random(), retry_after.as_deref()) else {
                let place = Place::new(call, request_id.as_deref());
                return Err(StripeError::Upstream { place, tries: tries.made(), last: why });
            };
            self.outside.sleep(delay).await;
        }
    }

    async fn attempt<T>(&self, call: &Call, read: &(impl Fn(Answer) -> Result<T, String> + Send)) -> Result<T, Failed> {
        let waited = self.wait_for_a_place(call).await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = Request::new(call.clone(), Arc::clone(&self.base), Arc::clone(&self.key));
        let sent = self.outside.now();
        let response = self.outside.get(&request).await.map_err(|error| not_whole(call, &error))?;
        match judge(&response) {
            Verdict::Good => {
                self.note_good(call, sent, waited);
                self.read(response, read)
            }
            Verdict::Again => Err(self.turned_away(call, response)),
            Verdict::Final => Err(Failed::Finally(refusal(call, &response))),
        }
    }

    fn note_good(&self, call: &Call, sent: Timestamp, waited: bool) {
        let (now, account, endpoint) = (self.outside.now(), account(call), call.endpoint());
        let took = Duration::try_from(sent.duration_until(now)).unwrap_or(Duration::ZERO);
        self.limiter().speed_up(now, account, &endpoint);
        self.windows().answered(account, &endpoint, took, waited);
    }

    fn read<T>(&self, response: Response, read: impl Fn(Answer) -> Result<T, String>) -> Result<T, Failed> {
        let Response { body, request_id, .. } = response;
        let answer = Answer { body, request_id: request_id.clone(), fetched_at: self.outside.now() };
        read(answer).map_err(|why| Failed::Again { why, connected: true, retry_after: None, request_id })
    }

    fn turned_away(&self, call: &Call, response: Response) -> Failed {
        if response.status == 429 {
            self.note_limited(call, response.limited_reason.as_deref());
        }
        let why = format!("status {}: {}", response.status, message(&response));
        Failed::Again { why, connected: true, retry_after: response.retry_after, request_id: response.request_id }
    }

    fn note_limited(&self, call: &Call, reason: Option<&str>) {
        let (account, endpoint) = (account(call), call.endpoint());
        match reason.and_then(|reason| reason.strip_suffix("-concurrency")) {
            Some(scope) => self.windows().refused(account, &endpoint, scope == "global"),
            None => self.limiter().slow_down(self.outside.now(), account, &endpoint, reason),
        }
    }

    /// Waits for the rate; says whether it had to.
    async fn wait_for_a_place(&self, call: &Call) -> bool {
        let mut waited = false;
        loop {
            let taken = self.limiter().take(self.outside.now(), account(call), &call.endpoint());
            match taken {
                Ok(()) => return waited,
                Err(wait) => self.outside.sleep(wait).await,
            }
            waited = true;
        }
    }

    fn limiter(&self) -> std::sync::MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn windows(&self) -> std::sync::MutexGuard<'_, Windows> {
        self.windows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whose limit a call counts against.
fn account(call: &Call) -> &str {
    call.account().map_or("", facts::AccountId::as_str)
}

fn not_whole(call: &Call, error: &TransportError) -> Failed {
    if may_try_again(error) {
        let connected = !matches!(error, TransportError::Connect(_));
        return Failed::Again { why: error.to_string(), connected, retry_after: None, request_id: None };
    }
    let (place, why) = (Place::new(call, None), error.to_string());
    Failed::Finally(match error {
        TransportError::TooLarge { .. } => StripeError::BadAnswer { place, why },
        _ => StripeError::Unsendable { place, why },
    })
}

#[cfg(test)]
mod tests;
