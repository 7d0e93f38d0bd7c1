//! What comes back: fees with the refunds of charges, transfers with them or for reasons of their own.

use std::{collections::BTreeMap, sync::Arc};

use super::{
    PLATFORM, Platform,
    legs::Back,
    objects::{Fee, FeeRefund},
};
use crate::{
    options::SimError,
    world::{
        fees,
        rows::{DAY, FeeKind, PAYMENT, Refund, Source, TxnKind},
        sales::{ApplicationFee, txn},
        season,
    },
};

/// Refunds with which the platform gives back its fee, in a thousand.
const FEE_GIVEN_BACK: u64 = 600;
/// Refunds of charges made for others for which these others pay, in a thousand.
const REVERSED: u64 = 750;
/// Transfers of which something comes back later without a refund, in a thousand.
const MINDS_CHANGED: u64 = 50;
/// The biggest accounts, from which everything of some days comes back at once.
const CALLED_BACK: usize = 3;
/// How many days of it.
const CALLED_BACK_DAYS: i64 = 14;

/// The part of `whole` that belongs to `part` of `of`, towards zero.
fn in_proportion(whole: i64, part: i64, of: i64) -> i64 {
    i64::try_from(i128::from(whole) * i128::from(part) / i128::from(of.max(1))).unwrap_or(0)
}

