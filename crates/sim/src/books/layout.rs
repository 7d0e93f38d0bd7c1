//! How a system writes a row: its columns, its words, its dates and amounts.

use money::{Amount, Currency};

use super::row::{Account, Role, Row};
use crate::{options::SimError, world::calendar};

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    /// The document's number.
    Number,
    /// The document's type, in the system's words.
    Type,
    Date,
    Name,
    Email,
    Reference,
    Memo,
    Account,
    Currency,
    /// The amount with its sign.
    Signed,
    /// The amount without its sign.
    Unsigned,
    /// A positive amount; else empty.
    Debit,
    /// A negative amount, without its sign; else empty.
    Credit,
    /// Without tax, signed.
    Net,
    /// The tax in it, signed.
    Tax,
    /// What was converted, in its own currency, signed; where nothing was, the amount itself.
    Foreign,
    ForeignCurrency,
    /// Major units for one major unit.
    Rate,
    /// The same in every row.
    Fixed(&'static str),
}

/// How dates are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dates {
    /// `2026-07-03`
    Iso,
    /// `07/03/2026`
    MonthFirst,
    /// `03/07/2026`
    DayFirst,
    /// `03.07.2026`
    Dotted,
    /// `2026/07/03`
    Slashed,
    /// `3 Jul 2026`
    Named,
    /// `20260703`
    Packed,
}

/// How a negative amount is marked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Negative {
    /// `-12.50`
    Minus,
    /// `12.50-`
    Trailing,
    /// `(12.50)`
    Parentheses,
}

/// How amounts are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Amounts {
    pub(super) decimal: char,
    /// What stands between thousands.
    pub(super) thousands: Option<char>,
    pub(super) negative: Negative,
}

/// How a system writes one book in one country.
#[derive(Clone, Copy, Debug)]
pub(super) struct Layout {
    pub(super) columns: &'static [(&'static str, Cell)],
    pub(super) delimiter: char,
    pub(super) dates: Dates,
    pub(super) amounts: Amounts,
    pub(super) latin1: bool,
    /// Begins with a byte order mark.
    pub(super) marked: bool,
    /// Lines above the header.
    pub(super) preamble: &'static [&'static str],
    /// One file a quarter instead of one a month.
    pub(super) quarterly: bool,
    /// Percent of tax in each price.
    pub(super) tax_percent: i64,
    pub(super) word: fn(Role) -> &'static str,
    pub(super) account: fn(Account) -> &'static str,
}

impl Layout {
    /// The place of the column that shows this.
    pub(super) fn column(&self, cell: Cell) -> Option<usize> {
        self.columns.iter().position(|(_, shown)| *shown == cell)
    }

