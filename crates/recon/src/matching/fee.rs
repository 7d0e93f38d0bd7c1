//! Last pass: the line is a little less than the payout, because a bank took its fee off, or more by a rounding.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use facts::BankAccountName;
use money::Amount;

use super::assignment::{self, Assignment, Weights};
use super::board::{Board, LineSide, Link, PayoutSide, Standing};
use super::component::{Component, components};
use super::evidence;

/// A fee is never thought to be more than one part in this many of the payout.
const FEE_PART_MAX: i64 = 4;

/// How much better the best set of pairs must be than the best one without a pair for that pair to be proposed.
const MARGIN_MIN: i64 = 150;

/// A difference is this bank's usual fee once so many pairs on the same day as expected show it.
const USUAL_MIN: usize = 3;

/// A fee seen on this many deposits is accepted without a person.
const PROVEN_MIN: usize = 8;

/// Competitions over this many a side are not solved; see the exact pass.
const COMPETITORS_MAX: usize = 200;

/// More rivals than this are not listed with an ambiguous payout.
const RIVALS_MAX: usize = 20;

/// What each possible pair of (payout, line) weighs.
type PairWeights = BTreeMap<(usize, usize), i32>;

/// Proposes open payouts and lines that differ by no more than a bank's fee or rounding, where dates and the bank's usual fee
/// leave one best set of pairs. Where they do not, all are shown and none is chosen.
pub(crate) fn link(board: &mut Board<'_>) {
    let usual = usual_fees(board);
    let mut weights = PairWeights::new();
    for (payout, side) in board.open_payouts() {
        for line in board.open_lines_within(side, board.rules.late_days) {
            if let Some(weight) = weight(board, &usual, payout, line) {
                weights.insert((payout, line), weight);
            }
        }
    }
    for component in components(&weights.keys().copied().collect()) {
        for link in links(board, &usual, &component, &weights) {
            board.record(link);
        }
    }
}

/// How often each difference was seen between a payout and a line of its day, on each bank account.
pub(crate) type UsualFees<'a> = HashMap<(&'a BankAccountName, i64), usize>;

/// The differences that open payouts and lines show again and again.
pub(crate) fn usual_fees<'a>(board: &Board<'a>) -> UsualFees<'a> {
    let mut seen = UsualFees::new();
    for (_, side) in board.open_payouts() {
        let near = board.open_lines_within(side, board.rules.window_days);
        let fees: BTreeSet<(&BankAccountName, i64)> = near
            .filter(|&line| may_be(board, side, &board.lines[line]))
            .map(|line| (&board.lines[line].line.bank_account, side.minor() - board.lines[line].minor()))
            .collect();
        fees.into_iter().for_each(|fee| *seen.entry(fee).or_default() += 1);
    }
    seen.retain(|_, times| *times >= USUAL_MIN);
    seen
}

fn usual_times(board: &Board<'_>, usual: &UsualFees<'_>, payout: usize, line: usize) -> Option<usize> {
    let difference = board.payouts[payout].minor() - board.lines[line].minor();
    usual.get(&(&board.lines[line].line.bank_account, difference)).copied()
}

/// What a pair weighs; `None` where the two cannot be one. A late line is looked at only for a usual fee.
fn weight(board: &Board<'_>, usual: &UsualFees<'_>, payout: usize, line: usize) -> Option<i32> {
    let (side, bank) = (&board.payouts[payout], &board.lines[line]);
    let lag = bank.day.since(side.day);
    let is_usual = usual_times(board, usual, payout, line).is_some();
    let in_time = lag <= board.rules.window_days || is_usual;
    let fee = if is_usual { evidence::usual_fee_weight() } else { 0 };
    let look = match Look::of(board, side, bank) {
        Look::Round => evidence::round_fee_weight(),
        Look::Rounding => evidence::rounding_weight(),
        Look::Odd => 0,
    };
    (in_time && may_be(board, side, bank)).then(|| evidence::date_weight(lag) + fee + look)
}

fn links(board: &Board<'_>, usual: &UsualFees<'_>, component: &Component, known: &PairWeights) -> Vec<Link> {
    let Component { payouts, lines } = component;
    let row = |payout: &usize| lines.iter().map(|line| known.get(&(*payout, *line)).copied()).collect();
    let solvable = payouts.len().max(lines.len()) <= COMPETITORS_MAX;
    let weights: Weights = if solvable { payouts.iter().map(row).collect() } else { Weights::new() };
    let best = assignment::best(&weights);
    let sure: Vec<Option<usize>> = (0..payouts.len())
        .map(|left| best.right_of.get(left).copied().flatten().filter(|&right| is_sure(&weights, &best, left, right)))
        .collect();
    let taken: BTreeSet<usize> = sure.iter().flatten().map(|&right| lines[right]).collect();
    let mut links = Vec::new();
    for (&payout, right) in payouts.iter().zip(&sure) {
        let rivals: Vec<usize> = known.range((payout, 0)..=(payout, usize::MAX)).map(|(pair, _)| pair.1).collect();
        if let Some(right) = *right {
            let line = lines[right];
            let others = u32::try_from(rivals.len().saturating_sub(1)).unwrap_or(u32::MAX);
            let evidence = findings(board, usual, payout, line);
            links.push(Link::pair(
                standing(board, usual, payout, line),
                payout,
                line,
                board.lines[line].minor(),
                evidence,
                others,
            ));
            continue;
        }
        let left: Vec<usize> = rivals.into_iter().filter(|line| !taken.contains(line)).take(RIVALS_MAX).collect();
        if let Some(&line) = left.first() {
            let evidence = findings(board, usual, payout, line);
            links.push(Link::ambiguous(payout, left, evidence));
        }
    }
    links
}

