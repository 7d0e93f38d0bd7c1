//! What Stripe said an account holds.

use facts::ObjectKind;
use money::Amount;

use crate::database::{Transaction, params};
use crate::sync::{BalanceWrite, PageOutcome};
use crate::{Result, Store, Touched, bump_revision, points, sync};

const PUT_BALANCE: &str = "INSERT INTO balance (account, currency, version, available_minor, pending_minor, read_at, steady) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
     ON CONFLICT (account, currency) DO UPDATE SET version = excluded.version, available_minor = excluded.available_minor, \
     pending_minor = excluded.pending_minor, read_at = excluded.read_at, steady = excluded.steady";

/// Rows of an earlier reading, in currencies that this one no longer names.
const DROP_OLDER: &str = "DELETE FROM balance WHERE account = ?1 AND version <> ?2";

const STANDS: &str = "SELECT COUNT(*) FROM balance WHERE account = ?1 AND version = ?2 AND steady = ?3";

impl Store {
    /// Replaces what is known of an account's balance. The outcome counts the balance object's version, like a page of one.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn put_balance(&mut self, write: &BalanceWrite<'_>) -> Result<PageOutcome> {
        self.write(points::SYNC_BALANCE, |transaction| {
            let had_any: bool = transaction.query_row(
                "SELECT EXISTS (SELECT 1 FROM balance WHERE account = ?1)",
                params![write.account.as_str()],
                |row| row.get(0),
            )?;
            let stands = stands(transaction, write)?;
            sync::put_version(transaction, write.account, ObjectKind::Balance, write.account.as_str(), write.raw, &write.hash)?;
            for balance in &write.balances {
                put(transaction, write, balance.available, balance.pending.minor())?;
            }
            transaction.execute(DROP_OLDER, params![write.account.as_str(), &write.hash[..]])?;
            if !stands {
                bump_revision(transaction, Touched::Accounts([write.account.as_str()].into()))?;
            }
            Ok(outcome(had_any, stands))
        })
    }
}

fn outcome(had_any: bool, stands: bool) -> PageOutcome {
    match (had_any, stands) {
        (_, true) => PageOutcome { unchanged: 1, ..PageOutcome::default() },
        (true, false) => PageOutcome { updated: 1, ..PageOutcome::default() },
        (false, false) => PageOutcome { inserted: 1, ..PageOutcome::default() },
    }
}

/// Whether exactly this reading is what is known already.
fn stands(transaction: &Transaction<'_>, write: &BalanceWrite<'_>) -> Result<bool> {
    let known: i64 =
        transaction.query_row(STANDS, params![write.account.as_str(), &write.hash[..], write.steady], |row| row.get(0))?;
    Ok(!write.balances.is_empty() && usize::try_from(known).is_ok_and(|known| known == write.balances.len()))
}

fn put(transaction: &Transaction<'_>, write: &BalanceWrite<'_>, available: Amount, pending_minor: i64) -> Result<()> {
    transaction.prepare(PUT_BALANCE)?.execute(params![
        write.account.as_str(),
        available.currency().as_str(),
        &write.hash[..],
        available.minor(),
        pending_minor,
        write.read_at.as_microsecond(),
        write.steady,
    ])?;
    Ok(())
}
