//! Rows to bank lines.

use std::collections::HashMap;
use std::ops::RangeInclusive;

use facts::BankLine;
use jiff::civil::Date;
use money::{Amount, Currency, MoneyError};

use super::date::{self, DateOrder};
use super::layout::Layout;
use super::number::{self, Written};
use super::signs;
use super::table::Row;
use super::words::{Direction, Standing, direction, standing};
use crate::error::{ReadError, Trouble, quoted};
use crate::identity;
use crate::profile::Sign;
use crate::text;
use crate::{LeftOut, LeftOutReason, Source};

/// What came of the rows.
pub(crate) struct Read {
    pub lines: Vec<BankLine>,
    /// The line in the file of each bank line.
    pub at: Vec<u64>,
    pub left_out: Vec<LeftOut>,
    pub currency: Currency,
    pub account_number: Option<String>,
}

/// Reads every row, or none.
///
/// # Errors
/// See [`ReadError`]; the first thing that cannot be read, in the file's order within each check.
pub(crate) fn read(rows: &[Row], layout: &Layout<'_>, source: &Source<'_>) -> Result<Read, ReadError> {
    let (kept, left_out) = sort_out(rows, layout)?;
    let currency = currency(&kept, layout, source)?;
    let account_number = account(&kept, layout)?;
    let signs = Signs {
        layout,
        currency,
        order: if kept.is_empty() { DateOrder::Ymd } else { signs::date_order(&kept, layout)? },
        decimal: signs::decimal_sign(&kept, layout, currency.exponent())?,
    };
    let amounts = signs.amounts(&kept)?;
    signs.last_line_is_whole(&kept, source.bytes)?;
    let lines = kept.iter().zip(amounts).map(|(row, amount)| signs.line(row, amount, source)).collect::<Result<_, _>>()?;
    Ok(Read { lines, at: kept.iter().map(|row| row.line).collect(), left_out, currency, account_number })
}

/// Tells lines from what is none: pending and failed rows, and text before the first and behind the last line.
fn sort_out<'r>(rows: &'r [Row], layout: &Layout<'_>) -> Result<(Vec<&'r Row>, Vec<LeftOut>), ReadError> {
    let is_text = |row: &Row| is_filler(row) || is_text(row, layout);
    let first = rows.iter().position(|row| !is_text(row)).unwrap_or(rows.len());
    let end = rows.iter().rposition(|row| !is_text(row)).map_or(first, |at| at + 1);
    let mut kept = Vec::with_capacity(rows.len());
    let mut left_out = Vec::new();
    let mut known: HashMap<&str, Standing> = HashMap::new();
    let settled = settled(rows, layout);
    for (at, row) in rows.iter().enumerate() {
        let reason = if is_filler(row) {
            continue;
        } else if at < first || at >= end || is_summary(row, layout) {
            LeftOutReason::NotALine
        } else {
            check_width(row, layout)?;
            let status = layout.roles.status.map_or("", |at| row.cell(at));
            match *known.entry(status).or_insert_with(|| standing(status, layout.profile)) {
                Standing::Booked if settled.as_ref().is_some_and(|settled| !settled.contains(&at)) => LeftOutReason::Pending,
                Standing::Booked => {
                    kept.push(row);
                    continue;
                }
                Standing::Pending => LeftOutReason::Pending,
                Standing::Failed => LeftOutReason::Failed,
                Standing::Unknown => return Err(unknown_status(row, layout)),
            }
        };
        left_out.push(LeftOut { line: row.line, reason, text: text::joined(row.cells.iter()) });
    }
    Ok((kept, left_out))
}

/// From the first to the last row with a balance, for a bank that gives none to a row that is not booked yet.
fn settled(rows: &[Row], layout: &Layout<'_>) -> Option<RangeInclusive<usize>> {
    let column = layout.roles.balance.filter(|_| layout.profile.is_some_and(|profile| profile.pending_without_balance))?;
    let has_balance = |row: &Row| row.cell(column).contains(|sign: char| sign.is_ascii_digit());
    let first = rows.iter().position(has_balance)?;
    Some(first..=rows.iter().rposition(has_balance)?)
}

