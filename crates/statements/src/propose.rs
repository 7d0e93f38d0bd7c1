//! A profile proposed from a file's content: what a column is, is told by its cells; its name only decides between equals.

mod columns;

use std::collections::HashMap;
use std::fmt::Write as _;

use encoding_rs::WINDOWS_1252;
use facts::BankAccountName;

use self::columns::{Cells, Chosen, choose};
use crate::csv::date::DateOrder;
use crate::csv::table::{self, DELIMITERS, Row};
use crate::csv::{date, number};
use crate::encoding::{self, Sniffed};
use crate::error::{ReadError, Trouble, quoted};
use crate::limits::PROPOSAL_ROWS_MAX;
use crate::profile::{self, Column, Columns, Profile, Sign};
use crate::{Source, check_size, read};

/// Lines of the preview.
const PREVIEW_LINES: usize = 5;

/// A proposed profile, with what speaks for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// The profile.
    pub profile: Profile,
    /// Why each column is what it is said to be.
    pub findings: Vec<Finding>,
    /// The first lines as the profile reads them, or why it cannot.
    pub preview: Vec<String>,
    /// All of it as commented TOML.
    pub toml: String,
}

/// Why a column is what it is said to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The column's name, or its position.
    pub column: String,
    /// What it is taken for.
    pub role: &'static str,
    /// What its cells show.
    pub evidence: String,
}

/// Proposes how to read a CSV that no rule reads.
///
/// # Errors
/// [`ReadError`] where the bytes are no text, where no column holds dates, amounts or text, or where the header's names are too long
/// for a profile.
pub fn propose_profile(bytes: &[u8], file_name: &str) -> Result<Proposal, ReadError> {
    propose(bytes, file_name).map_err(|error| {
        let hint = if error.hint.is_empty() {
            "only files of lines with a date, an amount and a text can be described"
        } else {
            &error.hint
        }
        .to_owned();
        error.hint(hint).in_file(file_name)
    })
}

fn propose(bytes: &[u8], file_name: &str) -> Result<Proposal, ReadError> {
    check_size(bytes)?;
    let (text, legacy) = match encoding::sniff(bytes)? {
        Sniffed::Text(text) => (text, false),
        Sniffed::Legacy => (encoding::decode(bytes, WINDOWS_1252)?, true),
    };
    let (delimiter, rows) = split(&text)?;
    let table = Cells::of(&rows)?;
    let chosen = choose(&table)?;
    let order = date_order(&table, chosen.date);
    let profile = Profile {
        name: profile_name(file_name),
        bank: String::new(),
        headerless: table.header.is_none(),
        skip_rows: Some(table.before),
        delimiter: Some(char::from(delimiter)),
        encoding: legacy.then(|| "windows-1252".to_owned()),
        date_order: order,
        decimal: chosen.decimal,
        sign: if chosen.indicator.is_some() { Sign::Indicator } else { Sign::Signed },
        columns: named(&table, &chosen),
        ..Profile::default()
    };
    let findings = chosen
        .findings
        .iter()
        .map(|(at, role, evidence)| Finding { column: table.title(*at), role, evidence: evidence.clone() })
        .collect();
    let preview = preview(bytes, file_name, &profile);
    let mut proposal = Proposal { profile, findings, preview, toml: String::new() };
    proposal.toml = commented(&proposal, file_name);
    profile::check_size(&proposal.toml)
        .map_err(|error| error.hint("the profile repeats the names in the header; shorten the longest in a copy of the file"))?;
    Ok(proposal)
}

/// The delimiter under which the most rows have one width.
fn split(text: &str) -> Result<(u8, Vec<Row>), ReadError> {
    let mut best: Option<((usize, usize), u8, Vec<Row>)> = None;
    let mut trouble = None;
    for delimiter in DELIMITERS {
        let rows = match table::rows(text, delimiter, PROPOSAL_ROWS_MAX) {
            Ok(rows) => rows,
            Err(error) => {
                trouble.get_or_insert(error);
                continue;
            }
        };
        let mut widths: HashMap<usize, usize> = HashMap::new();
        rows.iter().filter(|row| row.cells.len() >= 2).for_each(|row| *widths.entry(row.cells.len()).or_default() += 1);
        let score = widths.into_iter().map(|(width, count)| (count, width)).max().unwrap_or((0, 0));
        if score.0 > 0 && best.as_ref().is_none_or(|(most, ..)| score > *most) {
            best = Some((score, delimiter, rows));
        }
    }
    let none = || ReadError::new(Trouble::Format, "no lines of fields", "lines of fields between `,`, `;`, tabs or `|`");
    best.map(|(_, delimiter, rows)| (delimiter, rows)).ok_or_else(|| trouble.unwrap_or_else(none))
}

