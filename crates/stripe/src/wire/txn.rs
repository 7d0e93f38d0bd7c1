//! A balance transaction.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::fields::{Link, lenient};

#[derive(Deserialize)]
pub struct Txn<'a> {
    pub id: String,
    pub amount: i64,
    pub fee: i64,
    pub net: i64,
    pub currency: String,
    pub created: i64,
    pub available_on: i64,
    #[serde(rename = "type", default, deserialize_with = "lenient")]
    pub kind: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub reporting_category: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub balance_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
    #[serde(default)]
    pub source: Option<Link>,
    #[serde(borrow, default)]
    pub exchange_rate: Option<&'a RawValue>,
}
