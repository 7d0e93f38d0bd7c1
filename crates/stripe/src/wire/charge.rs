//! A charge.

use serde::Deserialize;

use super::fields::{Link, lenient, metadata};

#[derive(Deserialize)]
pub struct Charge {
    pub id: String,
    pub amount: i64,
    #[serde(default)]
    pub amount_refunded: i64,
    pub currency: String,
    pub created: i64,
    #[serde(default, deserialize_with = "lenient")]
    pub status: Option<String>,
    #[serde(default)]
    pub balance_transaction: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub payment_intent: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub customer: Option<Link>,
    #[serde(default, deserialize_with = "lenient")]
    pub payment_method_details: Option<PaymentMethod>,
    #[serde(default, deserialize_with = "lenient")]
    pub description: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub disputed: Option<bool>,
    #[serde(default, deserialize_with = "metadata")]
    pub metadata: Vec<(String, String)>,
}

#[derive(Deserialize)]
pub struct PaymentMethod {
    #[serde(rename = "type")]
    pub kind: String,
}
