//! What is read to judge single accounts: which payouts have changed, and what they were.

use std::sync::Arc;

use facts::{BankAccountName, Coverage, DestinationId, ObjectKind, PayoutStatus, Reach, SettlementWindow};
use jiff::civil::Date;
use money::Currency;
use store::*;

use super::world::*;

/// Everything is judged as it stands.
fn judge_all(store: &mut Store) {
    let mut write = outcome(1);
    write.verdicts =
        store.deposit_snapshot().unwrap().payouts.iter().map(|one| verdict(one.payout.id.as_str(), vec![])).collect();
    let revision = store.revision().unwrap();
    store.apply(&write, revision).unwrap();
}

fn due(store: &Store) -> Vec<String> {
    store.account_snapshot(&own()).unwrap().due.iter().map(ToString::to_string).collect()
}

/// What the account was judged from.
fn of_own(known_until: Option<Date>, windows: Vec<SettlementWindow>) -> AccountBasis {
    AccountBasis { account: own(), known_until, windows }
}

fn window(currency: Currency, until: i8) -> SettlementWindow {
    SettlementWindow {
        account: own(),
        currency,
        created_after: (currency == Currency::EUR).then(|| at(7)),
        available_until: day(until),
        overtaken_until: (currency == Currency::USD).then(|| day(until)),
        last_payout_on: day(until),
    }
}

fn reach(currency: Currency) -> Reach {
    let bank_account = || BankAccountName::parse("main").unwrap();
    let days = |from, until| Coverage { from_on: day(from), until_on: day(until) };
    let route = |to: Option<&str>| ((own(), currency, to.map(|id| DestinationId::parse(id).unwrap())), bank_account());
    Reach {
        routes: [route(None), route(Some("ba_1"))].into(),
        stretches: [(bank_account(), vec![days(1, 4), days(9, 12)])].into(),
    }
}

#[test]
fn what_was_judged_from_is_known_to_every_process_and_each_judging_replaces_its_own_part() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    put(store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    let known = |store: &Store| (store.to_judge().unwrap().basis, store.account_snapshot(&own()).unwrap().basis);
    assert_eq!(known(store), (None, None));
    let revision = store.revision().unwrap();
    let basis = |on, currency| Basis {
        revision,
        day: day(on),
        zone: "America/New_York".to_owned(),
        program: "1.2.3".to_owned(),
        first_arrivals: [(currency, day(1))].into(),
        reach: reach(currency),
    };
    let mut judge = |judged| store.apply(&OutcomeWrite { judged, ..outcome(1) }, revision).unwrap();
    let windows = vec![window(Currency::EUR, 3), window(Currency::USD, 4)];
    judge(Judged::Everything(basis(5, Currency::USD), vec![of_own(Some(day(5)), windows.clone())]));
    let other = Store::open(fresh.place.location(), Arc::new(NoPoints)).unwrap();
    assert_eq!(known(&other), (Some(basis(5, Currency::USD)), Some(of_own(Some(day(5)), windows))));
    let later = vec![window(Currency::USD, 6)];
    judge(Judged::Accounts(vec![of_own(Some(day(5)), later.clone())]));
    assert_eq!(known(&other), (Some(basis(5, Currency::USD)), Some(of_own(Some(day(5)), later))));
    judge(Judged::Everything(basis(6, Currency::EUR), Vec::new()));
    assert_eq!(known(&other), (Some(basis(6, Currency::EUR)), None));
}

#[test]
fn a_payout_that_changes_is_kept_as_it_was_when_it_was_last_judged() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let paid = |minor, status| Object::from(facts::Payout { status, ..payout("po_1", minor) });
    let first = payout("po_1", 300);
    put(store, &list(ObjectKind::Payout, vec![first.clone().into(), payout("po_2", 100).into()]));
    assert_eq!(
        (due(store), store.account_snapshot(&own()).unwrap().before),
        (vec!["po_1".to_owned(), "po_2".to_owned()], vec![])
    );
    judge_all(store);
    assert!(due(store).is_empty() && store.to_judge().unwrap().accounts.is_empty());
    put(store, &list(ObjectKind::Payout, vec![paid(300, PayoutStatus::Failed)]));
    put(store, &list(ObjectKind::Payout, vec![paid(200, PayoutStatus::Failed)]));
    put(store, &members("po_2", vec![txn("txn_1", 100).into()], true));
    let loaded = store.account_snapshot(&own()).unwrap();
    assert_eq!(loaded.before, [first], "not what nobody judged in between");
    assert_eq!(due(store), ["po_1", "po_2"]);
    assert_eq!((loaded.payouts.len(), loaded.verdicts.len()), (2, 2));
    let mut write = outcome(2);
    write.judged = Judged::Accounts(vec![of_own(None, Vec::new())]);
    let revision = store.revision().unwrap();
    store.apply(&write, revision).unwrap();
    let loaded = store.account_snapshot(&own()).unwrap();
    assert_eq!((loaded.due, loaded.before, loaded.payouts), (vec![], vec![], vec![]));
}

#[test]
fn all_deposits_are_due_after_a_bank_line_or_an_accounts_name_and_not_after_a_payout() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let moved = |store: &Store| store.to_judge().unwrap().deposit_revision;
    put(store, &list(ObjectKind::Account, vec![account().into()]));
    let named = moved(store);
    put(store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(store, &members("po_1", vec![txn("txn_1", 300).into()], true));
    put(store, &list(ObjectKind::Account, vec![facts::Account { country: Some("FR".to_owned()), ..account() }.into()]));
    assert_eq!(moved(store), named);
    assert_eq!(store.to_judge().unwrap().accounts, [own()]);
    let display_name = Some("Another Name".to_owned());
    put(store, &list(ObjectKind::Account, vec![facts::Account { display_name, ..account() }.into()]));
    let renamed = moved(store);
    assert!(renamed > named);
    import(store, b"file", &[line("bl_1", 3, 300), line("bl_2", 5, 200)], 1, 9).unwrap();
    assert!(moved(store) > renamed);
    let from = |on| store.bank_lines_from(day(on)).unwrap().into_iter().map(|line| line.id.to_string()).collect::<Vec<_>>();
    assert_eq!((from(3), from(4)), (vec!["bl_1".to_owned(), "bl_2".to_owned()], vec!["bl_2".to_owned()]));
}

#[test]
fn what_is_open_and_said_again_is_written_once_and_opened_again_after_it_was_resolved() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    put(store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    let mut write = outcome(1);
    write.judged = Judged::Accounts(vec![of_own(None, Vec::new())]);
    write.exceptions_open = vec![exception("ex_1", "po_1")];
    let revision = store.revision().unwrap();
    assert_eq!(store.apply(&write, revision).unwrap().exceptions_opened, 1);
    assert_eq!(store.apply(&write, revision).unwrap().total(), 0);
    write.exceptions_open[0].explanation = "Something else.".to_owned();
    assert_eq!(store.apply(&write, revision).unwrap().exceptions_changed, 1);
    let resolved =
        OutcomeWrite { exceptions_open: vec![], exceptions_resolved: vec![write.exceptions_open[0].id.clone()], ..outcome(2) };
    assert_eq!(store.apply(&resolved, revision).unwrap().exceptions_resolved, 1);
    assert_eq!(store.apply(&write, revision).unwrap().exceptions_opened, 1);
}
