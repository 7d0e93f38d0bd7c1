//! Several payouts in one line, and one payout in several lines. Only a sum that no other set makes is an answer.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::board::{Board, LineSide, Link, PayoutSide, Standing};
use super::evidence;
use super::fee::{self, UsualFees};
use super::subset::{Sums, sums_to};

/// Links lines that name Stripe, and that are no payout's own amount, to the payouts of one arrival day that they hold: that is
/// how banks merge.
pub(crate) fn link_merged_days(board: &mut Board<'_>) {
    let open = board.open_lines().filter(|(_, side)| side.is_stripes() && !is_own_amount(board, side));
    let found: Vec<Answer> = open.map(|(line, side)| of_one_day(board, line, side)).collect();
    record_answers(board, found, |_, _| Some(Standing::Accepted));
}

/// Links what is left to payouts of several days: accepted where chance cannot have made the sum, else proposed.
pub(crate) fn link_merged(board: &mut Board<'_>) {
    let open = board.open_lines().filter(|(_, side)| side.is_stripes());
    let found: Vec<Answer> = open.map(|(line, side)| of_any_day(board, line, side)).collect();
    record_answers(board, found, chance);
}

/// A line, the payouts that could be in it, and whether some of them are exactly it.
struct Answer {
    line: usize,
    pool: Vec<usize>,
    sums: Sums,
}

/// A payout near the line has exactly its amount: then the line is looked at as that payout's first.
fn is_own_amount(board: &Board<'_>, side: &LineSide<'_>) -> bool {
    board.open_payouts_near(side).any(|payout| {
        let payout = &board.payouts[payout];
        payout.minor() == side.minor() && board.same_place(payout, side)
    })
}

fn record_answers(board: &mut Board<'_>, found: Vec<Answer>, standing: impl Fn(usize, i64) -> Option<Standing>) {
    let disputed = disputed(found.iter().filter_map(|answer| members(&answer.sums, &answer.pool)));
    for Answer { line, pool, sums } in found {
        let Some(payouts) = members(&sums, &pool) else {
            record_rivals(board, line, &sums, &pool);
            continue;
        };
        if payouts.iter().all(|payout| !disputed.contains(payout)) {
            let Some(standing) = standing(pool.len(), board.lines[line].minor()) else { continue };
            let link = merged_link(board, standing, payouts, line);
            board.record(link);
        }
    }
}

/// Links payouts to the several lines in which they arrived: proposed, because banks rarely do that.
pub(crate) fn link_split(board: &mut Board<'_>) {
    let mut claims = Claims { usual: fee::usual_fees(board), of: HashMap::new() };
    let open = board.open_payouts();
    let found: Vec<(usize, Sums, Vec<usize>)> = open.map(|(payout, side)| parts(board, &mut claims, payout, side)).collect();
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

/// Banks that merge payouts of several days merge this many at most.
const DAYS_MEMBERS_MAX: usize = 3;

/// Sums of any few of so many candidates are spread over about the size of the line: with fewer than one set in this many minor
/// units, a sum that fits by chance is rarer than that.
const CHANCE_MAX: i64 = 1_000;

/// How likely a sum of a few of `candidates` that fits `minor` is a chance.
fn chance(candidates: usize, minor: i64) -> Option<Standing> {
    let count = i64::try_from(candidates).ok()?;
    let pairs = count.checked_mul(count - 1)? / 2;
    chance_of(pairs.checked_add(pairs.checked_mul(count - 2)? / 3)?, minor)
}

/// How likely it is that one of so many `sets` fits `minor` by chance: accepted where it cannot be, proposed where it hardly is,
/// otherwise not looked at.
fn chance_of(sets: i64, minor: i64) -> Option<Standing> {
    let size = minor.saturating_abs();
    if sets.saturating_mul(CHANCE_MAX) <= size {
        Some(Standing::Accepted)
    } else {
        (sets.saturating_mul(CHANCE_MAX / 10) <= size).then_some(Standing::Proposed)
    }
}

fn near(board: &Board<'_>, side: &LineSide<'_>) -> Vec<usize> {
    board.open_payouts_near(side).filter(|&payout| board.same_place(&board.payouts[payout], side)).collect()
}

fn of_any_day(board: &Board<'_>, line: usize, side: &LineSide<'_>) -> Answer {
    let pool = near(board, side);
    // Over several days a sum that can be made in two ways says nothing.
    let sums = match sums_to(side.minor(), &amounts(board, &pool), 2) {
        Sums::Several(_) => Sums::TooMany,
        Sums::One(members) if members.len() > DAYS_MEMBERS_MAX => Sums::None,
        sums => sums,
    };
    Answer { line, pool, sums }
}

fn of_one_day(board: &Board<'_>, line: usize, side: &LineSide<'_>) -> Answer {
    let mut days: BTreeMap<jiff::civil::Date, Vec<usize>> = BTreeMap::new();
    for payout in near(board, side) {
        days.entry(board.payouts[payout].payout.arrives_on).or_default().push(payout);
    }
    let answers = days.into_values().map(|pool| (sums_to(side.minor(), &amounts(board, &pool), 2), pool));
    let mut answers: Vec<(Sums, Vec<usize>)> = answers.filter(|(sums, _)| *sums != Sums::None).collect();
    match (answers.pop(), answers.is_empty()) {
        (Some((sums, pool)), true) => Answer { line, pool, sums },
        (Some(_), false) => Answer { line, pool: Vec::new(), sums: Sums::TooMany },
        (None, _) => Answer { line, pool: Vec::new(), sums: Sums::None },
    }
}

/// Parts of one deposit are booked no more than so many business days apart.
const PARTS_APART_DAYS: i32 = 1;

/// Which payouts a line could be less a bank's fee, looked for once for each line: a platform has many payouts near any.
struct Claims<'a> {
    usual: UsualFees<'a>,
    of: HashMap<usize, Claim>,
}

