//! What customers of a rich world do besides paying once by card: other ways to pay, the same order paid twice, two equal
//! orders, and cards that turn out to be stolen.

use money::Currency;

use super::{
    calendar::midnight,
    methods::{Debit, Method},
    rows::{Charge, ChargeChange, DAY, FeeKind, PAYMENT, Source, TxnKind},
    sales::{DECLINED, Shop, txn},
    warnings::Warning,
};
use crate::{
    catalog::{ObjectKind, StripeObject},
    options::SimError,
};

/// A charge that a retry made again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Doubled {
    /// Serials of the first charge and of the one too many.
    pub(crate) first: u32,
    pub(crate) second: u32,
    /// Serial of the refund that makes it good.
    pub(crate) refund: Option<u32>,
}

/// Charges that a retry doubles, and orders that are placed twice on purpose, in a thousand each.
const DOUBLED: u64 = 8;
const TWINS: u64 = 8;
/// Doubled charges that are refunded, in a thousand.
const DOUBLES_REFUNDED: u64 = 600;
/// Charges that the card's bank warns of, in a thousand.
const WARNED: u64 = 7;
/// Debits that fail, in a thousand.
const DEBITS_FAIL: u64 = 60;

impl Shop<'_> {
    /// Takes a charge of a rich world, and whatever comes with it.
    pub(super) fn vary(&mut self, charge: Charge, settled: Currency) -> Result<(), SimError> {
        if self.random.chance(DECLINED) {
            self.sales.charges.push(charge);
            return Ok(());
        }
        let method = Method::draw(&mut self.random, charge.currency);
        let first = self.take(charge.clone(), settled, method, true)?;
        if method.is_payment() {
            return Ok(());
        }
        let (doubled, twins) = (self.random.chance(DOUBLED), self.random.chance(TWINS));
        let seconds = if doubled { self.random.between(20, 900) } else { self.random.between(60, 20_000) };
        let again = Charge { created: charge.created + seconds, ..charge };
        if again.created > self.span.end() {
            return Ok(());
        }
        if doubled {
            let second = self.take(again, settled, method, false)?;
            let refund = self.make_good(second, settled)?;
            self.sales.doubled.push(Doubled { first, second, refund });
        } else if twins {
            let order = 100_000 + self.sales.charges.len() as u32;
            self.take(Charge { order, ..again }, settled, method, true)?;
        }
        Ok(())
    }

    /// Settles a charge and gives its serial.
    fn take(&mut self, mut charge: Charge, settled: Currency, method: Method, lives_on: bool) -> Result<u32, SimError> {
        charge.serial = self.sales.charges.len() as u32 | if method.is_payment() { PAYMENT } else { 0 };
        charge.method = method;
        let available = self.merchant.region.add_business_days(charge.created.div_euclid(DAY), method.days());
        let booked = self.settle(&mut charge, available, settled, method)?;
        charge.txn = Some(booked);
        if method.is_debit() {
            self.debit(&mut charge, booked, available);
        }
        if lives_on && !charge.is_failed_debit() {
            self.aftermath(&mut charge, settled)?;
        }
        if !method.is_payment() && self.random.chance(WARNED) {
            self.warn(&charge);
        }
        let serial = charge.serial;
        self.sales.charges.push(charge);
        Ok(serial)
    }

    /// Lets a debit of a bank account go through in the end, or not.
    fn debit(&mut self, charge: &mut Charge, booked: u32, available: i64) {
        let settled_at = midnight(available) + 9 * 3_600;
        let late = self.random.chance(400);
        let at =
            if late { settled_at + self.random.between(1, 20) * DAY } else { charge.created + self.random.between(1, 3) * DAY };
        let fails = self.random.chance(DEBITS_FAIL) && at <= self.span.end();
        let mut failed = None;
        if fails && let Some(taken) = self.sales.txns.get(booked as usize).copied() {
            let mut row = txn(TxnKind::PaymentFailure, at, taken.currency, -taken.amount, Source::Charge(charge.serial));
            row.available_on = row.available_on.max(taken.available_on);
            row.rate_millionths = taken.rate_millionths;
            row.fees[0] = taken.fees[0].map(|(_, fee)| (FeeKind::Processing, -fee));
            row.fees[1] = taken.fees[1].map(|(_, fee)| (FeeKind::Conversion, -fee));
            failed = Some((at, self.sales.book(row)));
            charge.changes.push((at, ChargeChange::Failed));
        }
        charge.debit = Some(Box::new(Debit { settled_at, failed }));
    }

    /// Refunds the charge too many, most times.
    fn make_good(&mut self, second: u32, settled: Currency) -> Result<Option<u32>, SimError> {
        let place = (second & !PAYMENT) as usize;
        let Some(mut charge) = self.sales.charges.get(place).cloned() else { return Ok(None) };
        let created = charge.created + self.random.between(3_600, 3 * DAY);
        if !self.random.chance(DOUBLES_REFUNDED) || created > self.span.end() {
            return Ok(None);
        }
        let whole = charge.amount;
        self.refund(&mut charge, settled, whole, created, Some("duplicate"), None)?;
        if let Some(slot) = self.sales.charges.get_mut(place) {
            *slot = charge;
        }
        Ok(self.sales.refunds.last().map(|refund| refund.serial))
    }

    fn warn(&mut self, charge: &Charge) {
        let created = charge.created + self.random.between(DAY, 6 * DAY);
        let fraud = self.random.pick(&["made_with_stolen_card", "unauthorized_use_of_card", "card_never_received", "misc"]);
        if created > self.span.end() {
            return;
        }
        let list = self.sales.others.entry(ObjectKind::EarlyFraudWarning).or_default();
        let warning = Warning { serial: list.len() as u32, created, charge: charge.serial, fraud };
        list.push(StripeObject::row(&self.merchant.stamp, warning));
    }
}
