//! Everything that the simulated Stripe can be asked for, and what each object says at any instant of the world.

use std::{collections::BTreeMap, fmt::Debug, sync::Arc};

use money::Currency;
use serde_json::Value;

use crate::world::rows::Stamp;

/// The kinds of object that can be listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ObjectKind {
    /// `balance_transaction`.
    BalanceTransaction,
    /// `payout`.
    Payout,
    /// `charge`.
    Charge,
    /// `refund`.
    Refund,
    /// `dispute`.
    Dispute,
    /// `payment_intent`.
    PaymentIntent,
    /// `customer`.
    Customer,
    /// `customer_balance_transaction`.
    CustomerBalanceTransaction,
    /// `product`.
    Product,
    /// `price`.
    Price,
    /// `coupon`.
    Coupon,
    /// `discount`: never listed, but found by expansion.
    Discount,
    /// `tax_rate`.
    TaxRate,
    /// `subscription`.
    Subscription,
    /// `subscription_item`.
    SubscriptionItem,
    /// `invoice`.
    Invoice,
    /// `line_item`: listed within its invoice.
    InvoiceLine,
    /// `invoiceitem`.
    InvoiceItem,
    /// `invoice_payment`.
    InvoicePayment,
    /// `credit_note`.
    CreditNote,
    /// `event`: made from the others when they are served.
    Event,
    /// `transfer`.
    Transfer,
    /// `transfer_reversal`: listed within its transfer.
    TransferReversal,
    /// `application_fee`.
    ApplicationFee,
    /// `fee_refund`: listed within its application fee.
    FeeRefund,
    /// `topup`.
    Topup,
    /// `radar.early_fraud_warning`.
    EarlyFraudWarning,
}

impl ObjectKind {
    /// Every kind, in the order of its definition.
    pub const ALL: [Self; 27] = [
        Self::BalanceTransaction,
        Self::Payout,
        Self::Charge,
        Self::Refund,
        Self::Dispute,
        Self::PaymentIntent,
        Self::Customer,
        Self::CustomerBalanceTransaction,
        Self::Product,
        Self::Price,
        Self::Coupon,
        Self::Discount,
        Self::TaxRate,
        Self::Subscription,
        Self::SubscriptionItem,
        Self::Invoice,
        Self::InvoiceLine,
        Self::InvoiceItem,
        Self::InvoicePayment,
        Self::CreditNote,
        Self::Event,
        Self::Transfer,
        Self::TransferReversal,
        Self::ApplicationFee,
        Self::FeeRefund,
        Self::Topup,
        Self::EarlyFraudWarning,
    ];

    /// Stripe's word in the `object` field.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::BalanceTransaction => "balance_transaction",
            Self::Payout => "payout",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::PaymentIntent => "payment_intent",
            Self::Customer => "customer",
            Self::CustomerBalanceTransaction => "customer_balance_transaction",
            Self::Product => "product",
            Self::Price => "price",
            Self::Coupon => "coupon",
            Self::Discount => "discount",
            Self::TaxRate => "tax_rate",
            Self::Subscription => "subscription",
            Self::SubscriptionItem => "subscription_item",
            Self::Invoice => "invoice",
            Self::InvoiceLine => "line_item",
            Self::InvoiceItem => "invoiceitem",
            Self::InvoicePayment => "invoice_payment",
            Self::CreditNote => "credit_note",
            Self::Event => "event",
            Self::Transfer => "transfer",
            Self::TransferReversal => "transfer_reversal",
            Self::ApplicationFee => "application_fee",
            Self::FeeRefund => "fee_refund",
            Self::Topup => "topup",
            Self::EarlyFraudWarning => "radar.early_fraud_warning",
        }
    }
}

/// What happens to an object at an instant, as Stripe's events tell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// Unix seconds.
    pub(crate) at: i64,
    /// Stripe's event type, such as `payout.paid`.
    pub(crate) event: &'static str,
}

/// What a balance transaction does to the balance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Movement {
    pub(crate) currency: Currency,
    /// Minor units, signed.
    pub(crate) net: i64,
    /// From when on it is available, unix seconds; pending before.
    pub(crate) available_on: i64,
    /// Whether it sets money aside for a connected account that owes, or releases it.
    pub(crate) sets_aside: bool,
}

/// A Stripe object, compactly: its JSON is made when it is asked for, so that a million of them fit in memory.
pub(crate) trait Row: Debug + Send + Sync {
    fn id(&self, stamp: &Stamp) -> String;

    /// Unix seconds; what lists are ordered by.
    fn created(&self) -> i64;

    /// From when on lists and retrievals show it: Stripe's reads may lag seconds behind its writes.
    fn visible_at(&self) -> i64 {
        self.created()
    }

    /// From when on they show it no more.
    fn forgotten_at(&self) -> i64 {
        i64::MAX
    }

    /// The type of an event, such as `payout.paid`; `None` for all other objects.
    fn event_type(&self) -> Option<&'static str> {
        None
    }

    /// Stripe's JSON at the instant `at`: every field, nothing expanded, `object` set.
    fn body(&self, stamp: &Stamp, at: i64) -> Value;

    /// A field that Stripe shows only when it is expanded, such as the tiers of a price.
    fn asked(&self, _field: &str, _at: i64) -> Option<Value> {
        None
    }

    /// All members of a list that stands within it and may be longer than it shows.
    fn members(&self, _stamp: &Stamp, _list: &str) -> Option<Vec<Value>> {
        None
    }

    /// Its history, oldest first. Silent changes, for which Stripe sends no event, are not in it.
    fn steps(&self) -> Vec<Step> {
        Vec::new()
    }

    /// What it does to the balance; `None` for all but balance transactions.
    fn movement(&self) -> Option<Movement> {
        None
    }
}

