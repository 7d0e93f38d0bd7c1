//! What each column is, by its cells.

use std::collections::HashSet;

use money::{Amount, Currency};

use super::{is_amount, is_date};
use crate::csv::number::{self, Evidence};
use crate::csv::synonyms::{Role, claims, header_name};
use crate::csv::table::Row;
use crate::csv::words;
use crate::error::{ReadError, Trouble};

/// The lines of a file, and its header where there is one.
pub(super) struct Cells<'r> {
    /// Rows before the header, or before the first line where there is none.
    pub before: usize,
    pub header: Option<&'r Row>,
    lines: Vec<&'r Row>,
    width: usize,
}

impl<'r> Cells<'r> {
    /// Finds the lines: rows that hold a date and an amount.
    ///
    /// # Errors
    /// [`Trouble::Format`] where there is none.
    pub fn of(rows: &'r [Row]) -> Result<Self, ReadError> {
        let is_line = |row: &&Row| row.cells.iter().any(is_date) && row.cells.iter().any(is_amount);
        let first = rows.iter().position(|row| is_line(&row));
        let first =
            first.ok_or_else(|| ReadError::new(Trouble::Format, "no row with a date and an amount", "lines of a statement"))?;
        let lines: Vec<&Row> = rows.iter().skip(first).filter(is_line).collect();
        let width = lines.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        let above = first.checked_sub(1).and_then(|at| rows.get(at));
        let header = above.filter(|row| row.filled() >= 2 && !row.cells.iter().any(|cell| is_date(cell) || is_amount(cell)));
        Ok(Self { before: if header.is_some() { first - 1 } else { first }, header, lines, width })
    }

    /// The cells of a column that are not empty.
    pub fn column(&self, at: usize) -> impl Iterator<Item = &str> {
        self.lines.iter().map(move |row| row.cell(at)).filter(|cell| !cell.is_empty())
    }

    /// The column's name, where no other has it.
    pub fn name(&self, at: usize) -> Option<&str> {
        let header = self.header?;
        let name = header.cell(at);
        let folded = header_name(name);
        let same = header.cells.iter().filter(|other| header_name(other).folded == folded.folded).count();
        (!name.is_empty() && same == 1).then_some(name)
    }

    /// The column as people name it.
    pub fn title(&self, at: usize) -> String {
        self.name(at).map_or_else(|| format!("column {}", at + 1), str::to_owned)
    }

    fn all(&self, at: usize, test: impl Fn(&str) -> bool) -> bool {
        let mut any = false;
        self.column(at).all(|cell| {
            any = true;
            test(cell)
        }) && any
    }

    fn is_full(&self, at: usize) -> bool {
        self.column(at).count() == self.lines.len()
    }

    /// Whether the header's word claims the role.
    fn claims(&self, at: usize, role: Role) -> Option<u8> {
        let (claims, _) = claims(&header_name(self.header?.cell(at)));
        claims.iter().find(|(claimed, _)| *claimed == role).map(|(_, rank)| *rank)
    }
}

