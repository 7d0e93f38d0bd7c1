//! What conclusions were drawn from that a later reconciliation of single accounts relies on. It stands in the database, so that it
//! is the same for every process, and outlives them.

use std::collections::{BTreeMap, HashMap, HashSet};

use facts::{AccountId, BankAccountName, Coverage, DestinationId, Payout, Reach, Route, SettlementWindow};
use jiff::Timestamp;
use jiff::civil::Date;
use money::Currency;

use crate::database::{Connection, OptionalExtension, Read, Row, Transaction, params};
use crate::whose::rows_of;
use crate::{Result, rows};

/// What everything was last judged from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basis {
    /// The revision of the data.
    pub revision: i64,
    /// The business day.
    pub day: Date,
    /// The time zone in which days are meant, by its IANA name.
    pub zone: String,
    /// The version of the program: another one may conclude otherwise.
    pub program: String,
    /// The day on which the first payout of each currency arrives.
    pub first_arrivals: HashMap<Currency, Date>,
    /// Where payouts arrive, and the days of which the statements there can tell.
    pub reach: Reach,
}

/// What an account was last judged from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountBasis {
    /// Whose.
    pub account: AccountId,
    /// Until which day it was completely known; `None` where it never was.
    pub known_until: Option<Date>,
    /// Which of its txns must be in a payout by then, by currency.
    pub windows: Vec<SettlementWindow>,
}

const READ: &str = "SELECT revision, day, zone, program FROM basis WHERE one = 1";

const PUT: &str = "INSERT INTO basis (one, revision, day, zone, program) VALUES (1, ?1, ?2, ?3, ?4) \
     ON CONFLICT (one) DO UPDATE SET revision = excluded.revision, day = excluded.day, zone = excluded.zone, \
     program = excluded.program";

const FIRST_ARRIVALS: &str = "SELECT currency, first_arrives_on FROM basis_currency";

const PUT_FIRST_ARRIVAL: &str = "INSERT INTO basis_currency (currency, first_arrives_on) VALUES (?1, ?2)";

const ROUTES: &str = "SELECT account, currency, destination, bank_account FROM basis_route";

const PUT_ROUTE: &str = "INSERT INTO basis_route (account, currency, destination, bank_account) VALUES (?1, ?2, ?3, ?4)";

const STRETCHES: &str = "SELECT bank_account, from_on, until_on FROM basis_stretch ORDER BY bank_account, from_on";

const PUT_STRETCH: &str = "INSERT INTO basis_stretch (bank_account, from_on, until_on) VALUES (?1, ?2, ?3)";

const ACCOUNTS: &str = "SELECT account, known_until FROM basis_account WHERE WHOSE_";

const PUT_ACCOUNT: &str = "INSERT INTO basis_account (account, known_until) VALUES (?1, ?2)";

const WINDOWS: &str = "SELECT account, currency, created_after, available_until, overtaken_until, last_payout_on \
     FROM settlement_window WHERE WHOSE_ ORDER BY account, currency";

const PUT_WINDOW: &str = "INSERT INTO settlement_window \
     (account, currency, created_after, available_until, overtaken_until, last_payout_on) VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

/// What is kept of one account.
const OF_ACCOUNT: [&str; 2] =
    ["DELETE FROM basis_account WHERE account = ?1", "DELETE FROM settlement_window WHERE account = ?1"];

/// What everything was last judged from, whether or not it still stands; `None` where it never was.
pub(crate) fn read(connection: &Connection) -> Result<Option<Basis>> {
    let basis = connection.query_row(READ, params![], |row| {
        Ok(Basis {
            revision: row.get(0)?,
            day: rows::date(row, 1)?,
            zone: row.get(2)?,
            program: row.get(3)?,
            first_arrivals: HashMap::new(),
            reach: Reach::default(),
        })
    });
    let Some(basis) = basis.optional()? else { return Ok(None) };
    let mut statement = connection.prepare(FIRST_ARRIVALS)?;
    let first_arrivals = statement.query_map(params![], |row| Ok((rows::currency(row, 0)?, rows::date(row, 1)?)))?;
    let first_arrivals = first_arrivals.collect::<Read<_>>()?;
    let reach = Reach { routes: routes(connection)?, stretches: stretches(connection)? };
    Ok(Some(Basis { first_arrivals, reach, ..basis }))
}

fn routes(connection: &Connection) -> Result<BTreeMap<Route, BankAccountName>> {
    let mut statement = connection.prepare(ROUTES)?;
    let routes = statement.query_map(params![], |row| {
        let is_unnamed = row.get::<String>(2)?.is_empty();
        let destination = if is_unnamed { None } else { Some(rows::id(row, 2, DestinationId::parse)?) };
        let route = (rows::id(row, 0, AccountId::parse)?, rows::currency(row, 1)?, destination);
        Ok((route, rows::id(row, 3, BankAccountName::parse)?))
    })?;
    Ok(routes.collect::<Read<_>>()?)
}

/// Where payouts of the route of this one arrived.
pub(crate) fn route(connection: &Connection, payout: &Payout) -> Result<Option<BankAccountName>> {
    let sql = "SELECT bank_account FROM basis_route WHERE account = ?1 AND currency = ?2 AND destination = ?3";
    let destination = payout.destination.as_ref().map_or("", DestinationId::as_str);
    let currency = payout.amount.currency();
    let route = params![payout.account.as_str(), currency.as_str(), destination];
    let found = connection.query_row(sql, route, |row| rows::id(row, 0, BankAccountName::parse));
    Ok(found.optional()?)
}

