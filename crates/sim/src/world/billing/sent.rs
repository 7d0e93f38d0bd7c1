//! Invoices that are sent: paid in time, late, in parts, outside of Stripe, or never.

use super::{
    super::rows::DAY,
    customer::Cause,
    desk::{Action, Desk},
    invoice::Status as Stage,
    shares::share,
    subscription::Status,
};
use crate::options::SimError;

/// How a customer pays an invoice that was sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum Pay {
    /// What is left of it.
    Rest,
    /// So much of what is left, in a thousand.
    Part(i64),
    /// By bank transfer to the merchant: Stripe is only told.
    OffStripe,
}

/// Nobody pays less than this at a time. Minor units.
const LEAST_PART: i64 = 100;

impl Desk<'_, '_> {
    /// What the customer will do with an invoice that is sent at `at`.
    pub(super) fn plan_payment(&mut self, serial: u32, at: i64) {
        let Some(due) = self.invoice(serial).and_then(|invoice| invoice.told.last().due_date) else { return };
        let alone = self.invoice(serial).is_some_and(|invoice| invoice.subscription.is_none());
        let in_time = self.random.between(at + 3_600, due - 1);
        let late = due + self.random.between(3_600, 18 * DAY);
        let never = due + self.random.between(10 * DAY, 30 * DAY);
        self.plan(due, Action::Overdue(serial));
        match self.random.weighted(&[50, 14, 14, 8, if alone { 6 } else { 0 }, 8]) {
            0 => {
                if self.random.chance(250) {
                    self.plan(i64::midpoint(at, in_time), Action::Credit(serial));
                }
                self.plan(in_time, Action::Pay(serial, Pay::Rest));
            }
            1 => self.plan(late, Action::Pay(serial, Pay::Rest)),
            2 => {
                self.plan(in_time, Action::Pay(serial, Pay::Part(400)));
                if self.random.chance(500) {
                    self.plan(i64::midpoint(in_time, late), Action::Pay(serial, Pay::Part(550)));
                }
                if self.random.chance(800) {
                    self.plan(late, Action::Pay(serial, Pay::Rest));
                }
            }
            3 => self.plan(in_time, Action::Pay(serial, Pay::OffStripe)),
            4 => self.plan(in_time, Action::Void(serial)),
            _ => {
                self.plan(never, Action::GiveUp(serial));
                if self.random.chance(300) {
                    self.plan(never + 5 * DAY, Action::Pay(serial, Pay::Rest));
                }
            }
        }
    }

    /// The customer pays.
    pub(super) fn pay(&mut self, serial: u32, how: Pay, at: i64) -> Result<(), SimError> {
        let Some(default) = self.payments.iter().find(|(invoice, _)| *invoice == serial).map(|(_, payment)| *payment) else {
            return Ok(());
        };
        let Some(left) = self.open_invoice(default).and_then(|invoice| self.invoice(invoice)) else { return Ok(()) };
        let left = left.told.last().remaining();
        match how {
            Pay::Part(permille) => {
                let amount = share(left, permille, 1_000)?;
                if amount < LEAST_PART || left - amount < LEAST_PART {
                    return Ok(());
                }
                self.ask_for(default, left - amount, at);
                let payment = self.ask(serial, amount, false, at);
                self.collect_sent(serial, payment, at)
            }
            Pay::Rest => self.collect_sent(serial, default, at),
            Pay::OffStripe => {
                self.call_off(default, "automatic", at);
                let payment = self.record(serial, left, at);
                self.settle(payment, at);
                Ok(())
            }
        }
    }

    /// One in seven cards is refused first.
    fn collect_sent(&mut self, invoice: u32, payment: u32, at: i64) -> Result<(), SimError> {
        if self.random.chance(140) {
            self.charge(payment, false, at)?;
            self.state(invoice, at, &["invoice.payment_failed", "invoice.updated"], |state| state.attempts += 1);
        }
        self.charge(payment, true, at)?;
        self.state(invoice, at, &[], |state| state.attempts += 1);
        self.settle(payment, at);
        Ok(())
    }

    /// A payment asks for another amount from now on.
    pub(super) fn ask_for(&mut self, payment: u32, amount: i64, at: i64) {
        if let Some(row) = self.ledger.payments.get_mut(payment as usize) {
            row.told.change(at, &[], |progress| progress.requested = amount);
        }
        if let Some(intent) = self.ledger.intents.get_mut(&payment) {
            intent.told.change(at, &[], |state| state.amount = amount);
        }
    }

    /// Nobody will pay by this payment any more.
    pub(super) fn call_off(&mut self, payment: u32, why: &'static str, at: i64) {
        let Some(row) = self.ledger.payments.get_mut(payment as usize) else { return };
        if row.told.last().status() != "open" {
            return;
        }
        row.told.change(at, &[], |progress| progress.canceled_at = Some(at));
        if let Some(intent) = self.ledger.intents.get_mut(&payment) {
            intent.told.change(at, &["payment_intent.canceled"], |state| state.canceled = Some((at, why)));
        }
    }

    /// Stripe is told that so much was paid without it.
    fn record(&mut self, invoice: u32, amount: i64, at: i64) -> u32 {
        let serial = self.ask(invoice, amount, false, at);
        self.ledger.intents.remove(&serial);
        if let Some(row) = self.ledger.payments.get_mut(serial as usize) {
            row.off_stripe = true;
        }
        serial
    }

    /// The day has come on which an invoice was to be paid.
    pub(super) fn overdue(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        if self.invoice(serial).is_some_and(|invoice| invoice.told.last().status == Stage::Open) {
            self.state(serial, at, &["invoice.overdue"], |_| ());
            self.behind(serial, at);
        }
        Ok(())
    }

    /// The merchant does not expect an invoice to be paid any more.
    pub(super) fn give_up(&mut self, serial: u32, why: &'static str, at: i64) -> Result<(), SimError> {
        let Some(invoice) = self.invoice(serial).filter(|invoice| invoice.told.last().status == Stage::Open) else {
            return Ok(());
        };
        let (sent, subscription) = (invoice.days_until_due.is_some(), invoice.subscription);
        self.state(serial, at, &["invoice.marked_uncollectible", "invoice.updated"], |state| {
            state.status = Stage::Uncollectible;
            state.uncollectible_at = Some(at);
            (state.given_up, state.next_attempt) = (Some(why), None);
        });
        match subscription {
            Some(of) if sent && self.subscription(of).is_some_and(|of| of.told.last().status == Status::PastDue) => {
                self.end(of, Some("payment_failed"), false, at)
            }
            _ => Ok(()),
        }
    }

    /// An open invoice is taken back, and what was applied of the customer's balance with it.
    pub(super) fn void(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let Some(state) = self.invoice(serial).map(|invoice| invoice.told.last().clone()) else { return Ok(()) };
        if state.status != Stage::Open || state.paid > 0 {
            return Ok(());
        }
        self.state(serial, at, &["invoice.voided", "invoice.updated"], |state| {
            state.status = Stage::Void;
            state.voided_at = Some(at);
            (state.advances, state.next_attempt) = (false, None);
        });
        let payments: Vec<u32> =
            self.payments.iter().filter(|(invoice, _)| *invoice == serial).map(|(_, payment)| *payment).collect();
        for payment in payments {
            self.call_off(payment, "void_invoice", at);
        }
        let applied = state.ending.unwrap_or(state.starting) - state.starting;
        if applied != 0 {
            self.enter(at, -applied, Cause::UnappliedFromInvoice(serial));
        }
        Ok(())
    }
}