/// The first two of each: enough to tell whether there is another than one of them.
struct Claim {
    may_be: Vec<usize>,
    usual: Vec<usize>,
}

impl Claims<'_> {
    fn of(&mut self, board: &Board<'_>, line: usize) -> &Claim {
        let usual = &self.usual;
        self.of.entry(line).or_insert_with(|| {
            let near = || board.open_payouts_near(&board.lines[line]);
            Claim {
                may_be: near().filter(|&payout| fee::may_be(board, &board.payouts[payout], &board.lines[line])).take(2).collect(),
                usual: near().filter(|&payout| fee::is_usual(board, usual, payout, line)).take(2).collect(),
            }
        })
    }
}

/// The open lines that can be parts of the payout, and whether some of them are exactly it.
///
/// First among lines that can be no other payout's at all. Then also among those that could be another's less a fee: an exact
/// sum that chance hardly makes says more than that.
fn parts(board: &Board<'_>, claims: &mut Claims<'_>, payout: usize, side: &PayoutSide<'_>) -> (usize, Sums, Vec<usize>) {
    let fits = |line: &LineSide<'_>| {
        let same_way = line.minor().signum() == side.minor().signum();
        same_way && board.says_stripe(side, line) && board.same_place(side, line)
    };
    let all: Vec<usize> = board.open_lines_near(side).filter(|&line| fits(&board.lines[line])).collect();
    let only = |claimants: &[usize]| claimants.iter().all(|&other| other == payout);
    let pool: Vec<usize> = all.iter().copied().filter(|&line| only(&claims.of(board, line).may_be)).collect();
    let sums = sums_to(side.minor(), &lines_minor(board, &pool), 2);
    if sums != Sums::None || all.iter().any(|&line| fee::is_likely(board, &claims.usual, payout, line)) {
        return (payout, sums, pool);
    }
    let unusual: Vec<usize> = all.into_iter().filter(|&line| only(&claims.of(board, line).usual)).collect();
    let (sums, pool) = close_parts(board, side, unusual);
    (payout, sums, pool)
}

/// The only set of few `lines` (in order of their days), booked close together, that is exactly the payout and that chance
/// hardly makes.
fn close_parts(board: &Board<'_>, side: &PayoutSide<'_>, lines: Vec<usize>) -> (Sums, Vec<usize>) {
    let mut answers: Vec<Sums> = Vec::new();
    let mut sets = 0_i64;
    for (at, &first) in lines.iter().enumerate() {
        let close = |line: &&usize| board.lines[**line].day.since(board.lines[first].day) <= PARTS_APART_DAYS;
        let rest: Vec<usize> = lines[at + 1..].iter().take_while(close).copied().collect();
        // With the first line in it, so that each set is counted once.
        let Some(left) = side.minor().checked_sub(board.lines[first].minor()) else { continue };
        let with_first =
            |members: Vec<usize>| std::iter::once(at).chain(members.into_iter().map(|member| at + 1 + member)).collect();
        match sums_to(left, &lines_minor(board, &rest), 1) {
            Sums::One(members) if members.len() < DAYS_MEMBERS_MAX => answers.push(Sums::One(with_first(members))),
            Sums::One(_) | Sums::None => {}
            Sums::Several(_) | Sums::TooMany => answers.push(Sums::TooMany),
        }
        let count = i64::try_from(rest.len()).unwrap_or(i64::MAX);
        sets = sets.saturating_add(count.saturating_mul(count.saturating_add(1)) / 2);
    }
    match (answers.pop(), answers.is_empty()) {
        (Some(sums), true) if chance_of(sets, side.minor()) == Some(Standing::Accepted) => (sums, lines),
        _ => (Sums::None, lines),
    }
}

fn lines_minor(board: &Board<'_>, lines: &[usize]) -> Vec<i64> {
    lines.iter().map(|&line| board.lines[line].minor()).collect()
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