/// The one order that reads every date; `None` where two do and they differ.
fn date_order(table: &Cells<'_>, at: usize) -> Option<DateOrder> {
    let fits = |order: &DateOrder| table.column(at).all(|cell| date::read(cell, *order).is_some());
    let fitting: Vec<DateOrder> = DateOrder::ALL.into_iter().filter(fits).collect();
    let [first, rest @ ..] = fitting.as_slice() else { return None };
    let same = |other: &DateOrder| table.column(at).all(|cell| date::read(cell, *first) == date::read(cell, *other));
    rest.iter().all(same).then_some(*first)
}

fn profile_name(file_name: &str) -> String {
    let stem = file_name.rsplit_once('.').map_or(file_name, |(stem, _)| stem);
    let name: String =
        stem.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).take(40).collect();
    let name = name.trim_matches('-').to_owned();
    if name.is_empty() { "my-bank".to_owned() } else { name }
}

/// Columns by name where the header's names tell them apart, else by position.
fn named(table: &Cells<'_>, chosen: &Chosen) -> Columns {
    let column = |at: usize| match table.name(at) {
        Some(name) => Column::Name(name.to_owned()),
        None => Column::Position(at + 1),
    };
    let many = |columns: &[usize]| columns.iter().map(|at| column(*at)).collect();
    Columns {
        date: column(chosen.date),
        value_date: chosen.value_date.map(column),
        amount: chosen.amount.map(column),
        debit: chosen.pair.map(|(debit, _)| column(debit)),
        credit: chosen.pair.map(|(_, credit)| column(credit)),
        indicator: chosen.indicator.map(column),
        description: many(&chosen.description),
        counterparty: Vec::new(),
        reference: many(&chosen.reference),
        currency: chosen.currency.map(column),
        balance: chosen.balance.map(column),
        status: None,
        account: None,
    }
}

fn preview(bytes: &[u8], file_name: &str, profile: &Profile) -> Vec<String> {
    let Ok(bank_account) = BankAccountName::parse("preview") else { return Vec::new() };
    let source = Source { bytes, file_name, bank_account: &bank_account, currency: None, profile: Some(profile) };
    let tried = read(&source).or_else(|error| match error.trouble {
        // Any currency of two decimals shows what the columns are.
        Trouble::Currency => read(&Source { currency: Some(money::Currency::EUR), ..source }),
        _ => Err(error),
    });
    match tried {
        Ok(statement) => statement
            .lines
            .iter()
            .take(PREVIEW_LINES)
            .map(|line| format!("{}  {}  {}", line.date_on, line.amount.to_major(), line.description))
            .collect(),
        Err(error) => vec![format!("not read yet: {error}")],
    }
}

fn commented(proposal: &Proposal, file_name: &str) -> String {
    let mut toml = format!("# How to read {}, proposed from its content. Correct what is wrong, then try:\n", plain(file_name));
    toml.push_str("#   tieout profile test THIS_FILE STATEMENT\n#   tieout import bank STATEMENT --bank-account NAME --profile THIS_FILE\n#\n# Why each column is what it is:\n");
    for finding in &proposal.findings {
        let _ = writeln!(toml, "#   {}: {}; {}", finding.role, plain(&finding.column), plain(&finding.evidence));
    }
    toml.push_str("#\n# The first lines, read so:\n");
    proposal.preview.iter().for_each(|line| _ = writeln!(toml, "#   {}", plain(line)));
    toml.push_str("\n# Where neither the file nor the command line says the currency: currency = \"eur\"\n");
    if proposal.profile.date_order.is_none() {
        toml.push_str("# Every date can be day first or month first. Say which: date_order = \"dmy\" or date_order = \"mdy\"\n");
    }
    if proposal.profile.decimal.is_none() {
        toml.push_str("# No amount shows its decimal sign. Say which: decimal = \".\" or decimal = \",\"\n");
    }
    toml.push_str("# Rows to leave out: name the column with columns.status = \"…\" and the words that mean booked with booked = [\"…\"]\n\n");
    toml.push_str(&proposal.profile.to_toml());
    toml
}

/// Text of the file inside a comment: on one line.
fn plain(text: &str) -> String {
    let quoted = quoted(text);
    let inner = quoted.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    inner.map_or_else(|| text.chars().filter(|c| !c.is_control()).collect(), str::to_owned)
}

/// A cell that is an amount and not a date.
fn is_amount(cell: &str) -> bool {
    number::take_apart(cell).is_some() && date::readings(cell).iter().all(Option::is_none)
}

/// A cell that is a date.
fn is_date(cell: &str) -> bool {
    date::readings(cell).iter().any(Option::is_some)
}
