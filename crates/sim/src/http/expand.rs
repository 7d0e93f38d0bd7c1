//! `expand[]`: an id in an answer replaced by the object it names.
//!
//! Which fields can be expanded is Stripe's table, so that a path is refused whether or not the page happens to hold
//! something there. An id of a kind of object that this simulator does not serve (a bank account, a review) stays an id.

use serde_json::Value;

use super::embed;
use super::error::StripeError;
use super::index::AccountView;
use crate::catalog::ObjectKind;

/// Stripe's deepest expansion: the most segments that a path may have, the `data` of a list among them.
const MAX_DEPTH: usize = 4;

/// What a path is at while it is followed: the kinds of object that may stand there.
const TXN: &[&str] = &["balance_transaction"];
const CHARGE: &[&str] = &["charge"];
const PAYOUT: &[&str] = &["payout"];
const SOURCES: &[&str] =
    &["charge", "refund", "dispute", "payout", "transfer", "transfer_reversal", "application_fee", "fee_refund", "topup"];
/// A list of refunds inside a charge.
const REFUND_LIST: &[&str] = &["list of refunds"];
const REFUND: &[&str] = &["refund"];
const INTENT: &[&str] = &["payment_intent"];
const CUSTOMER: &[&str] = &["customer"];
/// Stripe has the object, this simulator does not.
const ELSEWHERE: &[&str] = &[];

/// The kinds that may stand in a field of an object, or `None` where Stripe expands nothing.
fn target(object: &str, field: &str) -> Option<&'static [&'static str]> {
    match (object, field) {
        ("balance_transaction", "source") => Some(SOURCES),
        ("payout" | "charge" | "refund", "balance_transaction" | "failure_balance_transaction") => Some(TXN),
        ("payout", "original_payout" | "reversed_by") => Some(PAYOUT),
        ("payout", "destination") => Some(ELSEWHERE),
        ("refund" | "dispute", "charge") => Some(CHARGE),
        ("charge", "refunds") => Some(REFUND_LIST),
        ("list of refunds", "data") => Some(REFUND),
        ("charge" | "refund" | "dispute" | "radar.early_fraud_warning", "payment_intent") => Some(INTENT),
        ("charge" | "refund", "customer") => Some(CUSTOMER),
        ("charge", "application" | "on_behalf_of" | "review" | "source_transfer") => Some(ELSEWHERE),
        _ => connect_target(object, field).or_else(|| billing_target(object, field)),
    }
}

/// What Connect and the platform's treasury add.
fn connect_target(object: &str, field: &str) -> Option<&'static [&'static str]> {
    Some(match (object, field) {
        ("refund", "transfer_reversal") => &["transfer_reversal"],
        ("transfer" | "transfer_reversal" | "application_fee" | "fee_refund" | "topup", "balance_transaction") => TXN,
        ("transfer", "source_transaction")
        | ("application_fee", "originating_transaction")
        | ("radar.early_fraud_warning", "charge") => CHARGE,
        ("transfer_reversal" | "charge", "transfer") => &["transfer"],
        ("transfer_reversal", "source_refund") => REFUND,
        ("fee_refund", "fee") | ("charge", "application_fee") => &["application_fee"],
        ("refund", "source_transfer_reversal")
        | ("transfer", "destination" | "destination_payment")
        | ("transfer_reversal", "destination_payment_refund")
        | ("application_fee", "account" | "application" | "charge") => ELSEWHERE,
        _ => return None,
    })
}

