//! Stripe's objects as such: which kinds there are, and what one object says.

use jiff::Timestamp;

use crate::{Account, AccountId, Charge, Dispute, Payout, Refund, RefusalCause, Txn};

/// The kinds of Stripe's objects that are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ObjectKind {
    /// A Stripe account.
    Account,
    /// What an account holds.
    Balance,
    /// A balance transaction.
    Txn,
    /// A payout.
    Payout,
    /// A charge.
    Charge,
    /// A refund.
    Refund,
    /// A dispute.
    Dispute,
    /// A card issuer's word that a charge was probably fraud.
    EarlyFraudWarning,
    /// A payment intent: the attempts to take one payment.
    PaymentIntent,
    /// A transfer from a platform to a connected account.
    Transfer,
    /// Money taken back of a transfer.
    TransferReversal,
    /// A platform's fee on a connected account's charge.
    ApplicationFee,
    /// Money given back of such a fee.
    ApplicationFeeRefund,
    /// Money put into a Stripe balance from a bank.
    Topup,
    /// A customer.
    Customer,
    /// A change of the credit that a customer has with the merchant; no movement of money.
    CustomerBalanceTxn,
    /// Something that is sold.
    Product,
    /// What a product costs.
    Price,
    /// A discount that can be given.
    Coupon,
    /// A word by which customers come by a coupon.
    PromotionCode,
    /// A tax that can be put on an invoice.
    TaxRate,
    /// An invoice.
    Invoice,
    /// A line of an invoice.
    InvoiceLine,
    /// Something that waits for its invoice, or was put on one.
    InvoiceItem,
    /// A payment's part of an invoice.
    InvoicePayment,
    /// A credit note.
    CreditNote,
    /// A subscription.
    Subscription,
    /// A price within a subscription.
    SubscriptionItem,
    /// What a subscription is to become, and when.
    SubscriptionSchedule,
    /// What Stripe says has happened to an object.
    Event,
}

impl ObjectKind {
    /// Every kind, in the order of its definition.
    pub const ALL: &'static [Self] = &[
        Self::Account,
        Self::Balance,
        Self::Txn,
        Self::Payout,
        Self::Charge,
        Self::Refund,
        Self::Dispute,
        Self::EarlyFraudWarning,
        Self::PaymentIntent,
        Self::Transfer,
        Self::TransferReversal,
        Self::ApplicationFee,
        Self::ApplicationFeeRefund,
        Self::Topup,
        Self::Customer,
        Self::CustomerBalanceTxn,
        Self::Product,
        Self::Price,
        Self::Coupon,
        Self::PromotionCode,
        Self::TaxRate,
        Self::Invoice,
        Self::InvoiceLine,
        Self::InvoiceItem,
        Self::InvoicePayment,
        Self::CreditNote,
        Self::Subscription,
        Self::SubscriptionItem,
        Self::SubscriptionSchedule,
        Self::Event,
    ];

    /// The glossary's noun, as it stands in tables, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Balance => "balance",
            Self::Txn => "txn",
            Self::Payout => "payout",
            Self::Charge => "charge",
            Self::Refund => "refund",
            Self::Dispute => "dispute",
            Self::EarlyFraudWarning => "early_fraud_warning",
            Self::PaymentIntent => "payment_intent",
            Self::Transfer => "transfer",
            Self::TransferReversal => "transfer_reversal",
            Self::ApplicationFee => "application_fee",
            Self::ApplicationFeeRefund => "application_fee_refund",
            Self::Topup => "topup",
            Self::Customer => "customer",
            Self::CustomerBalanceTxn => "customer_balance_txn",
            Self::Product => "product",
            Self::Price => "price",
            Self::Coupon => "coupon",
            Self::PromotionCode => "promotion_code",
            Self::TaxRate => "tax_rate",
            Self::Invoice => "invoice",
            Self::InvoiceLine => "invoice_line",
            Self::InvoiceItem => "invoice_item",
            Self::InvoicePayment => "invoice_payment",
            Self::CreditNote => "credit_note",
            Self::Subscription => "subscription",
            Self::SubscriptionItem => "subscription_item",
            Self::SubscriptionSchedule => "subscription_schedule",
            Self::Event => "event",
        }
    }

    /// The kind of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == word)
    }
}

