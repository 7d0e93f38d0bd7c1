//! Stripe's JSON of each row: the whole field set of API version 2026-10-28, nothing expanded, `livemode` false.

mod account;
pub(crate) mod billing;
mod charge;
mod dispute;

use serde_json::Number;

pub(crate) use account::{Held, Holdings, Profile, balance_of};
pub(crate) use charge::charge;
pub(crate) use dispute::dispute;

use super::rows::{FeeKind, Payout, PayoutKind, Refund, Source, Stamp, Trace, Txn, TxnKind};
use crate::json::{Json, json};

/// Millionths as the JSON number that Stripe writes, such as `1.085432`. Made from text, so that it prints as it was.
fn rate(millionths: u64) -> Json<'static> {
    if millionths == 0 {
        return Json::Null;
    }
    let text = format!("{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    text.parse::<Number>().map_or(Json::Null, Json::Number)
}

fn source(stamp: &Stamp, source: Source) -> Json<'static> {
    match source {
        Source::None => Json::Null,
        Source::Charge(serial) => stamp.charge_id(serial).into(),
        Source::Refund(serial) => stamp.refund_id(serial).into(),
        Source::Dispute(serial) => stamp.dispute_id(serial).into(),
        Source::Payout(serial) => stamp.payout_id(serial).into(),
        Source::ApplicationFee(serial) => stamp.application_fee_id(serial).into(),
        Source::FeeRefund(serial) => stamp.fee_refund_id(serial).into(),
        Source::Transfer(serial) => stamp.transfer_id(serial).into(),
        Source::TransferReversal(serial) => stamp.transfer_reversal_id(serial).into(),
        Source::Topup(serial) => stamp.topup_id(serial).into(),
        Source::Reserve(serial) => stamp.reserve_id(serial).into(),
        Source::Collection(serial) => stamp.collection_id(serial).into(),
    }
}

/// Stripe's `type` and `reporting_category`.
const fn words(kind: TxnKind) -> (&'static str, &'static str) {
    match kind {
        TxnKind::Charge => ("charge", "charge"),
        TxnKind::Refund => ("refund", "refund"),
        TxnKind::RefundFailure => ("refund_failure", "refund_failure"),
        TxnKind::Dispute => ("adjustment", "dispute"),
        TxnKind::DisputeReversal => ("adjustment", "dispute_reversal"),
        TxnKind::StripeFee => ("stripe_fee", "fee"),
        TxnKind::ApplicationFee => ("application_fee", "platform_earning"),
        TxnKind::Payout => ("payout", "payout"),
        TxnKind::PayoutFailure => ("payout_failure", "payout_reversal"),
        TxnKind::PayoutCancel => ("payout_cancel", "payout_reversal"),
        TxnKind::Payment => ("payment", "charge"),
        TxnKind::PaymentRefund => ("payment_refund", "refund"),
        TxnKind::PaymentFailure => ("payment_failure_refund", "charge_failure"),
        TxnKind::Transfer => ("transfer", "transfer"),
        TxnKind::TransferReversal => ("transfer_refund", "transfer_reversal"),
        TxnKind::ApplicationFeeRefund => ("application_fee_refund", "platform_earning_refund"),
        TxnKind::Topup => ("topup", "topup"),
        TxnKind::TopupReversal => ("topup_reversal", "topup_reversal"),
        TxnKind::ReservedFunds => ("reserved_funds", "risk_reserved_funds"),
        TxnKind::ConnectReserve => ("reserve_transaction", "connect_reserved_funds"),
        TxnKind::Collection => ("connect_collection_transfer", "connect_collection_transfer"),
        TxnKind::MinimumHold => ("payout_minimum_balance_hold", "payout_minimum_balance_hold"),
        TxnKind::MinimumRelease => ("payout_minimum_balance_release", "payout_minimum_balance_release"),
    }
}

