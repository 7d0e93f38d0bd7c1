//! Payouts with their verdicts.

use facts::{
    AccountId, Allocation, BankLine, BankLineId, Bucket, CompositionState, DepositState, Payout, PayoutId, PayoutVerdict,
};
use jiff::civil::Date;
use money::Currency;

use super::query::{Query, text};
use crate::database::{Connection, Row, Value, dynamic, params};
use crate::{Result, Store, rows};

/// Which payouts. The default is all of them.
#[derive(Clone, Debug, Default)]
pub struct PayoutFilter {
    /// Of this account.
    pub account: Option<AccountId>,
    /// In this currency.
    pub currency: Option<Currency>,
    /// In this bucket. A payout without a verdict reads in transit.
    pub bucket: Option<Bucket>,
    /// With this deposit state. A payout without a verdict reads awaiting.
    pub deposit: Option<DepositState>,
    /// With this composition state.
    pub composition: Option<CompositionState>,
    /// With this status of Stripe's.
    pub status: Option<String>,
    /// Expected at the bank on this day or later.
    pub from_on: Option<Date>,
    /// Expected at the bank on this day or earlier.
    pub to_on: Option<Date>,
    /// Whose id, trace id, statement descriptor or description contains this text; case does not matter for plain letters.
    pub search: Option<String>,
    /// Only what comes after this row in the list's order: the last row of the page before.
    pub after: Option<(Date, PayoutId)>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// A payout, what was concluded of it, and the bank lines it arrived in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutRow {
    /// The payout.
    pub payout: Payout,
    /// `None` before the first reconciliation that saw it.
    pub verdict: Option<PayoutVerdict>,
    /// The lines of the verdict's allocations, in their order.
    pub bank_lines: Vec<BankLine>,
}

/// The payouts of a filter in one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PayoutTotal {
    /// Which currency.
    pub currency: Currency,
    /// How many payouts.
    pub count: u64,
    /// Σ amount, minor units, signed.
    pub amount_minor: i64,
    /// Σ found − expected, minor units, signed.
    pub difference_minor: i64,
}

const PAYOUTS: &str = "FROM payout p LEFT JOIN payout_verdict v ON v.account = p.account AND v.payout = p.id";

const TOTALS: &str = "p.currency, COUNT(*), CAST(SUM(p.amount_minor) AS BIGINT), \
     CAST(SUM(COALESCE(v.deposit_difference_minor, 0)) AS BIGINT)";

const ALLOCATED: &str =
    "FROM deposit_line d JOIN bank_line l ON l.id = d.bank_line WHERE d.account = ?1 AND d.payout = ?2 ORDER BY d.place";

impl Store {
    /// Payouts, by the day they are expected at the bank, latest first, then by id, descending.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn payouts(&self, filter: &PayoutFilter) -> Result<Vec<PayoutRow>> {
        let (sql, parameters) = narrowed(select(), filter).order("p.arrives_on DESC, p.id DESC, p.account", filter.limit);
        self.view(|connection| rows_of(connection, &sql, parameters))
    }

    /// How many payouts a filter has and what they sum to, by currency; its limit does not matter.
    ///
    /// # Errors
    /// [`crate::StoreError`], also when a sum does not fit 64 bits.
    pub fn payout_totals(&self, filter: &PayoutFilter) -> Result<Vec<PayoutTotal>> {
        let select = format!("SELECT {TOTALS} {PAYOUTS}");
        let (sql, parameters) = narrowed(select, filter).group("p.currency");
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let mut found = statement.query(&dynamic(&parameters))?;
            let mut totals = Vec::new();
            while let Some(ref row) = found.next()? {
                totals.push(PayoutTotal {
                    currency: rows::currency(row, 0)?,
                    count: rows::narrow(row, 1)?,
                    amount_minor: row.get(2)?,
                    difference_minor: row.get(3)?,
                });
            }
            Ok(totals)
        })
    }

    /// The payout with this id, in whichever account.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn payout(&self, id: &str) -> Result<Option<PayoutRow>> {
        let mut query = Query::new(select());
        query.when("p.id = $", text(Some(id)));
        let (sql, parameters) = query.order("p.account", Some(1));
        self.view(|connection| Ok(rows_of(connection, &sql, parameters)?.pop()))
    }
}

/// Everything of a filter but its limit.
fn narrowed(select: String, filter: &PayoutFilter) -> Query {
    let mut query = Query::new(select);
    query.when("p.account = $", text(filter.account.as_ref().map(AccountId::as_str)));
    query.when("p.currency = $", text(filter.currency.as_ref().map(Currency::as_str)));
    query.when("COALESCE(v.bucket, 'in_transit') = $", text(filter.bucket.map(Bucket::as_str)));
    query.when("COALESCE(v.deposit, 'awaiting') = $", text(filter.deposit.map(DepositState::as_str)));
    query.when("v.composition = $", text(filter.composition.map(CompositionState::as_str)));
    query.when("p.status = $", filter.status.clone());
    query.when("p.arrives_on >= $", filter.from_on.map(|date| date.to_string()));
    query.when("p.arrives_on <= $", filter.to_on.map(|date| date.to_string()));
    query.contains(&["p.id", "p.trace_value", "p.statement_descriptor", "p.description"], filter.search.as_deref());
    query.after("p.arrives_on", "p.id", filter.after.as_ref().map(|(date, id)| (date.to_string(), id.as_str())));
    query
}

fn select() -> String {
    format!("SELECT {}, {} {PAYOUTS}", rows::PAYOUT, rows::VERDICT)
}

fn rows_of(connection: &Connection, sql: &str, parameters: Vec<Value>) -> Result<Vec<PayoutRow>> {
    let mut statement = connection.prepare(sql)?;
    let mut found = statement.query(&dynamic(&parameters))?;
    let mut payouts = Vec::new();
    while let Some(ref row) = found.next()? {
        payouts.push(payout_row(connection, row)?);
    }
    Ok(payouts)
}

fn payout_row(connection: &Connection, row: &Row<'_>) -> Result<PayoutRow> {
    let payout = rows::payout(row)?;
    let judged: Option<String> = row.get(rows::PAYOUT_COLUMNS)?;
    if judged.is_none() {
        return Ok(PayoutRow { payout, verdict: None, bank_lines: Vec::new() });
    }
    let (allocations, bank_lines) = allocated(connection, &payout)?;
    let verdict = Some(rows::verdict(row, rows::PAYOUT_COLUMNS, allocations)?);
    Ok(PayoutRow { payout, verdict, bank_lines })
}

fn allocated(connection: &Connection, payout: &Payout) -> Result<(Vec<Allocation>, Vec<BankLine>)> {
    let sql = format!("SELECT {}, d.bank_line, d.allocated_minor {ALLOCATED}", rows::BANK_LINE);
    let mut statement = connection.prepare(&sql)?;
    let mut found = statement.query(params![payout.account.as_str(), payout.id.as_str()])?;
    let (mut allocations, mut bank_lines) = (Vec::new(), Vec::new());
    while let Some(ref row) = found.next()? {
        let bank_line = rows::id(row, rows::BANK_LINE_COLUMNS, BankLineId::parse)?;
        allocations.push(Allocation { bank_line, allocated_minor: row.get(rows::BANK_LINE_COLUMNS + 1)? });
        bank_lines.push(rows::bank_line(row)?);
    }
    Ok((allocations, bank_lines))
}
