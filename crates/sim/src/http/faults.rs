//! Planned faults: what a network and a busy Stripe do to a client now and then.
//!
//! Whether a request fails is decided by the seed, the request and how often it was made, so that a run can be repeated
//! however its requests interleave.

use std::collections::HashMap;
use std::io;
use std::str::FromStr;
use std::sync::{Mutex, PoisonError};
use std::task::Poll;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use sha2::{Digest, Sha256};

use super::answer::{Answer, Call};
use super::error::StripeError;
use super::reply;

/// The unit of a rate: a share of a million requests.
const MILLION: u32 = 1_000_000;
/// How often in a row one and the same request may fail, so that retries end.
const MAX_IN_A_ROW: u8 = 3;
/// What a rate-limited client is asked to wait, when it is told at all.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

/// How many requests end in a fault, as a share of a million.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    per_million: u32,
}

/// A rate that is none.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{given}` is not a share between 0 and 1 with up to six decimals, such as 0.1")]
pub struct FaultsError {
    given: String,
}

impl Faults {
    /// No faults at all.
    pub const NONE: Self = Self { per_million: 0 };
}

/// Reads a share such as `0.1`, exactly.
impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(given: &str) -> Result<Self, FaultsError> {
        let refusal = || FaultsError { given: given.to_owned() };
        let (whole, decimals) = given.split_once('.').unwrap_or((given, "0"));
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !digits(whole) || !digits(decimals) || decimals.len() > 6 {
            return Err(refusal());
        }
        let whole: u32 = whole.parse().map_err(|_| refusal())?;
        let decimals: u32 = format!("{decimals:0<6}").parse().map_err(|_| refusal())?;
        let per_million = whole.checked_mul(MILLION).and_then(|whole| whole.checked_add(decimals)).ok_or_else(refusal)?;
        if per_million > MILLION { Err(refusal()) } else { Ok(Self { per_million }) }
    }
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 429.
    RateLimited { retry_after: bool, reason: Option<&'static str> },
    /// A 5xx.
    Broken(StatusCode),
    /// The connection ends before an answer.
    Reset,
    /// The connection ends in the middle of the body.
    CutOff,
}

/// Every fault, each as likely as the others.
const FAULTS: [Fault; 8] = [
    Fault::RateLimited { retry_after: true, reason: None },
    Fault::RateLimited { retry_after: false, reason: None },
    Fault::RateLimited { retry_after: false, reason: Some("endpoint-rate") },
    Fault::Broken(StatusCode::INTERNAL_SERVER_ERROR),
    Fault::Broken(StatusCode::BAD_GATEWAY),
    Fault::Broken(StatusCode::SERVICE_UNAVAILABLE),
    Fault::Reset,
    Fault::CutOff,
];

/// Decides which requests fail.
pub(super) struct FaultPlan {
    faults: Faults,
    seed: u64,
    seen: Mutex<HashMap<[u8; 8], Seen>>,
}

/// What became of one request so far.
#[derive(Clone, Copy, Default)]
struct Seen {
    times: u32,
    faults_in_a_row: u8,
}

impl FaultPlan {
    /// A plan in which nothing has been asked yet.
    pub(super) fn new(faults: Faults, seed: u64) -> Self {
        Self { faults, seed, seen: Mutex::new(HashMap::new()) }
    }

    /// The fault in which this request ends, if any.
    pub(super) fn next(&self, fingerprint: &str) -> Option<Fault> {
        if self.faults == Faults::NONE {
            return None;
        }
        let name = first_eight(&Sha256::digest(fingerprint.as_bytes()));
        let mut all = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let seen = all.entry(name).or_default();
        let dice = self.dice(name, seen.times);
        seen.times = seen.times.wrapping_add(1);
        let chosen = dice % u64::from(MILLION) < u64::from(self.faults.per_million);
        if !chosen || seen.faults_in_a_row == MAX_IN_A_ROW {
            seen.faults_in_a_row = 0;
            return None;
        }
        seen.faults_in_a_row += 1;
        let kind = usize::try_from(dice / u64::from(MILLION) % (FAULTS.len() as u64)).ok()?;
        FAULTS.get(kind).copied()
    }

    fn dice(&self, name: [u8; 8], times: u32) -> u64 {
        let digest =
            Sha256::new().chain_update(self.seed.to_le_bytes()).chain_update(name).chain_update(times.to_le_bytes()).finalize();
        u64::from_le_bytes(first_eight(&digest))
    }
}

fn first_eight(digest: &[u8]) -> [u8; 8] {
    digest.first_chunk().copied().unwrap_or_default()
}

