//! What the lists of Billing can be narrowed by, and where an object says it.

use serde_json::Value;

use super::error::StripeError;
use super::params::{Allowed, ListParams};
use crate::catalog::ObjectKind;

/// No client can ask for this: an empty value is refused. It stands for what a list shows unless it is asked for more.
const UNLESS_ASKED: &str = "";

/// The filters that Stripe's list of this kind takes.
pub(super) fn of_billing(kind: ObjectKind) -> Allowed {
    let (ranges, equals): (&[&str], &[&str]) = match kind {
        ObjectKind::PaymentIntent => (&["created"], &["customer", "customer_account"]),
        ObjectKind::Customer => (&["created"], &["email", "test_clock"]),
        ObjectKind::CustomerBalanceTransaction => (&["created"], &["invoice"]),
        ObjectKind::Product => (&["created"], &["active", "shippable", "type", "url"]),
        ObjectKind::Price => (
            &["created"],
            &["active", "currency", "product", "recurring[interval]", "recurring[meter]", "recurring[usage_type]", "type"],
        ),
        ObjectKind::TaxRate => (&["created"], &["active", "inclusive"]),
        ObjectKind::Subscription => (
            &["created", "current_period_end", "current_period_start"],
            &[
                "automatic_tax[enabled]",
                "collection_method",
                "customer",
                "customer_account",
                "plan",
                "price",
                "status",
                "test_clock",
            ],
        ),
        ObjectKind::SubscriptionItem => (&[], &["subscription"]),
        ObjectKind::Invoice => {
            (&["created", "due_date"], &["collection_method", "customer", "customer_account", "status", "subscription"])
        }
        ObjectKind::InvoiceLine => (&[], &[]),
        ObjectKind::InvoiceItem => (&["created"], &["customer", "customer_account", "invoice", "pending"]),
        ObjectKind::InvoicePayment => {
            (&["created"], &["invoice", "payment[payment_intent]", "payment[payment_record]", "payment[type]", "status"])
        }
        ObjectKind::CreditNote => (&["created"], &["customer", "customer_account", "invoice"]),
        _ => (&["created"], &[]),
    };
    Allowed { ranges, equals, payout: false, types: false }
}

/// Adds what a list is narrowed by unless it is asked for more.
///
/// # Errors
/// Stripe's 400 for a parameter that must be there and is not.
pub(super) fn complete(kind: ObjectKind, params: &mut ListParams) -> Result<(), StripeError> {
    let has = |name: &str| params.equals.iter().any(|(known, _)| *known == name);
    match kind {
        ObjectKind::Subscription if !has("status") => params.equals.push(("status", UNLESS_ASKED.to_owned())),
        ObjectKind::SubscriptionItem if !has("subscription") => {
            return Err(StripeError::bad_request("Missing required param: subscription.")
                .code("parameter_missing")
                .param("subscription"));
        }
        _ => {}
    }
    Ok(())
}

/// The instant that an object gives for a filter.
pub(super) fn second(body: &Value, name: &str) -> Option<i64> {
    let place = match name {
        // All items of a subscription share their period.
        "current_period_start" => "/items/data/0/current_period_start".to_owned(),
        "current_period_end" => "/items/data/0/current_period_end".to_owned(),
        name => format!("/{name}"),
    };
    body.pointer(&place).and_then(Value::as_i64)
}

/// Whether an object is one of those that a filter asks for.
pub(super) fn holds(body: &Value, name: &str, value: &str) -> bool {
    let object = body.get("object").and_then(Value::as_str).unwrap_or_default();
    match (object, name) {
        ("subscription", "status") => {
            let status = body.get("status").and_then(Value::as_str).unwrap_or_default();
            match value {
                UNLESS_ASKED => status != "canceled",
                "all" => true,
                "ended" => matches!(status, "canceled" | "incomplete_expired"),
                value => status == value,
            }
        }
        ("subscription", "price" | "plan") => {
            let items = body.pointer("/items/data").and_then(Value::as_array);
            items.into_iter().flatten().any(|item| says(item.pointer(&format!("/{name}/id")), value))
        }
        ("invoice", "subscription") => says(body.pointer("/parent/subscription_details/subscription"), value),
        ("event", "delivery_success") => body.get("pending_webhooks").is_some_and(|count| count == 0) == (value == "true"),
        // What a notification names.
        ("event", "object_id") => says(body.pointer("/data/object/id"), value),
        ("invoiceitem", "pending") => body.get("invoice").is_none_or(Value::is_null) == (value == "true"),
        // `payment[type]` is the field `type` within the field `payment`.
        (_, name) => says(body.pointer(&format!("/{}", name.replace('[', "/").replace(']', ""))), value),
    }
}

fn says(field: Option<&Value>, value: &str) -> bool {
    match field {
        Some(Value::String(text)) => text == value,
        Some(Value::Bool(flag)) => value == if *flag { "true" } else { "false" },
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_of_subscriptions_hides_the_canceled_ones_unless_asked() {
        let canceled = json!({"object": "subscription", "status": "canceled"});
        let active = json!({"object": "subscription", "status": "active", "items": {"data": [{"price": {"id": "price_1"}}]}});
        let shown = |status: &str| (holds(&canceled, "status", status), holds(&active, "status", status));
        assert_eq!(shown(UNLESS_ASKED), (false, true));
        assert_eq!(shown("all"), (true, true));
        assert_eq!(shown("ended"), (true, false));
        assert!(holds(&active, "price", "price_1") && !holds(&active, "price", "price_2"));
    }

    #[test]
    fn a_filter_looks_where_the_object_says_it() {
        let payment = json!({"object": "invoice_payment", "payment": {"type": "payment_intent", "payment_intent": "pi_1"}});
        assert!(holds(&payment, "payment[payment_intent]", "pi_1") && !holds(&payment, "payment[type]", "charge"));
        let waiting = json!({"object": "invoiceitem", "invoice": null});
        assert!(holds(&waiting, "pending", "true") && !holds(&waiting, "pending", "false"));
        assert!(holds(&json!({"object": "tax_rate", "inclusive": true}), "inclusive", "true"));
    }
}