/// The same for what is billed. Objects that stand whole within another are passed through, such as an invoice's lines.
fn billing_target(object: &str, field: &str) -> Option<&'static [&'static str]> {
    Some(match (object, field) {
        (
            "payment_intent"
            | "promotion_code"
            | "subscription"
            | "subscription_schedule"
            | "invoice"
            | "invoiceitem"
            | "credit_note"
            | "customer_balance_transaction"
            | "discount",
            "customer",
        ) => CUSTOMER,
        ("payment_intent", "latest_charge") => CHARGE,
        ("invoice_payment", "payment") => &["payment of an invoice"],
        ("payment of an invoice", "payment_intent") => INTENT,
        ("payment of an invoice", "charge") => CHARGE,
        ("payment of an invoice", "payment_record") => ELSEWHERE,
        ("invoice_payment" | "credit_note" | "invoiceitem" | "customer_balance_transaction", "invoice") => &["invoice"],
        ("customer_balance_transaction", "credit_note") => &["credit_note"],
        ("credit_note", "customer_balance_transaction") => &["customer_balance_transaction"],
        ("credit_note", "refunds") => &["refund of a credit note"],
        ("refund of a credit note", "refund") => REFUND,
        ("credit_note", "lines") => &["list of credit note lines"],
        ("list of credit note lines", "data") => &["credit_note_line_item"],
        ("subscription", "latest_invoice") => &["invoice"],
        ("subscription", "items") => &["list of subscription items"],
        ("list of subscription items", "data") => &["subscription_item"],
        ("subscription_item", "price") => &["price"],
        ("invoice", "lines") => &["list of lines"],
        ("list of lines", "data") => &["line_item"],
        ("invoice", "payments") => &["list of invoice payments"],
        ("list of invoice payments", "data") => &["invoice_payment"],
        ("invoice" | "line_item" | "invoiceitem", "parent") => &["parent"],
        ("parent", "subscription_details" | "subscription_item_details" | "invoice_item_details") => &["parent"],
        ("parent" | "line_item" | "discount", "subscription") => &["subscription"],
        ("line_item" | "invoiceitem", "pricing") => &["pricing"],
        ("pricing", "price_details") => &["price details"],
        ("price details", "price") => &["price"],
        ("price" | "price details" | "plan", "product") => &["product"],
        (
            "subscription" | "subscription_item" | "invoice" | "line_item" | "invoiceitem" | "credit_note_line_item",
            "discounts",
        ) => &["discount"],
        ("discount", "source") => &["discount source"],
        ("discount source", "coupon") => &["coupon"],
        ("discount" | "discount of a phase", "promotion_code") => &["promotion_code"],
        ("promotion_code", "promotion") => &["discount source"],
        ("subscription_schedule", "subscription") => &["subscription"],
        ("subscription_schedule", "phases") => &["phase"],
        ("phase", "items") => &["item of a phase"],
        ("phase" | "item of a phase", "discounts") => &["discount of a phase"],
        ("discount of a phase", "coupon") => &["coupon"],
        ("discount of a phase", "discount") => &["discount"],
        ("item of a phase", "price") => &["price"],
        ("item of a phase", "plan") => &["plan"],
        ("subscription_schedule", "default_settings") => &["settings of a schedule"],
        ("subscription_schedule", "application" | "test_clock")
        | ("settings of a schedule" | "phase", "default_payment_method" | "on_behalf_of")
        | ("promotion_code", "restrictions") => ELSEWHERE,
        ("customer", "subscriptions") => &["list of subscriptions"],
        ("list of subscriptions", "data") => &["subscription"],
        ("price", "tiers" | "currency_options")
        | ("plan", "tiers")
        | ("invoice", "amount_paid_off_stripe")
        | ("coupon", "applies_to") => ELSEWHERE,
        ("customer", "default_source" | "sources" | "tax" | "tax_ids" | "invoice_credit_balance" | "cash_balance") => ELSEWHERE,
        ("product", "default_price") => &["price"],
        ("payment_intent" | "subscription" | "invoice", "application" | "on_behalf_of") => ELSEWHERE,
        ("payment_intent", "payment_method" | "review") => ELSEWHERE,
        ("subscription" | "invoice", "default_payment_method" | "default_source") => ELSEWHERE,
        ("subscription", "schedule") => &["subscription_schedule"],
        ("subscription", "pending_setup_intent") => ELSEWHERE,
        _ => return None,
    })
}

/// The paths to follow from a list's own objects.
///
/// # Errors
/// Stripe's 400 for a path that does not begin with `data`, is too deep, or names what cannot be expanded.
pub(super) fn list_paths(object: &str, paths: &[String]) -> Result<Vec<Vec<String>>, StripeError> {
    let parse = |path: &String| match path.strip_prefix("data.") {
        Some(rest) => segments(object, path, rest),
        None => Err(refusal(&format!(
            "This property cannot be expanded ({path}). You may want to try expanding 'data.{path}' instead."
        ))),
    };
    paths.iter().map(parse).collect()
}

