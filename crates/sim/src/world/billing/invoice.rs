//! Invoices, their lines, and the items that wait for one.

use std::sync::Arc;

use money::Currency;

use super::{
    goods::{Part, Price},
    shares::spread,
    terms::{Discount, Tax, TaxRate},
    timeline::Timeline,
};
use crate::options::SimError;

/// What is billed: the part that an invoice item and the line made of it share.
#[derive(Clone, Debug)]
pub(crate) struct Entry {
    /// Minor units, signed, before discounts and taxes on top.
    pub(crate) amount: i64,
    pub(crate) quantity: i64,
    pub(crate) price: Arc<Price>,
    /// Thousandths of a minor unit for each unit.
    pub(crate) unit_milli: i64,
    pub(crate) description: String,
    pub(crate) period: (i64, i64),
    pub(crate) proration: Option<Proration>,
}

impl Entry {
    /// What `quantity` of a price costs for a period: one entry, or one for each tier.
    pub(crate) fn of(price: &Arc<Price>, quantity: i64, period: (i64, i64)) -> Result<Vec<Self>, SimError> {
        let entry = |part: Part| {
            let tier = part.tier.map(|tier| format!(" (Tier {tier})")).unwrap_or_default();
            Self {
                amount: part.amount,
                quantity: part.quantity,
                price: Arc::clone(price),
                unit_milli: part.unit_milli,
                description: format!("{} × {}{tier}", part.quantity, price.product.name),
                period,
                proration: None,
            }
        };
        Ok(price.parts(quantity)?.into_iter().map(entry).collect())
    }

    /// A trial costs nothing.
    pub(crate) fn trial(price: &Arc<Price>, quantity: i64, period: (i64, i64)) -> Self {
        let description = format!("Trial period for {}", price.product.name);
        Self { amount: 0, quantity, price: Arc::clone(price), unit_milli: 0, description, period, proration: None }
    }
}

/// What a prorated entry is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proration {
    /// Time that is not used any more, of a line of an invoice, by their serials.
    Unused { invoice: u32, line: u32 },
    /// Time that is left of a period.
    Remaining,
}

/// An item of a subscription, by their serials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Of {
    pub(crate) subscription: u32,
    pub(crate) item: u32,
}

/// Where a line comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Subscription(Of),
    /// An invoice item, by its serial; of a subscription where it is a proration.
    Item(u32, Option<Of>),
}

/// A line of an invoice.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) serial: u32,
    pub(crate) origin: Origin,
    pub(crate) entry: Entry,
    /// Its part of the invoice's discount.
    pub(crate) discount: i64,
    pub(crate) tax: Option<Tax>,
}

/// Something to be billed with the next invoice.
#[derive(Clone, Debug)]
pub(crate) struct InvoiceItem {
    pub(crate) serial: u32,
    pub(crate) customer: u32,
    pub(crate) made: i64,
    pub(crate) currency: Currency,
    pub(crate) of: Option<Of>,
    pub(crate) entry: Entry,
    /// The invoice that it is on, by its serial.
    pub(crate) told: Timeline<Option<u32>>,
}

/// Stripe's word for how an invoice stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Draft,
    Open,
    Paid,
    Uncollectible,
    Void,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Open => "open",
            Self::Paid => "paid",
            Self::Uncollectible => "uncollectible",
            Self::Void => "void",
        }
    }
}

/// An invoice. What it bills is settled when it is made.
#[derive(Clone, Debug)]
pub(crate) struct Invoice {
    pub(crate) serial: u32,
    pub(crate) customer: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    /// Stripe's billing reason.
    pub(crate) reason: &'static str,
    pub(crate) subscription: Option<u32>,
    /// Sent, and due so many days after it is final; none: the card is charged.
    pub(crate) days_until_due: Option<i64>,
    pub(crate) lines: Vec<Line>,
    pub(crate) discount: Option<Arc<Discount>>,
    pub(crate) tax: Option<Arc<TaxRate>>,
    /// The time within which invoice items joined it.
    pub(crate) window: (i64, i64),
    pub(crate) told: Timeline<State>,
}

/// How an invoice stands at an instant. Amounts are minor units.
#[derive(Clone, Debug)]
pub(crate) struct State {
    pub(crate) status: Status,
    /// Its place among the customer's numbered invoices, from 1; drafts have none.
    pub(crate) number: Option<u32>,
    /// The customer's balance before and after it became final.
    pub(crate) starting: i64,
    pub(crate) ending: Option<i64>,
    pub(crate) due: i64,
    pub(crate) paid: i64,
    /// The part of what is paid that Stripe did not move.
    pub(crate) paid_off_stripe: i64,
    pub(crate) attempts: i64,
    pub(crate) next_attempt: Option<i64>,
    /// Whether Stripe carries it on by itself.
    pub(crate) advances: bool,
    pub(crate) due_date: Option<i64>,
    pub(crate) finalized_at: Option<i64>,
    pub(crate) paid_at: Option<i64>,
    pub(crate) voided_at: Option<i64>,
    pub(crate) uncollectible_at: Option<i64>,
    /// Why it was given up.
    pub(crate) given_up: Option<&'static str>,
    pub(crate) credited_before: i64,
    pub(crate) credited_after: i64,
}

impl State {
    /// An invoice that can still change.
    pub(crate) const fn draft() -> Self {
        Self {
            status: Status::Draft,
            number: None,
            starting: 0,
            ending: None,
            due: 0,
            paid: 0,
            paid_off_stripe: 0,
            attempts: 0,
            next_attempt: None,
            advances: true,
            due_date: None,
            finalized_at: None,
            paid_at: None,
            voided_at: None,
            uncollectible_at: None,
            given_up: None,
            credited_before: 0,
            credited_after: 0,
        }
    }

    /// What credit notes took off it or gave back.
    pub(crate) const fn credited(&self) -> i64 {
        self.credited_before + self.credited_after
    }

    pub(crate) const fn remaining(&self) -> i64 {
        self.due - self.paid
    }
}

/// The lines of an invoice made of `entries`, numbered from `serial`: the discount spread over what can be discounted, and
/// each line taxed by itself.
pub(crate) fn lines(
    entries: Vec<(Origin, Entry)>,
    serial: u32,
    discount: Option<&Discount>,
    rate: Option<&TaxRate>,
) -> Result<Vec<Line>, SimError> {
    let discountable = |entry: &Entry| if entry.proration.is_none() && entry.amount > 0 { entry.amount } else { 0 };
    let weights: Vec<i64> = entries.iter().map(|(_, entry)| discountable(entry)).collect();
    let off = discount.map_or(Ok(0), |discount| discount.off(weights.iter().sum()))?;
    let parts = spread(off, &weights)?;
    let line = |((serial, (origin, entry)), discount): ((u32, (Origin, Entry)), i64)| {
        let tax = rate.map(|rate| rate.tax(entry.amount - discount)).transpose()?;
        Ok(Line { serial, origin, entry, discount, tax })
    };
    (serial..).zip(entries).zip(parts).map(line).collect()
}