    /// The heading of the column that shows this.
    pub(super) fn heading(&self, cell: Cell) -> Option<&'static str> {
        self.columns.iter().find(|(_, shown)| *shown == cell).map(|(heading, _)| *heading)
    }

    /// Whether names and e-mails can be seen.
    pub(super) fn shown(&self) -> (bool, bool) {
        (self.column(Cell::Name).is_some(), self.column(Cell::Email).is_some())
    }

    /// The column in which an amount of this sign stands.
    pub(super) fn amount_cell(&self, amount: i64) -> Cell {
        let side = if amount < 0 { Cell::Credit } else { Cell::Debit };
        [Cell::Signed, Cell::Unsigned, side].into_iter().find(|cell| self.column(*cell).is_some()).unwrap_or(side)
    }

    /// The lines above the rows.
    pub(super) fn head(&self) -> Vec<u8> {
        let mut bytes = if self.marked { vec![0xef, 0xbb, 0xbf] } else { Vec::new() };
        for line in self.preamble {
            bytes.extend(self.encode(format!("{line}\r\n")));
        }
        bytes.extend(self.line(self.columns.iter().map(|(heading, _)| (*heading).to_owned())));
        bytes
    }

    /// The line of one row.
    pub(super) fn row(&self, row: &Row) -> Result<Vec<u8>, SimError> {
        let cells: Result<Vec<String>, SimError> = self.columns.iter().map(|(_, cell)| self.cell(*cell, row)).collect();
        Ok(self.line(cells?.into_iter()))
    }

    /// What stands in a column of a row.
    pub(super) fn cell(&self, cell: Cell, row: &Row) -> Result<String, SimError> {
        let net = row.amount.saturating_mul(100) / (100 + self.tax_percent);
        let foreign = row.converted.map_or((row.currency, row.amount), |(currency, minor, _)| (currency, minor));
        Ok(match cell {
            Cell::Number => row.number.clone(),
            Cell::Type => (self.word)(row.role).to_owned(),
            Cell::Date => self.date(row.day)?,
            Cell::Name => row.name.clone(),
            Cell::Email => row.email.clone(),
            Cell::Reference => row.reference.clone(),
            Cell::Memo => row.memo.clone(),
            Cell::Account => (self.account)(row.account).to_owned(),
            Cell::Currency => row.currency.upper(),
            Cell::Signed => self.amount(row.amount, row.currency),
            Cell::Unsigned => self.amount(row.amount.abs(), row.currency),
            Cell::Debit if row.amount >= 0 => self.amount(row.amount, row.currency),
            Cell::Credit if row.amount < 0 => self.amount(-row.amount, row.currency),
            Cell::Debit | Cell::Credit => String::new(),
            Cell::Net => self.amount(net, row.currency),
            Cell::Tax => self.amount(row.amount - net, row.currency),
            Cell::Foreign => self.amount(foreign.1, foreign.0),
            Cell::ForeignCurrency => foreign.0.upper(),
            Cell::Rate => self.rate(row.converted.map_or(1_000_000, |(_, _, rate)| rate)),
            Cell::Fixed(text) => text.to_owned(),
        })
    }

    fn line(&self, cells: impl Iterator<Item = String>) -> Vec<u8> {
        let mut line = String::new();
        for (at, cell) in cells.enumerate() {
            if at > 0 {
                line.push(self.delimiter);
            }
            if cell.contains([self.delimiter, '"']) {
                line.extend(["\"", &cell.replace('"', "\"\""), "\""]);
            } else {
                line.push_str(&cell);
            }
        }
        line.push_str("\r\n");
        self.encode(line)
    }

    /// Every letter of the simulator's names has a place in Latin-1; what has none becomes a question mark.
    fn encode(&self, text: String) -> Vec<u8> {
        if self.latin1 {
            text.chars().map(|letter| u8::try_from(u32::from(letter)).unwrap_or(b'?')).collect()
        } else {
            text.into_bytes()
        }
    }

    fn date(&self, day: i64) -> Result<String, SimError> {
        const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let on = calendar::date(day)?;
        let (y, m, d) = (on.year(), on.month(), on.day());
        Ok(match self.dates {
            Dates::Iso => format!("{y}-{m:02}-{d:02}"),
            Dates::MonthFirst => format!("{m:02}/{d:02}/{y}"),
            Dates::DayFirst => format!("{d:02}/{m:02}/{y}"),
            Dates::Dotted => format!("{d:02}.{m:02}.{y}"),
            Dates::Slashed => format!("{y}/{m:02}/{d:02}"),
            Dates::Named => format!("{d} {} {y}", MONTHS.get((m - 1).unsigned_abs() as usize).copied().unwrap_or_default()),
            Dates::Packed => format!("{y}{m:02}{d:02}"),
        })
    }

    fn amount(&self, minor: i64, currency: Currency) -> String {
        let major = Amount::new(minor.abs(), currency).to_major();
        let (whole, part) = major.split_once('.').unwrap_or((&major, ""));
        let mut text = self.thousands(whole);
        if !part.is_empty() {
            text.push(self.amounts.decimal);
            text.push_str(part);
        }
        match self.amounts.negative {
            _ if minor >= 0 => text,
            Negative::Minus => format!("-{text}"),
            Negative::Trailing => format!("{text}-"),
            Negative::Parentheses => format!("({text})"),
        }
    }

    fn thousands(&self, whole: &str) -> String {
        let Some(mark) = self.amounts.thousands else { return whole.to_owned() };
        let mut text = String::new();
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(mark);
            }
            text.push(digit);
        }
        text
    }

    fn rate(&self, millionths: u64) -> String {
        format!("{}{}{:06}", millionths / 1_000_000, self.amounts.decimal, millionths % 1_000_000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::books::systems::System;

    fn layout(amounts: Amounts, dates: Dates) -> Layout {
        let region = calendar::Region::Us;
        Layout { amounts, dates, ..System::Xero.layout(crate::books::row::Book::Invoices, region) }
    }

    #[test]
    fn amounts_are_written_as_each_country_does() {
        let amounts = |decimal, thousands, negative| layout(Amounts { decimal, thousands, negative }, Dates::Iso);
        let of = |layout: Layout, minor| layout.amount(minor, Currency::EUR);
        assert_eq!(of(amounts(',', Some('.'), Negative::Trailing), -123_456_789), "1.234.567,89-");
        assert_eq!(of(amounts('.', Some(','), Negative::Parentheses), -100_000), "(1,000.00)");
        assert_eq!(of(amounts('.', None, Negative::Minus), -5), "-0.05");
        assert_eq!(amounts('.', Some(','), Negative::Minus).amount(1_234, Currency::JPY), "1,234");
    }

    #[test]
    fn dates_are_written_as_each_system_does() {
        let dates = [Dates::Iso, Dates::MonthFirst, Dates::DayFirst, Dates::Dotted, Dates::Slashed, Dates::Named, Dates::Packed];
        let amounts = Amounts { decimal: '.', thousands: None, negative: Negative::Minus };
        let written: Vec<String> = dates.iter().filter_map(|dates| layout(amounts, *dates).date(20_637).ok()).collect();
        assert_eq!(written, ["2026-07-03", "07/03/2026", "03/07/2026", "03.07.2026", "2026/07/03", "3 Jul 2026", "20260703"]);
    }
}
