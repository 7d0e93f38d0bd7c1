//! What was added up before stands only while nothing of it has changed: whatever is written in whatever order, adding everything
//! up again finds the same.

use std::collections::BTreeMap;

use facts::{CompositionState, ObjectKind, ReconciliationStatus, SourceRef, TxnId};
use money::{Amount, Currency};
use proptest::collection::vec;
use proptest::prelude::*;
use store::{BalanceCheck, MemberTally, PayoutTxns, Store};

use super::world::*;

/// Something that happens to the database.
#[derive(Clone, Debug)]
enum Step {
    /// Txns are listed: which, in which shape, and the payout whose list it is, with its last page or not.
    Txns(Vec<(u8, Shape)>, Option<(u8, bool)>),
    /// A payout is listed, finished or not.
    Payout(u8, bool),
    /// An export tells of a txn in a payout.
    Export(u8, u8),
    /// Days are added up.
    Days,
    /// Payouts are judged.
    Judge,
}

#[derive(Clone, Copy, Debug)]
struct Shape {
    minor: i64,
    day: i64,
    euro: bool,
    reserved: bool,
    pays_out: Option<u8>,
}

fn shape() -> impl Strategy<Value = Shape> {
    let pays_out = prop_oneof![3 => Just(None), 1 => (0..3_u8).prop_map(Some)];
    (-500_i64..500, -2_i64..3, proptest::bool::weighted(0.2), proptest::bool::weighted(0.2), pays_out)
        .prop_map(|(minor, day, euro, reserved, pays_out)| Shape { minor, day, euro, reserved, pays_out })
}

fn step() -> impl Strategy<Value = Step> {
    let list = prop_oneof![1 => Just(None), 2 => (0..3_u8, any::<bool>()).prop_map(Some)];
    prop_oneof![
        6 => (vec((0..8_u8, shape()), 0..4), list).prop_map(|(txns, of)| Step::Txns(txns, of)),
        2 => (0..3_u8, any::<bool>()).prop_map(|(payout, finished)| Step::Payout(payout, finished)),
        1 => (0..10_u8, 0..4_u8).prop_map(|(txn, payout)| Step::Export(txn, payout)),
        2 => Just(Step::Days),
        3 => Just(Step::Judge),
    ]
}

fn shaped(id: u8, shape: Shape) -> Object {
    let mut txn = txn(&format!("txn_{id}"), shape.minor);
    // Around midnight, also of the day before 1970 began.
    txn.created_at = jiff::Timestamp::from_second(shape.day * 86_400 + shape.minor.signum()).unwrap();
    if shape.euro {
        txn.amount = Amount::new(txn.amount.minor(), Currency::EUR);
    }
    if shape.reserved {
        txn.balance_type = "risk_reserved".to_owned();
    }
    txn.source = shape.pays_out.map(|payout| SourceRef { id: format!("po_{payout}"), object: None });
    txn.into()
}

fn take(store: &mut Store, step: &Step) {
    match step {
        Step::Txns(txns, of) => {
            let mut objects: BTreeMap<u8, Object> = BTreeMap::new();
            objects.extend(txns.iter().map(|&(id, shape)| (id, shaped(id, shape))));
            let objects = objects.into_values().collect();
            put(
                store,
                &match of {
                    Some((payout, last)) => members(&format!("po_{payout}"), objects, *last),
                    None => list(ObjectKind::Txn, objects),
                },
            );
        }
        Step::Payout(id, finished) => {
            let mut one = payout(&format!("po_{id}"), 300);
            one.own_txn = Some(TxnId::parse(&format!("txn_{id}")).unwrap());
            if !finished {
                one.reconciliation_status = ReconciliationStatus::InProgress;
            }
            put(store, &list(ObjectKind::Payout, vec![one.into()]));
        }
        Step::Export(id, payout) => {
            let account = own();
            let row = facts::ExportedTxn {
                txn: txn(&format!("txn_{id}"), i64::from(*id)),
                payout: Some(facts::PayoutId::parse(&format!("po_{payout}")).unwrap()),
                line: 2,
            };
            let bytes = format!("{id} {payout}");
            // What contradicts the rest changes nothing, which is as good a step as any.
            drop(store.put_export(&store::ExportWrite {
                txns: &[row],
                payouts: &[],
                ..export_write(&account, bytes.as_bytes())
            }));
        }
        Step::Days => store.add_up_days(None).unwrap(),
        Step::Judge => judge(store),
    }
}

/// What its txns come to, of every payout; the verdict's words where it stands.
fn compositions(store: &Store) -> BTreeMap<String, (u64, i64)> {
    let payouts = store.deposit_snapshot().unwrap().payouts;
    let come_to = |txns| match txns {
        PayoutTxns::Added(MemberTally { txn_count, sum_net_minor, .. }) => (txn_count, sum_net_minor),
        PayoutTxns::Stands(composition) => (composition.txn_count, composition.sum_net_minor),
    };
    payouts.into_iter().map(|one| (one.payout.id.to_string(), come_to(one.txns))).collect()
}

/// Every second payout is found to have a gap: such a verdict never stands.
fn judge(store: &mut Store) {
    let mut write = outcome(1);
    for (at, (id, (txn_count, sum_net_minor))) in compositions(store).into_iter().enumerate() {
        let mut verdict = verdict(&id, Vec::new());
        let state = if at % 2 == 0 { CompositionState::Pending } else { CompositionState::Gap };
        verdict.composition = facts::Composition { state, txn_count, sum_net_minor, difference_minor: 0 };
        write.verdicts.push(verdict);
    }
    let revision = store.revision().unwrap();
    store.apply(&write, revision).unwrap();
}

fn balances(store: &Store) -> Vec<BalanceCheck> {
    store.deposit_snapshot().unwrap().balances
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]

    #[test]
    fn what_was_added_up_is_what_adding_up_finds(steps in vec(step(), 1..24)) {
        let mut fresh = fresh();
        for step in &steps {
            take(&mut fresh.store, step);
        }
        let (kept_balances, kept) = (balances(&fresh.store), compositions(&fresh.store));
        fresh.store.check_sums().unwrap();
        fresh.store.forget_sums().unwrap();
        prop_assert_eq!(kept_balances, balances(&fresh.store));
        prop_assert_eq!(kept, compositions(&fresh.store));
    }
}

#[test]
fn a_payout_is_added_up_again_only_when_something_of_it_has_changed() {
    let mut fresh = fresh();
    let stands = |store: &Store| -> Vec<bool> {
        let payouts = store.deposit_snapshot().unwrap().payouts;
        payouts.iter().map(|one| matches!(one.txns, PayoutTxns::Stands(_))).collect()
    };
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into(), payout("po_2", 100).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 300).into()], true));
    assert_eq!(stands(&fresh.store), [false, false], "nobody has judged them");
    let mut write = outcome(1);
    write.verdicts = vec![verdict("po_1", Vec::new()), verdict("po_2", Vec::new())];
    let revision = fresh.store.revision().unwrap();
    fresh.store.apply(&write, revision).unwrap();
    assert_eq!(stands(&fresh.store), [true, true]);
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_3", 5).into()]));
    assert_eq!(stands(&fresh.store), [true, true], "a txn that no payout holds is nothing to them");
    put(&mut fresh.store, &members("po_2", vec![txn("txn_2", 100).into()], true));
    assert_eq!(stands(&fresh.store), [true, false]);
}
