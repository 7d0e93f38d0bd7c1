//! What only a server can do: refuse, be shared, go away.

use std::ops::ControlFlow;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use facts::ObjectKind;
use store::{CommitPoints, LeaseName, Location, NoPoints, Pace, Server, Store, StoreError};

use crate::contract::views;
use crate::contract::world::*;
use crate::database::{Place, server};

fn open(place: &Place) -> store::Result<Store> {
    Store::open(place.location(), Arc::new(NoPoints))
}

#[test]
fn a_reader_makes_no_table() {
    let place = Place::new();
    assert!(Store::open_existing(place.location()).unwrap().is_none());
    assert_eq!(place.ask("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"), "0");
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let place = Place::alone();
    place.change("CREATE TABLE bookmarks (url TEXT)");
    assert!(matches!(open(&place), Err(StoreError::NotOurs { .. })));
    assert!(matches!(Store::open_existing(place.location()), Err(StoreError::NotOurs { .. })));
    assert_eq!(place.ask("SELECT COUNT(*) FROM information_schema.tables WHERE table_schema = current_schema()"), "1");
}

#[test]
fn a_database_of_a_later_version_is_refused() {
    let fresh = fresh();
    fresh.place.change("UPDATE tieout_schema SET version = 999");
    for refused in [open(&fresh.place).err().unwrap(), Store::open_existing(fresh.place.location()).err().unwrap()] {
        assert!(matches!(refused, StoreError::Newer { found: 999, .. }), "{refused}");
        assert!(refused.to_string().contains("update Tieout"), "{refused}");
    }
}

#[test]
fn a_database_that_is_not_there_is_named_without_the_password() {
    let nobody = server().address("nowhere").replace("postgres://tieout@", "postgres://tieout:s3cret@");
    let location = Location::Server(Box::new(Server::parse(&nobody).unwrap()));
    let refused = Store::open(location, Arc::new(NoPoints)).err().unwrap().to_string();
    assert!(refused.contains("/nowhere") && refused.contains("does not exist") && !refused.contains("s3cret"), "{refused}");
}

#[test]
fn a_connection_that_the_server_ended_is_said_and_a_new_one_goes_on() {
    let place = Place::alone();
    let mut store = open(&place).unwrap();
    place.ask(
        "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() \
         AND pid <> pg_backend_pid()",
    );
    let refused = store.begin_run("sync", at(1)).unwrap_err();
    assert!(matches!(refused, StoreError::Io { .. }), "{refused}");
    open(&place).unwrap().begin_run("sync", at(2)).unwrap();
}

/// Stays before its first commit until it is let go.
struct Holds {
    reached: Mutex<Sender<()>>,
    let_go: Mutex<Receiver<()>>,
}

impl CommitPoints for Holds {
    fn reach(&self, point: &'static str) {
        if point == "run.begin.before_commit" {
            self.reached.lock().unwrap().send(()).unwrap();
            self.let_go.lock().unwrap().recv().unwrap();
        }
    }
}

#[test]
fn who_stands_still_in_the_middle_of_a_write_keeps_others_waiting_and_not_for_ever() {
    let mut fresh = fresh();
    let (reached, is_held) = channel();
    let (release, let_go) = channel();
    let points = Arc::new(Holds { reached: Mutex::new(reached), let_go: Mutex::new(let_go) });
    let mut holder = Store::open(fresh.place.location(), points).unwrap();
    let holding = std::thread::spawn(move || holder.begin_run("import", at(0)));
    is_held.recv().unwrap();
    assert!(fresh.store.runs(1).unwrap().is_empty(), "reading does not wait for the writer");
    fresh.store.begin_run("sync", at(1)).unwrap();
    release.send(()).unwrap();
    let refused = holding.join().unwrap().unwrap_err();
    assert!(matches!(refused, StoreError::Io { .. }), "{refused}");
    let runs = fresh.store.runs(2).unwrap();
    assert_eq!(runs.iter().map(|run| run.job.as_str()).collect::<Vec<_>>(), ["sync"], "what stood still changed nothing");
}

