//! From a snapshot to what holds, and from what holds to what must change.

use std::collections::{HashMap, HashSet};

use facts::{
    Allocation, Bucket, Decider, Deposit, DepositState, Exception, ExceptionCode, ExceptionId, Match, MatchId, MatchKind,
    MatchState, PayoutId, PayoutStatus, PayoutVerdict, Reach, Subject,
};
use jiff::civil::Date;
use money::{Amount, Currency};

use crate::business_days::{BusinessDay, add_business_days};
use crate::composition;
use crate::exception::{class_of, cut, exception_id, remedy_of};
use crate::matching::{self, Board, Link, PayoutSide, Route, Standing, probability_ppm, score};
use crate::rules::Rules;
use crate::snapshot::{PayoutItem, Snapshot};
use crate::{account, covered, legs};

/// Everything that holds for a snapshot: one verdict a payout, every match, every open exception, each in a fixed order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcomes {
    /// One for every payout of the snapshot.
    pub verdicts: Vec<PayoutVerdict>,
    /// Decided, proposed and ambiguous matches.
    pub matches: Vec<Match>,
    /// What is open.
    pub exceptions: Vec<Exception>,
    /// Where payouts arrive, and of which days the statements there can tell.
    pub reach: Reach,
}

/// What must change so that what is kept is what holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Verdicts to write.
    pub verdicts: Vec<PayoutVerdict>,
    /// Matches to write.
    pub matches: Vec<Match>,
    /// Matches that hold no longer.
    pub matches_gone: Vec<MatchId>,
    /// Exceptions to open, or whose words changed.
    pub exceptions_open: Vec<Exception>,
    /// Exceptions that are no more.
    pub exceptions_resolved: Vec<ExceptionId>,
}

