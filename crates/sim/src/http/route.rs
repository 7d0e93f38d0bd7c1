//! Which address means what.

use serde_json::Value;

use super::core_events;
use super::inside::{self, Inside};
use super::report::Address;
use super::search;
use crate::catalog::ObjectKind;

/// What an address asks for. Ids are as they stand in the path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// `/v1/account`: the account that the request acts on.
    OwnAccount,
    /// `/v1/accounts`: the connected ones.
    Accounts,
    /// `/v1/accounts/:id`
    Account(&'a str),
    /// `/v1/balance`
    Balance,
    /// A list of one kind of object.
    List(ObjectKind),
    /// A search among objects of one kind.
    Search(ObjectKind),
    /// One object.
    Retrieve(ObjectKind, &'a str),
    /// `/v2/core/events`, and one of them where the address names it.
    CoreEvents(Option<&'a str>),
    /// `/v1/webhook_endpoints`, and one of them where the address names it.
    WebhookEndpoints(Option<&'a str>),
    /// Reports.
    Report(Address<'a>),
    /// A list that stands within one object, and one of its members where the address names one.
    Inside(Inside, &'a str, Option<&'a str>),
    /// A list of what belongs to one object, and one of its members where the address names one.
    Within(Nested, &'a str, Option<&'a str>),
}

/// A list that hangs under another object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Nested {
    /// What it hangs under.
    pub(super) parent: ObjectKind,
    /// The list's name in the address.
    pub(super) name: &'static str,
    /// What it lists.
    pub(super) kind: ObjectKind,
    /// The member's field that names the parent.
    pub(super) field: &'static str,
}

/// Every list that hangs under another object.
const NESTED: [Nested; 6] = [
    Nested { parent: ObjectKind::Charge, name: "refunds", kind: ObjectKind::Refund, field: "charge" },
    Nested { parent: ObjectKind::Transfer, name: "reversals", kind: ObjectKind::TransferReversal, field: "transfer" },
    Nested { parent: ObjectKind::ApplicationFee, name: "refunds", kind: ObjectKind::FeeRefund, field: "fee" },
    Nested { parent: ObjectKind::Invoice, name: "lines", kind: ObjectKind::InvoiceLine, field: "invoice" },
    Nested {
        parent: ObjectKind::Customer,
        name: "balance_transactions",
        kind: ObjectKind::CustomerBalanceTransaction,
        field: "customer",
    },
    Nested { parent: ObjectKind::Customer, name: "subscriptions", kind: ObjectKind::Subscription, field: "customer" },
];

/// Every list and its name in addresses; of two names the first is the usual one.
const COLLECTIONS: [(&str, ObjectKind); 26] = [
    ("balance_transactions", ObjectKind::BalanceTransaction),
    // The history of the balance is their old name, and still answers.
    ("balance/history", ObjectKind::BalanceTransaction),
    ("payouts", ObjectKind::Payout),
    ("charges", ObjectKind::Charge),
    ("refunds", ObjectKind::Refund),
    ("disputes", ObjectKind::Dispute),
    ("payment_intents", ObjectKind::PaymentIntent),
    ("customers", ObjectKind::Customer),
    ("products", ObjectKind::Product),
    ("prices", ObjectKind::Price),
    ("plans", ObjectKind::Plan),
    ("coupons", ObjectKind::Coupon),
    ("promotion_codes", ObjectKind::PromotionCode),
    ("tax_rates", ObjectKind::TaxRate),
    ("subscriptions", ObjectKind::Subscription),
    ("subscription_schedules", ObjectKind::SubscriptionSchedule),
    ("subscription_items", ObjectKind::SubscriptionItem),
    ("invoices", ObjectKind::Invoice),
    ("invoiceitems", ObjectKind::InvoiceItem),
    ("invoice_payments", ObjectKind::InvoicePayment),
    ("credit_notes", ObjectKind::CreditNote),
    ("transfers", ObjectKind::Transfer),
    ("application_fees", ObjectKind::ApplicationFee),
    ("topups", ObjectKind::Topup),
    ("radar/early_fraud_warnings", ObjectKind::EarlyFraudWarning),
    ("events", ObjectKind::Event),
];

/// The route of a path; `None` for an address that Stripe does not have, or that this simulator does not know.
pub(super) fn parse(path: &str) -> Option<Route<'_>> {
    if let Some(tail) = path.strip_prefix(core_events::PATH) {
        return if tail.is_empty() { Some(Route::CoreEvents(None)) } else { id_in(tail).map(|id| Route::CoreEvents(Some(id))) };
    }
    let rest = path.strip_prefix("/v1/")?;
    match rest {
        "account" => return Some(Route::OwnAccount),
        "accounts" => return Some(Route::Accounts),
        "balance" => return Some(Route::Balance),
        "webhook_endpoints" => return Some(Route::WebhookEndpoints(None)),
        _ => {}
    }
    if let Some((inside, id, member)) = inside::parse(rest) {
        return Some(Route::Inside(inside, id, member));
    }
    if let Some(tail) = rest.strip_prefix("webhook_endpoints") {
        return id_in(tail).map(|id| Route::WebhookEndpoints(Some(id)));
    }
    if let Some(tail) = rest.strip_prefix("accounts") {
        return id_in(tail).map(Route::Account);
    }
    COLLECTIONS
        .iter()
        .filter_map(|(name, kind)| Some((rest.strip_prefix(name)?, *kind)))
        .find(|(tail, _)| tail.is_empty() || tail.starts_with('/'))
        .map_or_else(|| Address::parse(rest).map(Route::Report), |(tail, kind)| of_kind(kind, tail))
}

/// Where an object can be retrieved; `None` for what has no address of its own.
pub(super) fn address(object: &Value) -> Option<String> {
    let text = |field: &str| object.get(field).and_then(Value::as_str);
    let (id, word) = (text("id")?, text("object")?);
    let kind = ObjectKind::ALL.into_iter().find(|kind| kind.as_str() == word)?;
    let collection = |of: ObjectKind| COLLECTIONS.iter().find(|(_, kind)| *kind == of).map(|(name, _)| *name);
    if let Some(name) = collection(kind) {
        return Some(format!("/v1/{name}/{id}"));
    }
    let nested = NESTED.iter().find(|nested| nested.kind == kind)?;
    Some(format!("/v1/{}/{}/{}/{id}", collection(nested.parent)?, text(nested.field)?, nested.name))
}

/// The path with its id replaced by `:id`: the name under which requests are counted.
pub(super) fn template(path: &str) -> String {
    match parse(path) {
        Some(Route::Account(id) | Route::Retrieve(_, id) | Route::CoreEvents(Some(id)) | Route::WebhookEndpoints(Some(id))) => {
            path.strip_suffix(id).map_or_else(|| path.to_owned(), |collection| format!("{collection}:id"))
        }
        Some(Route::Report(address)) => address.template().to_owned(),
        Some(Route::Within(nested, _, member)) => {
            let collection = path.split('/').nth(2).unwrap_or_default();
            deep_template(collection, nested.name, member)
        }
        Some(Route::Inside(inside, _, member)) => deep_template(inside.collection, inside.name, member),
        Some(_) => path.to_owned(),
        None => "unrecognized".to_owned(),
    }
}

fn deep_template(collection: &str, name: &str, member: Option<&str>) -> String {
    format!("/v1/{collection}/:id/{name}{}", if member.is_some() { "/:id" } else { "" })
}

fn of_kind(kind: ObjectKind, tail: &str) -> Option<Route<'_>> {
    if tail.is_empty() {
        return Some(Route::List(kind));
    }
    if tail == "/search" && search::is_searchable(kind) {
        return Some(Route::Search(kind));
    }
    id_in(tail).map(|id| Route::Retrieve(kind, id)).or_else(|| within(kind, tail))
}

/// `/id/list` or `/id/list/id`.
fn within(parent: ObjectKind, tail: &str) -> Option<Route<'_>> {
    let (id, rest) = tail.strip_prefix('/')?.split_once('/')?;
    let (name, member) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let nested = NESTED.iter().find(|nested| nested.parent == parent && nested.name == name && !id.is_empty())?;
    match member {
        "" => Some(Route::Within(*nested, id, None)),
        member => id_in(member).map(|member| Route::Within(*nested, id, Some(member))),
    }
}