/// The paths to follow from one object.
///
/// # Errors
/// Stripe's 400 for a path that is too deep or names what cannot be expanded.
pub(super) fn object_paths(object: &str, paths: &[String]) -> Result<Vec<Vec<String>>, StripeError> {
    paths.iter().map(|path| segments(object, path, path)).collect()
}

/// Checks a path segment by segment against what may stand there.
fn segments(object: &str, whole: &str, path: &str) -> Result<Vec<String>, StripeError> {
    let segments: Vec<&str> = path.split('.').collect();
    if whole.split('.').count() > MAX_DEPTH {
        return Err(refusal(&format!("You cannot expand more than {MAX_DEPTH} levels of a property. Property: {whole}")));
    }
    let mut kinds: Vec<&str> = vec![object];
    for (depth, segment) in segments.iter().enumerate() {
        let targets: Vec<&[&str]> = kinds.iter().filter_map(|kind| target(kind, segment)).collect();
        if targets.is_empty() && !(depth > 0 && kinds.is_empty()) {
            return Err(refusal(&format!("This property cannot be expanded ({whole}).")));
        }
        kinds = targets.concat();
    }
    Ok(segments.into_iter().map(str::to_owned).collect())
}

fn refusal(message: &str) -> StripeError {
    StripeError::bad_request(message).param("expand")
}

/// Replaces what `path` names in `value`, level by level, by the objects themselves.
pub(super) fn expand(account: AccountView<'_>, value: &mut Value, path: &[String]) {
    let Some((field, rest)) = path.split_first() else { return };
    if let Value::Array(items) = value {
        return items.iter_mut().for_each(|item| expand(account, item, path));
    }
    embed::embed(account, value, field);
    let Some(slot) = value.get_mut(field) else { return };
    match &mut *slot {
        Value::Array(ids) => ids.iter_mut().for_each(|id| replace(account, field, id)),
        one => replace(account, field, one),
    }
    expand(account, slot, rest);
}

/// An id becomes its object. That of a plan is a price's too, and the field tells which is meant.
fn replace(account: AccountView<'_>, field: &str, slot: &mut Value) {
    let find = |id: &str| if field == "plan" { account.shelf(ObjectKind::Plan).get(id) } else { account.object(id) };
    if let Some(object) = slot.as_str().and_then(find) {
        *slot = object.body(account.now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(path: &str) -> Result<Vec<Vec<String>>, StripeError> {
        list_paths("balance_transaction", &[path.to_owned()])
    }

    #[test]
    fn a_path_is_followed_through_whatever_its_source_may_be() {
        assert!(listed("data.source").is_ok());
        assert!(listed("data.source.charge").is_ok());
        assert!(listed("data.source.charge.balance_transaction").is_ok());
        assert!(object_paths("charge", &["refunds.data.balance_transaction".into()]).is_ok());
    }

    #[test]
    fn what_cannot_be_expanded_is_refused_even_where_nothing_stands() {
        for path in ["source", "data", "data.amount", "data.source.amount", "data.source.balance_transactions", "data."] {
            assert!(listed(path).is_err(), "{path}");
        }
    }

    #[test]
    fn what_is_billed_leads_to_what_it_belongs_to() {
        let of = |object: &str, path: &str| object_paths(object, &[path.to_owned()]).is_ok();
        assert!(of("invoice", "payments.data.payment.payment_intent"));
        assert!(of("invoice", "parent.subscription_details.subscription"));
        assert!(of("subscription", "discounts.source.coupon") && of("price", "tiers") && of("charge", "customer"));
        assert!(!of("invoice", "total") && !of("price", "unit_amount") && !of("invoice", "charge"));
    }

    #[test]
    fn four_levels_are_the_most() {
        assert!(listed("data.source.charge.balance_transaction").is_ok());
        assert!(listed("data.source.charge.balance_transaction.source").is_err());
    }
}
