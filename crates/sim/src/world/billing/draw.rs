//! How an invoice is drawn up: what it bills, on which terms.

use std::sync::Arc;

use super::{
    desk::{Billed, Desk},
    invoice::{Entry, Invoice, Origin, State, lines},
    sums::Sums,
    terms::{Discount, Lasts, TaxRate},
    timeline::Timeline,
};
use crate::options::SimError;

/// What an invoice takes over from its subscription.
#[derive(Default)]
struct Terms {
    discount: Option<Arc<Discount>>,
    tax: Option<Arc<TaxRate>>,
    days_until_due: Option<i64>,
    window: (i64, i64),
}

impl Desk<'_, '_> {
    /// Makes an invoice of `entries` and of the invoice items that wait for it, and gives its serial.
    pub(super) fn draw_up(
        &mut self,
        subscription: Option<u32>,
        reason: &'static str,
        entries: Vec<(Origin, Entry)>,
        at: i64,
    ) -> Result<u32, SimError> {
        let serial = self.ledger.invoices.len() as u32;
        let mut all = self.take_pending(subscription, serial, at);
        all.extend(entries);
        let terms = match subscription {
            Some(subscription) => self.terms(subscription, at),
            None => Terms { days_until_due: Some(self.days_until_due()), window: (at, at), ..Terms::default() },
        };
        let Terms { discount, tax, days_until_due, window } = terms;
        let lines = lines(all, self.ledger.lines, discount.as_deref(), tax.as_deref())?;
        self.ledger.lines += lines.len() as u32;
        let (customer, currency) = (self.customer, self.offer.currency);
        let mut invoice = Invoice {
            serial,
            customer,
            created: at,
            currency,
            reason,
            subscription,
            days_until_due,
            lines,
            discount,
            tax,
            window,
            told: Timeline::new(at, &["invoice.created"], State::draft()),
        };
        let (starting, total) = (self.account().balance, invoice.total());
        invoice.told.change(at, &[], |state| (state.starting, state.due) = (starting, (total + starting).max(0)));
        self.remember(&invoice);
        if let Some(subscription) = subscription {
            self.stand(subscription, at, &[], |standing| {
                standing.latest_invoice = Some(serial);
                if total > 0 && standing.discount.as_ref().is_some_and(|discount| discount.coupon.lasts == Lasts::Once) {
                    standing.discount = None;
                }
            });
        }
        self.ledger.invoices.push(invoice);
        Ok(serial)
    }

    fn terms(&self, subscription: u32, at: i64) -> Terms {
        let Some(of) = self.subscription(subscription) else { return Terms::default() };
        let standing = of.told.last();
        let discount = standing.discount(at).cloned();
        Terms { discount, tax: of.tax.clone(), days_until_due: of.days_until_due, window: standing.period }
    }

    /// Remembers which line billed which item.
    fn remember(&mut self, invoice: &Invoice) {
        for line in &invoice.lines {
            let of = match line.origin {
                Origin::Subscription(of) | Origin::Item(_, Some(of)) if line.entry.amount > 0 && !line.entry.price.metered => of,
                _ => continue,
            };
            let billed = Billed {
                invoice: invoice.serial,
                line: line.serial,
                net: line.entry.amount - line.discount,
                period: line.entry.period,
                price: line.entry.price.serial,
                quantity: line.entry.quantity,
            };
            self.billed.insert(of.item, billed);
        }
    }
}
