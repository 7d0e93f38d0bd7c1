//! What proven deposits teach: on which bank account a route's payouts arrive, and how that bank writes them.

use std::collections::{BTreeMap, HashMap};

use facts::BankAccountName;
use money::Currency;

use super::board::{Board, LineSide, Route, Standing};
use crate::business_days::BusinessDay;

/// A way of writing is learnt once it was seen on this many proven deposits.
const PROVEN_MIN: usize = 3;

/// … and when at least this share (percent) of the money in that is written so, and that is no payout's amount near its day
/// unproven, was proven to be Stripe's.
const PROVEN_PERCENT_MIN: usize = 80;

/// Learns routes and ways of writing from what the reference pass proved, and routes also from equal amounts on lines that
/// name Stripe and have no rival.
pub(crate) fn learn(board: &mut Board<'_>) {
    learn_writing(board);
    learn_places(board);
}

fn learn_writing(board: &mut Board<'_>) {
    // In order of their days, as the payouts are.
    let mut expected: HashMap<(Currency, i64), Vec<BusinessDay>> = HashMap::new();
    for (_, side) in board.open_payouts() {
        expected.entry((side.payout.amount.currency(), side.minor())).or_default().push(side.day);
    }
    let may_be_expected = |side: &LineSide<'_>| {
        let days = expected.get(&(side.line.amount.currency(), side.minor()));
        let (first, last) = (side.day.plus(-board.rules.late_days), side.day.plus(board.rules.early_days));
        days.is_some_and(|days| days.get(days.partition_point(|day| *day < first)).is_some_and(|day| *day <= last))
    };
    let mut seen: HashMap<(&BankAccountName, &str), (usize, usize)> = HashMap::new();
    for side in board.lines.iter().filter(|side| side.minor() > 0) {
        let proven_here = side.link.is_some();
        let undecided = !proven_here && may_be_expected(side);
        let (proven, total) = seen.entry((&side.line.bank_account, &side.text.template)).or_default();
        *total += usize::from(!undecided);
        *proven += usize::from(proven_here);
    }
    let known = |side: &LineSide<'_>| {
        let key = (&side.line.bank_account, side.text.template.as_str());
        seen.get(&key).is_some_and(|(proven, total)| *proven >= PROVEN_MIN && proven * 100 >= total * PROVEN_PERCENT_MIN)
    };
    let reads: Vec<bool> = board.lines.iter().map(known).collect();
    for (side, reads) in board.lines.iter_mut().zip(reads) {
        side.reads_as_route = reads;
    }
}

/// Learns the places of routes that nothing proved, from everything that was found: a bank that takes its fee off every deposit
/// proves none.
pub(crate) fn learn_from_finds(board: &mut Board<'_>) {
    let mut votes: HashMap<Route<'_>, BTreeMap<&BankAccountName, usize>> = HashMap::new();
    let found = board.links.iter().filter(|link| matches!(link.standing, Standing::Accepted | Standing::Proposed));
    for &(payout, line, _) in found.flat_map(|link| &link.allocations) {
        let votes = votes.entry(board.payouts[payout].route()).or_default();
        *votes.entry(&board.lines[line].line.bank_account).or_default() += 1;
    }
    for (route, votes) in votes {
        if let Some(place) = most_voted(&votes) {
            board.routes.entry(route).or_insert(place);
        }
    }
}

fn learn_places(board: &mut Board<'_>) {
    let mut votes: HashMap<Route<'_>, BTreeMap<&BankAccountName, usize>> = HashMap::new();
    for link in board.links.iter().filter(|link| link.standing != Standing::Ambiguous) {
        for &(payout, line, _) in &link.allocations {
            let votes = votes.entry(board.payouts[payout].route()).or_default();
            *votes.entry(&board.lines[line].line.bank_account).or_default() += 1;
        }
    }
    for (payout, line) in unrivalled(board) {
        let votes = votes.entry(board.payouts[payout].route()).or_default();
        *votes.entry(&board.lines[line].line.bank_account).or_default() += 1;
    }
    let routes: HashMap<_, _> = votes.into_iter().filter_map(|(route, votes)| Some((route, most_voted(&votes)?))).collect();
    board.routes = routes;
}

/// The name with most votes; of equals the first, because a map in name order is walked from its end.
fn most_voted<'a>(votes: &BTreeMap<&'a BankAccountName, usize>) -> Option<&'a BankAccountName> {
    votes.iter().rev().max_by_key(|(_, count)| **count).map(|(name, _)| *name)
}

/// Pairs of equal amount in the window on a line that names Stripe, where neither side has another such pair.
fn unrivalled(board: &Board<'_>) -> Vec<(usize, usize)> {
    let mut by_amount: HashMap<(i64, Currency), Vec<usize>> = HashMap::new();
    for (index, line) in board.open_lines().filter(|(_, line)| line.is_stripes()) {
        by_amount.entry((line.minor(), line.line.amount.currency())).or_default().push(index);
    }
    let mut pairs = Vec::new();
    let mut claims: HashMap<usize, usize> = HashMap::new();
    for (payout, side) in board.open_payouts() {
        let same = by_amount.get(&(side.minor(), side.payout.amount.currency())).into_iter().flatten().copied();
        let near: Vec<usize> = same
            .filter(|&line| {
                let line = &board.lines[line];
                (-board.rules.early_days..=board.rules.window_days).contains(&line.day.since(side.day))
                    && board.says_stripe(side, line)
                    && board.can_be(side, line)
            })
            .collect();
        near.iter().for_each(|line| *claims.entry(*line).or_default() += 1);
        if let &[line] = near.as_slice() {
            pairs.push((payout, line));
        }
    }
    pairs.retain(|(_, line)| claims.get(line) == Some(&1));
    pairs
}
