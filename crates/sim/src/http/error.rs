//! Stripe's error object, with its HTTP status.

use axum::http::StatusCode;
use serde::Serialize;

/// A refusal, as Stripe words it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StripeError {
    /// The HTTP status that goes with it.
    pub(super) status: StatusCode,
    kind: &'static str,
    code: Option<&'static str>,
    message: String,
    param: Option<String>,
}

#[derive(Serialize)]
struct Envelope<'a> {
    error: Body<'a>,
}

/// The fields in Stripe's order; those that do not apply are left out, as Stripe does.
#[derive(Serialize)]
struct Body<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    doc_url: Option<String>,
    message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    param: Option<&'a str>,
    request_log_url: String,
    #[serde(rename = "type")]
    kind: &'a str,
}

impl StripeError {
    /// A request that Stripe calls invalid, answered with `status`.
    pub(super) fn invalid(status: StatusCode, message: impl Into<String>) -> Self {
        Self { status, kind: "invalid_request_error", code: None, message: message.into(), param: None }
    }

    /// A 400.
    pub(super) fn bad_request(message: impl Into<String>) -> Self {
        Self::invalid(StatusCode::BAD_REQUEST, message)
    }

    /// An idempotency key that cannot be used so.
    pub(super) fn idempotency(message: impl Into<String>) -> Self {
        Self { kind: "idempotency_error", ..Self::bad_request(message) }
    }

    /// A failure on the server's side.
    pub(super) fn api(status: StatusCode, message: impl Into<String>) -> Self {
        Self { kind: "api_error", ..Self::invalid(status, message) }
    }

    /// More requests than the limit allows.
    pub(super) fn rate_limited() -> Self {
        Self::invalid(
            StatusCode::TOO_MANY_REQUESTS,
            "Request rate limit exceeded. You can learn more about rate limits here https://stripe.com/docs/rate-limits.",
        )
        .code("rate_limit")
    }

    /// An id that is not there. Stripe answers 404 when it stands in the path, else 400.
    pub(super) fn missing(status: StatusCode, object: &str, id: &str, param: &str) -> Self {
        Self::invalid(status, format!("No such {object}: '{id}'")).code("resource_missing").param(param)
    }

    /// A parameter that this address does not have.
    pub(super) fn unknown_parameter(name: &str) -> Self {
        Self::bad_request(format!("Received unknown parameter: {name}")).code("parameter_unknown").param(name)
    }

    /// The same error with one of Stripe's error codes.
    pub(super) fn code(mut self, code: &'static str) -> Self {
        self.code = Some(code);
        self
    }

    /// The same error naming the parameter that is at fault.
    pub(super) fn param(mut self, param: &str) -> Self {
        self.param = Some(param.to_owned());
        self
    }

    /// The body that goes over the wire.
    pub(super) fn body(&self, request_id: &str) -> Vec<u8> {
        let body = Body {
            code: self.code,
            doc_url: self.code.map(|code| format!("https://stripe.com/docs/error-codes/{}", code.replace('_', "-"))),
            message: &self.message,
            param: self.param.as_deref(),
            request_log_url: format!("https://dashboard.stripe.com/test/logs/{request_id}"),
            kind: self.kind,
        };
        // Plain text fields only: rendering cannot fail, and an empty body would still be a refusal.
        serde_json::to_vec(&Envelope { error: body }).unwrap_or_default()
    }
}
