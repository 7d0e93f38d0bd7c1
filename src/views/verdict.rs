//! The four verdicts, and the reasons for each.

use jiff::Timestamp;
use serde::Serialize;

/// How it stands, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Everything is read, checked and accounted for.
    Tied,
    /// Everything is read and checked; a person has something to decide.
    Open,
    /// Something is known not to have been read.
    Incomplete,
    /// Never completely synced, or a check could not run.
    Unknown,
}

/// Why an account's verdict is worse than tied, in the order in which it is told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "reason", content = "value", rename_all = "snake_case")]
pub enum Reason {
    /// The account was never read to the end.
    NeverSynced,
    /// Stripe's API never told of the account: exports did, until about this instant, and none tells a balance.
    FromExports(Timestamp),
    /// Stripe's balance was not read, or moved while it was.
    BalanceUnknown,
    /// So many payouts were synced after the last reconciliation, or there was none.
    Unjudged(u64),
    /// Reconcile has never run, so that nothing of the account was checked.
    NeverReconciled,
    /// So many payouts are due, and no statement says whether they arrived: their bank account is unknown, or there is none of these days.
    BankUnknown(u64),
    /// The last sync ended before everything was read.
    SyncIncomplete,
    /// All history of some kinds of its objects was not read yet.
    NotWhole,
    /// Stripe has listed the txns of so many payouts, and we have not read them.
    MembersMissing(u64),
    /// So many open true exceptions.
    Exceptions(u64),
    /// So many matches that a person should confirm.
    Proposals(u64),
    /// So many payouts that several bank lines could be, and no exception says so.
    Ambiguous(u64),
}

impl Reason {
    /// The verdict that this reason forces.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::NeverSynced
            | Self::FromExports(_)
            | Self::BalanceUnknown
            | Self::Unjudged(_)
            | Self::NeverReconciled
            | Self::BankUnknown(_) => Verdict::Unknown,
            Self::SyncIncomplete | Self::NotWhole | Self::MembersMissing(_) => Verdict::Incomplete,
            Self::Exceptions(_) | Self::Proposals(_) | Self::Ambiguous(_) => Verdict::Open,
        }
    }
}

impl Reason {
    /// Takes in a reason of the same kind; false when it is of another kind.
    pub(super) fn absorb(&mut self, other: &Self) -> bool {
        match (self, other) {
            (Self::Unjudged(n), Self::Unjudged(more))
            | (Self::BankUnknown(n), Self::BankUnknown(more))
            | (Self::MembersMissing(n), Self::MembersMissing(more))
            | (Self::Exceptions(n), Self::Exceptions(more))
            | (Self::Proposals(n), Self::Proposals(more))
            | (Self::Ambiguous(n), Self::Ambiguous(more)) => *n += more,
            (known, other) => return known == other,
        }
        true
    }
}
