//! The same options give the same bytes; options out of range are refused.

#![expect(clippy::expect_used, reason = "tests")]

use std::{collections::BTreeMap, fs, path::Path};

use jiff::civil::Date;
use sha2::{Digest, Sha256};
use sim::{Options, SimError, World};

/// Every file of an export, by its path, with its hash.
fn hashes(root: &Path, dir: &Path, into: &mut BTreeMap<String, String>) {
    for entry in fs::read_dir(dir).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            hashes(root, &path, into);
        } else {
            let name = path.strip_prefix(root).expect("inside").display().to_string();
            let hash = Sha256::digest(fs::read(&path).expect("a file"));
            into.insert(name, hash.iter().map(|byte| format!("{byte:02x}")).collect());
        }
    }
}

fn quarter(seed: u64) -> World {
    let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
    World::generate(&Options::quarter(seed, until)).expect("a world")
}

fn exported(world: &World) -> BTreeMap<String, String> {
    let dir = tempfile::tempdir().expect("a folder");
    sim::export(world, dir.path()).expect("an export");
    let mut found = BTreeMap::new();
    hashes(dir.path(), dir.path(), &mut found);
    found
}

#[test]
fn the_same_options_give_the_same_bytes_and_another_seed_others() {
    let mut earlier: Option<BTreeMap<String, String>> = None;
    for seed in [1, 2, 99] {
        let once = exported(&quarter(seed));
        assert_eq!(once, exported(&quarter(seed)), "seed {seed}");
        assert!(once.contains_key("truth.json") && once.keys().any(|name| name.starts_with("bank/")));
        assert_ne!(earlier.as_ref(), Some(&once));
        earlier = Some(once);
    }
}

#[test]
fn any_day_can_be_the_last_and_any_length_from_a_week_on() {
    for (days, accounts, per_day) in [(7, 1, 1), (8, 2, 3), (30, 1, 1), (31, 5, 2), (400, 1, 1)] {
        for day in 1..=7 {
            let until = Date::new(2026, 1, day).expect("a date");
            let options = Options { days, per_day, accounts, subscriptions: 3, ..Options::quarter(u64::from(days), until) };
            let world = World::generate(&options).expect("a world");
            assert_eq!(world.catalog.accounts.len(), accounts as usize);
        }
    }
}

#[test]
fn an_option_out_of_range_is_named() {
    let until = Date::new(2026, 9, 30).expect("a date");
    let refused = |options: Options| World::generate(&options).expect_err("a refusal").to_string();
    let quarter = Options::quarter(1, until);
    assert!(refused(Options { days: 3, ..quarter.clone() }).contains("--days is 3"));
    assert!(refused(Options { accounts: 0, ..quarter.clone() }).contains("--accounts"));
    assert!(refused(Options { per_day: 0, ..quarter.clone() }).contains("--per-day"));
    assert!(refused(Options { per_day: 80_000, accounts: 1_000, ..quarter.clone() }).contains("×"));
    let bills = Options { per_day: 1, days: 3_660, subscriptions: 100_000, ..quarter.clone() };
    assert!(refused(bills).contains("--days × subscriptions × accounts"));
    let far = Options { until: Date::new(9999, 1, 1).expect("a date"), ..quarter };
    assert!(matches!(World::generate(&far), Err(SimError::Until { .. })));
}
