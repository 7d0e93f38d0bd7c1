//! `expand[]`: an id in an answer replaced by the object it names.
//!
//! Which fields can be expanded is Stripe's table, so that a path is refused whether or not the page happens to hold
//! something there. An id of a kind of object that this simulator does not serve (a customer, a bank account) stays an id.

use serde_json::{Value, json};

use super::error::StripeError;
use super::index::AccountView;
use crate::catalog::ObjectKind;

/// Stripe's deepest expansion: the most segments that a path may have, the `data` of a list among them.
const MAX_DEPTH: usize = 4;
/// How many objects Stripe embeds in a list within an object.
const EMBEDDED: usize = 10;

/// What a path is at while it is followed: the kinds of object that may stand there.
const TXN: &[&str] = &["balance_transaction"];
const CHARGE: &[&str] = &["charge"];
const PAYOUT: &[&str] = &["payout"];
const SOURCES: &[&str] = &["charge", "refund", "dispute", "payout"];
/// A list of refunds inside a charge.
const REFUND_LIST: &[&str] = &["list of refunds"];
const REFUND: &[&str] = &["refund"];
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
        ("charge" | "refund" | "dispute", "payment_intent") => Some(ELSEWHERE),
        ("refund", "transfer_reversal" | "source_transfer_reversal") => Some(ELSEWHERE),
        (
            "charge",
            "application" | "application_fee" | "customer" | "on_behalf_of" | "review" | "source_transfer" | "transfer",
        ) => Some(ELSEWHERE),
        _ => None,
    }
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
    if field == "refunds" {
        embed_refunds(account, value);
    }
    let Some(slot) = value.get_mut(field) else { return };
    if let Some(object) = slot.as_str().and_then(|id| account.object(id)) {
        *slot = object.body(account.now());
    }
    expand(account, slot, rest);
}

/// A charge shows its refunds only when asked to: at most ten, as an embedded list.
fn embed_refunds(account: AccountView<'_>, charge: &mut Value) {
    let Some(Value::String(id)) = charge.get("id").cloned() else { return };
    let Value::Object(fields) = charge else { return };
    if fields.get("refunds").is_some_and(|refunds| refunds.get("data").is_some_and(Value::is_array)) {
        return;
    }
    let shelf = account.shelf(ObjectKind::Refund);
    let positions = shelf.with("charge", &id).unwrap_or_default();
    let refunds: Vec<Value> = positions
        .iter()
        .filter_map(|position| shelf.visible(*position))
        .take(EMBEDDED)
        .map(|refund| refund.body(account.now()))
        .collect();
    let list = json!({
        "object": "list",
        "data": refunds,
        "has_more": positions.iter().filter_map(|position| shelf.visible(*position)).count() > EMBEDDED,
        "url": format!("/v1/charges/{id}/refunds"),
    });
    fields.insert("refunds".to_owned(), list);
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
    fn four_levels_are_the_most() {
        assert!(listed("data.source.charge.balance_transaction").is_ok());
        assert!(listed("data.source.charge.balance_transaction.source").is_err());
    }
}
