//! Events of what clients made here, beside those that the world's history tells.

use std::sync::Arc;
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use tokio::sync::Notify;

use super::event::{self, REMEMBERED_SECONDS};
use super::index::AccountView;
use crate::catalog::{Row, Step, StripeObject};
use crate::world::rows::Stamp;

/// That something happened to an object which is none of the world's.
#[derive(Debug)]
struct Told {
    id: String,
    /// The connected account that it belongs to.
    account: Option<String>,
    step: Step,
    /// As it was then.
    object: Value,
}

/// The event of what happened to `object`; `None` in a catalog made by hand, where nothing has a history.
pub(super) fn event(account: AccountView<'_>, step: Step, object: Value) -> Option<StripeObject> {
    let id = event::event_id(account.id(), object.get("id").and_then(Value::as_str).unwrap_or_default(), 0);
    let named = account.is_connected().then(|| account.id().to_owned());
    let stamp: &Arc<Stamp> = account.stamp()?;
    Some(StripeObject::row(stamp, Told { id, account: named, step, object }))
}

impl Row for Told {
    fn id(&self, _: &Stamp) -> String {
        self.id.clone()
    }
    fn created(&self) -> i64 {
        self.step.at
    }
    fn forgotten_at(&self) -> i64 {
        self.step.at.saturating_add(REMEMBERED_SECONDS)
    }
    fn event_type(&self) -> Option<&'static str> {
        Some(self.step.event)
    }
    fn body(&self, _: &Stamp, _: i64) -> Value {
        event::envelope(&self.id, self.account.as_deref(), self.step, &json!({"object": self.object}))
    }
}

/// In the order in which they were told; whoever delivers webhooks waits for more.
#[derive(Default)]
pub(super) struct Made {
    events: Mutex<Vec<StripeObject>>,
    more: Notify,
}

impl Made {
    pub(super) fn push(&self, event: StripeObject) {
        self.events().push(event);
        self.more.notify_one();
    }

    /// The event that was told after so many others.
    pub(super) fn get(&self, place: u32) -> Option<StripeObject> {
        self.events().get(place as usize).cloned()
    }

    /// Returns once there is one more than the last time. One may wait at a time.
    pub(super) async fn more(&self) {
        self.more.notified().await;
    }

    fn events(&self) -> MutexGuard<'_, Vec<StripeObject>> {
        self.events.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
