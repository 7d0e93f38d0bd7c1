//! The merchant's books: an order system, an ERP and a ledger that tell of the same money in their own ways, not always well.
//!
//! Drawn from streams of their own, out of Stripe's own JSON and nothing else: a world is the same with and without them.
//! Files are written month by month, and the truth with them, so that a month of one account is all that is held.

mod booked;
mod damage;
mod draft;
mod harm;
mod judge;
mod keeper;
mod layout;
pub(crate) mod people;
mod retell;
mod row;
mod shelf;
mod spell;
mod standing;
mod subject;
mod systems;
mod tell;
mod ways;

use std::{collections::BTreeMap, path::Path};

use money::Currency;
use serde::Serialize;

use self::{
    damage::{Vandal, month_after},
    harm::{Damage, Harm, Tallies, Tally},
    keeper::Keeper,
    layout::Layout,
    row::Book,
    shelf::{FileTruth, Shelf},
    subject::Reader,
    tell::Truths,
};
use crate::{
    catalog::{AccountObjects, Catalog},
    options::{Difficulty, SimError},
    random::Random,
    world::{calendar::Region, rows::DAY},
};

/// One book: its files, and how they are written.
#[derive(Serialize)]
struct BookTruth {
    account: String,
    book: Book,
    system: &'static str,
    /// The columns, in their order.
    columns: Vec<&'static str>,
    delimiter: char,
    /// The character between units and cents.
    decimal: char,
    encoding: &'static str,
    /// Lines above the header.
    preamble_lines: usize,
    /// Whether a day's sales are one row.
    batched: bool,
    files: Vec<FileTruth>,
    /// For each kind of damage how often it could have struck and did.
    damage: BTreeMap<Harm, Tally>,
}

/// What is true of all books together.
#[derive(Serialize)]
struct BooksTruth {
    difficulty: String,
    /// In a thousand of the rows that it can happen to.
    rates_permille: BTreeMap<Harm, u64>,
    books: Vec<BookTruth>,
}

/// Writes the books of every merchant in `catalog` into `dir/books`, and what is true of them into `dir/truth-books`.
pub(crate) fn write(catalog: &Catalog, seed: u64, difficulty: Difficulty, dir: &Path) -> Result<(), SimError> {
    let truth_dir = dir.join("truth-books");
    let mut truths = Truths::create(&truth_dir)?;
    let mut books = Vec::new();
    for (place, (account, objects)) in catalog.accounts.iter().enumerate() {
        let keepers = keepers(catalog, seed, difficulty, &dir.join("books"), place as u64, account, objects);
        books.extend(keep(catalog, objects, account, keepers, &mut truths)?);
    }
    truths.finish()?;
    let rates_permille = harm::rates(difficulty);
    let truth = BooksTruth { difficulty: difficulty.to_string(), rates_permille, books };
    crate::export::json(&truth_dir.join("books.json"), &truth)
}

fn keepers(
    catalog: &Catalog,
    seed: u64,
    difficulty: Difficulty,
    dir: &Path,
    place: u64,
    account: &str,
    objects: &AccountObjects,
) -> Vec<Keeper> {
    let profile = objects.account.body(catalog.now);
    let (country, region) = match profile["country"].as_str() {
        Some("DE") => ("DE", Region::Eu),
        Some("JP") => ("JP", Region::Jp),
        _ => ("US", Region::Us),
    };
    let home = profile["default_currency"].as_str().and_then(|code| Currency::parse(code).ok());
    let last = catalog.now.div_euclid(DAY);
    let habits = ways::habits(seed, place, home.unwrap_or(Currency::USD), difficulty);
    habits
        .into_iter()
        .map(|habit| {
            let layout = habit.system.layout(habit.book, region);
            let random = Random::new(seed, &format!("books {}", habit.book.as_str()), place);
            let vandal = Vandal { dial: Damage::of(difficulty), random, tallies: Tallies::default(), layout, last };
            let shelf = Shelf::new(account, habit.book, habit.system.as_str(), layout, dir.to_owned());
            Keeper::new(seed, country, habit, vandal, shelf)
        })
        .collect()
}

/// Walks through an account's months.
fn keep(
    catalog: &Catalog,
    objects: &AccountObjects,
    account: &str,
    mut keepers: Vec<Keeper>,
    truths: &mut Truths,
) -> Result<Vec<BookTruth>, SimError> {
    let mut reader = Reader::new(objects, catalog.now);
    let last = catalog.now.div_euclid(DAY);
    let oldest = objects.objects.values().filter_map(|list| list.last()).map(|object| object.created.div_euclid(DAY)).min();
    let mut first = oldest.unwrap_or(last);
    while first <= last {
        let next = month_after(first)?;
        let subjects = reader.between(first, next - 1);
        for keeper in &mut keepers {
            keeper.month(&subjects, truths)?;
            keeper.shelf.close(next, truths)?;
        }
        first = next;
    }
    let mut books = Vec::new();
    for mut keeper in keepers {
        keeper.shelf.finish(truths)?;
        books.push(book_truth(account, keeper));
    }
    Ok(books)
}

fn book_truth(account: &str, keeper: Keeper) -> BookTruth {
    let Layout { columns, delimiter, amounts, latin1, preamble, .. } = keeper.vandal.layout;
    BookTruth {
        account: account.to_owned(),
        book: keeper.habit.book,
        system: keeper.habit.system.as_str(),
        columns: columns.iter().map(|(heading, _)| *heading).collect(),
        delimiter,
        decimal: amounts.decimal,
        encoding: if latin1 { "iso-8859-1" } else { "utf-8" },
        preamble_lines: preamble.len(),
        batched: keeper.habit.batched,
        files: keeper.shelf.files,
        damage: keeper.vandal.tallies.by_kind(),
    }
}
