//! What reconciliation reads.

use facts::ObjectKind;
use money::{Amount, Currency};
use store::StoreError;

use super::world::*;

#[test]
fn an_empty_database_has_an_empty_snapshot() {
    let snapshot = fresh().store.deposit_snapshot().unwrap();
    assert!(snapshot.payouts.is_empty() && snapshot.bank_lines.is_empty() && snapshot.balances.is_empty());
}

#[test]
fn members_in_another_currency_are_counted_and_kept_out_of_the_sum() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 100).into()]));
    let mut euro = txn("txn_2", 70);
    euro.amount = Amount::new(100, Currency::EUR);
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into(), euro.into()], true));
    let tally = fresh.store.deposit_snapshot().unwrap().payouts[0].txns.added().unwrap();
    assert_eq!((tally.txn_count, tally.other_currency_count, tally.sum_net_minor), (2, 1, 100));
}

#[test]
fn members_of_every_balance_type_count_for_the_payout_and_only_payments_for_the_balance() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 100).into()]));
    let mut reserved = txn("txn_2", 70);
    reserved.balance_type = "risk_reserved".to_owned();
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 100).into(), reserved.into()], true));
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_3", 1).into()]));
    let snapshot = fresh.store.deposit_snapshot().unwrap();
    assert_eq!(snapshot.payouts[0].txns.added().unwrap().sum_net_minor, 170);
    let balance = &snapshot.balances[0];
    assert_eq!((balance.computed_minor, balance.stripe_minor, balance.steady), (101, None, false));
    assert_eq!(fresh.store.account_status().unwrap()[0].balance, *balance, "status and reconciliation read the same");
}

#[test]
fn a_sum_beyond_64_bits_is_an_overflow_and_not_a_wrong_number() {
    let mut fresh = fresh();
    let huge = |id: &str| {
        let mut huge = txn(id, 1);
        (huge.amount, huge.net_minor, huge.fee_minor) = (usd(i64::MAX), i64::MAX, 0);
        Object::from(huge)
    };
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![huge("txn_1"), huge("txn_2")]));
    assert!(matches!(fresh.store.deposit_snapshot(), Err(StoreError::Overflow { .. })));
    assert!(matches!(fresh.store.account_status(), Err(StoreError::Overflow { .. })));
}

#[test]
fn lists_are_ordered_by_their_ids_whatever_came_first() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_2", 1).into(), payout("po_1", 2).into()]));
    import(&mut fresh.store, b"a", &[line("bl_2", 5, 1), line("bl_3", 4, 1), line("bl_1", 5, 1)], 1, 9).unwrap();
    let snapshot = fresh.store.deposit_snapshot().unwrap();
    let payouts: Vec<&str> = snapshot.payouts.iter().map(|one| one.payout.id.as_str()).collect();
    let lines: Vec<&str> = snapshot.bank_lines.iter().map(|line| line.id.as_str()).collect();
    assert_eq!((payouts, lines), (vec!["po_1", "po_2"], vec!["bl_3", "bl_1", "bl_2"]));
}
