//! What must be true of the bank's files and of the truth that is told of them, read from the bytes.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "worlds/many.rs"]
mod many;
mod reading;
#[path = "worlds/seeds.rs"]
mod seeds;
mod worlds;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use many::many;
use reading::{Row, camt_balances, rows};
use sim::{
    Options, World,
    truth::{Distinguishable, LineTruth, Verdict},
};
use worlds::quarter;

/// Rich worlds, long enough for everything.
fn rich() -> impl Iterator<Item = (u64, World)> {
    (0..6).map(|seed| {
        let until = Date::new(2026, 12, 3 + seed as i8).expect("a date");
        let options = Options { accounts: 9, per_day: 5, days: 150, rich: true, ..Options::quarter(seed, until) };
        (seed, World::generate(&options).expect("a world"))
    })
}

fn formats(world: &World) -> BTreeMap<String, &'static str> {
    world.truth.bank_accounts.iter().map(|account| (account.name.clone(), account.format)).collect()
}

/// File name → its rows.
fn files(world: &World) -> BTreeMap<String, Vec<Row>> {
    let formats = formats(world);
    world.bank_files.iter().map(|file| (file.name.clone(), rows(formats[&file.bank_account], &file.bytes))).collect()
}

fn stands(rows: &[Row], line: &LineTruth) -> bool {
    rows.iter().any(|row| {
        row.amount_minor == line.amount_minor
            && row.date_on == line.date_on.to_string()
            && row.text == line.description
            && line.reference.as_ref().is_none_or(|reference| *reference == row.reference)
    })
}

#[test]
fn every_line_of_the_truth_stands_in_every_file_that_it_names() {
    for (seed, world) in many().chain(rich()) {
        let files = files(&world);
        let told = world.truth.payouts.iter().flat_map(|payout| payout.bank_lines.iter().chain(&payout.rivals));
        let told = told.chain(&world.truth.unknown_deposits).chain(world.truth.decoys.iter().map(|decoy| &decoy.line));
        let told = told.chain(world.truth.topups.iter().flat_map(|topup| &topup.bank_lines));
        let mut count = 0;
        for line in told {
            assert!(!line.files.is_empty(), "seed {seed}: {line:?} is in no file");
            for file in &line.files {
                assert!(stands(&files[file], line), "seed {seed}: {line:?} is not in {file}");
            }
            count += 1;
        }
        assert!(count > 100, "seed {seed}: {count} lines");
    }
}

#[test]
fn a_statement_adds_up_from_its_opening_to_its_closing_balance() {
    let mut checked = 0;
    for (seed, world) in many().chain(rich()) {
        let formats = formats(&world);
        for file in world.bank_files.iter().filter(|file| formats[&file.bank_account].starts_with("camt")) {
            let text = std::str::from_utf8(&file.bytes).expect("UTF-8");
            let (opening, closing) = camt_balances(text);
            let sum: i64 = rows("camt", &file.bytes).iter().map(|row| row.amount_minor).sum();
            assert_eq!(opening + sum, closing, "seed {seed}: {}", file.name);
            checked += 1;
        }
    }
    assert!(checked >= 20);
}

#[test]
fn files_overlap_and_agree_on_the_days_that_they_share() {
    let world = quarter(1);
    let files = files(&world);
    let mut overlaps = 0;
    for account in &world.truth.bank_accounts {
        for pair in account.files.windows(2) {
            let (older, newer) = (&files[&pair[0]], &files[&pair[1]]);
            let days = |rows: &[Row]| rows.iter().map(|row| row.date_on.clone()).collect::<BTreeSet<_>>();
            for day in days(older).intersection(&days(newer)) {
                let of = |rows: &[Row]| {
                    let mut rows: Vec<Row> = rows.iter().filter(|row| row.date_on == *day).cloned().collect();
                    rows.sort();
                    rows
                };
                assert_eq!(of(older), of(newer), "{day}");
                overlaps += 1;
            }
        }
    }
    assert!(overlaps > 3);
}

#[test]
fn references_are_unique_where_the_truth_gives_one() {
    for seed in 0..5 {
        let world = quarter(seed);
        let mut seen: BTreeMap<(String, String), &LineTruth> = BTreeMap::new();
        for line in world.truth.payouts.iter().flat_map(|payout| &payout.bank_lines) {
            if let Some(reference) = &line.reference {
                let known = seen.entry((line.bank_account.clone(), reference.clone())).or_insert(line);
                assert_eq!((known.date_on, known.amount_minor), (line.date_on, line.amount_minor));
            }
        }
    }
}

#[test]
fn a_line_is_given_out_at_most_once_in_full() {
    for (seed, world) in many().chain(rich()) {
        let mut given: BTreeMap<(String, Option<String>, Date, i64, String), i64> = BTreeMap::new();
        for line in world.truth.payouts.iter().flat_map(|payout| &payout.bank_lines) {
            let key =
                (line.bank_account.clone(), line.reference.clone(), line.date_on, line.amount_minor, line.description.clone());
            *given.entry(key).or_default() += line.allocated_minor;
        }
        for ((.., amount, _), given) in given {
            assert!(given.abs() <= amount.abs() || given % amount == 0, "seed {seed}: {given} of {amount}");
        }
    }
}

