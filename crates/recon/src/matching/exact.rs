//! Equal amounts near the date.

use std::collections::{BTreeMap, BTreeSet};

use facts::Evidence;
use money::Currency;

use super::assignment::{self, Assignment, Weights};
use super::board::{Board, LineSide, Link, PayoutSide, Standing};
use super::component::{Component, components};
use super::evidence;
use super::text::Party;

/// Which lines a run of the pass looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tier {
    /// Lines that name Stripe: accepted within the window, proposed after it. Both at once, because a late line is a rival too.
    NamesStripe,
    /// Lines that name nobody, within the window: proposed.
    NamesNobody,
}

/// How much better the best set of pairs must be than the best one without a pair for that pair to be told apart: e⁵, one
/// hundred and fifty times as likely.
const MARGIN_MIN: i64 = 500;

/// Competitions over this many a side are not weighed pair by pair; a quarter of equal daily payouts is below it, and weighs in
/// a fraction of a second.
const WEIGHED_MAX: usize = 100;

/// Competitions over this many a side are not solved: so many equal amounts within days of each other are told apart by
/// nothing, and a matrix of them would outgrow memory.
const COMPETITORS_MAX: usize = 300;

/// Blocks with more possible pairs than this are not laid out: two million take some hundred megabytes.
const PAIRS_MAX: usize = 2_000_000;

/// A group over this many says no more than that nothing is told apart.
const EQUAL_GROUP_MAX: usize = 20;

/// More rivals than this are not listed with an ambiguous payout.
const RIVALS_MAX: usize = 20;

/// Links payouts and lines of equal amount.
pub(crate) fn link(board: &mut Board<'_>, tier: Tier) {
    for block in blocks(board, tier) {
        let Some(weights) = block.weights(board, tier) else {
            block.give_up(board, tier, &block.payouts);
            continue;
        };
        for part in components(&weights.keys().copied().collect()) {
            if part.payouts.len().max(part.lines.len()) > COMPETITORS_MAX {
                block.give_up(board, tier, &part.payouts);
            } else {
                Competition::of(part, &weights).decide(board, tier);
            }
        }
    }
}

/// Payouts and lines of one amount.
#[derive(Default)]
struct Block {
    payouts: Vec<usize>,
    lines: Vec<usize>,
}

fn blocks(board: &Board<'_>, tier: Tier) -> Vec<Block> {
    let mut blocks: BTreeMap<(Currency, i64), Block> = BTreeMap::new();
    for (index, side) in board.open_payouts() {
        blocks.entry((side.payout.amount.currency(), side.minor())).or_default().payouts.push(index);
    }
    for (index, side) in board.open_lines().filter(|(_, side)| tier.may_look_at(side)) {
        if let Some(block) = blocks.get_mut(&(side.line.amount.currency(), side.minor())) {
            block.lines.push(index);
        }
    }
    blocks.into_values().filter(|block| !block.lines.is_empty()).collect()
}

impl Tier {
    /// A cheap sieve; [`Tier::weight`] looks closer, at the pair.
    fn may_look_at(self, line: &LineSide<'_>) -> bool {
        match self {
            // A payout's own descriptor may name it where nothing else does.
            Self::NamesStripe => true,
            Self::NamesNobody => line.text.party == Party::Nobody,
        }
    }

    /// The weight of a pair, or `None` where the two cannot be one.
    fn weight(self, board: &Board<'_>, payout: &PayoutSide<'_>, line: &LineSide<'_>) -> Option<i32> {
        let lag = line.day.since(payout.day);
        let (last, named) = match self {
            Self::NamesStripe => (board.rules.late_days, board.says_stripe(payout, line)),
            Self::NamesNobody => (board.rules.window_days, line.text.party == Party::Nobody),
        };
        let in_time = (-board.rules.early_days..=last).contains(&lag);
        (in_time && named && board.can_be(payout, line)).then(|| evidence::date_weight(lag))
    }

    /// What pairs with these lags are worth deciding.
    fn standing(self, board: &Board<'_>, pairs: &[(usize, usize)]) -> Standing {
        let late =
            pairs.iter().any(|&(payout, line)| board.lines[line].day.since(board.payouts[payout].day) > board.rules.window_days);
        if self == Self::NamesStripe && !late { Standing::Accepted } else { Standing::Proposed }
    }
}

