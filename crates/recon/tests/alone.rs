//! Payouts that are judged alone are judged as with everything: whatever has changed of whatever world, where single payouts can be
//! judged, nothing else has to change, and they end as they would have.

#![expect(clippy::unwrap_used, reason = "tests")]

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};

use facts::{
    AccountId, BankAccount, BankAccountName, BankLine, BankLineId, Coverage, DestinationId, Payout, PayoutId, PayoutStatus,
    PayoutVerdict, ReconciliationStatus, StatementSpan, TraceId,
};
use jiff::{ToSpan, civil::Date};
use money::{Amount, Currency};
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use recon::{
    Alone, Beside, DuePayout, Kin, Members, Outcomes, PayoutItem, PayoutTxns, Rules, Snapshot, conclude, first_arrivals,
    judge_alone, lines_from,
};

const START: Date = jiff::civil::date(2026, 7, 1);
const TODAY: Date = jiff::civil::date(2026, 7, 29);
const TEXTS: [&str; 6] = ["STRIPE TRANSFER", "", "SHOPLINE 12", "CORNERSHOP 7", "RETURN STRIPE", "WIX SETTLED"];
const DESCRIPTORS: [Option<&str>; 4] = [None, None, Some("SHOPLINE"), Some("CORNERSHOP")];

/// What a payout may be.
#[derive(Clone, Debug)]
struct Shape {
    minor: i64,
    day: i64,
    made: i64,
    trace: Option<u8>,
    descriptor: usize,
    destination: bool,
    euro: bool,
    failed: bool,
    finished: bool,
    gap: bool,
}

fn shape() -> impl Strategy<Value = Shape> {
    let weighted = prop::bool::weighted;
    (
        (prop_oneof![1_000_i64..1_004, 90_000_i64..90_003, -3_i64..-1], 0_i64..45, 0_i64..6, prop::option::of(0..12_u8)),
        (0..DESCRIPTORS.len(), any::<bool>(), weighted(0.1), weighted(0.15), weighted(0.8), weighted(0.1)),
    )
        .prop_map(|((minor, day, made, trace), (descriptor, destination, euro, failed, finished, gap))| Shape {
            minor,
            day,
            made,
            trace,
            descriptor,
            destination,
            euro,
            failed,
            finished,
            gap,
        })
}

/// Something that changes of a payout.
#[derive(Clone, Debug)]
enum Change {
    /// There is another one.
    New(Shape),
    /// It is as good as another one.
    Becomes(usize, Shape),
    /// Its list is finished, or its txns come to something else.
    Members(usize, bool, bool),
    Trace(usize, Option<u8>),
    Status(usize, bool),
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        3 => shape().prop_map(Change::New),
        1 => (any::<usize>(), shape()).prop_map(|(at, shape)| Change::Becomes(at, shape)),
        3 => (any::<usize>(), any::<bool>(), any::<bool>()).prop_map(|(at, finished, gap)| Change::Members(at, finished, gap)),
        2 => (any::<usize>(), prop::option::of(0..12_u8)).prop_map(|(at, trace)| Change::Trace(at, trace)),
        1 => (any::<usize>(), any::<bool>()).prop_map(|(at, failed)| Change::Status(at, failed)),
    ]
}

fn line() -> impl Strategy<Value = (i64, i64, usize, Option<u8>, bool)> {
    let minor = prop_oneof![1_000_i64..1_004, 2_000_i64..2_008, 89_990_i64..90_003, -1_004_i64..-1_000];
    (minor, 0_i64..28, 0..TEXTS.len(), prop::option::weighted(0.3, 0..12_u8), any::<bool>())
}

type World = (Vec<Shape>, Vec<(i64, i64, usize, Option<u8>, bool)>, Vec<Change>);

fn world() -> impl Strategy<Value = World> {
    // Small worlds meet the edges, large ones what hangs together.
    prop_oneof![Just(4), Just(16)].prop_flat_map(|most| {
        let changes = prop::collection::vec(change(), 1..4);
        (prop::collection::vec(shape(), 0..most), prop::collection::vec(line(), 0..most), changes)
    })
}

