//! What is true of each payout at the bank, and whether it can be told. Knows who caused each line; decides nothing from text.

use std::collections::{BTreeMap, BTreeSet};

use super::{Known, Line, Voice, arrivals::GRACE_WEEKDAYS};
use crate::{
    truth::{Distinguishable, LineTruth, Verdict},
    world::{
        calendar::add_weekdays,
        payouts::Paid,
        rows::{DAY, PayoutKind, PayoutStatus},
    },
};

/// What is true of one payout.
pub(super) struct Judged {
    pub(super) bank_lines: Vec<LineTruth>,
    pub(super) verdict: Verdict,
    pub(super) difference: i64,
    pub(super) distinguishable: Distinguishable,
    pub(super) rivals: Vec<LineTruth>,
    pub(super) exceptions: Vec<&'static str>,
}

/// A line of a payout's amount is a plausible reading of it from this many days before its arrival …
const PLAUSIBLE_BEFORE_DAYS: i64 = 3;
/// … to this many weekdays after: a late booking's last day.
const PLAUSIBLE_AFTER_WEEKDAYS: u32 = GRACE_WEEKDAYS + 5;

/// What composition should say of a payout.
pub(super) fn composition(paid: &Paid) -> &'static str {
    match paid.row.kind {
        PayoutKind::Automatic if paid.row.listed_completely => "tied",
        PayoutKind::Automatic => "pending",
        PayoutKind::Manual | PayoutKind::Instant => "unitemised",
    }
}

/// One answer for each payout, in their order.
pub(super) fn judge(paid: &[Paid], lines: &[Known], reach: &[i64]) -> Vec<Judged> {
    let mut own: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, (line, _)) in lines.iter().enumerate() {
        for (place, _) in &line.parts {
            own.entry(*place).or_default().push(at);
        }
    }
    let told = tell(paid, lines);
    paid.iter()
        .enumerate()
        .map(|(place, paid)| {
            let mine = own.get(&place).map(Vec::as_slice).unwrap_or_default();
            let (distinguishable, rivals) = told.get(&place).cloned().unwrap_or((Distinguishable::Yes, Vec::new()));
            answer(place, paid, mine, lines, reach, distinguishable, &rivals)
        })
        .collect()
}

fn answer(
    place: usize,
    paid: &Paid,
    mine: &[usize],
    lines: &[Known],
    reach: &[i64],
    distinguishable: Distinguishable,
    rivals: &[usize],
) -> Judged {
    let bank_lines: Vec<LineTruth> = mine.iter().filter_map(|at| lines.get(*at)).map(|known| allocated(place, known)).collect();
    let shared = mine.iter().filter_map(|at| lines.get(*at)).any(|(line, _)| line.parts.len() > 1);
    let found: i64 = bank_lines.iter().map(|line| if shared { line.allocated_minor } else { line.amount_minor }).sum();
    let due = add_weekdays(paid.row.arrival.div_euclid(DAY), GRACE_WEEKDAYS);
    let covered = reach.get(paid.bank).is_some_and(|reach| due <= *reach);
    let (verdict, difference) = match paid.row.status {
        PayoutStatus::Failed if !bank_lines.is_empty() => (Verdict::Returned, 0),
        PayoutStatus::Failed | PayoutStatus::Canceled => (Verdict::Failed, 0),
        _ if bank_lines.is_empty() && covered => (Verdict::Missing, 0),
        _ if bank_lines.is_empty() => (Verdict::Awaiting, 0),
        _ if found < paid.row.amount => (Verdict::Short, found - paid.row.amount),
        _ if found > paid.row.amount => (Verdict::Over, found - paid.row.amount),
        _ => (Verdict::Matched, 0),
    };
    let exceptions = match verdict {
        Verdict::Matched | Verdict::Awaiting => vec![],
        Verdict::Short => vec!["deposit_short"],
        Verdict::Over => vec!["deposit_over"],
        Verdict::Missing => vec!["deposit_missing"],
        Verdict::Failed => vec!["payout_failed"],
        Verdict::Returned => vec!["deposit_returned", "payout_failed"],
    };
    let rivals = rivals.iter().filter_map(|at| lines.get(*at)).map(|known| allocated(place, known)).collect();
    Judged { bank_lines, verdict, difference, distinguishable, rivals, exceptions }
}

fn allocated(place: usize, (line, truth): &Known) -> LineTruth {
    let part = line.parts.iter().find(|(of, _)| *of == place).map_or(0, |(_, part)| *part);
    LineTruth { allocated_minor: part, ..truth.clone() }
}

/// Whether `line`, by what can be seen of it, could be the payout: its amount, its days, no other name and no other reference.
fn plausible(place: usize, paid: &Paid, line: &Line) -> bool {
    let arrival = paid.row.arrival.div_euclid(DAY);
    let days = arrival - PLAUSIBLE_BEFORE_DAYS..=add_weekdays(arrival, PLAUSIBLE_AFTER_WEEKDAYS);
    line.bank == paid.bank
        && line.amount == paid.row.amount
        && line.voice != Voice::Other
        && line.traced.is_none_or(|of| of == place)
        && days.contains(&line.day)
}

/// Groups of payouts and lines that could be each other's. A payout that is in none of more than one pair can be told.
fn tell(paid: &[Paid], lines: &[Known]) -> BTreeMap<usize, (Distinguishable, Vec<usize>)> {
    let mut by_amount: BTreeMap<(usize, i64), Vec<usize>> = BTreeMap::new();
    for (at, (line, _)) in lines.iter().enumerate() {
        by_amount.entry((line.bank, line.amount)).or_default().push(at);
    }
    let mut edges: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    let mut back: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, of) in paid.iter().enumerate() {
        for at in by_amount.get(&(of.bank, of.row.amount)).into_iter().flatten() {
            if lines.get(*at).is_some_and(|(line, _)| plausible(place, of, line)) {
                edges.entry(place).or_default().push(*at);
                back.entry(*at).or_default().push(place);
            }
        }
    }
    let mut told = BTreeMap::new();
    for start in edges.keys() {
        if !told.contains_key(start) {
            let (payouts, rivals) = component(*start, &edges, &back);
            let verdict = verdict(&payouts, &rivals, lines);
            let shown: Vec<usize> = if verdict == Distinguishable::Yes { Vec::new() } else { rivals.iter().copied().collect() };
            for place in payouts {
                told.insert(place, (verdict, shown.clone()));
            }
        }
    }
    told
}

fn component(
    start: usize,
    edges: &BTreeMap<usize, Vec<usize>>,
    back: &BTreeMap<usize, Vec<usize>>,
) -> (BTreeSet<usize>, BTreeSet<usize>) {
    let (mut payouts, mut lines, mut open) = (BTreeSet::from([start]), BTreeSet::new(), vec![start]);
    while let Some(place) = open.pop() {
        for at in edges.get(&place).into_iter().flatten() {
            if lines.insert(*at) {
                open.extend(back.get(at).into_iter().flatten().copied().filter(|other| payouts.insert(*other)));
            }
        }
    }
    (payouts, lines)
}

fn verdict(payouts: &BTreeSet<usize>, rivals: &BTreeSet<usize>, lines: &[Known]) -> Distinguishable {
    let alone = |at: &usize| {
        lines.get(*at).is_some_and(|(line, _)| line.parts.len() == 1 && line.parts.iter().all(|(of, _)| payouts.contains(of)))
    };
    match (payouts.len(), rivals.len()) {
        (one, other) if one != other || !rivals.iter().all(alone) => Distinguishable::No,
        (1, _) => Distinguishable::Yes,
        _ => Distinguishable::Group,
    }
}