impl Block {
    /// What each possible pair weighs; `None` where there are more than [`PAIRS_MAX`].
    fn weights(&self, board: &Board<'_>, tier: Tier) -> Option<PairWeights> {
        let mut weights = PairWeights::new();
        for &payout in &self.payouts {
            weights.extend(self.possible(board, tier, payout).map(|(line, weight)| ((payout, line), weight)));
            if weights.len() > PAIRS_MAX {
                return None;
            }
        }
        Some(weights)
    }

    /// The lines that a payout could be. They are in order of their days, so only those in its reach are looked at.
    fn possible(&self, board: &Board<'_>, tier: Tier, payout: usize) -> impl Iterator<Item = (usize, i32)> {
        let side = &board.payouts[payout];
        let (first, last) = (side.day.plus(-board.rules.early_days), side.day.plus(board.rules.late_days));
        let start = self.lines.partition_point(|&line| board.lines[line].day < first);
        let near = self.lines[start..].iter().copied().take_while(move |&line| board.lines[line].day <= last);
        near.filter_map(move |line| Some((line, tier.weight(board, side, &board.lines[line])?)))
    }

    /// Too many equal amounts to solve: each payout is shown with the first few lines that it could be.
    fn give_up(&self, board: &mut Board<'_>, tier: Tier, payouts: &[usize]) {
        let could_be = |&payout: &usize| {
            let lines: Vec<usize> = self.possible(board, tier, payout).map(|(line, _)| line).take(RIVALS_MAX).collect();
            (!lines.is_empty()).then_some((payout, lines))
        };
        let rivals: Vec<(usize, Vec<usize>)> = payouts.iter().filter_map(could_be).collect();
        let competitors = rivals.len();
        rivals.into_iter().for_each(|(payout, lines)| record_ambiguous(board, payout, lines, competitors));
    }
}

/// Weights of possible pairs of (payout, line).
type PairWeights = BTreeMap<(usize, usize), i32>;

/// Payouts and lines of one amount that compete with each other.
struct Competition {
    payouts: Vec<usize>,
    lines: Vec<usize>,
    weights: Weights,
}

impl Competition {
    fn of(part: Component, known: &PairWeights) -> Self {
        let Component { payouts, lines } = part;
        let row = |payout: &usize| lines.iter().map(|line| known.get(&(*payout, *line)).copied()).collect();
        let weights = payouts.iter().map(row).collect();
        Self { payouts, lines, weights }
    }

    fn decide(&self, board: &mut Board<'_>, tier: Tier) {
        let best = assignment::best(&self.weights);
        let sure: Vec<bool> = (0..self.payouts.len()).map(|left| self.is_sure(&best, left)).collect();
        let complete = self.payouts.len() == self.lines.len() && best.right_of.iter().all(Option::is_some);
        for left in (0..self.payouts.len()).filter(|&left| sure[left]) {
            self.record_pair(board, tier, left, &best);
        }
        let unsure = (0..self.payouts.len()).filter(|&left| !sure[left]);
        if complete {
            let classes = assignment::exchange_classes(&self.weights, &best);
            let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
            unsure.for_each(|left| groups.entry(classes[left]).or_default().push(left));
            groups.into_values().for_each(|group| self.record_class(board, tier, &group, &best));
        } else {
            let taken: BTreeSet<usize> =
                (0..sure.len()).filter(|&left| sure[left]).filter_map(|left| best.right_of[left]).collect();
            unsure.for_each(|left| self.record_ambiguous(board, left, &taken));
        }
    }

    /// Whether the payout's line is told apart from every other it could be.
    fn is_sure(&self, best: &Assignment, left: usize) -> bool {
        let Some(right) = best.right_of[left] else { return false };
        let alone = self.weights[left].iter().flatten().count() == 1
            && self.weights.iter().filter(|row| row[right].is_some()).count() == 1;
        if alone {
            return true;
        }
        if self.payouts.len().max(self.lines.len()) > WEIGHED_MAX {
            return false;
        }
        let mut without = self.weights.clone();
        without[left][right] = None;
        best.worth - assignment::best(&without).worth >= MARGIN_MIN
    }

    fn rivals(&self, left: usize, right: usize) -> u32 {
        let lines = self.weights[left].iter().flatten().count();
        let payouts = self.weights.iter().filter(|row| row[right].is_some()).count();
        u32::try_from(lines + payouts - 2).unwrap_or(u32::MAX)
    }

    fn record_pair(&self, board: &mut Board<'_>, tier: Tier, left: usize, best: &Assignment) {
        let Some(right) = best.right_of[left] else { return };
        let (payout, line) = (self.payouts[left], self.lines[right]);
        let rivals = self.rivals(left, right);
        let mut evidence = findings(board, payout, line);
        evidence.push(evidence::rivals(rivals));
        let minor = board.lines[line].minor();
        let standing = tier.standing(board, &[(payout, line)]);
        board.record(Link::pair(standing, payout, line, minor, evidence, rivals));
    }

