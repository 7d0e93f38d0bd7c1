//! What the txns of an account come to, day by day: added up once and kept until one of the day's txns changes.

use std::collections::{BTreeMap, BTreeSet};

use facts::AccountId;

use crate::database::{Connection, OptionalExtension, Read, Row, params};
use crate::{Result, Store, StoreError, Touched, bump_revision, points, rows, snapshot, sync};

/// Of the balance that payouts are made from: Stripe's others (issuing, reserves) are not part of available + pending.
const SUMS: &str = "SELECT d.account, d.day, t.currency, CAST(SUM(t.net_minor) AS BIGINT) FROM txn_day d LEFT JOIN txn t \
     ON t.account = d.account AND t.created_at >= d.day * 86400 AND t.created_at < (d.day + 1) * 86400 \
     AND t.balance_type = 'payments' WHERE 1 = 1";

/// Of [`SUMS`], those days that are to be added up.
const DUE: &str = "AND d.sums IS NULL";

const KEPT_BY_DAY: &str = "SELECT account, day, sums FROM txn_day WHERE sums IS NOT NULL";

/// `DAY_` is the day of a txn.
const NOTED: &str = "SELECT 1 FROM txn_day d WHERE d.account = t.account AND d.day = DAY_";

const KEPT: &str = "SELECT d.account, d.sums FROM txn_day d WHERE d.sums IS NOT NULL";

const KEEP: &str = "UPDATE txn_day SET sums = ?3 WHERE account = ?1 AND day = ?2";

/// Account and currency.
pub(crate) type MoneyKey = (Box<str>, Box<str>);

/// Account and day, and what its txns come to by currency.
type Days = BTreeMap<(String, i64), BTreeMap<String, i64>>;

impl Store {
    /// Adds up the days whose txns have changed, of one account or of all, so that the next reading need not.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn add_up_days(&mut self, account: Option<&AccountId>) -> Result<()> {
        if self.read(|connection| days(connection, DUE, account))?.is_empty() {
            return Ok(());
        }
        self.write(points::SUMS_DAYS, |transaction| {
            let mut keep = transaction.many(KEEP)?;
            for ((account, day), sums) in days(transaction, DUE, account)? {
                keep.add(params![account, day, rows::to_json(&sums)?])?;
            }
            Ok(keep.send()?)
        })
    }

    /// Lets everything be added up again by whoever asks next: days, and the txns of every payout.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn forget_sums(&mut self) -> Result<()> {
        self.write(points::SUMS_FORGET, |transaction| {
            sync::everything(transaction, None)?;
            bump_revision(transaction, Touched::Deposits(BTreeSet::new()))
        })
    }
}

impl Store {
    /// Adds up all txns and compares: with what was kept of each day, and with the verdicts of payouts that stand.
    ///
    /// # Errors
    /// [`StoreError::SumsApart`] with the first that differs.
    pub fn check_sums(&self) -> Result<()> {
        self.view(|connection| {
            let found = days(connection, "", None)?;
            let mut statement = connection.prepare(KEPT_BY_DAY)?;
            let kept = statement.query_map(params![], |row| Ok(((row.get(0)?, row.get(1)?), rows::json(row, 2)?)));
            for day in kept? {
                let (day, sums): ((String, i64), BTreeMap<String, i64>) = day?;
                if found.get(&day) != Some(&sums) {
                    return Err(StoreError::SumsApart { what: format!("the txns that {} had on one day", day.0) });
                }
            }
            let unnoted = format!("SELECT id FROM txn t WHERE NOT EXISTS ({})", NOTED.replace("DAY_", sync::DAY_OF_TXN));
            let unnoted = connection.query_row(&unnoted, params![], |row| row.get::<String>(0)).optional()?;
            if let Some(txn) = unnoted {
                return Err(StoreError::SumsApart { what: format!("the txns made on the day of {txn}") });
            }
            match snapshot::payout_apart(connection)? {
                Some(payout) => Err(StoreError::SumsApart { what: format!("the txns of payout {payout}") }),
                None => Ok(()),
            }
        })
    }
}

/// Σ net of the txns of balance type `payments`, by account and currency; of one account, or of all.
pub(crate) fn payments(connection: &Connection, account: Option<&AccountId>) -> Result<BTreeMap<MoneyKey, i64>> {
    let mut payments = BTreeMap::new();
    for ((account, _), sums) in days(connection, DUE, account)? {
        add(&mut payments, &account, sums)?;
    }
    let mut kept = |row: &Row<'_>| Ok((row.get::<String>(0)?, rows::json(row, 1)?));
    for day in of(connection, KEPT, "", account, &mut kept)? {
        let (account, sums) = day;
        add(&mut payments, &account, sums)?;
    }
    Ok(payments)
}

fn add(payments: &mut BTreeMap<MoneyKey, i64>, account: &str, sums: BTreeMap<String, i64>) -> Result<()> {
    for (currency, minor) in sums {
        let sum = payments.entry((account.into(), currency.into())).or_default();
        *sum = sum.checked_add(minor).ok_or_else(overflow)?;
    }
    Ok(())
}

pub(crate) fn overflow() -> StoreError {
    StoreError::Overflow { what: "a sum of txns".to_owned() }
}

/// What days come to that a condition chooses, of one account or of all.
fn days(connection: &Connection, which: &str, account: Option<&AccountId>) -> Result<Days> {
    let mut days = Days::new();
    let mut sum = |row: &Row<'_>| {
        let day = days.entry((row.get(0)?, row.get(1)?)).or_default();
        if let Some(currency) = row.get::<Option<String>>(2)? {
            day.insert(currency, row.get(3)?);
        }
        Ok(())
    };
    of(connection, &format!("{SUMS} {which}"), "GROUP BY d.account, d.day, t.currency", account, &mut sum)?;
    Ok(days)
}

/// The rows of a query about days, of one account or of all.
fn of<T>(
    connection: &Connection,
    sql: &str,
    tail: &str,
    account: Option<&AccountId>,
    read: &mut dyn FnMut(&Row<'_>) -> Read<T>,
) -> Result<Vec<T>> {
    let rows = match account {
        Some(account) => {
            let mut statement = connection.prepare(&format!("{sql} AND d.account = ?1 {tail}"))?;
            statement.query_map(params![account.as_str()], read)?.collect::<Read<_>>()
        }
        None => connection.prepare(&format!("{sql} {tail}"))?.query_map(params![], read)?.collect::<Read<_>>(),
    };
    Ok(rows?)
}
