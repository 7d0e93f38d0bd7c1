//! One customer's story: what is planned for it, and what has come of it.

use std::collections::BTreeMap;

use super::{
    super::{
        rows::{Card, DAY},
        sales::Shop,
    },
    Ledger, arrival,
    collect::Trouble,
    customer::{Account, BalanceEntry, Cause, Customer},
    goods::Offer,
    ids::SUBSCRIBED,
    invoice::{Invoice, State},
    once::Size,
    sent::Pay,
    subscription::{Standing, Subscription},
};
use crate::{options::SimError, random::Random};

/// What is to happen; objects by their serial.
#[derive(Clone, Copy, Debug)]
pub(super) enum Action {
    Subscribe,
    TrialEndsSoon(u32),
    /// A subscription's period ends.
    Turn(u32),
    /// Another plan, or another quantity.
    Alter(u32),
    /// The subscription is to end with its period.
    AskToEnd(u32),
    EndNow(u32),
    /// The first invoice of a subscription was not paid in time.
    Expire(u32),
    Finalize(u32),
    /// A payment is tried once more: how often it was tried, and how often it will fail.
    Retry {
        payment: u32,
        tried: usize,
        failures: usize,
    },
    /// A customer pays an invoice that was sent.
    Pay(u32, Pay),
    Overdue(u32),
    GiveUp(u32),
    Void(u32),
    /// A credit note, before or after an invoice is paid.
    Credit(u32),
    /// Credit for the next invoice, out of goodwill.
    Goodwill,
    /// Work is noted down, and billed soon after.
    Work(Size),
    BillWork,
}

/// The line that billed an item of a subscription last.
#[derive(Clone, Copy, Debug)]
pub(super) struct Billed {
    pub(super) invoice: u32,
    pub(super) line: u32,
    /// Less its discount.
    pub(super) net: i64,
    pub(super) period: (i64, i64),
    pub(super) price: u32,
    pub(super) quantity: i64,
}

/// Where one customer's bills are made.
pub(super) struct Desk<'a, 'shop> {
    pub(super) shop: &'a mut Shop<'shop>,
    pub(super) ledger: &'a mut Ledger,
    pub(super) offer: &'a Offer,
    pub(super) random: Random,
    pub(super) trouble: Trouble,
    /// The customer's number and its place in the ledger.
    pub(super) customer: u32,
    place: usize,
    pub(super) card: Card,
    agenda: BTreeMap<(i64, u32), Action>,
    planned: u32,
    /// Invoice items that are on no invoice.
    pub(super) pending: Vec<u32>,
    /// By item of a subscription.
    pub(super) billed: BTreeMap<u32, Billed>,
    /// Invoice and payment, in the order in which they were made.
    pub(super) payments: Vec<(u32, u32)>,
}

impl<'a, 'shop> Desk<'a, 'shop> {
    /// Opens the desk of the `nth` customer, who will come and subscribe.
    pub(super) fn open(
        shop: &'a mut Shop<'shop>,
        ledger: &'a mut Ledger,
        offer: &'a Offer,
        mut random: Random,
        nth: u32,
    ) -> Self {
        let comes = arrival(&mut random, shop.span);
        let place = ledger.customers.len();
        let customer = SUBSCRIBED + nth;
        ledger.customers.push(Customer::new(customer, comes - random.between(30, 3_600), Some(offer.currency)));
        let home = shop.merchant.stamp.country;
        let card = Card {
            number: random.below(1 << 20) as u32,
            brand: random.pick(&["visa", "visa", "mastercard", "amex"]),
            country: if random.chance(100) { "GB" } else { home },
            last4: random.below(10_000) as u16,
        };
        let trouble = Trouble::draw(&mut random);
        let mut desk = Self {
            shop,
            ledger,
            offer,
            random,
            trouble,
            customer,
            place,
            card,
            agenda: BTreeMap::new(),
            planned: 0,
            pending: Vec::new(),
            billed: BTreeMap::new(),
            payments: Vec::new(),
        };
        desk.plan(comes, Action::Subscribe);
        desk.plan_extras(comes, nth);
        desk
    }

