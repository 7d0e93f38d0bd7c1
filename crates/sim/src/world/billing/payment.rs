//! How invoices are paid: invoice payments and the payment intents behind them.

use money::Currency;

use super::{super::rows::Charge, timeline::Timeline};
use crate::catalog::Step;

/// An invoice joined to what pays it.
#[derive(Clone, Debug)]
pub(crate) struct InvoicePayment {
    pub(crate) serial: u32,
    pub(crate) invoice: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    /// The one that Stripe makes with the invoice.
    pub(crate) is_default: bool,
    /// Money that Stripe did not move: a payment record; else a payment intent.
    pub(crate) off_stripe: bool,
    pub(crate) told: Timeline<Progress>,
}

/// How far a payment of an invoice is. Amounts are minor units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Progress {
    pub(crate) requested: i64,
    pub(crate) paid_at: Option<i64>,
    pub(crate) canceled_at: Option<i64>,
}

impl Progress {
    pub(crate) const fn status(&self) -> &'static str {
        match (self.paid_at, self.canceled_at) {
            (Some(_), _) => "paid",
            (None, Some(_)) => "canceled",
            (None, None) => "open",
        }
    }
}

/// A payment intent.
#[derive(Clone, Debug)]
pub(crate) struct Intent {
    /// The number in its id.
    pub(crate) number: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) customer: u32,
    pub(crate) order: Option<u32>,
    /// What the platform takes of it.
    pub(crate) application_fee: Option<i64>,
    /// Stripe's word for how it is paid.
    pub(crate) method: &'static str,
    pub(crate) told: Timeline<Collected>,
}

/// What a payment intent has come to. Amounts are minor units.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Collected {
    pub(crate) amount: i64,
    pub(crate) received: i64,
    /// Its newest attempt, by the charge's serial.
    pub(crate) charge: Option<u32>,
    /// Whether the newest attempt, a debit, is on its way.
    pub(crate) is_processing: bool,
    /// When it was called off, and Stripe's word for why.
    pub(crate) canceled: Option<(i64, &'static str)>,
}

impl Collected {
    pub(crate) const fn status(&self) -> &'static str {
        match (self.received, self.canceled) {
            (0, Some(_)) => "canceled",
            (0, None) if self.is_processing => "processing",
            (0, None) => "requires_payment_method",
            _ => "succeeded",
        }
    }
}

/// The intent of a charge that no invoice asked for.
#[derive(Clone, Debug)]
pub(crate) struct OwnIntent {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    currency: Currency,
    amount: i64,
    customer: u32,
    order: u32,
    application_fee: Option<i64>,
    method: &'static str,
    is_paid: bool,
    /// How a debit of a bank account goes on; empty for all that is certain at once.
    debit: Vec<Step>,
}

impl OwnIntent {
    /// None where an invoice's payment intent made the charge.
    pub(crate) fn of(charge: &Charge) -> Option<Self> {
        let dress = charge.dress.as_deref();
        charge.intent.is_none().then(|| Self {
            serial: charge.serial,
            created: charge.created,
            currency: charge.currency,
            amount: charge.amount,
            customer: charge.customer,
            order: charge.order,
            application_fee: charge.application_fee.map(|(_, amount)| amount),
            method: dress.and_then(|dress| dress.method).unwrap_or("card"),
            is_paid: charge.txn.is_some(),
            debit: dress.map(|dress| dress.steps.clone()).unwrap_or_default(),
        })
    }

    /// The whole intent, with its history of one attempt: it follows its charge.
    pub(crate) fn whole(&self) -> Intent {
        let begun = Collected { amount: self.amount, received: 0, charge: None, is_processing: false, canceled: None };
        let mut told = Timeline::new(self.created, &["payment_intent.created"], begun);
        let at_once = [Step { at: self.created, event: if self.is_paid { "charge.succeeded" } else { "charge.failed" } }];
        for step in if self.debit.is_empty() { at_once.as_slice() } else { &self.debit } {
            let (event, received, is_processing): (&[&'static str], i64, bool) = match step.event {
                "charge.pending" => (&["payment_intent.processing"], 0, true),
                "charge.succeeded" => (&["payment_intent.succeeded"], self.amount, false),
                _ => (&["payment_intent.payment_failed"], 0, false),
            };
            told.change(step.at, event, |state| {
                (state.charge, state.received, state.is_processing) = (Some(self.serial), received, is_processing);
            });
        }
        Intent {
            number: self.serial,
            created: self.created,
            currency: self.currency,
            customer: self.customer,
            order: Some(self.order),
            application_fee: self.application_fee,
            method: self.method,
            told,
        }
    }
}
