//! Asks Stripe: at a polite rate, again where that helps, and reads the answer.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use facts::Mode;
use jiff::Timestamp;

use crate::error::{Place, StripeError, message, refusal};
use crate::key::ApiKey;
use crate::limiter::{Limiter, Rates};
use crate::origin::ApiBase;
use crate::outside::{Outside, Response, TransportError};
use crate::request::{Call, Request};
use crate::retry::{Tries, Verdict, judge, may_try_again};

/// How many requests should be on their way at once, at most; Stripe also limits concurrency.
pub const CONCURRENCY: usize = 8;

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
    requests: AtomicU64,
}

/// Why one try failed, and whether it is worth another.
enum Failed {
    Again { why: String, connected: bool, retry_after: Option<String>, request_id: Option<String> },
    Finally(StripeError),
}

impl<O: Outside> Client<O> {
    /// A client that asks as fast as Stripe likes it; a server on this machine is asked as fast as it answers.
    pub fn new(outside: O, base: ApiBase, key: ApiKey) -> Self {
        let rates = match key.mode() {
            _ if base.is_loopback() => None,
            Mode::Live => Some(Rates::LIVE),
            Mode::Test => Some(Rates::TEST),
        };
        Self::with_rates(outside, base, key, rates)
    }

    /// A client with rates of the caller's; `None` limits nothing.
    pub fn with_rates(outside: O, base: ApiBase, key: ApiKey, rates: Option<Rates>) -> Self {
        Self {
            outside,
            base: Arc::new(base),
            key: Arc::new(key),
            limiter: Mutex::new(Limiter::new(rates)),
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
        self.wait_for_a_place(call).await;
        self.requests.fetch_add(1, Ordering::Relaxed);
        let request = Request::new(call.clone(), Arc::clone(&self.base), Arc::clone(&self.key));
        let response = self.outside.get(&request).await.map_err(|error| not_whole(call, &error))?;
        match judge(&response) {
            Verdict::Good => self.read(call, response, read),
            Verdict::Again => Err(self.turned_away(call, response)),
            Verdict::Final => Err(Failed::Finally(refusal(call, &response))),
        }
    }

    fn read<T>(&self, call: &Call, response: Response, read: impl Fn(Answer) -> Result<T, String>) -> Result<T, Failed> {
        let Response { body, request_id, .. } = response;
        let answer = Answer { body, request_id: request_id.clone(), fetched_at: self.outside.now() };
        let value = read(answer).map_err(|why| Failed::Again { why, connected: true, retry_after: None, request_id })?;
        self.limiter().speed_up(account(call), &call.endpoint());
        Ok(value)
    }

    fn turned_away(&self, call: &Call, response: Response) -> Failed {
        if response.status == 429 {
            self.limiter().slow_down(account(call), &call.endpoint(), response.limited_reason.as_deref());
        }
        let why = format!("status {}: {}", response.status, message(&response));
        Failed::Again { why, connected: true, retry_after: response.retry_after, request_id: response.request_id }
    }

    async fn wait_for_a_place(&self, call: &Call) {
        loop {
            let taken = self.limiter().take(self.outside.now(), account(call), &call.endpoint());
            match taken {
                Ok(()) => return,
                Err(wait) => self.outside.sleep(wait).await,
            }
        }
    }

    fn limiter(&self) -> std::sync::MutexGuard<'_, Limiter> {
        self.limiter.lock().unwrap_or_else(PoisonError::into_inner)
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
