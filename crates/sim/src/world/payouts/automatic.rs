//! What Stripe pays out by itself, and what it leaves in the balance.

use super::{
    super::{
        fees,
        rows::{DAY, PayoutKind, Source, TxnKind},
        sales::txn,
    },
    Treasury,
};
use crate::options::SimError;

impl Treasury<'_> {
    pub(super) fn automatic(&mut self, created: i64) -> Result<(), SimError> {
        let amount = self.hold_back(created)?;
        if amount == 0 || amount < 0 && !(self.stream.debits && self.random.chance(850)) {
            return Ok(());
        }
        let day = created.div_euclid(DAY);
        let days = if amount < 0 { 4 } else { 2 };
        let arrival = self.bank_region().business_day_from(self.merchant.region.add_business_days(day, days));
        let members = std::mem::take(&mut self.pool);
        self.pay(PayoutKind::Automatic, created, arrival, amount, 0, members);
        if amount > 0
            && let Some(at) = self.plan.fails.iter().position(|(planned, _)| *planned <= day)
        {
            let (_, returned) = self.plan.fails.remove(at);
            self.fail(returned);
        }
        Ok(())
    }

    /// What is to be paid of the pool. What has to stay, the minimum and what the bank knows no coins for, leaves the payout by
    /// one txn and comes back outside of it by another.
    fn hold_back(&mut self, created: i64) -> Result<i64, SimError> {
        let (currency, step) = (self.stream.currency, fees::payout_step(self.stream.currency));
        let pool = self.pool_sum()?;
        let above = pool - self.stream.minimum;
        if pool <= 0 || self.stream.minimum == 0 && pool % step == 0 {
            return Ok(if pool % step == 0 { pool } else { 0 });
        }
        let amount = above - above.rem_euclid(step);
        if amount <= 0 {
            return Ok(0);
        }
        let payout = Source::Payout(self.first_serial + self.paid.len() as u32);
        let hold = self.sales.book(txn(TxnKind::MinimumHold, created, currency, amount - pool, payout));
        self.pool.push(hold);
        let row = txn(TxnKind::MinimumRelease, created, currency, pool - amount, payout);
        let release = self.sales.book(row);
        self.waiting.insert((row.eligible_at(), release));
        Ok(amount)
    }
}
