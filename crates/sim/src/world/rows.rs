//! What a Stripe object says, compactly. `render` makes Stripe's JSON of it.

use money::Currency;

use crate::random::{base62, mix};

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
}

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
        let mut stamp = Self { account, tag, key, destinations: Vec::new(), country, goods, application };
        for (at, currency) in currencies.iter().enumerate() {
            let id = stamp.id("ba_1", 12, at as u32);
            stamp.destinations.push((*currency, id));
        }
        stamp
    }

    /// Distinct serials of one kind give distinct ids: a permutation of 64 bits, written in 13 base-62 digits.
    fn id(&self, prefix: &str, kind: u64, serial: u32) -> String {
        let digits = base62(mix(self.key ^ (kind << 40) ^ u64::from(serial)), 13);
        let (head, tail) = digits.split_at(5);
        format!("{prefix}{head}{}{tail}", self.tag)
    }

    pub(crate) fn txn_id(&self, serial: u32) -> String {
        self.id("txn_3", 1, serial)
    }
    pub(crate) fn payout_id(&self, serial: u32) -> String {
        self.id("po_1", 2, serial)
    }
    pub(crate) fn charge_id(&self, serial: u32) -> String {
        self.id("ch_3", 3, serial)
    }
    pub(crate) fn refund_id(&self, serial: u32) -> String {
        self.id("re_3", 4, serial)
    }
    /// Both prefixes that Stripe uses occur.
    pub(crate) fn dispute_id(&self, serial: u32) -> String {
        self.id(if serial.is_multiple_of(2) { "du_1" } else { "dp_1" }, 5, serial)
    }
    pub(crate) fn payment_intent_id(&self, charge: u32) -> String {
        self.id("pi_3", 6, charge)
    }
    pub(crate) fn payment_method_id(&self, charge: u32) -> String {
        self.id("pm_1", 7, charge)
    }
    pub(crate) fn application_fee_id(&self, serial: u32) -> String {
        self.id("fee_1", 8, serial)
    }
    /// Customers' ids carry no account tag at Stripe.
    pub(crate) fn customer_id(&self, customer: u32) -> String {
        format!("cus_{}", base62(mix(self.key ^ (9 << 40) ^ u64::from(customer)), 14))
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
    /// Not available yet at the world's end.
    pub(crate) pending: bool,
}

impl Txn {
    pub(crate) fn fee(&self) -> i64 {
        self.fees.iter().flatten().map(|(_, amount)| amount).sum()
    }
    pub(crate) fn net(&self) -> i64 {
        self.amount - self.fee()
    }
    /// From when on a payout can hold it.
    pub(crate) fn eligible_at(&self) -> i64 {
        self.created.max(self.available_on)
    }
}

/// A card.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Card {
    pub(crate) number: u32,
    pub(crate) brand: &'static str,
    pub(crate) country: &'static str,
    pub(crate) last4: u16,
}

/// A charge.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Charge {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    /// Presentment currency and its minor units.
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) refunded: i64,
    pub(crate) disputed: bool,
    /// `None`: declined.
    pub(crate) txn: Option<u32>,
    pub(crate) customer: u32,
    pub(crate) order: u32,
    pub(crate) card: Card,
    /// Serial of the application fee at the platform and its amount in the charge's currency.
    pub(crate) application_fee: Option<(u32, i64)>,
}

/// A refund.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refund {
    pub(crate) serial: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) amount: i64,
    pub(crate) charge: u32,
    pub(crate) order: u32,
    pub(crate) reason: Option<&'static str>,
    pub(crate) txn: u32,
    pub(crate) failure_txn: Option<u32>,
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
    pub(crate) status: &'static str,
    /// Rendered whole inside the dispute.
    pub(crate) txns: Vec<Txn>,
}

/// What kind of payout it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PayoutKind {
    Automatic,
    Manual,
    Instant,
}

/// What Stripe says became of a payout at the world's end.
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
    pub(crate) status: PayoutStatus,
    /// Whether Stripe has finished its list of txns; only automatic ones have one.
    pub(crate) listed_completely: bool,
    pub(crate) txn: u32,
    pub(crate) failure: Option<(u32, &'static str)>,
    pub(crate) descriptor: Option<&'static str>,
    pub(crate) trace: Trace,
}
