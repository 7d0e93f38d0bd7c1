//! A balance transaction as reports count it.

use money::{Amount, Currency};
use serde_json::Value;

/// What reports need of a balance transaction. Amounts are signed minor units of `currency`.
#[derive(Clone, Debug)]
pub(super) struct Txn {
    pub(super) id: String,
    pub(super) created: i64,
    pub(super) available_on: i64,
    pub(super) currency: Currency,
    pub(super) gross: i64,
    pub(super) fee: i64,
    pub(super) net: i64,
    pub(super) category: String,
    pub(super) source: Option<String>,
    pub(super) description: String,
}

impl Txn {
    /// Reads Stripe's JSON; `None` for what is no balance transaction.
    pub(super) fn read(body: &Value) -> Option<Self> {
        let text = |field: &str| body.get(field).and_then(Value::as_str);
        let int = |field: &str| body.get(field).and_then(Value::as_i64);
        Some(Self {
            id: text("id")?.to_owned(),
            created: int("created")?,
            available_on: int("available_on")?,
            currency: Currency::parse(text("currency")?).ok()?,
            gross: int("amount")?,
            fee: int("fee")?,
            net: int("net")?,
            category: text("reporting_category")?.to_owned(),
            source: text("source").map(str::to_owned),
            description: text("description").unwrap_or_default().to_owned(),
        })
    }

    /// Whether it is money on its way to a bank, or back.
    pub(super) fn is_payout(&self) -> bool {
        matches!(self.category.as_str(), "payout" | "payout_reversal")
    }

    /// As the payout reports count it: what left the balance is positive.
    pub(super) fn seen_from_the_bank(self) -> Self {
        Self { gross: -self.gross, fee: -self.fee, net: -self.net, ..self }
    }

    /// Minor units of its currency as reports write amounts: in major units.
    pub(super) fn major(&self, minor: i64) -> String {
        Amount::new(minor, self.currency).to_major()
    }
}
