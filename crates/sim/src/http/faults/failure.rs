//! Answers that are none: refusals for the moment, and connections that break or stall.

use std::io;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};
use jiff::SignedDuration;

use super::super::answer::Answer;
use super::super::call::Call;
use super::super::clock::Clock;
use super::super::error::StripeError;
use super::super::{key, params, reply};
use super::{Drawn, bomb, kind::Fault};

/// How long an answer stalls: longer than a client should wait for a byte.
const STALL: Duration = Duration::from_secs(30);
/// How far a skewed `Date` is off.
const SKEW: SignedDuration = SignedDuration::from_hours(7);
/// What a rate-limited client is asked to wait, when it is told at all.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");

impl Drawn {
    /// The answer to this request, of which `honest` says what it would have been; `None` when the fault does not fit it.
    pub(in super::super) async fn respond(
        self,
        call: &Call<'_>,
        clock: &Arc<dyn Clock>,
        honest: impl Fn() -> Answer,
    ) -> Option<Response> {
        Some(match self.fault {
            Fault::RateLimited { retry_after, reason } => rate_limited(call, retry_after, reason),
            Fault::LockTimeout => lock_timeout(call),
            Fault::Conflict => conflict(call),
            Fault::Broken(StatusCode::BAD_GATEWAY) => bad_gateway(call),
            Fault::Broken(status) => broken(call, status),
            Fault::Reset => broken_body(call, Bytes::new(), None),
            Fault::CutOff => cut_off(call, &honest()),
            Fault::WrongLength => wrong_length(call, honest(), self.dice),
            Fault::FirstByteTimeout => {
                clock.sleep(STALL).await;
                broken_body(call, Bytes::new(), None)
            }
            Fault::MidBodyTimeout => mid_body_timeout(call, honest(), clock),
            Fault::GzipBomb => gzip_bomb(call),
            Fault::SkewedDate => skewed_date(call, honest(), clock, self.dice),
            Fault::CursorInvalid => cursor_invalid(call, &honest())?,
            Fault::KeyRevoked => reply::refuse(call, &key::expired(call.headers.authorization.as_deref())),
            Fault::Page(lie) => reply::respond(call, lie.tell(call, honest(), self.dice)?),
        })
    }
}

fn rate_limited(call: &Call<'_>, retry_after: bool, reason: Option<&'static str>) -> Response {
    let mut response = reply::rate_limited(call, reason);
    if retry_after {
        response.headers_mut().insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
    }
    response
}

fn lock_timeout(call: &Call<'_>) -> Response {
    let error = StripeError::invalid(
        StatusCode::TOO_MANY_REQUESTS,
        "This object cannot be accessed right now because another API request or Stripe process is currently accessing it. \
         If you see this error intermittently, retry the request.",
    );
    worth_a_retry(reply::refuse(call, &error.code("lock_timeout")))
}

fn conflict(call: &Call<'_>) -> Response {
    worth_a_retry(reply::refuse(call, &StripeError::invalid(StatusCode::CONFLICT, "The request conflicts with another request.")))
}

fn worth_a_retry(mut response: Response) -> Response {
    response.headers_mut().insert(reply::SHOULD_RETRY, HeaderValue::from_static("true"));
    response
}

fn broken(call: &Call<'_>, status: StatusCode) -> Response {
    reply::refuse(
        call,
        &StripeError::api(status, "An error occurred with our connection to the simulated Stripe. Please try again."),
    )
}

/// What a proxy in front of the API answers: no JSON at all.
fn bad_gateway(call: &Call<'_>) -> Response {
    const PAGE: &str = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>\n";
    let mut headers = reply::headers(call);
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    (StatusCode::BAD_GATEWAY, headers, PAGE).into_response()
}

/// A cursor that is good, answered as one that is gone.
fn cursor_invalid(call: &Call<'_>, honest: &Answer) -> Option<Response> {
    if honest.status != StatusCode::OK {
        return None;
    }
    let pairs = params::pairs(call.uri).ok()?;
    let (name, id) = pairs.iter().find(|(name, _)| ["starting_after", "ending_before"].contains(&name.as_str()))?;
    Some(reply::refuse(call, &StripeError::missing(StatusCode::BAD_REQUEST, "object", id, name)))
}

fn skewed_date(call: &Call<'_>, honest: Answer, clock: &Arc<dyn Clock>, dice: u64) -> Response {
    let now = clock.now();
    let skewed = if dice.is_multiple_of(2) { now.saturating_add(SKEW) } else { now.saturating_sub(SKEW) };
    let mut response = reply::respond(call, honest);
    let date = skewed.unwrap_or(now).strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    if let Ok(date) = HeaderValue::try_from(date) {
        response.headers_mut().insert(DATE, date);
    }
    response
}

fn gzip_bomb(call: &Call<'_>) -> Response {
    let mut headers = reply::headers(call);
    headers.insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    (headers, bomb::body()).into_response()
}

fn cut_off(call: &Call<'_>, answer: &Answer) -> Response {
    let mut response = broken_body(call, first_half(answer), Some(answer.body.len()));
    *response.status_mut() = answer.status;
    response
}

/// One byte too many is promised, so that the client waits for it; or one too few, so that the JSON lacks its end.
fn wrong_length(call: &Call<'_>, answer: Answer, dice: u64) -> Response {
    let length = answer.body.len();
    let body = Bytes::from(answer.body);
    let mut response = if dice.is_multiple_of(2) {
        broken_body(call, body, Some(length.saturating_add(1)))
    } else {
        let mut headers = reply::headers(call);
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length.saturating_sub(1)));
        (headers, Body::from_stream(stream::iter([io::Result::Ok(body)]))).into_response()
    };
    *response.status_mut() = answer.status;
    response
}

fn mid_body_timeout(call: &Call<'_>, answer: Answer, clock: &Arc<dyn Clock>) -> Response {
    let mut headers = reply::headers(call);
    headers.insert(CONTENT_LENGTH, HeaderValue::from(answer.body.len()));
    let (half, clock) = (first_half(&answer), Arc::clone(clock));
    let stalled = stream::once(async move {
        clock.sleep(STALL).await;
        Err(io::Error::from(io::ErrorKind::ConnectionReset))
    });
    let body = Body::from_stream(stream::iter([Ok(half)]).chain(stalled));
    (answer.status, headers, body).into_response()
}

fn first_half(answer: &Answer) -> Bytes {
    Bytes::copy_from_slice(answer.body.get(..answer.body.len() / 2).unwrap_or_default())
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
