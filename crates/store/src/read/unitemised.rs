//! What lay in an account's balance around a payout that Stripe does not itemise.

use facts::{Payout, Txn};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::database::{Connection, OptionalExtension, Read, params};
use crate::{Result, Store, rows};

/// Txns that became available before one payout and after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Around {
    /// What the payout took from the balance, its fee included: its own txn's net, positive when money left. Minor units.
    pub took_minor: i64,
    /// Σ net of what was available once the payout before it had been taken; `None` where not all of the account's history
    /// is here.
    pub left_before_minor: Option<i64>,
    /// When the payout was made: its own txn.
    pub made_at: Timestamp,
    /// What became available since, in that order; where it is one more than the limit, there is more than that.
    pub became_available: Vec<Txn>,
}

/// For how long a txn can be pending, in seconds: older ones are not looked at. Stripe holds money back for 180 days at most.
const PENDING_MAX: i64 = 180 * 24 * 60 * 60;

const OWN: &str = "SELECT created_at, net_minor FROM txn WHERE account = ?1 AND id = ?2";

/// Exports tell no type, and the category of a payout is the same word.
const PREVIOUS: &str = "SELECT MAX(created_at) FROM txn WHERE account = ?1 AND currency = ?2 AND balance_type = 'payments' \
     AND (kind = 'payout' OR reporting_category = 'payout') AND created_at <= ?3 AND id <> ?4";

/// A payout leaves the balance when it is made; everything else is available with its day.
const AVAILABLE: &str = "SELECT CAST(COALESCE(SUM(net_minor), 0) AS BIGINT) FROM txn WHERE account = ?1 AND currency = ?2 \
     AND balance_type = 'payments' AND created_at <= ?3 \
     AND (kind = 'payout' OR reporting_category = 'payout' OR available_on <= ?4)";

const WHOLE: &str = "SELECT EXISTS (SELECT 1 FROM account WHERE id = ?1 AND synced_at IS NOT NULL AND begins_at IS NULL)";

impl Store {
    /// What lay in the balance around a payout. `None` where its own txn is not here, or shares its
    /// second with another payout's.
    ///
    /// # Errors
    /// [`crate::StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn around_payout(&self, payout: &Payout, limit: u32) -> Result<Option<Around>> {
        let Some(own) = &payout.own_txn else { return Ok(None) };
        let (account, currency) = (payout.account.as_str(), payout.amount.currency());
        self.view(|connection| {
            let found = connection
                .prepare(OWN)?
                .query_row(params![account, own.as_str()], |row| Ok((rows::stripe_time(row, 0)?, row.get::<i64>(1)?)))
                .optional()?;
            let Some((made_at, net_minor)) = found else { return Ok(None) };
            let previous = connection
                .prepare(PREVIOUS)?
                .query_row(params![account, currency.as_str(), made_at.as_second(), own.as_str()], |row| {
                    rows::stripe_time_or_none(row, 0)
                })?;
            if previous == Some(made_at) {
                // Two of one second: which of them came first cannot be told.
                return Ok(None);
            }
            let is_whole: bool = connection.prepare(WHOLE)?.query_row(params![account], |row| row.get(0))?;
            let left = previous.map_or(Ok(0), |at| available(connection, account, currency.as_str(), at))?;
            Ok(Some(Around {
                took_minor: net_minor.saturating_neg(),
                made_at,
                left_before_minor: is_whole.then_some(left),
                became_available: became_available(connection, payout, previous, made_at, limit)?,
            }))
        })
    }
}

fn day(at: Timestamp) -> String {
    at.to_zoned(TimeZone::UTC).date().to_string()
}

fn available(connection: &Connection, account: &str, currency: &str, at: Timestamp) -> Result<i64> {
    let mut statement = connection.prepare(AVAILABLE)?;
    Ok(statement.query_row(params![account, currency, at.as_second(), day(at)], |row| row.get(0))?)
}

fn became_available(
    connection: &Connection,
    payout: &Payout,
    previous: Option<Timestamp>,
    made_at: Timestamp,
    limit: u32,
) -> Result<Vec<Txn>> {
    let sql = format!(
        "SELECT {} FROM txn t WHERE t.account = ?1 AND t.currency = ?2 AND t.balance_type = 'payments' AND t.kind <> 'payout' \
         AND t.reporting_category <> 'payout' \
         AND t.created_at >= ?3 AND t.created_at <= ?4 AND t.available_on <= ?5 AND (t.created_at > ?6 OR t.available_on > ?7) \
         ORDER BY t.created_at, t.id LIMIT ?8",
        rows::TXN
    );
    // Before the first payout nothing was available.
    let (since, since_on) = previous.map_or((i64::MIN, "0000-01-01".to_owned()), |at| (at.as_second(), day(at)));
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map(
        params![
            payout.account.as_str(),
            payout.amount.currency().as_str(),
            since.saturating_sub(PENDING_MAX),
            made_at.as_second(),
            day(made_at),
            since,
            since_on,
            i64::from(limit) + 1,
        ],
        rows::txn,
    )?;
    let mut txns: Vec<Txn> = found.collect::<Read<_>>()?;
    txns.sort_by_key(available_at);
    Ok(txns)
}

/// When a txn's net can be paid out: with its day, and not before it is made.
fn available_at(txn: &Txn) -> Timestamp {
    let begins = txn.available_on.to_zoned(TimeZone::UTC).map_or(Timestamp::MAX, |day| day.timestamp());
    begins.max(txn.created_at)
}
