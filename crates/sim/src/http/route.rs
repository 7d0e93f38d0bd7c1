//! Which address means what.

use super::report::Address;
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
    /// One object.
    Retrieve(ObjectKind, &'a str),
    /// Reports.
    Report(Address<'a>),
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
const NESTED: [Nested; 5] = [
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

/// The route of a path; `None` for an address that Stripe does not have, or that this simulator does not know.
pub(super) fn parse(path: &str) -> Option<Route<'_>> {
    let rest = path.strip_prefix("/v1/")?;
    match rest {
        "account" => return Some(Route::OwnAccount),
        "accounts" => return Some(Route::Accounts),
        "balance" => return Some(Route::Balance),
        _ => {}
    }
    // The history of the balance is the old name of the balance transactions, and still answers.
    if let Some(tail) = rest.strip_prefix("balance/history") {
        return of_kind(ObjectKind::BalanceTransaction, tail);
    }
    if let Some(tail) = rest.strip_prefix("radar/early_fraud_warnings") {
        return of_kind(ObjectKind::EarlyFraudWarning, tail);
    }
    let (collection, tail) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    match collection {
        "accounts" => id_in(tail).map(Route::Account),
        _ => match kind_of(collection) {
            Some(kind) => of_kind(kind, tail),
            None => Address::parse(rest).map(Route::Report),
        },
    }
}

/// What the list with this address holds.
fn kind_of(collection: &str) -> Option<ObjectKind> {
    Some(match collection {
        "balance_transactions" => ObjectKind::BalanceTransaction,
        "payouts" => ObjectKind::Payout,
        "charges" => ObjectKind::Charge,
        "refunds" => ObjectKind::Refund,
        "disputes" => ObjectKind::Dispute,
        "payment_intents" => ObjectKind::PaymentIntent,
        "customers" => ObjectKind::Customer,
        "products" => ObjectKind::Product,
        "prices" => ObjectKind::Price,
        "coupons" => ObjectKind::Coupon,
        "tax_rates" => ObjectKind::TaxRate,
        "subscriptions" => ObjectKind::Subscription,
        "subscription_items" => ObjectKind::SubscriptionItem,
        "invoices" => ObjectKind::Invoice,
        "invoiceitems" => ObjectKind::InvoiceItem,
        "invoice_payments" => ObjectKind::InvoicePayment,
        "credit_notes" => ObjectKind::CreditNote,
        "transfers" => ObjectKind::Transfer,
        "application_fees" => ObjectKind::ApplicationFee,
        "topups" => ObjectKind::Topup,
        "events" => ObjectKind::Event,
        _ => return None,
    })
}

/// The path with its id replaced by `:id`: the name under which requests are counted.
pub(super) fn template(path: &str) -> String {
    match parse(path) {
        Some(Route::Account(id) | Route::Retrieve(_, id)) => {
            path.strip_suffix(id).map_or_else(|| path.to_owned(), |collection| format!("{collection}:id"))
        }
        Some(Route::Report(address)) => address.template().to_owned(),
        Some(Route::Within(nested, _, member)) => {
            let collection = path.split('/').nth(2).unwrap_or_default();
            format!("/v1/{collection}/:id/{}{}", nested.name, if member.is_some() { "/:id" } else { "" })
        }
        Some(_) => path.to_owned(),
        None => "unrecognized".to_owned(),
    }
}

fn of_kind(kind: ObjectKind, tail: &str) -> Option<Route<'_>> {
    if tail.is_empty() {
        return Some(Route::List(kind));
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
    use super::*;

    #[test]
    fn every_address_has_its_meaning() {
        assert_eq!(parse("/v1/account"), Some(Route::OwnAccount));
        assert_eq!(parse("/v1/accounts"), Some(Route::Accounts));
        assert_eq!(parse("/v1/accounts/acct_1"), Some(Route::Account("acct_1")));
        assert_eq!(parse("/v1/balance"), Some(Route::Balance));
        assert_eq!(parse("/v1/balance/history"), Some(Route::List(ObjectKind::BalanceTransaction)));
        assert_eq!(parse("/v1/balance/history/txn_1"), Some(Route::Retrieve(ObjectKind::BalanceTransaction, "txn_1")));
        assert_eq!(parse("/v1/payouts/po_1"), Some(Route::Retrieve(ObjectKind::Payout, "po_1")));
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
        for path in
            ["/", "/v1", "/v1/", "/v1/payouts/", "/v1/payouts/po_1/cancel", "/v1/balance/historyx", "/v2/payouts", "/v2/events"]
        {
            assert_eq!(parse(path), None, "{path}");
        }
    }

    #[test]
    fn what_belongs_to_an_object_hangs_under_it() {
        let Some(Route::Within(lines, "in_1", None)) = parse("/v1/invoices/in_1/lines") else { unreachable!() };
        assert_eq!((lines.kind, lines.field), (ObjectKind::InvoiceLine, "invoice"));
        assert_eq!(template("/v1/invoices/in_1/lines"), "/v1/invoices/:id/lines");
        assert_eq!(template("/v1/customers/c/balance_transactions/t"), "/v1/customers/:id/balance_transactions/:id");
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
