//! Why Stripe gave no answer that we can use, and where.

use std::fmt;

use serde::Deserialize;

use crate::outside::Response;
use crate::request::Call;

/// What was asked and under which id Stripe knows it. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    target: String,
    account: Option<String>,
    request_id: Option<String>,
}

impl Place {
    pub(crate) fn new(call: &Call, request_id: Option<&str>) -> Box<Self> {
        Box::new(Self {
            target: call.target(),
            account: call.account().map(|account| account.as_str().to_owned()),
            request_id: request_id.map(str::to_owned),
        })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GET {}", self.target)?;
        self.account.iter().try_for_each(|account| write!(f, " for {account}"))?;
        self.request_id.iter().try_for_each(|id| write!(f, " (request {id})"))
    }
}

/// Why a call failed for good: what could be tried again was.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StripeError {
    /// 401: the key is wrong, expired or revoked.
    #[error("Stripe does not accept the key: {message}; {place}")]
    Authentication {
        /// What was asked.
        place: Box<Place>,
        /// Stripe's words.
        message: String,
    },
    /// 403: the key may not read this, or not on this account's behalf.
    #[error("the key may not read this: {message}; {place}")]
    Permission {
        /// What was asked.
        place: Box<Place>,
        /// The permission that Stripe named, `rak_…`.
        permission: Option<String>,
        /// Stripe's words.
        message: String,
    },
    /// 404: there is no such object, or it is of the other mode or another account.
    #[error("Stripe knows no such object: {message}; {place}")]
    NotFound {
        /// What was asked.
        place: Box<Place>,
        /// Stripe's words.
        message: String,
    },
    /// Another 4xx, or a redirect: asking again would be answered the same.
    #[error("Stripe refused with status {status}: {message}; {place}")]
    Refused {
        /// What was asked.
        place: Box<Place>,
        /// The HTTP status.
        status: u16,
        /// Stripe's words.
        message: String,
    },
    /// No good answer in as many tries as we make; running again is safe.
    #[error("no good answer from Stripe in {tries} tries, the last time: {last}; {place}")]
    Upstream {
        /// What was asked.
        place: Box<Place>,
        /// How often it was tried.
        tries: u32,
        /// What went wrong the last time.
        last: String,
    },
    /// An answer came whole and is not what Stripe documents.
    #[error("Stripe's answer cannot be used: {why}; {place}")]
    BadAnswer {
        /// What was asked.
        place: Box<Place>,
        /// What is wrong with it.
        why: String,
    },
    /// The request may not or cannot leave this machine.
    #[error("the request cannot be sent: {why}; {place}")]
    Unsendable {
        /// What was asked.
        place: Box<Place>,
        /// Why not.
        why: String,
    },
}

impl StripeError {
    /// A whole answer that a caller cannot use, and why.
    #[must_use]
    pub fn bad_answer(call: &Call, request_id: Option<&str>, why: impl Into<String>) -> Self {
        Self::BadAnswer { place: Place::new(call, request_id), why: why.into() }
    }
}

#[derive(Deserialize)]
struct Envelope {
    error: ErrorObject,
}

#[derive(Deserialize)]
struct ErrorObject {
    message: Option<String>,
    code: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
}

/// How much of Stripe's message is repeated; the rest helps nobody.
const MESSAGE_CHARS_MAX: usize = 400;

/// Stripe's own words of an error answer, else what the status says.
pub(crate) fn message(response: &Response) -> String {
    let said = serde_json::from_slice::<Envelope>(&response.body).ok().map(|envelope| envelope.error);
    let words = said.and_then(|error| error.message.or(error.code).or(error.kind));
    let words = words.unwrap_or_else(|| format!("status {} without Stripe's error object", response.status));
    words.chars().filter(|character| !character.is_control()).take(MESSAGE_CHARS_MAX).collect()
}

/// The error of an answer that says no.
pub(crate) fn refusal(call: &Call, response: &Response) -> StripeError {
    let place = Place::new(call, response.request_id.as_deref());
    let message = message(response);
    match response.status {
        401 => StripeError::Authentication { place, message },
        403 => StripeError::Permission { place, permission: missing_permission(&message), message },
        404 => StripeError::NotFound { place, message },
        status => StripeError::Refused { place, status, message },
    }
}

/// The `rak_…` permission that Stripe's message names, if it names one.
#[must_use]
pub fn missing_permission(message: &str) -> Option<String> {
    let words = message.split(|character: char| !(character.is_ascii_alphanumeric() || character == '_'));
    words.filter(|word| word.len() > 4).find(|word| word.starts_with("rak_")).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_permission_is_read_out_of_the_message() {
        let said = "The provided key 'rk_live_****' does not have the 'rak_payout_read' permission.";
        assert_eq!(missing_permission(said), Some("rak_payout_read".to_owned()));
        assert_eq!(missing_permission("no permission named, rak_ alone is none"), None);
    }

    #[test]
    fn an_error_says_where_and_what_stripe_said() {
        let body = br#"{"error":{"type":"invalid_request_error","message":"No such payout: 'po_1'"}}"#.to_vec();
        let response = Response { status: 404, request_id: Some("req_9".to_owned()), body, ..Response::default() };
        let told = refusal(&Call::new("/v1/payouts/po_1"), &response).to_string();
        assert_eq!(told, "Stripe knows no such object: No such payout: 'po_1'; GET /v1/payouts/po_1 (request req_9)");
    }
}
