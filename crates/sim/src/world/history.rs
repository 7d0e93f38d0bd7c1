//! What each row says at an instant, and what happens to it: Stripe's objects through time.

use std::sync::Arc;

use serde_json::Value;

use super::{
    render,
    rows::{Charge, ChargeChange, DAY, Dispute, Payout, PayoutKind, Refund, Stamp, Trace, Txn, TxnKind},
};
use crate::{
    catalog::{Movement, Row, Step},
    json::Json,
    random::mix,
};

/// One txn in so many is seen late.
const LATE_ONE_IN: u64 = 40;
/// By how many seconds at most.
const LATE_SECONDS: u64 = 5;

const fn step(at: i64, event: &'static str) -> Step {
    Step { at, event }
}

/// Oldest first; what happens in one second stays in the order in which it was told.
fn ordered(mut steps: Vec<Step>) -> Vec<Step> {
    steps.sort_by_key(|step| step.at);
    steps
}

impl Row for Txn {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.txn_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    /// Few are seen seconds after their neighbours.
    fn visible_at(&self) -> i64 {
        let dice = mix(u64::from(self.serial) ^ self.created.unsigned_abs());
        if dice.is_multiple_of(LATE_ONE_IN) {
            self.created + 1 + (dice >> 32).rem_euclid(LATE_SECONDS) as i64
        } else {
            self.created
        }
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        render::txn(stamp, self, at)
    }
    fn movement(&self) -> Option<Movement> {
        Some(Movement {
            currency: self.currency,
            net: self.net(),
            available_on: self.available_on,
            sets_aside: self.kind == TxnKind::ConnectReserve,
        })
    }
}

impl Row for Payout {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.payout_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::payout(stamp, self, at).into()
    }
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![step(self.created, "payout.created")];
        let sent = (self.created.div_euclid(DAY) + 1) * DAY;
        let until = self.failure.map_or(i64::MAX, |failure| failure.at);
        if sent < self.arrival && sent < until {
            steps.push(step(sent, "payout.updated"));
        }
        let paid = self.arrival.max(self.created);
        if paid < until {
            steps.push(step(paid, "payout.paid"));
        }
        if let Some(failure) = self.failure {
            steps.push(step(failure.at, if failure.code.is_some() { "payout.failed" } else { "payout.canceled" }));
        }
        if self.kind == PayoutKind::Automatic {
            steps.push(step(self.completed_at, "payout.reconciliation_completed"));
        }
        if matches!(self.trace, Trace::Supported(_)) {
            steps.push(step(self.traced_at, "payout.updated"));
        }
        if let Some((_, at)) = self.reversed_by {
            steps.push(step(at, "payout.updated"));
        }
        ordered(steps)
    }
}

impl Row for Arc<Charge> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.charge_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        render::charge(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        let told = self.changes.iter().filter_map(|(at, change)| match change {
            ChargeChange::Refunded(_) => Some(step(*at, "charge.refunded")),
            ChargeChange::RefundFailed(_) => Some(step(*at, "charge.updated")),
            // The dispute's own events tell it, and what a failed debit says itself.
            ChargeChange::Disputed | ChargeChange::Failed => None,
        });
        ordered(self.first_steps().into_iter().chain(told).collect())
    }
}

impl Charge {
    /// How it begins: at once, or for a debit of a bank account over days.
    pub(super) fn first_steps(&self) -> Vec<Step> {
        let made = || vec![step(self.created, if self.txn.is_some() { "charge.succeeded" } else { "charge.failed" })];
        self.debit.as_ref().map_or_else(made, |debit| debit.steps(self.created))
    }
}

impl Row for Refund {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.refund_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        render::refund(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        let failed = self.failure.map(|(_, at)| [step(at, "refund.updated"), step(at, "refund.failed")]);
        let dressed = self.dress.as_ref().map(|dress| dress.steps.as_slice()).unwrap_or_default();
        let later = failed.into_iter().flatten().chain(dressed.iter().copied());
        std::iter::once(step(self.created, "refund.created")).chain(later).collect()
    }
}

impl Row for Dispute {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.dispute_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::dispute(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        let mut steps = vec![step(self.created, "charge.dispute.created"), step(self.created, "charge.dispute.funds_withdrawn")];
        if self.answered < self.closed {
            steps.push(step(self.answered, "charge.dispute.updated"));
        }
        if self.won {
            steps.push(step(self.closed, "charge.dispute.funds_reinstated"));
        }
        steps.push(step(self.closed, "charge.dispute.closed"));
        steps
    }
}
