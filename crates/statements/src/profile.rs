//! A profile: how to read one bank's CSV, written by a person, proposed by us, or built in.

use serde::{Deserialize, Serialize};

use crate::csv::date::DateOrder;
use crate::encoding;
use crate::error::{ReadError, Trouble, quoted};
use crate::limits::PROFILE_BYTES_MAX;

/// How to read one bank's CSV.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name, shown wherever a file was read with it.
    pub name: String,
    /// The bank and the export it is for, as text for people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub bank: String,
    /// Every column name of the header. With it the profile recognises its files by itself; without it, it must be named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub header: Vec<String>,
    /// Column names that may stand in the header or not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub optional: Vec<String>,
    /// The file has no header; columns are given as positions.
    #[serde(default, skip_serializing_if = "is_false")]
    pub headerless: bool,
    /// Rows before the header, or before the first line where there is no header; empty rows do not count. Without it the header is
    /// searched for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skip_rows: Option<usize>,
    /// The sign between fields: `,`, `;`, `|` or a tab. Without it, the one that gives the header.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// The encoding, where the file is not Unicode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// In which order day, month and year stand, where the file leaves it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date_order: Option<DateOrder>,
    /// The decimal sign, `.` or `,`, where the file leaves it open.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decimal: Option<char>,
    /// The currency, where neither the file nor the command line says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// How an amount gets its sign.
    #[serde(default)]
    pub sign: Sign,
    /// Words of the indicator column that mean money out; the usual ones are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub money_out: Vec<String>,
    /// Words of the indicator column that mean money in; the usual ones are known.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub money_in: Vec<String>,
    /// Words of the status column that mean booked; the usual ones are known. With it, every other word is left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub booked: Vec<String>,
    /// Rows in which some field begins with one of these are no lines (`Beginning balance`).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub summary_rows: Vec<String>,
    /// The bank's running balance is known not to follow the order of rows.
    #[serde(default, skip_serializing_if = "is_false")]
    pub loose_balance: bool,
    /// A row without a balance, before the first or behind the last row that has one, is not booked yet.
    #[serde(default, skip_serializing_if = "is_false")]
    pub pending_without_balance: bool,
    /// Which column is what.
    pub columns: Columns,
}

/// How an amount gets its sign.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sign {
    /// One column with signs, or two columns whose signs the file itself shows.
    #[default]
    Signed,
    /// A debit and a credit column, both positive.
    TwoColumns,
    /// A debit column that is negative and a credit column.
    TwoSignedColumns,
    /// A positive amount and a column that says which way.
    Indicator,
}

/// Which column is what: a name as in the header, or a position from 1.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Columns {
    /// The day the bank booked it.
    pub date: Column,
    /// The value date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value_date: Option<Column>,
    /// The amount.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Column>,
    /// Money out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub debit: Option<Column>,
    /// Money in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Column>,
    /// Which way the amount goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub indicator: Option<Column>,
    /// Texts, joined in this order.
    pub description: Vec<Column>,
    /// Who paid or was paid; the first that is not empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub counterparty: Vec<Column>,
    /// References, the bank's own first; the first that is not empty is the line's, the others are kept beside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference: Vec<Column>,
    /// The currency's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Column>,
    /// The balance after the line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Column>,
    /// Booked, pending, failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Column>,
    /// The statement's own account number; two of them in one file are an error.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<Column>,
}

/// A column by its name or by its position from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Column {
    /// From 1.
    Position(usize),
    /// As in the header; case, accents and punctuation do not matter.
    Name(String),
}

impl Default for Column {
    fn default() -> Self {
        Self::Position(1)
    }
}

fn is_false(value: &bool) -> bool {
    !value
}

/// Refuses a profile that is too long to be one, whoever wrote it.
///
/// # Errors
/// [`Trouble::TooLarge`].
pub(crate) fn check_size(text: &str) -> Result<(), ReadError> {
    if text.len() > PROFILE_BYTES_MAX {
        let expected = format!("a profile of at most {PROFILE_BYTES_MAX} bytes");
        return Err(ReadError::new(Trouble::TooLarge, format!("{} bytes", text.len()), expected));
    }
    Ok(())
}

