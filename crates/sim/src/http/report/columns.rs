//! The columns of itemized reports, and what stands in each for a txn.

use std::cell::OnceCell;

use money::{Amount, Currency};
use serde_json::Value;

use super::super::index::AccountView;
use super::kinds::{BALANCE, Detail, Kind, SUMMARY, Subject};
use super::ledger::PaidOut;
use super::txn::Txn;
use super::zone::Zone;

/// One row: a txn, the payout that settles it (or that it is), and what else is known of it.
pub(super) struct Row<'a> {
    account: AccountView<'a>,
    pub(super) txn: Txn,
    payout: Option<&'a PaidOut>,
    /// From when on it counts, unix seconds.
    pub(super) effective_at: i64,
    related: OnceCell<Related>,
}

/// The object behind a txn and the charge that it began with, where there is one.
struct Related {
    source: Value,
    charge: Value,
}

/// What writes a cell.
pub(super) enum Cell {
    /// Something of the row itself.
    Of(fn(&Row<'_>, &Zone) -> String),
    /// A key of the charge's metadata, or of the refund's.
    PaymentMetadata(String),
    RefundMetadata(String),
    /// Stripe has the column; the simulated merchant has nothing to put into it.
    Nothing,
}

/// Columns that are always empty here.
const NOTHING: [&str; 15] = [
    "connected_account_country",
    "connected_account_direct_charge_id",
    "connected_account_id",
    "connected_account_name",
    "customer_description",
    "customer_email",
    "customer_name",
    "destination_payment_id",
    "invoice_id",
    "invoice_number",
    "is_link",
    "order_id",
    "regulatory_tag",
    "statement_descriptor",
    "subscription_id",
];
/// Each of these addresses has a column a line; they are as empty.
const ADDRESSES: [&str; 4] = ["card_address_", "customer_address_", "customer_shipping_address_", "shipping_address_"];
const ADDRESS_LINES: [&str; 6] = ["city", "country", "line1", "line2", "postal_code", "state"];

/// Whether a report of this kind has a column of this name.
pub(super) fn is_known(kind: &Kind, name: &str) -> bool {
    match (kind.subject, kind.detail) {
        (Subject::Balance, _) => BALANCE.contains(&name),
        (_, Detail::Summary) => SUMMARY.contains(&name),
        (subject, Detail::Itemized) => cell(subject, name).is_some(),
    }
}

/// What writes the column of this name in an itemized report.
pub(super) fn cell(subject: Subject, name: &str) -> Option<Cell> {
    if let Some(of) = of_every_txn(name) {
        return Some(Cell::Of(of));
    }
    if subject == Subject::Payouts {
        return if name == "regulatory_tag" { Some(Cell::Nothing) } else { of_a_payout(name).map(Cell::Of) };
    }
    if let Some((object, key)) = name.strip_suffix(']').and_then(|name| name.split_once('[')) {
        return match object {
            "payment_metadata" => Some(Cell::PaymentMetadata(key.to_owned())),
            "refund_metadata" => Some(Cell::RefundMetadata(key.to_owned())),
            "transfer_metadata" => Some(Cell::Nothing),
            _ => None,
        };
    }
    let of_an_address =
        ADDRESSES.iter().filter_map(|address| name.strip_prefix(address)).any(|line| ADDRESS_LINES.contains(&line));
    match of_its_source(name) {
        Some(of) => Some(Cell::Of(of)),
        None => (of_an_address || NOTHING.contains(&name)).then_some(Cell::Nothing),
    }
}

fn of_every_txn(name: &str) -> Option<fn(&Row<'_>, &Zone) -> String> {
    Some(match name {
        "balance_transaction_id" => |row, _| row.txn.id.clone(),
        "currency" => |row, _| row.txn.currency.to_string(),
        "gross" => |row, _| row.txn.major(row.txn.gross),
        "fee" => |row, _| row.txn.major(row.txn.fee),
        "net" => |row, _| row.txn.major(row.txn.net),
        "reporting_category" => |row, _| row.txn.category.clone(),
        "description" => |row, _| row.txn.description.clone(),
        "trace_id" => |row, _| row.payout_text("/trace_id/value"),
        "trace_id_status" => |row, _| row.payout_text("/trace_id/status"),
        _ => return None,
    })
}

fn of_a_payout(name: &str) -> Option<fn(&Row<'_>, &Zone) -> String> {
    Some(match name {
        "payout_id" => |row, _| row.payout_text("/id"),
        "payout_status" => |row, _| row.payout_text("/status"),
        "payout_type" => |row, _| row.payout_text("/type"),
        "payout_description" => |row, _| row.payout_text("/description"),
        "payout_destination_id" => |row, _| row.payout_text("/destination"),
        "effective_at" => |row, zone| zone.time(row.effective_at),
        "effective_at_utc" => |row, _| Zone::UTC.time(row.effective_at),
        // A day without a time, and so without a zone.
        "payout_expected_arrival_date" => {
            |row, _| row.payout_second("/arrival_date").map(|at| Zone::UTC.day(at)).unwrap_or_default()
        }
        "payout_reversed_at" => |row, zone| row.reversed_at(zone),
        "payout_reversed_at_utc" => |row, _| row.reversed_at(&Zone::UTC),
        _ => return None,
    })
}

fn of_its_source(name: &str) -> Option<fn(&Row<'_>, &Zone) -> String> {
    Some(match name {
        "created" => |row, zone| zone.time(row.txn.created),
        "created_utc" => |row, _| Zone::UTC.time(row.txn.created),
        "available_on" => |row, zone| zone.time(row.txn.available_on),
        "available_on_utc" => |row, _| Zone::UTC.time(row.txn.available_on),
        "source_id" => |row, _| row.txn.source.clone().unwrap_or_default(),
        "automatic_payout_id" => |row, _| row.payout_text("/id"),
        "automatic_payout_effective_at" => |row, zone| row.paid_at(zone),
        "automatic_payout_effective_at_utc" => |row, _| row.paid_at(&Zone::UTC),
        "customer_facing_amount" => |row, _| row.customer_facing().map(|amount| amount.to_major()).unwrap_or_default(),
        "customer_facing_currency" => {
            |row, _| row.customer_facing().map(|amount| amount.currency().to_string()).unwrap_or_default()
        }
        "customer_id" => |row, _| row.charge_text("/customer"),
        "charge_id" => |row, _| row.charge_text("/id"),
        "charge_created" => |row, zone| row.charge_created(zone),
        "charge_created_utc" => |row, _| row.charge_created(&Zone::UTC),
        "payment_intent_id" => |row, _| row.charge_text("/payment_intent"),
        "payment_method_type" => |row, _| row.charge_text("/payment_method_details/type"),
        "card_brand" => |row, _| row.charge_text("/payment_method_details/card/brand"),
        "card_country" => |row, _| row.charge_text("/payment_method_details/card/country"),
        "card_funding" => |row, _| row.charge_text("/payment_method_details/card/funding"),
        "dispute_reason" => |row, _| if row.is_of("dispute") { text(&row.related().source, "/reason") } else { String::new() },
        _ => return None,
    })
}

impl Cell {
    pub(super) fn write(&self, row: &Row<'_>, zone: &Zone) -> String {
        match self {
            Self::Of(of) => of(row, zone),
            Self::PaymentMetadata(key) => metadata(&row.related().charge, key),
            Self::RefundMetadata(key) if row.is_of("refund") => metadata(&row.related().source, key),
            Self::RefundMetadata(_) | Self::Nothing => String::new(),
        }
    }
}

impl<'a> Row<'a> {
    pub(super) fn new(account: AccountView<'a>, txn: Txn, payout: Option<&'a PaidOut>) -> Self {
        let effective_at = txn.created;
        Self { account, txn, payout, effective_at, related: OnceCell::new() }
    }

    /// The same row, which counts from `at` on.
    pub(super) fn counting_from(self, at: i64) -> Self {
        Self { effective_at: at, ..self }
    }

    /// Looked up only where a column asks for it.
    fn related(&self) -> &Related {
        self.related.get_or_init(|| {
            let body = |id: &str| self.account.object(id).map(|object| object.body(self.account.now())).unwrap_or_default();
            let source = self.txn.source.as_deref().map(body).unwrap_or_default();
            let charge = match source.get("charge").and_then(Value::as_str) {
                Some(charge) => body(charge),
                None if source.get("object").and_then(Value::as_str) == Some("charge") => source.clone(),
                None => Value::Null,
            };
            Related { source, charge }
        })
    }

    fn is_of(&self, object: &str) -> bool {
        self.related().source.get("object").and_then(Value::as_str) == Some(object)
    }

    fn charge_text(&self, pointer: &str) -> String {
        text(&self.related().charge, pointer)
    }

    fn charge_created(&self, zone: &Zone) -> String {
        self.related().charge.get("created").and_then(Value::as_i64).map(|at| zone.time(at)).unwrap_or_default()
    }

    /// What the customer saw of a charge, refund or dispute.
    fn customer_facing(&self) -> Option<Amount> {
        let seen = ["charge", "refund", "dispute"].iter().any(|object| self.is_of(object));
        let source = Some(&self.related().source).filter(|_| seen)?;
        let currency = Currency::parse(source.get("currency")?.as_str()?).ok()?;
        Some(Amount::new(source.get("amount")?.as_i64()?, currency))
    }

    fn payout_text(&self, pointer: &str) -> String {
        self.payout.map(|payout| text(&payout.body, pointer)).unwrap_or_default()
    }

    fn payout_second(&self, pointer: &str) -> Option<i64> {
        self.payout?.body.pointer(pointer)?.as_i64()
    }

    fn paid_at(&self, zone: &Zone) -> String {
        self.payout.map(|payout| zone.time(payout.effective_at)).unwrap_or_default()
    }

    /// When the payout's money came back to the balance.
    fn reversed_at(&self, zone: &Zone) -> String {
        let back = self.payout.and_then(|payout| self.account.object(payout.back.as_deref()?));
        back.map(|txn| zone.time(txn.created)).unwrap_or_default()
    }
}

fn text(body: &Value, pointer: &str) -> String {
    body.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn metadata(body: &Value, key: &str) -> String {
    body.get("metadata").and_then(|metadata| metadata.get(key)).and_then(Value::as_str).unwrap_or_default().to_owned()
}
