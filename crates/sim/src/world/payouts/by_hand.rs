//! What the merchant pays out by hand: round sums, instant ones, and mistakes.

use super::{
    super::{
        calendar::midnight,
        fees,
        rows::{DAY, PayoutKind},
    },
    Treasury,
};
use crate::options::SimError;

impl Treasury<'_> {
    /// A day of the world's first part, in which the merchant takes the same round amount whenever it can, sometimes twice.
    pub(super) fn manual_day(&mut self, day: i64) -> Result<(), SimError> {
        self.fill(midnight(day) + 12 * 3_600);
        let pool = self.pool_sum()?;
        if self.plan.manual_until.is_some_and(|until| day >= until) && pool > 0 {
            self.plan.manual_until = None;
            self.by_hand(midnight(day) + 12 * 3_600, pool)?;
            self.pool.clear();
            return Ok(());
        }
        if self.plan.habit_amount == 0 && pool >= 20_000 {
            self.plan.habit_amount = (pool * 2 / 5 / 10_000).max(1) * 10_000;
        }
        let usual = self.plan.habit_amount;
        let amount = if self.random.chance(600) { usual } else { usual * self.random.between(6, 14) / 10 };
        if amount > 0 && pool >= 2 * amount && self.random.chance(500) {
            self.by_hand(midnight(day) + 13 * 3_600, amount)?;
            if self.random.chance(400) {
                self.by_hand(midnight(day) + 13 * 3_600 + 240, amount)?;
            }
        }
        Ok(())
    }

    /// A payout by hand; its own txn stays in the pool with what it was taken from.
    pub(super) fn by_hand(&mut self, created: i64, amount: i64) -> Result<(), SimError> {
        let day = created.div_euclid(DAY);
        let arrival = self.bank_region().business_day_from(self.merchant.region.add_business_days(day, 2));
        let own = self.pay(PayoutKind::Manual, created, arrival, amount, 0, Vec::new());
        self.pool.push(own);
        Ok(())
    }

    /// Takes a payout back from the bank by one of the same amount the other way. Its money leaves again in a later payout.
    pub(super) fn take_back(&mut self, place: usize, created: i64) {
        self.regret = None;
        let Some((serial, amount)) = self.paid.get(place).map(|paid| (paid.row.serial, paid.row.amount)) else { return };
        let arrival = self.merchant.region.add_business_days(created.div_euclid(DAY), 2);
        let own = self.pay(PayoutKind::Manual, created, self.bank_region().business_day_from(arrival), -amount, 0, Vec::new());
        self.pool.push(own);
        let by = self.paid.last_mut().map(|paid| {
            paid.row.reverses = Some(serial);
            paid.row.serial
        });
        if let (Some(paid), Some(by)) = (self.paid.get_mut(place), by) {
            paid.row.reversed_by = Some((by, created));
        }
    }

    /// Everything at once, for a fee.
    pub(super) fn instant(&mut self, created: i64, pool: i64) -> Result<(), SimError> {
        let (amount, fee) = fees::instant(pool, self.stream.currency);
        self.pay(PayoutKind::Instant, created, created.div_euclid(DAY), amount, fee, Vec::new());
        self.pool.clear();
        Ok(())
    }
}
