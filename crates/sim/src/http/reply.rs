//! Answers as HTTP, with the headers that Stripe sends.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::answer::Answer;
use super::call::Call;
use super::count::Counts;
use super::error::StripeError;
use super::{DEFAULT_VERSION, version};

/// Which limit a request that comes too early ran into.
const RATE_LIMITED_REASON: &str = "stripe-rate-limited-reason";
/// Whether a client should make the request again, whatever its own rules say.
pub(super) const SHOULD_RETRY: &str = "stripe-should-retry";

/// The answer to a request.
pub(super) fn respond(call: &Call<'_>, answer: Answer) -> Response {
    let mut headers = headers(call);
    headers.extend(answer.headers);
    (answer.status, headers, Body::from(answer.body)).into_response()
}

/// The refusal of a request.
pub(super) fn refuse(call: &Call<'_>, error: &StripeError) -> Response {
    respond(call, Answer::refusal(call, error))
}

/// The refusal of a request that comes too early, naming the limit if there is one to name.
pub(super) fn rate_limited(call: &Call<'_>, reason: Option<&'static str>) -> Response {
    let mut response = refuse(call, &StripeError::rate_limited());
    if let Some(reason) = reason {
        response.headers_mut().insert(RATE_LIMITED_REASON, HeaderValue::from_static(reason));
    }
    response
}

/// The headers of every answer to this request.
pub(super) fn headers(call: &Call<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    // As Stripe does, a version that is none is not repeated.
    let version =
        call.headers.version.as_deref().filter(|version| version::check(Some(version)).is_ok()).unwrap_or(DEFAULT_VERSION);
    let said = [
        ("request-id", Some(call.request_id)),
        ("stripe-version", Some(version)),
        ("stripe-account", call.headers.account.as_deref()),
    ];
    for (name, value) in said {
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(value).ok()) {
            headers.insert(name, value);
        }
    }
    headers
}

/// What was asked so far, as JSON.
pub(super) fn counts(counts: &Counts) -> Response {
    axum::Json(counts).into_response()
}
