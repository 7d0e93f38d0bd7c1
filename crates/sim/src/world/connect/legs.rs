//! The two legs of a transfer, and of its reversal: each is booked in both accounts at once.

use std::sync::Arc;

use money::Currency;

use super::{
    PLATFORM, Platform,
    objects::{Fee, Reversal, Transfer},
};
use crate::{
    json::{Json, json},
    options::SimError,
    world::{
        dress::Dress,
        merchant::Merchant,
        methods::Method,
        rows::{Card, Charge, ChargeChange, FeeKind, NO_INTENT, PAYMENT, Refund, Source, TxnKind},
        sales::txn,
        ties::Tie,
    },
};

/// A transfer to be made.
#[derive(Clone, Copy)]
pub(super) struct Leg {
    /// Place of the merchant that gets it.
    pub(super) to: usize,
    pub(super) currency: Currency,
    pub(super) amount: i64,
    pub(super) created: i64,
    pub(super) available_on: i64,
    /// Serial of the charge that funds it.
    pub(super) source: Option<u32>,
    pub(super) group: Option<u32>,
    /// What the platform takes of it, minor units of `currency`.
    pub(super) fee: Option<i64>,
}

/// A reversal to be made, of the transfer at `transfer`.
#[derive(Clone, Copy)]
pub(super) struct Back {
    pub(super) transfer: usize,
    pub(super) amount: i64,
    pub(super) created: i64,
    /// Serial of the platform's refund that causes it.
    pub(super) refund: Option<u32>,
    /// What the platform gives back of its fee, minor units of the transfer's currency.
    pub(super) fee: i64,
}

/// What money in `currency` becomes in the account.
fn settled(merchant: &Merchant, currency: Currency) -> Currency {
    let own = merchant.streams.iter().map(|stream| stream.currency);
    let first = merchant.streams.first().map_or(currency, |stream| stream.currency);
    own.into_iter().find(|own| *own == currency).unwrap_or(first)
}

impl Platform<'_> {
    /// Books a transfer and, where the platform takes one, its fee; gives its serial.
    pub(super) fn transfer(&mut self, leg: Leg) -> Result<u32, SimError> {
        let serial = self.transfers.len() as u32;
        let mut out = txn(TxnKind::Transfer, leg.created, leg.currency, -leg.amount, Source::Transfer(serial));
        out.available_on = leg.available_on;
        let out = self.book(PLATFORM, out);
        let merchant = self.merchant(leg.to)?;
        let (stamp, currency) = (merchant.stamp.clone(), settled(merchant, leg.currency));
        let payment = PAYMENT | self.sales.get(leg.to).map_or(0, |sales| sales.charges.len() as u32);
        let (rate, amount) = self.convert(leg.amount, leg.created, leg.currency, currency)?;
        let mut row = txn(TxnKind::Payment, leg.created, currency, amount, Source::Charge(payment));
        (row.available_on, row.rate_millionths) = (leg.available_on, rate);
        if let Some(fee) = leg.fee {
            let (_, taken) = self.convert(fee, leg.created, leg.currency, currency)?;
            row.fees[0] = Some((FeeKind::Application, taken));
        }
        let row = self.book(leg.to, row);
        let application_fee = match leg.fee {
            Some(fee) => Some((self.destination_fee(leg, fee, payment)?, fee)),
            None => None,
        };
        if let Some(sales) = self.sales.get_mut(leg.to) {
            sales.charges.push(Charge {
                serial: payment,
                created: leg.created,
                currency: leg.currency,
                amount: leg.amount,
                changes: Vec::new(),
                txn: Some(row),
                customer: 0,
                order: leg.group.unwrap_or(0),
                card: Card::default(),
                application_fee,
                intent: Some(NO_INTENT),
                method: Method::Card,
                debit: None,
                tie: Some(Box::new(Tie::Received { transfer: serial, group: leg.group })),
            });
        }
        self.transfers.push(Transfer {
            serial,
            created: leg.created,
            currency: leg.currency,
            amount: leg.amount,
            txn: out,
            to: leg.to,
            destination: stamp,
            payment,
            source: leg.source,
            group: leg.group,
            reversals: Vec::new(),
        });
        Ok(serial)
    }

    fn destination_fee(&mut self, leg: Leg, amount: i64, payment: u32) -> Result<u32, SimError> {
        let serial = self.fees.len() as u32;
        let mut row = txn(TxnKind::ApplicationFee, leg.created, leg.currency, amount, Source::ApplicationFee(serial));
        row.available_on = leg.available_on;
        let txn = self.book(PLATFORM, row);
        let account = Arc::clone(&self.merchant(leg.to)?.stamp);
        self.fees.push(Fee {
            serial,
            created: leg.created,
            currency: leg.currency,
            amount,
            txn,
            account,
            charge: payment,
            originating: leg.source,
            refunds: Vec::new(),
        });
        Ok(serial)
    }

    /// Books a reversal of what is left of a transfer, at most; gives its serial, or none where nothing is left.
    pub(super) fn reverse(&mut self, back: Back) -> Result<Option<u32>, SimError> {
        let Some(transfer) = self.transfers.get(back.transfer) else { return Ok(None) };
        let amount = back.amount.min(transfer.left());
        if amount <= 0 || back.created > self.span.end() {
            return Ok(None);
        }
        let (to, currency, payment, of) = (transfer.to, transfer.currency, transfer.payment, transfer.serial);
        let serial = self.reversals;
        self.reversals += 1;
        let row = txn(TxnKind::TransferReversal, back.created, currency, amount, Source::TransferReversal(serial));
        let row = self.book(PLATFORM, row);
        let reversal_id = self.merchant(PLATFORM)?.stamp.transfer_reversal_id(serial);
        let merchant = self.merchant(to)?;
        let (stamp, own) = (merchant.stamp.clone(), settled(merchant, currency));
        let refund = PAYMENT | self.sales.get(to).map_or(0, |sales| sales.refunds.len() as u32);
        let (rate, taken) = self.convert(amount, back.created, currency, own)?;
        let mut given = txn(TxnKind::PaymentRefund, back.created, own, -taken, Source::Refund(refund));
        given.rate_millionths = rate;
        if back.fee > 0 {
            let (_, fee) = self.convert(back.fee, back.created, currency, own)?;
            given.fees[0] = Some((FeeKind::Application, -fee));
        }
        let given = self.book(to, given);
        let mut dress = Dress::default();
        dress.say(back.created, "metadata", json!({}));
        dress.say(back.created, "payment_intent", Json::Null);
        dress.say(back.created, "source_transfer_reversal", reversal_id);
        dress.leave_out(back.created, "destination_details");
        if let Some(sales) = self.sales.get_mut(to) {
            if let Some(charge) = sales.charges.get_mut((payment & !PAYMENT) as usize) {
                charge.changes.push((back.created, ChargeChange::Refunded(amount)));
            }
            sales.refunds.push(Refund {
                serial: refund,
                created: back.created,
                currency,
                amount,
                charge: payment,
                order: 0,
                reason: None,
                txn: given,
                intent: NO_INTENT,
                failure: None,
                dress: Some(Box::new(dress)),
            });
        }
        if let Some(transfer) = self.transfers.get_mut(back.transfer) {
            transfer.reversals.push(Reversal {
                serial,
                created: back.created,
                currency,
                amount,
                transfer: of,
                txn: row,
                payment_refund_id: stamp.refund_id(refund),
                source_refund: back.refund,
            });
        }
        Ok(Some(serial))
    }
}
