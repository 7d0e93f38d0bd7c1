//! Everything that the simulated Stripe can be asked for.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::world::{render, rows};

/// The kinds of object that can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// `balance_transaction`.
    BalanceTransaction,
    /// `payout`.
    Payout,
    /// `charge`.
    Charge,
    /// `refund`.
    Refund,
    /// `dispute`.
    Dispute,
}

impl ObjectKind {
    /// Every kind, in the order of its definition.
    pub const ALL: [Self; 5] = [Self::BalanceTransaction, Self::Payout, Self::Charge, Self::Refund, Self::Dispute];

    /// Stripe's word in the `object` field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BalanceTransaction => "balance_transaction",
            Self::Payout => "payout",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
        }
    }
}

/// One object of Stripe's. A million of them fit in memory because the body is made when it is asked for.
#[derive(Clone, Debug)]
pub struct StripeObject {
    /// Its id.
    pub id: String,
    /// When it was made, unix seconds.
    pub created: i64,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Given(Box<Value>),
    Txn(Arc<rows::Stamp>, rows::Txn),
    Payout(Arc<rows::Stamp>, Box<rows::Payout>),
    Charge(Arc<rows::Stamp>, rows::Charge),
    Refund(Arc<rows::Stamp>, rows::Refund),
    Dispute(Arc<rows::Stamp>, Box<rows::Dispute>),
}

impl StripeObject {
    /// An object with exactly this body; for catalogs that are made by hand.
    #[must_use]
    pub fn new(id: String, created: i64, body: Value) -> Self {
        Self { id, created, content: Content::Given(Box::new(body)) }
    }

    /// The object as Stripe's API renders it: every field, nothing expanded, `object` set.
    #[must_use]
    pub fn body(&self) -> Value {
        match &self.content {
            Content::Given(body) => (**body).clone(),
            Content::Txn(stamp, row) => render::txn(stamp, row),
            Content::Payout(stamp, row) => render::payout(stamp, row),
            Content::Charge(stamp, row) => render::charge(stamp, row),
            Content::Refund(stamp, row) => render::refund(stamp, row),
            Content::Dispute(stamp, row) => render::dispute(stamp, row),
        }
    }

    pub(crate) fn txn(stamp: &Arc<rows::Stamp>, row: rows::Txn) -> Self {
        Self { id: stamp.txn_id(row.serial), created: row.created, content: Content::Txn(Arc::clone(stamp), row) }
    }

    pub(crate) fn payout(stamp: &Arc<rows::Stamp>, row: rows::Payout) -> Self {
        Self { id: stamp.payout_id(row.serial), created: row.created, content: Content::Payout(Arc::clone(stamp), Box::new(row)) }
    }

    pub(crate) fn charge(stamp: &Arc<rows::Stamp>, row: rows::Charge) -> Self {
        Self { id: stamp.charge_id(row.serial), created: row.created, content: Content::Charge(Arc::clone(stamp), row) }
    }

    pub(crate) fn refund(stamp: &Arc<rows::Stamp>, row: rows::Refund) -> Self {
        Self { id: stamp.refund_id(row.serial), created: row.created, content: Content::Refund(Arc::clone(stamp), row) }
    }

    pub(crate) fn dispute(stamp: &Arc<rows::Stamp>, row: rows::Dispute) -> Self {
        let id = stamp.dispute_id(row.serial);
        Self { id, created: row.created, content: Content::Dispute(Arc::clone(stamp), Box::new(row)) }
    }
}

/// What one account holds.
#[derive(Clone, Debug)]
pub struct AccountObjects {
    /// The account object.
    pub account: Value,
    /// The balance object.
    pub balance: Value,
    /// Newest `created` first, ties by id descending.
    pub objects: BTreeMap<ObjectKind, Vec<StripeObject>>,
    /// Payout id → ids of the txns that Stripe lists for it now, its own among them. Partial while reconciliation is in
    /// progress; absent for manual and instant payouts.
    pub members: BTreeMap<String, Vec<String>>,
}

/// Everything at one instant.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The world's end, unix seconds.
    pub now: i64,
    /// The id of the key's own account.
    pub owner: String,
    /// By account id; the owner and every connected one.
    pub accounts: BTreeMap<String, AccountObjects>,
}
