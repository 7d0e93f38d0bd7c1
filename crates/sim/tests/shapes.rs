//! Stripe's objects have Stripe's own shape: the same fields, of the same types, with the words that Stripe knows.
//!
//! `shapes/fields.txt` has the facts, and `shapes/left-out.txt` what the simulator does otherwise on purpose, and why.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "shapes/check.rs"]
mod check;
#[path = "shapes/left_out.rs"]
mod left_out;
#[path = "shapes/rendered.rs"]
mod rendered;
#[path = "shapes/table.rs"]
mod table;

use std::collections::BTreeSet;

use check::Findings;
use jiff::civil::Date;
use left_out::LeftOut;
use serde_json::{Value, json};
use sim::{ObjectKind, Options, World};
use table::Table;

const FIELDS: &str = include_str!("shapes/fields.txt");
const LEFT_OUT: &str = include_str!("shapes/left-out.txt");

/// Worlds that are small, and together have everything in them; the last three are rich.
fn worlds() -> impl Iterator<Item = World> {
    (0..8).map(|seed| {
        let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
        let plain = Options { per_day: 6, subscriptions: 10, ..Options::quarter(seed, until) };
        let rich = Options { rich: true, accounts: 6, ..plain.clone() };
        World::generate(if seed < 5 { &plain } else { &rich }).expect("a world")
    })
}

#[tokio::test]
async fn every_object_has_the_shape_of_stripes_own() {
    let table = Table::read(FIELDS);
    let mut found = Findings::new(&table);
    let mut kinds = BTreeSet::new();
    for world in worlds() {
        rendered::every_object(&world, |body| {
            kinds.insert(body["object"].as_str().unwrap_or_default().to_owned());
            found.look(body);
        })
        .await;
    }
    let differences = LeftOut::read(LEFT_OUT).differences(&table, &found);
    assert!(differences.is_empty(), "{} differences:\n{}", differences.len(), differences.join("\n"));
    let unseen: Vec<&str> = ObjectKind::ALL.map(ObjectKind::as_str).into_iter().filter(|kind| !kinds.contains(*kind)).collect();
    assert!(unseen.is_empty(), "no world has {unseen:?}");
}

/// What is said of objects of a kind of our own, so that it is seen that everything above can fail.
fn told(objects: &[Value], left_out: &str) -> Vec<String> {
    let table = Table::read(
        "# a kind of the test's own\n\
         coin id id:co_\n\
         coin object text = coin\n\
         coin made second\n\
         coin note text null\n\
         coin owner object absent\n\
         coin owner.name text\n\
         coin sides list\n\
         coin sides[] text = heads tails\n\
         coin of object\n\
         coin of.type text = copper gold\n\
         coin of.copper object variant\n\
         coin of.gold object variant",
    );
    let mut found = Findings::new(&table);
    objects.iter().for_each(|object| found.look(object));
    LeftOut::read(left_out).differences(&table, &found)
}

fn coin() -> Value {
    json!({
        "id": "co_1", "object": "coin", "made": 1_700_000_000, "note": null, "owner": {"name": "Ann"}, "sides": ["heads", "tails"],
        "of": {"type": "gold", "gold": {}},
    })
}

/// A coin with `value` at `pointer`.
fn coin_with(pointer: &str, value: Value) -> Value {
    let mut coin = coin();
    *coin.pointer_mut(pointer).expect("a place") = value;
    coin
}

fn coin_without(field: &str) -> Value {
    let mut coin = coin();
    coin.as_object_mut().expect("an object").remove(field);
    coin
}

#[test]
fn what_is_right_has_no_differences() {
    assert_eq!(told(&[coin(), coin_without("owner")], ""), Vec::<String>::new());
    assert_eq!(told(&[coin_without("owner")], "Nobody owns coins.\n  - coin owner"), Vec::<String>::new());
    let marked = coin_with("/owner", json!({"name": "Ann", "mark": 1}));
    assert_eq!(told(&[marked], "Marks are ours.\n  + coin owner.mark"), Vec::<String>::new());
}

#[test]
fn every_difference_is_told() {
    for (object, difference) in [
        (coin_with("/id", json!("ch_1")), "coin id is not"),
        (coin_with("/made", json!(1_700_000_000_000_i64)), "coin made is not"),
        (coin_with("/made", json!("1700000000")), "coin made is not"),
        (coin_with("/owner/name", Value::Null), "coin owner.name is not"),
        (coin_with("/owner", json!({})), "coin owner.name is never rendered"),
        (coin_with("/owner", json!({"name": "Ann", "age": 7})), "coin owner.age is no field"),
        (coin_with("/sides/1", json!("edge")), "coin sides[] is none of Stripe's words"),
        (coin_with("/of/type", json!("copper")), "coin of.copper is there without its type"),
        (coin_without("note"), "coin note is never rendered"),
        (coin_without("owner"), "coin owner is never rendered"),
        (json!({"id": "no_1", "object": "note"}), "note is no object of fields.txt; add its fields"),
    ] {
        let told = told(std::slice::from_ref(&object), "");
        assert!(told.iter().any(|told| told.starts_with(difference)), "{difference}: {told:?}");
    }
    let sometimes = told(&[coin(), coin_without("note")], "");
    assert_eq!(sometimes, ["coin note is missing in 1 of 2 objects"]);
}

#[test]
fn a_field_that_is_left_out_is_nowhere_and_would_be_missed() {
    for (object, entry) in [
        (coin(), "- coin owner"),
        (coin(), "- coin owner.name"),
        (coin(), "- coin of.copper"),
        (coin(), "- coin shine"),
        (coin(), "- coin of.*"),
        (coin(), "+ coin shine"),
        (coin_without("owner"), "- coin owner.name"),
    ] {
        let needless = format!("{} is in left-out.txt without need", &entry[2..]);
        assert!(told(std::slice::from_ref(&object), &format!("Why not?\n  {entry}")).contains(&needless), "{entry}");
    }
}
