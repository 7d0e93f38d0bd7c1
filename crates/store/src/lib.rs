//! Rows and facts: the database, its migrations and its queries.
//!
//! SQLite and PostgreSQL under the same SQL text; what differs stands in `database`. Sync, import and reconcile each write
//! through one module here; everything shown comes from [`read`].

pub mod alert;
mod announcement;
mod audit;
mod backup;
mod balance;
pub mod basis;
mod copy;
mod database;
mod delivery;
mod digest;
mod error;
pub mod export;
mod lease;
mod open;
pub mod outcome;
mod points;
pub mod read;
mod reader;
mod rows;
pub mod runs;
mod schedule;
mod schema;
pub mod slice;
pub mod snapshot;
mod statement;
mod sums;
pub mod sync;
mod whose;

use std::collections::BTreeSet;
use std::sync::Arc;

use database::{Connection, Transaction, params, sqlite};
use lease::Lease;

pub use self::audit::{AuditAct, AuditCheck, AuditFilter, AuditReport};
pub use alert::{AlertRow, AlertsSettled, ChannelState, MessageRow, MessageState, MessageTried, MessageWrite, Silence};
pub use announcement::{Announcement, AnnouncementKind};
pub use basis::{AccountBasis, Basis};
pub use copy::Copied;
pub use database::address::{Location, Server};
pub use delivery::{Delivery, DeliveryFilter, DeliveryState, DeliveryWrite, Replay, Settled};
pub use error::StoreError;
pub use export::{ExportCounts, ExportFile, ExportOutcome, ExportPlace, ExportWrite};
pub use lease::{LeaseName, Pace};
pub use outcome::{Applied, Judged, OutcomeWrite};
pub use points::{Acting, COMMIT_POINTS, CommitPoints, NoPoints};
pub use read::accounts::{AccountFilter, Freshness};
pub use read::bank_lines::{BankLineFilter, BankLineRow};
pub use read::exceptions::{ExceptionFilter, ExceptionRow, ExceptionState};
pub use read::history::Import;
pub use read::known::{Gap, Known};
pub use read::matches::MatchFilter;
pub use read::owed::Owed;
pub use read::payouts::{PayoutFilter, PayoutRow, PayoutTotal};
pub use read::refusals::{RefusalFilter, RefusalRow};
pub use read::status::{AccountStatus, BucketSums, PayoutCounts};
pub use read::tables::{Cell, TABLES, Table};
pub use read::totals::{Counted, OpenCounts, Totals};
pub use read::txns::{TxnFilter, TxnRow};
pub use read::unitemised::Around;
pub use reader::Reader;
pub use runs::{RUN_JOBS, Run, RunFilter, RunId, RunState, RunTrigger};
pub use schedule::{
    DueSettled, FailedRuns, Measured, RunCounts, RunEnd, RunMark, RunsStand, Schedule, ScheduledRun, ScheduledRunFilter,
    ScheduledState, ScheduledTry, Trigger,
};
pub use slice::{AccountSnapshot, ToJudge};
pub use snapshot::{BalanceCheck, DepositSnapshot, MemberTally, OwnTxn, PayoutMembers, PayoutTxns, Refusal, SyncedAccount};
pub use statement::{ImportOutcome, StatementLine, StatementWrite, Undone};
pub use sync::{
    Apart, ApartBefore, BalanceWrite, Begun, Changed, ConnectedList, CreditDue, DayCheck, DayDifference, DayFound, Due,
    DueAccount, Left, MembersDue, ObjectWrite, PageOutcome, PageWrite, RangeRead, Stretch, SyncWindow, TxnsKnown, Walk,
};

/// What every call returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// One connection to one database. Cheap to open; open one a thread.
pub struct Store {
    connection: Connection,
    location: Location,
    points: Arc<dyn CommitPoints>,
    lease: Option<Lease>,
    /// The file that was opened.
    file: Option<sqlite::FileId>,
    /// The run that was begun last with this store.
    run: Option<RunId>,
}

