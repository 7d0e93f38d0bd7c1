//! A platform's status: what holds of some thousand accounts together is what each of them says, and few of them are read one by one.

use facts::{
    Account, AccountId, AccountKind, Class, CompositionState, DepositState, Exception, ExceptionCode, ObjectKind, Payout,
    PayoutVerdict,
};
use money::Currency;
use store::*;

use super::world::*;

const ACCOUNTS: usize = 2_000;

fn id(at: usize) -> AccountId {
    AccountId::parse(&format!("acct_{at:05}")).unwrap()
}

fn write<'a>(account: &'a AccountId, kind: ObjectKind, object: &'a Object) -> PageWrite<'a> {
    PageWrite {
        account,
        kind,
        request: &object.id,
        request_id: None,
        body_hash: hash(&object.raw),
        fetched_at: at(0),
        objects: vec![ObjectWrite {
            object_id: &object.id,
            raw: &object.raw,
            hash: hash(&object.raw),
            fact: object.fact.clone(),
        }],
        member_of: None,
        last_member_page: false,
        walk: None,
    }
}

/// Each has a payout, and some have trouble.
fn platform() -> Fresh {
    let mut fresh = fresh();
    let ids: Vec<AccountId> = (0..ACCOUNTS).map(id).collect();
    let kind = |at: usize| if at == 7 { AccountKind::Own } else { AccountKind::Connected };
    let of = |at: usize| Account { id: ids[at].clone(), kind: kind(at), ..account() };
    let accounts: Vec<Object> = (0..ACCOUNTS).map(|at| of(at).into()).collect();
    let paid = |at: usize| Object::from(Payout { account: ids[at].clone(), ..payout(&format!("po_{at:05}"), 100 + at as i64) });
    let payouts: Vec<Object> = (0..ACCOUNTS).map(paid).collect();
    let pages: Vec<PageWrite<'_>> = (0..ACCOUNTS)
        .flat_map(|at| {
            let account = write(&ids[at], ObjectKind::Account, &accounts[at]);
            let payout = (at % 9 != 0).then(|| write(&ids[at], ObjectKind::Payout, &payouts[at]));
            [Some(account), payout].into_iter().flatten()
        })
        .collect();
    fresh.store.put_pages(&pages).unwrap();
    for at in (0..ACCOUNTS).step_by(40) {
        fresh.store.mark_synced(&ids[at], super::world::at(at as i64)).unwrap();
        fresh.store.put_balance(&BalanceWrite { steady: at % 80 == 0, ..balance_write(&ids[at], b"{}", 100) }).unwrap();
    }
    let mut outcome = outcome(1);
    outcome.verdicts = (0..ACCOUNTS).filter(|at| at % 9 != 0).map(|at| judged(at, &ids[at])).collect();
    let open = |at: &usize| at % 100 == 50;
    outcome.exceptions_open = (0..ACCOUNTS).filter(open).map(|at| raised(at, &ids[at])).collect();
    let revision = fresh.store.revision().unwrap();
    fresh.store.apply(&outcome, revision).unwrap();
    // Some come after it.
    let later: Vec<Object> = (0..ACCOUNTS).step_by(9).map(paid).collect();
    let pages: Vec<PageWrite<'_>> =
        later.iter().zip((0..ACCOUNTS).step_by(9)).map(|(one, at)| write(&ids[at], ObjectKind::Payout, one)).collect();
    fresh.store.put_pages(&pages).unwrap();
    fresh
}

fn judged(at: usize, account: &AccountId) -> PayoutVerdict {
    let states = [DepositState::Awaiting, DepositState::Ambiguous, DepositState::Proposed, DepositState::Missing];
    let mut verdict = verdict(&format!("po_{at:05}"), vec![]);
    verdict.account = account.clone();
    verdict.deposit.state = states[at % 4];
    verdict.deposit.covered_until_on = (!at.is_multiple_of(8)).then(|| day(9));
    verdict.composition.state = if at.is_multiple_of(5) { CompositionState::Pending } else { CompositionState::Tied };
    verdict
}

fn raised(at: usize, account: &AccountId) -> Exception {
    let mut exception = exception(&format!("ex_{at}"), &format!("po_{at:05}"));
    exception.account = Some(account.clone()).filter(|_| at % 300 != 50);
    exception.class = if at % 200 == 50 { Class::True } else { Class::Expected };
    exception.code = if at.is_multiple_of(3) { ExceptionCode::DepositMissing } else { ExceptionCode::PayoutGap };
    exception
}