/// The id in `/id`; a trailing slash or a deeper path is no address.
fn id_in(tail: &str) -> Option<&str> {
    tail.strip_prefix('/').filter(|id| !id.is_empty() && !id.contains('/'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_address_has_its_meaning() {
        assert_eq!(parse("/v1/account"), Some(Route::OwnAccount));
        assert_eq!(parse("/v1/accounts"), Some(Route::Accounts));
        assert_eq!(parse("/v1/accounts/acct_1"), Some(Route::Account("acct_1")));
        assert_eq!(parse("/v1/balance"), Some(Route::Balance));
        assert_eq!(parse("/v1/balance/history"), Some(Route::List(ObjectKind::BalanceTransaction)));
        assert_eq!(parse("/v1/balance/history/txn_1"), Some(Route::Retrieve(ObjectKind::BalanceTransaction, "txn_1")));
        assert_eq!(parse("/v1/charges/search"), Some(Route::Search(ObjectKind::Charge)));
        assert_eq!(parse("/v1/payouts/search"), Some(Route::Retrieve(ObjectKind::Payout, "search")));
        assert_eq!(parse("/v2/core/events"), Some(Route::CoreEvents(None)));
        assert_eq!(parse("/v2/core/events/evt_1"), Some(Route::CoreEvents(Some("evt_1"))));
        assert_eq!(parse("/v1/payouts/po_1"), Some(Route::Retrieve(ObjectKind::Payout, "po_1")));
    }

    #[test]
    fn an_object_stands_where_its_address_says() {
        for (object, path) in [
            (json!({"id": "po_1", "object": "payout"}), "/v1/payouts/po_1"),
            (json!({"id": "txn_1", "object": "balance_transaction"}), "/v1/balance_transactions/txn_1"),
            (json!({"id": "re_1", "object": "refund", "charge": "ch_1"}), "/v1/refunds/re_1"),
            (json!({"id": "fr_1", "object": "fee_refund", "fee": "fee_1"}), "/v1/application_fees/fee_1/refunds/fr_1"),
            (json!({"id": "issfr_1", "object": "radar.early_fraud_warning"}), "/v1/radar/early_fraud_warnings/issfr_1"),
        ] {
            assert_eq!(address(&object).as_deref(), Some(path));
            assert!(parse(path).is_some(), "{path}");
        }
        assert_eq!(address(&json!({"id": "di_1", "object": "discount"})), None);
    }

    #[test]
    fn reports_and_their_files_have_addresses() {
        let report = |path: &'static str| match parse(path) {
            Some(Route::Report(address)) => Some(address),
            _ => None,
        };
        assert_eq!(report("/v1/reporting/report_types"), Some(Address::Types));
        assert_eq!(report("/v1/reporting/report_types/balance.summary.1"), Some(Address::Type("balance.summary.1")));
        assert_eq!(report("/v1/reporting/report_runs/frr_1"), Some(Address::Run("frr_1")));
        assert_eq!(report("/v1/files/file_1/contents"), Some(Address::Contents("file_1")));
        for path in ["/v1/files", "/v1/files/", "/v1/files//contents", "/v1/reporting", "/v1/reporting/report_runs/"] {
            assert_eq!(parse(path), None, "{path}");
        }
        assert_eq!(template("/v1/files/file_1/contents"), "/v1/files/:id/contents");
    }

    #[test]
    fn what_is_no_address_has_none() {
        for path in [
            "/",
            "/v1",
            "/v1/",
            "/v1/payouts/",
            "/v1/payouts/po_1/cancel",
            "/v1/balance/historyx",
            "/v2/payouts",
            "/v2/core/eventsx",
            "/v2/core/events/",
        ] {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    #[test]
    fn what_belongs_to_an_object_hangs_under_it() {
        let Some(Route::Within(lines, "in_1", None)) = parse("/v1/invoices/in_1/lines") else { unreachable!() };
        assert_eq!((lines.kind, lines.field), (ObjectKind::InvoiceLine, "invoice"));
        assert_eq!(template("/v1/invoices/in_1/lines"), "/v1/invoices/:id/lines");
        assert_eq!(template("/v1/customers/c/balance_transactions/t"), "/v1/customers/:id/balance_transactions/:id");
        assert_eq!(template("/v1/credit_notes/cn_1/lines"), "/v1/credit_notes/:id/lines");
        assert_eq!(template("/v1/accounts/a/external_accounts/ba_1"), "/v1/accounts/:id/external_accounts/:id");
        for path in ["/v1/credit_notes/cn_1/lines/", "/v1/credit_notes/cn_1/lines/cnli_1", "/v1/accounts//external_accounts"] {
            assert_eq!(parse(path), None, "{path}");
        }
        for path in ["/v1/invoices/in_1/charges", "/v1/invoices//lines", "/v1/invoices/in_1/lines/", "/v1/charges/ch_1/lines"] {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    #[test]
    fn requests_for_single_objects_are_counted_together() {
        assert_eq!(template("/v1/charges/ch_1"), "/v1/charges/:id");
        assert_eq!(template("/v1/charges"), "/v1/charges");
        assert_eq!(template("/nowhere"), "unrecognized");
    }
}
