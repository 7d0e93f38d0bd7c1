//! Stripe's objects as such: which kinds there are, and what one object says.

use jiff::Timestamp;

use crate::{Account, Charge, Dispute, Payout, Refund, Txn};

/// The kinds of Stripe's objects that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A Stripe account.
    Account,
    /// What an account holds.
    Balance,
    /// A balance transaction.
    Txn,
    /// A payout.
    Payout,
    /// A charge.
    Charge,
    /// A refund.
    Refund,
    /// A dispute.
    Dispute,
}

impl ObjectKind {
    /// Every kind, in the order of its definition.
    pub const ALL: &'static [Self] =
        &[Self::Account, Self::Balance, Self::Txn, Self::Payout, Self::Charge, Self::Refund, Self::Dispute];

    /// The glossary's noun, as it stands in tables, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Balance => "balance",
            Self::Txn => "txn",
            Self::Payout => "payout",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
        }
    }

    /// The kind of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// What one object says, or why it cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A Stripe account.
    Account(Account),
    /// A balance transaction.
    Txn(Txn),
    /// A payout.
    Payout(Payout),
    /// A charge.
    Charge(Charge),
    /// A refund.
    Refund(Refund),
    /// A dispute.
    Dispute(Dispute),
    /// The object contradicts itself or lacks what it must have. Its bytes are kept, and what was known of it before stays.
    Refused {
        /// What it should have been.
        kind: ObjectKind,
        /// Its id.
        object_id: String,
        /// What is wrong with it, in a sentence for people.
        reason: String,
    },
}

impl Fact {
    /// The kind of object that the fact is about.
    #[must_use]
    pub const fn kind(&self) -> ObjectKind {
        match self {
            Self::Account(_) => ObjectKind::Account,
            Self::Txn(_) => ObjectKind::Txn,
            Self::Payout(_) => ObjectKind::Payout,
            Self::Charge(_) => ObjectKind::Charge,
            Self::Refund(_) => ObjectKind::Refund,
            Self::Dispute(_) => ObjectKind::Dispute,
            Self::Refused { kind, .. } => *kind,
        }
    }

    /// The object's id.
    #[must_use]
    pub fn object_id(&self) -> &str {
        match self {
            Self::Account(account) => account.id.as_str(),
            Self::Txn(txn) => txn.id.as_str(),
            Self::Payout(payout) => payout.id.as_str(),
            Self::Charge(charge) => charge.id.as_str(),
            Self::Refund(refund) => refund.id.as_str(),
            Self::Dispute(dispute) => dispute.id.as_str(),
            Self::Refused { object_id, .. } => object_id,
        }
    }

    /// When the object was made; `None` where that is not known.
    #[must_use]
    pub const fn created_at(&self) -> Option<Timestamp> {
        match self {
            Self::Account(_) | Self::Refused { .. } => None,
            Self::Txn(txn) => Some(txn.created_at),
            Self::Payout(payout) => Some(payout.created_at),
            Self::Charge(charge) => Some(charge.created_at),
            Self::Refund(refund) => Some(refund.created_at),
            Self::Dispute(dispute) => Some(dispute.created_at),
        }
    }
}
