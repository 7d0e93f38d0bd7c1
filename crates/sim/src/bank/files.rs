//! Which lines stand in which file, and how each file's lines are known again.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use money::Amount;

use super::{
    Known, Line, camt, chase,
    dial::{Dial, Trouble},
    pending, sparkasse,
};
use crate::{
    options::SimError,
    random::Random,
    truth::{BankAccountTruth, LineTruth},
    world::{
        BankFile,
        calendar::date,
        merchant::{Bank, BankFormat, Cast},
    },
};

/// One file's worth of an account: whole days, with the balances before and after.
pub(super) struct Extract<'a> {
    pub(super) bank: &'a Bank,
    /// Position of the bank account; part of its references.
    pub(super) place: usize,
    /// Number of the statement, from 1.
    pub(super) number: usize,
    pub(super) first: i64,
    pub(super) last: i64,
    /// Oldest first.
    pub(super) lines: &'a [Line],
    /// Balance after each line, minor units.
    pub(super) balances: &'a [i64],
    pub(super) opening: i64,
    /// Not booked yet, and the day that the file gives each.
    pub(super) pending: Vec<(&'a Line, i64)>,
    /// Whether the file stands the other way round than its bank's usually do.
    pub(super) turned: bool,
}

/// One row of a file: a line, its day in the file, and the balance after it unless it is not booked yet.
pub(super) struct Entry<'a> {
    pub(super) line: &'a Line,
    pub(super) day: i64,
    pub(super) balance: Option<i64>,
}

impl<'a> Extract<'a> {
    /// Every row in the file's order; `newest_first` is its bank's usual one.
    pub(super) fn entries(&self, newest_first: bool) -> Vec<Entry<'a>> {
        let booked =
            self.lines.iter().zip(self.balances).map(|(line, balance)| Entry { line, day: line.day, balance: Some(*balance) });
        let pending = self.pending.iter().map(|(line, day)| Entry { line, day: *day, balance: None });
        let mut entries: Vec<Entry<'a>> = booked.chain(pending).collect();
        if newest_first != self.turned {
            entries.reverse();
        }
        entries
    }

    pub(super) fn closing(&self) -> i64 {
        self.balances.last().copied().unwrap_or(self.opening)
    }

    /// Decimal text in major units.
    pub(super) fn money(&self, minor: i64) -> String {
        Amount::new(minor, self.bank.currency).to_major()
    }
}

/// What an account held before the world began; minor units.
const OPENING_MINOR: i64 = 25_000_000;
/// A statement covers about a month, in long worlds a twelfth of them.
const STATEMENT_DAYS: i64 = 31;

/// The last day of a bank account's files: up to two days before the world's end.
pub(super) fn end(seed: u64, cast: &Cast, place: usize, last: i64) -> i64 {
    let mut day = last - Random::new(seed, "reach", place as u64).between(0, 2);
    if let Some(bank) = cast.banks.get(place) {
        while !bank.region.is_business_day(day) {
            day -= 1;
        }
    }
    day
}

/// All files, their lines in order with what is true of each, and what is not booked yet in which file.
pub(super) struct Written {
    pub(super) files: Vec<BankFile>,
    pub(super) known: Vec<Known>,
    pub(super) pending: Vec<Shown>,
}

/// A line that is not booked yet in a file.
pub(super) struct Shown {
    pub(super) file: String,
    pub(super) bank_account: String,
    pub(super) line: Line,
    pub(super) shown_on: Date,
    pub(super) booked_on: Option<Date>,
}

/// Writes everything; gives the lines in their order with what is true of each, allocations left at zero.
pub(super) fn write(seed: u64, dial: Dial, cast: &Cast, lines: Vec<Line>, first: i64, ends: &[i64]) -> Result<Written, SimError> {
    let mut of_bank: BTreeMap<usize, Vec<Line>> = (0..cast.banks.len()).map(|place| (place, Vec::new())).collect();
    for line in lines {
        of_bank.entry(line.bank).or_default().push(line);
    }
    let mut all = Written { files: Vec::new(), known: Vec::new(), pending: Vec::new() };
    for (place, mut lines) in of_bank {
        let (Some(bank), Some(end)) = (cast.banks.get(place), ends.get(place).copied()) else { continue };
        Random::new(seed, "day order", place as u64).shuffle(&mut lines);
        lines.sort_by_key(|line| line.day);
        for (serial, line) in lines.iter_mut().enumerate() {
            line.serial = serial;
        }
        pending::announce(seed, dial, place, &mut lines);
        let turned = Random::new(seed, "turned", place as u64).chance(dial.beyond_usual(Trouble::Turned));
        let written = write_account(seed, bank, place, turned, &lines, first, end)?;
        for (file, _, until) in &written {
            all.pending.extend(shown(file, bank, &lines, *until, end)?);
        }
        lines.retain(|line| line.day <= end);
        all.known.extend(know(bank, place, lines, &written)?);
        all.files.extend(written.into_iter().map(|(file, _, _)| file));
    }
    Ok(all)
}

fn shown(file: &BankFile, bank: &Bank, lines: &[Line], until: i64, end: i64) -> Result<Vec<Shown>, SimError> {
    let rows = lines.iter().filter_map(|line| Some((line, pending::shown(line, until)?)));
    let told = rows.map(|(line, shown_on)| {
        Ok(Shown {
            file: file.name.clone(),
            bank_account: bank.name.clone(),
            line: line.clone(),
            shown_on: date(shown_on)?,
            booked_on: if line.day <= end { Some(date(line.day)?) } else { None },
        })
    });
    told.collect()
}

