//! What a bank told us.

use std::collections::BTreeMap;

use jiff::civil::Date;
use money::{Amount, Currency};

use crate::ids::{AccountId, BankAccountName, BankLineId, DestinationId};

/// A real bank account, named by a person when the first statement was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankAccount {
    /// Its name.
    pub name: BankAccountName,
    /// Its currency; never changes.
    pub currency: Currency,
    /// From the first to the last day that its statements speak for; `None` before the first line.
    pub coverage: Option<Coverage>,
    /// What its statements speak for, by their first day; all of [`Self::coverage`] where a file was imported before that was noted.
    pub spans: Vec<StatementSpan>,
}

/// What one statement speaks for. A file holds one, or several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StatementSpan {
    /// The days of its balances, else from its first to its last line, or those that a person said.
    pub days: Coverage,
    /// The balance before its first line, minor units, in time's order, where it says that.
    pub opening_minor: Option<i64>,
    /// The balance after its last line.
    pub closing_minor: Option<i64>,
}

/// What payouts have in common that arrive in the same place: their account, currency and destination.
pub type Route = (AccountId, Currency, Option<DestinationId>);

/// Where payouts arrive, and the days of which the statements there can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// The bank account where the payouts of a route arrive, where finds tell.
    pub routes: BTreeMap<Route, BankAccountName>,
    /// The stretches of days without a hole that the statements of each bank account speak for, by their first day.
    pub stretches: BTreeMap<BankAccountName, Vec<Coverage>>,
}

/// Days that statements of one bank account speak for, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Coverage {
    /// Opening-balance date, else the first line's.
    pub from_on: Date,
    /// Closing-balance date, else the last line's. Nothing later can be called missing.
    pub until_on: Date,
}

impl Coverage {
    /// From the first to the last day that any of these speaks for; `None` where there is none.
    #[must_use]
    pub fn over(spans: &[StatementSpan]) -> Option<Self> {
        let days = || spans.iter().map(|span| span.days);
        Some(Self { from_on: days().map(|days| days.from_on).min()?, until_on: days().map(|days| days.until_on).max()? })
    }
}

/// One line of a bank statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BankLine {
    /// Made from the line's content and its place among identical ones.
    pub id: BankLineId,
    /// Whose statement.
    pub bank_account: BankAccountName,
    /// The day the bank booked it.
    pub date_on: Date,
    /// The day from which it counts for interest, where the bank says.
    pub value_on: Option<Date>,
    /// Positive is money in.
    pub amount: Amount,
    /// Everything the bank wrote that is not in another field, joined by single blanks; may be empty.
    pub description: String,
    /// Who paid or was paid, where the bank has a field for it.
    pub counterparty: Option<String>,
    /// The bank's own reference of the line, else the end-to-end or customer's reference.
    pub reference: Option<String>,
    /// Every other reference found in a field of its own, in the file's order.
    pub other_references: Vec<String>,
    /// The account's balance after this line, where the file says.
    pub balance_after_minor: Option<i64>,
}
