//! What must hold for any world: the order does not matter, a second plan is empty, and everything is counted once.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::collections::HashMap;

use facts::{
    AccountId, BankAccount, BankAccountName, BankLine, BankLineId, CompositionState, Coverage, DepositState, DestinationId,
    Payout, PayoutId, PayoutStatus, ReconciliationStatus, StatementSpan, TraceId,
};
use jiff::{ToSpan, civil::Date};
use money::{Amount, Currency};
use proptest::prelude::*;
use recon::{Members, Outcomes, PayoutItem, PayoutTxns, Rules, Snapshot, conclude, plan};

const START: Date = jiff::civil::date(2026, 7, 1);
const TODAY: Date = jiff::civil::date(2026, 8, 31);
const TEXTS: [&str; 6] = ["STRIPE TRANSFER ST-123", "", "PAYPAL", "RENT", "RETURN STRIPE", "Stripe Payments UK Ltd"];

/// Few different amounts and days, so that everything collides with everything.
fn payout() -> impl Strategy<Value = (i64, i64, bool, bool, bool)> {
    (
        prop_oneof![1000_i64..1010, 90_000_i64..90_003, -5_i64..-1],
        0_i64..30,
        any::<bool>(),
        any::<bool>(),
        prop::bool::weighted(0.1),
    )
}

fn line() -> impl Strategy<Value = (i64, i64, usize)> {
    (prop_oneof![1000_i64..1010, 2000_i64..2020, 89_000_i64..90_003, -1010_i64..-1], 0_i64..40, 0..TEXTS.len())
}

fn snapshot() -> impl Strategy<Value = Snapshot> {
    (prop::collection::vec(payout(), 0..25), prop::collection::vec(line(), 0..40)).prop_map(|(payouts, lines)| Snapshot {
        payouts: payouts.into_iter().enumerate().map(|(at, payout)| item(at, payout)).collect(),
        bank_lines: lines.into_iter().enumerate().map(|(at, line)| bank_line(at, line)).collect(),
        bank_accounts: ["east", "west"].map(account).into(),
        ..Snapshot::default()
    })
}

fn account(name: &str) -> BankAccount {
    let days = Coverage { from_on: START, until_on: TODAY };
    let span = StatementSpan { days, opening_minor: None, closing_minor: None };
    BankAccount { name: BankAccountName::parse(name).unwrap(), currency: Currency::USD, coverage: Some(days), spans: vec![span] }
}

fn item(at: usize, (minor, day, traced, east, failed): (i64, i64, bool, bool, bool)) -> PayoutItem {
    let arrives_on = START.checked_add(day.days()).unwrap();
    let payout = Payout {
        id: PayoutId::parse(&format!("po_{at:04}")).unwrap(),
        account: AccountId::parse(if at.is_multiple_of(3) { "acct_a" } else { "acct_b" }).unwrap(),
        amount: Amount::new(minor, Currency::USD),
        arrives_on,
        created_at: jiff::Timestamp::UNIX_EPOCH,
        status: if failed { PayoutStatus::Failed } else { PayoutStatus::Paid },
        automatic: !at.is_multiple_of(5),
        method: "standard".to_owned(),
        reconciliation_status: ReconciliationStatus::Completed,
        own_txn: None,
        failure_txn: None,
        failure_code: None,
        destination: Some(DestinationId::parse(if east { "ba_east" } else { "ba_west" }).unwrap()),
        statement_descriptor: None,
        description: None,
        trace_id: traced.then(|| TraceId { status: "supported".to_owned(), value: Some(format!("TRACE{at:08}")) }),
        original_payout: None,
        reversed_by: None,
    };
    let members = Members { txn_count: 3, sum_net_minor: minor + i64::from(at.is_multiple_of(7)), ..Members::default() };
    PayoutItem { payout, complete: true, txns: PayoutTxns::Added(members) }
}

