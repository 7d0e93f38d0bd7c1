//! Connected accounts come from the database some at a time: those that are due, those first whose turn was longest ago.

use facts::{Account, AccountKind, ObjectKind};
use store::{AccountFilter, DeliveryState, DeliveryWrite, Due, Freshness, Left, RunId, Store};

use super::world::*;

const HOUR: i64 = 3_600;

fn connected(id: &str) -> Account {
    Account { id: facts::AccountId::parse(id).unwrap(), kind: AccountKind::Connected, ..account() }
}

fn id(id: &str) -> facts::AccountId {
    facts::AccountId::parse(id).unwrap()
}

/// A platform whose list names these in one sync.
fn list_of(store: &mut Store, run: i64, ids: &[&str]) {
    let accounts = ids.iter().map(|id| connected(id).into()).collect();
    put(store, &list(ObjectKind::Account, accounts));
    let ids: Vec<_> = ids.iter().map(|one| id(one)).collect();
    store.note_listed(&own(), &ids, RunId(run)).unwrap();
    store.end_list(&own(), ids.first(), Some(at(run)), RunId(run)).unwrap();
}

/// What is due to a sync that begins at this second and takes a day for stale.
fn due(run: i64, second: i64) -> Due {
    Due { run: RunId(run), stale_before: at(second - 24 * HOUR), now: at(second) }
}

/// Begins to read so many.
fn take(store: &mut Store, due: &Due, limit: u32) -> Vec<String> {
    let taken = store.due_accounts(&own(), due, limit).unwrap();
    taken.iter().for_each(|account| store.begin_sweep(&account.id, due.run).unwrap());
    taken.into_iter().map(|account| account.id.to_string()).collect()
}

#[test]
fn each_account_is_taken_once_a_sync_and_those_that_were_left_come_first_in_the_next() {
    let Fresh { mut store, place: _place } = fresh();
    list_of(&mut store, 1, &["acct_a", "acct_b", "acct_c"]);
    let first = due(1, 100 * HOUR);
    assert_eq!(take(&mut store, &first, 2), ["acct_a", "acct_b"]);
    assert_eq!(store.left_due(&own(), &first).unwrap(), Left { accounts: 1, never: 1, oldest: None });
    let second = due(2, 101 * HOUR);
    assert_eq!(take(&mut store, &second, 1), ["acct_c"]);
    assert_eq!(take(&mut store, &second, 9), ["acct_a", "acct_b"], "they were not read to the end");
    assert_eq!(take(&mut store, &second, 9), Vec::<String>::new());
}

#[test]
fn an_account_is_due_when_it_is_stale_when_it_moved_and_when_its_object_changed() {
    let Fresh { mut store, place: _place } = fresh();
    list_of(&mut store, 1, &["acct_a", "acct_b", "acct_c", "acct_d", "acct_e"]);
    take(&mut store, &due(1, 100 * HOUR), 9);
    for (account, hour) in [("acct_a", 100), ("acct_b", 100), ("acct_c", 100), ("acct_d", 70), ("acct_e", 100)] {
        store.mark_synced(&id(account), at(hour * HOUR)).unwrap();
    }
    let moved = |event: &str, account: &str, hour: i64| DeliveryWrite {
        account: Some(id(account)),
        received_at: at(hour * HOUR),
        ..delivery(event, "po_1")
    };
    let later = [moved("evt_1", "acct_b", 101), moved("evt_2", "acct_a", 99), moved("evt_3", "acct_e", 101)];
    store.take_deliveries(&later).unwrap();
    store.settle_deliveries(&[settled("evt_3", DeliveryState::Ignored)], at(101 * HOUR)).unwrap();
    let renamed = Account { display_name: Some("Renamed".to_owned()), ..connected("acct_c") };
    put(&mut store, &list(ObjectKind::Account, vec![renamed.into()]));
    let now = due(2, 102 * HOUR);
    let left = store.left_due(&own(), &now).unwrap();
    assert_eq!(left, Left { accounts: 3, never: 0, oldest: Some(at(70 * HOUR)) });
    assert_eq!(take(&mut store, &now, 9), ["acct_b", "acct_c", "acct_d"]);
}

