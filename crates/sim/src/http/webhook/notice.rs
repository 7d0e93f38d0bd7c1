//! Thin events: a notification that something happened, without what.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::super::route;

/// The notification of an event, of which `whole` is the snapshot.
pub(in super::super) fn thin(whole: &Value) -> Value {
    let of = |pointer: &str| whole.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let created = whole.get("created").and_then(Value::as_i64).unwrap_or_default();
    let url = whole.pointer("/data/object").and_then(route::address);
    json!({
        "id": of("/id"),
        "object": "v2.core.event",
        "context": whole.get("account"),
        "created": Timestamp::from_second(created).map(|at| at.to_string()).unwrap_or_default(),
        "livemode": false,
        "reason": null,
        "related_object": {"id": of("/data/object/id"), "type": of("/data/object/object"), "url": url},
        "snapshot_event": of("/id"),
        "type": format!("v1.{}", of("/type")),
    })
}
