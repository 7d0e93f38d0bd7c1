//! Subscriptions and their items.

use std::sync::Arc;

use money::Currency;

use super::{
    goods::{Every, Price},
    schedule::Governed,
    terms::{Discount, TaxRate},
    timeline::Timeline,
};

/// Stripe's word for how a subscription stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Status {
    Incomplete,
    IncompleteExpired,
    Trialing,
    Active,
    PastDue,
    Unpaid,
    Canceled,
}

impl Status {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Incomplete => "incomplete",
            Self::IncompleteExpired => "incomplete_expired",
            Self::Trialing => "trialing",
            Self::Active => "active",
            Self::PastDue => "past_due",
            Self::Unpaid => "unpaid",
            Self::Canceled => "canceled",
        }
    }

    /// Whether it will never bill again.
    pub(crate) const fn is_over(self) -> bool {
        matches!(self, Self::Canceled | Self::IncompleteExpired)
    }
}

/// What is subscribed to.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) serial: u32,
    pub(crate) price: Arc<Price>,
    /// Units; none for what is metered.
    pub(crate) quantity: Option<i64>,
}

/// A subscription.
#[derive(Clone, Debug)]
pub(crate) struct Subscription {
    pub(crate) serial: u32,
    pub(crate) customer: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) tax: Option<Arc<TaxRate>>,
    /// Invoices are sent and due after so many days; none: the card is charged.
    pub(crate) days_until_due: Option<i64>,
    pub(crate) trial: Option<(i64, i64)>,
    /// What the platform takes of each payment, in basis points.
    pub(crate) application_basis_points: Option<i64>,
    pub(crate) governed: Option<Governed>,
    pub(crate) told: Timeline<Standing>,
}

impl Subscription {
    /// The serial of the schedule that governs it at `at`.
    pub(crate) fn schedule(&self, at: i64) -> Option<u32> {
        let governs = |governed: &Governed| governed.from <= at && governed.until.is_none_or(|until| at < until);
        self.governed.filter(governs).map(|governed| governed.schedule)
    }
}

/// How a subscription stands at an instant.
#[derive(Clone, Debug)]
pub(crate) struct Standing {
    pub(crate) status: Status,
    pub(crate) items: Arc<[Item]>,
    pub(crate) period: (i64, i64),
    pub(crate) anchor: i64,
    /// Periods since the anchor that are over.
    pub(crate) turn: i64,
    pub(crate) ends_with_period: bool,
    /// When its end was asked for.
    pub(crate) canceled_at: Option<i64>,
    pub(crate) ended_at: Option<i64>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) discount: Option<Arc<Discount>>,
    pub(crate) latest_invoice: Option<u32>,
}

impl Standing {
    /// Months of a period.
    pub(crate) fn months(&self) -> i64 {
        self.items.first().and_then(|item| item.price.every.months()).unwrap_or(1)
    }

    /// How often it bills.
    pub(crate) fn every(&self) -> Every {
        self.items.first().map_or(Every::Month, |item| item.price.every)
    }

    /// Its discount, while it is on.
    pub(crate) fn discount(&self, at: i64) -> Option<&Arc<Discount>> {
        self.discount.as_ref().filter(|discount| discount.is_on(at))
    }
}
