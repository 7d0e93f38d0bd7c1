//! The one date order and the one decimal sign of a file.

use jiff::civil::Date;

use super::date::{self, DateOrder};
use super::layout::Layout;
use super::number::{self, Evidence};
use super::table::Row;
use crate::error::{ReadError, Trouble, quoted};

/// The order in which every date of the file is a date.
///
/// # Errors
/// [`Trouble::Ambiguous`] where two orders read every date and give different ones; [`Trouble::Line`] for the first cell that
/// the nearest order does not read.
pub(crate) fn date_order(rows: &[&Row], layout: &Layout<'_>) -> Result<DateOrder, ReadError> {
    let fixed = layout.profile.and_then(|profile| profile.date_order);
    let columns: Vec<usize> = std::iter::once(layout.roles.date).chain(layout.roles.value_date).collect();
    let filled = |row: &Row, at: usize| at == layout.roles.date || !row.cell(at).is_empty();
    let cells = || rows.iter().flat_map(|row| columns.iter().filter(|at| filled(row, **at)).map(move |at| (*row, *at)));
    let mut tallies = DateOrder::ALL.map(|order| Tally { order, read: 0, miss: None, days: None });
    let mut count = 0_usize;
    for (row, at) in cells() {
        count += 1;
        tallies.iter_mut().zip(date::readings(row.cell(at))).for_each(|(tally, reading)| tally.take(row, at, reading));
    }
    let full: Vec<DateOrder> =
        tallies.iter().filter(|tally| tally.read == count && tally.is_a_statement()).map(|tally| tally.order).collect();
    match (fixed, full.as_slice()) {
        (Some(order), full) if full.contains(&order) => Ok(order),
        (None, [order]) => Ok(*order),
        (Some(_), [order]) if !layout.given => Ok(*order),
        (None, [order, others @ ..]) => {
            let differs = |(row, at): &(&Row, usize)| {
                others.iter().any(|other| date::read(row.cell(*at), *other) != date::read(row.cell(*at), *order))
            };
            cells().find(differs).map_or(Ok(*order), |(row, at)| Err(ambiguous_date(row, at, layout)))
        }
        _ => Err(no_order(fixed, &tallies, layout)),
    }
}

/// A reading that spreads one file over more years than this is no reading: banks keep ten years at most.
const SPAN_YEARS_MAX: i16 = 20;

/// How far one order reads the file.
struct Tally<'r> {
    order: DateOrder,
    read: usize,
    miss: Option<(&'r Row, usize)>,
    days: Option<(Date, Date)>,
}

impl<'r> Tally<'r> {
    fn take(&mut self, row: &'r Row, at: usize, reading: Option<Date>) {
        let Some(day) = reading else {
            self.miss.get_or_insert((row, at));
            return;
        };
        self.read += 1;
        let (first, last) = self.days.unwrap_or((day, day));
        self.days = Some((first.min(day), last.max(day)));
    }

    fn is_a_statement(&self) -> bool {
        self.days.is_none_or(|(first, last)| last.year() - first.year() <= SPAN_YEARS_MAX)
    }
}

fn ambiguous_date(row: &Row, at: usize, layout: &Layout<'_>) -> ReadError {
    let found = format!("{}, which can be read in two orders, as can every date in the file", quoted(row.cell(at)));
    ReadError::new(Trouble::Ambiguous, found, "dates that can be read in one order only")
        .line(row.line)
        .field(layout.column(at))
        .hint("export a longer period, or say the order in a profile: `tieout profile new FILE`, then set date_order = \"dmy\" or \"mdy\"")
}

