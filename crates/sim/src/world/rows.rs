//! What a Stripe object says, compactly. `render` makes Stripe's JSON of it.

use std::sync::Arc;

use money::Currency;

use super::dress::Dress;
use crate::{
    books::people::{Person, person},
    random::{base62, mix},
};

/// What all objects of one account share: the account's id and the key that makes its object ids.
#[derive(Debug)]
pub(crate) struct Stamp {
    /// `acct_…`.
    pub(crate) account: String,
    /// Ten characters that Stripe weaves into every id of an account.
    tag: String,
    key: u64,
    /// The account's bank accounts at Stripe, one a settlement currency: `ba_…`.
    pub(crate) destinations: Vec<(Currency, String)>,
    /// Two-letter country.
    pub(crate) country: &'static str,
    /// What the merchant sells, as its descriptions say.
    pub(crate) goods: &'static str,
    /// The platform that takes a fee of each charge, where there is one: `ca_…`.
    pub(crate) application: Option<String>,
    /// Whether customers leave their names with Stripe; they do where there are books to find them in.
    pub(crate) names: bool,
    /// The platform's, where fees are objects: their ids are the platform's.
    pub(crate) platform: Option<Arc<Self>>,
}

/// Set in the serials of payments (`py_`) and of their refunds (`pyr_`), which are counted with charges and refunds.
pub(crate) const PAYMENT: u32 = 1 << 29;

/// The intent of a payment that has none: it came by transfer.
pub(crate) const NO_INTENT: u32 = u32::MAX;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

impl Stamp {
    pub(crate) fn new(
        seed: u64,
        index: u64,
        country: &'static str,
        goods: &'static str,
        currencies: &[Currency],
        application: Option<String>,
    ) -> Self {
        let key = mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ mix(index.wrapping_add(0x5eed)));
        let tag = base62(mix(key ^ 0x0bad_cafe), 10);
        let account = format!("acct_1{}{tag}", base62(mix(key ^ 0xacc7), 5));
        let destinations = Vec::new();
        let mut stamp = Self { account, tag, key, destinations, country, goods, application, names: false, platform: None };
        for (at, currency) in currencies.iter().enumerate() {
            let id = stamp.id("ba_1", 12, at as u32);
            stamp.destinations.push((*currency, id));
        }
        stamp
    }

    /// Distinct serials of one kind give distinct ids: a permutation of 64 bits, written in 13 base-62 digits.
    pub(crate) fn id(&self, prefix: &str, kind: u64, serial: u32) -> String {
        let digits = base62(self.bits(kind, serial), 13);
        let (head, tail) = digits.split_at(5);
        format!("{prefix}{head}{}{tail}", self.tag)
    }

    /// What is drawn for the serial of a kind: distinct for distinct serials.
    pub(crate) const fn bits(&self, kind: u64, serial: u32) -> u64 {
        mix(self.key ^ (kind << 40) ^ serial as u64)
    }
    pub(crate) fn txn_id(&self, serial: u32) -> String {
        self.id("txn_3", 1, serial)
    }
    pub(crate) fn payout_id(&self, serial: u32) -> String {
        self.id("po_1", 2, serial)
    }
    pub(crate) fn charge_id(&self, serial: u32) -> String {
        self.id(if serial & PAYMENT == 0 { "ch_3" } else { "py_3" }, 3, serial)
    }
    pub(crate) fn refund_id(&self, serial: u32) -> String {
        self.id(if serial & PAYMENT == 0 { "re_3" } else { "pyr_1" }, 4, serial)
    }
    /// Both prefixes that Stripe uses occur.
    pub(crate) fn dispute_id(&self, serial: u32) -> String {
        self.id(if serial.is_multiple_of(2) { "du_1" } else { "dp_1" }, 5, serial)
    }
    pub(crate) fn payment_intent_id(&self, number: u32) -> String {
        self.id("pi_3", 6, number)
    }
    pub(crate) fn payment_method_id(&self, charge: u32) -> String {
        self.id("pm_1", 7, charge)
    }
    pub(crate) fn application_fee_id(&self, serial: u32) -> String {
        self.platform.as_deref().unwrap_or(self).id("fee_1", 8, serial)
    }
    pub(crate) fn fee_refund_id(&self, serial: u32) -> String {
        self.id("fr_1", 30, serial)
    }
    pub(crate) fn transfer_id(&self, serial: u32) -> String {
        self.id("tr_1", 31, serial)
    }
    pub(crate) fn transfer_reversal_id(&self, serial: u32) -> String {
        self.id("trr_1", 32, serial)
    }
    pub(crate) fn topup_id(&self, serial: u32) -> String {
        self.id("tu_1", 33, serial)
    }
    pub(crate) fn reserve_id(&self, serial: u32) -> String {
        self.id("rsx_1", 34, serial)
    }
    pub(crate) fn collection_id(&self, serial: u32) -> String {
        self.id("connct_1", 35, serial)
    }
    pub(crate) fn warning_id(&self, serial: u32) -> String {
        self.id("issfr_1", 36, serial)
    }
    /// Customers' ids carry no account tag at Stripe.
    pub(crate) fn customer_id(&self, customer: u32) -> String {
        format!("cus_{}", base62(mix(self.key ^ (9 << 40) ^ u64::from(customer)), 14))
    }
    /// The name and e-mail behind a customer's number.
    pub(crate) fn customer(&self, customer: u32) -> Person {
        person(self.key, customer, self.country)
    }
    /// The same, where charges say it.
    pub(crate) fn person(&self, customer: u32) -> Option<Person> {
        self.names.then(|| self.customer(customer))
    }
    /// Sixteen characters that stay the same for one card.
    pub(crate) fn fingerprint(&self, card: u32) -> String {
        base62(mix(self.key ^ (10 << 40) ^ u64::from(card)), 16)
    }
    pub(crate) fn destination(&self, currency: Currency) -> Option<&str> {
        self.destinations.iter().find(|(of, _)| *of == currency).map(|(_, id)| id.as_str())
    }
}

