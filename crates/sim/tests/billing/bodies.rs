//! Worlds with subscriptions, and how tests read the JSON of their objects.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde_json::Value;
use sim::{AccountObjects, Members, ObjectKind, Options, StripeObject, World};

/// Two hundred days of two accounts, in which 40 customers subscribe to what each sells.
pub fn subscribed(seed: u64) -> World {
    let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
    let options = Options { days: 200, per_day: 2, subscriptions: 40, ..Options::quarter(seed, until) };
    World::generate(&options).expect("a world")
}

/// An integer field.
pub fn int(body: &Value, field: &str) -> i64 {
    maybe(body, field).unwrap_or_else(|| panic!("{field} of {body} is not an integer"))
}

/// An integer field that may be null.
pub fn maybe(body: &Value, field: &str) -> Option<i64> {
    body[field].as_i64()
}

/// A text field.
pub fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}

/// One account at an instant.
pub struct Account<'a> {
    objects: &'a AccountObjects,
    pub now: i64,
}

impl<'a> Account<'a> {
    pub fn new(objects: &'a AccountObjects, now: i64) -> Self {
        Self { objects, now }
    }

    /// The balance object at the world's end.
    pub fn balance(&self) -> Value {
        self.objects.balance.body(self.now)
    }

    /// What each automatic payout is made of, its own txn among it.
    pub fn members(&self) -> &'a BTreeMap<String, Members> {
        &self.objects.members
    }

    /// The objects of a kind, newest first.
    pub fn objects(&self, kind: ObjectKind) -> &'a [StripeObject] {
        self.objects.objects.get(&kind).map_or(&[], Vec::as_slice)
    }

    /// Their bodies.
    pub fn list(&self, kind: ObjectKind) -> Vec<Value> {
        self.objects(kind).iter().map(|object| object.body(self.now)).collect()
    }

    /// Their bodies, by id.
    pub fn by_id(&self, kind: ObjectKind) -> BTreeMap<String, Value> {
        self.objects(kind).iter().map(|object| (object.id(), object.body(self.now))).collect()
    }
}
