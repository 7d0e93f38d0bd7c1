//! Txns, with the payout that holds them and what was charged before conversion.

use std::ops::ControlFlow;

use facts::{AccountId, PayoutId, Txn, TxnId};
use jiff::Timestamp;
use money::{Amount, Currency};

use super::query::{Query, text};
use crate::database::{Connection, Row, Value, dynamic};
use crate::{Result, Store, StoreError, rows};

/// Which txns. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct TxnFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// In this payout.
    pub payout: Option<PayoutId>,
    /// In no payout.
    pub unassigned: bool,
    /// In this settlement currency.
    pub currency: Option<Currency>,
    /// Of this type of Stripe's.
    pub kind: Option<String>,
    /// Of this reporting category.
    pub reporting_category: Option<String>,
    /// With this status of Stripe's.
    pub status: Option<String>,
    /// Caused by this object.
    pub source: Option<String>,
    /// Created at this instant or later.
    pub from_at: Option<Timestamp>,
    /// Created before this instant.
    pub before_at: Option<Timestamp>,
    /// Whose id, source, payout or description contains this text; case does not matter for plain letters.
    pub search: Option<String>,
    /// Only what comes after this row in the list's order: the last row of the page before.
    pub after: Option<(Timestamp, TxnId)>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// A txn, where it went, and what was charged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TxnRow {
    /// The txn.
    pub txn: Txn,
    /// The payout whose list names it.
    pub payout: Option<PayoutId>,
    /// What was charged, refunded or disputed in the customer's currency, signed as the txn's amount: from the object behind
    /// the txn, and only where `exchange_rate` says that something was converted.
    pub source_amount: Option<Amount>,
}

/// What was charged stands at the object behind the txn; it is looked up only where something was converted.
const TXNS: &str = "FROM txn t \
     LEFT JOIN charge c ON t.exchange_rate IS NOT NULL AND c.account = t.account AND c.id = t.source \
     LEFT JOIN refund r ON t.exchange_rate IS NOT NULL AND r.account = t.account AND r.id = t.source \
     LEFT JOIN dispute d ON t.exchange_rate IS NOT NULL AND d.account = t.account AND d.id = t.source";

const SOURCE_AMOUNT: &str =
    "COALESCE(c.currency, r.currency, d.currency), COALESCE(c.amount_minor, r.amount_minor, d.amount_minor)";

/// The order in which txns are shown.
const NEWEST_FIRST: &str = "t.created_at DESC, t.id DESC, t.account";

/// The same order for few txns out of many: the sum keeps the database from walking a whole account in the order of an index
/// when the payout's own few rows are quickly found and sorted.
const FEW_NEWEST_FIRST: &str = "t.created_at + 0 DESC, t.id DESC, t.account";

/// The order in which money moved; few out of many, as above.
const OLDEST_FIRST: &str = "t.created_at + 0, t.id, t.account";

impl Store {
    /// Txns, newest first, then by id, descending; handed to `each` one by one until it says to stop, so that a million of
    /// them need no memory.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn txns(&self, filter: &TxnFilter, each: &mut dyn FnMut(TxnRow) -> ControlFlow<()>) -> Result<()> {
        let few = filter.payout.is_some() || filter.source.is_some();
        let (sql, parameters) = query(filter).order(if few { FEW_NEWEST_FIRST } else { NEWEST_FIRST }, filter.limit);
        self.read(|connection| stream(connection, &sql, parameters, each))
    }

    /// The txn with this id, in whichever account.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn txn(&self, id: &str) -> Result<Option<TxnRow>> {
        let mut query = Query::new(select());
        query.when("t.id = $", text(Some(id)));
        Ok(self.listed(query, Some(1))?.pop())
    }

    /// The txns that a payout's list names, its own among them, oldest first.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn payout_txns(&self, account: &AccountId, payout: &PayoutId) -> Result<Vec<TxnRow>> {
        let filter = TxnFilter { account: Some(account.clone()), payout: Some(payout.clone()), ..TxnFilter::default() };
        self.listed(query(&filter), None)
    }

    /// The txns of an account and currency that no payout's list names, oldest first: what a gap may be made of.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn unassigned_txns(&self, account: &AccountId, currency: Currency) -> Result<Vec<TxnRow>> {
        let filter =
            TxnFilter { account: Some(account.clone()), currency: Some(currency), unassigned: true, ..TxnFilter::default() };
        self.listed(query(&filter), None)
    }

    fn listed(&self, query: Query, limit: Option<u64>) -> Result<Vec<TxnRow>> {
        let (sql, parameters) = query.order(OLDEST_FIRST, limit);
        let mut listed = Vec::new();
        let mut each = |row| {
            listed.push(row);
            ControlFlow::Continue(())
        };
        self.read(|connection| stream(connection, &sql, parameters, &mut each))?;
        Ok(listed)
    }
}