/// What a fee is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FeeKind {
    Processing,
    Conversion,
    Application,
    Dispute,
    Payout,
}

/// What moved the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TxnKind {
    Charge,
    Refund,
    RefundFailure,
    Dispute,
    DisputeReversal,
    StripeFee,
    ApplicationFee,
    Payout,
    PayoutFailure,
    PayoutCancel,
    /// A payment that is no card charge, one that came by transfer among them.
    Payment,
    PaymentRefund,
    PaymentFailure,
    Transfer,
    TransferReversal,
    ApplicationFeeRefund,
    Topup,
    TopupReversal,
    /// A hold where negative, its release where positive.
    ReservedFunds,
    /// Set aside for a connected account that owes where negative, released where positive.
    ConnectReserve,
    Collection,
    MinimumHold,
    MinimumRelease,
}

/// The object behind a txn, by its serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    None,
    Charge(u32),
    Refund(u32),
    Dispute(u32),
    Payout(u32),
    ApplicationFee(u32),
    FeeRefund(u32),
    Transfer(u32),
    TransferReversal(u32),
    Topup(u32),
    Reserve(u32),
    Collection(u32),
}

/// A balance transaction.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Txn {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    /// Unix seconds at 00:00 UTC.
    pub(crate) available_on: i64,
    pub(crate) currency: Currency,
    /// Signed, minor units of `currency`.
    pub(crate) amount: i64,
    /// At most three parts; their sum is the fee.
    pub(crate) fees: [Option<(FeeKind, i64)>; 3],
    /// Major units settled for one charged, in millionths; 0 where nothing was converted.
    pub(crate) rate_millionths: u64,
    pub(crate) kind: TxnKind,
    pub(crate) source: Source,
}

impl Txn {
    pub(crate) fn fee(&self) -> i64 {
        self.fees.iter().flatten().map(|(_, amount)| amount).sum()
    }
    pub(crate) fn net(&self) -> i64 {
        self.amount - self.fee()
    }
    pub(crate) fn is_pending(&self, at: i64) -> bool {
        self.available_on > at
    }
    /// From when on a payout can hold it.
    pub(crate) fn eligible_at(&self) -> i64 {
        self.created.max(self.available_on)
    }
}

/// A card.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Card {
    pub(crate) number: u32,
    pub(crate) brand: &'static str,
    pub(crate) country: &'static str,
    pub(crate) last4: u16,
}

/// What happens to a charge after it was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChargeChange {
    /// Minor units of the charge's currency.
    Refunded(i64),
    /// A refund of so much came back.
    RefundFailed(i64),
    Disputed,
    /// The debit of the customer's bank account failed.
    Failed,
}

/// A charge.
#[derive(Clone, Debug)]
pub(crate) struct Charge {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    /// Presentment currency and its minor units.
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    /// When and what; in no order. Most charges have none.
    pub(crate) changes: Vec<(i64, ChargeChange)>,
    /// `None`: declined.
    pub(crate) txn: Option<u32>,
    pub(crate) customer: u32,
    pub(crate) order: u32,
    pub(crate) card: Card,
    /// Serial of the application fee at the platform and its amount in the charge's currency.
    pub(crate) application_fee: Option<(u32, i64)>,
    /// The number of the invoice's payment intent that made it; `None` for a charge with an intent of its own.
    pub(crate) intent: Option<u32>,
    /// What it says otherwise than a card payment.
    pub(crate) dress: Option<Box<Dress>>,
}

impl Charge {
    /// The number of its payment intent.
    pub(crate) fn intent(&self) -> u32 {
        self.intent.unwrap_or(self.serial)
    }
    /// How much of it is refunded at `at`, and not come back.
    pub(crate) fn refunded(&self, at: i64) -> i64 {
        let part = |change: &ChargeChange| match change {
            ChargeChange::Refunded(amount) => *amount,
            ChargeChange::RefundFailed(amount) => -amount,
            ChargeChange::Disputed | ChargeChange::Failed => 0,
        };
        self.changes.iter().filter(|(since, _)| *since <= at).map(|(_, change)| part(change)).sum()
    }
    pub(crate) fn is_failed_debit(&self) -> bool {
        self.changes.iter().any(|(_, change)| *change == ChargeChange::Failed)
    }
    pub(crate) fn is_disputed(&self, at: i64) -> bool {
        self.changes.iter().any(|(since, change)| *since <= at && *change == ChargeChange::Disputed)
    }
}

