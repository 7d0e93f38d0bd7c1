//! Last pass: the line is a little less than the payout, because a bank took its fee off, or more by a rounding.

use std::collections::BTreeSet;

use money::Amount;

use super::assignment::{self, Weights, exchange_classes};
use super::board::{Board, LineSide, Link, PayoutSide, Standing};
use super::component::{Component, components};
use super::evidence;

/// A fee is never thought to be more than one part in this many of the payout.
const FEE_PART_MAX: i64 = 4;

/// Proposes open payouts and lines that differ by no more than a bank's fee or rounding, where only one set of pairs uses them
/// all. Where several do, all are shown and none is chosen.
pub(crate) fn link(board: &mut Board<'_>) {
    let mut pairs = BTreeSet::new();
    for (payout, side) in board.open_payouts() {
        let near = board.open_lines_near(side).filter(|&line| may_be(board, side, &board.lines[line]));
        pairs.extend(near.map(|line| (payout, line)));
    }
    for component in components(&pairs) {
        for link in links(board, &component, &pairs) {
            board.record(link);
        }
    }
}

fn links(board: &Board<'_>, component: &Component, pairs: &BTreeSet<(usize, usize)>) -> Vec<Link> {
    let Component { payouts, lines } = component;
    let weight = |payout: usize, line: usize| pairs.contains(&(payout, line)).then_some(0);
    let weights: Weights = payouts.iter().map(|&payout| lines.iter().map(|&line| weight(payout, line)).collect()).collect();
    let best = assignment::best(&weights);
    let complete = payouts.len() == lines.len() && best.right_of.iter().all(Option::is_some);
    let classes = exchange_classes(&weights, &best);
    let alone = |left: usize| classes.iter().filter(|class| **class == classes[left]).count() == 1;
    let mut links = Vec::new();
    for (left, &payout) in payouts.iter().enumerate() {
        let rivals: Vec<usize> = pairs.range((payout, 0)..=(payout, usize::MAX)).map(|pair| pair.1).collect();
        links.push(match best.right_of[left].filter(|_| complete && alone(left)) {
            Some(right) => {
                let line = lines[right];
                let others = u32::try_from(rivals.len().saturating_sub(1)).unwrap_or(u32::MAX);
                Link::pair(Standing::Proposed, payout, line, board.lines[line].minor(), findings(board, payout, line), others)
            }
            None => {
                let evidence = findings(board, payout, rivals[0]);
                Link::ambiguous(payout, rivals, evidence)
            }
        });
    }
    links
}

fn may_be(board: &Board<'_>, payout: &PayoutSide<'_>, line: &LineSide<'_>) -> bool {
    let Some(short) = payout.minor().checked_sub(line.minor()) else { return false };
    // A fee makes a credit smaller and a debit larger; only a rounding makes a deposit larger.
    let near = (-excess_max(board, payout.payout.amount)..=fee_max(board, payout.payout.amount)).contains(&short);
    let same_way = line.minor().signum() == payout.minor().signum();
    near && short != 0 && same_way && board.says_stripe(payout, line) && board.same_place(payout, line)
}

/// The most that a bank is thought to take off this payout, in minor units.
fn fee_max(board: &Board<'_>, amount: Amount) -> i64 {
    let minor = amount.minor().saturating_abs();
    let fixed = board.rules.bank_fee_major.saturating_mul(unit(amount));
    let share = (minor / 10_000).saturating_mul(board.rules.bank_fee_basis_points);
    fixed.max(share).min(minor / FEE_PART_MAX)
}

/// The most by which this payout's deposit may be too large, in minor units.
fn excess_max(board: &Board<'_>, amount: Amount) -> i64 {
    let share = (amount.minor().saturating_abs() / 10_000).saturating_mul(board.rules.bank_fee_basis_points);
    board.rules.excess_major.saturating_mul(unit(amount)).min(share)
}

/// Minor units of a major unit; currencies without decimals count a hundred, because a yen is about a cent.
fn unit(amount: Amount) -> i64 {
    10_i64.pow(amount.currency().exponent().max(2))
}

fn findings(board: &Board<'_>, payout: usize, line: usize) -> Vec<facts::Evidence> {
    let (payout, line) = (board.payouts[payout].payout, board.lines[line].line);
    vec![
        evidence::names_stripe(),
        evidence::amount_differs(line.amount, payout.amount),
        evidence::dates(payout.arrives_on, line.date_on),
        evidence::prior(),
    ]
}
