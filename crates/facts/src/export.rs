//! Rows of files that Stripe's Dashboard exports: the same facts as the API's, and the line on which each stands.

use crate::ids::PayoutId;
use crate::stripe::{Payout, Txn};

/// A txn that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedTxn {
    /// The line in the file, from 1.
    pub line: u64,
    /// What it says. An empty `kind` or `reporting_category` is one that this kind of file does not tell.
    pub txn: Txn,
    /// The automatic payout that settles it, where the file says so. A payout's own txn has none.
    pub payout: Option<PayoutId>,
}

/// A payout that a file names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedPayout {
    /// The first of its lines in the file, from 1.
    pub line: u64,
    /// What the file says of it. Its `reconciliation_status` is always empty: that is for Stripe's API to tell.
    pub payout: Payout,
}
