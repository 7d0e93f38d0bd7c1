//! A payout.

use serde::Deserialize;

use super::fields::{Link, lenient};

#[derive(Deserialize)]
pub struct Payout {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub created: i64,
    pub arrival_date: i64,
    pub automatic: bool,
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub method: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub reconciliation_status: Option<String>,
    #[serde(default)]
    pub balance_transaction: Option<Link>,
    #[serde(default)]
    pub failure_balance_transaction: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub failure_code: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub destination: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub statement_descriptor: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub trace_id: Option<TraceId>,
    #[serde(default, deserialize_with = "lenient")]
    pub original_payout: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub reversed_by: Option<Link>,
}

#[derive(Deserialize)]
pub struct TraceId {
    pub status: String,
    #[serde(default)]
    pub value: Option<String>,
}
