//! An account's books as reports see them: every txn at the instant from which it counts.
//!
//! An automatic payout counts from its arrival date on, not from when it was made; everything else from when it was made.

use std::collections::HashMap;

use serde_json::Value;

use super::super::index::AccountView;
use super::columns::Row;
use super::txn::Txn;
use crate::catalog::ObjectKind;

/// A payout.
pub(super) struct PaidOut {
    pub(super) id: String,
    /// The id of its own txn, and of the one that brought its money back.
    own: String,
    pub(super) back: Option<String>,
    /// From when on it counts, unix seconds.
    pub(super) effective_at: i64,
    pub(super) is_automatic: bool,
    pub(super) body: Value,
}

/// The books of one account.
pub(super) struct Ledger<'a> {
    account: AccountView<'a>,
    payouts: Vec<PaidOut>,
    /// Which automatic payout settles the txn at a position, its own txn included.
    settled_by: HashMap<u32, usize>,
}

impl PaidOut {
    fn read(body: Value) -> Option<Self> {
        let text = |field: &str| body.get(field).and_then(Value::as_str).map(str::to_owned);
        let is_automatic = body.get("automatic")?.as_bool()?;
        let counts_from = if is_automatic { "arrival_date" } else { "created" };
        Some(Self {
            id: text("id")?,
            own: text("balance_transaction")?,
            back: text("failure_balance_transaction"),
            effective_at: body.get(counts_from)?.as_i64()?,
            is_automatic,
            body,
        })
    }
}

impl<'a> Ledger<'a> {
    /// The books as `account` shows them.
    pub(super) fn new(account: AccountView<'a>) -> Self {
        let shelf = account.shelf(ObjectKind::Payout);
        let positions = shelf.created_within(i64::MIN, i64::MAX).rev();
        let bodies = positions.filter_map(|position| shelf.visible(position)).map(|payout| payout.body(account.now()));
        let payouts: Vec<PaidOut> = bodies.filter_map(PaidOut::read).collect();
        let txns = account.shelf(ObjectKind::BalanceTransaction);
        let mut settled_by = HashMap::new();
        for (place, payout) in payouts.iter().enumerate().filter(|(_, payout)| payout.is_automatic) {
            let listed = account.members(&payout.id).iter().copied();
            settled_by.extend(listed.chain(txns.position(&payout.own)).map(|position| (position, place)));
        }
        Self { account, payouts, settled_by }
    }

    /// What moved the balance from `start` until before `end` but payouts, oldest first.
    pub(super) fn activity(&self, start: i64, end: i64) -> impl Iterator<Item = Row<'_>> {
        self.made(start, end).filter(|(_, txn)| !txn.is_payout()).map(move |(position, txn)| {
            let payout = self.settling(position);
            Row::new(self.account, txn, payout)
        })
    }

    /// The payouts that count from `start` until before `end`, and those that came back in that time, oldest first.
    pub(super) fn payouts(&self, start: i64, end: i64) -> impl Iterator<Item = Row<'_>> {
        let mut rows: Vec<Row<'_>> = Vec::new();
        for payout in &self.payouts {
            let own = self.txn(&payout.own).map(|txn| (txn, payout.effective_at));
            let back = payout.back.as_ref().and_then(|id| self.txn(id)).map(|txn| {
                let at = txn.created;
                (txn, at)
            });
            for (txn, at) in own.into_iter().chain(back).filter(|(_, at)| (start..end).contains(at)) {
                rows.push(Row::new(self.account, txn.seen_from_the_bank(), Some(payout)).counting_from(at));
            }
        }
        rows.sort_by(|a, b| (a.effective_at, &a.txn.id).cmp(&(b.effective_at, &b.txn.id)));
        rows.into_iter()
    }

    /// What the automatic payouts that count from `start` until before `end` settled, payout by payout.
    pub(super) fn settled(&self, start: i64, end: i64) -> impl Iterator<Item = Row<'_>> {
        let mut payouts: Vec<&PaidOut> =
            self.payouts.iter().filter(|payout| payout.is_automatic && (start..end).contains(&payout.effective_at)).collect();
        payouts.sort_by(|a, b| (a.effective_at, &a.id).cmp(&(b.effective_at, &b.id)));
        payouts.into_iter().flat_map(move |payout| self.settled_in(payout))
    }

    /// What one automatic payout settled.
    pub(super) fn settled_in_one(&self, payout: &str) -> impl Iterator<Item = Row<'_>> {
        let found = self.payouts.iter().find(|known| known.id == payout);
        found.into_iter().flat_map(move |payout| self.settled_in(payout))
    }

    /// What was made before `end` and no automatic payout had settled by then, oldest first. Their nets are the balance.
    pub(super) fn unsettled(&self, end: i64) -> impl Iterator<Item = Row<'_>> {
        self.made(i64::MIN, end).filter_map(move |(position, txn)| {
            let payout = self.settling(position);
            let counts = payout.is_none_or(|payout| payout.effective_at >= end && payout.own != txn.id);
            counts.then(|| Row::new(self.account, txn, payout))
        })
    }

    fn settling(&self, position: u32) -> Option<&PaidOut> {
        self.settled_by.get(&position).and_then(|place| self.payouts.get(*place))
    }

    /// Its txns, without its own, oldest first.
    fn settled_in<'b>(&'b self, payout: &'b PaidOut) -> impl Iterator<Item = Row<'b>> {
        let (shelf, now) = (self.account.shelf(ObjectKind::BalanceTransaction), self.account.now());
        self.account.members(&payout.id).iter().rev().filter_map(move |position| {
            let txn = Txn::read(&shelf.visible(*position)?.body(now))?;
            (txn.id != payout.own).then(|| Row::new(self.account, txn, Some(payout)))
        })
    }

    /// What was made from `start` until before `end`, oldest first, with its position.
    fn made(&self, start: i64, end: i64) -> impl Iterator<Item = (u32, Txn)> {
        let (shelf, now) = (self.account.shelf(ObjectKind::BalanceTransaction), self.account.now());
        shelf.created_within(start, end.saturating_sub(1)).rev().filter_map(move |position| {
            let txn = Txn::read(&shelf.visible(position)?.body(now))?;
            Some((position, txn))
        })
    }

    fn txn(&self, id: &str) -> Option<Txn> {
        Txn::read(&self.account.shelf(ObjectKind::BalanceTransaction).get(id)?.body(self.account.now()))
    }
}
