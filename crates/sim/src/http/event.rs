//! Stripe's events: what happened to the objects of an account, told from their histories.

use std::collections::BTreeMap;
use std::ops::RangeInclusive;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::DEFAULT_VERSION;
use crate::catalog::{AccountObjects, Row, Step, StripeObject};
use crate::random::{base62, mix};
use crate::world::rows::{DAY, Stamp};

/// How long `/v1/events` remembers.
pub(super) const REMEMBERED_SECONDS: i64 = 30 * DAY;

/// One event.
#[derive(Debug)]
pub(super) struct Event {
    id: String,
    /// The connected account that it belongs to.
    account: Option<Arc<str>>,
    object: StripeObject,
    step: Step,
}

/// The events of an account that can be asked for from `start` until the world's `end`, newest first.
pub(super) fn of_account(id: &str, connected: bool, account: &AccountObjects, start: i64, end: i64) -> Vec<StripeObject> {
    let named: Option<Arc<str>> = connected.then(|| id.into());
    let since = start.saturating_sub(REMEMBERED_SECONDS);
    let mut events: Vec<StripeObject> = account
        .objects
        .values()
        .flatten()
        .filter_map(|object| Some((object.stamp()?, object)))
        .flat_map(|(stamp, object)| of_object(id, named.as_ref(), stamp, object, since..=end))
        .collect();
    events.sort_unstable_by(StripeObject::newest_first);
    events
}

fn of_object(
    account: &str,
    named: Option<&Arc<str>>,
    stamp: &Arc<Stamp>,
    object: &StripeObject,
    within: RangeInclusive<i64>,
) -> Vec<StripeObject> {
    let told = |(number, step): (u64, Step)| Event::new(account, named.cloned(), object.clone(), number, step);
    let events: Vec<Event> = (0_u64..).zip(object.steps()).filter(|(_, step)| within.contains(&step.at)).map(told).collect();
    if events.is_empty() { Vec::new() } else { StripeObject::all(stamp, events) }
}

/// The same object and step always make the same id.
pub(super) fn event_id(account: &str, object: &str, number: u64) -> String {
    let key = account.bytes().chain(object.bytes()).fold(number, |key, byte| mix(key ^ u64::from(byte)));
    format!("evt_1{}{}", base62(mix(key), 11), base62(mix(key ^ 0xe7e7), 11))
}

impl Event {
    /// The event of an object's step of this `number`; `named` is the account where that is a connected one.
    pub(super) fn new(account: &str, named: Option<Arc<str>>, object: StripeObject, number: u64, step: Step) -> Self {
        // A plan has the id of its price, and events of its own.
        let number = if step.event.starts_with("plan.") { !number } else { number };
        Self { id: event_id(account, &object.id(), number), account: named, object, step }
    }
}

impl Row for Event {
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
    /// An event is a snapshot: it never changes.
    fn body(&self, _: &Stamp, _: i64) -> Value {
        let now = self.object.body(self.step.at);
        let mut data = json!({"object": now});
        if self.step.event.ends_with("updated")
            && let Some(fields) = data.as_object_mut()
        {
            let before = previous(&self.object.body(self.step.at.saturating_sub(1)), fields.get("object"));
            fields.insert("previous_attributes".to_owned(), Value::Object(before));
        }
        envelope(&self.id, self.account.as_deref(), self.step, &data)
    }
}

/// The event around what it tells; `account` is the connected account that it belongs to.
fn envelope(id: &str, account: Option<&str>, step: Step, data: &Value) -> Value {
    let mut body = json!({
        "id": id,
        "object": "event",
        "api_version": DEFAULT_VERSION,
        "created": step.at,
        "data": data,
        "livemode": false,
        "pending_webhooks": 0,
        "request": {"id": null, "idempotency_key": null},
        "type": step.event,
    });
    if let (Some(account), Some(fields)) = (account, body.as_object_mut()) {
        fields.insert("account".to_owned(), account.into());
    }
    body
}

/// Says in an event's body how many endpoints still have to acknowledge it.
pub(super) fn count_pending(body: &mut Value, endpoints: u64) {
    if let Some(count) = body.get_mut("pending_webhooks") {
        *count = endpoints.into();
    }
}

/// The fields that were otherwise a second before, as they were.
fn previous(before: &Value, now: Option<&Value>) -> Map<String, Value> {
    let now: BTreeMap<&String, &Value> = now.and_then(Value::as_object).into_iter().flatten().collect();
    let before = before.as_object().into_iter().flatten();
    before.filter(|(field, value)| now.get(field) != Some(value)).map(|(field, value)| (field.clone(), value.clone())).collect()
}