fn day(day: i64) -> Date {
    START.checked_add(day.days()).unwrap()
}

fn item(at: usize, shape: &Shape) -> PayoutItem {
    let currency = if shape.euro { Currency::EUR } else { Currency::USD };
    let trace = |number: u8| TraceId { status: "supported".to_owned(), value: Some(format!("TRACE{number:08}")) };
    let made_on = day(shape.day - shape.made);
    let payout = Payout {
        id: PayoutId::parse(&format!("po_{at:08}")).unwrap(),
        account: AccountId::parse(["acct_a", "acct_b", "acct_c"][at % 3]).unwrap(),
        amount: Amount::new(shape.minor, currency),
        arrives_on: day(shape.day),
        created_at: made_on.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp(),
        status: if shape.failed { PayoutStatus::Failed } else { PayoutStatus::Paid },
        automatic: true,
        method: "standard".to_owned(),
        reconciliation_status: if shape.finished { ReconciliationStatus::Completed } else { ReconciliationStatus::InProgress },
        own_txn: None,
        failure_txn: None,
        failure_code: None,
        destination: Some(DestinationId::parse(if shape.destination { "ba_east" } else { "ba_west" }).unwrap()),
        statement_descriptor: DESCRIPTORS[shape.descriptor].map(str::to_owned),
        description: None,
        trace_id: shape.trace.map(trace),
        original_payout: None,
        reversed_by: None,
    };
    let members = Members { txn_count: 3, sum_net_minor: shape.minor + i64::from(shape.gap), ..Members::default() };
    PayoutItem { payout, complete: true, txns: PayoutTxns::Added(members) }
}

fn bank_line(at: usize, &(minor, on, text, trace, east): &(i64, i64, usize, Option<u8>, bool)) -> BankLine {
    let trace = trace.map_or(String::new(), |number| format!(" TRACE{number:08}"));
    BankLine {
        id: BankLineId::parse(&format!("bl_{at:04}")).unwrap(),
        bank_account: BankAccountName::parse(if east { "east" } else { "west" }).unwrap(),
        date_on: day(on),
        value_on: None,
        amount: Amount::new(minor, if at.is_multiple_of(9) { Currency::EUR } else { Currency::USD }),
        description: format!("{}{trace}", TEXTS[text]),
        counterparty: None,
        reference: None,
        other_references: Vec::new(),
        balance_after_minor: None,
    }
}

fn span((from_on, until_on): (Date, Date)) -> StatementSpan {
    StatementSpan { days: Coverage { from_on, until_on }, opening_minor: None, closing_minor: None }
}

fn snapshot(shapes: &[Shape], lines: &[(i64, i64, usize, Option<u8>, bool)]) -> Snapshot {
    let account = |(name, until)| BankAccount {
        name: BankAccountName::parse(name).unwrap(),
        currency: Currency::USD,
        coverage: None,
        spans: [(START, day(8)), (day(18), until)].map(span).into(),
    };
    Snapshot {
        payouts: shapes.iter().enumerate().map(|(at, shape)| item(at, shape)).collect(),
        bank_lines: lines.iter().enumerate().map(|(at, line)| bank_line(at, line)).collect(),
        bank_accounts: [("east", TODAY), ("west", day(20))].map(account).into(),
        ..Snapshot::default()
    }
}

fn changed(mut shapes: Vec<Shape>, changes: &[Change]) -> Vec<Shape> {
    for change in changes {
        let count = shapes.len().max(1);
        match change {
            Change::New(shape) => shapes.push(shape.clone()),
            Change::Becomes(at, other) => shapes.iter_mut().skip(at % count).take(1).for_each(|shape| *shape = other.clone()),
            Change::Members(at, finished, gap) => {
                shapes.iter_mut().skip(at % count).take(1).for_each(|shape| (shape.finished, shape.gap) = (*finished, *gap));
            }
            Change::Trace(at, trace) => shapes.iter_mut().skip(at % count).take(1).for_each(|shape| shape.trace = *trace),
            Change::Status(at, failed) => shapes.iter_mut().skip(at % count).take(1).for_each(|shape| shape.failed = *failed),
        }
    }
    shapes
}

