//! What single objects of rich worlds say, and when.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod debits;
mod disputes;
mod prices;
mod refunds;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;
use sim::{AccountObjects, ObjectKind, Options, StripeObject, World};

fn world(seed: u64) -> World {
    let until = Date::new(2026, 10, 1 + (seed % 28) as i8).expect("a date");
    World::generate(&Options { accounts: 5, days: 80, rich: true, ..Options::quarter(seed, until) }).expect("a world")
}

fn objects(account: &AccountObjects, kind: ObjectKind) -> &[StripeObject] {
    account.objects.get(&kind).map_or(&[], Vec::as_slice)
}

/// An account's objects of a kind at an instant.
fn bodies(account: &AccountObjects, kind: ObjectKind, at: i64) -> BTreeMap<String, Value> {
    objects(account, kind).iter().map(|object| (object.id(), object.body(at))).collect()
}

fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("{field} of {body} is not an integer"))
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}
