//! Thin events: a notification that something happened, without what.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::route;

/// Whether there are notifications of events of this type. Of reports Stripe tells in snapshots only.
pub(super) fn is_told(event_type: &str) -> bool {
    !event_type.starts_with("reporting.")
}

/// The notification of an event, of which `whole` is the snapshot; `None` where there is none.
pub(in super::super) fn thin(whole: &Value) -> Option<Value> {
    let of = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    if !is_told(of("/type")) {
        return None;
    }
    let created = whole.get("created").and_then(Value::as_i64).unwrap_or_default();
    let url = whole.pointer("/data/object").and_then(route::address);
    Some(json!({
        "id": of("/id"),
        "object": "v2.core.event",
        "context": whole.get("account"),
        "created": Timestamp::from_second(created).map(|at| at.to_string()).unwrap_or_default(),
        "livemode": false,
        "reason": null,
        "related_object": {"id": of("/data/object/id"), "type": of("/data/object/object"), "url": url},
        "snapshot_event": of("/id"),
        "type": format!("v1.{}", of("/type")),
    }))
}