impl Profile {
    /// Reads a profile from TOML.
    ///
    /// # Errors
    /// [`Trouble::Profile`] for text that is not TOML, unknown names, and values that cannot be.
    pub fn parse(text: &str, file_name: &str) -> Result<Self, ReadError> {
        Self::parse_text(text)
            .map_err(|error| error.in_file(file_name).hint("`tieout profile show chase` prints a whole profile as an example"))
    }

    fn parse_text(text: &str) -> Result<Self, ReadError> {
        check_size(text)?;
        let profile: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| text.bytes().take(span.start).filter(|&b| b == b'\n').count() as u64 + 1);
            ReadError::new(Trouble::Profile, error.message().replace('\n', " "), "a profile in TOML").line(line)
        })?;
        profile.check()?;
        Ok(profile)
    }

    /// The profile as TOML.
    #[must_use]
    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }

    fn check(&self) -> Result<(), ReadError> {
        let wrong = |field: &str, found: String, expected: &str| {
            Err(ReadError::new(Trouble::Profile, found, expected).field(format!("`{field}`")))
        };
        if self.name.is_empty() || self.name.len() > 64 || self.name.chars().any(char::is_control) {
            return wrong("name", quoted(&self.name), "1 to 64 bytes of visible text");
        }
        if let Some(delimiter) = self.delimiter.filter(|sign| !matches!(sign, ',' | ';' | '\t' | '|')) {
            return wrong("delimiter", quoted(&delimiter.to_string()), "`,`, `;`, `|` or a tab (\"\\t\")");
        }
        if let Some(decimal) = self.decimal.filter(|sign| !matches!(sign, '.' | ',')) {
            return wrong("decimal", quoted(&decimal.to_string()), "`.` or `,`");
        }
        if let Some(name) = self.encoding.as_deref().filter(|name| encoding::by_name(name).is_none()) {
            return wrong("encoding", quoted(name), &format!("one of {}", encoding::NAMES.join(", ")));
        }
        if let Some(code) = self.currency.as_deref().filter(|code| money::Currency::parse(code).is_err()) {
            return wrong("currency", quoted(code), "three letters, such as usd");
        }
        self.check_columns()
    }

    fn check_columns(&self) -> Result<(), ReadError> {
        let columns = &self.columns;
        let wrong = |found: &str, expected: &str| Err(ReadError::new(Trouble::Profile, found, expected).field("`columns`"));
        let pair = columns.debit.is_some() && columns.credit.is_some();
        match self.sign {
            Sign::Signed if columns.amount.is_none() && !pair => wrong("no `amount`", "`amount`, or both `debit` and `credit`"),
            Sign::TwoColumns | Sign::TwoSignedColumns if !pair => wrong("no `debit` or no `credit`", "both, with this `sign`"),
            Sign::Indicator if columns.amount.is_none() || columns.indicator.is_none() => {
                wrong("no `amount` or no `indicator`", "both, with sign = \"indicator\"")
            }
            _ if columns.description.is_empty() => wrong("an empty `description`", "at least one column"),
            _ if columns.all().any(|column| *column == Column::Position(0)) => wrong("position 0", "positions from 1"),
            _ if self.headerless && columns.all().any(|column| matches!(column, Column::Name(_))) => {
                wrong("a column name", "positions, because the file has no header")
            }
            _ => Ok(()),
        }
    }
}

impl Columns {
    /// Every column that the profile names.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Column> {
        let single = [
            &self.value_date,
            &self.amount,
            &self.debit,
            &self.credit,
            &self.indicator,
            &self.currency,
            &self.balance,
            &self.status,
            &self.account,
        ];
        let many = [&self.description, &self.counterparty, &self.reference];
        std::iter::once(&self.date).chain(single.into_iter().flatten()).chain(many.into_iter().flatten())
    }
}