/// A row of nothing but blanks and rules (`*****`).
fn is_filler(row: &Row) -> bool {
    !row.cells.iter().any(|cell| cell.contains(char::is_alphanumeric))
}

/// A row without date and amount: the bank's own words before or behind the lines.
fn is_text(row: &Row, layout: &Layout<'_>) -> bool {
    let cell = row.cell(layout.roles.date);
    let word: String = cell.chars().take_while(|c| c.is_alphabetic()).collect();
    let no_date =
        cell.is_empty() || !word.is_empty() && date::month(&word).is_none() && date::readings(cell).iter().all(Option::is_none);
    no_date && layout.roles.money().all(|at| !row.cell(at).bytes().any(|byte| byte.is_ascii_digit()))
}

fn is_summary(row: &Row, layout: &Layout<'_>) -> bool {
    let words = layout.profile.map(|profile| profile.summary_rows.as_slice()).unwrap_or_default();
    !words.is_empty() && row.cells.iter().any(|cell| words.iter().any(|word| cell.trim().starts_with(word.as_str())))
}

fn check_width(row: &Row, layout: &Layout<'_>) -> Result<(), ReadError> {
    let fields = row.cells.len();
    if fields < layout.width {
        return Err(ReadError::new(Trouble::Line, format!("{fields} fields"), format!("{}, as in the header", layout.width))
            .line(row.line)
            .hint("the line may be cut off, or a line break stands inside a text without quotes; download the file again"));
    }
    let titles = if layout.header.is_empty() { fields } else { layout.header.len() };
    if row.filled() > titles {
        return Err(ReadError::new(Trouble::Line, format!("{} fields", row.filled()), format!("{titles}, as in the header"))
            .line(row.line)
            .hint("a delimiter probably stands inside a text without quotes; correct this line"));
    }
    Ok(())
}

fn unknown_status(row: &Row, layout: &Layout<'_>) -> ReadError {
    let at = layout.roles.status.unwrap_or_default();
    ReadError::new(Trouble::Line, quoted(row.cell(at)), "a word for booked, pending or failed")
        .line(row.line)
        .field(layout.column(at))
        .hint("say which words mean booked in a profile: `tieout profile new FILE`, then set booked = [\"…\"]")
}

/// The one currency: the column's, the header's, the cells' own, the bank account's or the command line's, the bank's usual one.
fn currency(rows: &[&Row], layout: &Layout<'_>, source: &Source<'_>) -> Result<Currency, ReadError> {
    let mut found: Option<(Currency, u64)> = None;
    let mut meet = |currency: Currency, line: u64, field: &str| match found {
        Some((first, at)) if first != currency => Err(ReadError::new(
            Trouble::Currency,
            format!("{}, while line {at} has {}", currency.upper(), first.upper()),
            "one currency in a file",
        )
        .line(line)
        .field(field.to_owned())
        .hint("export each currency by itself and import each into a bank account of its own")),
        Some(_) => Ok(()),
        None => {
            found = Some((currency, line));
            Ok(())
        }
    };
    for row in rows {
        for at in layout.roles.currency.iter().copied().filter(|at| !row.cell(*at).is_empty()) {
            let cell = row.cell(at);
            let currency = Currency::parse(cell).or_else(|error| sign_currency(cell).ok_or(error)).map_err(|_| {
                ReadError::new(Trouble::Line, quoted(cell), "a currency code, such as EUR")
                    .line(row.line)
                    .field(layout.column(at))
            })?;
            meet(currency, row.line, &layout.column(at))?;
        }
        for at in layout.roles.money() {
            if let Some(currency) = number::take_apart(row.cell(at)).and_then(|written| written.currency) {
                meet(currency, row.line, &layout.column(at))?;
            }
        }
    }
    let header = layout.header_currency;
    let in_file = found.map(|(currency, _)| currency);
    if let (Some(header), Some((currency, line))) = (header, found)
        && header != currency
    {
        return Err(ReadError::new(
            Trouble::Currency,
            format!("{}, while the header says {}", currency.upper(), header.upper()),
            "one currency in a file",
        )
        .line(line));
    }
    match (in_file.or(header), source.currency) {
        (Some(file), Some(asked)) if file != asked => Err(other_currency(file, asked, source)),
        (Some(currency), _) | (None, Some(currency)) => Ok(currency),
        (None, None) => {
            layout.profile.and_then(|profile| Currency::parse(profile.currency.as_deref()?).ok()).ok_or_else(no_currency)
        }
    }
}