/// What an account's payouts come to alone, from what held before; `None` where everything is to be judged.
fn alone(account: &AccountId, old: &Snapshot, new: &Snapshot, held: &Outcomes) -> Option<Alone> {
    let before: BTreeMap<&PayoutId, &PayoutItem> = old.payouts.iter().map(|item| (&item.payout.id, item)).collect();
    let verdicts: BTreeMap<&PayoutId, &PayoutVerdict> = held.verdicts.iter().map(|verdict| (&verdict.payout, verdict)).collect();
    let same =
        |item: &&PayoutItem| before.get(&item.payout.id).is_some_and(|old| old.payout == item.payout && old.txns == item.txns);
    let own = || new.payouts.iter().filter(|item| item.payout.account == *account);
    let kin: Vec<Kin<'_>> = own().filter(same).map(|item| (&item.payout, verdicts[&item.payout.id])).collect();
    let due: Vec<DuePayout<'_>> = own()
        .filter(|item| !same(item))
        .map(|item| DuePayout {
            item,
            before: before.get(&item.payout.id).map(|old| &old.payout),
            verdict: verdicts.get(&item.payout.id).copied(),
        })
        .collect();
    // No more lines than are asked for.
    let from = lines_from(&due);
    let lines: Vec<BankLine> =
        new.bank_lines.iter().filter(|line| from.is_some_and(|from| line.date_on >= from)).cloned().collect();
    let first = first_arrivals(&old.payouts);
    judge_alone(&due, &kin, &Beside::new(&lines, (&first, &held.reach), &Rules::standard(), TODAY))
}

/// What holds once the accounts whose payouts have changed were judged alone.
fn all_alone(old: &Snapshot, new: &Snapshot) -> Option<Outcomes> {
    let mut held = conclude(old, &Rules::standard(), TODAY);
    let accounts: BTreeSet<AccountId> = new.payouts.iter().map(|item| item.payout.account.clone()).collect();
    for account in accounts {
        let alone = alone(&account, old, new, &held)?;
        let judged: BTreeSet<&PayoutId> = alone.verdicts.iter().map(|verdict| &verdict.payout).collect();
        held.verdicts.retain(|verdict| !judged.contains(&verdict.payout));
        held.exceptions.retain(|exception| !alone.judges(exception));
        held.verdicts.extend(alone.verdicts.iter().cloned());
        held.exceptions.extend(alone.exceptions.iter().cloned());
    }
    // What does not agree within an account is judged from the account alone already.
    held.exceptions.retain(|exception| !recon::ACCOUNT_CODES.contains(&exception.code));
    held.exceptions.extend(recon::account_exceptions(new));
    held.verdicts.sort_unstable_by(|a, b| (&a.account, &a.payout).cmp(&(&b.account, &b.payout)));
    held.exceptions.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    Some(held)
}

#[test]
fn what_was_judged_alone_is_as_if_everything_was() {
    const CASES: u32 = 6_000;
    let mut runner = TestRunner::new(ProptestConfig { cases: CASES, failure_persistence: None, ..ProptestConfig::default() });
    let (lone, moved) = (Cell::new(0_u32), Cell::new(0_u32));
    let judged = runner.run(&world(), |(shapes, lines, changes)| {
        let old = snapshot(&shapes, &lines);
        let new = snapshot(&changed(shapes, &changes), &lines);
        let Some(alone) = all_alone(&old, &new) else { return Ok(()) };
        let deposits = |held: &Outcomes| held.verdicts.iter().map(|verdict| verdict.deposit.clone()).collect::<Vec<_>>();
        let (before, whole) = (conclude(&old, &Rules::standard(), TODAY), conclude(&new, &Rules::standard(), TODAY));
        lone.set(lone.get() + 1);
        moved.set(moved.get() + u32::from(deposits(&before) != deposits(&whole)));
        prop_assert_eq!(alone, whole);
        Ok(())
    });
    judged.unwrap();
    let (lone, moved) = (lone.get(), moved.get());
    assert!(lone > CASES / 6 && moved > CASES / 12, "{lone} were judged alone, {moved} of which changed a deposit");
}
