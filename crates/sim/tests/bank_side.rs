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
    Difficulty, Options, World,
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

/// File name → its rows, booked or not.
fn all_rows(world: &World) -> BTreeMap<String, Vec<Row>> {
    let formats = formats(world);
    world.bank_files.iter().map(|file| (file.name.clone(), rows(formats[&file.bank_account], &file.bytes))).collect()
}

/// File name → its booked rows.
fn files(world: &World) -> BTreeMap<String, Vec<Row>> {
    let booked = |rows: Vec<Row>| rows.into_iter().filter(|row| row.booked).collect();
    all_rows(world).into_iter().map(|(name, rows)| (name, booked(rows))).collect()
}

/// Four quarters of each difficulty, with all formats among them.
fn difficult() -> impl Iterator<Item = (Difficulty, u64, World)> {
    Difficulty::ALL.into_iter().flat_map(|difficulty| (0..4).map(move |seed| (difficulty, seed, turned(difficulty, seed))))
}

fn turned(difficulty: Difficulty, seed: u64) -> World {
    let until = Date::new(2026, 9, 5 + (seed % 20) as i8).expect("a date");
    let options = Options { accounts: 4, per_day: 8, difficulty: Some(difficulty), ..Options::quarter(seed, until) };
    World::generate(&options).expect("a world")
}

