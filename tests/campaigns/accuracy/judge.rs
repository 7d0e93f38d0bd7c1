//! Every answer of the binary beside the truth of its world.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::score::Score;
use super::seen::{BankLineSeen, ExceptionSeen, PayoutSeen, StatusSeen, TxnSeen};
use crate::world::{LineTruth, PayoutTruth, World};

/// Ties the world out and counts every answer.
pub(super) fn judge(world: &World, seed: u64, score: &mut Score) {
    world.tie_out("db");
    let payouts: Vec<PayoutSeen> = world.json("db", &["payout", "list"]);
    let lines: Vec<BankLineSeen> = world.json("db", &["bank-line", "list"]);
    let txns: Vec<TxnSeen> = world.json("db", &["txn", "list"]);
    let exceptions: Vec<ExceptionSeen> = world.json("db", &["exception", "list"]);
    let status: StatusSeen = world.json("db", &["status"]);
    let remark = |score: &mut Score, text: String| score.remarks.push(format!("seed {seed}: {text}"));

    let seen: HashMap<&str, &PayoutSeen> = payouts.iter().map(|payout| (payout.id.as_str(), payout)).collect();
    assert_eq!(seen.len(), world.truth.payouts.len(), "seed {seed}: every payout is there once");
    let mut members: HashMap<&str, BTreeSet<&str>> = HashMap::new();
    for txn in &txns {
        if let Some(payout) = txn.payout.as_deref().filter(|_| !is_own(txn)) {
            members.entry(payout).or_default().insert(&txn.id);
        }
    }
    let groups = right_groups(world, &seen, &lines);
    for truth in &world.truth.payouts {
        let payout = seen[truth.id.as_str()];
        score.payouts += 1;
        if composition_is_right(truth, payout, members.get(truth.id.as_str())) {
            score.compositions_right += 1;
        } else {
            remark(score, format!("{} composition {} is not {}", truth.id, payout.composition.state, truth.composition));
        }
        judge_deposit(truth, payout, &lines, &groups, seed, score);
    }
    judge_exceptions(world, &exceptions, &lines, seed, score);
    judge_sums(world, &status, &payouts, score);
    for account in &world.truth.bank_accounts {
        let count = lines.iter().filter(|line| line.bank_account == account.name).count();
        // A CAMT batch whose parts carry amounts is read as one line a part.
        let right = if account.format.starts_with("camt") { count >= account.line_count } else { count == account.line_count };
        assert!(right, "seed {seed}: {} has {count} lines of {}: overlaps and twins", account.name, account.line_count);
    }
}

/// The payout's own txn stands in its list and is no member.
fn is_own(txn: &TxnSeen) -> bool {
    txn.r#type == "payout"
}

fn composition_is_right(truth: &PayoutTruth, payout: &PayoutSeen, members: Option<&BTreeSet<&str>>) -> bool {
    let same_state = payout.composition.state == truth.composition;
    if truth.composition != "tied" || !truth.members_listed_completely {
        return same_state;
    }
    let expected: BTreeSet<&str> = truth.members.iter().map(String::as_str).collect();
    same_state && payout.composition.txn_count == expected.len() && members == Some(&expected)
}

fn is_line(truth: &LineTruth, line: &BankLineSeen) -> bool {
    let same =
        truth.bank_account == line.bank_account && truth.amount_minor == line.amount_minor && truth.date_on == line.date_on;
    // A text that the bank wrapped has its spaces where the form ends.
    let words = |text: &str| text.split_whitespace().collect::<String>();
    match &truth.reference {
        Some(reference) => same && line.reference.as_ref() == Some(reference),
        None => same && words(&line.description).contains(&words(&truth.description)),
    }
}

fn ids<'a>(truths: &[LineTruth], lines: &'a [BankLineSeen]) -> BTreeSet<&'a str> {
    truths.iter().filter_map(|truth| id(truth, lines)).collect()
}

/// The line that a truth means: where no reference is unique, the one of the same text, not one that says more; and one with a
/// reference only where none is without.
fn id<'a>(truth: &LineTruth, lines: &'a [BankLineSeen]) -> Option<&'a str> {
    let same = lines.iter().filter(|line| is_line(truth, line));
    let says = |line: &&BankLineSeen| (truth.reference.is_none() && line.reference.is_some(), line.description.len());
    same.min_by_key(says).map(|line| line.id.as_str())
}

/// Sets of lines that several payouts were given together, and that are exactly the true lines of those payouts.
fn right_groups<'a>(
    world: &World,
    seen: &HashMap<&str, &'a PayoutSeen>,
    lines: &'a [BankLineSeen],
) -> HashSet<BTreeSet<&'a str>> {
    // By what they say: twins in a format without references have one text.
    let by_id: HashMap<&str, (&str, &str, i64)> = lines.iter().map(|line| (line.id.as_str(), line.content())).collect();
    let mut truths: HashMap<BTreeSet<&str>, Vec<(&str, &str, i64)>> = HashMap::new();
    for truth in &world.truth.payouts {
        let own = truth.bank_lines.iter().map(|line| (line.bank_account.as_str(), line.date_on.as_str(), line.amount_minor));
        truths.entry(seen[truth.id.as_str()].lines()).or_default().extend(own);
    }
    let is_right = |found: &BTreeSet<&str>, mut truth: Vec<(&str, &str, i64)>| {
        let mut found: Vec<_> = found.iter().map(|id| by_id[id]).collect();
        found.sort_unstable();
        truth.sort_unstable();
        found == truth
    };
    truths.into_iter().filter_map(|(found, truth)| is_right(&found, truth).then_some(found)).collect()
}