    /// What can be exchanged with each other: one pair, a group, or more than a group is good for.
    fn record_class(&self, board: &mut Board<'_>, tier: Tier, class: &[usize], best: &Assignment) {
        match class {
            &[left] => self.record_pair(board, tier, left, best),
            class if class.len() <= EQUAL_GROUP_MAX => self.record_group(board, tier, class, best),
            class => class.iter().for_each(|&left| self.record_ambiguous(board, left, &BTreeSet::new())),
        }
    }

    /// Equal payouts and equal lines that can be exchanged: certain together. Each payout has an equal part of each line, so
    /// that every line is allocated once in full whichever is which.
    fn record_group(&self, board: &mut Board<'_>, tier: Tier, group: &[usize], best: &Assignment) {
        let pairs: Vec<(usize, usize)> =
            group.iter().filter_map(|&left| best.right_of[left].map(|right| (self.payouts[left], self.lines[right]))).collect();
        let Some(&(payout, line)) = pairs.first() else { return };
        let mut evidence = findings(board, payout, line);
        evidence.push(evidence::equal_group(pairs.len()));
        let minor = board.lines[line].minor();
        board.record(Link {
            standing: tier.standing(board, &pairs),
            payouts: pairs.iter().map(|pair| pair.0).collect(),
            lines: pairs.iter().map(|pair| pair.1).collect(),
            allocations: equal_parts(&pairs, minor),
            evidence,
            rivals: 0,
        });
    }

    fn record_ambiguous(&self, board: &mut Board<'_>, left: usize, taken: &BTreeSet<usize>) {
        let possible = self.weights[left].iter().enumerate().filter(|(right, weight)| weight.is_some() && !taken.contains(right));
        let lines = possible.map(|(right, _)| self.lines[right]).collect();
        record_ambiguous(board, self.payouts[left], lines, self.payouts.len());
    }
}

/// A payout that could be any of `lines`, and competes for them with `competitors` payouts, itself included.
fn record_ambiguous(board: &mut Board<'_>, payout: usize, mut lines: Vec<usize>, competitors: usize) {
    let Some(&line) = lines.first() else { return };
    let others = u32::try_from(lines.len() + competitors - 2).unwrap_or(u32::MAX);
    let mut evidence = findings(board, payout, line);
    evidence.push(evidence::rivals(others));
    lines.truncate(RIVALS_MAX);
    board.record(Link::ambiguous(payout, lines, evidence));
}

/// `minor` of every line shared among every payout, so that the parts of each line and of each payout add up exactly.
fn equal_parts(pairs: &[(usize, usize)], minor: i64) -> Vec<(usize, usize, i64)> {
    let count = i64::try_from(pairs.len()).unwrap_or(i64::MAX);
    let (part, rest) = (minor / count, minor % count);
    let mut allocations = Vec::with_capacity(pairs.len() * pairs.len());
    for (row, &(payout, _)) in (0_i64..).zip(pairs) {
        for (column, &(_, line)) in (0_i64..).zip(pairs) {
            let one_more = (column - row).rem_euclid(count) < rest.abs();
            allocations.push((payout, line, part + if one_more { rest.signum() } else { 0 }));
        }
    }
    allocations
}

fn findings(board: &Board<'_>, payout: usize, line: usize) -> Vec<Evidence> {
    let (payout, line) = (&board.payouts[payout], &board.lines[line]);
    let descriptor = if line.text.party == Party::Stripe {
        evidence::names_stripe()
    } else if board.says_stripe(payout, line) {
        evidence::names_route()
    } else {
        evidence::names_nobody()
    };
    let amount = evidence::amount_equal(payout.payout.amount);
    vec![amount, descriptor, evidence::dates(payout.payout.arrives_on, line.line.date_on), evidence::prior()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_of_a_group_add_up_both_ways(count in 1_usize..12, minor in -100_000_i64..100_000) {
            let pairs: Vec<(usize, usize)> = (0..count).map(|n| (n, n)).collect();
            let parts = equal_parts(&pairs, minor);
            for n in 0..count {
                prop_assert_eq!(parts.iter().filter(|part| part.0 == n).map(|part| part.2).sum::<i64>(), minor);
                prop_assert_eq!(parts.iter().filter(|part| part.1 == n).map(|part| part.2).sum::<i64>(), minor);
            }
        }
    }
}