/// An object of a kind that nothing is concluded from: what people ask for in queries, in columns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    /// What it is.
    pub kind: ObjectKind,
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub account: AccountId,
    /// When it was made; `None` for what Stripe gives no such time.
    pub created_at: Option<Timestamp>,
    /// Its columns, in the order of its kind's declaration; empty where only its deletion is known.
    pub cells: Vec<Cell>,
    /// Stripe has deleted it.
    pub deleted: bool,
    /// Objects that stand within it, such as an invoice's lines.
    pub parts: Option<Parts>,
}

/// The objects of one kind that stand within another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parts {
    /// What they are.
    pub kind: ObjectKind,
    /// Their column that names the whole.
    pub whole: &'static str,
    /// Those that were read with the whole. Stripe embeds ten at most.
    pub objects: Vec<Object>,
    /// The ids of all, once all are known: another one of the same whole is gone.
    pub ids: Option<Vec<String>>,
}

/// One column of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell {
    /// Its name. Ends in `_minor` for an amount in minor units, in `_at` for an instant in unix seconds.
    pub column: &'static str,
    /// What it holds.
    pub value: Value,
}

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Nothing, or nothing that the column can hold; the object's own bytes have what Stripe said.
    None,
    /// Text: an id, a word, a decimal number, a JSON list.
    Text(String),
    /// A whole number: an amount, a count, an instant, a flag (0 or 1).
    Number(i64),
}

/// What one object says, or why it cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fact {
    /// A Stripe account.
    Account(Account),
    /// A balance transaction.
    Txn(Txn),
    /// A payout.
    Payout(Payout),
    /// A charge.
    Charge(Charge),
    /// A refund.
    Refund(Refund),
    /// A dispute.
    Dispute(Dispute),
    /// An object of another kind.
    Object(Object),
    /// The object contradicts itself or lacks what it must have. Its bytes are kept, and what was known of it before stays.
    Refused {
        /// What it should have been.
        kind: ObjectKind,
        /// Its id.
        object_id: String,
        /// What is wrong with it, in one word.
        cause: RefusalCause,
        /// What is wrong with it, in a sentence for people.
        reason: String,
    },
}

impl Fact {
    /// The kind of object that the fact is about.
    #[must_use]
    pub const fn kind(&self) -> ObjectKind {
        match self {
            Self::Account(_) => ObjectKind::Account,
            Self::Txn(_) => ObjectKind::Txn,
            Self::Payout(_) => ObjectKind::Payout,
            Self::Charge(_) => ObjectKind::Charge,
            Self::Refund(_) => ObjectKind::Refund,
            Self::Dispute(_) => ObjectKind::Dispute,
            Self::Object(object) => object.kind,
            Self::Refused { kind, .. } => *kind,
        }
    }

    /// The object's id.
    #[must_use]
    pub fn object_id(&self) -> &str {
        match self {
            Self::Account(account) => account.id.as_str(),
            Self::Txn(txn) => txn.id.as_str(),
            Self::Payout(payout) => payout.id.as_str(),
            Self::Charge(charge) => charge.id.as_str(),
            Self::Refund(refund) => refund.id.as_str(),
            Self::Dispute(dispute) => dispute.id.as_str(),
            Self::Object(object) => &object.id,
            Self::Refused { object_id, .. } => object_id,
        }
    }

    /// When the object was made; `None` where that is not known.
    #[must_use]
    pub const fn created_at(&self) -> Option<Timestamp> {
        match self {
            Self::Account(_) | Self::Refused { .. } => None,
            Self::Txn(txn) => Some(txn.created_at),
            Self::Payout(payout) => Some(payout.created_at),
            Self::Charge(charge) => Some(charge.created_at),
            Self::Refund(refund) => Some(refund.created_at),
            Self::Dispute(dispute) => Some(dispute.created_at),
            Self::Object(object) => object.created_at,
        }
    }
}