/// What was chosen, with the evidence.
#[derive(Default)]
pub(super) struct Chosen {
    pub date: usize,
    pub value_date: Option<usize>,
    pub amount: Option<usize>,
    pub pair: Option<(usize, usize)>,
    pub indicator: Option<usize>,
    pub balance: Option<usize>,
    pub description: Vec<usize>,
    pub reference: Vec<usize>,
    pub currency: Option<usize>,
    pub decimal: Option<char>,
    pub findings: Vec<(usize, &'static str, String)>,
}

/// Chooses the columns.
///
/// # Errors
/// [`Trouble::Format`] where no column can be the date, the amount or the description.
pub(super) fn choose(table: &Cells<'_>) -> Result<Chosen, ReadError> {
    let mut chosen = Chosen::default();
    let count = table.lines.len();
    let mut dates: Vec<usize> = (0..table.width).filter(|at| table.all(*at, is_date) && table.is_full(*at)).collect();
    dates.sort_by_key(|at| (table.claims(*at, Role::Date).unwrap_or(u8::MAX), *at));
    chosen.date = *dates.first().ok_or_else(|| none("dates"))?;
    chosen.findings.push((chosen.date, "date", format!("a date in every one of {count} lines")));
    chosen.value_date = dates.iter().copied().find(|at| *at != chosen.date && table.claims(*at, Role::ValueDate).is_some());
    let money: Vec<usize> = (0..table.width).filter(|at| table.all(*at, is_amount)).collect();
    chosen.decimal = decimal(table, &money);
    amounts(table, &money, &mut chosen)?;
    others(table, &money, &mut chosen)?;
    Ok(chosen)
}

fn none(what: &str) -> ReadError {
    ReadError::new(Trouble::Format, format!("no column of {what}"), "columns of dates, of amounts and of text")
}

fn decimal(table: &Cells<'_>, money: &[usize]) -> Option<char> {
    let evidence = |at: &usize| {
        table.column(*at).filter_map(number::take_apart).map(|written| number::evidence(&written.body)).collect::<Vec<_>>()
    };
    let all: Vec<Evidence> = money.iter().flat_map(evidence).collect();
    match (all.contains(&Evidence::Point), all.contains(&Evidence::Comma)) {
        (true, false) => Some('.'),
        (false, true) => Some(','),
        _ => None,
    }
}

fn amounts(table: &Cells<'_>, money: &[usize], chosen: &mut Chosen) -> Result<(), ReadError> {
    let full: Vec<usize> = money.iter().copied().filter(|at| table.is_full(*at)).collect();
    let sign = chosen.decimal.unwrap_or('.');
    let pairs = full.iter().flat_map(|amount| full.iter().map(move |balance| (*amount, *balance)));
    if let Some((amount, balance)) =
        pairs.filter(|(amount, balance)| amount != balance).find(|(amount, balance)| chains(table, *amount, *balance, sign))
    {
        chosen.findings.push((amount, "amount", "with the balance column it gives every next balance".to_owned()));
        chosen.findings.push((balance, "balance", "each one is the one beside it and the amount".to_owned()));
        (chosen.amount, chosen.balance) = (Some(amount), Some(balance));
        return Ok(());
    }
    let mut likely: Vec<usize> = full.iter().copied().filter(|at| table.column(*at).any(has_cents_or_sign)).collect();
    likely
        .sort_by_key(|at| (table.claims(*at, Role::Amount).unwrap_or(u8::MAX), table.claims(*at, Role::Balance).is_some(), *at));
    if let Some(&amount) = likely.first().or(full.first()) {
        chosen.findings.push((amount, "amount", format!("an amount in every one of {} lines", table.lines.len())));
        chosen.amount = Some(amount);
        return Ok(());
    }
    let either = |(a, b): &(usize, usize)| table.lines.iter().all(|row| row.cell(*a).is_empty() != row.cell(*b).is_empty());
    let partial = money.iter().flat_map(|a| money.iter().map(move |b| (*a, *b))).filter(|(a, b)| a < b);
    let (left, right) = partial.into_iter().find(either).ok_or_else(|| none("amounts"))?;
    let swapped = table.claims(left, Role::Credit).is_some() || table.claims(right, Role::Debit).is_some();
    let (debit, credit) = if swapped { (right, left) } else { (left, right) };
    chosen.findings.push((debit, "debit", "each line has an amount here or in the credit column".to_owned()));
    chosen.findings.push((credit, "credit", "each line has an amount here or in the debit column".to_owned()));
    chosen.pair = Some((debit, credit));
    Ok(())
}

fn has_cents_or_sign(cell: &str) -> bool {
    cell.contains(['.', ',', '-', '+', '−', '('])
}

/// Whether one column is the running balance of another, in either order of lines; proof only from three lines on.
fn chains(table: &Cells<'_>, amount: usize, balance: usize, sign: char) -> bool {
    let value =
        |row: &Row, at: usize| number::amount(&number::take_apart(row.cell(at))?, sign, Currency::EUR).ok().map(Amount::minor);
    let values: Option<Vec<(i64, i64)>> =
        table.lines.iter().map(|row| Some((value(row, amount)?, value(row, balance)?))).collect();
    let Some(values) = values.filter(|values| values.len() >= 3) else { return false };
    let mut steps = values.windows(2).filter_map(|pair| if let [a, b] = pair { Some((*a, *b)) } else { None });
    let forward = steps.clone().all(|((_, before), (amount, after))| before.checked_add(amount) == Some(after));
    forward || steps.all(|((amount, after), (_, before))| before.checked_add(amount) == Some(after))
}

fn others(table: &Cells<'_>, money: &[usize], chosen: &mut Chosen) -> Result<(), ReadError> {
    let taken = |at: &usize| money.contains(at) || table.all(*at, is_date);
    let text: Vec<usize> = (0..table.width).filter(|at| !taken(at) && table.column(*at).next().is_some()).collect();
    let is_code = |cell: &str| cell.len() == 3 && cell.bytes().all(|byte| byte.is_ascii_uppercase());
    chosen.currency = text.iter().copied().find(|at| table.is_full(*at) && table.all(*at, is_code));
    if let Some(at) = chosen.currency {
        chosen.findings.push((at, "currency", "three capital letters in every line".to_owned()));
    }
    let unsigned = chosen
        .amount
        .is_some_and(|at| !table.column(at).any(|cell| number::take_apart(cell).is_some_and(|written| written.negative)));
    let direction = |at: &usize| unsigned && table.is_full(*at) && table.all(*at, |cell| words::direction(cell, None).is_some());
    chosen.indicator = text.iter().copied().find(|at| direction(at));
    if let Some(at) = chosen.indicator {
        chosen.findings.push((at, "indicator", "a word for money in or out in every line, and no amount has a sign".to_owned()));
    }
    let rest: Vec<usize> = text.into_iter().filter(|at| Some(*at) != chosen.currency && Some(*at) != chosen.indicator).collect();
    let length = |at: &usize| table.column(*at).map(str::len).sum::<usize>();
    let best = rest.iter().copied().max_by_key(|at| (table.claims(*at, Role::Description) == Some(0), length(at)));
    let description = best.ok_or_else(|| none("text"))?;
    chosen.findings.push((description, "description", "the longest text".to_owned()));
    chosen.description = vec![description];
    chosen.reference = rest.into_iter().filter(|at| *at != description && is_reference(table, *at)).collect();
    chosen.findings.extend(
        chosen.reference.iter().map(|at| (*at, "reference", "no value twice, each with digits and without blanks".to_owned())),
    );
    Ok(())
}

fn is_reference(table: &Cells<'_>, at: usize) -> bool {
    let mut seen = HashSet::new();
    let distinct =
        table.column(at).all(|cell| seen.insert(cell) && !cell.contains(' ') && cell.bytes().any(|byte| byte.is_ascii_digit()));
    distinct && seen.len() >= 2
}
