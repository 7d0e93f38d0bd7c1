//! Why a call ends otherwise than in its answer, as RFC 9457 has it.

use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use super::{ROOT, SYNC};
use crate::exit::{Exit, Failure};

/// When calling again makes sense: Stripe's limits and short outages have passed by then.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("60");

/// A wrong value is shown this far, in characters: enough to recognise it.
const GIVEN_CHARS_MAX: usize = 80;

/// A problem in the caller's words.
#[derive(Clone, Debug, Serialize)]
pub struct ApiProblem {
    r#type: String,
    title: &'static str,
    status: u16,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    unread: Vec<String>,
    /// Whether it passes by itself, so that calling again makes sense.
    #[serde(skip)]
    passes: bool,
}

impl ApiProblem {
    fn new(status: StatusCode, word: &str, title: &'static str, detail: impl Into<String>) -> Self {
        let r#type = format!("urn:tieout:problem:{word}");
        Self { r#type, title, status: status.as_u16(), detail: detail.into(), hint: None, unread: Vec::new(), passes: false }
    }

    /// One that passes by itself.
    fn passing(word: &str, title: &'static str, detail: impl Into<String>) -> Self {
        Self { passes: true, ..Self::new(StatusCode::SERVICE_UNAVAILABLE, word, title, detail) }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Nobody can bear a secret that is not set.
    pub fn no_secret() -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "no-secret", "The endpoint has no secret", "TIEOUT_SYNC_SECRET is not set.")
            .hint("set the environment variable TIEOUT_SYNC_SECRET where tieout serve runs, and start it again")
    }

    /// The secret was not borne.
    pub fn no_bearer() -> Self {
        let detail = "Expected the header Authorization: Bearer, with the secret of this endpoint.";
        Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "Not authorized", detail)
    }

    /// Another method was used than those in `allow`.
    pub fn no_method(allow: &str) -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", "The method is not allowed", format!("Expected {allow}."))
    }

    /// Nothing is at the address.
    pub fn no_address() -> Self {
        Self::new(StatusCode::NOT_FOUND, "no-address", "Nothing is at this address", "The path leads nowhere.")
            .hint(format!("POST {ROOT}{SYNC} runs a sync"))
    }

    /// No run has the id.
    pub fn no_run(id: &str) -> Self {
        let detail = format!("There is no run “{}”.", cut(id));
        Self::new(StatusCode::NOT_FOUND, "no-run", "The run is not known", detail).hint(
            "a server knows its newest runs until it is started again; calling the endpoint again is safe, and tells how it stands",
        )
    }

    /// A parameter has a value that it cannot have.
    pub fn bad_query(name: &str, given: &str, expected: &str) -> Self {
        let detail = format!("The parameter “{}” cannot be “{}”; expected {expected}.", cut(name), cut(given));
        Self::new(StatusCode::BAD_REQUEST, "bad-query", "The query cannot be read", detail)
    }

    /// There is no such parameter.
    pub fn unknown_parameter(name: &str) -> Self {
        let detail = format!("There is no parameter “{}”; expected date, only or wait.", cut(name));
        Self::new(StatusCode::BAD_REQUEST, "bad-query", "The query cannot be read", detail)
    }

    /// Too many runs wait for their turn.
    pub fn too_many(waiting: usize) -> Self {
        let detail = format!("{waiting} runs wait for their turn already; this one was not begun.");
        Self::passing("too-many-runs", "Too many runs wait", detail).hint("call again later")
    }

    /// The sync ended, and these could not be read.
    pub fn incomplete(unread: Vec<String>) -> Self {
        let detail = "Not everything could be read. What was read is kept.";
        let problem = Self::passing("sync-incomplete", "The sync is incomplete", detail);
        Self { unread, ..problem }.hint("call again: that is safe, and counts nothing twice")
    }

    /// What a failed sync means to a caller.
    pub fn of_failure(failure: &Failure) -> Self {
        let detail = failure.message.clone();
        let problem = match failure.exit {
            Exit::Usage => Self::new(StatusCode::BAD_REQUEST, "bad-request", "This cannot be synced", detail),
            Exit::Authentication => Self::new(StatusCode::BAD_GATEWAY, "stripe-key", "The Stripe key does not serve", detail),
            Exit::Upstream => Self::passing("stripe-down", "Stripe cannot be reached", detail),
            Exit::Conflict => Self::passing("database-held", "The database is in use", detail),
            Exit::Incomplete => Self::passing("stopped", "The sync was stopped", detail),
            Exit::Fine | Exit::Failed | Exit::Difference | Exit::Verification => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "failed", "The sync failed", detail)
            }
        };
        Self { hint: failure.hint.clone(), ..problem }
    }
}

/// Text of the caller's, as far as it helps.
fn cut(text: &str) -> String {
    text.chars().take(GIVEN_CHARS_MAX).collect()
}

impl IntoResponse for ApiProblem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let passes = self.passes;
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if passes {
            response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER_SECONDS);
        }
        response
    }
}
