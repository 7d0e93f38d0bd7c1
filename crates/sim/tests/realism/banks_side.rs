//! Lags, texts and troubles at the bank.

use std::collections::{BTreeMap, HashMap};

use sim::{ObjectKind, World, truth::PayoutTruth};

use crate::{
    figures::{share, share_of},
    sample::{Kind, objects, planted},
    table::Row,
};

/// Payouts that stand in one line.
fn in_one_line(world: &World) -> impl Iterator<Item = &PayoutTruth> {
    world.truth.payouts.iter().filter(|payout| payout.bank_lines.len() == 1)
}

pub fn booking(kind: &Kind) -> Vec<Row> {
    let lags: Vec<i32> = kind
        .worlds
        .iter()
        .flat_map(in_one_line)
        .map(|payout| payout.bank_lines[0].date_on.since(payout.arrives_on).expect("days").get_days())
        .collect();
    let at = |days: i32| share_of(&lags, |lag| *lag == days);
    let late = share_of(&lags, |lag| *lag > 3);
    let spread = format!("{}, {}, {}, {}, {late}", at(0), at(1), at(2), at(3));
    vec![Row::new(kind, "calendar days from arrival to booking: 0, 1, 2, 3, more", spread)]
}

/// What of a payout's words reaches the file.
pub fn texts(kind: &Kind) -> Vec<Row> {
    let mut forms: BTreeMap<&str, usize> = BTreeMap::new();
    let mut all = 0;
    for world in &kind.worlds {
        let traces: HashMap<String, String> = objects(world, ObjectKind::Payout)
            .concat()
            .into_iter()
            .filter_map(|(_, body)| Some((body["id"].as_str()?.to_owned(), body["trace_id"]["value"].as_str()?.to_owned())))
            .collect();
        let files: HashMap<&str, String> =
            world.bank_files.iter().map(|file| (file.name.as_str(), squeezed(&file.bytes))).collect();
        let done: HashMap<&str, &str> = world
            .truth
            .planted
            .iter()
            .filter(|planted| planted.kind.starts_with("text_"))
            .map(|planted| (planted.subject.as_str(), planted.kind))
            .collect();
        for payout in in_one_line(world) {
            let line = &payout.bank_lines[0];
            let traced =
                traces.get(&payout.id).is_some_and(|trace| line.files.iter().any(|file| files[file.as_str()].contains(trace)));
            let form = match done.get(payout.id.as_str()) {
                Some(&"text_cut") => "cut",
                Some(_) if traced => "wrapped, with the reference",
                Some(_) => "wrapped, without",
                None if traced => "whole, with the reference",
                None if line.description.is_empty() => "nothing",
                None if line.description.bytes().any(|byte| byte.is_ascii_digit()) => "a token, no reference",
                None => "name or descriptor only",
            };
            *forms.entry(form).or_default() += 1;
            all += 1;
        }
    }
    let told: Vec<String> = forms.iter().map(|(form, count)| format!("{form} {}", share(*count, all))).collect();
    vec![Row::new(kind, "texts of deposits", told.join(", "))]
}

/// Without what a wrap, and CAMT's elements between its rows, put into a reference.
fn squeezed(bytes: &[u8]) -> String {
    let text: String = bytes.iter().map(|byte| char::from(*byte)).filter(|letter| !letter.is_whitespace()).collect();
    text.replace("</Ustrd><Ustrd>", "")
}

pub fn troubles(kind: &Kind) -> Vec<Row> {
    let payouts: usize = kind.worlds.iter().map(|world| world.truth.payouts.len()).sum();
    let named = [
        ("missing", "missing"),
        ("short", "fee_taken"),
        ("over", "over"),
        ("late", "late"),
        ("split", "split"),
        ("in one line with others", "merged"),
        ("without a word", "empty_description"),
        ("reference blanked", "reference_blanked"),
        ("returned", "returned"),
    ];
    let told: Vec<String> =
        named.iter().map(|(words, what)| format!("{words} {}", share(planted(kind, what), payouts))).collect();
    let decoys: usize = kind.worlds.iter().map(|world| world.truth.decoys.len()).sum();
    let files: usize = kind.worlds.iter().map(|world| world.bank_files.len()).sum();
    let tenths = planted(kind, "pending_row") * 10 / files.max(1);
    vec![
        Row::new(kind, "of all payouts", told.join(", ")),
        Row::new(
            kind,
            "somebody else's line of exactly the amount, for a payout; pending rows a file",
            format!("{}; {}.{}", share(decoys, payouts), tenths / 10, tenths % 10),
        ),
    ]
}
