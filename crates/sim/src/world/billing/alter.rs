//! How a subscription changes within a period, and what that costs: time not used is credited, time left is debited.

use std::sync::Arc;

use super::{
    cycle,
    desk::{Action, Billed, Desk},
    goods::{Every, Price},
    invoice::{Entry, Invoice, InvoiceItem, Of, Origin, Proration, Status as Stage},
    shares::share,
    subscription::{Item, Standing, Status},
    terms::Off,
    timeline::Timeline,
};
use crate::options::SimError;

/// Changes that are billed at once, in a thousand; the others wait for the next period.
const BILLED_AT_ONCE: u64 = 600;
/// Seconds before the end of a period in which nobody changes anything.
const QUIET: i64 = 2 * 3_600;

impl Desk<'_, '_> {
    /// The customer takes another plan, or another quantity of it.
    pub(super) fn alter(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let Some((standing, item, billed)) = self.changeable(serial, at) else { return Ok(()) };
        let Some((price, quantity)) = self.choose_other(&standing, &item) else { return Ok(()) };
        let of = Of { subscription: serial, item: item.serial };
        let restarts = price.every != item.price.every;
        self.credit_unused(of, &item, billed, at)?;
        if !restarts {
            self.debit_remaining(of, &standing, &price, quantity, at)?;
        }
        let changed = Item { price, quantity: Some(quantity), ..item };
        let items: Vec<Item> =
            standing.items.iter().map(|item| if item.serial == of.item { changed.clone() } else { item.clone() }).collect();
        let period = match changed.price.every.months() {
            Some(months) if restarts => cycle::period(at, months, 0)?,
            _ => standing.period,
        };
        self.stand(serial, at, &["customer.subscription.updated"], |standing| {
            standing.items = items.into();
            standing.period = period;
            if restarts {
                (standing.anchor, standing.turn) = (at, 0);
            }
        });
        if !restarts && !self.random.chance(BILLED_AT_ONCE) {
            return Ok(());
        }
        let mut entries = Vec::new();
        if restarts {
            entries = self.coming(serial)?;
            self.plan(period.1, Action::Turn(serial));
        }
        let invoice = self.draw_up(Some(serial), "subscription_update", entries, at)?;
        self.finalize(invoice, at)
    }

    /// The subscription ends at once; what is left of the period is sometimes credited.
    pub(super) fn end_now(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let Some(standing) = self.subscription(serial).map(|subscription| subscription.told.last().clone()) else {
            return Ok(());
        };
        if !matches!(standing.status, Status::Active | Status::Trialing | Status::PastDue) {
            return Ok(());
        }
        let credits = self.random.chance(500);
        if credits && let Some((_, item, billed)) = self.changeable(serial, at) {
            self.credit_unused(Of { subscription: serial, item: item.serial }, &item, billed, at)?;
        }
        if let Some(open) = standing.latest_invoice {
            // Stripe does not go on collecting what is open.
            let is_open = |invoice: &Invoice| matches!(invoice.told.last().status, Stage::Draft | Stage::Open);
            let events: &[&str] = if self.invoice(open).is_some_and(is_open) { &["invoice.updated"] } else { &[] };
            self.state(open, at, events, |state| (state.advances, state.next_attempt) = (false, None));
        }
        self.end(serial, Some("cancellation_requested"), credits, at)
    }

    /// A subscription whose main item is billed for the time to come, and by which line.
    fn changeable(&self, serial: u32, at: i64) -> Option<(Standing, Item, Billed)> {
        let standing = self.subscription(serial)?.told.last();
        let (start, end) = standing.period;
        let item = standing.items.first()?;
        let billed = *self.billed.get(&item.serial)?;
        let is_current = billed.period.1 == end && billed.price == item.price.serial && Some(billed.quantity) == item.quantity;
        let is_quiet = standing.status == Status::Active && !standing.ends_with_period && start < at && at < end - QUIET;
        (is_current && is_quiet && billed.period.0 < at).then(|| (standing.clone(), item.clone(), billed))
    }

    /// Another price or another quantity.
    fn choose_other(&mut self, standing: &Standing, item: &Item) -> Option<(Arc<Price>, i64)> {
        let quantity = item.quantity?;
        if item.price.serial == self.offer.seats.serial {
            let other = (quantity + self.random.between(-8, 14)).max(1);
            return (other != quantity).then(|| (Arc::clone(&item.price), other));
        }
        let alone = standing.items.len() == 1;
        let to_year = standing.every() == Every::Month && alone && self.random.chance(250);
        let plans = if to_year || standing.every() == Every::Year { &self.offer.yearly } else { &self.offer.monthly };
        let other = plans.get(self.random.below(plans.len() as u64) as usize)?;
        (other.serial != item.price.serial).then(|| (Arc::clone(other), quantity))
    }

    fn credit_unused(&mut self, of: Of, item: &Item, billed: Billed, at: i64) -> Result<(), SimError> {
        let (start, end) = billed.period;
        let entry = Entry {
            amount: -share(billed.net, end - at, end - start)?,
            quantity: billed.quantity,
            price: Arc::clone(&item.price),
            unit_milli: 0,
            description: format!("Unused time on {}", item.price.product.name),
            period: (at, end),
            proration: Some(Proration::Unused { invoice: billed.invoice, line: billed.line }),
        };
        self.billed.remove(&of.item);
        self.wait(Some(of), entry, at);
        Ok(())
    }

    fn debit_remaining(
        &mut self,
        of: Of,
        standing: &Standing,
        price: &Arc<Price>,
        quantity: i64,
        at: i64,
    ) -> Result<(), SimError> {
        let (start, end) = standing.period;
        let whole = price.amount(quantity)?;
        let off = match standing.discount(at) {
            Some(discount) if matches!(discount.coupon.off, Off::Permille(_)) => discount.off(whole)?,
            _ => 0,
        };
        let entry = Entry {
            amount: share(whole - off, end - at, end - start)?,
            quantity,
            price: Arc::clone(price),
            unit_milli: 0,
            description: format!("Remaining time on {quantity} × {}", price.product.name),
            period: (at, end),
            proration: Some(Proration::Remaining),
        };
        self.wait(Some(of), entry, at);
        Ok(())
    }

    /// Something is to be billed with the customer's next invoice.
    pub(super) fn wait(&mut self, of: Option<Of>, entry: Entry, at: i64) {
        let serial = self.ledger.items.len() as u32;
        let told = Timeline::new(at, &["invoiceitem.created"], None);
        let (customer, currency) = (self.customer, self.offer.currency);
        self.ledger.items.push(InvoiceItem { serial, customer, made: at, currency, of, entry, told });
        self.pending.push(serial);
    }

    /// The invoice items that wait for an invoice of this subscription, or for one of none, now on the invoice.
    pub(super) fn take_pending(&mut self, subscription: Option<u32>, invoice: u32, at: i64) -> Vec<(Origin, Entry)> {
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for serial in std::mem::take(&mut self.pending) {
            match self.ledger.items.get_mut(serial as usize) {
                Some(item) if item.of.map(|of| of.subscription) == subscription => {
                    item.told.change(at, &[], |on| *on = Some(invoice));
                    taken.push((Origin::Item(serial, item.of), item.entry.clone()));
                }
                _ => left.push(serial),
            }
        }
        self.pending = left;
        taken
    }
}
