//! A refund.

use serde::Deserialize;

use super::fields::{Link, lenient, metadata};

#[derive(Deserialize)]
pub struct Refund {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub created: i64,
    #[serde(default)]
    pub charge: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub reason: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default)]
    pub balance_transaction: Option<Link>,
    #[serde(default)]
    pub failure_balance_transaction: Option<Link>,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: Vec<(String, String)>,
}