fn judge_deposit(
    truth: &PayoutTruth,
    payout: &PayoutSeen,
    lines: &[BankLineSeen],
    groups: &HashSet<BTreeSet<&str>>,
    seed: u64,
    score: &mut Score,
) {
    let expected = ids(&truth.bank_lines, lines);
    let found = payout.lines();
    let state = payout.deposit.state.as_str();
    let claimed = state == "matched" || state == "proposed";
    let arrived = matches!(truth.verdict.as_str(), "matched" | "short" | "over");
    let is_group = claimed && found.len() > 1 && found.is_superset(&expected) && groups.contains(&found);
    let wrong;
    match truth.distinguishable.as_str() {
        "yes" if arrived => {
            score.tellable += 1;
            let right = claimed && found == expected && payout.deposit.difference_minor == truth.difference_minor;
            score.found += u64::from(right);
            score.accepted += u64::from(right && state == "matched");
            wrong = claimed && !right;
            if !right {
                score.remarks.push(format!("seed {seed}: {} arrived ({}) and reads {state}", truth.id, truth.verdict));
            }
        }
        "yes" => {
            let same = match truth.verdict.as_str() {
                "returned" => state == "failed",
                verdict => state == verdict,
            };
            wrong = claimed;
            if !same {
                score.remarks.push(format!("seed {seed}: {} is {} and reads {state}", truth.id, truth.verdict));
            }
        }
        "likely" => {
            score.likely += 1;
            score.likely_claimed += u64::from(claimed && found == expected);
            wrong = claimed && found != expected && !is_group;
        }
        _ => {
            score.untellable += 1;
            // On the true line it was a lucky guess, and counts as not left open.
            wrong = claimed && found != expected && !is_group;
            score.untellable_open += u64::from(state == "ambiguous" || is_group);
        }
    }
    if wrong {
        score.wrong += 1;
        score.remarks.push(format!(
            "seed {seed}: WRONG {} is {} ({}), reads {state} on {found:?}, expected {expected:?}",
            truth.id, truth.verdict, truth.distinguishable
        ));
    }
}

fn judge_exceptions(world: &World, seen: &[ExceptionSeen], lines: &[BankLineSeen], seed: u64, score: &mut Score) {
    let open: BTreeSet<(&str, &str)> = seen
        .iter()
        .filter(|exception| exception.state == "open")
        .filter_map(|exception| Some((exception.code.as_str(), exception.subjects.first()?.id.as_str())))
        .collect();
    let mut allowed: BTreeSet<(&str, &str)> = BTreeSet::new();
    for truth in &world.truth.payouts {
        let named: Vec<(&str, &str)> = truth.exceptions.iter().map(|code| (code.as_str(), truth.id.as_str())).collect();
        if truth.distinguishable == "yes" {
            score.planted += named.len() as u64;
            score.named += named.iter().filter(|pair| open.contains(pair)).count() as u64;
            let missed = named.iter().filter(|pair| !open.contains(*pair));
            score.remarks.extend(missed.map(|(code, id)| format!("seed {seed}: {code} of {id} is not named")));
        } else {
            // Of what is likely, a missing or short deposit may be named or left open.
            allowed.insert(("deposit_ambiguous", &truth.id));
            allowed.extend(ids(&truth.rivals, lines).into_iter().map(|line| ("deposit_unknown", line)));
        }
        allowed.extend(named);
    }
    let unknown = ids(&world.truth.unknown_deposits, lines);
    score.planted += unknown.len() as u64;
    for line in unknown {
        if open.contains(&("deposit_unknown", line)) {
            score.named += 1;
        } else {
            score.remarks.push(format!("seed {seed}: deposit_unknown of {line} is not named"));
        }
        allowed.insert(("deposit_unknown", line));
    }
    for (code, subject) in open.difference(&allowed) {
        score.false_exceptions += 1;
        score.remarks.push(format!("seed {seed}: {code} of {subject} is false"));
    }
}

fn judge_sums(world: &World, status: &StatusSeen, payouts: &[PayoutSeen], score: &mut Score) {
    for truth in &world.truth.balances {
        let seen = status.accounts.iter().find(|seen| seen.account == truth.account && seen.currency == truth.currency);
        let total = truth.available_minor + truth.pending_minor;
        score.balances += 1;
        let Some(seen) = seen else { continue };
        score.balances_equal += u64::from(seen.balance.stripe_minor == Some(total) && seen.balance.computed_minor == total);
        let mut sums: BTreeMap<String, i64> = BTreeMap::new();
        for payout in payouts.iter().filter(|payout| payout.account == truth.account && payout.currency == truth.currency) {
            *sums.entry(format!("{}_minor", payout.bucket)).or_default() += payout.amount_minor;
            *sums.entry("total_minor".to_owned()).or_default() += payout.amount_minor;
        }
        let same = seen.buckets.iter().all(|(name, sum)| sums.get(name).copied().unwrap_or_default() == *sum);
        score.buckets_equal += u64::from(same && sums.keys().all(|name| seen.buckets.contains_key(name)));
    }
}
