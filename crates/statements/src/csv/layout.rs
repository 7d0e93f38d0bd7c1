//! Which column is what, in one file.

use std::collections::HashSet;
use std::sync::LazyLock;

use money::Currency;

use super::date;
use super::number;
use super::synonyms::{Name, Role, claims, header_name};
use super::table::Row;
use crate::dialects::dialects;
use crate::error::{ReadError, Trouble, listed, quoted};
use crate::profile::{Column, Profile};

/// Which column is what, in one file.
#[derive(Clone, Debug)]
pub(crate) struct Layout<'p> {
    /// What the file is read as: a bank's name, `synonyms`, or the profile's name.
    pub name: String,
    /// The built-in or given profile, for what it fixes.
    pub profile: Option<&'p Profile>,
    /// The profile was named by a person: what it says is not questioned.
    pub given: bool,
    /// The columns, from 0.
    pub roles: Roles,
    /// The currency that the header names beside the amount.
    pub header_currency: Option<Currency>,
    /// The header, for messages; empty where there is none.
    pub header: Vec<String>,
    /// How many fields a line must have.
    pub width: usize,
    /// The first row behind the header.
    pub first: usize,
}

/// Columns by role, from 0.
#[derive(Clone, Debug, Default)]
pub(crate) struct Roles {
    pub date: usize,
    pub value_date: Option<usize>,
    pub amount: Option<usize>,
    pub debit: Option<usize>,
    pub credit: Option<usize>,
    pub indicator: Option<usize>,
    pub description: Vec<usize>,
    pub counterparty: Vec<usize>,
    pub reference: Vec<usize>,
    /// Several, where the header repeats the word; they must agree.
    pub currency: Vec<usize>,
    pub balance: Option<usize>,
    pub status: Option<usize>,
    pub account: Option<usize>,
}

impl Roles {
    /// Every column that holds money.
    pub(crate) fn money(&self) -> impl Iterator<Item = usize> {
        [self.amount, self.debit, self.credit].into_iter().flatten()
    }
}

impl Layout<'_> {
    /// A column as a message names it.
    pub(crate) fn column(&self, at: usize) -> String {
        match self.header.get(at).filter(|name| !name.is_empty()) {
            Some(name) => format!("column {}", quoted(name)),
            None => format!("column {}", at + 1),
        }
    }
}

struct Known {
    profile: &'static Profile,
    required: HashSet<String>,
    allowed: HashSet<String>,
}

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let folded = |names: &[String]| names.iter().map(|name| header_name(name).folded).collect::<HashSet<_>>();
    let known = |profile: &'static Profile| {
        let required = folded(&profile.header);
        let allowed = required.union(&folded(&profile.optional)).cloned().collect();
        Known { profile, required, allowed }
    };
    dialects().iter().filter(|profile| !profile.headerless).map(known).collect()
});

/// The bank whose exact set of column names stands in one of the rows.
pub(crate) fn known_bank(rows: &[Row]) -> Option<Layout<'static>> {
    rows.iter().enumerate().find_map(|(at, row)| {
        let names = names(row);
        let set: HashSet<&str> = names.iter().map(|name| name.folded.as_str()).filter(|name| !name.is_empty()).collect();
        let fits = |known: &&Known| {
            set.len() >= known.required.len()
                && known.required.iter().all(|name| set.contains(name.as_str()))
                && set.iter().all(|name| known.allowed.contains(*name))
        };
        let known = KNOWN.iter().find(fits)?;
        by_profile(known.profile, row, at, &names).ok()
    })
}

/// The columns that a profile names, in the row that has them all.
///
/// # Errors
/// [`Trouble::Format`] where no row has them.
pub(crate) fn given<'p>(profile: &'p Profile, rows: &[Row]) -> Result<Layout<'p>, ReadError> {
    let skip = profile.skip_rows.unwrap_or(0);
    let layout = if profile.headerless {
        without_header(profile, rows, skip)
    } else if profile.skip_rows.is_some() {
        let row = rows.get(skip).ok_or_else(|| {
            ReadError::new(Trouble::Format, format!("{} rows", rows.len()), format!("a header behind {skip} rows"))
        })?;
        by_profile(profile, row, skip, &names(row))?
    } else {
        let mut first_error = None;
        rows.iter()
            .enumerate()
            .find_map(|(at, row)| {
                by_profile(profile, row, at, &names(row)).map_err(|error| first_error.get_or_insert(error).line = None).ok()
            })
            .ok_or_else(|| {
                first_error.unwrap_or_else(|| ReadError::new(Trouble::Format, "an empty file", "a header and lines"))
            })?
    };
    Ok(Layout { given: true, ..layout })
}

