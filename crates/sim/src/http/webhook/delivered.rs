//! Which events the endpoint still has to acknowledge: what `pending_webhooks` counts.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Payload;
use crate::catalog::StripeObject;

/// What became of the deliveries to the one endpoint, if there is one.
pub(in super::super) struct Delivered(Mutex<Option<Endpoint>>);

struct Endpoint {
    /// What happened until then is not sent to it, unix seconds.
    since: i64,
    payload: Payload,
    /// The ids of the events that it answered with 2xx.
    acknowledged: HashSet<String>,
}

impl Delivered {
    /// No endpoint: nothing is ever pending.
    pub(in super::super) const fn none() -> Self {
        Self(Mutex::new(None))
    }

    /// From now on there is an endpoint, for what happens after `since`.
    pub(super) fn begin(&self, since: i64, payload: Payload) {
        *self.endpoint() = Some(Endpoint { since, payload, acknowledged: HashSet::new() });
    }

    /// The endpoint took this event.
    pub(super) fn acknowledge(&self, event: &str) {
        if let Some(endpoint) = self.endpoint().as_mut() {
            endpoint.acknowledged.insert(event.to_owned());
        }
    }

    /// How many endpoints have not acknowledged an event yet, those among them that Stripe gave up on.
    pub(in super::super) fn pending(&self, event: &StripeObject) -> u64 {
        let is_pending = |endpoint: &Endpoint| {
            let is_meant = event.created > endpoint.since && endpoint.payload.tells_of(event);
            is_meant && !endpoint.acknowledged.contains(&event.id())
        };
        u64::from(self.endpoint().as_ref().is_some_and(is_pending))
    }

    fn endpoint(&self) -> MutexGuard<'_, Option<Endpoint>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
