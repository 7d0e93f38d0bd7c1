//! What moves the balance.

use money::Currency;

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
