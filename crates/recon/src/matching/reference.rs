//! First pass: a reference that only this payout has stands in the line. Proof, whatever the amount, and whatever the date after
//! the payout was made.

use std::collections::{BTreeSet, HashMap};

use facts::{Evidence, Payout};

use super::board::{Board, LineSide, Link, PayoutSide, Standing};
use super::component::components;
use super::evidence;
use super::subset::{Sums, sums_to};
use super::text::{squeeze, tokens_of, words_of};

/// A reference shorter than this may stand in a line by chance.
const REFERENCE_CHARS_MIN: usize = 8;

/// Links payouts and lines that share a reference.
pub(crate) fn link(board: &mut Board<'_>) {
    let found = shared_references(board);
    let mut larger = Vec::new();
    for component in components(&found) {
        let link = match (component.payouts.as_slice(), component.lines.as_slice()) {
            (&[payout], &[line]) if is_larger(board, payout, line) => {
                larger.push((payout, line));
                None
            }
            (&[payout], lines) => one_payout(board, payout, lines),
            (payouts, &[line]) => one_line(board, payouts, line),
            (_, _) => None,
        };
        if let Some(link) = link {
            board.record(link);
        }
    }
    // Only when every other reference is settled is it clear which payouts a larger line may hold besides: none whose own
    // reference stands in a larger line too.
    let referenced: BTreeSet<usize> = larger.iter().map(|(payout, _)| *payout).collect();
    for (payout, line) in larger {
        let link = with_companions(board, payout, line, &referenced).or_else(|| one_payout(board, payout, &[line]));
        if let Some(link) = link {
            board.record(link);
        }
    }
}

/// The line is more than the payout whose reference it bears: a bank may have merged others into it.
fn is_larger(board: &Board<'_>, payout: usize, line: usize) -> bool {
    let (payout, line) = (board.payouts[payout].minor(), board.lines[line].minor());
    payout > 0 && line > payout
}

/// The payout and the only others of its arrival day that make up the line; none of those whose reference stands in another.
fn with_companions(board: &Board<'_>, payout: usize, line: usize, referenced: &BTreeSet<usize>) -> Option<Link> {
    let (own, side) = (&board.payouts[payout], &board.lines[line]);
    let near = board.open_payouts_near(side).filter(|&other| {
        let other_side = &board.payouts[other];
        !referenced.contains(&other) && other_side.day == own.day && board.same_place(other_side, side)
    });
    let pool: Vec<usize> = near.collect();
    let amounts: Vec<i64> = pool.iter().map(|&other| board.payouts[other].minor()).collect();
    let Sums::One(chosen) = sums_to(side.minor().checked_sub(own.minor())?, &amounts, 1) else { return None };
    let mut payouts: Vec<usize> = chosen.into_iter().filter_map(|at| pool.get(at).copied()).collect();
    payouts.push(payout);
    payouts.sort_unstable();
    Some(merged(board, &payouts, line))
}

/// The payout's references, squeezed, each with the name under which it is shown.
fn references(payout: &Payout) -> impl Iterator<Item = (&'static str, String)> {
    let trace = payout.trace_id.as_ref().and_then(|trace| trace.value.as_deref());
    let trace = trace.map(|value| ("trace", squeeze(value)));
    let own = ("payout id", squeeze(payout.id.as_str()));
    trace.into_iter().chain([own]).filter(|(_, text)| text.len() >= REFERENCE_CHARS_MIN)
}

/// Pairs (payout, line) that share a reference and a currency, the line booked when the payout was made or later: banks use their
/// numbers again.
fn shared_references(board: &Board<'_>) -> BTreeSet<(usize, usize)> {
    let mut wanted: HashMap<String, Vec<usize>> = HashMap::new();
    for (index, side) in board.payouts.iter().enumerate() {
        for (_, text) in references(side.payout) {
            wanted.entry(text.trim_start_matches('0').to_owned()).or_default().push(index);
        }
    }
    let mut found = BTreeSet::new();
    for (at, line) in board.lines.iter().enumerate() {
        // `po_1A` is one reference to Stripe and two words to everybody else.
        for token in tokens_of(line.line).into_iter().chain(words_of(line.line)) {
            let bearing = wanted.get(token.trim_start_matches('0')).into_iter().flatten().copied();
            let may_bear = bearing.filter(|&payout| {
                let side = &board.payouts[payout];
                side.payout.amount.currency() == line.line.amount.currency() && line.line.date_on >= side.booked_from
            });
            found.extend(may_bear.map(|payout| (payout, at)));
        }
    }
    found.extend(wrapped_references(board, &found));
    found
}

/// Pairs whose reference the bank cut in two: looked for, among payouts that no whole reference was found for, on the lines
/// near their date.
fn wrapped_references(board: &Board<'_>, whole: &BTreeSet<(usize, usize)>) -> BTreeSet<(usize, usize)> {
    let mut found = BTreeSet::new();
    for (index, side) in board.payouts.iter().enumerate() {
        let traced = side.payout.trace_id.as_ref().is_some_and(|trace| trace.value.is_some());
        if !traced || whole.range((index, 0)..=(index, usize::MAX)).next().is_some() {
            continue;
        }
        let (first, last) = (side.day.plus(-board.rules.early_days), side.day.plus(board.rules.late_days));
        let start = board.lines.partition_point(|line| line.day < first);
        let near = board.lines[start..].iter().enumerate().take_while(|(_, line)| line.day <= last);
        let bearing =
            near.filter(|(_, line)| side.payout.amount.currency() == line.line.amount.currency() && stands_in(side, line));
        found.extend(bearing.map(|(at, _)| (index, start + at)));
    }
    found
}

