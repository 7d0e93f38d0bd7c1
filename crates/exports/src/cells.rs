//! Fields to amounts, ids and words.

use money::{Amount, Currency, MoneyError};

use crate::columns::{Column, Columns};
use crate::error::{ReadError, quoted};
use crate::table::Row;

/// The columns of an amount, its fee and what moves the balance, in major units of the currency beside them.
#[derive(Clone, Debug)]
pub(crate) struct MoneyColumns {
    pub currency: Column,
    pub gross: Column,
    pub fee: Column,
    pub net: Column,
}

/// What they say in one row. Signs as the file writes them; net is gross less fee.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Money {
    pub currency: Currency,
    pub gross_minor: i64,
    pub fee_minor: i64,
    pub net_minor: i64,
}

impl MoneyColumns {
    /// The columns, where the one of the gross amount has this name.
    pub(crate) fn need(columns: &Columns<'_>, gross: &str) -> Result<Self, ReadError> {
        Ok(Self {
            currency: columns.need("currency")?,
            gross: columns.need(gross)?,
            fee: columns.need("fee")?,
            net: columns.need("net")?,
        })
    }

    pub(crate) fn all(&self) -> [&Column; 4] {
        [&self.currency, &self.gross, &self.fee, &self.net]
    }

    /// Reads a row.
    ///
    /// # Errors
    /// What is no amount or currency, and amounts that contradict one another.
    pub(crate) fn read(&self, row: &Row<'_>) -> Result<Money, ReadError> {
        let code = row.cell(self.currency.at);
        let currency = Currency::parse(code).map_err(|_| {
            ReadError::new(quoted(code), "a currency code such as usd").line(row.line).column(&self.currency.name)
        })?;
        let minor = |column: &Column| minor(row, column, currency);
        let (gross_minor, fee_minor, net_minor) = (minor(&self.gross)?, minor(&self.fee)?, minor(&self.net)?);
        if gross_minor.checked_sub(fee_minor) != Some(net_minor) {
            let [gross, fee, net] = [&self.gross, &self.fee, &self.net].map(|column| quoted(row.cell(column.at)));
            let expected = format!("{} less {}, {gross} less {fee}", self.gross.name, self.fee.name);
            return Err(ReadError::new(net, expected).line(row.line).column(&self.net.name));
        }
        Ok(Money { currency, gross_minor, fee_minor, net_minor })
    }
}

impl Money {
    /// The other way round, as the reports of payouts count: what leaves the balance is positive there.
    ///
    /// # Errors
    /// An amount that has no opposite.
    pub(crate) fn turned(self, row: &Row<'_>) -> Result<Self, ReadError> {
        let turn = |minor: i64| {
            minor.checked_neg().ok_or_else(|| ReadError::new("an amount that does not fit 64 bits", "less").line(row.line))
        };
        Ok(Self {
            gross_minor: turn(self.gross_minor)?,
            fee_minor: turn(self.fee_minor)?,
            net_minor: turn(self.net_minor)?,
            ..self
        })
    }
}

fn minor(row: &Row<'_>, column: &Column, currency: Currency) -> Result<i64, ReadError> {
    let cell = row.cell(column.at);
    let amount = Amount::from_major(cell, currency).map_err(|error| {
        let why = if error == MoneyError::Overflow { ", which does not fit 64 bits" } else { "" };
        let example = Amount::new(123_456, currency).to_major();
        let expected = format!("an amount in {}, such as {example}", currency.upper());
        let found = if cell.is_empty() { "nothing".to_owned() } else { format!("{}{why}", quoted(cell)) };
        let mut error = ReadError::new(found, expected).line(row.line).column(&column.name);
        if cell.contains(',') {
            error = error.hint("set the Dashboard's language to English and export it again: amounts are read with a decimal point and without grouping");
        }
        error
    })?;
    Ok(amount.minor())
}

/// An id.
///
/// # Errors
/// What cannot be one, nothing included.
pub(crate) fn id<T>(row: &Row<'_>, column: &Column, parse: fn(&str) -> Result<T, facts::BadId>) -> Result<T, ReadError> {
    let cell = row.cell(column.at);
    parse(cell).map_err(|error| {
        let found = if cell.is_empty() { "nothing".to_owned() } else { quoted(cell) };
        ReadError::new(found, format!("a {} id", error.expected)).line(row.line).column(&column.name)
    })
}

/// An id, where the row has one.
pub(crate) fn id_or_none<T>(
    row: &Row<'_>,
    column: Option<&Column>,
    parse: fn(&str) -> Result<T, facts::BadId>,
) -> Result<Option<T>, ReadError> {
    match column {
        Some(column) if !row.cell(column.at).is_empty() => id(row, column, parse).map(Some),
        _ => Ok(None),
    }
}

/// Text, where the row has some.
pub(crate) fn text(row: &Row<'_>, column: Option<&Column>) -> Option<String> {
    column.map(|column| row.cell(column.at)).filter(|cell| !cell.is_empty()).map(str::to_owned)
}
