//! A txn as `txn list --json` prints it.

use jiff::{Timestamp, civil::Date};
use money::Amount;
use serde::Serialize;
use store::TxnRow;

/// One movement of a Stripe balance. Borrows: a million of these are printed one by one.
#[derive(Debug, Clone, Serialize)]
pub struct TxnView<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whose balance moved.
    pub account: &'a str,
    /// The currency it was settled in.
    pub currency: String,
    /// Gross; positive raises the balance.
    pub amount_minor: i64,
    /// Positive when charged.
    pub fee_minor: i64,
    /// `amount_minor` − `fee_minor`.
    pub net_minor: i64,
    /// Stripe's `type`.
    #[serde(rename = "type")]
    pub kind: &'a str,
    /// Stripe's reporting category.
    pub reporting_category: &'a str,
    /// `available`, `pending`, or Stripe's word.
    pub status: &'a str,
    /// Which balance it moved.
    pub balance_type: &'a str,
    /// When Stripe posted it.
    pub created_at: Timestamp,
    /// The day on which the net becomes available.
    pub available_on: Date,
    /// The id of what caused it.
    pub source: Option<&'a str>,
    /// The payout that holds it; null while in none, and for what no payout itemises.
    pub payout: Option<&'a str>,
    /// Stripe's own decimal text; null where nothing was converted.
    pub exchange_rate: Option<&'a str>,
    /// What was charged, before conversion; null where nothing was converted.
    pub source_amount_minor: Option<i64>,
    /// In which currency it was charged; null where nothing was converted.
    pub source_currency: Option<String>,
}

impl<'a> TxnView<'a> {
    /// The view of a txn, the payout that holds it, and what was charged where a conversion took place.
    #[must_use]
    pub fn of(row: &'a TxnRow) -> Self {
        let TxnRow { txn, payout, source_amount } = row;
        let charged = txn.exchange_rate.as_ref().and(*source_amount);
        Self {
            id: txn.id.as_str(),
            account: txn.account.as_str(),
            currency: txn.amount.currency().to_string(),
            amount_minor: txn.amount.minor(),
            fee_minor: txn.fee_minor,
            net_minor: txn.net_minor,
            kind: &txn.kind,
            reporting_category: &txn.reporting_category,
            status: txn.status.as_str(),
            balance_type: &txn.balance_type,
            created_at: txn.created_at,
            available_on: txn.available_on,
            source: txn.source.as_ref().map(|source| source.id.as_str()),
            payout: payout.as_ref().map(facts::PayoutId::as_str),
            exchange_rate: txn.exchange_rate.as_deref(),
            source_amount_minor: charged.map(Amount::minor),
            source_currency: charged.map(|amount| amount.currency().to_string()),
        }
    }
}
