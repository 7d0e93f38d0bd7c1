//! What Stripe told us.
//!
//! Field meanings and their sources: Stripe's API reference at version 2026-10-28.endive. Every `Unknown(String)` holds a word
//! that we did not know, as it came: it is kept and shown, never refused.

use jiff::{Timestamp, civil::Date};
use money::{Amount, Currency};

use crate::ids::{AccountId, ChargeId, DestinationId, DisputeId, PayoutId, RefundId, TxnId};

/// Whether money is real. Told by the key; a database holds one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mode {
    /// Real money.
    Live,
    /// Stripe's test mode or a sandbox.
    Test,
}

/// A Stripe account whose objects we read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// Whose key reads it.
    pub kind: AccountKind,
    /// Two-letter country code, upper case.
    pub country: Option<String>,
    /// The currency it settles in by default.
    pub default_currency: Option<Currency>,
    /// IANA time zone of its dashboard; the default business time zone.
    pub time_zone: Option<String>,
    /// What its owner calls it.
    pub display_name: Option<String>,
}

/// How we come to read an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum AccountKind {
    /// The key's own account.
    Own,
    /// Connected to the key's platform; read with the `Stripe-Account` header.
    Connected,
}

/// One movement of a Stripe balance. All else ties to these.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Txn {
    /// Its id.
    pub id: TxnId,
    /// Whose balance moved.
    pub account: AccountId,
    /// Gross, signed, in the settlement currency; positive raises the balance.
    pub amount: Amount,
    /// Fee in minor units of `amount`'s currency; positive when charged, negative when given back.
    pub fee_minor: i64,
    /// What moved the balance: `amount` − fee, always; a txn that says otherwise is refused when read.
    pub net_minor: i64,
    /// Stripe's `type`, an open set, as it came.
    pub kind: String,
    /// Stripe's `reporting_category`, an open set, as it came.
    pub reporting_category: String,
    /// Whether the net can be paid out yet.
    pub status: TxnStatus,
    /// Which balance it moved: `payments` unless Stripe says otherwise.
    pub balance_type: String,
    /// When Stripe posted it, to the second.
    pub created_at: Timestamp,
    /// The day (UTC) on which the net becomes available.
    pub available_on: Date,
    /// Free text. Never used to classify.
    pub description: Option<String>,
    /// What caused it; `None` for some fees and adjustments.
    pub source: Option<SourceRef>,
    /// Rate from what was charged to what was settled, as Stripe's own decimal text; `None` where nothing was converted.
    pub exchange_rate: Option<String>,
}

/// The object behind a txn.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SourceRef {
    /// The object's id.
    pub id: String,
    /// Stripe's `object` word (`charge`, `refund` …) where the source came expanded.
    pub object: Option<String>,
}

/// Whether a txn's net can be paid out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TxnStatus {
    /// Part of the available balance.
    Available,
    /// Part of the pending balance.
    Pending,
    /// A word that we do not know.
    Unknown(String),
}

/// A transfer from Stripe to the bank, or with a negative amount from the bank to Stripe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Payout {
    /// Its id.
    pub id: PayoutId,
    /// Whose balance paid.
    pub account: AccountId,
    /// What the bank should see; negative when Stripe debits the bank.
    pub amount: Amount,
    /// The day on which Stripe expects it at the bank.
    pub arrives_on: Date,
    /// When it was made.
    pub created_at: Timestamp,
    /// What Stripe says became of it. `Paid` means *expected at the bank*, and may still turn into `Failed`.
    pub status: PayoutStatus,
    /// Made by the payout schedule. Only these are itemised.
    pub automatic: bool,
    /// `standard` or `instant`, an open set.
    pub method: String,
    /// Whether Stripe has finished saying which txns it holds.
    pub reconciliation_status: ReconciliationStatus,
    /// Its own txn, which is not part of what it pays.
    pub own_txn: Option<TxnId>,
    /// The txn that put the money back after a failure or a cancellation.
    pub failure_txn: Option<TxnId>,
    /// Why it failed, in Stripe's word.
    pub failure_code: Option<String>,
    /// Where it went.
    pub destination: Option<DestinationId>,
    /// The text asked for at the bank.
    pub statement_descriptor: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// The bank network's reference, once known.
    pub trace_id: Option<TraceId>,
    /// On a reversal: the payout that it takes back.
    pub original_payout: Option<PayoutId>,
    /// On a reversed payout: the payout that takes it back.
    pub reversed_by: Option<PayoutId>,
}

