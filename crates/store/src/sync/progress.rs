//! How far sync is: the mode of the database, walks, what to look at again, and how fresh each account is.

use facts::{AccountId, Mode, ObjectKind, PayoutId};
use jiff::Timestamp;

use super::{MembersDue, SyncWindow, Walk, beginning, ranges, stretches};
use crate::database::{Connection, OptionalExtension, Read, Row, Transaction, params};
use crate::{Result, RunId, Store, StoreError, Touched, bump_revision, points, rows};

const PUT_WALK: &str = "INSERT INTO walk (account, kind, started_at, since_at, after_id, complete, complete_until_at, complete_run) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) \
     ON CONFLICT (account, kind) DO UPDATE SET started_at = excluded.started_at, since_at = excluded.since_at, \
     after_id = excluded.after_id, complete = excluded.complete, complete_until_at = excluded.complete_until_at, \
     complete_run = CASE excluded.complete WHEN 1 THEN excluded.complete_run ELSE walk.complete_run END";

const WALK: &str =
    "SELECT started_at, since_at, after_id, complete, complete_until_at FROM walk WHERE account = ?1 AND kind = ?2";

const FORGET_WALK: &str = "DELETE FROM walk WHERE account = ?1 AND kind = ?2";

const OLDEST_PENDING_TXN: &str = "SELECT MIN(created_at) FROM txn WHERE account = ?1 AND status <> 'available'";

const OLDEST_OPEN_PAYOUT: &str = "SELECT MIN(created_at) FROM payout WHERE account = ?1 \
     AND (status NOT IN ('paid', 'failed', 'canceled') OR reconciliation_status = 'in_progress')";

const OLDEST_OPEN_DISPUTE: &str =
    "SELECT MIN(created_at) FROM dispute WHERE account = ?1 AND status NOT IN ('won', 'lost', 'warning_closed', 'prevented')";

const OLDEST_PENDING_REFUND: &str = "SELECT MIN(created_at) FROM refund WHERE account = ?1 \
     AND (status IS NULL OR status NOT IN ('succeeded', 'failed', 'canceled'))";

const MEMBERS_DUE: &str = "SELECT id, currency, amount_minor FROM payout WHERE account = ?1 AND automatic = 1 AND members_complete = 0 \
     AND reconciliation_status <> 'in_progress' ORDER BY id";

/// The partial index of the second migration serves both halves, because its own condition stands in them word for word.
const CONTRADICTED: &str = "SELECT 'payout', payout.id FROM txn JOIN payout ON payout.account = txn.account \
     AND payout.id = txn.source WHERE txn.account = ?1 AND txn.kind IN ('payout_failure', 'payout_cancel', 'refund_failure') \
     AND txn.kind <> 'refund_failure' AND payout.status NOT IN ('failed', 'canceled') \
     UNION SELECT 'refund', refund.id FROM txn JOIN refund ON refund.account = txn.account AND refund.id = txn.source \
     WHERE txn.account = ?1 AND txn.kind IN ('payout_failure', 'payout_cancel', 'refund_failure') \
     AND txn.kind = 'refund_failure' AND (refund.status IS NULL OR refund.status <> 'failed') \
     ORDER BY 1, 2";

const MARK_SYNCED: &str = "UPDATE account SET synced_at = CASE WHEN synced_at > ?2 THEN synced_at ELSE ?2 END WHERE id = ?1";

impl Store {
    /// The mode that the database holds; `None` before the first sync.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn mode(&self) -> Result<Option<Mode>> {
        self.read(mode)
    }

    /// Makes the database one of this mode, or checks that it is one.
    ///
    /// # Errors
    /// [`StoreError::OtherMode`] when it holds the other.
    pub fn claim_mode(&mut self, key: Mode) -> Result<()> {
        if self.mode()? == Some(key) {
            return Ok(());
        }
        self.write(points::SYNC_MODE, |transaction| claim_mode(transaction, key))
    }

    /// How far the walk through this account's objects of this kind got; `None` before its first page.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn walk(&self, account: &AccountId, kind: ObjectKind) -> Result<Option<Walk>> {
        self.view(|connection| {
            let mut statement = connection.prepare(WALK)?;
            let walk = statement.query_row(params![account.as_str(), kind.as_str()], |row| {
                let mut c = rows::Columns::new(row, 0);
                Ok(Walk {
                    started_at: c.with(rows::time)?,
                    since: c.with(rows::time_or_none)?,
                    after: c.get()?,
                    complete: c.get()?,
                    complete_until: c.with(rows::time_or_none)?,
                    stretches: Vec::new(),
                })
            });
            let Some(walk) = walk.optional()? else { return Ok(None) };
            Ok(Some(Walk { stretches: stretches::read(connection, account, kind)?, ..walk }))
        })
    }

    /// Forgets how far the walks of these kinds got, so that the next ones read all history, and which stretches of time were read:
    /// what was seen is no longer vouched for.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_walks(&mut self, account: &AccountId, kinds: &[ObjectKind]) -> Result<()> {
        self.write(points::SYNC_EVENTS, |transaction| {
            for kind in kinds {
                transaction.prepare(FORGET_WALK)?.execute(params![account.as_str(), kind.as_str()])?;
                stretches::forget(transaction, account, *kind)?;
                ranges::forget(transaction, account, *kind)?;
            }
            Ok(())
        })
    }

    /// What an incremental sync of this account has to look at again.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn sync_window(&self, account: &AccountId) -> Result<SyncWindow> {
        self.view(|connection| {
            Ok(SyncWindow {
                begins_at: beginning::begins_at(connection, account)?,
                synced_at: synced_at(connection, account)?,
                oldest_pending_txn_at: oldest(connection, OLDEST_PENDING_TXN, account)?,
                oldest_open_payout_at: oldest(connection, OLDEST_OPEN_PAYOUT, account)?,
                oldest_open_dispute_at: oldest(connection, OLDEST_OPEN_DISPUTE, account)?,
                oldest_pending_refund_at: oldest(connection, OLDEST_PENDING_REFUND, account)?,
                members_due: connection
                    .prepare(MEMBERS_DUE)?
                    .query_map(params![account.as_str()], members_due)?
                    .collect::<Read<_>>()?,
            })
        })
    }

    /// Payouts and refunds that stand as if they had succeeded although a txn gives their money back: they changed after they
    /// were read, however long ago that was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn contradicted(&self, account: &AccountId) -> Result<Vec<(ObjectKind, String)>> {
        self.view(|connection| {
            let kind = |word: &str| ObjectKind::ALL.iter().copied().find(|kind| kind.as_str() == word);
            let mut statement = connection.prepare(CONTRADICTED)?;
            let rows = statement.query_map(params![account.as_str()], |row| Ok((rows::parsed(row, 0, kind)?, row.get(1)?)))?;
            Ok(rows.collect::<Read<_>>()?)
        })
    }

    /// Everything of this account was read to the end by a sync that began to read at `at`. Freshness never goes back.
    ///
    /// # Errors
    /// [`StoreError::Absent`] when the account's own object was never stored.
    pub fn mark_synced(&mut self, account: &AccountId, at: Timestamp) -> Result<()> {
        self.write(points::SYNC_ACCOUNT, |transaction| {
            match transaction.execute(MARK_SYNCED, params![account.as_str(), at.as_microsecond()])? {
                0 => Err(StoreError::Absent { noun: "account", id: account.to_string() }),
                // What should be in a payout by now follows from how far the account is known.
                _ => bump_revision(transaction, Touched::Accounts([account.as_str()].into())),
            }
        })
    }
}