#[test]
fn a_verdict_follows_from_the_lines() {
    for (seed, world) in many().chain(rich()) {
        let reach: BTreeMap<&str, Date> =
            world.truth.bank_accounts.iter().map(|account| (account.name.as_str(), account.reach_on)).collect();
        for payout in &world.truth.payouts {
            let sum: i64 = payout.bank_lines.iter().map(|line| line.allocated_minor).sum();
            match payout.verdict {
                Verdict::Matched => {
                    assert_eq!((sum, payout.difference_minor), (payout.amount_minor, 0), "seed {seed}: {payout:?}")
                }
                Verdict::Short => assert!(payout.difference_minor < 0 && sum - payout.amount_minor == payout.difference_minor),
                Verdict::Over => assert!(payout.difference_minor > 0 && sum == payout.amount_minor),
                Verdict::Missing => {
                    assert!(payout.bank_lines.is_empty());
                    assert!(payout.arrives_on < reach[payout.bank_account.as_str()]);
                }
                Verdict::Awaiting => assert!(payout.bank_lines.is_empty()),
                Verdict::Failed => assert!(payout.bank_lines.is_empty() && payout.status != "paid"),
                Verdict::Returned => assert_eq!((sum, payout.bank_lines.len(), payout.status.as_str()), (0, 2, "failed")),
            }
            assert_eq!(payout.distinguishable == Distinguishable::Yes, payout.rivals.is_empty());
        }
    }
}

#[test]
fn a_decoy_is_exactly_a_payouts_amount_and_nobodys_bank_line() {
    for (_, world) in many() {
        let own: BTreeSet<&LineTruth> = world.truth.payouts.iter().flat_map(|payout| &payout.bank_lines).collect();
        for decoy in &world.truth.decoys {
            let payout = world.truth.payouts.iter().find(|payout| payout.id == decoy.payout).expect("its payout");
            assert_eq!(decoy.line.amount_minor, payout.amount_minor);
            assert!(!own.contains(&decoy.line));
            assert!(!decoy.line.description.to_uppercase().contains("STRIPE"));
        }
    }
}

#[test]
fn every_kind_of_trouble_occurs() {
    let mut worlds_with: BTreeMap<String, u32> = BTreeMap::new();
    for seed in 0..20 {
        let world = quarter(seed);
        let mut kinds: BTreeSet<String> = world.truth.planted.iter().map(|planted| planted.kind.to_owned()).collect();
        for payout in &world.truth.payouts {
            kinds.insert(format!("verdict {:?}", payout.verdict));
            kinds.insert(format!("distinguishable {:?}", payout.distinguishable));
        }
        kinds.extend(world.truth.bank_accounts.iter().map(|account| account.format.to_owned()));
        for objects in world.catalog.accounts.values() {
            for object in objects.objects.values().flatten() {
                let body = object.body(world.catalog.now);
                let word = |field: &str| body[field].as_str().unwrap_or("").to_owned();
                kinds.insert(format!("{} {} {} {}", word("object"), word("type"), word("reporting_category"), word("status")));
            }
        }
        for kind in kinds {
            *worlds_with.entry(kind).or_default() += 1;
        }
    }
    println!("{worlds_with:#?}");
    let always = [
        "missing",
        "fee_taken",
        "late",
        "over",
        "merged",
        "empty_description",
        "decoy_processor",
        "decoy_customer",
        "negative",
        "manual",
        "instant",
        "returned",
        "twin_lines",
        "verdict Missing",
        "verdict Short",
        "verdict Over",
        "verdict Awaiting",
        "verdict Returned",
        "csv:chase",
    ];
    let sometimes = [
        "failed",
        "canceled",
        "unknown_deposit",
        "twin_missing",
        "in_progress",
        "verdict Failed",
        "distinguishable Likely",
        "distinguishable Group",
        "distinguishable No",
        "csv:sparkasse",
        "camt.053.001.02",
        "camt.053.001.08",
        "refund   failed",
        "dispute   won",
        "dispute   lost",
        "dispute   under_review",
        "dispute   needs_response",
        "charge   failed",
        "payout bank_account  pending",
        "payout bank_account  in_transit",
        "payout bank_account  failed",
        "payout bank_account  canceled",
        "balance_transaction application_fee platform_earning available",
        "balance_transaction refund_failure refund_failure available",
        "balance_transaction adjustment dispute_reversal available",
        "balance_transaction payout_failure payout_reversal available",
        "balance_transaction payout_cancel payout_reversal available",
        "balance_transaction stripe_fee fee available",
    ];
    for kind in always {
        assert!(worlds_with.get(kind).copied().unwrap_or(0) >= 18, "{kind} in {:?} of 20 worlds", worlds_with.get(kind));
    }
    for kind in sometimes {
        assert!(worlds_with.contains_key(kind), "{kind} in no world");
    }
}

#[test]
fn the_third_account_shares_the_platforms_euro_account() {
    let until = Date::new(2026, 9, 30).expect("a date");
    let world = World::generate(&Options { accounts: 3, ..Options::quarter(3, until) }).expect("a world");
    assert!(world.truth.bank_accounts.iter().any(|account| account.stripe_accounts.len() == 2));
}
