//! Events of what clients made here, beside those that the world's history tells.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::Notify;

use super::event::Event;
use super::index::AccountView;
use crate::catalog::{Step, StripeObject};

/// The event of what happened to `object`, which is none of the world's, as it was then; `None` in a catalog made by hand,
/// where nothing has a history.
pub(super) fn event(account: AccountView<'_>, step: Step, object: Value) -> Option<StripeObject> {
    let id = object.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
    let named = account.is_connected().then(|| account.id().into());
    let object = StripeObject::new(id, step.at, object);
    Some(StripeObject::row(account.stamp()?, Event::new(account.id(), named, object, 0, step)))
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
