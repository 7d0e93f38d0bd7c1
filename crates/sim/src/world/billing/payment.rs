//! How invoices are paid: invoice payments and the payment intents behind them.

use std::sync::Arc;

use money::Currency;

use super::{super::rows::Charge, timeline::Timeline};

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

/// The intent of a charge that no invoice asked for: what it says, the charge knows.
#[derive(Clone, Debug)]
pub(crate) struct OwnIntent(Arc<Charge>);

impl OwnIntent {
    /// None where an invoice's payment intent made the charge.
    pub(crate) fn of(charge: &Arc<Charge>) -> Option<Self> {
        charge.intent.is_none().then(|| Self(Arc::clone(charge)))
    }

    pub(crate) fn charge(&self) -> &Charge {
        &self.0
    }

    /// The whole intent, with its history of one attempt: it follows its charge.
    pub(crate) fn whole(&self) -> Intent {
        let charge = self.charge();
        let begun = Collected { amount: charge.amount, received: 0, charge: None, is_processing: false, canceled: None };
        let mut told = Timeline::new(charge.created, &["payment_intent.created"], begun);
        for step in charge.first_steps() {
            let (event, received, is_processing): (&[&'static str], i64, bool) = match step.event {
                "charge.pending" => (&["payment_intent.processing"], 0, true),
                "charge.succeeded" => (&["payment_intent.succeeded"], charge.amount, false),
                _ => (&["payment_intent.payment_failed"], 0, false),
            };
            told.change(step.at, event, |state| {
                (state.charge, state.received, state.is_processing) = (Some(charge.serial), received, is_processing);
            });
        }
        Intent {
            number: charge.serial,
            created: charge.created,
            currency: charge.currency,
            customer: charge.customer,
            order: Some(charge.order),
            application_fee: charge.application_fee.map(|(_, amount)| amount),
            method: charge.method.word().unwrap_or("card"),
            told,
        }
    }
}
