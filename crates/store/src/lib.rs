//! Rows and facts: the database, its migrations and its queries.
//!
//! Today SQLite, later PostgreSQL under the same SQL text: plain statements with numbered parameters, upserts by
//! `ON CONFLICT`, no feature of one database outside `open`. Sync, import and reconcile each write through one module here;
//! everything shown comes from [`read`].

mod balance;
mod delivery;
mod digest;
mod error;
mod open;
pub mod outcome;
mod points;
pub mod read;
mod rows;
pub mod runs;
mod schema;
pub mod snapshot;
pub mod statement;
pub mod sync;

use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, Transaction, TransactionBehavior};

pub use delivery::{Delivery, DeliveryFilter, DeliveryState, DeliveryWrite, Replay, Settled};
pub use error::StoreError;
pub use outcome::{Applied, OutcomeWrite};
pub use points::{COMMIT_POINTS, CommitPoints, NoPoints};
pub use read::bank_lines::{BankLineFilter, BankLineRow};
pub use read::exceptions::{ExceptionFilter, ExceptionRow, ExceptionState};
pub use read::history::Import;
pub use read::matches::MatchFilter;
pub use read::payouts::{PayoutFilter, PayoutRow, PayoutTotal};
pub use read::status::{AccountStatus, BucketSums, PayoutCounts};
pub use read::txns::{TxnFilter, TxnRow};
pub use runs::{Run, RunId, RunState};
pub use snapshot::{BalanceCheck, DepositSnapshot, MemberTally, OwnTxn, PayoutMembers, Refusal, SyncedAccount};
pub use statement::{ImportOutcome, StatementWrite};
pub use sync::{BalanceWrite, Changed, CreditDue, ObjectWrite, PageOutcome, PageWrite, Stretch, SyncWindow, Walk};

/// What every call returns.
pub type Result<T> = std::result::Result<T, StoreError>;

/// One connection to one database. Cheap to open; open one a thread.
pub struct Store {
    connection: rusqlite::Connection,
    path: PathBuf,
    points: Arc<dyn CommitPoints>,
}

impl Store {
    /// Counts the transactions of sync and import that changed something.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn revision(&self) -> Result<i64> {
        self.read(revision)
    }

    /// Runs `reads`; their errors name the file.
    pub(crate) fn read<T>(&self, reads: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        reads(&self.connection).map_err(|error| error.at(&self.path))
    }

    /// Runs several reads on one consistent view of the database: what a writer commits meanwhile is not seen by any of them.
    ///
    /// # Errors
    /// What `reads` returns, and [`StoreError`] when the view cannot be opened or closed.
    pub fn at_one_instant<T, E: From<StoreError>>(
        &self,
        reads: impl FnOnce(&Self) -> std::result::Result<T, E>,
    ) -> std::result::Result<T, E> {
        let at = |error: rusqlite::Error| StoreError::from(error).at(&self.path);
        let transaction = self.connection.unchecked_transaction().map_err(at)?;
        let result = reads(self)?;
        transaction.finish().map_err(at)?;
        Ok(result)
    }

    /// Runs `reads` on one consistent view of the database: the one that is open, or one of their own.
    pub(crate) fn view<T>(&self, reads: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        self.read(|connection| {
            if !connection.is_autocommit() {
                return reads(connection);
            }
            let transaction = connection.unchecked_transaction()?;
            let result = reads(&transaction)?;
            transaction.finish()?;
            Ok(result)
        })
    }

    /// Runs `writes` in one transaction, which is rolled back when they fail. Takes the write lock at once, so that what they
    /// read cannot change before they write.
    pub(crate) fn write<T>(&mut self, write: points::Write, writes: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let points = self.points.as_ref();
        let connection = &mut self.connection;
        let run = || {
            let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = writes(&transaction)?;
            commit(transaction, write, points)?;
            Ok(result)
        };
        run().map_err(|error: StoreError| error.at(&self.path))
    }
}

/// The one way in which anything is committed.
pub(crate) fn commit(transaction: Transaction<'_>, write: points::Write, points: &dyn CommitPoints) -> Result<()> {
    points.reach(write.before);
    transaction.commit()?;
    points.reach(write.after);
    Ok(())
}

/// Every transaction of sync and import that changed something calls this once.
pub(crate) fn bump_revision(transaction: &Transaction<'_>) -> Result<()> {
    transaction.execute("UPDATE meta SET revision = revision + 1 WHERE one = 1", [])?;
    Ok(())
}

pub(crate) fn revision(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT revision FROM meta WHERE one = 1", [], |row| row.get(0))?)
}
