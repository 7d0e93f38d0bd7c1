//! What the tables are made from: worlds of one kind, and what is seen of them.

use std::collections::HashMap;

use jiff::civil::Date;
use serde_json::Value;
use sim::{Difficulty, ObjectKind, Options, World};

/// A few worlds of one kind.
pub struct Kind {
    pub name: &'static str,
    pub worlds: Vec<World>,
}

/// The usual, the rich, and one kind for each difficulty.
pub fn kinds() -> Vec<Kind> {
    let until = Date::new(2026, 9, 30).expect("a date");
    let worlds = |options: &dyn Fn(u64) -> Options, seeds: u64| {
        (1..=seeds).map(|seed| World::generate(&options(seed)).expect("a world")).collect()
    };
    let usual = |seed| Options { accounts: 3, ..Options::quarter(seed, until) };
    let rich = |seed| Options { accounts: 9, days: 120, rich: true, ..Options::quarter(seed, until) };
    let mut kinds = vec![Kind { name: "usual", worlds: worlds(&usual, 5) }, Kind { name: "`--rich`", worlds: worlds(&rich, 2) }];
    for (difficulty, name) in Difficulty::ALL.into_iter().zip(["clean", "light", "real", "hard", "hardened"]) {
        let books = |seed| Options { difficulty: Some(difficulty), ..usual(seed) };
        kinds.push(Kind { name, worlds: worlds(&books, 5) });
    }
    kinds
}

/// An object's own time, in seconds, and its body.
pub type Object = (i64, Value);

/// Every object of a kind, account by account.
pub fn objects(world: &World, kind: ObjectKind) -> Vec<Vec<Object>> {
    let bodies =
        |list: &Vec<sim::StripeObject>| list.iter().map(|object| (object.created, object.body(world.catalog.now))).collect();
    world.catalog.accounts.values().filter_map(|account| account.objects.get(&kind)).map(bodies).collect()
}

/// How long after the charge that it names each object was made.
pub fn after_charge(world: &World, kind: ObjectKind) -> Vec<i64> {
    let charges = objects(world, ObjectKind::Charge).concat();
    let made: HashMap<&str, i64> = charges.iter().filter_map(|(at, body)| Some((body["id"].as_str()?, *at))).collect();
    let objects = objects(world, kind).concat();
    objects.iter().filter_map(|(at, body)| Some(at - made.get(body["charge"].as_str()?)?)).collect()
}

/// A field that is a whole number.
pub fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or(0)
}

/// How many of the kind's payouts something was planted for.
pub fn planted(kind: &Kind, what: &str) -> usize {
    let of = |world: &World| world.truth.planted.iter().filter(|planted| planted.kind == what).count();
    kind.worlds.iter().map(of).sum()
}