pub(crate) fn stretches(connection: &Connection) -> Result<BTreeMap<BankAccountName, Vec<Coverage>>> {
    let mut statement = connection.prepare(STRETCHES)?;
    let rows = statement.query_map(params![], |row| {
        let days = Coverage { from_on: rows::date(row, 1)?, until_on: rows::date(row, 2)? };
        Ok((rows::id(row, 0, BankAccountName::parse)?, days))
    })?;
    let mut stretches: BTreeMap<BankAccountName, Vec<Coverage>> = BTreeMap::new();
    for row in rows {
        let (bank_account, days) = row?;
        stretches.entry(bank_account).or_default().push(days);
    }
    Ok(stretches)
}

/// What one account was last judged from, or every one.
pub(crate) fn of_accounts(connection: &Connection, account: Option<&AccountId>) -> Result<BTreeMap<AccountId, AccountBasis>> {
    let known = rows_of(connection, ACCOUNTS, "account", account, |row| {
        let account = rows::id(row, 0, AccountId::parse)?;
        Ok((account.clone(), AccountBasis { account, known_until: rows::date_or_none(row, 1)?, windows: Vec::new() }))
    })?;
    let mut accounts: BTreeMap<AccountId, AccountBasis> = known.into_iter().collect();
    for window in rows_of(connection, WINDOWS, "account", account, window)? {
        accounts.entry(window.account.clone()).and_modify(|basis| basis.windows.push(window));
    }
    Ok(accounts)
}

fn window(row: &Row<'_>) -> Read<SettlementWindow> {
    Ok(SettlementWindow {
        account: rows::id(row, 0, AccountId::parse)?,
        currency: rows::currency(row, 1)?,
        created_after: rows::stripe_time_or_none(row, 2)?,
        available_until: rows::date(row, 3)?,
        overtaken_until: rows::date_or_none(row, 4)?,
        last_payout_on: rows::date(row, 5)?,
    })
}

/// Keeps what everything was judged from. What equals the stored row is not written.
pub(crate) fn put(transaction: &Transaction<'_>, basis: &Basis, accounts: &[AccountBasis]) -> Result<()> {
    transaction.execute(PUT, params![basis.revision, basis.day.to_string(), basis.zone, basis.program])?;
    transaction.execute("DELETE FROM basis_currency", params![])?;
    for (currency, day) in &basis.first_arrivals {
        transaction.execute(PUT_FIRST_ARRIVAL, params![currency.as_str(), day.to_string()])?;
    }
    put_reach(transaction, &basis.reach)?;
    let stored = of_accounts(transaction, None)?;
    let judged: HashSet<&AccountId> = accounts.iter().map(|basis| &basis.account).collect();
    stored.keys().filter(|account| !judged.contains(account)).try_for_each(|account| drop_account(transaction, account))?;
    put_accounts(transaction, accounts, |account| Ok(stored.get(account).cloned()))
}

fn put_reach(transaction: &Transaction<'_>, reach: &Reach) -> Result<()> {
    if routes(transaction)? != reach.routes {
        transaction.execute("DELETE FROM basis_route", params![])?;
        let mut statement = transaction.many(PUT_ROUTE)?;
        for ((account, currency, destination), bank_account) in &reach.routes {
            let destination = destination.as_ref().map_or("", DestinationId::as_str);
            statement.add(params![account.as_str(), currency.as_str(), destination, bank_account.as_str()])?;
        }
        statement.send()?;
    }
    transaction.execute("DELETE FROM basis_stretch", params![])?;
    for (bank_account, stretches) in &reach.stretches {
        for days in stretches {
            let row = params![bank_account.as_str(), days.from_on.to_string(), days.until_on.to_string()];
            transaction.execute(PUT_STRETCH, row)?;
        }
    }
    Ok(())
}

/// Keeps what these accounts were judged from.
pub(crate) fn put_some(transaction: &Transaction<'_>, accounts: &[AccountBasis]) -> Result<()> {
    put_accounts(transaction, accounts, |account| Ok(of_accounts(transaction, Some(account))?.remove(account)))
}

fn put_accounts(
    transaction: &Transaction<'_>,
    accounts: &[AccountBasis],
    stored: impl Fn(&AccountId) -> Result<Option<AccountBasis>>,
) -> Result<()> {
    for basis in accounts {
        if stored(&basis.account)?.as_ref() != Some(basis) {
            put_account(transaction, basis)?;
        }
    }
    Ok(())
}

fn put_account(transaction: &Transaction<'_>, basis: &AccountBasis) -> Result<()> {
    drop_account(transaction, &basis.account)?;
    let known_until = basis.known_until.map(|day| day.to_string());
    transaction.prepare(PUT_ACCOUNT)?.execute(params![basis.account.as_str(), known_until])?;
    let mut statement = transaction.prepare(PUT_WINDOW)?;
    for window in &basis.windows {
        statement.execute(params![
            window.account.as_str(),
            window.currency.as_str(),
            window.created_after.map(Timestamp::as_second),
            window.available_until.to_string(),
            window.overtaken_until.map(|day| day.to_string()),
            window.last_payout_on.to_string(),
        ])?;
    }
    Ok(())
}

fn drop_account(transaction: &Transaction<'_>, account: &AccountId) -> Result<()> {
    for sql in OF_ACCOUNT {
        transaction.prepare(sql)?.execute(params![account.as_str()])?;
    }
    Ok(())
}
