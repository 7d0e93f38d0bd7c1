//! Work that is billed once, by an invoice that is sent.

use std::sync::Arc;

use super::{
    super::rows::DAY,
    desk::{Action, Desk},
    invoice::Entry,
};
use crate::options::SimError;

/// How much work there is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Size {
    Short,
    /// More lines than an invoice shows of itself.
    Long,
    /// More lines than one page holds.
    Huge,
}

/// Invoices that stay drafts, in a thousand.
const STAYS_DRAFT: u64 = 60;

impl Desk<'_, '_> {
    pub(super) fn days_until_due(&mut self) -> i64 {
        self.random.pick(&[7, 14, 30])
    }

    /// Work is noted down, to be billed a little later.
    pub(super) fn work(&mut self, size: Size, at: i64) -> Result<(), SimError> {
        let lines = match size {
            Size::Short => self.random.between(1, 6),
            Size::Long => self.random.between(14, 40),
            Size::Huge => self.random.between(104, 140),
        };
        for _ in 0..lines {
            let offer = self.offer;
            let Some(price) = offer.once.get(self.random.below(offer.once.len() as u64) as usize) else { continue };
            let quantity = self.random.between(1, 9);
            let done = at - self.random.between(0, 5) * DAY;
            let entry = Entry {
                amount: price.amount(quantity)?,
                quantity,
                price: Arc::clone(price),
                unit_milli: price.parts(1)?.first().map_or(0, |part| part.unit_milli),
                description: format!("{quantity} × {}", price.product.name),
                period: (done, done),
                proration: None,
            };
            self.wait(None, entry, at);
        }
        let later = self.random.between(60, 2 * DAY);
        self.plan(at + later, Action::BillWork);
        Ok(())
    }

    /// An invoice for the work that was noted down.
    pub(super) fn bill_work(&mut self, at: i64) -> Result<(), SimError> {
        let invoice = self.draw_up(None, "manual", Vec::new(), at)?;
        if self.random.chance(STAYS_DRAFT) {
            self.state(invoice, at, &[], |state| state.advances = false);
        } else {
            self.plan(at + 3_600, Action::Finalize(invoice));
        }
        Ok(())
    }
}