impl Store {
    /// Counts the transactions of sync and import that changed something.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revision(&self) -> Result<i64> {
        self.read(revision)
    }

    /// Takes the right to do what one process at a time may do, until this store is dropped or its process dies or stands still. Waits
    /// for it. From now on nothing is written with this store once another has taken over.
    ///
    /// # Errors
    /// [`StoreError::Leased`] when another keeps it.
    pub fn lease(&mut self, name: LeaseName, pace: Pace) -> Result<()> {
        self.lease = Some(self.read(|connection| lease::take(connection, &self.location, name, pace))?);
        Ok(())
    }

    /// Whether a process has the right to do what one at a time may do, as far as can be told without taking it: one that stands still
    /// counts until another has overtaken it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn is_leased(&self, name: LeaseName) -> Result<bool> {
        self.read(|connection| lease::is_held(connection, &self.location, name))
    }

    /// Runs `reads`; their errors name the database.
    pub(crate) fn read<T>(&self, reads: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        reads(&self.connection).map_err(|error| error.at(&self.location))
    }

    /// Runs several reads on one consistent view of the database: what a writer commits meanwhile is not seen by any of them.
    ///
    /// # Errors
    /// What `reads` returns, and [`StoreError`] when the view cannot be opened or closed.
    pub fn at_one_instant<T, E: From<StoreError>>(
        &self,
        reads: impl FnOnce(&Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let at = |error: database::Error| StoreError::from(error).at(&self.location);
        let transaction = self.connection.begin_reading().map_err(at)?;
        let result = reads(self)?;
        transaction.commit().map_err(at)?;
        Ok(result)
    }

    /// Runs `reads` on one consistent view of the database: the one that is open, or one of their own.
    pub(crate) fn view<T>(&self, reads: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.read(|connection| {
            if connection.is_in_transaction() {
                return reads(connection);
            }
            let transaction = connection.begin_reading()?;
            let result = reads(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
    }

    /// Runs `writes` in one transaction, which is rolled back when they fail. Takes the write lock at once, so that what they
    /// read cannot change before they write. Who holds a lease and has been overtaken writes nothing.
    pub(crate) fn write<T>(&mut self, write: points::Write, writes: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let run = || {
            let transaction = self.connection.begin_writing()?;
            if let Some(lease) = &self.lease {
                lease.check(&transaction)?;
            }
            let result = writes(&transaction)?;
            self.points.reach(write.before);
            transaction.commit()?;
            self.points.reach(write.after);
            Ok(result)
        };
        run().map_err(|error: StoreError| self.cause(error).at(&self.location))
    }

    /// A server ends the connection of who stands still in the middle of a write: then the lease tells what has happened.
    fn cause(&self, error: StoreError) -> StoreError {
        let (StoreError::Io { .. }, Some(lease)) = (&error, &self.lease) else { return error };
        match self.location.connect().and_then(|connection| lease.check(&connection)) {
            Err(overtaken @ StoreError::Overtaken { .. }) => overtaken,
            _ => error,
        }
    }
}

/// What a transaction of sync or import has changed.
pub(crate) enum Touched<'a> {
    /// Something of these accounts; of their payouts, each is noted that has changed.
    Accounts(BTreeSet<&'a str>),
    /// Bank lines, accounts' names or payouts that nobody noted, and perhaps anything else of these accounts.
    Deposits(BTreeSet<&'a str>),
}

/// Every transaction of sync and import that changed something calls this once.
pub(crate) fn bump_revision(transaction: &Transaction<'_>, touched: Touched<'_>) -> Result<()> {
    let (accounts, sql) = match touched {
        Touched::Accounts(accounts) => (accounts, "UPDATE meta SET revision = revision + 1 WHERE one = 1"),
        Touched::Deposits(accounts) => {
            (accounts, "UPDATE meta SET revision = revision + 1, deposit_revision = revision + 1 WHERE one = 1")
        }
    };
    transaction.execute(sql, params![])?;
    for account in accounts {
        let sql = "INSERT INTO account_due (account) VALUES (?1) ON CONFLICT (account) DO NOTHING";
        transaction.prepare(sql)?.execute(params![account])?;
    }
    Ok(())
}

pub(crate) fn revision(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT revision FROM meta WHERE one = 1", params![], |row| row.get(0))?)
}