fn names(row: &Row) -> Vec<Name> {
    row.cells.iter().map(header_name).collect()
}

fn without_header<'p>(profile: &'p Profile, rows: &[Row], skip: usize) -> Layout<'p> {
    let at = |column: &Column| match column {
        Column::Position(position) => position.saturating_sub(1),
        Column::Name(_) => usize::MAX,
    };
    let needed = profile.columns.all().map(|column| at(column) + 1).max().unwrap_or(1);
    let width = rows.iter().skip(skip).map(Row::filled).max().unwrap_or(0).min(needed).max(needed.min(3));
    Layout {
        name: profile.name.clone(),
        profile: Some(profile),
        given: true,
        roles: roles(profile, &|column| Some(at(column))).unwrap_or_default(),
        header_currency: None,
        header: Vec::new(),
        width,
        first: skip,
    }
}

fn by_profile<'p>(profile: &'p Profile, row: &Row, at: usize, names: &[Name]) -> Result<Layout<'p>, ReadError> {
    let find = |column: &Column| match column {
        Column::Position(position) => position.checked_sub(1).filter(|at| *at < names.len()),
        Column::Name(wanted) => {
            let wanted_name = header_name(wanted);
            let exact = row.cells.iter().position(|cell| cell.trim() == wanted);
            exact
                .or_else(|| names.iter().position(|name| *name == wanted_name))
                .or_else(|| names.iter().position(|name| name.folded == wanted_name.folded))
        }
    };
    let Some(roles) = roles(profile, &find) else {
        let header = listed(row.cells.iter().take(12));
        return Err(ReadError::new(
            Trouble::Format,
            format!("the columns {header}"),
            format!("the columns of the profile '{}'", profile.name),
        )
        .line(row.line));
    };
    Ok(Layout {
        name: profile.name.clone(),
        profile: Some(profile),
        given: false,
        header_currency: currency_beside(&roles, names),
        roles,
        header: row.cells.iter().map(|cell| cell.trim().to_owned()).collect(),
        width: row.filled(),
        first: at + 1,
    })
}

/// The profile's columns by position; `None` where a required one is not there. Optional ones may be missing.
fn roles(profile: &Profile, find: &dyn Fn(&Column) -> Option<usize>) -> Option<Roles> {
    let columns = &profile.columns;
    let single = |column: &Option<Column>| column.as_ref().and_then(find);
    let many = |columns: &[Column]| columns.iter().filter_map(find).collect::<Vec<_>>();
    let roles = Roles {
        date: find(&columns.date)?,
        value_date: single(&columns.value_date),
        amount: single(&columns.amount),
        debit: single(&columns.debit),
        credit: single(&columns.credit),
        indicator: single(&columns.indicator),
        description: many(&columns.description),
        counterparty: many(&columns.counterparty),
        reference: many(&columns.reference),
        currency: single(&columns.currency).into_iter().collect(),
        balance: single(&columns.balance),
        status: single(&columns.status),
        account: single(&columns.account),
    };
    let promised = |column: &Option<Column>, found: Option<usize>| column.is_none() || found.is_some();
    let all = promised(&columns.amount, roles.amount)
        && promised(&columns.debit, roles.debit)
        && promised(&columns.credit, roles.credit)
        && promised(&columns.indicator, roles.indicator)
        && promised(&columns.status, roles.status)
        && promised(&columns.currency, roles.currency.first().copied())
        && !roles.description.is_empty();
    all.then_some(roles)
}

fn currency_beside(roles: &Roles, names: &[Name]) -> Option<Currency> {
    roles.money().chain(roles.balance).find_map(|at| names.get(at)?.currency)
}