    /// What some customers have besides their subscription. The first two of an account have much work done for them.
    fn plan_extras(&mut self, comes: i64, nth: u32) {
        let size = match nth {
            0 => Some(Size::Huge),
            1 => Some(Size::Long),
            _ => self.random.chance(220).then_some(Size::Short),
        };
        if let Some(size) = size {
            let at = comes + self.random.between(DAY, 20 * DAY);
            self.plan(at, Action::Work(size));
        }
        if self.random.chance(120) {
            let at = comes + self.random.between(3 * DAY, 50 * DAY);
            self.plan(at, Action::Goodwill);
        }
    }

    /// Does everything that is planned until the world ends.
    pub(super) fn run(mut self) -> Result<(), SimError> {
        while let Some(((at, _), action)) = self.agenda.pop_first() {
            if at > self.shop.span.end() {
                break;
            }
            self.act(at, action)?;
        }
        Ok(())
    }

    fn act(&mut self, at: i64, action: Action) -> Result<(), SimError> {
        match action {
            Action::Subscribe => self.subscribe(at),
            Action::TrialEndsSoon(subscription) => {
                self.stand(subscription, at, &["customer.subscription.trial_will_end"], |_| ());
                Ok(())
            }
            Action::Turn(subscription) => self.turn(subscription, at),
            Action::Alter(subscription) => self.alter(subscription, at),
            Action::AskToEnd(subscription) => self.ask_to_end(subscription, at),
            Action::EndNow(subscription) => self.end_now(subscription, at),
            Action::Expire(subscription) => self.expire(subscription, at),
            Action::Finalize(invoice) => self.finalize(invoice, at),
            Action::Retry { payment, tried, failures } => self.attempt(payment, tried, failures, at),
            Action::Pay(invoice, how) => self.pay(invoice, how, at),
            Action::Overdue(invoice) => self.overdue(invoice, at),
            Action::GiveUp(invoice) => self.give_up(invoice, "payment_not_received", at),
            Action::Void(invoice) => self.void(invoice, at),
            Action::Credit(invoice) => self.credit(invoice, at),
            Action::Goodwill => {
                let amount = -self.random.between(5, 30) * 100;
                self.enter(at, amount, Cause::Adjustment);
                Ok(())
            }
            Action::Work(size) => self.work(size, at),
            Action::BillWork => self.bill_work(at),
        }
    }

    pub(super) fn plan(&mut self, at: i64, action: Action) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), action);
    }

    pub(super) fn invoice(&self, serial: u32) -> Option<&Invoice> {
        self.ledger.invoices.get(serial as usize)
    }

    pub(super) fn subscription(&self, serial: u32) -> Option<&Subscription> {
        self.ledger.subscriptions.get(serial as usize)
    }

    /// An invoice changes.
    pub(super) fn state(&mut self, serial: u32, at: i64, events: &'static [&'static str], change: impl FnOnce(&mut State)) {
        if let Some(invoice) = self.ledger.invoices.get_mut(serial as usize) {
            invoice.told.change(at, events, change);
        }
    }

    /// A subscription changes.
    pub(super) fn stand(&mut self, serial: u32, at: i64, events: &'static [&'static str], change: impl FnOnce(&mut Standing)) {
        if let Some(subscription) = self.ledger.subscriptions.get_mut(serial as usize) {
            subscription.told.change(at, events, change);
        }
    }

    /// The customer's account.
    pub(super) fn account(&self) -> Account {
        self.ledger.customers.get(self.place).map(|customer| *customer.told.last()).unwrap_or_default()
    }

    pub(super) fn change_account(&mut self, at: i64, events: &'static [&'static str], change: impl FnOnce(&mut Account)) {
        if let Some(customer) = self.ledger.customers.get_mut(self.place) {
            customer.told.change(at, events, change);
        }
    }

    /// Changes the customer's balance by `amount`, and gives the entry that says so.
    pub(super) fn enter(&mut self, at: i64, amount: i64, cause: Cause) -> u32 {
        let serial = self.ledger.entries.len() as u32;
        let ending = self.account().balance + amount;
        let (customer, currency) = (self.customer, self.offer.currency);
        self.ledger.entries.push(BalanceEntry { serial, customer, created: at, currency, amount, ending, cause });
        self.change_account(at, &["customer.updated"], |account| account.balance = ending);
        serial
    }
}