fn bank_line(at: usize, (minor, day, text): (i64, i64, usize)) -> BankLine {
    let trace = if at.is_multiple_of(4) { format!(" TRACE{:08}", at / 2) } else { String::new() };
    BankLine {
        id: BankLineId::parse(&format!("bl_{at:04}")).unwrap(),
        bank_account: BankAccountName::parse(if at.is_multiple_of(2) { "east" } else { "west" }).unwrap(),
        date_on: START.checked_add(day.days()).unwrap(),
        value_on: None,
        amount: Amount::new(minor, Currency::USD),
        description: format!("{}{trace}", TEXTS[text]),
        counterparty: None,
        reference: None,
        other_references: Vec::new(),
        balance_after_minor: None,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn the_order_in_which_things_came_does_not_matter(world in snapshot(), seed in any::<u64>()) {
        let mut shuffled = world.clone();
        shuffle(&mut shuffled.payouts, seed);
        shuffle(&mut shuffled.bank_lines, seed.rotate_left(7));
        shuffled.bank_accounts.reverse();
        prop_assert_eq!(conclude(&world, &Rules::standard(), TODAY), conclude(&shuffled, &Rules::standard(), TODAY));
    }

    #[test]
    fn a_second_plan_is_empty(world in snapshot()) {
        let first = plan(&world, Outcomes::default(), &Rules::standard(), TODAY);
        let kept = Outcomes { verdicts: first.verdicts, matches: first.matches, exceptions: first.exceptions_open, ..Outcomes::default() };
        prop_assert!(plan(&world, kept, &Rules::standard(), TODAY).is_empty());
    }

    #[test]
    fn what_was_added_up_before_leads_to_the_same(world in snapshot()) {
        let anew = conclude(&world, &Rules::standard(), TODAY);
        let mut kept = world;
        for item in &mut kept.payouts {
            let composition = recon::composition::judge(item);
            if composition.state != CompositionState::Gap {
                item.txns = PayoutTxns::Kept(composition);
            }
        }
        prop_assert_eq!(conclude(&kept, &Rules::standard(), TODAY), anew);
    }

    #[test]
    fn every_line_is_allocated_at_most_once_in_full(world in snapshot()) {
        let outcomes = conclude(&world, &Rules::standard(), TODAY);
        prop_assert_eq!(outcomes.verdicts.len(), world.payouts.len());
        let lines: HashMap<&str, i64> = world.bank_lines.iter().map(|line| (line.id.as_str(), line.amount.minor())).collect();
        let mut allocated: HashMap<&str, i64> = HashMap::new();
        for verdict in &outcomes.verdicts {
            for part in &verdict.deposit.allocations {
                *allocated.entry(part.bank_line.as_str()).or_default() += part.allocated_minor;
            }
        }
        for (line, minor) in allocated {
            prop_assert_eq!(lines.get(line), Some(&minor), "line {} is not allocated exactly", line);
        }
    }

    #[test]
    fn a_match_without_difference_is_exactly_the_payout(world in snapshot()) {
        let outcomes = conclude(&world, &Rules::standard(), TODAY);
        for (verdict, item) in outcomes.verdicts.iter().map(|verdict| {
            (verdict, world.payouts.iter().find(|item| item.payout.id == verdict.payout).unwrap())
        }) {
            let found: i64 = verdict.deposit.allocations.iter().map(|part| part.allocated_minor).sum();
            if matches!(verdict.deposit.state, DepositState::Matched | DepositState::Proposed) {
                prop_assert_eq!(found - item.payout.amount.minor(), verdict.deposit.difference_minor);
                prop_assert!(!verdict.deposit.allocations.is_empty());
            }
        }
    }
}

/// A Fisher–Yates shuffle with a little generator of its own, so that a printed seed repeats it.
fn shuffle<T>(items: &mut [T], mut seed: u64) {
    for at in (1..items.len()).rev() {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        items.swap(at, (seed >> 33) as usize % (at + 1));
    }
}