#[test]
fn an_account_that_its_list_no_longer_names_is_told_and_not_taken() {
    let Fresh { mut store, place: _place } = fresh();
    list_of(&mut store, 1, &["acct_a", "acct_b"]);
    list_of(&mut store, 2, &["acct_b"]);
    assert_eq!(store.connected_accounts(&own()).unwrap(), 1);
    assert_eq!(take(&mut store, &due(2, 100 * HOUR), 9), ["acct_b"]);
    assert_eq!(store.unlisted(RunId(2), 9).unwrap(), (1, vec![id("acct_a")]));
    // A sync that was not shown any list can name none of them.
    assert_eq!(store.unlisted(RunId(3), 1).unwrap(), (2, vec![id("acct_a")]));
}

#[test]
fn an_account_of_two_platforms_stays_with_the_one_that_names_it_first() {
    let Fresh { mut store, place: _place } = fresh();
    let other = id("acct_other");
    list_of(&mut store, 1, &["acct_a"]);
    let listed_by_other = |store: &mut Store, run: i64| {
        store.note_listed(&other, &[id("acct_a")], RunId(run)).unwrap();
        store.end_list(&other, None, Some(at(run)), RunId(run)).unwrap();
        store.connected_accounts(&other).unwrap()
    };
    assert_eq!(listed_by_other(&mut store, 1), 0);
    // The key of the first platform is gone: no list of it was asked for in this sync.
    assert_eq!(listed_by_other(&mut store, 2), 1);
    assert_eq!(store.connected_accounts(&own()).unwrap(), 0);
}

#[test]
fn the_head_of_a_list_is_kept_with_when_it_was_last_read_whole() {
    let Fresh { mut store, place: _place } = fresh();
    assert_eq!(store.connected_list(&own()).unwrap(), None);
    list_of(&mut store, 1, &["acct_a"]);
    store.end_list(&own(), Some(&id("acct_b")), None, RunId(2)).unwrap();
    let list = store.connected_list(&own()).unwrap().unwrap();
    assert_eq!((list.newest, list.whole_at), (Some(id("acct_b")), at(1)));
}

#[test]
fn accounts_are_found_by_id_or_name_and_listed_by_how_fresh_they_are() {
    let Fresh { mut store, place: _place } = fresh();
    list_of(&mut store, 1, &["acct_a", "acct_b", "acct_c"]);
    let named = Account { display_name: Some("Bread & Butter".to_owned()), ..connected("acct_b") };
    put(&mut store, &list(ObjectKind::Account, vec![named.clone().into()]));
    store.mark_synced(&id("acct_a"), at(9)).unwrap();
    store.mark_synced(&id("acct_c"), at(5)).unwrap();
    let listed = |filter: &AccountFilter| -> Vec<String> {
        store.account_list(filter).unwrap().into_iter().map(|row| row.account.id.to_string()).collect()
    };
    let search = |text: &str| AccountFilter { search: Some(text.to_owned()), ..AccountFilter::default() };
    assert_eq!(listed(&AccountFilter::default()), ["acct_a", "acct_b", "acct_c"]);
    assert_eq!(listed(&AccountFilter { least_fresh_first: true, ..AccountFilter::default() }), ["acct_b", "acct_c", "acct_a"]);
    assert_eq!(listed(&AccountFilter { limit: Some(1), ..search("ACCT_") }), ["acct_a"]);
    assert_eq!(listed(&search("bread")), ["acct_b"]);
    assert_eq!(store.account(&id("acct_b")).unwrap().map(|row| row.account), Some(named));
    assert_eq!(store.account(&id("acct_none")).unwrap(), None);
    assert_eq!(store.freshness().unwrap(), Freshness { accounts: 3, never: 1, oldest: Some(at(5)) });
}
