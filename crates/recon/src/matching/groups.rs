//! Several payouts in one line, and one payout in several lines. Only a sum that no other set makes is an answer.

use std::collections::{BTreeMap, BTreeSet};

use super::board::{Board, LineSide, Link, PayoutSide, Standing};
use super::evidence;
use super::subset::{Sums, sums_to};

/// Links lines that name Stripe to the several payouts that they hold.
///
/// Payouts of one arrival day are accepted: that is how banks merge. A sum over several days is accepted where chance cannot
/// have made it, else proposed.
pub(crate) fn link_merged(board: &mut Board<'_>) {
    for same_day in [true, false] {
        let found: Vec<(usize, Sums, Vec<usize>)> = board
            .open_lines()
            .filter(|(_, side)| side.says_stripe())
            .map(|(line, side)| merged(board, line, side, same_day))
            .collect();
        let disputed = disputed(found.iter().filter_map(|(_, sums, pool)| members(sums, pool)));
        for (line, sums, pool) in found {
            if let (Sums::Several(_), true) = (&sums, same_day) {
                record_rivals(board, line, &sums, &pool);
            }
            let Some(payouts) = members(&sums, &pool) else { continue };
            if payouts.iter().any(|payout| disputed.contains(payout)) {
                continue;
            }
            let sure = same_day || chance_is_small(pool.len(), board.lines[line].minor());
            let standing = if sure { Standing::Accepted } else { Standing::Proposed };
            let link = merged_link(board, standing, payouts, line);
            board.record(link);
        }
    }
}

/// Links payouts to the several lines in which they arrived: proposed, because banks rarely do that.
pub(crate) fn link_split(board: &mut Board<'_>) {
    let found: Vec<(usize, Sums, Vec<usize>)> = board.open_payouts().map(|(payout, side)| parts(board, payout, side)).collect();
    let disputed = disputed(found.iter().filter_map(|(_, sums, pool)| members(sums, pool)));
    for (payout, sums, pool) in found {
        let Some(lines) = members(&sums, &pool) else { continue };
        if lines.iter().any(|line| disputed.contains(line)) {
            continue;
        }
        let link = split_link(board, payout, lines);
        board.record(link);
    }
}

/// Of so many candidates, sums of any few are spread over about the size of the line: with fewer than one set in this many
/// minor units, a sum that fits by chance is rarer than that.
const CHANCE_MAX: i64 = 1_000;

fn chance_is_small(candidates: usize, minor: i64) -> bool {
    let sets = u32::try_from(candidates).ok().and_then(|count| 1_i64.checked_shl(count)).unwrap_or(i64::MAX);
    sets.saturating_mul(CHANCE_MAX) <= minor.saturating_abs()
}

/// The open payouts that can be in the line, and whether some of them are exactly it.
fn merged(board: &Board<'_>, line: usize, side: &LineSide<'_>, same_day: bool) -> (usize, Sums, Vec<usize>) {
    let pool: Vec<usize> =
        board.open_payouts_near(side).filter(|&payout| board.same_place(&board.payouts[payout], side)).collect();
    if !same_day {
        let sums = sums_to(side.minor(), &amounts(board, &pool), 2);
        return (line, sums, pool);
    }
    let mut days: BTreeMap<jiff::civil::Date, Vec<usize>> = BTreeMap::new();
    pool.iter().for_each(|&payout| days.entry(board.payouts[payout].payout.arrives_on).or_default().push(payout));
    let mut answers: Vec<(Sums, Vec<usize>)> = days
        .into_values()
        .map(|pool| (sums_to(side.minor(), &amounts(board, &pool), 2), pool))
        .filter(|(sums, _)| *sums != Sums::None)
        .collect();
    match (answers.pop(), answers.is_empty()) {
        (Some((sums, pool)), true) => (line, sums, pool),
        (Some(_), false) => (line, Sums::TooMany, pool),
        (None, _) => (line, Sums::None, pool),
    }
}

/// The open lines that can be parts of the payout, and whether some of them are exactly it.
fn parts(board: &Board<'_>, payout: usize, side: &PayoutSide<'_>) -> (usize, Sums, Vec<usize>) {
    let fits = |line: &LineSide<'_>| {
        board.says_stripe(side, line) && board.same_place(side, line) && line.minor().signum() == side.minor().signum()
    };
    let pool: Vec<usize> = board.open_lines_near(side).filter(|&line| fits(&board.lines[line])).collect();
    let amounts: Vec<i64> = pool.iter().map(|&line| board.lines[line].minor()).collect();
    (payout, sums_to(side.minor(), &amounts, 2), pool)
}

fn amounts(board: &Board<'_>, payouts: &[usize]) -> Vec<i64> {
    payouts.iter().map(|&payout| board.payouts[payout].minor()).collect()
}

/// What the answer is made of, where there is exactly one.
fn members(sums: &Sums, pool: &[usize]) -> Option<Vec<usize>> {
    match sums {
        Sums::One(chosen) => Some(chosen.iter().filter_map(|&at| pool.get(at).copied()).collect()),
        Sums::None | Sums::Several(_) | Sums::TooMany => None,
    }
}

/// Members that more than one answer needs.
fn disputed(answers: impl Iterator<Item = Vec<usize>>) -> BTreeSet<usize> {
    let (mut once, mut twice) = (BTreeSet::new(), BTreeSet::new());
    for member in answers.flatten() {
        if !once.insert(member) {
            twice.insert(member);
        }
    }
    twice
}

/// A line that payouts of one day make in more than one way: each of them could be in it.
fn record_rivals(board: &mut Board<'_>, line: usize, sums: &Sums, pool: &[usize]) {
    let Sums::Several(chosen) = sums else { return };
    let payouts: Vec<usize> = chosen.iter().filter_map(|&at| pool.get(at).copied()).collect();
    for payout in payouts {
        if board.payouts[payout].link.is_some() {
            continue;
        }
        let evidence = merged_link(board, Standing::Ambiguous, vec![payout], line).evidence;
        board.record(Link::ambiguous(payout, vec![line], evidence));
    }
}

fn merged_link(board: &Board<'_>, standing: Standing, payouts: Vec<usize>, line: usize) -> Link {
    let bank = board.lines[line].line;
    let first = board.payouts[payouts[0]].payout;
    let evidence = vec![
        evidence::amount_sum(payouts.len(), bank.amount),
        evidence::names_stripe(),
        evidence::dates(first.arrives_on, bank.date_on),
        evidence::prior(),
    ];
    let allocations = payouts.iter().map(|&payout| (payout, line, board.payouts[payout].minor())).collect();
    Link { standing, payouts, lines: vec![line], allocations, evidence, rivals: 0 }
}

fn split_link(board: &Board<'_>, payout: usize, lines: Vec<usize>) -> Link {
    let stripe = board.payouts[payout].payout;
    let evidence = vec![
        evidence::amount_sum(lines.len(), stripe.amount),
        evidence::names_stripe(),
        evidence::dates(stripe.arrives_on, board.lines[lines[0]].line.date_on),
        evidence::prior(),
    ];
    let allocations = lines.iter().map(|&line| (payout, line, board.lines[line].minor())).collect();
    Link { standing: Standing::Proposed, payouts: vec![payout], lines, allocations, evidence, rivals: 0 }
}