fn sign_currency(cell: &str) -> Option<Currency> {
    number::take_apart(&format!("1{cell}"))?.currency
}

/// The file is in another currency than its bank account.
pub(crate) fn other_currency(file: Currency, asked: Currency, source: &Source<'_>) -> ReadError {
    ReadError::new(
        Trouble::Currency,
        format!("amounts in {}", file.upper()),
        format!("{}, the currency of the bank account '{}'", asked.upper(), source.bank_account),
    )
    .hint("import it into a bank account of its own: `--bank-account NAME`")
}

fn no_currency() -> ReadError {
    ReadError::new(Trouble::Currency, "no currency in the file", "one currency")
        .hint("say it with `--currency CODE`, for example `--currency eur`")
}

fn account(rows: &[&Row], layout: &Layout<'_>) -> Result<Option<String>, ReadError> {
    let Some(at) = layout.roles.account else { return Ok(None) };
    let mut first: Option<(&str, u64)> = None;
    for row in rows.iter().filter(|row| !row.cell(at).is_empty()) {
        match first {
            Some((number, line)) if number != row.cell(at) => {
                let found = format!("{}, while line {line} has {}", quoted(row.cell(at)), quoted(number));
                return Err(ReadError::new(Trouble::Accounts, found, "lines of one bank account")
                    .line(row.line)
                    .field(layout.column(at))
                    .hint("export each account by itself and import each with its own `--bank-account NAME`"));
            }
            Some(_) => {}
            None => first = Some((row.cell(at), row.line)),
        }
    }
    Ok(first.map(|(number, _)| number.trim_start_matches('\'').to_owned()))
}

/// How the file writes, once known.
struct Signs<'l> {
    layout: &'l Layout<'l>,
    currency: Currency,
    order: DateOrder,
    decimal: char,
}

