//! Thin events: a notification that something happened, without what.

use jiff::Timestamp;
use serde_json::{Value, json};

/// The notification of an event, of which `whole` is the snapshot. `account` is the connected account that it belongs to.
pub(super) fn thin(whole: &Value, account: Option<&str>) -> Value {
    let text = |field: &str| whole.get(field).and_then(Value::as_str).unwrap_or_default();
    let created = whole.get("created").and_then(Value::as_i64).unwrap_or_default();
    let object = whole.pointer("/data/object");
    let of = |field: &str| object.and_then(|object| object.get(field)).and_then(Value::as_str).unwrap_or_default();
    json!({
        "id": text("id"),
        "object": "v2.core.event",
        "context": account,
        "created": Timestamp::from_second(created).map(|at| at.to_string()).unwrap_or_default(),
        "livemode": false,
        "reason": null,
        "related_object": {"id": of("id"), "type": of("object"), "url": format!("/v1/{}s/{}", of("object"), of("id"))},
        "snapshot_event": text("id"),
        "type": format!("v1.{}", text("type")),
    })
}