fn description(stamp: &Stamp, row: &Txn) -> Json<'static> {
    match row.kind {
        TxnKind::Charge => stamp.goods.into(),
        TxnKind::Refund => format!("REFUND FOR CHARGE ({})", stamp.goods).into(),
        TxnKind::RefundFailure => format!("REFUND FAILURE ({})", stamp.goods).into(),
        TxnKind::Dispute => match row.source {
            Source::Dispute(serial) => format!("Chargeback withdrawal for {}", stamp.dispute_id(serial)).into(),
            _ => Json::Null,
        },
        TxnKind::DisputeReversal => match row.source {
            Source::Dispute(serial) => format!("Chargeback reversal for {}", stamp.dispute_id(serial)).into(),
            _ => Json::Null,
        },
        TxnKind::StripeFee => "Radar for Fraud Teams: screened payments of the week".into(),
        TxnKind::ApplicationFee => "Application fee".into(),
        TxnKind::Payout => "STRIPE PAYOUT".into(),
        TxnKind::PayoutFailure => "REVERSAL: STRIPE PAYOUT".into(),
        TxnKind::PayoutCancel => "CANCELED: STRIPE PAYOUT".into(),
        TxnKind::Payment | TxnKind::Transfer | TxnKind::TransferReversal | TxnKind::Topup => Json::Null,
        TxnKind::PaymentRefund => "REFUND FOR PAYMENT".into(),
        TxnKind::PaymentFailure => "Payment failure refund".into(),
        TxnKind::ApplicationFeeRefund => "Application fee refund".into(),
        TxnKind::TopupReversal => "Top-up reversal".into(),
        TxnKind::ReservedFunds if row.amount < 0 => "Reserved funds".into(),
        TxnKind::ReservedFunds => "Released reserved funds".into(),
        TxnKind::ConnectReserve => "Connect reserved funds".into(),
        TxnKind::Collection => "Collection of a negative balance".into(),
        TxnKind::MinimumHold => "Minimum balance held".into(),
        TxnKind::MinimumRelease => "Minimum balance released".into(),
    }
}

fn fee_detail<'a>(stamp: &'a Stamp, row: &'a Txn, kind: FeeKind, amount: i64) -> Json<'a> {
    let (word, description, application) = match kind {
        FeeKind::Processing => ("stripe_fee", "Stripe processing fees", None),
        FeeKind::Conversion => ("stripe_fee", "Stripe currency conversion fee", None),
        FeeKind::Application => ("application_fee", "application fee", stamp.application.as_deref()),
        FeeKind::Dispute => ("stripe_fee", "Dispute fee", None),
        FeeKind::Payout => ("stripe_fee", "Instant payout fee", None),
    };
    json!({"amount": amount, "application": application, "currency": row.currency.as_str(), "description": description, "type": word})
}

pub(crate) fn txn<'a>(stamp: &'a Stamp, row: &'a Txn, at: i64) -> Json<'a> {
    let (word, category) = words(row.kind);
    let fees: Vec<Json<'_>> = row.fees.iter().flatten().map(|(kind, amount)| fee_detail(stamp, row, *kind, *amount)).collect();
    json!({
        "id": stamp.txn_id(row.serial),
        "object": "balance_transaction",
        "amount": row.amount,
        "available_on": row.available_on,
        "balance_type": "payments",
        "created": row.created,
        "currency": row.currency.as_str(),
        "description": description(stamp, row),
        "exchange_rate": rate(row.rate_millionths),
        "fee": row.fee(),
        "fee_details": fees,
        "net": row.net(),
        "reporting_category": category,
        "source": source(stamp, row.source),
        "status": if row.is_pending(at) { "pending" } else { "available" },
        "type": word,
    })
}

fn failure_message(code: &str) -> &'static str {
    match code {
        "account_closed" => "The bank account has been closed.",
        "no_account" => {
            "The bank account details on file are probably incorrect. No bank account could be located with those details."
        }
        _ => "The bank could not process this payout.",
    }
}

