//! Fields that Stripe shows only when they are expanded.

use serde_json::{Value, json};

use super::index::AccountView;
use crate::catalog::ObjectKind;

/// How many objects Stripe embeds in a list within an object.
const EMBEDDED: usize = 10;

/// A list within an object: what it holds, by which field of theirs, and where the rest is, the id to follow.
fn list_of(object: &str, field: &str) -> Option<(ObjectKind, &'static str, &'static str, &'static str)> {
    match (object, field) {
        ("charge", "refunds") => Some((ObjectKind::Refund, "charge", "/v1/charges/", "/refunds")),
        ("invoice", "payments") => Some((ObjectKind::InvoicePayment, "invoice", "/v1/invoice_payments?invoice=", "")),
        ("customer", "subscriptions") => Some((ObjectKind::Subscription, "customer", "/v1/customers/", "/subscriptions")),
        _ => None,
    }
}

/// Puts a field into an object that shows it only when asked to.
pub(super) fn embed(account: AccountView<'_>, object: &mut Value, field: &str) {
    let text = |name: &str| object.get(name).and_then(Value::as_str);
    let (Some(id), Some(kind)) = (text("id"), text("object")) else { return };
    let shown = match list_of(kind, field) {
        Some((members, by, before, after)) => {
            let url = format!("{before}{id}{after}");
            Some(listed(account, members, by, id, &url))
        }
        None => account.object(id).and_then(|object| object.asked(field, account.now())),
    };
    if let (Some(shown), Some(fields)) = (shown, object.as_object_mut()) {
        // What is there already may be expanded further.
        fields.entry(field).or_insert(shown);
    }
}

/// At most ten of the objects whose field is `id`, as an embedded list.
fn listed(account: AccountView<'_>, kind: ObjectKind, field: &str, id: &str, url: &str) -> Value {
    let shelf = account.shelf(kind);
    let positions = shelf.with(field, id).unwrap_or_default();
    let bodies = positions.iter().filter_map(|position| shelf.visible(*position)).map(|object| object.body(account.now()));
    let is_over =
        |body: &Value| kind == ObjectKind::Subscription && body.get("status").is_some_and(|status| status == "canceled");
    let all: Vec<Value> = bodies.filter(|body| !is_over(body)).collect();
    let has_more = all.len() > EMBEDDED;
    let data: Vec<Value> = all.into_iter().take(EMBEDDED).collect();
    json!({"object": "list", "data": data, "has_more": has_more, "url": url})
}
