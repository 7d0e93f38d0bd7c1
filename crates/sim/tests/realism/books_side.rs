//! Damage and lags in the books.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
};

use serde_json::Value;
use sim::ObjectKind;

use crate::{
    figures::{share, spread},
    sample::{Kind, objects},
    table::Row,
};

const KINDS: [&str; 8] = [
    "reference_missing",
    "reference_mistyped",
    "reference_in_memo",
    "missing",
    "invented",
    "booked_twice",
    "amount_less_fee",
    "cut_off",
];

pub fn damage(kind: &Kind) -> Vec<Row> {
    let mut tallies: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let mut lags: Vec<i64> = Vec::new();
    for world in &kind.worlds {
        let dir = tempfile::tempdir().expect("a folder");
        sim::export(world, dir.path()).expect("an export");
        let truth = dir.path().join("truth-books");
        let books: Value = serde_json::from_slice(&fs::read(truth.join("books.json")).expect("books.json")).expect("JSON");
        for book in books["books"].as_array().into_iter().flatten() {
            for (harm, tally) in book["damage"].as_object().into_iter().flatten() {
                let sum = tallies.entry(harm.clone()).or_default();
                *sum = (sum.0 + tally["planted"].as_u64().unwrap_or(0), sum.1 + tally["eligible"].as_u64().unwrap_or(0));
            }
        }
        let rows = fs::read_to_string(truth.join("rows.jsonl")).expect("rows");
        lags.extend(book_lags(world, rows.lines().map(|line| serde_json::from_str(line).expect("JSON"))));
    }
    let of = |harm: &str| {
        tallies.get(harm).map_or_else(|| "0".to_owned(), |(planted, eligible)| share(*planted as usize, *eligible as usize))
    };
    let told: Vec<String> = KINDS.iter().map(|harm| format!("{} {}", harm.replace('_', " "), of(harm))).collect();
    vec![
        Row::new(kind, "of the rows that it can happen to", told.join(", ")),
        Row::new(
            kind,
            "days from charge to the row that stands for it, 5 / 25 / 50 / 75 / 95 / 100 %",
            spread(lags, |days| days.to_string()),
        ),
    ]
}

/// Calendar days in UTC from each charge to each row that stands for it.
fn book_lags(world: &sim::World, rows: impl Iterator<Item = Value>) -> Vec<i64> {
    let charges = objects(world, ObjectKind::Charge).concat();
    let made: HashMap<&str, i64> =
        charges.iter().filter_map(|(at, body)| Some((body["id"].as_str()?, at.div_euclid(86_400)))).collect();
    let lag = |row: Value| {
        let on: jiff::civil::Date = row["date_on"].as_str()?.parse().ok()?;
        let day = on.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp().as_second().div_euclid(86_400);
        let first = row["stands_for"].as_array()?.first()?["id"].as_str()?.to_owned();
        Some(day - made.get(first.as_str())?)
    };
    rows.filter_map(lag).collect()
}
