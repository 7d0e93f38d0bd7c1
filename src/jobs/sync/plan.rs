//! From when a walk must read. Pure.
//!
//! Stripe has no filter for what changed, so a walk reads again what may have: what was created a little before the newest
//! object that the last complete walk saw (an object can become visible after its second has passed, and some change without
//! an event for a while), and everything since the oldest one that is not settled. The newest object counts, not our clock, so
//! that a clock that runs ahead of Stripe's loses nothing.

use facts::ObjectKind;
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use store::SyncWindow;
use stripe::declaration;

use super::walk::WalkEnd;

/// How late a txn may become visible. Nothing else tells of one, and the oldest that is pending is read again anyway.
const LOOKBACK_TXN: SignedDuration = SignedDuration::from_hours(1);

/// How late an event may become visible.
const LOOKBACK_EVENT: SignedDuration = SignedDuration::from_hours(1);

/// The stretch of time that a sync by days reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// Created at this instant or later.
    pub from: Timestamp,
    /// Created before this instant; `None` sets no end.
    pub until: Option<Timestamp>,
    /// The day, where it is one.
    pub date: Option<Date>,
}

/// What is not over when it was made: a customer, a price or a subscription of any age explains today's money. It is read whole,
/// whenever the account begins.
const LASTING: [ObjectKind; 8] = [
    ObjectKind::Customer,
    ObjectKind::Product,
    ObjectKind::Price,
    ObjectKind::Coupon,
    ObjectKind::PromotionCode,
    ObjectKind::TaxRate,
    ObjectKind::Subscription,
    ObjectKind::SubscriptionSchedule,
];

/// Whether objects of a kind are left unread that were made before their account begins.
pub fn begins_with_account(kind: ObjectKind) -> bool {
    !LASTING.contains(&kind) && kind != ObjectKind::Event
}

/// `created[gte]` of the next walk; `None` reads all history. A first walk reads from where the account begins.
pub fn since(kind: ObjectKind, complete_until: Option<Timestamp>, due: &SyncWindow) -> Option<Timestamp> {
    let (lookback, unsettled) = match kind {
        ObjectKind::Txn => (LOOKBACK_TXN, due.oldest_pending_txn_at),
        ObjectKind::Event => (LOOKBACK_EVENT, None),
        ObjectKind::Payout => (quiet(kind), due.oldest_open_payout_at),
        ObjectKind::Refund => (quiet(kind), due.oldest_pending_refund_at),
        ObjectKind::Dispute => (quiet(kind), due.oldest_open_dispute_at),
        _ => (quiet(kind), None),
    };
    let Some(complete_until) = complete_until else {
        return due.begins_at.filter(|_| begins_with_account(kind));
    };
    let visible = complete_until.checked_sub(lookback).unwrap_or(Timestamp::UNIX_EPOCH).max(Timestamp::UNIX_EPOCH);
    Some(unsettled.map_or(visible, |unsettled| unsettled.min(visible)))
}

/// Whether a walk that reached its end has read an object that was made at this instant.
pub fn was_walked(created_at: Option<Timestamp>, walk: Option<&WalkEnd>) -> bool {
    let Some(walk) = walk else { return false };
    walk.since.is_none_or(|since| created_at.is_some_and(|created| created >= since))
}

/// For how long after it was made an object of a kind may change, or become visible, without a word.
fn quiet(kind: ObjectKind) -> SignedDuration {
    SignedDuration::from_hours(24 * i64::from(declaration(kind).quiet_days))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_first_walk_reads_all_history_whatever_is_pending() {
        let due = SyncWindow { oldest_pending_txn_at: Some(at("2026-01-01T00:00:00Z")), ..SyncWindow::default() };
        assert_eq!(since(ObjectKind::Txn, None, &due), None);
    }

    #[test]
    fn a_first_walk_of_an_account_that_begins_late_leaves_its_older_money_and_no_older_customer() {
        let begins_at = Some(at("2026-02-01T00:00:00Z"));
        let due = SyncWindow { begins_at, ..SyncWindow::default() };
        assert_eq!(since(ObjectKind::Txn, None, &due), begins_at);
        assert_eq!(since(ObjectKind::Customer, None, &due), None);
    }

    #[test]
    fn a_later_walk_begins_at_the_oldest_that_may_still_change() {
        let until = Some(at("2026-03-10T12:00:00Z"));
        let due = SyncWindow {
            oldest_pending_txn_at: Some(at("2026-03-04T00:00:00Z")),
            oldest_open_dispute_at: Some(at("2026-03-10T11:59:00Z")),
            ..SyncWindow::default()
        };
        assert_eq!(since(ObjectKind::Txn, until, &due), Some(at("2026-03-04T00:00:00Z")));
        assert_eq!(since(ObjectKind::Txn, until, &SyncWindow::default()), Some(at("2026-03-10T11:00:00Z")));
        assert_eq!(since(ObjectKind::Dispute, until, &due), Some(at("2026-03-09T12:00:00Z")));
        assert_eq!(since(ObjectKind::Payout, until, &due), Some(at("2026-02-22T12:00:00Z")));
    }
}