impl Platform<'_> {
    /// The objects behind the fees of the accounts' own charges.
    pub(super) fn direct_fees(&mut self, direct: &[(ApplicationFee, u32)]) {
        for (fee, txn) in direct {
            let Some(merchant) = self.cast.merchants.get(fee.merchant) else { continue };
            self.fees.push(Fee {
                serial: fee.serial,
                created: fee.created,
                currency: fee.currency,
                amount: fee.amount,
                txn: *txn,
                account: Arc::clone(&merchant.stamp),
                charge: fee.charge,
                originating: None,
                refunds: Vec::new(),
            });
        }
    }

    /// Gives back fees with refunds of the accounts' own charges.
    pub(super) fn direct_refunds(&mut self) -> Result<(), SimError> {
        for place in 1..self.sales.len() {
            let count = self.sales.get(place).map_or(0, |sales| sales.refunds.len());
            for at in 0..count {
                let Some(sales) = self.sales.get(place) else { continue };
                let Some(refund) = sales.refunds.get(at).filter(|refund| refund.failure.is_none()) else { continue };
                let Some(charge) = sales.charges.get((refund.charge & !PAYMENT) as usize) else { continue };
                let Some((fee, amount)) = charge.application_fee else { continue };
                let (created, taken) = (refund.created, refund.txn);
                let part = in_proportion(amount, refund.amount, charge.amount);
                if !self.random.chance(FEE_GIVEN_BACK) {
                    continue;
                }
                let given = self.give_back(fee, part, created)?;
                let row = self.sales.get_mut(place).and_then(|sales| sales.txns.get_mut(taken as usize));
                if let Some(row) = row.filter(|_| given > 0) {
                    row.fees[0] = Some((FeeKind::Application, -given));
                }
            }
        }
        Ok(())
    }

    /// Books the refund of so much of a fee as is left of it, and gives the amount.
    fn give_back(&mut self, fee: u32, amount: i64, created: i64) -> Result<i64, SimError> {
        let Some(of) = self.fees.get(fee as usize) else { return Ok(0) };
        let (currency, earned) = (of.currency, of.txn);
        let left = of.amount - of.refunds.iter().map(|refund| refund.amount).sum::<i64>();
        let amount = fees::whole(amount.min(left), currency);
        if amount <= 0 {
            return Ok(0);
        }
        let settled =
            self.sales.get(PLATFORM).and_then(|sales| sales.txns.get(earned as usize)).map_or(currency, |txn| txn.currency);
        let (rate, given) = self.convert(amount, created, currency, settled)?;
        let serial = self.fee_refunds;
        self.fee_refunds += 1;
        let mut row = txn(TxnKind::ApplicationFeeRefund, created, settled, -given, Source::FeeRefund(serial));
        row.rate_millionths = rate;
        let txn = self.book(PLATFORM, row);
        if let Some(of) = self.fees.get_mut(fee as usize) {
            of.refunds.push(FeeRefund { serial, created, currency, amount, fee, txn });
        }
        Ok(amount)
    }

    /// Lets the accounts pay for refunds of charges that were made for them.
    pub(super) fn refund_passed_on(&mut self) -> Result<(), SimError> {
        let mut of_charge: BTreeMap<u32, usize> = BTreeMap::new();
        for (at, transfer) in self.transfers.iter().enumerate() {
            if let (Some(charge), None) = (transfer.source, transfer.group) {
                of_charge.insert(charge, at);
            }
        }
        let count = self.sales.get(PLATFORM).map_or(0, |sales| sales.refunds.len());
        for at in 0..count {
            let refund = self.sales.get(PLATFORM).and_then(|sales| sales.refunds.get(at)).cloned();
            let Some(refund) = refund.filter(|refund| refund.failure.is_none()) else { continue };
            if let Some(transfer) = of_charge.get(&refund.charge)
                && self.random.chance(REVERSED)
            {
                self.reverse_with(at, &refund, *transfer)?;
            }
        }
        Ok(())
    }

    fn reverse_with(&mut self, at: usize, refund: &Refund, transfer: usize) -> Result<(), SimError> {
        let Some(sales) = self.sales.get(PLATFORM) else { return Ok(()) };
        let Some(charge) = sales.charges.get((refund.charge & !PAYMENT) as usize) else { return Ok(()) };
        let (whole, application_fee) = (charge.amount, charge.application_fee);
        let Some(of) = self.transfers.get(transfer) else { return Ok(()) };
        let amount = fees::whole(in_proportion(of.amount, refund.amount, whole), of.currency).min(of.left());
        if amount <= 0 {
            return Ok(());
        }
        let fee = match application_fee {
            Some((fee, earned)) if self.random.chance(FEE_GIVEN_BACK) => {
                self.give_back(fee, in_proportion(earned, refund.amount, whole), refund.created)?
            }
            _ => 0,
        };
        let back = Back { transfer, amount, created: refund.created, refund: Some(refund.serial), fee };
        let Some(serial) = self.reverse(back)? else { return Ok(()) };
        let id = self.merchant(PLATFORM)?.stamp.transfer_reversal_id(serial);
        if let Some(refund) = self.sales.get_mut(PLATFORM).and_then(|sales| sales.refunds.get_mut(at)) {
            let since = refund.created;
            refund.dress.get_or_insert_default().say(since, "transfer_reversal", id);
        }
        Ok(())
    }

    /// Takes back transfers, in part or in full, and once everything that the biggest accounts got in some days.
    pub(super) fn change_minds(&mut self) -> Result<(), SimError> {
        let length = self.span.last - self.span.first;
        for transfer in 0..self.transfers.len() {
            let Some(of) = self.transfers.get(transfer) else { continue };
            let (to, created, currency, left) = (of.to, of.created, of.currency, of.left());
            let called = season::closes_on(to, self.span).unwrap_or(self.span.first + length * 3 / 5);
            let until = called * DAY + 10 * 3_600;
            let recent = until - CALLED_BACK_DAYS * DAY..until;
            if to <= CALLED_BACK && length >= 30 && recent.contains(&created) {
                let created = until + self.random.between(0, 900);
                self.reverse(Back { transfer, amount: left, created, refund: None, fee: 0 })?;
            } else if self.random.chance(MINDS_CHANGED) {
                let created = created + self.random.between(3_600, 20 * DAY);
                let part = self.random.pick(&[100, 100, 50, 25]);
                let amount = fees::whole(left * part / 100, currency);
                self.reverse(Back { transfer, amount, created, refund: None, fee: 0 })?;
            }
        }
        Ok(())
    }
}
