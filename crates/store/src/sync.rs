//! What sync writes: pages of Stripe's objects, as they came and as facts, and how far each walk got.

mod apart;
mod batch;
pub(crate) mod beginning;
mod connected;
mod credit;
mod day_check;
pub(crate) mod declared;
mod events;
mod known;
mod members;
mod objects;
mod pages;
mod progress;
pub(crate) mod ranges;
mod stale;
pub(crate) mod stretches;

pub use apart::{Apart, ApartBefore};
pub use beginning::Begun;
pub use connected::{ConnectedList, Due, DueAccount, Left};
pub use credit::CreditDue;
pub use day_check::{DayCheck, DayDifference, DayFound, TxnsKnown};
pub use events::Changed;
pub(crate) use objects::put_fact;
pub(crate) use pages::{CONTENT, put_version};
pub(crate) use progress::{claim_mode, synced_at};
pub use ranges::RangeRead;
pub(crate) use stale::{DAY_OF_TXN, everything};

use facts::{AccountId, Fact, ObjectKind, PayoutId};
use jiff::Timestamp;
use money::Amount;

/// One version of one object of a page.
#[derive(Clone, Debug)]
pub struct ObjectWrite<'a> {
    /// Its id.
    pub object_id: &'a str,
    /// Its bytes, as they stood in the page.
    pub raw: &'a [u8],
    /// SHA-256 of `raw`.
    pub hash: [u8; 32],
    /// What the bytes say.
    pub fact: Fact,
}

/// One page of a list, or one object that was retrieved.
#[derive(Clone, Debug)]
pub struct PageWrite<'a> {
    /// Whose objects.
    pub account: &'a AccountId,
    /// What was asked for.
    pub kind: ObjectKind,
    /// The request, path and query, without the host.
    pub request: &'a str,
    /// Stripe's `Request-Id` of the answer.
    pub request_id: Option<&'a str>,
    /// SHA-256 of the whole answer.
    pub body_hash: [u8; 32],
    /// When it was read; kept to the microsecond.
    pub fetched_at: Timestamp,
    /// Its objects, in the page's order.
    pub objects: Vec<ObjectWrite<'a>>,
    /// The payout whose txns this page lists, where it is a page of `balance_transactions?payout=`.
    pub member_of: Option<&'a PayoutId>,
    /// Whether the list of that payout's txns ends with this page.
    pub last_member_page: bool,
    /// How far the walk through this account's objects of this kind got with this page; saved in the same transaction.
    pub walk: Option<&'a Walk>,
}

/// What became of a page's objects.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PageOutcome {
    /// Objects new to the database.
    pub inserted: u64,
    /// Objects of which another version was known.
    pub updated: u64,
    /// Objects already known in this version.
    pub unchanged: u64,
}

/// How far one walk through an account's objects of one kind got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Walk {
    /// When it began; kept to the microsecond.
    pub started_at: Timestamp,
    /// It reads what was created at this instant or later; `None` reads all history.
    pub since: Option<Timestamp>,
    /// The cursor: the id of the last object read.
    pub after: Option<String>,
    /// Whether it reached the end.
    pub complete: bool,
    /// `started_at` of the last walk that reached the end.
    pub complete_until: Option<Timestamp>,
    /// What is left of it, newest first, where it reads several stretches side by side; none where it goes on at `after`.
    pub stretches: Vec<Stretch>,
}

/// What is left of a list between two instants, in whole seconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// What was created at this instant or later; `None` goes back to the beginning.
    pub from: Option<Timestamp>,
    /// What was created before this instant; `None` begins at the head of the list.
    pub until: Option<Timestamp>,
    /// The cursor: the id of the last object read.
    pub after: Option<String>,
}

/// What Stripe said an account holds.
#[derive(Clone, Debug)]
pub struct BalanceWrite<'a> {
    /// Whose balance.
    pub account: &'a AccountId,
    /// One entry a currency.
    pub balances: Vec<facts::Balance>,
    /// The balance object's bytes.
    pub raw: &'a [u8],
    /// SHA-256 of `raw`.
    pub hash: [u8; 32],
    /// When it was read; kept to the microsecond.
    pub read_at: Timestamp,
    /// Whether the newest txn was the same before and after reading the balance. Otherwise the two cannot be compared.
    pub steady: bool,
}

/// What an incremental sync has to look at again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SyncWindow {
    /// Where the account's history begins here; `None` for all of it.
    pub begins_at: Option<Timestamp>,
    /// When the last complete sync of the account began; `None` before the first.
    pub synced_at: Option<Timestamp>,
    /// `created_at` of the oldest txn that is not available yet.
    pub oldest_pending_txn_at: Option<Timestamp>,
    /// `created_at` of the oldest payout that is neither paid, failed nor cancelled, or whose reconciliation is in progress.
    /// A paid one may still fail for some days: the caller adds that many days of its own.
    pub oldest_open_payout_at: Option<Timestamp>,
    /// `created_at` of the oldest dispute that is not closed.
    pub oldest_open_dispute_at: Option<Timestamp>,
    /// `created_at` of the oldest refund that has neither succeeded, failed nor been cancelled.
    pub oldest_pending_refund_at: Option<Timestamp>,
    /// Automatic payouts whose reconciliation is not in progress and whose txns were not yet read to the end, by id.
    pub members_due: Vec<MembersDue>,
}

/// A payout whose txns are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MembersDue {
    /// The payout.
    pub payout: PayoutId,
    /// What it pays, signed as Stripe does.
    pub amount: Amount,
}