#[test]
fn who_stood_still_in_the_middle_of_a_write_is_told_that_another_has_taken_over() {
    let mut fresh = fresh();
    let (reached, is_held) = channel();
    let (release, let_go) = channel();
    let points = Arc::new(Holds { reached: Mutex::new(reached), let_go: Mutex::new(let_go) });
    let mut holder = Store::open(fresh.place.location(), points).unwrap();
    let pace = Pace { beat: std::time::Duration::from_secs(3_600), ..Pace::STANDARD };
    holder.lease(LeaseName::Sync, pace).unwrap();
    let holding = std::thread::spawn(move || holder.begin_run("sync", at(0)));
    is_held.recv().unwrap();
    fresh.store.lease(LeaseName::Sync, Pace::STANDARD).unwrap();
    release.send(()).unwrap();
    let refused = holding.join().unwrap().unwrap_err();
    assert!(matches!(refused, StoreError::Overtaken { .. }), "{refused}");
}

#[test]
fn who_writes_for_long_is_not_waited_for_for_ever() {
    let mut fresh = fresh();
    std::thread::scope(|scope| {
        let writes = "SELECT pg_advisory_xact_lock(1414088015, hashtext(current_schema())), pg_sleep(14)";
        scope.spawn(|| fresh.place.ask(writes));
        let held = "SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND objid = \
                    CAST(hashtext(current_schema()) & 4294967295 AS BIGINT) AND classid = 1414088015";
        while fresh.place.ask(held) == "0" {}
        let refused = fresh.store.begin_run("sync", at(1)).unwrap_err();
        assert!(matches!(refused, StoreError::Locked { .. }), "{refused}");
    });
    fresh.store.begin_run("sync", at(1)).unwrap();
}

#[test]
fn the_server_itself_says_of_every_view_and_column_what_the_documentation_says() {
    let fresh = fresh();
    for view in views::documented() {
        let said = |column: usize| {
            let sql = format!(
                "SELECT col_description('{name}'::regclass, {column}), obj_description('{name}'::regclass)",
                name = view.name
            );
            fresh.place.ask(&sql)
        };
        for (place, (column, meaning)) in view.columns.iter().enumerate() {
            assert_eq!(said(place + 1), format!("{meaning}|{}", view.meaning), "{}.{column}", view.name);
        }
    }
}

#[test]
fn both_databases_hold_the_same() {
    let mut on_server = fresh();
    let folder = tempfile::tempdir().unwrap();
    let mut in_file = Store::open(&folder.path().join("tieout.db"), Arc::new(NoPoints)).unwrap();
    let odd = facts::Txn { description: Some("null \0 byte, Ä and 😀".to_owned()), ..txn("txn_Z", -5) };
    for store in [&mut on_server.store, &mut in_file] {
        put(store, &list(ObjectKind::Account, vec![account().into()]));
        put(store, &list(ObjectKind::Payout, vec![payout("po_b", 5).into(), payout("po_B", 6).into()]));
        put(store, &list(ObjectKind::Txn, vec![odd.clone().into(), txn("txn_a", 10).into(), txn("txn_B", 3).into()]));
        import(store, b"x", &[line("bl_é", 4, 100), line("bl_E", 4, 100)], 1, 31).unwrap();
    }
    let content = in_file.content_digest().unwrap();
    assert_eq!(on_server.store.content_digest().unwrap(), content);

    let mut moved = Store::open(Place::new().location(), Arc::new(NoPoints)).unwrap();
    let mut called_off = |_| ControlFlow::Break(());
    assert!(matches!(in_file.copy_to(&mut moved, &mut called_off).unwrap_err(), StoreError::CalledOff));
    let mut told = 0;
    let copied = in_file
        .copy_to(&mut moved, &mut |rows| {
            told = rows;
            ControlFlow::Continue(())
        })
        .unwrap();
    assert_eq!((copied.content, moved.content_digest().unwrap()), (content, content));
    assert!(copied.rows > 0 && told == copied.rows);
    assert_eq!((moved.revision().unwrap(), moved.mode().unwrap()), (in_file.revision().unwrap(), in_file.mode().unwrap()));
    let again = in_file.copy_to(&mut moved, &mut |_| ControlFlow::Continue(())).unwrap_err();
    assert!(matches!(again, StoreError::NotEmpty { .. }), "{again}");
    let mut back = Store::open(&folder.path().join("back.db"), Arc::new(NoPoints)).unwrap();
    moved.copy_to(&mut back, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(back.content_digest().unwrap(), content);
}