fn no_order(fixed: Option<DateOrder>, tallies: &[Tally<'_>], layout: &Layout<'_>) -> ReadError {
    let nearest = tallies.iter().rev().max_by_key(|tally| (Some(tally.order) == fixed, tally.read));
    let is_known = fixed.is_some() || nearest.is_some_and(|tally| tally.read > 0);
    match nearest.and_then(|tally| Some((tally.order, tally.miss?))) {
        Some((order, (row, at))) if is_known => bad_date(row, at, order, layout),
        Some((_, (row, at))) => not_a_date(row, at, "a date, such as 2026-07-31, 31.07.2026 or 07/31/2026".to_owned(), layout),
        None => {
            ReadError::new(Trouble::Line, format!("dates more than {SPAN_YEARS_MAX} years apart"), "the days of one statement")
        }
    }
}

/// A cell that is no date in the file's order.
pub(crate) fn bad_date(row: &Row, at: usize, order: DateOrder, layout: &Layout<'_>) -> ReadError {
    not_a_date(row, at, format!("{}, as elsewhere in the file", order.example()), layout)
}

fn not_a_date(row: &Row, at: usize, expected: String, layout: &Layout<'_>) -> ReadError {
    let found = if row.cell(at).is_empty() { "nothing".to_owned() } else { quoted(row.cell(at)) };
    ReadError::new(Trouble::Line, found, expected).line(row.line).field(layout.column(at))
}

/// The decimal sign of the file. `None` where no amount has a separator.
///
/// # Errors
/// [`Trouble::Ambiguous`] where every separator could be either sign, or where two lines prove different ones.
pub(crate) fn decimal_sign(rows: &[&Row], layout: &Layout<'_>, exponent: u32) -> Result<char, ReadError> {
    let fixed = layout.profile.and_then(|profile| profile.decimal);
    if let Some(sign) = fixed.filter(|_| layout.given) {
        return Ok(sign);
    }
    let columns: Vec<usize> = layout.roles.money().chain(layout.roles.balance).collect();
    let mut proofs: [Option<(&Row, usize)>; 2] = [None; 2];
    let mut open: Option<(&Row, usize, char)> = None;
    for row in rows {
        for &at in &columns {
            let Some(written) = number::take_apart(row.cell(at)) else { continue };
            match number::evidence(&written.body) {
                Evidence::Point => _ = proofs[0].get_or_insert((row, at)),
                Evidence::Comma => _ = proofs[1].get_or_insert((row, at)),
                Evidence::Either(sign) => _ = open.get_or_insert((row, at, sign)),
                Evidence::Silent | Evidence::Bad => {}
            }
        }
    }
    match (proofs, open, fixed) {
        ([Some(_), None], ..) => Ok('.'),
        ([None, Some(_)], ..) => Ok(','),
        ([Some(point), Some(comma)], ..) => Err(two_signs(point, comma, layout)),
        (_, _, Some(sign)) => Ok(sign),
        (_, Some((_, _, sign)), None) if exponent == 0 => Ok(if sign == '.' { ',' } else { '.' }),
        (_, Some((row, at, _)), None) => Err(ambiguous_sign(row, at, layout)),
        (_, None, None) => Ok('.'),
    }
}

fn two_signs(point: (&Row, usize), comma: (&Row, usize), layout: &Layout<'_>) -> ReadError {
    let (early, late) = if point.0.line <= comma.0.line { (point, comma) } else { (comma, point) };
    let found = format!("{}, while line {} has {}", quoted(late.0.cell(late.1)), early.0.line, quoted(early.0.cell(early.1)));
    ReadError::new(Trouble::Ambiguous, found, "one decimal sign over the whole file")
        .line(late.0.line)
        .field(layout.column(late.1))
}

fn ambiguous_sign(row: &Row, at: usize, layout: &Layout<'_>) -> ReadError {
    let found = format!("{}, which can be thousands or a fraction, as can every amount in the file", quoted(row.cell(at)));
    ReadError::new(Trouble::Ambiguous, found, "an amount that shows the decimal sign, such as 1,234.50 or 1.234,50")
        .line(row.line)
        .field(layout.column(at))
        .hint("say it in a profile: `tieout profile new FILE`, then set decimal = \".\" or decimal = \",\"")
}
