//! The objects that Connect adds to a platform: transfers and their reversals, application fees and their refunds.

use std::sync::Arc;

use money::Currency;
use serde_json::Value;

use crate::{
    catalog::{Row, Step},
    json::{Json, json},
    world::{rows::Stamp, ties::group},
};

/// How many objects Stripe embeds in a list within an object.
const EMBEDDED: usize = 10;

/// Money from the platform to a connected account.
#[derive(Clone, Debug)]
pub(crate) struct Transfer {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) txn: u32,
    /// Place of the merchant that gets it, its account's stamp, and there the payment's serial.
    pub(crate) to: usize,
    pub(crate) destination: Arc<Stamp>,
    pub(crate) payment: u32,
    /// Serial of the charge that funds it.
    pub(crate) source: Option<u32>,
    /// The order that it belongs to.
    pub(crate) group: Option<u32>,
    pub(crate) reversals: Vec<Reversal>,
}

/// Money of a transfer that comes back.
#[derive(Clone, Debug)]
pub(crate) struct Reversal {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) transfer: u32,
    pub(crate) txn: u32,
    /// The refund at the connected account.
    pub(crate) payment_refund_id: String,
    /// Serial of the platform's refund that caused it.
    pub(crate) source_refund: Option<u32>,
}

/// What the platform earns of one charge.
#[derive(Clone, Debug)]
pub(crate) struct Fee {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) txn: u32,
    /// The account's stamp, and the charge's serial there.
    pub(crate) account: Arc<Stamp>,
    pub(crate) charge: u32,
    /// The platform's own charge, for one that it made for the account.
    pub(crate) originating: Option<u32>,
    pub(crate) refunds: Vec<FeeRefund>,
}

/// What the platform gives back of a fee.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FeeRefund {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) fee: u32,
    pub(crate) txn: u32,
}

/// The newest of `list` that are there at `at`, as Stripe embeds them.
fn embedded<'a, R: Row>(list: &'a [R], url: String, stamp: &'a Stamp, at: i64) -> Json<'a> {
    let mut there: Vec<&'a R> = list.iter().filter(|row| row.created() <= at).collect();
    there.sort_by_key(|row| std::cmp::Reverse((row.created(), row.id(stamp))));
    let data: Vec<Json<'a>> = there.iter().take(EMBEDDED).map(|row| row.json(stamp, at)).collect();
    json!({"object": "list", "data": data, "has_more": there.len() > EMBEDDED, "url": url})
}

impl Transfer {
    /// What has not come back, minor units.
    pub(super) fn left(&self) -> i64 {
        self.amount - self.reversals.iter().map(|reversal| reversal.amount).sum::<i64>()
    }
}

impl Row for Transfer {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.transfer_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        let id = self.id(stamp);
        let reversed: i64 = self.reversals.iter().filter(|reversal| reversal.created <= at).map(|reversal| reversal.amount).sum();
        json!({
            "id": id.clone(),
            "object": "transfer",
            "amount": self.amount,
            "amount_reversed": reversed,
            "balance_transaction": stamp.txn_id(self.txn),
            "created": self.created,
            "currency": self.currency.as_str(),
            "description": null,
            "destination": self.destination.account.as_str(),
            "destination_payment": self.destination.charge_id(self.payment),
            "livemode": false,
            "metadata": {},
            "reversals": embedded(&self.reversals, format!("/v1/transfers/{id}/reversals"), stamp, at),
            "reversed": reversed == self.amount,
            "source_transaction": self.source.map(|serial| stamp.charge_id(serial)),
            "source_type": "card",
            "transfer_group": self.group.map(group),
        })
    }
    fn steps(&self) -> Vec<Step> {
        let made = Step { at: self.created, event: "transfer.created" };
        let mut steps: Vec<Step> =
            self.reversals.iter().map(|reversal| Step { at: reversal.created, event: "transfer.reversed" }).collect();
        steps.sort_by_key(|step| step.at);
        steps.insert(0, made);
        steps
    }
}

impl Row for Reversal {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.transfer_reversal_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, _at: i64) -> Json<'a> {
        json!({
            "id": self.id(stamp),
            "object": "transfer_reversal",
            "amount": self.amount,
            "balance_transaction": stamp.txn_id(self.txn),
            "created": self.created,
            "currency": self.currency.as_str(),
            "destination_payment_refund": self.payment_refund_id.as_str(),
            "metadata": {},
            "source_refund": self.source_refund.map(|serial| stamp.refund_id(serial)),
            "transfer": stamp.transfer_id(self.transfer),
        })
    }
}

impl Row for Fee {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.application_fee_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        let id = self.id(stamp);
        let charge = self.account.charge_id(self.charge);
        let refunded: i64 = self.refunds.iter().filter(|refund| refund.created <= at).map(|refund| refund.amount).sum();
        json!({
            "id": id.clone(),
            "object": "application_fee",
            "account": self.account.account.as_str(),
            "amount": self.amount,
            "amount_refunded": refunded,
            "application": self.account.application.as_deref().unwrap_or_default(),
            "balance_transaction": stamp.txn_id(self.txn),
            "charge": charge.clone(),
            "created": self.created,
            "currency": self.currency.as_str(),
            "fee_source": {"charge": charge, "type": "charge"},
            "livemode": false,
            "originating_transaction": self.originating.map(|serial| stamp.charge_id(serial)),
            "refunded": refunded == self.amount,
            "refunds": embedded(&self.refunds, format!("/v1/application_fees/{id}/refunds"), stamp, at),
        })
    }
    fn steps(&self) -> Vec<Step> {
        let made = Step { at: self.created, event: "application_fee.created" };
        let mut steps: Vec<Step> =
            self.refunds.iter().map(|refund| Step { at: refund.created, event: "application_fee.refunded" }).collect();
        steps.sort_by_key(|step| step.at);
        steps.insert(0, made);
        steps
    }
}

impl Row for FeeRefund {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.fee_refund_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, _at: i64) -> Json<'a> {
        json!({
            "id": self.id(stamp),
            "object": "fee_refund",
            "amount": self.amount,
            "balance_transaction": stamp.txn_id(self.txn),
            "created": self.created,
            "currency": self.currency.as_str(),
            "fee": stamp.application_fee_id(self.fee),
            "metadata": {},
        })
    }
}