/// One object of Stripe's.
#[derive(Clone, Debug)]
pub struct StripeObject {
    /// Its id.
    pub id: String,
    /// When it was made, unix seconds.
    pub created: i64,
    content: Content,
}

#[derive(Clone, Debug)]
enum Content {
    Given(Arc<Value>),
    Row(Arc<Stamp>, Arc<dyn Row>),
}

impl StripeObject {
    /// An object with exactly this body at every instant; for catalogs that are made by hand.
    #[must_use]
    pub fn new(id: String, created: i64, body: Value) -> Self {
        Self { id, created, content: Content::Given(Arc::new(body)) }
    }

    pub(crate) fn row(stamp: &Arc<Stamp>, row: impl Row + 'static) -> Self {
        Self { id: row.id(stamp), created: row.created(), content: Content::Row(Arc::clone(stamp), Arc::new(row)) }
    }

    /// The object as Stripe's API renders it at `at`, unix seconds: every field, nothing expanded, `object` set.
    #[must_use]
    pub fn body(&self, at: i64) -> Value {
        match &self.content {
            Content::Given(body) => (**body).clone(),
            Content::Row(stamp, row) => row.body(stamp, at),
        }
    }

    /// Whether the API shows it at `at`. `end` is the world's: by then everything is to be seen.
    pub(crate) fn is_visible(&self, at: i64, end: i64) -> bool {
        match &self.content {
            Content::Given(_) => self.created <= at,
            Content::Row(_, row) => row.visible_at().min(end) <= at && at < row.forgotten_at(),
        }
    }

    /// A field that Stripe shows only when it is expanded.
    pub(crate) fn asked(&self, field: &str, at: i64) -> Option<Value> {
        match &self.content {
            Content::Given(_) => None,
            Content::Row(_, row) => row.asked(field, at),
        }
    }

    /// All members of a list that stands within it and may be longer than it shows.
    pub(crate) fn members(&self, list: &str) -> Option<Vec<Value>> {
        match &self.content {
            Content::Given(_) => None,
            Content::Row(stamp, row) => row.members(stamp, list),
        }
    }

    pub(crate) fn steps(&self) -> Vec<Step> {
        match &self.content {
            Content::Given(_) => Vec::new(),
            Content::Row(_, row) => row.steps(),
        }
    }

    pub(crate) fn event_type(&self) -> Option<&'static str> {
        match &self.content {
            Content::Given(_) => None,
            Content::Row(_, row) => row.event_type(),
        }
    }

    pub(crate) fn movement(&self) -> Option<Movement> {
        match &self.content {
            Content::Given(_) => None,
            Content::Row(_, row) => row.movement(),
        }
    }

    pub(crate) fn stamp(&self) -> Option<&Arc<Stamp>> {
        match &self.content {
            Content::Given(_) => None,
            Content::Row(stamp, _) => Some(stamp),
        }
    }
}

/// The txns that Stripe lists for an automatic payout, its own among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// Their ids, in the order in which Stripe comes to list them.
    pub ids: Vec<String>,
    /// How many of them are listed while reconciliation is in progress.
    pub first: usize,
    /// When reconciliation completes, unix seconds; it may lie after the world's end.
    pub completed_at: i64,
}

impl Members {
    /// All of them listed from the start.
    #[must_use]
    pub fn complete(ids: Vec<String>) -> Self {
        Self { first: ids.len(), ids, completed_at: i64::MIN }
    }

    /// What Stripe lists at `at`.
    #[must_use]
    pub fn listed(&self, at: i64) -> &[String] {
        if at >= self.completed_at { &self.ids } else { self.ids.get(..self.first).unwrap_or(&self.ids) }
    }
}

/// What one account holds.
#[derive(Clone, Debug)]
pub struct AccountObjects {
    /// The account object.
    pub account: StripeObject,
    /// The balance object at the world's end.
    pub balance: StripeObject,
    /// Newest `created` first, ties by id descending.
    pub objects: BTreeMap<ObjectKind, Vec<StripeObject>>,
    /// By payout id; none for manual and instant payouts.
    pub members: BTreeMap<String, Members>,
}

/// What keys say behind `rk_test_` to read the company's own account at `place`: nothing for the first.
pub(crate) fn key_mark(place: usize) -> String {
    if place == 0 { String::new() } else { format!("own{}_", place + 1) }
}

/// A world's objects, with their history until its end.
#[derive(Clone, Debug)]
pub struct Catalog {
    /// The world's end, unix seconds: nothing happens after it.
    pub now: i64,
    /// The id of the account that keys read which name no other.
    pub owner: String,
    /// The ids of the company's other own accounts, in the order of their keys. They are not connected to the owner.
    pub other_owners: Vec<String>,
    /// By account id; the owners and every account that is connected to the first.
    pub accounts: BTreeMap<String, AccountObjects>,
}
