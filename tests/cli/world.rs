//! A simulated quarter through the whole program: what the lists say is what the status says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::tieout::Tieout;

/// A demo's database, and the lists read from it.
struct World {
    tieout: Tieout,
    database: String,
}

impl World {
    fn new() -> Self {
        let tieout = Tieout::new();
        let database = format!("sqlite:{}", tieout.path("demo.db").display());
        tieout.run(&["demo", "--no-serve", "--days", "30", "--quiet", "--database", &database]).fine();
        Self { tieout, database }
    }

    fn json(&self, args: &[&str]) -> Value {
        self.tieout.run(&[args, &["--json", "--database", &self.database]].concat()).json()
    }

    fn rows(&self, noun: &str) -> Vec<Value> {
        let rows = self.json(&[noun, "list"]).as_array().expect("an array").clone();
        assert!(!rows.is_empty(), "no {noun} to look at");
        rows
    }
}

fn text<'a>(row: &'a Value, field: &str) -> &'a str {
    row[field].as_str().unwrap_or_else(|| panic!("{field} is no text in {row}"))
}

fn number(row: &Value, field: &str) -> i64 {
    row[field].as_i64().unwrap_or_else(|| panic!("{field} is no integer in {row}"))
}

/// Σ `value` of the rows, by `key`.
fn sums<'a, K: Ord>(
    rows: impl Iterator<Item = &'a Value>,
    key: impl Fn(&'a Value) -> K,
    value: impl Fn(&Value) -> i64,
) -> BTreeMap<K, i64> {
    rows.fold(BTreeMap::new(), |mut sums, row| {
        *sums.entry(key(row)).or_default() += value(row);
        sums
    })
}

#[test]
fn buckets_and_counts_recomputed_from_the_lists_are_those_of_the_status() {
    let world = World::new();
    let (payouts, exceptions, status) = (world.rows("payout"), world.rows("exception"), world.json(&["status"]));
    let place = |row: &Value| (text(row, "account").to_owned(), text(row, "currency").to_owned());
    let minor = |row: &Value| number(row, "amount_minor");
    let buckets = sums(payouts.iter(), |row| (place(row), text(row, "bucket").to_owned()), minor);
    let states = sums(payouts.iter(), |row| (place(row), text(&row["deposit"], "state").to_owned()), |_| 1);
    let open = exceptions.iter().filter(|row| row["state"] == "open" && row["account"].is_string());
    let open = sums(open, place, |_| 1);
    for account in status["accounts"].as_array().expect("accounts") {
        let of = |sums: &BTreeMap<_, i64>, word: &str| sums.get(&(place(account), word.to_owned())).copied().unwrap_or(0);
        for bucket in ["matched", "in_transit", "exceptions", "excluded"] {
            assert_eq!(number(&account["buckets"], &format!("{bucket}_minor")), of(&buckets, bucket), "{bucket} of {account}");
        }
        for state in ["matched", "proposed", "ambiguous", "awaiting", "missing", "failed"] {
            assert_eq!(number(&account["payouts"], state), of(&states, state), "{state} of {account}");
        }
        assert_eq!(number(account, "exceptions_open"), open.get(&place(account)).copied().unwrap_or(0), "{account}");
    }
}

#[test]
fn a_tied_payout_is_the_sum_of_the_txns_that_name_it() {
    let world = World::new();
    let txns = world.rows("txn");
    let members = txns.iter().filter(|txn| txn["payout"].is_string() && txn["source"] != txn["payout"]);
    let nets = sums(members, |txn| text(txn, "payout").to_owned(), |txn| number(txn, "net_minor"));
    let payouts = world.rows("payout");
    let tied: Vec<&Value> = payouts.iter().filter(|payout| payout["composition"]["state"] == "tied").collect();
    assert!(!tied.is_empty());
    for payout in tied {
        assert_eq!(nets.get(text(payout, "id")), Some(&number(payout, "amount_minor")), "{payout}");
    }
}

#[test]
fn a_bank_line_is_given_away_at_most_once() {
    let world = World::new();
    let payouts = world.rows("payout");
    let decided = |payout: &&Value| !["proposed", "ambiguous"].contains(&text(&payout["deposit"], "state"));
    let parts = payouts.iter().filter(decided);
    let parts = parts.flat_map(|payout| payout["deposit"]["bank_lines"].as_array().expect("lines"));
    let given = sums(parts, |part| text(part, "id").to_owned(), |part| number(part, "allocated_minor"));
    for line in world.rows("bank-line").iter().filter(|line| line["state"] == "matched") {
        let (id, whole) = (text(line, "id"), number(line, "amount_minor"));
        assert!(given[id].abs() <= whole.abs(), "{id} is {whole} and {} of it is given away", given[id]);
    }
}
