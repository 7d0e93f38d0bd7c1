//! What a store asks of whoever opens it: the points right before and right after every commit, where a test can end the process, and
//! on whose behalf it writes.

use jiff::Timestamp;

use crate::RunTrigger;

/// Hears of every commit, and says for whom it is. The real program does nothing at a point; crash tests kill the process at a chosen one.
pub trait CommitPoints: Send + Sync {
    /// Called with one of [`COMMIT_POINTS`], on the thread that commits.
    fn reach(&self, point: &'static str);

    /// What an entry of the audit trail is written with.
    fn acting(&self) -> Acting {
        Acting::default()
    }
}

/// When something is done, and on whose behalf.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acting {
    /// Now.
    pub at: Timestamp,
    /// Who has asked for it.
    pub by: RunTrigger,
    /// Of a person, the name that they are logged in by.
    pub who: Option<String>,
}

impl Default for Acting {
    /// A person whom nobody knows, when time began.
    fn default() -> Self {
        Self { at: Timestamp::UNIX_EPOCH, by: RunTrigger::Person, who: None }
    }
}

/// Nothing happens at any point.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoPoints;

impl CommitPoints for NoPoints {
    fn reach(&self, _point: &'static str) {}
}

/// One kind of write and the names of the points around its commit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Write {
    pub(crate) before: &'static str,
    pub(crate) after: &'static str,
}

macro_rules! writes {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        $($(#[$doc])* pub(crate) const $name: Write =
            Write { before: concat!($word, ".before_commit"), after: concat!($word, ".after_commit") };)+

        /// Every point that [`CommitPoints::reach`] is called with, in the order in which a first run meets them.
        pub const COMMIT_POINTS: &[&str] = &[$(concat!($word, ".before_commit"), concat!($word, ".after_commit")),+];
    };
}

writes!(
    /// One migration of the schema.
    SCHEMA_MIGRATION = "schema.migration",
    /// The beginning of a run.
    RUN_BEGIN = "run.begin",
    /// The database takes the mode of the first key.
    SYNC_MODE = "sync.mode",
    /// A group of pages.
    SYNC_PAGE = "sync.page",
    /// A list of connected accounts was read, or one of them is about to be.
    SYNC_CONNECTED = "sync.connected",
    /// What Stripe says an account holds, or lists again.
    SYNC_BALANCE = "sync.balance",
    /// What days come to.
    SUMS_DAYS = "sums.days",
    /// What events have named was read again, or must be.
    SYNC_EVENTS = "sync.events",
    /// An account, or a stretch of it, was read to the end.
    SYNC_ACCOUNT = "sync.account",
    /// A bank statement.
    IMPORT_STATEMENT = "import.statement",
    /// A bank statement is taken back.
    UNDO_STATEMENT = "undo.statement",
    /// An export of Stripe's.
    IMPORT_STRIPE = "import.stripe",
    /// What was added up is to be added up again.
    SUMS_FORGET = "sums.forget",
    /// What reconciliation concluded.
    RECONCILE_APPLY = "reconcile.apply",
    /// What Stripe delivered.
    WEBHOOK_DELIVERY = "webhook.delivery",
    /// What became of deliveries.
    WEBHOOK_SETTLE = "webhook.settle",
    /// The end of a run.
    RUN_END = "run.end",
    /// Old runs are forgotten.
    RUN_FORGET = "run.forget",
    /// A schedule is added, changed or removed.
    SCHEDULE_CHANGE = "schedule.change",
    /// What was due of a schedule is settled.
    SCHEDULE_SETTLE = "schedule.settle",
    /// A scheduled run begins, ends, or is to be tried again.
    SCHEDULE_RUN = "schedule.run",
    /// What a look at everything that is watched found.
    ALERT_SETTLE = "alert.settle",
    /// A rule, a silence, or that a person knows.
    ALERT_CHANGE = "alert.change",
    /// What came of a message.
    ALERT_MESSAGE = "alert.message",
    /// What programs are told of, or want to be.
    ANNOUNCE = "announce",
    /// What came of verifying the audit trail.
    AUDIT_CHECK = "audit.check",
    /// A whole database, copied.
    DB_COPY = "db.copy",
);
