//! Payouts that came and went: a credit, and within days a debit of the same amount.

use std::collections::HashMap;

use super::board::{Board, LineSide, Link, Standing};
use super::{evidence, reference};

/// Banks send a deposit back within this many business days.
///
/// Source: Stripe, "Payouts": a failed payout is usually returned within five business days; the bank may book it later.
const RETURN_DAYS_MAX: i32 = 10;

/// Payouts that Stripe calls failed: the credit and the debit after it, where exactly one such pair fits. Where several do, the
/// payout competes for its credit like any other; where none does, the failure is Stripe's word alone.
pub(crate) fn link_failed(board: &mut Board<'_>) {
    let by_amount = open_by_amount(board);
    let failed = board.payouts.iter().enumerate().filter(|(_, side)| side.failed && side.link.is_none());
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
    let mut came: Vec<usize> = Vec::new();
    for (payout, side) in failed {
        let same = |minor: i64| by_amount.get(&(side.payout.amount.currency(), minor)).into_iter().flatten().copied();
        let window = -board.rules.early_days..=board.rules.window_days;
        let credits: Vec<usize> = same(side.minor())
            .filter(|&line| {
                let line = &board.lines[line];
                window.contains(&line.day.since(side.day)) && board.says_stripe(side, line) && board.same_place(side, line)
            })
            .collect();
        let back = side.minor().checked_neg().unwrap_or_default();
        let pairs: Vec<(usize, usize)> = credits
            .iter()
            .flat_map(|&credit| same(back).map(move |debit| (credit, debit)))
            .filter(|&(credit, debit)| is_return(&board.lines[credit], &board.lines[debit]))
            .collect();
        match pairs.as_slice() {
            [] => {}
            &[(credit, debit)] => found.push((payout, credit, debit)),
            _ => came.push(payout),
        }
    }
    for payout in came {
        board.payouts[payout].came_and_went = true;
    }
    for (payout, credit, debit) in found {
        if board.lines[credit].link.is_none() && board.lines[debit].link.is_none() {
            let link = link_of(board, payout, credit, debit);
            board.record(link);
        }
    }
}

/// Payouts that were found at the bank and then left it again, whatever Stripe says of them.
///
/// A line that goes back and could be several payouts' is kept with all of them: nobody is told that money stayed.
pub(crate) fn link_arrived(board: &mut Board<'_>) {
    let arrived = arrived_by_amount(board);
    for line in 0..board.lines.len() {
        let side = &board.lines[line];
        let goes_back = side.text.returned && side.is_stripes() || side.minor() < 0 && side.is_stripes();
        if side.link.is_some() || side.contested || !goes_back {
            continue;
        }
        let sent = side.minor().checked_neg().and_then(|minor| arrived.get(&(side.line.amount.currency(), minor)));
        let candidates: Vec<usize> =
            sent.into_iter().flatten().copied().filter(|&payout| can_go_back(board, payout, side)).collect();
        match the_one(board, &candidates, side) {
            Some(payout) => take_back(board, payout, line),
            None if side.text.returned || !candidates.is_empty() => board.returns_unplaced.push((line, candidates)),
            None => {}
        }
    }
}

/// Payouts that were found, by what was found of them.
fn arrived_by_amount(board: &Board<'_>) -> HashMap<(money::Currency, i64), Vec<usize>> {
    let mut arrived: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, side) in board.payouts.iter().enumerate() {
        let Some(link) = side.link.and_then(|link| board.links.get(link)) else { continue };
        if matches!(link.standing, Standing::Accepted | Standing::Proposed) {
            let found = link.allocations.iter().filter(|part| part.0 == index).map(|part| part.2).sum();
            arrived.entry((side.payout.amount.currency(), found)).or_default().push(index);
        }
    }
    arrived
}

/// Whether the line comes within days after the payout's money, on the same bank account.
fn can_go_back(board: &Board<'_>, payout: usize, back: &LineSide<'_>) -> bool {
    let Some(link) = board.payouts[payout].link.and_then(|link| board.links.get(link)) else { return false };
    link.allocations.iter().filter(|part| part.0 == payout).any(|&(_, line, _)| {
        let came = &board.lines[line];
        came.line.bank_account == back.line.bank_account && (0..=RETURN_DAYS_MAX).contains(&back.day.since(came.day))
    })
}

/// The payout that the line sends back: the only one, the one whose reference it bears, or the one that Stripe calls failed.
fn the_one(board: &Board<'_>, candidates: &[usize], back: &LineSide<'_>) -> Option<usize> {
    let only = |chosen: Vec<usize>| if let &[payout] = chosen.as_slice() { Some(payout) } else { None };
    let which = |holds: &dyn Fn(usize) -> bool| only(candidates.iter().copied().filter(|&payout| holds(payout)).collect());
    which(&|_| true)
        .or_else(|| which(&|payout| reference::stands_in(&board.payouts[payout], back)))
        .or_else(|| which(&|payout| board.payouts[payout].failed))
}

/// Takes the payout out of its link and records that its money came and went.
fn take_back(board: &mut Board<'_>, payout: usize, back: usize) {
    let Some(index) = board.payouts[payout].link else { return };
    let old = &mut board.links[index];
    let mut lines: Vec<usize> = old.allocations.iter().filter(|part| part.0 == payout).map(|part| part.1).collect();
    let mut allocations: Vec<(usize, usize, i64)> = old.allocations.iter().filter(|part| part.0 == payout).copied().collect();
    let evidence = old.evidence.clone();
    old.payouts.retain(|other| *other != payout);
    old.allocations.retain(|part| part.0 != payout);
    let alone = old.payouts.is_empty();
    lines.push(back);
    allocations.push((payout, back, board.lines[back].minor()));
    let link = Link { standing: Standing::Returned, payouts: vec![payout], lines, allocations, evidence, rivals: 0 };
    let place = if alone { index } else { board.links.len() };
    if alone {
        board.links[index] = link;
    } else {
        board.links.push(link);
    }
    board.payouts[payout].link = Some(place);
    board.lines[back].link = Some(place);
}

fn open_by_amount(board: &Board<'_>) -> HashMap<(money::Currency, i64), Vec<usize>> {
    let mut by_amount: HashMap<_, Vec<usize>> = HashMap::new();
    for (index, side) in board.open_lines() {
        by_amount.entry((side.line.amount.currency(), side.minor())).or_default().push(index);
    }
    by_amount
}

/// Whether `debit` sends `credit` back: same bank account, within days, and it says so or reads like it.
fn is_return(credit: &LineSide<'_>, debit: &LineSide<'_>) -> bool {
    credit.line.bank_account == debit.line.bank_account
        && (0..=RETURN_DAYS_MAX).contains(&debit.day.since(credit.day))
        && (debit.text.returned || debit.says_stripe() || debit.text.template == credit.text.template)
}

fn link_of(board: &Board<'_>, payout: usize, credit: usize, debit: usize) -> Link {
    let stripe = board.payouts[payout].payout;
    let evidence = vec![
        evidence::amount_equal(stripe.amount),
        evidence::names_stripe(),
        evidence::dates(stripe.arrives_on, board.lines[credit].line.date_on),
        evidence::prior(),
    ];
    Link {
        standing: Standing::Returned,
        payouts: vec![payout],
        lines: vec![credit, debit],
        allocations: vec![(payout, credit, board.lines[credit].minor()), (payout, debit, board.lines[debit].minor())],
        evidence,
        rivals: 0,
    }
}
