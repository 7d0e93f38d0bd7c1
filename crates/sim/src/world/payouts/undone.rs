//! Payouts that are called off or fail, whose money comes back.

use super::{
    super::{
        calendar::midnight,
        rows::{DAY, PayoutFailure, Source, Trace, TxnKind},
        sales::txn,
    },
    Treasury,
};
use crate::options::SimError;

impl Treasury<'_> {
    /// A payout by hand that is called off in time; its money comes back as a txn that a later payout holds.
    pub(super) fn canceled(&mut self, created: i64, pool: i64) -> Result<(), SimError> {
        self.by_hand(created, pool)?;
        self.pool.clear();
        let at = created + 5 * 3_600;
        let serial = self.give_back(TxnKind::PayoutCancel, at);
        if let (Some(paid), Some(serial)) = (self.paid.last_mut(), serial) {
            paid.row.failure = Some(PayoutFailure { at, txn: serial, code: None });
            paid.row.trace = Trace::Unsupported;
        }
        Ok(())
    }

    /// The payout that was made last fails two business days after its arrival.
    pub(super) fn fail(&mut self, returned: bool) {
        let Some(arrival) = self.paid.last().map(|paid| paid.row.arrival.div_euclid(DAY)) else { return };
        let at = midnight(self.bank_region().add_business_days(arrival, 2)) + 11 * 3_600;
        let code = if returned { "account_closed" } else { "no_account" };
        let serial = self.give_back(TxnKind::PayoutFailure, at);
        if let (Some(paid), Some(serial)) = (self.paid.last_mut(), serial) {
            paid.row.failure = Some(PayoutFailure { at, txn: serial, code: Some(code) });
            paid.returned = returned;
        }
    }

    /// The money of the payout that was made last comes back, unless the world ends before.
    fn give_back(&mut self, kind: TxnKind, at: i64) -> Option<u32> {
        let paid = self.paid.last()?;
        if at > self.span.end() {
            return None;
        }
        let row = txn(kind, at, self.stream.currency, paid.row.amount, Source::Payout(paid.row.serial));
        let serial = self.sales.book(row);
        self.waiting.insert((row.eligible_at(), serial));
        Some(serial)
    }
}