/// Makes the database one of this mode, or checks that it is one.
pub(crate) fn claim_mode(transaction: &Transaction<'_>, key: Mode) -> Result<()> {
    match mode(transaction)? {
        Some(holds) if holds != key => Err(StoreError::OtherMode { holds, key }),
        Some(_) => Ok(()),
        None => {
            transaction.execute("UPDATE meta SET mode = ?1 WHERE one = 1", params![key.as_str()])?;
            Ok(())
        }
    }
}

fn mode(connection: &Connection) -> Result<Option<Mode>> {
    let read = |row: &Row<'_>| {
        rows::parsed_or_none(row, 0, |word| [Mode::Live, Mode::Test].into_iter().find(|mode| mode.as_str() == word))
    };
    Ok(connection.query_row("SELECT mode FROM meta WHERE one = 1", params![], read)?)
}

/// When the account's last complete sync began to read.
pub(crate) fn synced_at(connection: &Connection, account: &AccountId) -> Result<Option<Timestamp>> {
    let mut statement = connection.prepare("SELECT synced_at FROM account WHERE id = ?1")?;
    Ok(statement.query_row(params![account.as_str()], |row| rows::time_or_none(row, 0)).optional()?.flatten())
}

fn members_due(row: &Row<'_>) -> Read<MembersDue> {
    let mut c = rows::Columns::new(row, 0);
    Ok(MembersDue { payout: c.id(PayoutId::parse)?, amount: c.amount()? })
}

fn oldest(connection: &Connection, sql: &str, account: &AccountId) -> Result<Option<Timestamp>> {
    let mut statement = connection.prepare(sql)?;
    Ok(statement.query_row(params![account.as_str()], |row| rows::stripe_time_or_none(row, 0))?)
}

pub(super) fn put_walk(
    transaction: &Transaction<'_>,
    account: &AccountId,
    kind: ObjectKind,
    walk: &Walk,
    run: Option<RunId>,
) -> Result<()> {
    transaction.prepare(PUT_WALK)?.execute(params![
        account.as_str(),
        kind.as_str(),
        walk.started_at.as_microsecond(),
        walk.since.map(Timestamp::as_microsecond),
        walk.after,
        walk.complete,
        walk.complete_until.map(Timestamp::as_microsecond),
        run.filter(|_| walk.complete).map(|run| run.0),
    ])?;
    if walk.complete {
        // All history is known with it.
        ranges::forget(transaction, account, kind)?;
    }
    stretches::put(transaction, account, kind, &walk.stretches)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a day's sync asks of all that is stored must be found by an index: a scan would make each day dearer than the one before.
    #[test]
    fn a_days_sync_looks_through_no_table() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tieout.db"), std::sync::Arc::new(crate::NoPoints)).unwrap();
        let asked = [
            (OLDEST_PENDING_TXN, "txn_unsettled"),
            (OLDEST_OPEN_PAYOUT, "payout_open"),
            (OLDEST_OPEN_DISPUTE, "dispute_open"),
            (OLDEST_PENDING_REFUND, "refund_pending"),
            (MEMBERS_DUE, "payout_members_due"),
            (CONTRADICTED, "txn_reversing"),
        ];
        for (sql, index) in asked {
            let mut statement = store.connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = statement.query_map(params!["acct_1"], |row| row.get::<String>(3)).unwrap();
            let plan: Vec<String> = steps.collect::<Read<_>>().unwrap();
            let plan = plan.join("\n");
            assert!(plan.contains(index) && !plan.contains("SCAN"), "{sql}\n{plan}");
        }
    }
}
