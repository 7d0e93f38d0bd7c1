//! What is true of what was billed.

use super::{super::rows::Stamp, Ledger};
use crate::truth::InvoiceTruth;

impl Ledger {
    /// Every invoice at the world's end.
    pub(in crate::world) fn truths(&self, stamp: &Stamp) -> Vec<InvoiceTruth> {
        let truth = |invoice: &super::Invoice| {
            let state = invoice.told.last();
            InvoiceTruth {
                id: stamp.invoice_id(invoice.serial),
                account: stamp.account.clone(),
                currency: invoice.currency.to_string(),
                status: state.status.as_str(),
                lines: invoice.lines.len(),
                total_minor: invoice.total(),
                paid_minor: state.paid,
                paid_off_stripe_minor: state.paid_off_stripe,
                credited_minor: state.credited(),
            }
        };
        self.invoices.iter().map(truth).collect()
    }
}