impl Signs<'_> {
    fn line(&self, row: &Row, amount: Amount, source: &Source<'_>) -> Result<BankLine, ReadError> {
        let roles = &self.layout.roles;
        let mut references: Vec<String> = Vec::new();
        for reference in roles.reference.iter().filter_map(|at| text::reference(row.cell(*at))) {
            if !references.contains(&reference) {
                references.push(reference);
            }
        }
        let mut references = references.into_iter();
        Ok(BankLine {
            id: identity::unnamed()?,
            bank_account: source.bank_account.clone(),
            date_on: self.date(row, roles.date)?,
            value_on: roles.value_date.filter(|at| !row.cell(*at).is_empty()).map(|at| self.date(row, at)).transpose()?,
            amount,
            description: text::joined(roles.description.iter().map(|at| row.cell(*at))),
            counterparty: roles.counterparty.iter().map(|at| text::squeeze(row.cell(*at))).find(|name| !name.is_empty()),
            reference: references.next(),
            other_references: references.collect(),
            balance_after_minor: self.balance(row)?,
        })
    }

    fn date(&self, row: &Row, at: usize) -> Result<Date, ReadError> {
        date::read(row.cell(at), self.order).ok_or_else(|| signs::bad_date(row, at, self.order, self.layout))
    }

    fn balance(&self, row: &Row) -> Result<Option<i64>, ReadError> {
        let Some(at) = self.layout.roles.balance.filter(|at| !row.cell(*at).is_empty()) else { return Ok(None) };
        match self.money(row, at) {
            Ok(amount) => Ok(Some(amount.minor())),
            Err(_) if self.layout.profile.is_some_and(|profile| profile.loose_balance) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn money(&self, row: &Row, at: usize) -> Result<Amount, ReadError> {
        let cell = row.cell(at);
        let written = number::take_apart(cell).ok_or_else(|| self.bad_amount(row, at, ""))?;
        number::amount(&written, self.decimal, self.currency).map_err(|error| match error {
            MoneyError::Overflow => self.bad_amount(row, at, ", which does not fit 64 bits"),
            _ => self.bad_amount(row, at, ""),
        })
    }

    fn bad_amount(&self, row: &Row, at: usize, why: &str) -> ReadError {
        let cell = row.cell(at);
        let found = if cell.is_empty() { "nothing".to_owned() } else { format!("{}{why}", quoted(cell)) };
        let example = match (self.currency.exponent(), self.decimal) {
            (0, _) => "1234",
            (3, '.') => "1,234.567",
            (3, _) => "1.234,567",
            (_, '.') => "1,234.56",
            _ => "1.234,56",
        };
        ReadError::new(Trouble::Line, found, format!("an amount in {}, such as {example}", self.currency.upper()))
            .line(row.line)
            .field(self.layout.column(at))
            .hint("correct this line in the file, or export it again; nothing of the file was taken")
    }

    /// The signed amount of every line.
    fn amounts(&self, rows: &[&Row]) -> Result<Vec<Amount>, ReadError> {
        let roles = &self.layout.roles;
        let amount = roles.amount.filter(|at| roles.debit.is_none() || rows.iter().any(|row| !row.cell(*at).is_empty()));
        match (amount, roles.indicator, roles.debit.zip(roles.credit)) {
            (Some(at), Some(indicator), _) => self.by_indicator(rows, at, indicator),
            (Some(at), None, None) => rows.iter().map(|row| self.money(row, at)).collect(),
            (None, _, Some((debit, credit))) => self.by_two_columns(rows, debit, credit),
            (Some(at), None, Some((debit, credit))) => self.by_both(rows, at, debit, credit),
            (None, _, None) => Err(ReadError::new(Trouble::Format, "no amount column", "an amount, or debit and credit")),
        }
    }

    fn by_indicator(&self, rows: &[&Row], at: usize, indicator: usize) -> Result<Vec<Amount>, ReadError> {
        let mut plain = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(way) = direction(row.cell(indicator), self.layout.profile) else {
                return Err(ReadError::new(
                    Trouble::Line,
                    quoted(row.cell(indicator)),
                    "a word for money in or money out, such as Credit or Debit",
                )
                .line(row.line)
                .field(self.layout.column(indicator)));
            };
            plain.push((self.money(row, at)?, way));
        }
        let signed = plain.iter().any(|(amount, _)| amount.minor() < 0);
        let turn = |(row, (amount, way)): (&&Row, (Amount, Direction))| match way {
            Direction::In if amount.minor() >= 0 => Ok(amount),
            Direction::Out if signed && amount.minor() <= 0 => Ok(amount),
            Direction::Out if !signed => {
                amount.checked_neg().map_err(|_| self.bad_amount(row, at, ", which does not fit 64 bits"))
            }
            _ => Err(ReadError::new(
                Trouble::Ambiguous,
                format!("{} beside {}", quoted(row.cell(at)), quoted(row.cell(indicator))),
                "a sign and an indicator that agree",
            )
            .line(row.line)
            .field(self.layout.column(at))),
        };
        rows.iter().zip(plain).map(turn).collect()
    }

    fn by_two_columns(&self, rows: &[&Row], debit: usize, credit: usize) -> Result<Vec<Amount>, ReadError> {
        let debits_are_negative = self.debits_are_negative(rows, debit)?;
        rows.iter().map(|row| self.one_of_two(row, debit, credit, debits_are_negative)).collect()
    }

    fn one_of_two(&self, row: &Row, debit: usize, credit: usize, debits_are_negative: bool) -> Result<Amount, ReadError> {
        let value = |at: usize| if is_blank(row.cell(at)) { Ok(None) } else { self.money(row, at).map(Some) };
        let zero = Amount::new(0, self.currency);
        match (value(debit)?, value(credit)?) {
            (Some(out), into) if into.is_none_or(|into| into == zero) && (out != zero || into.is_none()) => {
                if debits_are_negative {
                    Ok(out)
                } else {
                    out.checked_neg().map_err(|_| self.bad_amount(row, debit, ", which does not fit 64 bits"))
                }
            }
            (out, Some(into)) if out.is_none_or(|out| out == zero) => Ok(into),
            (None, None) => Err(ReadError::new(Trouble::Line, "neither a debit nor a credit", "one of the two")
                .line(row.line)
                .field(self.layout.column(debit))),
            _ => Err(ReadError::new(
                Trouble::Line,
                format!("both a debit {} and a credit {}", quoted(row.cell(debit)), quoted(row.cell(credit))),
                "one of the two",
            )
            .line(row.line)
            .field(self.layout.column(debit))),
        }
    }

    fn debits_are_negative(&self, rows: &[&Row], debit: usize) -> Result<bool, ReadError> {
        match self.layout.profile.map(|profile| profile.sign) {
            Some(Sign::TwoColumns) => return Ok(false),
            Some(Sign::TwoSignedColumns) => return Ok(true),
            _ => {}
        }
        let mut first: Option<(bool, u64)> = None;
        for row in rows {
            let Some(Written { negative, body, .. }) = number::take_apart(row.cell(debit)) else { continue };
            if !body.bytes().any(|byte| (b'1'..=b'9').contains(&byte)) {
                continue;
            }
            match first {
                Some((other, line)) if other != negative => {
                    let found = format!("{}, while line {line} has the other sign", quoted(row.cell(debit)));
                    return Err(ReadError::new(Trouble::Ambiguous, found, "debits that all have the same sign")
                        .line(row.line)
                        .field(self.layout.column(debit))
                        .hint("say it in a profile: `tieout profile new FILE`, then set sign = \"two_columns\" or \"two_signed_columns\""));
                }
                _ => first = first.or(Some((negative, row.line))),
            }
        }
        Ok(first.is_some_and(|(negative, _)| negative))
    }

    /// An amount column beside debit and credit: they must say the same.
    fn by_both(&self, rows: &[&Row], at: usize, debit: usize, credit: usize) -> Result<Vec<Amount>, ReadError> {
        let split = self.by_two_columns(rows, debit, credit)?;
        for (row, expected) in rows.iter().zip(&split) {
            let amount = self.money(row, at)?;
            if amount != *expected {
                let found = format!("{}, while debit and credit say {}", quoted(row.cell(at)), expected.to_major());
                return Err(ReadError::new(Trouble::Ambiguous, found, "columns that agree")
                    .line(row.line)
                    .field(self.layout.column(at)));
            }
        }
        Ok(split)
    }

    /// A file that ends without a line break inside an amount leaves a shorter number, which must not pass for the whole one.
    fn last_line_is_whole(&self, rows: &[&Row], bytes: &[u8]) -> Result<(), ReadError> {
        let Some((last, before)) = rows.split_last().filter(|_| !bytes.ends_with(b"\n") && !bytes.ends_with(b"\r")) else {
            return Ok(());
        };
        let at = last.cells.len().saturating_sub(1);
        if before.is_empty() || !self.layout.roles.money().chain(self.layout.roles.balance).any(|column| column == at) {
            return Ok(());
        }
        let decimals = |row: &Row| {
            let cell = row.cell(at);
            (!cell.is_empty()).then(|| {
                cell.rsplit_once(self.decimal).map_or(0, |(_, fraction)| fraction.bytes().filter(u8::is_ascii_digit).count())
            })
        };
        let usual = before.iter().find_map(|row| decimals(row)).unwrap_or(0);
        let regular = before.iter().filter_map(|row| decimals(row)).all(|places| places == usual);
        let always = before.iter().all(|row| decimals(row).is_some());
        let short = decimals(last).map_or(always, |places| regular && places < usual);
        match short {
            true => Err(ReadError::new(
                Trouble::CutOff,
                format!("{} at the end of the file", quoted(last.cell(at))),
                format!("{usual} decimals, as on every other line"),
            )
            .line(last.line)
            .field(self.layout.column(at))
            .hint("the file ends in the middle of a line; download it again")),
            false => Ok(()),
        }
    }
}

/// Nothing, or one of the dashes that some banks write for it.
fn is_blank(cell: &str) -> bool {
    matches!(cell, "" | "-" | "–" | "—" | "--")
}