/// Each file with its first and last day.
fn write_account(
    seed: u64,
    bank: &Bank,
    place: usize,
    turned: bool,
    lines: &[Line],
    first: i64,
    end: i64,
) -> Result<Vec<(BankFile, i64, i64)>, SimError> {
    let mut random = Random::new(seed, "files", place as u64);
    let balances: Vec<i64> = lines
        .iter()
        .scan(OPENING_MINOR, |balance, line| {
            *balance += line.amount;
            Some(*balance)
        })
        .collect();
    let length = STATEMENT_DAYS.max((end - first) / 12);
    let (mut files, mut from, mut number) = (Vec::new(), first, 1);
    while from <= end {
        let until = if from + length + 6 >= end { end } else { from + length };
        // Later statements begin a few days before the earlier one ended.
        let begin = if number == 1 { from } else { (from - random.between(2, 6)).max(first) };
        let start = lines.partition_point(|line| line.day < begin);
        let stop = lines.partition_point(|line| line.day <= until);
        let opening = start.checked_sub(1).and_then(|before| balances.get(before)).copied().unwrap_or(OPENING_MINOR);
        let extract = Extract {
            bank,
            place,
            number,
            first: begin,
            last: until,
            lines: lines.get(start..stop).unwrap_or_default(),
            balances: balances.get(start..stop).unwrap_or_default(),
            opening,
            pending: lines.iter().filter_map(|line| Some((line, pending::shown(line, until)?))).collect(),
            turned,
        };
        files.push((file(&extract)?, begin, until));
        (from, number) = (until + 1, number + 1);
    }
    Ok(files)
}

fn file(extract: &Extract<'_>) -> Result<BankFile, SimError> {
    let bank = extract.bank;
    let (bytes, extension, currency) = match bank.format {
        BankFormat::Chase => (chase::write(extract)?, "csv", Some(bank.currency)),
        BankFormat::Sparkasse => (sparkasse::write(extract)?, "csv", Some(bank.currency)),
        BankFormat::Camt02 | BankFormat::Camt08 => (camt::write(extract)?, "xml", None),
    };
    let name = format!("{}-{}.{extension}", bank.name, date(extract.last)?);
    Ok(BankFile { name, bank_account: bank.name.clone(), currency, bytes })
}

/// The bank's own reference of a line, where its format has one that is unique.
fn reference(bank: &Bank, place: usize, line: &Line, repeated: &BTreeSet<String>) -> Option<String> {
    match bank.format {
        BankFormat::Chase => None,
        BankFormat::Sparkasse => line.end_to_end.clone().filter(|reference| !repeated.contains(reference)),
        BankFormat::Camt02 | BankFormat::Camt08 => Some(camt::reference(place, line)),
    }
}

fn know(bank: &Bank, place: usize, lines: Vec<Line>, files: &[(BankFile, i64, i64)]) -> Result<Vec<Known>, SimError> {
    let (mut seen, mut repeated) = (BTreeSet::new(), BTreeSet::new());
    for reference in lines.iter().filter_map(|line| line.end_to_end.clone()) {
        if !seen.insert(reference.clone()) {
            repeated.insert(reference);
        }
    }
    let mut known = Vec::new();
    for line in lines {
        let within = |(_, first, last): &&(BankFile, i64, i64)| (*first..=*last).contains(&line.day);
        let truth = LineTruth {
            bank_account: bank.name.clone(),
            files: files.iter().filter(within).map(|(file, _, _)| file.name.clone()).collect(),
            reference: reference(bank, place, &line, &repeated),
            date_on: date(line.day)?,
            amount_minor: line.amount,
            allocated_minor: 0,
            description: printed(bank, &line.text),
        };
        known.push((line, truth));
    }
    Ok(known)
}

/// A wrapped text as it reads in the file: broken rows in Chase's, blanks between the pieces elsewhere.
fn printed(bank: &Bank, text: &str) -> String {
    match bank.format {
        BankFormat::Chase => text.to_owned(),
        BankFormat::Sparkasse | BankFormat::Camt02 | BankFormat::Camt08 => text.replace('\n', " "),
    }
}

/// What is true of each bank account.
pub(super) fn account_truths(
    cast: &Cast,
    files: &[BankFile],
    lines: &[Known],
    ends: &[i64],
) -> Result<Vec<BankAccountTruth>, SimError> {
    // Bank account → how many lines, the last one's day.
    let mut extent: BTreeMap<usize, (usize, i64)> = BTreeMap::new();
    for (line, _) in lines {
        let (count, last) = extent.entry(line.bank).or_insert((0, line.day));
        (*count, *last) = (*count + 1, line.day.max(*last));
    }
    let mut truths = Vec::new();
    for (place, (bank, end)) in cast.banks.iter().zip(ends).enumerate() {
        let (line_count, last_line) = extent.get(&place).copied().unwrap_or((0, *end));
        let reach = match bank.format {
            BankFormat::Chase | BankFormat::Sparkasse => last_line,
            BankFormat::Camt02 | BankFormat::Camt08 => *end,
        };
        let pays_here = |merchant: &&crate::world::merchant::Merchant| merchant.streams.iter().any(|stream| stream.bank == place);
        truths.push(BankAccountTruth {
            name: bank.name.clone(),
            currency: bank.currency.to_string(),
            format: bank.format.as_str(),
            files: files.iter().filter(|file| file.bank_account == bank.name).map(|file| file.name.clone()).collect(),
            line_count,
            reach_on: date(reach)?,
            stripe_accounts: cast.merchants.iter().filter(pays_here).map(|merchant| merchant.stamp.account.clone()).collect(),
        });
    }
    Ok(truths)
}
