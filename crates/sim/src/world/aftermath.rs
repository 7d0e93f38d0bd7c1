//! What becomes of a charge: refunds, refunds that fail, disputes, and events that are called off.

use std::collections::BTreeSet;

use money::Currency;

use super::{
    calendar::{midnight, weekday},
    dress::Dress,
    fees,
    rows::{Charge, ChargeChange, DAY, Dispute, FeeKind, PAYMENT, Refund, Source, TxnKind},
    sales::{Shop, txn},
};
use crate::options::SimError;

/// Charges refunded, in a thousand.
const REFUNDED: u64 = 45;
/// Refunds that come back, in a thousand.
const REFUND_FAILS: u64 = 35;
/// Charges disputed, in a thousand.
const DISPUTED: u64 = 5;
/// Days whose orders are all refunded when an event is called off: enough to outweigh a day's sales.
const EVENT_DAYS: i64 = 5;

impl Shop<'_> {
    /// What becomes of a charge later: refunds, a dispute.
    pub(super) fn aftermath(&mut self, charge: &mut Charge, settled: Currency) -> Result<(), SimError> {
        if self.random.chance(REFUNDED) {
            self.refunds(charge, settled)
        } else if self.random.chance(DISPUTED) && charge.serial & PAYMENT == 0 {
            self.dispute(charge, settled)
        } else {
            Ok(())
        }
    }

    fn refunds(&mut self, charge: &mut Charge, settled: Currency) -> Result<(), SimError> {
        let parts = self.random.pick(&[1, 1, 1, 1, 2]);
        for _ in 0..parts {
            let created = charge.created + self.random.between(3_600, 24 * DAY);
            let left = charge.amount - charge.refunded(self.span.end());
            let whole = parts == 1 && self.random.chance(600);
            let amount =
                if whole { left } else { fees::whole((left * self.random.between(10, 60) / 100).max(1), charge.currency) };
            if created <= self.span.end() && (1..=left).contains(&amount) {
                let reason = self.random.pick(&[Some("requested_by_customer"), Some("duplicate"), Some("fraudulent"), None]);
                let fails = self.random.chance(REFUND_FAILS).then(|| self.random.between(5 * DAY, 15 * DAY));
                self.refund(charge, settled, amount, created, reason, fails)?;
                if self.rich {
                    self.redirect(charge, settled)?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn refund(
        &mut self,
        charge: &mut Charge,
        settled: Currency,
        amount: i64,
        created: i64,
        reason: Option<&'static str>,
        fails_after: Option<i64>,
    ) -> Result<(), SimError> {
        let serial = self.sales.refunds.len() as u32 | charge.serial & PAYMENT;
        // At the rate of the refund's day, not of the charge's.
        let rate = fees::rate(self.seed, created.div_euclid(DAY), charge.currency, settled);
        let given = fees::convert(amount, charge.currency, settled, rate)?;
        let kind = if charge.serial & PAYMENT == 0 { TxnKind::Refund } else { TxnKind::PaymentRefund };
        let mut row = txn(kind, created, settled, -given, Source::Refund(serial));
        row.rate_millionths = rate;
        let taken = self.sales.book(row);
        let back_at = fails_after.map(|after| created + after).filter(|at| *at <= self.span.end());
        charge.changes.push((created, ChargeChange::Refunded(amount)));
        let failure = back_at.map(|at| {
            let mut row = txn(TxnKind::RefundFailure, at, settled, given, Source::Refund(serial));
            row.rate_millionths = rate;
            charge.changes.push((at, ChargeChange::RefundFailed(amount)));
            (self.sales.book(row), at)
        });
        let (currency, order) = (charge.currency, charge.order);
        self.sales.refunds.push(Refund {
            serial,
            created,
            currency,
            amount,
            charge: charge.serial,
            intent: charge.intent(),
            order,
            reason,
            txn: taken,
            failure,
            // Where a refund goes is told of cards only.
            dress: (charge.serial & PAYMENT != 0).then(|| {
                let mut dress = Dress::default();
                dress.leave_out(created, "destination_details");
                Box::new(dress)
            }),
        });
        Ok(())
    }

    /// The customer's bank takes the charge's money back, for a while or for good.
    pub(super) fn dispute(&mut self, charge: &mut Charge, settled: Currency) -> Result<(), SimError> {
        let created = charge.created + self.random.between(4 * DAY, 30 * DAY);
        let (answered, closed) = (created + self.random.between(DAY, 7 * DAY), created + self.random.between(12 * DAY, 40 * DAY));
        let won = self.random.chance(450);
        let reasons =
            [("fraudulent", "10.4"), ("product_not_received", "13.1"), ("credit_not_processed", "13.6"), ("general", "4853")];
        let of_invoices = [("subscription_canceled", "13.2"), ("fraudulent", "10.4"), ("duplicate", "12.6")];
        let reasons: &[_] = if charge.intent.is_some() { &of_invoices } else { &reasons };
        let (reason, network_code) = self.random.pick(reasons);
        if created > self.span.end() {
            return Ok(());
        }
        charge.changes.push((created, ChargeChange::Disputed));
        let serial = self.sales.disputes.len() as u32;
        let rate = fees::rate(self.seed, created.div_euclid(DAY), charge.currency, settled);
        let taken = fees::convert(charge.amount, charge.currency, settled, rate)?;
        let mut row = txn(TxnKind::Dispute, created, settled, -taken, Source::Dispute(serial));
        row.rate_millionths = rate;
        row.fees[0] = Some((FeeKind::Dispute, fees::dispute_fee(self.merchant.region, settled)));
        let mut booked = vec![self.sales.book(row)];
        if won && closed <= self.span.end() {
            let mut back = txn(TxnKind::DisputeReversal, closed, settled, taken, Source::Dispute(serial));
            back.rate_millionths = rate;
            booked.push(self.sales.book(back));
        }
        self.sales.disputes.push(Dispute {
            serial,
            created,
            currency: charge.currency,
            amount: charge.amount,
            charge: charge.serial,
            intent: charge.intent,
            order: charge.order,
            brand: charge.card.brand,
            reason,
            network_code,
            answered,
            closed,
            won,
            txns: booked.iter().filter_map(|serial| self.sales.txns.get(*serial as usize)).copied().collect(),
        });
        Ok(())
    }

    /// In each stream that Stripe may debit, one event is called off and all its orders are refunded on one day, which makes
    /// the balance negative.
    pub(super) fn call_off_events(&mut self) -> Result<(), SimError> {
        let length = self.span.last - self.span.first;
        let streams: Vec<Currency> = self.merchant.streams.iter().filter(|stream| stream.debits).map(|s| s.currency).collect();
        for currency in streams {
            let mut day = self.span.first + length / 2 + self.random.between(0, length / 4);
            while !matches!(weekday(day), 1..=3) {
                day += 1;
            }
            if length >= 30 && self.merchant.rank == 0 {
                self.call_off(day, currency)?;
            }
        }
        Ok(())
    }

    fn call_off(&mut self, day: i64, currency: Currency) -> Result<(), SimError> {
        let orders = midnight(day - EVENT_DAYS - 3)..midnight(day - 3);
        let refunded: BTreeSet<u32> = self.sales.refunds.iter().map(|refund| refund.charge).collect();
        for at in 0..self.sales.charges.len() {
            let Some(mut charge) = self.sales.charges.get(at).cloned() else { continue };
            let settled = charge.txn.and_then(|serial| self.sales.txns.get(serial as usize)).map(|txn| txn.currency);
            let untouched = charge.refunded(self.span.end()) == 0 && !charge.is_disputed(self.span.end());
            if charge.is_failed_debit() {
                continue;
            }
            if settled != Some(currency) || !untouched || !orders.contains(&charge.created) || refunded.contains(&charge.serial) {
                continue;
            }
            let created = midnight(day) + 15 * 3_600 + self.random.between(0, 1_800);
            let whole = charge.amount;
            self.refund(&mut charge, currency, whole, created, Some("requested_by_customer"), None)?;
            if let Some(slot) = self.sales.charges.get_mut(at) {
                *slot = charge;
            }
        }
        Ok(())
    }
}
