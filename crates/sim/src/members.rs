//! What payouts are made of.

use std::sync::Arc;

use serde::{Serialize, Serializer};

use crate::world::rows::Stamp;

/// Ids of balance transactions, which are made when they are asked for: a world has as many as it has payments.
#[derive(Clone, Debug)]
pub struct TxnIds(Kept);

#[derive(Clone, Debug)]
enum Kept {
    Given(Vec<String>),
    Serials(Arc<Stamp>, Vec<u32>),
}

impl TxnIds {
    /// The ids of an account's txns by their serials.
    pub(crate) fn of(stamp: &Arc<Stamp>, serials: Vec<u32>) -> Self {
        Self(Kept::Serials(Arc::clone(stamp), serials))
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Kept::Given(ids) => ids.len(),
            Kept::Serials(_, serials) => serials.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn get(&self, place: usize) -> Option<String> {
        match &self.0 {
            Kept::Given(ids) => ids.get(place).cloned(),
            Kept::Serials(stamp, serials) => serials.get(place).map(|serial| stamp.txn_id(*serial)),
        }
    }

    /// All of them, in their order.
    pub fn iter(&self) -> impl Iterator<Item = String> + '_ {
        (0..self.len()).filter_map(|place| self.get(place))
    }

    /// The first of them.
    fn first(&self, count: usize) -> Self {
        Self(match &self.0 {
            Kept::Given(ids) => Kept::Given(ids.iter().take(count).cloned().collect()),
            Kept::Serials(stamp, serials) => Kept::Serials(Arc::clone(stamp), serials.iter().take(count).copied().collect()),
        })
    }
}

impl Default for TxnIds {
    fn default() -> Self {
        Self(Kept::Given(Vec::new()))
    }
}

impl FromIterator<String> for TxnIds {
    fn from_iter<I: IntoIterator<Item = String>>(ids: I) -> Self {
        Self(Kept::Given(ids.into_iter().collect()))
    }
}

impl PartialEq for TxnIds {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl Eq for TxnIds {}

impl Serialize for TxnIds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// The txns that Stripe lists for an automatic payout, its own among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Their ids, in the order in which Stripe comes to list them.
    pub ids: TxnIds,
    /// How many of them are listed while reconciliation is in progress.
    pub first: usize,
    /// When reconciliation completes, unix seconds; it may lie after the world's end.
    pub completed_at: i64,
}

impl Members {
    /// All of them listed from the start.
    #[must_use]
    pub fn complete(ids: TxnIds) -> Self {
        Self { first: ids.len(), ids, completed_at: i64::MIN }
    }

    /// What Stripe lists at `at`.
    #[must_use]
    pub fn listed(&self, at: i64) -> TxnIds {
        if at >= self.completed_at { self.ids.clone() } else { self.ids.first(self.first) }
    }
}
