//! Money between a platform and its connected accounts has two sides, each in a ledger of its own.

use jiff::Timestamp;
use money::Amount;

use crate::AccountId;

/// What ties the two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LegKind {
    /// A platform's transfer, and the payment that it is at the connected account.
    Transfer,
    /// Money that a platform took back of a transfer, and the refund that it is at the connected account.
    TransferReversal,
    /// A platform's fee, and the connected account's charge that it is taken of.
    ApplicationFee,
}

/// A platform's side whose other side is not here, or says something else.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenLeg {
    /// What ties them.
    pub kind: LegKind,
    /// Whose the known side is.
    pub platform: AccountId,
    /// Its id.
    pub id: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// What it moves; positive.
    pub amount: Amount,
    /// Whose the other side is.
    pub connected: AccountId,
    /// The other side's id, as the known side tells it.
    pub other: String,
    /// What the other side says, in minor units of the same currency: the payment or refund, or all fees of the charge. `None` where
    /// it is not here although everything of that account was read after this side was made.
    pub other_minor: Option<i64>,
}