/// The columns by the table of synonyms, in the first row that has all that is required.
///
/// # Errors
/// [`Trouble::Ambiguous`] where two columns claim one required role, [`Trouble::Format`] where one is missing.
pub(crate) fn by_synonyms(rows: &[Row], header_rows: usize) -> Result<Layout<'static>, ReadError> {
    let mut nearest: Option<(usize, ReadError)> = None;
    for (at, row) in rows.iter().enumerate().take(header_rows) {
        match in_row(row, at, rows.get(at + 1..).unwrap_or_default()) {
            Ok(layout) => return Ok(layout),
            Err((score, error)) if score >= 2 && nearest.as_ref().is_none_or(|(best, _)| score > *best) => {
                nearest = Some((score, error))
            }
            Err(_) => {}
        }
    }
    Err(nearest.map(|(_, error)| error).unwrap_or_else(|| {
        let widest = rows.iter().take(header_rows).rev().max_by_key(|row| row.filled());
        let found =
            widest.map_or_else(|| "an empty file".to_owned(), |row| format!("columns {}", listed(row.cells.iter().take(8))));
        ReadError::new(Trouble::Format, found, "a header that names a date, an amount (or debit and credit) and a description")
    }))
}

/// One header cell's claim to a role.
#[derive(Clone, Copy)]
struct Claim {
    role: Role,
    rank: u8,
    at: usize,
    number: Option<u8>,
}

fn in_row(row: &Row, at: usize, below: &[Row]) -> Result<Layout<'static>, (usize, ReadError)> {
    let names = names(row);
    let claimed = all_claims(&names, below);
    let has = |roles: &[Role]| usize::from(claimed.iter().any(|claim| roles.contains(&claim.role)));
    let score = has(&[Role::Date, Role::ValueDate])
        + has(&[Role::Amount, Role::Debit, Role::Credit])
        + has(&[Role::Description, Role::Counterparty]);
    let title = |at: usize| row.cells.get(at).unwrap_or_default().trim().to_owned();
    let mut roles = choose(&claimed, &title).map_err(|error| (score, error.line(row.line)))?;
    if roles.amount.is_some() && roles.indicator.is_none() && roles.debit.is_none() {
        roles.indicator = unnamed_indicator(&names, &claimed, below);
    }
    Ok(Layout {
        name: "synonyms".to_owned(),
        profile: None,
        given: false,
        header_currency: currency_beside(&roles, &names),
        roles,
        header: row.cells.iter().map(|cell| cell.trim().to_owned()).collect(),
        width: row.filled(),
        first: at + 1,
    })
}

/// All claims of all cells. A word that can mean two things (`Valuta`, `Value`, `Type`) keeps the meanings that its cells can have.
fn all_claims(names: &[Name], below: &[Row]) -> Vec<Claim> {
    let mut all = Vec::new();
    for (at, name) in names.iter().enumerate() {
        let (claimed, number) = claims(name);
        let unsure = claimed.len() > 1;
        let fitting =
            claimed.iter().filter(|(role, rank)| !(unsure || *role == Role::Indicator && *rank > 0) || can_be(*role, at, below));
        all.extend(fitting.map(|&(role, rank)| Claim { role, rank, at, number }));
    }
    all
}

/// A column that no word names, in which every line says money in or money out, and both occur: an amount beside it has its sign
/// from there, and reading it without would turn debits into credits.
fn unnamed_indicator(names: &[Name], claimed: &[Claim], below: &[Row]) -> Option<usize> {
    let both = |at: usize| {
        let ways = below.iter().take(SAMPLE_ROWS).filter_map(|row| super::words::direction(row.cell(at), None));
        let (mut into, mut out) = (false, false);
        ways.for_each(|way| if way == super::words::Direction::In { into = true } else { out = true });
        into && out
    };
    (0..names.len()).find(|at| claimed.iter().all(|claim| claim.at != *at) && can_be(Role::Indicator, *at, below) && both(*at))
}

/// How many lines are looked at to tell the meanings of a word apart.
const SAMPLE_ROWS: usize = 200;

fn can_be(role: Role, at: usize, below: &[Row]) -> bool {
    let mut cells = below.iter().take(SAMPLE_ROWS).map(|row| row.cell(at)).filter(|cell| !cell.is_empty());
    match role {
        Role::Date | Role::ValueDate => cells.any(|cell| date::readings(cell).iter().any(Option::is_some)),
        Role::Amount | Role::Debit | Role::Credit | Role::Balance => {
            cells.any(|cell| number::take_apart(cell).is_some() && date::readings(cell).iter().all(Option::is_none))
        }
        Role::Currency => cells.any(|cell| Currency::parse(cell).is_ok()),
        Role::Indicator => {
            let mut any = false;
            cells.all(|cell| {
                any = true;
                super::words::direction(cell, None).is_some()
            }) && any
        }
        _ => true,
    }
}

