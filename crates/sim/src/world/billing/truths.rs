//! What is true of what was billed.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::Currency;

use super::{
    super::{
        calendar::{date, midnight, number},
        rows::Stamp,
        sales::Span,
    },
    Ledger, Standing,
    shares::share,
    subscription::Status,
    sums::Sums,
};
use crate::{
    options::SimError,
    truth::{InvoiceTruth, RecurringTruth},
};

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

    /// What recurs, at the end of each month that ends within `span`.
    pub(in crate::world) fn recurring(&self, stamp: &Stamp, span: Span) -> Result<Vec<RecurringTruth>, SimError> {
        let mut truths = Vec::new();
        for on in month_ends(span)? {
            let at = midnight(number(on)? + 1) - 1;
            let mut sums: BTreeMap<Currency, (i64, u32)> = BTreeMap::new();
            for subscription in self.subscriptions.iter().filter(|subscription| subscription.created <= at) {
                let standing = subscription.told.at(at);
                if matches!(standing.status, Status::Active | Status::PastDue) {
                    let (sum, count) = sums.entry(subscription.currency).or_default();
                    (*sum, *count) = (*sum + monthly(standing)?, *count + 1);
                }
            }
            truths.extend(sums.into_iter().map(|(currency, (mrr_minor, subscriptions))| RecurringTruth {
                account: stamp.account.clone(),
                currency: currency.to_string(),
                on,
                mrr_minor,
                subscriptions,
            }));
        }
        Ok(truths)
    }
}

fn month_ends(span: Span) -> Result<Vec<Date>, SimError> {
    let (mut on, last) = (date(span.first)?.last_of_month(), date(span.last)?);
    let mut ends = Vec::new();
    while on <= last {
        ends.push(on);
        on = on.tomorrow()?.last_of_month();
    }
    Ok(ends)
}

/// What a subscription bills in a month, metered usage left out.
fn monthly(standing: &Standing) -> Result<i64, SimError> {
    let licensed = standing.items.iter().filter_map(|item| Some((item, item.quantity?)));
    let each = licensed.map(|(item, quantity)| share(item.price.amount(quantity)?, 1, item.price.every.months().unwrap_or(1)));
    each.sum()
}
