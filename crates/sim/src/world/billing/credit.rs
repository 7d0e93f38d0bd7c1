//! Credit notes: before an invoice is paid they ask for less, afterwards they give money back.

use super::{
    customer::Cause,
    desk::Desk,
    invoice::{Invoice, Line, Status as Stage},
    note::{CreditNote, Given, NoteLine},
    shares::share,
    sums::Sums,
};
use crate::options::SimError;

impl Desk<'_, '_> {
    /// A line of an invoice turns out to be too much, in whole or in half.
    pub(super) fn credit(&mut self, serial: u32, at: i64) -> Result<(), SimError> {
        let (pick, permille) = (self.random.bits(), self.random.pick(&[1_000, 500, 500]));
        let Some(invoice) = self.invoice(serial).filter(|invoice| invoice.told.last().credited() == 0) else { return Ok(()) };
        let candidates: Vec<&Line> = invoice.lines.iter().filter(|line| line.entry.amount - line.discount > 1).collect();
        let Some(line) = candidates.get((pick % candidates.len().max(1) as u64) as usize) else { return Ok(()) };
        let note = self.draft_note(invoice, line, permille, at)?;
        let total = note.total();
        let (state, is_paid) = (invoice.told.last(), invoice.told.last().status == Stage::Paid);
        let is_open = state.status == Stage::Open && state.paid == 0;
        if is_paid && state.paid_off_stripe == 0 && total <= state.paid {
            self.give_note(note, at)
        } else if is_open && total < state.due {
            self.ask_less(note, at);
            Ok(())
        } else {
            Ok(())
        }
    }

    fn draft_note(&self, invoice: &Invoice, line: &Line, permille: i64, at: i64) -> Result<CreditNote, SimError> {
        let amount = share(line.entry.amount, permille, 1_000)?;
        let discount = share(line.discount, permille, 1_000)?;
        let tax = invoice.tax.as_ref().map(|rate| rate.tax(amount - discount)).transpose()?;
        let credited = NoteLine {
            serial: self.ledger.note_lines,
            line: line.serial,
            description: line.entry.description.clone(),
            amount,
            discount,
            tax,
        };
        Ok(CreditNote {
            serial: self.ledger.notes.len() as u32,
            invoice: invoice.serial,
            invoice_number: invoice.told.last().number.unwrap_or_default(),
            number: 1,
            customer: invoice.customer,
            created: at,
            currency: invoice.currency,
            reason: None,
            lines: vec![credited],
            discount: invoice.discount.clone(),
            tax: invoice.tax.clone(),
            given: Given::LessDue,
        })
    }

    /// The invoice asks for less.
    fn ask_less(&mut self, note: CreditNote, at: i64) {
        let (invoice, total) = (note.invoice, note.total());
        self.state(invoice, at, &["invoice.updated"], |state| {
            state.due -= total;
            state.credited_before += total;
        });
        let left = self.invoice(invoice).map_or(0, |invoice| invoice.told.last().remaining());
        let default = self.payments.iter().find(|(of, _)| *of == invoice).map(|(_, payment)| *payment);
        if let Some(default) = default {
            self.ask_for(default, left, at);
        }
        self.keep(CreditNote { reason: Some("order_change"), ..note });
    }

    /// Money goes back: to the card, to the customer's balance, or past Stripe.
    fn give_note(&mut self, note: CreditNote, at: i64) -> Result<(), SimError> {
        let (invoice, total) = (note.invoice, note.total());
        let refund = match (self.random.weighted(&[55, 30, 15]), self.paid_by(invoice)) {
            (0, Some(charge)) => self.shop.give_back(charge, total, at)?.map(Given::Refund),
            (1, _) => None,
            _ => Some(Given::OffStripe),
        };
        let given = match refund {
            Some(given) => given,
            None => Given::Balance(self.enter(at, -total, Cause::CreditNote { note: note.serial, invoice })),
        };
        self.state(invoice, at, &["invoice.updated"], |state| state.credited_after += total);
        self.keep(CreditNote { reason: Some("product_unsatisfactory"), given, ..note });
        Ok(())
    }

    fn keep(&mut self, note: CreditNote) {
        self.ledger.note_lines += note.lines.len() as u32;
        self.ledger.notes.push(note);
    }

    /// The charge of an invoice's last payment.
    fn paid_by(&self, invoice: u32) -> Option<u32> {
        let mut payments = self.payments.iter().rev().filter(|(of, _)| *of == invoice).map(|(_, payment)| *payment);
        payments.find_map(|payment| {
            let paid = self.ledger.payments.get(payment as usize)?.told.last().paid_at.is_some();
            self.ledger.intents.get(&payment).filter(|_| paid)?.told.last().charge
        })
    }
}