fn select() -> String {
    format!("SELECT {}, t.payout, {SOURCE_AMOUNT} {TXNS}", rows::TXN)
}

fn query(filter: &TxnFilter) -> Query {
    let mut query = Query::new(select());
    query.when("t.account = $", text(filter.account.as_ref().map(AccountId::as_str)));
    if filter.account.is_none() {
        // The index on payouts begins with the account.
        let payout = text(filter.payout.as_ref().map(PayoutId::as_str));
        query.when("t.account IN (SELECT p.account FROM payout p WHERE p.id = $)", payout);
    }
    query.when("t.payout = $", text(filter.payout.as_ref().map(PayoutId::as_str)));
    if filter.unassigned {
        query.only("t.payout IS NULL");
    }
    query.when("t.currency = $", text(filter.currency.as_ref().map(Currency::as_str)));
    query.when("t.kind = $", filter.kind.clone());
    query.when("t.reporting_category = $", filter.reporting_category.clone());
    query.when("t.status = $", filter.status.clone());
    query.when("t.source = $", filter.source.clone());
    query.when("t.created_at >= $", filter.from_at.map(whole_second_from));
    query.when("t.created_at < $", filter.before_at.map(whole_second_from));
    query.contains(&["t.id", "t.source", "t.payout", "t.description"], filter.search.as_deref());
    query.after("t.created_at", "t.id", filter.after.as_ref().map(|(at, id)| (at.as_second(), id.as_str())));
    query
}

/// The first whole second at or after an instant: Stripe's instants have no fractions, so that nothing lies between.
fn whole_second_from(at: Timestamp) -> i64 {
    if at.subsec_nanosecond() > 0 { at.as_second().saturating_add(1) } else { at.as_second() }
}

fn stream(
    connection: &Connection,
    sql: &str,
    parameters: Vec<Value>,
    each: &mut dyn FnMut(TxnRow) -> ControlFlow<()>,
) -> Result<()> {
    connection.prepare(sql)?.stream(&dynamic(&parameters), |row| Ok::<_, StoreError>(each(txn_row(row)?)))
}

fn txn_row(row: &Row<'_>) -> Result<TxnRow> {
    let txn = rows::txn(row)?;
    let payout = rows::id_or_none(row, rows::TXN_COLUMNS, PayoutId::parse)?;
    let currency = rows::id_or_none(row, rows::TXN_COLUMNS + 1, Currency::parse)?;
    let charged: Option<i64> = row.get(rows::TXN_COLUMNS + 2)?;
    let source_amount = match (currency, charged) {
        (Some(currency), Some(minor)) => Some(signed_as(&txn, Amount::new(minor, currency))?),
        _ => None,
    };
    Ok(TxnRow { txn, payout, source_amount })
}

/// Charges, refunds and disputes hold positive amounts; what they did to the balance is the txn's sign.
fn signed_as(txn: &Txn, amount: Amount) -> Result<Amount> {
    if (txn.amount.minor() < 0) == (amount.minor() < 0) {
        return Ok(amount);
    }
    amount.checked_neg().map_err(|_| StoreError::Overflow { what: format!("the amount of the object behind {}", txn.id) })
}
