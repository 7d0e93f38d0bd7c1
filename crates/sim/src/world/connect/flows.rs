//! Which of the platform's charges are made for others, and how their money is passed on.

use std::sync::Arc;

use super::{PLATFORM, Platform, legs::Leg};
use crate::{
    options::SimError,
    world::{
        fees,
        methods::Method,
        rows::{Charge, DAY},
        season,
        ties::Tie,
    },
};

/// How a charge's money is passed on; weights in a hundred of the platform's charges.
const KEPT: u64 = 50;
/// At once, less a fee that the platform takes.
const LESS_A_FEE: u64 = 26;
/// At once, a smaller amount; the platform keeps the rest without a fee.
const SMALLER: u64 = 8;
/// By transfers of their own, to one account or several.
const SEPARATELY: u64 = 16;

impl Platform<'_> {
    /// Passes on the money of the platform's charges.
    pub(super) fn pass_on(&mut self) -> Result<(), SimError> {
        let count = self.sales.get(PLATFORM).map_or(0, |sales| sales.charges.len());
        for at in 0..count {
            let flow = self.random.weighted(&[KEPT, LESS_A_FEE, SMALLER, SEPARATELY]);
            let Some(charge) = self.sales.get(PLATFORM).and_then(|sales| sales.charges.get(at)).cloned() else { continue };
            let Some(txn) = charge.txn.and_then(|serial| self.sales.get(PLATFORM)?.txns.get(serial as usize)).copied() else {
                continue;
            };
            // A debit that failed, or that is on its way, is not passed on.
            if charge.method != Method::Card && txn.available_on > txn.created + 3 * DAY {
                continue;
            }
            let leg = Leg {
                to: 0,
                currency: txn.currency,
                amount: txn.amount,
                created: charge.created + 2,
                available_on: txn.available_on,
                source: Some(charge.serial),
                group: None,
                fee: None,
            };
            match flow {
                1 | 2 if charge.currency == txn.currency => self.destination(at, &charge, leg, flow == 1)?,
                3 => self.separately(at, &charge, leg)?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Big accounts get more, closed ones nothing: instead of them the first.
    fn receiver(&mut self, at: i64) -> usize {
        let among = self.random.below(self.connected as u64) + 1;
        let place = self.random.below(among) as usize + 1;
        let closed = season::closes_on(place, self.span).is_some_and(|day| day <= at.div_euclid(DAY));
        if closed { 1 } else { place }
    }

    /// A charge that names the account which its money goes to.
    fn destination(&mut self, at: usize, charge: &Charge, leg: Leg, takes_fee: bool) -> Result<(), SimError> {
        let to = self.receiver(charge.created);
        let part = self.random.between(80, 95);
        let smaller = fees::whole(leg.amount * part / 100, leg.currency);
        let fee = takes_fee.then(|| fees::whole(leg.amount - smaller, leg.currency)).filter(|fee| *fee > 0);
        let amount = if takes_fee { leg.amount } else { smaller };
        let transfer = self.transfer(Leg { to, amount, fee, created: charge.created, ..leg })?;
        let to = Arc::clone(&self.merchant(to)?.stamp);
        let named = if takes_fee { None } else { Some(amount) };
        self.change_charge(at, |charge| charge.tie = Some(Box::new(Tie::Destination { transfer, amount: named, to })));
        if let Some(amount) = fee {
            let serial = self.fees.len() as u32 - 1;
            self.change_charge(at, |charge| charge.application_fee = Some((serial, amount)));
        }
        Ok(())
    }

    /// One to three transfers, minutes to days later; most wait for the charge's money.
    fn separately(&mut self, at: usize, charge: &Charge, leg: Leg) -> Result<(), SimError> {
        let parts = self.random.pick(&[1, 1, 2, 3]);
        self.change_charge(at, |charge| charge.tie = Some(Box::new(Tie::Group(charge.order))));
        for _ in 0..parts {
            let amount = fees::whole(leg.amount * self.random.between(15, 90 / parts) / 100, leg.currency);
            let created = charge.created + self.random.between(60, 3 * DAY);
            let to = self.receiver(created);
            let funded = self.random.chance(750);
            let available_on =
                if funded { leg.available_on.max(created - created.rem_euclid(DAY)) } else { created - created.rem_euclid(DAY) };
            let source = if funded { leg.source } else { None };
            if amount > 0 && created <= self.span.end() {
                self.transfer(Leg { to, amount, created, available_on, source, group: Some(charge.order), ..leg })?;
            }
        }
        Ok(())
    }

    fn change_charge(&mut self, at: usize, change: impl FnOnce(&mut Charge)) {
        if let Some(charge) = self.sales.get_mut(PLATFORM).and_then(|sales| sales.charges.get_mut(at)) {
            change(charge);
        }
    }
}
