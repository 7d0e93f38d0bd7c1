//! How right the answers are, against worlds whose truth is known. Run by `./campaign accuracy`; writes docs/ACCURACY.md.

mod judge;
mod page;
mod score;
mod seen;

use crate::world::{World, whole_or};
use score::Score;

/// Worlds of one kind.
struct Kind {
    name: &'static str,
    /// What `sim` is told besides the seed and the size.
    flags: &'static [&'static str],
    /// The share of Stripe's answers that fail.
    faults: &'static str,
    seeds: u64,
    /// Of a hundred deposits that can be told, how many are at least accepted without a person. What comes short, late or
    /// without a word is proposed, so it is less where banks do that more.
    accepted_min: u64,
    /// Of a hundred planted exceptions, how many are at least named. The simulator tells a missing payout from a short one by
    /// the fees that its banks take; where they take a few only, nobody else can know them.
    named_min: u64,
    /// Of a hundred deposits that cannot be told apart, how many are at least left open or shown as a group. What the law of a
    /// harder bank makes 98.9 % sure is one that cannot be told, and to a reader who does not know it 99.3 % sure.
    open_min: u64,
}

const DAYS: u64 = 90;

fn kinds() -> Vec<Kind> {
    let usual =
        |name, faults| Kind { name, flags: &[], faults, seeds: whole_or(3, 50), accepted_min: 95, named_min: 100, open_min: 100 };
    let dialled = |name, flags, accepted_min| Kind {
        name,
        flags,
        faults: "0",
        seeds: whole_or(1, 20),
        accepted_min,
        named_min: 99,
        open_min: 99,
    };
    vec![
        usual("usual", "0"),
        usual("usual, Stripe fails", "0.15"),
        dialled("clean", &["--difficulty", "clean"], 95),
        dialled("light", &["--difficulty", "light"], 95),
        dialled("real", &["--difficulty", "real"], 90),
        dialled("hard", &["--difficulty", "hard"], 80),
        dialled("hardened", &["--difficulty", "hardened"], 75),
        dialled("rich", &["--rich"], 95),
    ]
}

#[test]
#[ignore = "a campaign: ./campaign accuracy"]
fn answers_are_right_in_worlds_whose_truth_is_known() {
    let accounts = whole_or(2, 3);
    let only = std::env::var("ACCURACY_ONLY").ok();
    let mut table = String::new();
    let mut broken = Vec::new();
    for kind in kinds().into_iter().filter(|kind| only.as_ref().is_none_or(|only| only == kind.name)) {
        let mut score = Score::default();
        for seed in 1..=kind.seeds {
            judge::judge(&World::start_with(seed, DAYS, accounts, kind.flags, kind.faults), seed, &mut score);
        }
        page::write_row(&mut table, kind.name, [kind.seeds, DAYS, accounts], &score);
        score.remarks.iter().for_each(|remark| println!("{}, {remark}", kind.name));
        println!("{}", table.lines().last().unwrap_or_default());
        broken.extend(score.broken(&kind).map(|bound| format!("{}: {bound}", kind.name)));
    }
    assert!(broken.is_empty(), "{broken:#?}");
    if whole_or(0, 1) == 1 && only.is_none() {
        page::write_page(&table);
    }
}
