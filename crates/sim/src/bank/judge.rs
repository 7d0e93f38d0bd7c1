//! What is true of each payout at the bank, and whether it can be told. Knows who caused each line; decides nothing from text.

use std::collections::BTreeMap;

use super::{Known, arrivals::GRACE_WEEKDAYS, chances::Chances, dial::Dial, tell::tell};
use crate::{
    truth::{Distinguishable, LineTruth, Verdict},
    world::{
        calendar::add_weekdays,
        merchant::Cast,
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

/// What composition should say of a payout.
pub(super) fn composition(paid: &Paid) -> &'static str {
    match paid.row.kind {
        PayoutKind::Automatic if paid.listed_completely => "tied",
        PayoutKind::Automatic => "pending",
        PayoutKind::Manual | PayoutKind::Instant => "unitemised",
    }
}

/// One answer for each payout, in their order.
pub(super) fn judge(cast: &Cast, paid: &[Paid], lines: &[Known], reach: &[i64], dial: Dial) -> Vec<Judged> {
    let mut own: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, (line, _)) in lines.iter().enumerate() {
        for (place, _) in &line.parts {
            own.entry(*place).or_default().push(at);
        }
    }
    let told = tell(cast, paid, lines, reach, Chances::of(dial));
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
    let (verdict, difference) = match paid.status {
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