#[test]
fn what_holds_of_all_accounts_together_is_what_each_of_them_says() {
    let fresh = platform();
    let (store, today) = (&fresh.store, day(28));
    let (totals, each) = (store.totals(today).unwrap(), store.account_status().unwrap());
    let sum = |of: &dyn Fn(&AccountStatus) -> u64| each.iter().map(of).sum::<u64>();
    let payouts = totals.payouts;
    assert_eq!(payouts.total, ACCOUNTS as u64);
    assert_eq!(
        (payouts.ambiguous, payouts.proposed, payouts.awaiting, payouts.missing, payouts.unjudged),
        (
            sum(&|row| row.payouts.ambiguous),
            sum(&|row| row.payouts.proposed),
            sum(&|row| row.payouts.awaiting),
            sum(&|row| row.payouts.missing),
            sum(&|row| row.payouts.unjudged)
        )
    );
    let open = store.open_counts(None, today).unwrap();
    let count = |counted: &[Counted]| counted.iter().map(|one| one.count).sum::<u64>();
    assert!(totals.balance_unknown && totals.bank_unknown > 100 && totals.members_missing > 100 && totals.true_exceptions > 5);
    assert_eq!(
        (totals.true_exceptions, totals.members_missing, totals.bank_unknown),
        (count(&open.true_exceptions), count(&open.members_missing), count(&open.bank_unknown))
    );
    let exceptions: Vec<ExceptionRow> =
        store.exceptions(&ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() }).unwrap();
    let needing = exceptions.iter().filter(|row| row.exception.class == Class::True).count() as u64;
    assert_eq!(store.exceptions_by_class().unwrap(), (needing, exceptions.len() as u64 - needing));
    assert_eq!(totals.true_exceptions, needing);
    let said = |row: &&AccountStatus| open.true_exceptions.iter().any(|one| one.account.as_ref() == Some(&row.account));
    let unsaid: u64 = each.iter().filter(|row| !said(row)).map(|row| row.payouts.ambiguous).sum();
    assert_eq!(totals.ambiguous_unsaid, unsaid);
    assert_eq!(store.currencies().unwrap(), [Currency::USD]);
}

#[test]
fn an_account_whose_txns_have_a_currency_without_a_balance_leaves_the_balance_of_all_unknown() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![txn("txn_1", 100).into()]));
    fresh.store.put_balance(&balance_write(&own(), b"{}", 100)).unwrap();
    let unknown = |store: &Store| store.totals(day(20)).unwrap().balance_unknown;
    assert!(!unknown(&fresh.store));
    let issuing = facts::Txn { balance_type: "issuing".to_owned(), ..in_euro("txn_2") };
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![issuing.into()]));
    assert!(!unknown(&fresh.store), "what is held against no balance needs none");
    put(&mut fresh.store, &list(ObjectKind::Txn, vec![in_euro("txn_3").into()]));
    assert!(unknown(&fresh.store));
    fresh.store.forget_sums().unwrap();
    assert!(unknown(&fresh.store), "and so it is once all is added up anew");
}

fn in_euro(id: &str) -> facts::Txn {
    facts::Txn { amount: money::Amount::new(100, Currency::EUR), ..txn(id, 100) }
}

#[test]
fn of_many_accounts_our_own_then_those_in_trouble_then_the_least_fresh_are_in_view() {
    let fresh = platform();
    let store = &fresh.store;
    let chosen = store.accounts_in_view(40).unwrap();
    let ids: Vec<&AccountId> = chosen.iter().map(|known| &known.account.id).collect();
    assert!(chosen.len() == 40 && ids.is_sorted() && ids.contains(&&id(7)));
    let open = store.open_counts(None, day(28)).unwrap().true_exceptions;
    assert!(open.iter().filter_map(|one| one.account.as_ref()).all(|account| ids.contains(&account)));
    assert!(chosen.iter().any(|known| known.synced_at.is_none()));
    let mut each = store.account_status().unwrap();
    each.retain(|row| ids.contains(&&row.account));
    assert_eq!(store.account_status_of(&chosen).unwrap(), each);
    let one = store.open_counts(open[0].account.as_ref().or(open[1].account.as_ref()), day(28)).unwrap();
    assert_eq!(one.true_exceptions.len(), 1);
}

#[test]
fn the_exceptions_to_look_at_first_need_a_person_and_are_the_oldest() {
    let fresh = platform();
    let all = fresh.store.exceptions(&ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() });
    let mut all = all.unwrap();
    let order = |row: &ExceptionRow| {
        (row.exception.class == Class::Expected, row.opened_at, row.exception.code, row.exception.id.clone())
    };
    all.sort_by_key(order);
    all.truncate(12);
    assert_eq!(fresh.store.exceptions_in_view(12).unwrap(), all);
}
