//! A dispute.

use serde::Deserialize;

use super::fields::{Link, lenient};

#[derive(Deserialize)]
pub struct Dispute {
    pub id: String,
    pub amount: i64,
    pub currency: String,
    pub created: i64,
    pub charge: Link,
    #[serde(default, deserialize_with = "lenient")]
    pub reason: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub balance_transactions: Option<Vec<Link>>,
}
