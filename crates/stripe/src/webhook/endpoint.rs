//! Where Stripe delivers to: the endpoints that are registered, and which events they send.

use serde::Deserialize;

use crate::client::Answer;
use crate::request::{Call, PAGE_SIZE};

/// The permission that reading them needs, beside those of a sync.
pub const ENDPOINT_PERMISSION: &str = "rak_webhook_read";

/// All events, but for those that Stripe wants named one by one.
const ALL_EVENTS: &str = "*";

/// A registered endpoint.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Endpoint {
    /// Stripe's id, `we_…`.
    pub id: String,
    /// Where Stripe delivers to.
    pub url: String,
    /// `enabled` or `disabled`.
    pub status: String,
    /// The types of events that it sends, or `*`.
    pub enabled_events: Vec<String>,
    /// In which its events are written; `None` is the account's default.
    pub api_version: Option<String>,
    /// The platform's Connect application, where it hears the events of connected accounts and not those of the account itself.
    pub application: Option<String>,
}

impl Endpoint {
    /// Whether Stripe delivers to it.
    #[must_use]
    pub fn is_enabled(&self) -> bool {
        self.status == "enabled"
    }

    /// Whether it hears connected accounts; else it hears the account itself.
    #[must_use]
    pub const fn is_of_connected(&self) -> bool {
        self.application.is_some()
    }

    /// Whether it sends every event.
    #[must_use]
    pub fn sends_all(&self) -> bool {
        self.sends(ALL_EVENTS)
    }

    /// Whether it sends events of this type.
    #[must_use]
    pub fn sends(&self, event_type: &str) -> bool {
        self.enabled_events.iter().any(|sent| sent == event_type || sent == ALL_EVENTS)
    }
}

/// A page of them.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Endpoints {
    /// Newest first.
    pub data: Vec<Endpoint>,
    /// Whether older ones follow.
    pub has_more: bool,
}

impl Endpoints {
    /// Asks for a page; `after` is the last id of the page before.
    #[must_use]
    pub fn call(after: Option<&str>) -> Call {
        let call = Call::new("/v1/webhook_endpoints").with("limit", PAGE_SIZE);
        after.map_or_else(|| call.clone(), |id| call.clone().with("starting_after", id))
    }

    /// Reads a page.
    ///
    /// # Errors
    /// In words, when the body is not whole or not such a list.
    pub fn read(answer: &Answer) -> Result<Self, String> {
        serde_json::from_slice(&answer.body).map_err(|error| format!("the answer is no list of webhook endpoints: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn endpoint(fields: &str) -> Endpoint {
        let text = format!(r#"{{"id":"we_1","url":"https://a.example/x","status":"enabled","livemode":true,{fields}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn an_endpoint_sends_what_it_names_or_everything() {
        let some = endpoint(r#""enabled_events":["payout.paid"],"api_version":null,"application":null"#);
        assert!(some.is_enabled() && some.sends("payout.paid") && !some.sends("payout.failed") && !some.sends_all());
        let all = endpoint(r#""enabled_events":["*"],"application":"ca_1""#);
        assert!(all.sends("payout.failed") && all.sends_all() && all.is_of_connected() && !some.is_of_connected());
    }
}