impl Fault {
    /// The answer to this request, of which `honest` says what it would have been.
    pub(super) fn respond(self, call: &Call<'_>, honest: impl FnOnce() -> Answer) -> Response {
        match self {
            Self::RateLimited { retry_after, reason } => rate_limited(call, retry_after, reason),
            Self::Broken(StatusCode::BAD_GATEWAY) => bad_gateway(call),
            Self::Broken(status) => {
                let error =
                    StripeError::api(status, "An error occurred with our connection to the simulated Stripe. Please try again.");
                refuse(call, &error)
            }
            Self::Reset => broken_body(call, Bytes::new(), None),
            Self::CutOff => {
                let answer = honest();
                let half = answer.body.len() / 2;
                let sent = Bytes::copy_from_slice(answer.body.get(..half).unwrap_or_default());
                let mut response = broken_body(call, sent, Some(answer.body.len()));
                *response.status_mut() = answer.status;
                response
            }
        }
    }
}

fn refuse(call: &Call<'_>, error: &StripeError) -> Response {
    reply::respond(call, Answer::refusal(error, call.request_id))
}

fn rate_limited(call: &Call<'_>, retry_after: bool, reason: Option<&'static str>) -> Response {
    let error = StripeError::invalid(
        StatusCode::TOO_MANY_REQUESTS,
        "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
    );
    let mut response = refuse(call, &error.code("rate_limit"));
    if retry_after {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    if let Some(reason) = reason {
        response.headers_mut().insert("stripe-rate-limited-reason", HeaderValue::from_static(reason));
    }
    response
}

/// What a proxy in front of the API answers: no JSON at all.
fn bad_gateway(call: &Call<'_>) -> Response {
    const PAGE: &str = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";
    let mut headers = reply::headers(call);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    (StatusCode::BAD_GATEWAY, headers, PAGE).into_response()
}

/// A body that ends in a failure after what was sent, so that the server drops the connection. With nothing sent the
/// headers never leave either, and the client sees the connection end without an answer.
fn broken_body(call: &Call<'_>, sent: Bytes, promised: Option<usize>) -> Response {
    let mut headers = reply::headers(call);
    if let Some(promised) = promised {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(promised));
    }
    let mut chunks = (!sent.is_empty()).then_some(sent).into_iter();
    let mut paused = false;
    let body = stream::poll_fn(move |context| {
        if let Some(chunk) = chunks.next() {
            return Poll::Ready(Some(Ok(chunk)));
        }
        // One pause lets the server flush what it has before the failure.
        if promised.is_some() && !paused {
            paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err(io::Error::from(io::ErrorKind::ConnectionReset))))
    });
    (headers, Body::from_stream(body)).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_exactly() {
        assert_eq!("0.1".parse(), Ok(Faults { per_million: 100_000 }));
        assert_eq!("1".parse(), Ok(Faults { per_million: MILLION }));
        assert_eq!("0".parse(), Ok(Faults::NONE));
        for given in ["", ".", "1.1", "-0.1", "2", "0.1234567", "0,1", "1e-1", "99999999999"] {
            assert!(given.parse::<Faults>().is_err(), "{given}");
        }
    }

    #[test]
    fn the_same_request_fails_at_most_three_times_in_a_row() {
        let plan = FaultPlan::new(Faults { per_million: MILLION }, 1);
        let failed: Vec<bool> = (0..8).map(|_| plan.next("GET /v1/balance ").is_some()).collect();
        assert_eq!(failed, [true, true, true, false, true, true, true, false]);
    }

    #[test]
    fn about_as_many_fail_as_were_asked_for_and_in_every_way() {
        let plan = FaultPlan::new(Faults { per_million: 200_000 }, 7);
        let faults: Vec<Fault> = (0..10_000).filter_map(|number| plan.next(&format!("GET /{number} "))).collect();
        assert!((1_800..2_200).contains(&faults.len()), "{}", faults.len());
        assert!(FAULTS.iter().all(|fault| faults.contains(fault)));
    }

    #[test]
    fn the_same_seed_plans_the_same_faults_in_any_order() {
        let requests: Vec<String> = (0..500).map(|number| format!("GET /{number} ")).collect();
        let (one, other) = (FaultPlan::new("0.3".parse().unwrap(), 5), FaultPlan::new("0.3".parse().unwrap(), 5));
        let forwards: Vec<Option<Fault>> = requests.iter().map(|request| one.next(request)).collect();
        let mut backwards: Vec<Option<Fault>> = requests.iter().rev().map(|request| other.next(request)).collect();
        backwards.reverse();
        assert_eq!(forwards, backwards);
    }
}