fn choose(claimed: &[Claim], title: &dyn Fn(usize) -> String) -> Result<Roles, ReadError> {
    let best = |role: Role| -> Vec<Claim> {
        let rank = claimed.iter().filter(|claim| claim.role == role).map(|claim| claim.rank).min();
        claimed.iter().filter(|claim| claim.role == role && Some(claim.rank) == rank).copied().collect()
    };
    let one = |role: Role| -> Result<Option<usize>, ReadError> {
        match best(role).as_slice() {
            [] => Ok(None),
            [claim] => Ok(Some(claim.at)),
            several => Err(collision(role, several, title)),
        }
    };
    let optional = |role: Role| one(role).ok().flatten();
    let date = match one(Role::Date)? {
        Some(at) => at,
        None => one(Role::ValueDate)?.ok_or_else(|| missing("date"))?,
    };
    let (debit, credit) = (one(Role::Debit)?, one(Role::Credit)?);
    let pair = debit.is_some() && credit.is_some();
    let amount = one(Role::Amount)?;
    if amount.is_none() && !pair {
        return Err(missing("amount, or both debit and credit,"));
    }
    let indicator = if amount.is_some() { one(Role::Indicator)? } else { None };
    let description = descriptions(claimed, &best(Role::Description), indicator, title)?;
    let (description, counterparty) = match (description.is_empty(), optional(Role::Counterparty)) {
        (true, Some(at)) => (vec![at], Vec::new()),
        (true, None) => return Err(missing("description")),
        (false, counterparty) => (description, counterparty.into_iter().collect()),
    };
    Ok(Roles {
        date,
        value_date: optional(Role::ValueDate).filter(|at| *at != date),
        amount,
        debit: debit.filter(|_| pair),
        credit: credit.filter(|_| pair),
        indicator,
        description,
        counterparty,
        reference: references(claimed),
        currency: best(Role::Currency).iter().map(|claim| claim.at).collect(),
        balance: optional(Role::Balance),
        status: one(Role::Status)?,
        account: optional(Role::Account),
    })
}

/// The best description column, or its numbered family, and behind it every lesser one: a bank's text is only evidence, and more
/// of it cannot change a date or an amount.
fn descriptions(
    claimed: &[Claim],
    best: &[Claim],
    indicator: Option<usize>,
    title: &dyn Fn(usize) -> String,
) -> Result<Vec<usize>, ReadError> {
    let numbers: HashSet<Option<u8>> = best.iter().map(|claim| claim.number).collect();
    let family = numbers.len() == best.len() && best.iter().filter(|claim| claim.number.is_none()).count() <= 1;
    let best_rank = best.first().map_or(0, |claim| claim.rank);
    if best.len() > 1 && best_rank < 2 && !family {
        return Err(collision(Role::Description, best, title));
    }
    let mut all: Vec<&Claim> =
        claimed.iter().filter(|claim| claim.role == Role::Description && Some(claim.at) != indicator).collect();
    all.sort_by_key(|claim| (claim.rank, claim.number, claim.at));
    Ok(all.iter().map(|claim| claim.at).collect())
}

fn references(claimed: &[Claim]) -> Vec<usize> {
    let mut all: Vec<&Claim> = claimed.iter().filter(|claim| claim.role == Role::Reference).collect();
    all.sort_by_key(|claim| (claim.rank, claim.at));
    all.iter().map(|claim| claim.at).collect()
}

fn collision(role: Role, several: &[Claim], title: &dyn Fn(usize) -> String) -> ReadError {
    let titles: Vec<String> = several.iter().map(|claim| title(claim.at)).collect();
    let found =
        format!("{} columns that can be the {}: {}", several.len(), role.word(), listed(titles.iter().map(String::as_str)));
    ReadError::new(Trouble::Ambiguous, found, format!("exactly one {} column", role.word()))
}

fn missing(what: &str) -> ReadError {
    ReadError::new(
        Trouble::Format,
        format!("no {what} column"),
        "a header that names a date, an amount (or debit and credit) and a description",
    )
}
