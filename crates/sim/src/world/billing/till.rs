//! How an invoice's money moves: as the shop's own charges and refunds.

use money::Currency;

use super::super::{
    methods::Method,
    rows::{Card, Charge, DAY},
    sales::Shop,
};
use crate::options::SimError;

/// Charges of invoices that are disputed, in a thousand: subscriptions are forgotten more often than orders.
const INVOICES_DISPUTED: u64 = 12;

/// An attempt to collect money for an invoice.
#[derive(Clone, Copy, Debug)]
pub(super) struct Attempt {
    pub(super) at: i64,
    pub(super) currency: Currency,
    pub(super) amount: i64,
    pub(super) customer: u32,
    pub(super) card: Card,
    /// The number of its payment intent.
    pub(super) intent: u32,
    pub(super) succeeds: bool,
}

impl Shop<'_> {
    /// Books a charge, with its txn where it succeeds, and gives its serial.
    pub(super) fn attempt(&mut self, attempt: &Attempt) -> Result<u32, SimError> {
        let serial = self.sales.charges.len() as u32;
        let mut charge = Charge {
            serial,
            created: attempt.at,
            currency: attempt.currency,
            amount: attempt.amount,
            changes: Vec::new(),
            txn: None,
            customer: attempt.customer,
            order: 100_000 + serial,
            card: attempt.card,
            application_fee: None,
            intent: Some(attempt.intent),
            method: Method::Card,
            debit: None,
            tie: None,
        };
        if attempt.succeeds {
            let day = attempt.at.div_euclid(DAY);
            let available = self.merchant.region.add_business_days(day, 2);
            let settled = self.settled(attempt.currency);
            charge.txn = Some(self.settle(&mut charge, available, settled, Method::Card)?);
            if self.rich && self.random.chance(INVOICES_DISPUTED) {
                self.dispute(&mut charge, settled)?;
            }
        }
        self.sales.charges.push(charge);
        Ok(serial)
    }

    /// Refunds `amount` of a charge and gives the refund's serial; `None` where the charge has less than that left,
    /// or is disputed.
    pub(super) fn give_back(&mut self, charge: u32, amount: i64, at: i64) -> Result<Option<u32>, SimError> {
        let Some(mut row) = self.sales.charges.get(charge as usize).cloned() else { return Ok(None) };
        // What is disputed cannot be refunded; and what will be is left alone, so that the dispute is about all of it.
        if amount > row.amount - row.refunded(at) || row.is_disputed(i64::MAX) {
            return Ok(None);
        }
        let settled = self.settled(row.currency);
        let serial = self.sales.refunds.len() as u32;
        self.refund(&mut row, settled, amount, at, Some("requested_by_customer"), None)?;
        if let Some(slot) = self.sales.charges.get_mut(charge as usize) {
            *slot = row;
        }
        Ok(Some(serial))
    }

    /// The application fee of a charge, in the currency in which it is settled.
    pub(super) fn application_fee(&self, charge: u32) -> Option<i64> {
        self.sales.charges.get(charge as usize)?.application_fee.map(|(_, amount)| amount)
    }

    fn settled(&self, currency: Currency) -> Currency {
        self.merchant.menu.iter().find(|(from, _, _)| *from == currency).map_or(currency, |(_, _, to)| *to)
    }
}
