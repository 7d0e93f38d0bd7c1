//! What is billed as Stripe's objects: their ids, their JSON at an instant, and their events.

use std::sync::Arc;

use serde_json::Value;

use super::{
    super::{render::billing as render, rows::Stamp},
    BalanceEntry, CreditNote, Customer, Intent, Invoice, InvoiceItem, InvoicePayment, OwnIntent, Schedule, Subscription,
};
use crate::{
    catalog::{Row, Step},
    json::Json,
};

/// An item of a subscription.
#[derive(Debug)]
pub(super) struct SubscriptionItem {
    pub(super) subscription: Arc<Subscription>,
    pub(super) place: usize,
}

/// A line of an invoice.
#[derive(Debug)]
pub(super) struct InvoiceLine {
    pub(super) invoice: Arc<Invoice>,
    pub(super) place: usize,
}

pub(super) const fn step(at: i64, event: &'static str) -> Step {
    Step { at, event }
}

impl Row for Customer {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.customer_id(self.number)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        render::customer(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        self.told.steps()
    }
}

impl Row for BalanceEntry {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.balance_entry_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        render::balance_entry(stamp, self).into()
    }
}

impl Row for Schedule {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.schedule_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::schedule(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        self.told.steps()
    }
}

impl Row for Arc<Subscription> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.subscription_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::subscription(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        let mut steps = self.told.steps();
        let governed = self.governed.iter().flat_map(|governed| std::iter::once(governed.from).chain(governed.until));
        steps.extend(governed.map(|at| step(at, "customer.subscription.updated")));
        steps.sort_by_key(|step| step.at);
        steps
    }
}

impl Row for SubscriptionItem {
    fn id(&self, stamp: &Stamp) -> String {
        self.subscription
            .told
            .last()
            .items
            .get(self.place)
            .map(|item| stamp.subscription_item_id(item.serial))
            .unwrap_or_default()
    }
    fn created(&self) -> i64 {
        self.subscription.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::subscription_item(stamp, &self.subscription, self.place, at).unwrap_or_default()
    }
}

impl Row for Arc<Invoice> {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.invoice_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::invoice(stamp, self, at)
    }
    fn asked(&self, field: &str, at: i64) -> Option<Value> {
        (field == "amount_paid_off_stripe").then(|| self.told.at(at).paid_off_stripe.into())
    }
    fn steps(&self) -> Vec<Step> {
        self.told.steps()
    }
}

impl Row for InvoiceLine {
    fn id(&self, stamp: &Stamp) -> String {
        self.invoice.lines.get(self.place).map(|line| stamp.line_id(line.serial)).unwrap_or_default()
    }
    /// Lines have no instant of their own; a list shows them in the order of the invoice.
    fn created(&self) -> i64 {
        self.invoice.created - self.place as i64
    }
    fn visible_at(&self) -> i64 {
        self.invoice.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        self.invoice.lines.get(self.place).map(|line| render::line(stamp, &self.invoice, line)).unwrap_or_default()
    }
}

impl Row for InvoiceItem {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.invoice_item_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.made
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::invoice_item(stamp, self, at)
    }
    fn steps(&self) -> Vec<Step> {
        self.told.steps()
    }
}

impl Row for InvoicePayment {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.invoice_payment_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::invoice_payment(stamp, self, at).into()
    }
    fn steps(&self) -> Vec<Step> {
        self.told.steps()
    }
}

impl Row for Intent {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.payment_intent_id(self.number)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        render::intent(stamp, self, at).into()
    }
    fn steps(&self) -> Vec<Step> {
        self.told.steps()
    }
}

impl Row for OwnIntent {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.payment_intent_id(self.charge().serial)
    }
    fn created(&self) -> i64 {
        self.charge().created
    }
    fn body(&self, stamp: &Stamp, at: i64) -> Value {
        self.json(stamp, at).into()
    }
    fn json<'a>(&'a self, stamp: &'a Stamp, at: i64) -> Json<'a> {
        render::intent(stamp, &self.whole(), at)
    }
    fn steps(&self) -> Vec<Step> {
        self.whole().told.steps()
    }
}

impl Row for CreditNote {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.credit_note_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        render::credit_note(stamp, self)
    }
    fn members(&self, stamp: &Stamp, list: &str) -> Option<Vec<Value>> {
        (list == "lines").then(|| render::credit_note_lines(stamp, self))
    }
    fn steps(&self) -> Vec<Step> {
        vec![step(self.created, "credit_note.created")]
    }
}
