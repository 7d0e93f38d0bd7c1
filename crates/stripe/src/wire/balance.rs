//! A balance. Only `available` and `pending` add up to the txns of type `payments`; the other buckets are parts of these
//! or belong to other balance types.

use serde::Deserialize;

#[derive(Deserialize)]
pub struct Balance {
    pub available: Vec<Money>,
    pub pending: Vec<Money>,
}

#[derive(Deserialize)]
pub struct Money {
    pub amount: i64,
    pub currency: String,
}