/// A refund.
#[derive(Clone, Debug)]
pub(crate) struct Refund {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) charge: u32,
    /// The number of the charge's payment intent.
    pub(crate) intent: u32,
    pub(crate) order: u32,
    pub(crate) reason: Option<&'static str>,
    pub(crate) txn: u32,
    /// The txn that gave the money back, and when.
    pub(crate) failure: Option<(u32, i64)>,
    /// What it says otherwise than a card payment's refund.
    pub(crate) dress: Option<Box<Dress>>,
}

impl Refund {
    /// The txn that has given the money back by `at`.
    pub(crate) fn failure_txn(&self, at: i64) -> Option<u32> {
        self.failure.filter(|(_, since)| *since <= at).map(|(txn, _)| txn)
    }
}

/// A dispute.
#[derive(Clone, Debug)]
pub(crate) struct Dispute {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) charge: u32,
    pub(crate) order: u32,
    pub(crate) brand: &'static str,
    pub(crate) reason: &'static str,
    pub(crate) network_code: &'static str,
    /// When the merchant hands in its evidence, and when the bank decides.
    pub(crate) answered: i64,
    pub(crate) closed: i64,
    pub(crate) won: bool,
    /// Rendered whole inside the dispute.
    pub(crate) txns: Vec<Txn>,
}

impl Dispute {
    pub(crate) fn is_answered(&self, at: i64) -> bool {
        self.answered.min(self.closed) <= at
    }
    pub(crate) fn status(&self, at: i64) -> &'static str {
        match (self.closed <= at, self.won) {
            (true, true) => "won",
            (true, false) => "lost",
            (false, _) if self.is_answered(at) => "under_review",
            (false, _) => "needs_response",
        }
    }
}

/// What kind of payout it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayoutKind {
    Automatic,
    Manual,
    Instant,
}

/// What Stripe says became of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayoutStatus {
    Pending,
    InTransit,
    Paid,
    Failed,
    Canceled,
}

impl PayoutStatus {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::InTransit => "in_transit",
            Self::Paid => "paid",
            Self::Failed => "failed",
            Self::Canceled => "canceled",
        }
    }
}

/// What Stripe says of the bank's reference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Trace {
    Pending,
    Unsupported,
    Supported(String),
}

/// A payout.
#[derive(Clone, Debug)]
pub(crate) struct Payout {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    /// Unix seconds at 00:00 UTC.
    pub(crate) arrival: i64,
    pub(crate) currency: Currency,
    /// What the bank should see, signed.
    pub(crate) amount: i64,
    pub(crate) kind: PayoutKind,
    /// When Stripe has finished its list of txns; only automatic ones have one.
    pub(crate) completed_at: i64,
    pub(crate) txn: u32,
    pub(crate) failure: Option<PayoutFailure>,
    pub(crate) descriptor: Option<&'static str>,
    /// The bank's reference, once it is known.
    pub(crate) trace: Trace,
    /// When it is, unix seconds.
    pub(crate) traced_at: i64,
    /// Serial of the payout that this one takes back.
    pub(crate) reverses: Option<u32>,
    /// Serial of the payout that takes this one back, and since when.
    pub(crate) reversed_by: Option<(u32, i64)>,
}

/// How a payout ended otherwise than at the bank.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PayoutFailure {
    pub(crate) at: i64,
    /// The txn that puts the money back.
    pub(crate) txn: u32,
    /// Stripe's failure code; `None` for a payout that was called off.
    pub(crate) code: Option<&'static str>,
}

impl Payout {
    pub(crate) fn failure_at(&self, at: i64) -> Option<PayoutFailure> {
        self.failure.filter(|failure| failure.at <= at)
    }
    pub(crate) fn status(&self, at: i64) -> PayoutStatus {
        let today = at.div_euclid(DAY);
        match self.failure_at(at) {
            Some(PayoutFailure { code: Some(_), .. }) => PayoutStatus::Failed,
            Some(_) => PayoutStatus::Canceled,
            None if self.arrival.div_euclid(DAY) <= today => PayoutStatus::Paid,
            None if self.created.div_euclid(DAY) < today => PayoutStatus::InTransit,
            None => PayoutStatus::Pending,
        }
    }
    /// What Stripe says of the bank's reference at `at`.
    pub(crate) fn trace(&self, at: i64) -> &Trace {
        if self.trace != Trace::Unsupported && at < self.traced_at { &Trace::Pending } else { &self.trace }
    }
    /// Whether Stripe has finished its list of txns by `at`.
    pub(crate) fn is_listed_completely(&self, at: i64) -> bool {
        self.kind == PayoutKind::Automatic && self.completed_at <= at
    }
}
