//! Answers as HTTP, with the headers that Stripe sends.

use axum::body::Body;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::DEFAULT_VERSION;
use super::answer::{Answer, Call};
use super::count::Counts;

/// The answer to a request.
pub(super) fn respond(call: &Call<'_>, answer: Answer) -> Response {
    let mut headers = headers(call);
    headers.extend(answer.headers);
    (answer.status, headers, Body::from(answer.body)).into_response()
}

/// The headers of every answer to this request.
pub(super) fn headers(call: &Call<'_>) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-store"));
    let version = call.headers.version.as_deref().unwrap_or(DEFAULT_VERSION);
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