/// What every property is looked at in.
fn worlds_of_all_kinds() -> impl Iterator<Item = (u64, World)> {
    many().chain(rich()).chain(difficult().map(|(_, seed, world)| (seed, world)))
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
    for (seed, world) in worlds_of_all_kinds() {
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
    for (seed, world) in worlds_of_all_kinds() {
        let formats = formats(&world);
        for file in world.bank_files.iter().filter(|file| formats[&file.bank_account].starts_with("camt")) {
            let text = std::str::from_utf8(&file.bytes).expect("UTF-8");
            let (opening, closing) = camt_balances(text);
            let sum: i64 = rows("camt", &file.bytes).iter().filter(|row| row.booked).map(|row| row.amount_minor).sum();
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
    for (seed, world) in worlds_of_all_kinds() {
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
    for (seed, world) in worlds_of_all_kinds() {
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

fn count(world: &World, kind: &str) -> usize {
    world.truth.planted.iter().filter(|planted| planted.kind == kind).count()
}

#[test]
fn a_clean_bank_pays_every_payout_in_full_alone_and_in_time() {
    for seed in 0..4 {
        let world = turned(Difficulty::Clean, seed);
        for kind in ["missing", "fee_taken", "late", "over", "merged", "split", "empty_description", "twin_missing"] {
            assert_eq!(count(&world, kind), 0, "seed {seed}: {kind}");
        }
        for kind in ["decoy_processor", "decoy_customer", "unknown_deposit", "reference_blanked", "text_cut", "text_wrapped"] {
            assert_eq!(count(&world, kind), 0, "seed {seed}: {kind}");
        }
        assert_eq!(world.truth.pending_rows, [], "seed {seed}");
        let told = [Verdict::Matched, Verdict::Awaiting, Verdict::Failed, Verdict::Returned];
        assert!(world.truth.payouts.iter().all(|payout| told.contains(&payout.verdict)), "seed {seed}");
    }
}

#[test]
fn what_the_dial_brings_comes_about_as_often_as_it_says() {
    // Of all payouts: the missing, those without reference, the cut and the wrapped, at each difficulty.
    let expected = [
        (Difficulty::Light, [0..30, 0..40, 0..40, 0..40]),
        (Difficulty::Real, [5..40, 20..80, 10..80, 30..120]),
        (Difficulty::Hard, [20..60, 70..170, 40..140, 70..180]),
        (Difficulty::Hardened, [90..160, 150..260, 60..160, 50..160]),
    ];
    for (difficulty, bounds) in expected {
        let worlds: Vec<World> = (0..6).map(|seed| turned(difficulty, seed)).collect();
        let payouts: usize = worlds.iter().map(|world| world.truth.payouts.len()).sum();
        for (kind, bounds) in ["missing", "reference_blanked", "text_cut", "text_wrapped"].into_iter().zip(bounds) {
            let planted: usize = worlds.iter().map(|world| count(world, kind)).sum();
            let permille = planted * 1_000 / payouts;
            assert!(bounds.contains(&permille), "{difficulty}: {kind} {permille} in a thousand of {payouts}");
        }
    }
}

#[test]
fn a_pending_row_stands_once_in_one_file_and_when_it_is_booked_in_a_later_one() {
    let (mut booked_later, mut never) = (BTreeMap::<String, u32>::new(), 0);
    for (difficulty, seed, world) in difficult() {
        let (all, formats) = (all_rows(&world), formats(&world));
        for row in &world.truth.pending_rows {
            let at = format!("{difficulty}, seed {seed}: {row:?}");
            let in_file = |rows: &[Row], booked: bool, on: Date| {
                rows.iter()
                    .filter(|seen| {
                        seen.booked == booked && seen.amount_minor == row.amount_minor && seen.date_on == on.to_string()
                    })
                    .count()
            };
            assert!(in_file(&all[&row.file], false, row.shown_on) >= 1, "{at}");
            let Some(booked_on) = row.booked_on else {
                never += 1;
                continue;
            };
            assert!(booked_on > row.shown_on && in_file(&all[&row.file], true, booked_on) == 0, "{at}");
            let account = world.truth.bank_accounts.iter().find(|account| account.name == row.bank_account).expect("its account");
            let later = account.files.iter().skip_while(|file| **file != row.file).skip(1);
            assert!(later.into_iter().any(|file| in_file(&all[file], true, booked_on) >= 1), "{at}");
            *booked_later.entry(formats[&row.bank_account].to_owned()).or_default() += 1;
        }
        let shown: usize = all.values().flatten().filter(|row| !row.booked).count();
        assert_eq!(shown, world.truth.pending_rows.len(), "{difficulty}, seed {seed}");
        assert_eq!(shown, count(&world, "pending_row"), "{difficulty}, seed {seed}");
    }
    for format in ["csv:chase", "csv:sparkasse", "camt.053.001.02", "camt.053.001.08"] {
        assert!(booked_later.contains_key(format), "{format} in {booked_later:?}");
    }
    assert!(never > 0);
}

#[test]
fn a_split_payout_is_in_two_lines_that_make_it_up() {
    let mut seen = 0;
    for (difficulty, seed, world) in difficult() {
        for planted in world.truth.planted.iter().filter(|planted| planted.kind == "split") {
            let payout = world.truth.payouts.iter().find(|payout| payout.id == planted.subject).expect("its payout");
            let sum: i64 = payout.bank_lines.iter().map(|line| line.amount_minor).sum();
            assert_eq!((payout.bank_lines.len(), sum), (2, payout.amount_minor), "{difficulty}, seed {seed}: {payout:?}");
            assert_eq!(payout.verdict, Verdict::Matched, "{difficulty}, seed {seed}");
            seen += 1;
        }
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn a_text_that_is_blanked_or_cut_shows_no_reference_and_a_wrapped_one_all_of_it() {
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for (difficulty, seed, world) in difficult() {
        let files = files(&world);
        for planted in &world.truth.planted {
            let Some(payout) = world.truth.payouts.iter().find(|payout| payout.id == planted.subject) else { continue };
            let [line] = payout.bank_lines.as_slice() else { continue };
            let at = format!("{difficulty}, seed {seed}: {planted:?} {line:?}");
            let row =
                files[&line.files[0]].iter().find(|row| row.text == line.description && row.amount_minor == line.amount_minor);
            assert!(row.is_some(), "{at}");
            match planted.kind {
                "reference_blanked" => assert!(!line.description.bytes().any(|byte| byte.is_ascii_digit()), "{at}"),
                "text_cut" => assert!(line.description.chars().count() <= 32 && !line.description.contains("TRACE"), "{at}"),
                "text_wrapped" => assert!(line.description.chars().count() > 27, "{at}"),
                _ => continue,
            }
            *seen.entry(planted.kind).or_default() += 1;
        }
    }
    assert!(seen.len() == 3 && seen.values().all(|count| *count > 10), "{seen:?}");
}

#[test]
fn files_stand_either_way_round_in_every_format() {
    let mut ways: BTreeSet<(String, bool)> = BTreeSet::new();
    for seed in 0..20 {
        let until = Date::new(2026, 9, 30).expect("a date");
        let difficulty = Some(Difficulty::Hardened);
        let options = Options { accounts: 4, per_day: 3, days: 40, difficulty, ..Options::quarter(seed, until) };
        let world = World::generate(&options).expect("a world");
        let formats = formats(&world);
        for (file, rows) in
            world.bank_files.iter().zip(world.bank_files.iter().map(|file| rows(formats[&file.bank_account], &file.bytes)))
        {
            let days: Vec<&str> = rows.iter().filter(|row| row.booked).map(|row| row.date_on.as_str()).collect();
            let newest_first = days.is_sorted_by(|a, b| a >= b);
            assert!(newest_first || days.is_sorted(), "seed {seed}: {}", file.name);
            ways.insert((formats[&file.bank_account].to_owned(), newest_first));
        }
    }
    assert_eq!(ways.len(), 8, "{ways:?}");
}

#[test]
fn every_planted_error_is_named_once() {
    for (difficulty, seed, world) in difficult() {
        let of_payouts =
            |kind: &str| !matches!(kind, "twin_lines" | "unknown_deposit" | "pending_row" | "decoy_processor" | "decoy_customer");
        let mut seen = BTreeSet::new();
        for planted in world.truth.planted.iter().filter(|planted| of_payouts(planted.kind)) {
            assert!(seen.insert((planted.kind, &planted.subject)), "{difficulty}, seed {seed}: {planted:?} twice");
        }
        assert_eq!(count(&world, "decoy_processor") + count(&world, "decoy_customer"), world.truth.decoys.len());
        assert_eq!(count(&world, "unknown_deposit"), world.truth.unknown_deposits.len());
    }
}