fn trace(trace: &Trace) -> Json<'_> {
    match trace {
        Trace::Pending => json!({"status": "pending", "value": null}),
        Trace::Unsupported => json!({"status": "unsupported", "value": null}),
        Trace::Supported(value) => json!({"status": "supported", "value": value.as_str()}),
    }
}

pub(crate) fn payout<'a>(stamp: &'a Stamp, row: &'a Payout, at: i64) -> Json<'a> {
    let failure = row.failure_at(at);
    let failed = failure.and_then(|failure| failure.code);
    let reconciliation = match row.kind {
        PayoutKind::Automatic if row.is_listed_completely(at) => "completed",
        PayoutKind::Automatic => "in_progress",
        PayoutKind::Manual | PayoutKind::Instant => "not_applicable",
    };
    json!({
        "id": stamp.payout_id(row.serial),
        "object": "payout",
        "amount": row.amount,
        "application_fee": null,
        "application_fee_amount": null,
        "arrival_date": row.arrival,
        "automatic": row.kind == PayoutKind::Automatic,
        "balance_transaction": stamp.txn_id(row.txn),
        "created": row.created,
        "currency": row.currency.as_str(),
        "description": (row.kind == PayoutKind::Automatic).then_some("STRIPE PAYOUT"),
        "destination": stamp.destination(row.currency),
        "failure_balance_transaction": failure.map(|failure| stamp.txn_id(failure.txn)),
        "failure_code": failed,
        "failure_message": failed.map(failure_message),
        "livemode": false,
        "metadata": {},
        "method": if row.kind == PayoutKind::Instant { "instant" } else { "standard" },
        "original_payout": row.reverses.map(|serial| stamp.payout_id(serial)),
        "payout_method": null,
        "reconciliation_status": reconciliation,
        "reversed_by": row.reversed_by.filter(|(_, since)| *since <= at).map(|(serial, _)| stamp.payout_id(serial)),
        "source_type": "card",
        "statement_descriptor": row.descriptor,
        "status": row.status(at).as_str(),
        "trace_id": trace(row.trace(at)),
        "type": "bank_account",
    })
}

pub(crate) fn refund<'a>(stamp: &'a Stamp, row: &'a Refund, at: i64) -> Json<'a> {
    let failure = row.failure_txn(at);
    let mut body = json!({
        "id": stamp.refund_id(row.serial),
        "object": "refund",
        "amount": row.amount,
        "balance_transaction": stamp.txn_id(row.txn),
        "charge": stamp.charge_id(row.charge),
        "created": row.created,
        "currency": row.currency.as_str(),
        "customer": null,
        "customer_account": null,
        "destination_details": {"card": {"reference_status": "pending", "reference_type": "acquirer_reference_number", "type": "refund"}, "type": "card"},
        "metadata": {"order_id": order(row.order), "ticket": format!("T-{:05}", row.serial)},
        "payment_intent": stamp.payment_intent_id(row.intent),
        "payment_method": null,
        "reason": row.reason,
        "receipt_number": null,
        "source_transfer_reversal": null,
        "status": if failure.is_some() { "failed" } else { "succeeded" },
        "transfer_reversal": null,
    });
    if let Some(serial) = failure {
        body.insert("failure_balance_transaction", stamp.txn_id(serial).into());
        body.insert("failure_reason", "expired_or_canceled_card".into());
    }
    if let Some(dress) = &row.dress {
        dress.over(&mut body, at);
    }
    body
}

/// The merchant's own number of an order, as its metadata carries it.
pub(crate) fn order(number: u32) -> String {
    format!("SO-{number:06}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_prints_every_digit_that_it_has() {
        for (millionths, text) in [(1_085_432, "1.085432"), (6_623, "0.006623"), (150_123_457, "150.123457"), (1_100_000, "1.1")]
        {
            assert_eq!(serde_json::Value::from(rate(millionths)).to_string(), text);
        }
        assert_eq!(rate(0), Json::Null);
    }
}