impl Plan {
    /// Whether nothing must change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What must change for `snapshot`, given what is kept. A second plan over what the first one made is empty.
#[must_use]
pub fn plan(snapshot: &Snapshot, kept: Outcomes, rules: &Rules, today: Date) -> Plan {
    difference(&conclude(snapshot, rules, today), kept)
}

/// What holds for `snapshot` at the end of the business day `today`.
#[must_use]
pub fn conclude(snapshot: &Snapshot, rules: &Rules, today: Date) -> Outcomes {
    let board = matching::deposits(snapshot, rules, today);
    let reach = Reach {
        routes: board.routes.iter().map(|(route, place)| (owned(*route), (*place).clone())).collect(),
        stretches: covered::stretches(&snapshot.bank_accounts, &snapshot.bank_lines),
    };
    let items: HashMap<&PayoutId, &PayoutItem> = snapshot.payouts.iter().map(|item| (&item.payout.id, item)).collect();

    let mut outcomes = Outcomes::default();
    for index in 0..board.payouts.len() {
        let Some(item) = items.get(&board.payouts[index].payout.id) else { continue };
        let covered_until_on = covered::reach_of(&reach, board.payouts[index].payout, rules);
        let (verdict, exceptions) = judged(&board, index, item, covered_until_on, today);
        outcomes.exceptions.extend(exceptions);
        outcomes.verdicts.push(verdict);
    }
    outcomes.reach = reach;
    outcomes.matches = board.links.iter().filter_map(|link| match_of(&board, link)).collect();
    outcomes.exceptions.extend(unexplained(&board));
    outcomes.exceptions.extend(returns_unplaced(&board));
    outcomes.exceptions.extend(account::account_exceptions(snapshot));
    outcomes.exceptions.extend(legs::disagreements(&snapshot.legs));
    outcomes.verdicts.sort_unstable_by(|a, b| (&a.account, &a.payout).cmp(&(&b.account, &b.payout)));
    outcomes.matches.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    outcomes.exceptions.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    outcomes
}

fn owned((account, currency, destination): Route<'_>) -> facts::Route {
    (account.clone(), currency, destination.cloned())
}

/// What holds of one payout of the board, for whose days the statements reach until `covered_until_on`, and what it raises.
pub(crate) fn judged(
    board: &Board<'_>,
    index: usize,
    item: &PayoutItem,
    covered_until_on: Option<Date>,
    today: Date,
) -> (PayoutVerdict, Vec<Exception>) {
    let deposit = deposit(board, index, covered_until_on, today);
    let exceptions = payout_exceptions(item, &deposit, board, index);
    let verdict = PayoutVerdict {
        account: item.payout.account.clone(),
        payout: item.payout.id.clone(),
        bucket: bucket(&deposit),
        composition: composition::judge(item),
        deposit,
    };
    (verdict, exceptions)
}

/// The one bucket a payout is counted in.
fn bucket(deposit: &Deposit) -> Bucket {
    match deposit.state {
        DepositState::Matched if deposit.difference_minor == 0 => Bucket::Matched,
        DepositState::Awaiting => Bucket::InTransit,
        DepositState::Matched
        | DepositState::Proposed
        | DepositState::Ambiguous
        | DepositState::Missing
        | DepositState::Failed => Bucket::Exceptions,
    }
}

fn deposit(board: &Board<'_>, index: usize, covered_until_on: Option<Date>, today: Date) -> Deposit {
    let side = &board.payouts[index];
    let link = side.link.and_then(|link| board.links.get(link));
    let due_on = add_business_days(side.payout.arrives_on, board.rules.grace_days);
    let state = match link.map(|link| link.standing) {
        Some(Standing::Returned) => DepositState::Failed,
        _ if side.failed => DepositState::Failed,
        Some(Standing::Accepted) => DepositState::Matched,
        Some(Standing::Proposed) => DepositState::Proposed,
        Some(Standing::Ambiguous) => DepositState::Ambiguous,
        None if covered_until_on.is_some_and(|until| due_on <= until.min(today)) => DepositState::Missing,
        None => DepositState::Awaiting,
    };
    let own = link.into_iter().flat_map(|link| &link.allocations).filter(|allocation| allocation.0 == index);
    let allocations: Vec<Allocation> = own
        .map(|&(_, line, minor)| Allocation { bank_line: board.lines[line].line.id.clone(), allocated_minor: minor })
        .collect();
    let found: i64 = allocations.iter().fold(0, |sum, allocation| sum.saturating_add(allocation.allocated_minor));
    let arrived = matches!(state, DepositState::Matched | DepositState::Proposed);
    let decided = link.filter(|_| state == DepositState::Matched);
    Deposit {
        state,
        difference_minor: if arrived { found.saturating_sub(side.minor()) } else { 0 },
        decided_by: decided.map(|_| Decider::Rule),
        probability_ppm: decided.map(|link| probability_ppm(score(&link.evidence))),
        due_on,
        covered_until_on,
        allocations,
    }
}

fn match_of(board: &Board<'_>, link: &Link) -> Option<Match> {
    let first = board.payouts[*link.payouts.first()?].payout;
    let expected: i64 = link.payouts.iter().fold(0, |sum, &payout| sum.saturating_add(board.payouts[payout].minor()));
    let found: i64 = link.allocations.iter().fold(0, |sum, part| sum.saturating_add(part.2));
    let (state, difference_minor) = match link.standing {
        Standing::Accepted => (MatchState::Accepted, found.saturating_sub(expected)),
        Standing::Proposed => (MatchState::Proposed, found.saturating_sub(expected)),
        Standing::Ambiguous => (MatchState::Ambiguous, 0),
        // Arrived and went back: the lines cancel out, and that is what was found.
        Standing::Returned => (MatchState::Accepted, found.saturating_sub(expected)),
    };
    let mut evidence = link.evidence.clone();
    evidence.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
    let score = score(&evidence);
    Some(Match {
        id: MatchId::parse(&cut(format!("deposit:{}", first.id))).ok()?,
        kind: MatchKind::Deposit,
        state,
        account: first.account.clone(),
        currency: first.amount.currency(),
        decided_by: (state == MatchState::Accepted).then_some(Decider::Rule),
        probability_ppm: (state != MatchState::Ambiguous).then(|| probability_ppm(score)),
        score,
        rivals: link.rivals,
        left: link.payouts.iter().map(|&payout| payout_subject(&board.payouts[payout].payout.id)).collect(),
        right: link.lines.iter().map(|&line| line_subject(board, line)).collect(),
        difference_minor,
        evidence,
    })
}

pub(crate) fn payout_subject(id: &PayoutId) -> Subject {
    Subject { kind: "payout", id: id.to_string() }
}

fn line_subject(board: &Board<'_>, line: usize) -> Subject {
    Subject { kind: "bank_line", id: board.lines[line].line.id.to_string() }
}

/// Every way in which one payout does not agree with the bank, or did not arrive.
fn payout_exceptions(item: &PayoutItem, deposit: &Deposit, board: &Board<'_>, index: usize) -> Vec<Exception> {
    let payout = &item.payout;
    let amount = payout.amount;
    let raise = |code: ExceptionCode, amount_minor: u64, lines: bool, explanation: String| {
        let mut subjects = vec![payout_subject(&payout.id)];
        let link = board.payouts[index].link.and_then(|link| board.links.get(link)).filter(|_| lines);
        subjects.extend(link.into_iter().flat_map(|link| &link.lines).map(|&line| line_subject(board, line)));
        Some(Exception {
            id: exception_id(code, &subjects[0])?,
            code,
            class: class_of(code),
            account: Some(payout.account.clone()),
            currency: amount.currency(),
            amount_minor,
            subjects,
            explanation,
            remedy: remedy_of(code).to_owned(),
        })
    };
    let size = amount.minor().unsigned_abs();
    let mut raised = Vec::new();
    if matches!(payout.status, PayoutStatus::Failed | PayoutStatus::Canceled) {
        let why = payout.failure_code.as_ref().map_or(String::new(), |code| format!(" ({code})"));
        let explanation = format!("Stripe says that the payout of {amount} is {}{why}.", payout.status.as_str());
        raised.push(raise(ExceptionCode::PayoutFailed, size, false, explanation));
    }
    let standing = board.payouts[index].link.and_then(|link| board.links.get(link)).map(|link| link.standing);
    if standing == Some(Standing::Returned) {
        let explanation = format!("{amount} arrived and left the bank account again within days.");
        raised.push(raise(ExceptionCode::DepositReturned, size, true, explanation));
    }
    let difference = Amount::new(deposit.difference_minor, amount.currency());
    match deposit.state {
        DepositState::Missing => {
            let until =
                deposit.covered_until_on.map_or(String::new(), |until| format!(" Its bank account's statements reach {until}."));
            let explanation =
                format!("{amount} should have arrived on {}, at the latest on {}.{until}", payout.arrives_on, deposit.due_on);
            raised.push(raise(ExceptionCode::DepositMissing, size, false, explanation));
        }
        DepositState::Ambiguous => {
            let explanation =
                format!("More than one bank line, or more than one payout of {amount}, fits; nothing tells them apart.");
            raised.push(raise(ExceptionCode::DepositAmbiguous, size, true, explanation));
        }
        DepositState::Matched | DepositState::Proposed if deposit.difference_minor != 0 => {
            let short = deposit.difference_minor.signum() != amount.minor().signum();
            let code = if short { ExceptionCode::DepositShort } else { ExceptionCode::DepositOver };
            let explanation = format!("{amount} was paid out; the bank shows a difference of {difference}.");
            raised.push(raise(code, deposit.difference_minor.unsigned_abs(), true, explanation));
        }
        DepositState::Matched | DepositState::Proposed | DepositState::Awaiting | DepositState::Failed => {}
    }
    raised.into_iter().flatten().collect()
}

/// Money in that names Stripe and that nothing explains, from the day on which the first payout of its currency can have
/// arrived: earlier deposits belong to payouts that we were never told of.
fn unexplained(board: &Board<'_>) -> Vec<Exception> {
    let mut first: HashMap<Currency, BusinessDay> = HashMap::new();
    for side in &board.payouts {
        let from = first.entry(side.payout.amount.currency()).or_insert(side.day);
        *from = (*from).min(side.day);
    }
    let code = ExceptionCode::DepositUnknown;
    let lines = board.open_lines().filter(|(_, side)| side.minor() > 0 && side.is_stripes());
    let known = lines.filter(|(_, side)| {
        first.get(&side.line.amount.currency()).is_none_or(|from| side.day.since(*from) >= -board.rules.early_days)
    });
    let disputed: Vec<&PayoutSide<'_>> = board.ambiguous_payouts().collect();
    known
        // What an ambiguous payout could be is told with that payout.
        .filter(|(_, side)| !disputed.iter().any(|payout| board.could_be(payout, side)))
        .filter_map(|(line, side)| {
            let subject = line_subject(board, line);
            let amount = side.line.amount;
            Some(Exception {
                id: exception_id(code, &subject)?,
                code,
                class: class_of(code),
                account: board.sole_account_of(&side.line.bank_account),
                currency: amount.currency(),
                amount_minor: amount.minor().unsigned_abs(),
                subjects: vec![subject],
                explanation: format!("{amount} arrived on {} and names Stripe, and no payout explains it.", side.line.date_on),
                remedy: remedy_of(code).to_owned(),
            })
        })
        .collect()
}

/// Money that went back, and nobody can say whose: none of ours that we know, or one of several.
fn returns_unplaced(board: &Board<'_>) -> Vec<Exception> {
    let code = ExceptionCode::DepositReturned;
    board
        .returns_unplaced
        .iter()
        .filter_map(|(line, candidates)| {
            let mut subjects = vec![line_subject(board, *line)];
            subjects.extend(candidates.iter().map(|&payout| payout_subject(&board.payouts[payout].payout.id)));
            let bank = board.lines[*line].line;
            let whose = match candidates.len() {
                0 => "no deposit of that amount is known".to_owned(),
                n => format!("{n} payouts of that amount arrived before, and nothing tells which"),
            };
            Some(Exception {
                id: exception_id(code, &subjects[0])?,
                code,
                class: class_of(code),
                account: sole_account(board, candidates),
                currency: bank.amount.currency(),
                amount_minor: bank.amount.minor().unsigned_abs(),
                subjects,
                explanation: format!("{} on {} reads as money going back; {whose}.", bank.amount, bank.date_on),
                remedy: remedy_of(code).to_owned(),
            })
        })
        .collect()
}

fn sole_account(board: &Board<'_>, payouts: &[usize]) -> Option<facts::AccountId> {
    let (first, rest) = payouts.split_first()?;
    let account = &board.payouts[*first].payout.account;
    rest.iter().all(|&payout| board.payouts[payout].payout.account == *account).then(|| account.clone())
}

/// What must be written so that `kept` becomes `wanted`.
#[must_use]
pub fn difference(wanted: &Outcomes, kept: Outcomes) -> Plan {
    let verdicts: HashMap<(String, String), PayoutVerdict> =
        kept.verdicts.into_iter().map(|verdict| ((verdict.account.to_string(), verdict.payout.to_string()), verdict)).collect();
    let matches: HashMap<MatchId, Match> = kept.matches.into_iter().map(|found| (found.id.clone(), found)).collect();
    let exceptions: HashMap<ExceptionId, Exception> = kept.exceptions.into_iter().map(|open| (open.id.clone(), open)).collect();
    let wanted_matches: HashSet<&MatchId> = wanted.matches.iter().map(|found| &found.id).collect();
    let wanted_exceptions: HashSet<&ExceptionId> = wanted.exceptions.iter().map(|open| &open.id).collect();
    let mut matches_gone: Vec<MatchId> = matches.keys().filter(|id| !wanted_matches.contains(id)).cloned().collect();
    let mut exceptions_resolved: Vec<ExceptionId> =
        exceptions.keys().filter(|id| !wanted_exceptions.contains(id)).cloned().collect();
    matches_gone.sort_unstable();
    exceptions_resolved.sort_unstable();
    let same =
        |verdict: &&PayoutVerdict| verdicts.get(&(verdict.account.to_string(), verdict.payout.to_string())) == Some(*verdict);
    Plan {
        verdicts: wanted.verdicts.iter().filter(|verdict| !same(verdict)).cloned().collect(),
        matches: wanted.matches.iter().filter(|found| matches.get(&found.id) != Some(*found)).cloned().collect(),
        matches_gone,
        exceptions_open: wanted.exceptions.iter().filter(|open| exceptions.get(&open.id) != Some(*open)).cloned().collect(),
        exceptions_resolved,
    }
}