/// A bank that takes the same fee off every deposit is as exact as one that takes none.
fn standing(board: &Board<'_>, usual: &UsualFees<'_>, payout: usize, line: usize) -> Standing {
    let in_time = board.lines[line].day.since(board.payouts[payout].day) <= board.rules.window_days;
    let often = usual_times(board, usual, payout, line).is_some_and(|times| times >= PROVEN_MIN);
    if in_time && often { Standing::Accepted } else { Standing::Proposed }
}

/// Whether the pair is clearly better than any set without it.
fn is_sure(weights: &Weights, best: &Assignment, left: usize, right: usize) -> bool {
    let mut without = weights.clone();
    without[left][right] = None;
    best.worth - assignment::best(&without).worth >= MARGIN_MIN
}

/// Whether the line can be the payout less a bank's fee, or more by a rounding.
pub(crate) fn may_be(board: &Board<'_>, payout: &PayoutSide<'_>, line: &LineSide<'_>) -> bool {
    let Some(short) = payout.minor().checked_sub(line.minor()) else { return false };
    // A fee makes a credit smaller and a debit larger; only a rounding makes a deposit larger.
    let near = (-excess_max(board, payout.payout.amount)..=fee_max(board, payout.payout.amount)).contains(&short);
    let same_way = line.minor().signum() == payout.minor().signum();
    near && short != 0 && same_way && board.says_stripe(payout, line) && board.can_be(payout, line)
}

/// Whether the line can be the payout less a fee of no more than a usual share.
pub(crate) fn is_small(board: &Board<'_>, payout: &PayoutSide<'_>, line: &LineSide<'_>) -> bool {
    let share = (payout.minor().saturating_abs() / 10_000).saturating_mul(board.rules.bank_fee_basis_points);
    let difference = payout.minor().saturating_sub(line.minor()).saturating_abs();
    difference <= share && may_be(board, payout, line)
}

/// Whether the line can be the payout less what this bank usually takes.
pub(crate) fn is_usual(board: &Board<'_>, usual: &UsualFees<'_>, payout: usize, line: usize) -> bool {
    let known = usual_times(board, usual, payout, line).is_some();
    known && may_be(board, &board.payouts[payout], &board.lines[line])
}

/// Whether the line can be the payout less a fee that is nothing out of the ordinary: a small share, or this bank's usual one.
pub(crate) fn is_likely(board: &Board<'_>, usual: &UsualFees<'_>, payout: usize, line: usize) -> bool {
    is_small(board, &board.payouts[payout], &board.lines[line]) || is_usual(board, usual, payout, line)
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

/// What a difference looks like by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Look {
    /// No more than a bank's rounding.
    Rounding,
    /// A multiple of half a major unit, or of half a percent of the payout.
    Round,
    /// Anything else.
    Odd,
}

impl Look {
    fn of(board: &Board<'_>, payout: &PayoutSide<'_>, line: &LineSide<'_>) -> Self {
        let (amount, minor) = (payout.payout.amount, payout.minor().saturating_abs());
        let difference = payout.minor().saturating_sub(line.minor()).saturating_abs();
        // A share is rounded to a minor unit, up or down.
        let is_share = |halves: i64| {
            let exact = minor.saturating_mul(halves);
            difference == exact / HALF_PERCENTS || difference == exact.saturating_add(HALF_PERCENTS - 1) / HALF_PERCENTS
        };
        if difference <= excess_max(board, amount) {
            Self::Rounding
        } else if difference % (unit(amount) / 2) == 0 || (1..=board.rules.bank_fee_basis_points / 50).any(is_share) {
            Self::Round
        } else {
            Self::Odd
        }
    }
}

/// Half percents in a whole.
const HALF_PERCENTS: i64 = 200;

fn findings(board: &Board<'_>, usual: &UsualFees<'_>, payout: usize, line: usize) -> Vec<facts::Evidence> {
    let times = usual_times(board, usual, payout, line);
    let look = Look::of(board, &board.payouts[payout], &board.lines[line]);
    let (payout, line) = (board.payouts[payout].payout, board.lines[line].line);
    let mut findings = vec![
        evidence::names_stripe(),
        evidence::amount_differs(line.amount, payout.amount),
        evidence::dates(payout.arrives_on, line.date_on),
        evidence::prior(),
    ];
    let difference = payout.amount.checked_sub(line.amount).ok();
    findings.extend(difference.and_then(|difference| match look {
        Look::Round => Some(evidence::round_fee(difference)),
        Look::Rounding => Some(evidence::rounding(difference)),
        Look::Odd => None,
    }));
    findings.extend(times.zip(difference).map(|(times, difference)| evidence::usual_fee(difference, times)));
    findings
}
