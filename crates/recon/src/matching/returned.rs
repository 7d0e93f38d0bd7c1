//! Payouts that came and went: a credit, and within days a debit of the same amount.

use std::collections::HashMap;

use super::board::{Board, LineSide, Link, Standing};
use super::evidence;

/// Banks send a deposit back within this many business days.
///
/// Source: Stripe, "Payouts": a failed payout is usually returned within five business days; the bank may book it later.
const RETURN_DAYS_MAX: i32 = 10;

/// Payouts that Stripe calls failed: the credit and the debit after it, where exactly one such pair fits. Without them the failure is
/// Stripe's word alone.
pub(crate) fn link_failed(board: &mut Board<'_>) {
    let by_amount = open_by_amount(board);
    let failed = board.payouts.iter().enumerate().filter(|(_, side)| side.failed && side.link.is_none());
    let mut found: Vec<(usize, usize, usize)> = Vec::new();
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
        if let &[(credit, debit)] = pairs.as_slice() {
            found.push((payout, credit, debit));
        }
    }
    for (payout, credit, debit) in found {
        if board.lines[credit].link.is_none() && board.lines[debit].link.is_none() {
            let link = link_of(board, payout, credit, debit);
            board.record(link);
        }
    }
}

/// Payouts that were found at the bank and then left it again, whatever Stripe says of them.
pub(crate) fn link_arrived(board: &mut Board<'_>) {
    let by_amount = open_by_amount(board);
    for index in 0..board.links.len() {
        let link = &board.links[index];
        let (&[payout], &[credit]) = (link.payouts.as_slice(), link.lines.as_slice()) else { continue };
        let side = &board.lines[credit];
        if link.standing != Standing::Accepted || side.minor() <= 0 {
            continue;
        }
        let failed = board.payouts[payout].failed;
        let back = side.minor().checked_neg().unwrap_or_default();
        let same = by_amount.get(&(side.line.amount.currency(), back)).into_iter().flatten().copied();
        let debits: Vec<usize> = same
            .filter(|&debit| {
                let debit = &board.lines[debit];
                debit.link.is_none() && (debit.text.returned || failed) && is_return(side, debit)
            })
            .collect();
        if let &[debit] = debits.as_slice() {
            let returned = link_of(board, payout, credit, debit);
            board.lines[debit].link = Some(index);
            board.links[index] = returned;
        }
    }
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
