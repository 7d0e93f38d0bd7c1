//! A delivery as `webhook list --json` prints it.

use jiff::Timestamp;
use serde::Serialize;
use store::Delivery;

/// An event that Stripe delivered, however often it came.
#[derive(Debug, Clone, Serialize)]
pub struct DeliveryView<'a> {
    /// The event's id, or the thin event's.
    pub id: &'a str,
    /// Stripe's type.
    pub r#type: &'a str,
    /// Whose; null for an account of our own before it was first synced, and where we have several, before it was read.
    pub account: Option<&'a str>,
    /// When it came first.
    pub received_at: Timestamp,
    /// How often it came.
    pub times: u64,
    /// `waiting`, `done`, `ignored` or `failed`.
    pub state: &'static str,
    /// The id of the object that it is about; null where it is none that is kept.
    pub object: Option<&'a str>,
    /// Why it is ignored, or failed, or waits still.
    pub problem: Option<&'a str>,
}

impl<'a> DeliveryView<'a> {
    /// The view of a delivery; `own` is our own account, where there is one.
    #[must_use]
    pub fn of(delivery: &'a Delivery, own: Option<&'a str>) -> Self {
        Self {
            id: &delivery.id,
            r#type: &delivery.event_type,
            account: delivery.account.as_ref().map(facts::AccountId::as_str).or(own),
            received_at: delivery.received_at,
            times: delivery.times,
            state: delivery.state.as_str(),
            object: delivery.subject.as_ref().map(|(_, id)| id.as_str()),
            problem: delivery.problem.as_deref(),
        }
    }
}
