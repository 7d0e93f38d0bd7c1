//! What lists can be narrowed by, and where an object says it.

use serde_json::Value;

use super::error::StripeError;
use super::members;
use super::params::{Allowed, Cursor, ListParams};
use crate::catalog::ObjectKind;

/// No client can ask for this: an empty value is refused. It stands for what a list shows unless it is asked for more.
const UNLESS_ASKED: &str = "";

/// Created, and nothing else: what most lists can be narrowed by.
pub(super) const CREATED: Allowed = Allowed::by(&["created"], &[]);

/// The filters that Stripe's list of this kind takes.
pub(super) const fn of_list(kind: ObjectKind) -> Allowed {
    match kind {
        ObjectKind::BalanceTransaction => Allowed { payout: true, ..Allowed::by(&["created"], &["currency", "source", "type"]) },
        ObjectKind::Event => Allowed { types: true, ..Allowed::by(&["created"], &["delivery_success"]) },
        ObjectKind::Payout => Allowed::by(&["created", "arrival_date"], &["destination", "status"]),
        ObjectKind::Charge => Allowed::by(&["created"], &["customer", "payment_intent", "transfer_group"]),
        ObjectKind::Transfer => Allowed::by(&["created"], &["destination", "transfer_group"]),
        ObjectKind::ApplicationFee => Allowed::by(&["created"], &["charge"]),
        ObjectKind::Topup => Allowed::by(&["created", "amount"], &["status"]),
        // Listed within another object, whose id is the only filter.
        ObjectKind::TransferReversal | ObjectKind::FeeRefund | ObjectKind::InvoiceLine => Allowed::by(&[], &[]),
        ObjectKind::Refund | ObjectKind::Dispute | ObjectKind::EarlyFraudWarning => {
            Allowed::by(&["created"], &["charge", "payment_intent"])
        }
        ObjectKind::PaymentIntent => Allowed::by(&["created"], &["customer", "customer_account"]),
        ObjectKind::Customer => Allowed::by(&["created"], &["email", "test_clock"]),
        ObjectKind::CustomerBalanceTransaction => Allowed::by(&["created"], &["invoice"]),
        ObjectKind::Product => Allowed { any_of: &["ids"], ..Allowed::by(&["created"], &["active", "shippable", "type", "url"]) },
        ObjectKind::Price => Allowed { any_of: &["lookup_keys"], ..Allowed::by(&["created"], PRICE) },
        ObjectKind::Plan => Allowed::by(&["created"], &["active", "product"]),
        ObjectKind::PromotionCode => Allowed::by(&["created"], &["active", "code", "coupon", "customer", "customer_account"]),
        ObjectKind::SubscriptionSchedule => Allowed::by(
            &["canceled_at", "completed_at", "created", "released_at"],
            &["customer", "customer_account", "scheduled"],
        ),
        ObjectKind::TaxRate => Allowed::by(&["created"], &["active", "inclusive"]),
        ObjectKind::Subscription => Allowed::by(&["created", "current_period_end", "current_period_start"], SUBSCRIPTION),
        ObjectKind::SubscriptionItem => Allowed::by(&[], &["subscription"]),
        ObjectKind::Invoice => Allowed::by(
            &["created", "due_date"],
            &["collection_method", "customer", "customer_account", "status", "subscription"],
        ),
        ObjectKind::InvoiceItem => Allowed::by(&["created"], &["customer", "customer_account", "invoice", "pending"]),
        ObjectKind::InvoicePayment => Allowed::by(
            &["created"],
            &["invoice", "payment[payment_intent]", "payment[payment_record]", "payment[type]", "status"],
        ),
        ObjectKind::CreditNote => Allowed::by(&["created"], &["customer", "customer_account", "invoice"]),
        ObjectKind::Coupon | ObjectKind::Discount => CREATED,
    }
}

const PRICE: &[&str] =
    &["active", "currency", "product", "recurring[interval]", "recurring[meter]", "recurring[usage_type]", "type"];
const SUBSCRIPTION: &[&str] =
    &["automatic_tax[enabled]", "collection_method", "customer", "customer_account", "plan", "price", "status", "test_clock"];

/// Adds what a list is narrowed by unless it is asked for more.
///
/// # Errors
/// Stripe's 400 for a parameter that must be there and is not, and for a value that none of its objects can have.
pub(super) fn complete(kind: ObjectKind, params: &mut ListParams) -> Result<(), StripeError> {
    params.equals.iter().try_for_each(|(name, value)| members::check(kind.as_str(), name, value))?;
    if kind == ObjectKind::Product && !params.any_of.is_empty() && params.cursor != Cursor::Start {
        return Err(StripeError::bad_request("You cannot use `ids` with `starting_after` or `ending_before`.").param("ids"));
    }
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
        ("product", "ids") => says(body.get("id"), value),
        ("price", "lookup_keys") => says(body.get("lookup_key"), value),
        ("invoice", "subscription") => says(body.pointer("/parent/subscription_details/subscription"), value),
        ("promotion_code", "coupon") => says(body.pointer("/promotion/coupon"), value),
        ("promotion_code", "code") => {
            body.get("code").and_then(Value::as_str).is_some_and(|code| code.eq_ignore_ascii_case(value))
        }
        ("subscription_schedule", "scheduled") => says(body.get("status"), "not_started") == (value == "true"),
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
