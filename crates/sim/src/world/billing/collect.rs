//! How an invoice becomes final, and how a card is charged for it, again and again where it is refused.

use super::{
    super::rows::DAY,
    customer::Cause,
    desk::{Action, Desk},
    ids::INVOICED,
    invoice::Status as Stage,
    payment::{Collected, Intent, InvoicePayment, Progress},
    subscription::Status,
    sums::Sums,
    till::Attempt,
    timeline::Timeline,
};
use crate::{options::SimError, random::Random};

/// Days after an invoice is final on which its payment is tried.
const TRIES: [i64; 5] = [0, 1, 3, 5, 7];
/// Less than this is not charged but added to the customer's balance. Minor units.
const LEAST_CHARGE: i64 = 50;
/// Paid invoices that are credited later, in a thousand.
const CREDITED: u64 = 50;

/// How often a customer's card is refused, in a thousand invoices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trouble {
    refused: u64,
    /// Refused for good.
    hopeless: u64,
}

impl Trouble {
    pub(super) fn draw(random: &mut Random) -> Self {
        match random.weighted(&[82, 12, 6]) {
            0 => Self { refused: 15, hopeless: 2 },
            1 => Self { refused: 300, hopeless: 40 },
            _ => Self { refused: 100, hopeless: 450 },
        }
    }

    /// How many attempts fail before one succeeds; all of them where there is no hope.
    fn failures(self, random: &mut Random) -> usize {
        let dice = random.below(1_000);
        let failures = random.between(1, TRIES.len() as i64 - 1) as usize;
        if dice < self.hopeless {
            TRIES.len()
        } else if dice < self.hopeless + self.refused {
            failures
        } else {
            0
        }
    }
}

impl Desk<'_, '_> {
    /// A draft becomes final: it has a number, the customer's balance is applied, and it is collected.
    pub(super) fn finalize(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let Some(invoice) = self.invoice(serial).filter(|invoice| invoice.told.last().status == Stage::Draft) else {
            return Ok(());
        };
        let (total, days) = (invoice.total(), invoice.days_until_due);
        let starting = self.account().balance;
        let owed = total + starting;
        let (due, ending) = if owed < LEAST_CHARGE { (0, owed) } else { (owed, 0) };
        if ending != starting {
            let too_small = due == 0 && owed > 0;
            let cause = if too_small { Cause::InvoiceTooSmall(serial) } else { Cause::AppliedToInvoice(serial) };
            self.enter(at, ending - starting, cause);
        }
        self.change_account(at, &[], |account| account.invoices += 1);
        let number = self.account().invoices;
        let due_date = days.map(|days| at + days * DAY);
        let events: &[&str] = if days.is_some() { &["invoice.finalized", "invoice.sent"] } else { &["invoice.finalized"] };
        self.state(serial, at, events, |state| {
            state.status = Stage::Open;
            state.number = Some(number);
            (state.starting, state.ending, state.due) = (starting, Some(ending), due);
            (state.finalized_at, state.due_date) = (Some(at), due_date);
        });
        if due == 0 {
            self.close(serial, at);
            return Ok(());
        }
        let payment = self.ask(serial, due, true, at);
        if due_date.is_some() {
            self.plan_payment(serial, at);
            return Ok(());
        }
        let failures = self.trouble.failures(&mut self.random);
        self.attempt(payment, 0, failures, at)
    }

    /// A payment of the invoice is begun, and gives its serial.
    pub(super) fn ask(&mut self, invoice: u32, amount: i64, is_default: bool, at: i64) -> u32 {
        let serial = self.ledger.payments.len() as u32;
        let (customer, currency) = (self.customer, self.offer.currency);
        let told = Timeline::new(at, &[], Progress { requested: amount, paid_at: None, canceled_at: None });
        let payment = InvoicePayment { serial, invoice, created: at, currency, is_default, off_stripe: false, told };
        self.ledger.payments.push(payment);
        let begun = Collected { amount, received: 0, charge: None, is_processing: false, canceled: None };
        let told = Timeline::new(at, &["payment_intent.created"], begun);
        let number = INVOICED + serial;
        let intent = Intent { number, created: at, currency, customer, order: None, application_fee: None, method: "card", told };
        self.ledger.intents.insert(serial, intent);
        self.payments.push((invoice, serial));
        serial
    }

    /// Stripe tries to collect the payment, for the `tried + 1`st time.
    pub(super) fn attempt(&mut self, payment: u32, tried: usize, failures: usize, at: i64) -> Result<(), SimError> {
        let Some(invoice) = self.open_invoice(payment) else { return Ok(()) };
        let Some(row) = self.invoice(invoice) else { return Ok(()) };
        // Stripe does not retry a subscription's first invoice: the subscription expires.
        let (state, is_first) = (row.told.last().clone(), row.reason == "subscription_create");
        if tried > 0 && state.next_attempt != Some(at) {
            return Ok(());
        }
        let is_paid = self.charge(payment, tried >= failures, at)?;
        let begun = state.finalized_at.unwrap_or(at);
        let next = TRIES.get(tried + 1).map(|days| begun + days * DAY).filter(|_| !is_paid && !is_first);
        self.state(invoice, at, &[], |state| (state.attempts, state.next_attempt) = (state.attempts + 1, next));
        if is_paid {
            self.settle(payment, at);
            return Ok(());
        }
        self.refused(invoice, at);
        match next {
            Some(next) => self.plan(next, Action::Retry { payment, tried: tried + 1, failures }),
            None if is_first => {}
            None => self.exhausted(invoice, at)?,
        }
        Ok(())
    }