/// What Stripe says of a payout.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum PayoutStatus {
    /// Made, not yet sent.
    Pending,
    /// Sent to the bank.
    InTransit,
    /// Expected to be at the bank; not the bank's word.
    Paid,
    /// Sent back by the bank.
    Failed,
    /// Called off before it was sent.
    Canceled,
    /// A word that we do not know.
    Unknown(String),
}

/// Whether the list of a payout's txns can be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ReconciliationStatus {
    /// The list is complete.
    Completed,
    /// The list may still grow.
    InProgress,
    /// There is no list: manual and instant payouts.
    NotApplicable,
    /// A word that we do not know, or none (`""`): older API versions do not say.
    Unknown(String),
}

/// The reference under which a payout travelled between banks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct TraceId {
    /// `pending`, `supported` or `unsupported`, an open set.
    pub status: String,
    /// The reference, where there is one.
    pub value: Option<String>,
}

/// Names and values that a merchant put on an object, in Stripe's order.
pub type Metadata = Vec<(String, String)>;

/// One attempt to take money from a customer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// Its id.
    pub id: ChargeId,
    /// Whose charge it is.
    pub account: AccountId,
    /// What the customer was charged, in the customer's (presentment) currency; not what was settled.
    pub amount: Amount,
    /// How much of it was refunded so far, same currency.
    pub refunded_minor: i64,
    /// `succeeded`, `pending`, `failed`, an open set.
    pub status: String,
    /// When it was made.
    pub created_at: Timestamp,
    /// Its txn, once posted.
    pub txn: Option<TxnId>,
    /// The payment intent it belongs to.
    pub payment_intent: Option<String>,
    /// The customer's id; never a name.
    pub customer: Option<String>,
    /// `card`, `sepa_debit` …, an open set.
    pub payment_method: Option<String>,
    /// Free text.
    pub description: Option<String>,
    /// Whether a dispute exists.
    pub disputed: bool,
    /// The merchant's own names and values.
    pub metadata: Metadata,
}

/// Money given back on a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refund {
    /// Its id.
    pub id: RefundId,
    /// Whose refund it is.
    pub account: AccountId,
    /// What the customer gets back, positive, in the charge's currency.
    pub amount: Amount,
    /// The charge; `None` for refunds of a customer's balance.
    pub charge: Option<ChargeId>,
    /// Why: `duplicate`, `fraudulent`, `requested_by_customer` …, an open set.
    pub reason: Option<String>,
    /// `pending`, `succeeded`, `failed` …, an open set.
    pub status: Option<String>,
    /// When it was made.
    pub created_at: Timestamp,
    /// The txn that took the money.
    pub txn: Option<TxnId>,
    /// The txn that gave it back after a failure.
    pub failure_txn: Option<TxnId>,
    /// The merchant's own names and values, apart from the charge's.
    pub metadata: Metadata,
}

/// A customer's bank questioning a charge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dispute {
    /// Its id.
    pub id: DisputeId,
    /// Whose dispute it is.
    pub account: AccountId,
    /// What is disputed, positive, in the charge's currency.
    pub amount: Amount,
    /// The charge.
    pub charge: ChargeId,
    /// Why, in the card network's words as Stripe groups them, an open set.
    pub reason: String,
    /// Where it stands, an open set; neither `won` nor `lost` is final.
    pub status: String,
    /// When it was opened.
    pub created_at: Timestamp,
    /// Its withdrawals and reinstatements, in Stripe's order.
    pub txns: Vec<TxnId>,
}

/// What Stripe says an account holds in one currency, now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Whose balance.
    pub account: AccountId,
    /// Can be paid out; may be negative.
    pub available: Amount,
    /// Will become available; may be negative.
    pub pending: Amount,
}

macro_rules! open_words {
    ($name:ident: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $name {
            /// The value of Stripe's word; an unknown word is kept.
            #[must_use]
            pub fn from_word(word: &str) -> Self {
                match word { $($word => Self::$variant,)+ other => Self::Unknown(other.to_owned()) }
            }

            /// Stripe's word.
            #[must_use]
            pub fn as_str(&self) -> &str {
                match self { $(Self::$variant => $word,)+ Self::Unknown(word) => word }
            }
        }
    };
}

open_words!(TxnStatus: Available = "available", Pending = "pending");
open_words!(PayoutStatus: Pending = "pending", InTransit = "in_transit", Paid = "paid", Failed = "failed", Canceled = "canceled");
open_words!(ReconciliationStatus: Completed = "completed", InProgress = "in_progress", NotApplicable = "not_applicable");

impl Mode {
    /// `live` or `test`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Live => "live",
            Self::Test => "test",
        }
    }
}