/// Whether a reference of the payout stands in the line, wrapped or not.
pub(crate) fn stands_in(payout: &PayoutSide<'_>, line: &LineSide<'_>) -> bool {
    references(payout.payout).any(|(_, text)| {
        let significant = text.trim_start_matches('0');
        significant.len() >= REFERENCE_CHARS_MIN && line.text.squeezed.contains(significant)
    })
}

/// Whether a reference of the payout may stand in a line of this text, however it is read.
pub(crate) fn may_bear(payout: &Payout, squeezed: &str) -> bool {
    references(payout).any(|(_, text)| squeezed.contains(text.trim_start_matches('0')))
}

/// One payout, its reference in one line or several: the credit itself, its parts, or the credit and its return.
fn one_payout(board: &Board<'_>, payout: usize, lines: &[usize]) -> Option<Link> {
    let minor = board.payouts[payout].minor();
    let same_sign: Vec<usize> =
        lines.iter().copied().filter(|&line| board.lines[line].minor().signum() == minor.signum()).collect();
    let back: Vec<usize> = lines.iter().copied().filter(|&line| Some(board.lines[line].minor()) == minor.checked_neg()).collect();
    let equal: Vec<usize> = same_sign.iter().copied().filter(|&line| board.lines[line].minor() == minor).collect();
    match (equal.as_slice(), same_sign.as_slice(), back.as_slice()) {
        (&[credit], _, &[debit]) if board.lines[debit].day >= board.lines[credit].day => {
            Some(returned(board, payout, credit, debit))
        }
        (&[line], _, _) | (&[], &[line], _) => {
            let evidence = findings(board, payout, line);
            Some(Link::pair(Standing::Accepted, payout, line, board.lines[line].minor(), evidence, 0))
        }
        (&[], parts, _) if parts.iter().map(|&line| i128::from(board.lines[line].minor())).sum::<i128>() == i128::from(minor) => {
            Some(split(board, payout, parts))
        }
        (_, rivals, _) if rivals.len() > 1 => {
            let evidence = findings(board, payout, rivals[0]);
            Some(Link::ambiguous(payout, rivals.to_vec(), evidence))
        }
        _ => None,
    }
}

/// Several payouts whose references stand in one line: all of them, or the one whose amount it is.
fn one_line(board: &Board<'_>, payouts: &[usize], line: usize) -> Option<Link> {
    let total: i128 = payouts.iter().map(|&payout| i128::from(board.payouts[payout].minor())).sum();
    let found = board.lines[line].minor();
    if total == i128::from(found) {
        return Some(merged(board, payouts, line));
    }
    let equal: Vec<usize> = payouts.iter().copied().filter(|&payout| board.payouts[payout].minor() == found).collect();
    match equal.as_slice() {
        &[payout] => Some(Link::pair(Standing::Accepted, payout, line, found, findings(board, payout, line), 0)),
        _ => None,
    }
}

fn merged(board: &Board<'_>, payouts: &[usize], line: usize) -> Link {
    let mut evidence = vec![evidence::prior(), evidence::amount_sum(payouts.len(), board.lines[line].line.amount)];
    evidence.extend(payouts.iter().filter_map(|&payout| shared(board, payout, line)));
    Link {
        standing: Standing::Accepted,
        payouts: payouts.to_vec(),
        lines: vec![line],
        allocations: payouts.iter().map(|&payout| (payout, line, board.payouts[payout].minor())).collect(),
        evidence,
        rivals: 0,
    }
}

fn split(board: &Board<'_>, payout: usize, parts: &[usize]) -> Link {
    let mut evidence = vec![evidence::prior(), evidence::amount_sum(parts.len(), board.payouts[payout].payout.amount)];
    evidence.extend(shared(board, payout, parts[0]));
    Link {
        standing: Standing::Accepted,
        payouts: vec![payout],
        lines: parts.to_vec(),
        allocations: parts.iter().map(|&line| (payout, line, board.lines[line].minor())).collect(),
        evidence,
        rivals: 0,
    }
}

fn returned(board: &Board<'_>, payout: usize, credit: usize, debit: usize) -> Link {
    let minor = board.payouts[payout].minor();
    Link {
        standing: Standing::Returned,
        payouts: vec![payout],
        lines: vec![credit, debit],
        allocations: vec![(payout, credit, minor), (payout, debit, board.lines[debit].minor())],
        evidence: findings(board, payout, credit),
        rivals: 0,
    }
}

fn findings(board: &Board<'_>, payout: usize, line: usize) -> Vec<Evidence> {
    let (stripe, bank) = (board.payouts[payout].payout, board.lines[line].line);
    let amount = if stripe.amount == bank.amount {
        evidence::amount_equal(stripe.amount)
    } else {
        evidence::amount_differs(bank.amount, stripe.amount)
    };
    let mut findings: Vec<Evidence> = shared(board, payout, line).into_iter().collect();
    findings.extend([amount, evidence::dates(stripe.arrives_on, bank.date_on), evidence::prior()]);
    findings
}

fn shared(board: &Board<'_>, payout: usize, line: usize) -> Option<Evidence> {
    let payout = board.payouts[payout].payout;
    let text = &board.lines[line].text.squeezed;
    let (name, _) = references(payout).find(|(_, value)| text.contains(value.trim_start_matches('0')))?;
    let trace = payout.trace_id.as_ref().and_then(|trace| trace.value.as_deref());
    Some(evidence::reference(name, if name == "trace" { trace.unwrap_or_default() } else { payout.id.as_str() }))
}
