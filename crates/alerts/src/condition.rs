//! What is looked at.

/// What is looked at. Each has its own subjects: a schedule, an account, an exception …
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Condition {
    /// A schedule's run failed after its last try.
    RunFailed,
    /// Nobody ran a schedule in time.
    RunMissed,
    /// A run took much longer, or brought much more or less, than runs of its schedule do.
    RunUnusual,
    /// The newest complete sync is too old.
    DataStale,
    /// A sync ended, and not everything was read.
    SyncIncomplete,
    /// A payout is due at the bank and not there.
    DepositMissing,
    /// Money that became available is in no payout.
    SettlementMissing,
    /// An exception above an amount or an age.
    ExceptionOpen,
    /// Stripe's balance is not the sum of the txns.
    MoneyUnexplained,
    /// What Stripe delivers cannot be worked off.
    DeliveriesFailing,
    /// A dispute's evidence is due soon.
    DisputeDue,
    /// A key's expiry, which a person stated, is near.
    KeyExpiring,
    /// The disk of the database is nearly full.
    DiskFilling,
    /// There is no backup that is new enough.
    BackupStale,
    /// The audit trail is not what was written.
    AuditBroken,
    /// An alert could not be told on a channel for long.
    ChannelFailing,
}

impl Condition {
    /// All of them.
    pub const ALL: [Self; 16] = [
        Self::RunFailed,
        Self::RunMissed,
        Self::RunUnusual,
        Self::DataStale,
        Self::SyncIncomplete,
        Self::DepositMissing,
        Self::SettlementMissing,
        Self::ExceptionOpen,
        Self::MoneyUnexplained,
        Self::DeliveriesFailing,
        Self::DisputeDue,
        Self::KeyExpiring,
        Self::DiskFilling,
        Self::BackupStale,
        Self::AuditBroken,
        Self::ChannelFailing,
    ];

    /// The word in flags, columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RunFailed => "run_failed",
            Self::RunMissed => "run_missed",
            Self::RunUnusual => "run_unusual",
            Self::DataStale => "data_stale",
            Self::SyncIncomplete => "sync_incomplete",
            Self::DepositMissing => "deposit_missing",
            Self::SettlementMissing => "settlement_missing",
            Self::ExceptionOpen => "exception_open",
            Self::MoneyUnexplained => "money_unexplained",
            Self::DeliveriesFailing => "deliveries_failing",
            Self::DisputeDue => "dispute_due",
            Self::KeyExpiring => "key_expiring",
            Self::DiskFilling => "disk_filling",
            Self::BackupStale => "backup_stale",
            Self::AuditBroken => "audit_broken",
            Self::ChannelFailing => "channel_failing",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}