    /// Charges the card for a payment; whether it worked.
    pub(super) fn charge(&mut self, payment: u32, succeeds: bool, at: i64) -> Result<bool, SimError> {
        let Some(amount) = self.ledger.payments.get(payment as usize).map(|payment| payment.told.last().requested) else {
            return Ok(false);
        };
        let (customer, card, currency) = (self.customer, self.card, self.offer.currency);
        let intent = INVOICED + payment;
        let charge = self.shop.attempt(&Attempt { at, currency, amount, customer, card, intent, succeeds })?;
        let fee = self.shop.application_fee(charge);
        if let Some(intent) = self.ledger.intents.get_mut(&payment) {
            let events: &[&str] = if succeeds { &["payment_intent.succeeded"] } else { &["payment_intent.payment_failed"] };
            intent.application_fee = fee;
            intent.told.change(at, events, |state| {
                state.charge = Some(charge);
                state.received = if succeeds { amount } else { 0 };
            });
        }
        Ok(succeeds)
    }

    /// A card was refused.
    fn refused(&mut self, invoice: u32, at: i64) {
        self.state(invoice, at, &["invoice.payment_failed", "invoice.updated"], |_| ());
        self.be_delinquent(true, at);
        self.behind(invoice, at);
    }

    /// The subscription of an invoice that is not paid is past due.
    pub(super) fn behind(&mut self, invoice: u32, at: i64) {
        let Some(subscription) = self.invoice(invoice).and_then(|invoice| invoice.subscription) else { return };
        if self.subscription(subscription).is_some_and(|of| of.told.last().status == Status::Active) {
            self.stand(subscription, at, &["customer.subscription.updated"], |standing| standing.status = Status::PastDue);
        }
    }

    pub(super) fn be_delinquent(&mut self, delinquent: bool, at: i64) {
        if self.account().delinquent != delinquent {
            self.change_account(at, &["customer.updated"], |account| account.delinquent = delinquent);
        }
    }

    /// No further attempt is made: the subscription is over, or waits for a better card.
    fn exhausted(&mut self, invoice: u32, at: i64) -> Result<(), SimError> {
        self.state(invoice, at, &[], |state| state.advances = false);
        if self.random.chance(500) {
            self.give_up(invoice, "max_payment_attempts", at)?;
        }
        let Some(serial) = self.invoice(invoice).and_then(|invoice| invoice.subscription) else { return Ok(()) };
        if self.subscription(serial).is_none_or(|of| of.told.last().status != Status::PastDue) {
            return Ok(());
        }
        if self.random.chance(500) {
            return self.end(serial, Some("payment_failed"), false, at);
        }
        self.stand(serial, at, &["customer.subscription.updated"], |standing| standing.status = Status::Unpaid);
        Ok(())
    }

    /// The money of a payment is there.
    pub(super) fn settle(&mut self, payment: u32, at: i64) {
        let Some(row) = self.ledger.payments.get_mut(payment as usize) else { return };
        let (invoice, amount, off_stripe) = (row.invoice, row.told.last().requested, row.off_stripe);
        row.told.change(at, &["invoice_payment.paid"], |progress| progress.paid_at = Some(at));
        self.state(invoice, at, &[], |state| {
            state.paid += amount;
            state.paid_off_stripe += if off_stripe { amount } else { 0 };
        });
        if self.invoice(invoice).is_some_and(|invoice| invoice.told.last().remaining() == 0) {
            self.close(invoice, at);
            self.be_delinquent(false, at);
        } else {
            self.state(invoice, at, &["invoice.updated"], |_| ());
        }
        if self.random.chance(CREDITED) {
            let later = self.random.between(3_600, 12 * DAY);
            self.plan(at + later, Action::Credit(invoice));
        }
    }

    /// Nothing is left to be paid.
    pub(super) fn close(&mut self, invoice: u32, at: i64) {
        self.state(invoice, at, &["invoice.updated", "invoice.paid", "invoice.payment_succeeded"], |state| {
            state.status = Stage::Paid;
            state.paid_at = Some(at);
            state.next_attempt = None;
        });
        let Some(subscription) = self.invoice(invoice).and_then(|invoice| invoice.subscription) else { return };
        let status = self.subscription(subscription).map(|of| of.told.last().status);
        if matches!(status, Some(Status::Incomplete | Status::PastDue)) {
            self.stand(subscription, at, &["customer.subscription.updated"], |standing| standing.status = Status::Active);
        }
    }

    /// The invoice of a payment that can still be collected.
    pub(super) fn open_invoice(&self, payment: u32) -> Option<u32> {
        let row = self.ledger.payments.get(payment as usize)?;
        let progress = row.told.last();
        let invoice = self.invoice(row.invoice)?;
        let is_open = matches!(invoice.told.last().status, Stage::Open | Stage::Uncollectible);
        (is_open && progress.status() == "open").then_some(row.invoice)
    }
}
