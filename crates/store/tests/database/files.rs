//! The file itself: made, refused, damaged.

use facts::ObjectKind;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use rusqlite::Connection;
use store::{LeaseName, NoPoints, Pace, Store, StoreError};

use crate::contract::world::*;

fn open(path: &Path) -> store::Result<Store> {
    Store::open(path, Arc::new(NoPoints))
}

#[test]
fn opening_makes_the_folders_the_file_and_the_schema_and_opening_again_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/tieout.db");
    let digest = open(&path).unwrap().content_digest().unwrap();
    let again = open(&path).unwrap();
    assert_eq!(again.content_digest().unwrap(), digest);
    again.check().unwrap();
}

#[test]
fn a_reader_makes_no_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("none/tieout.db");
    assert!(Store::open_existing(&path).unwrap().is_none());
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    let empty = folder.path().join("empty.db");
    fs::write(&empty, b"").unwrap();
    assert!(Store::open_existing(&empty).unwrap().is_none());
    assert_eq!(fs::metadata(&empty).unwrap().len(), 0);
}

#[cfg(unix)]
#[test]
fn who_opens_a_file_by_another_name_overtakes_nobody() {
    let folder = tempfile::tempdir().unwrap();
    let (path, link) = (folder.path().join("tieout.db"), folder.path().join("link.db"));
    let mut holder = open(&path).unwrap();
    holder.lease(LeaseName::Sync, Pace::STANDARD).unwrap();
    std::os::unix::fs::symlink(&path, &link).unwrap();
    let hasty = Pace { patience: std::time::Duration::from_millis(100), ..Pace::STANDARD };
    let refused = open(&link).unwrap().lease(LeaseName::Sync, hasty).unwrap_err();
    assert!(matches!(refused, StoreError::Leased { .. }), "{refused}");
}

#[cfg(unix)]
#[test]
fn who_has_a_lease_and_nothing_to_do_beats_without_writing_into_the_database() {
    let mut fresh = fresh();
    let beat = std::time::Duration::from_millis(10);
    fresh.store.lease(LeaseName::Schedule, Pace { beat, ..Pace::STANDARD }).unwrap();
    let file = Connection::open(fresh.place.location().file().unwrap()).unwrap();
    let version = || file.pragma_query_value(None, "data_version", |row| row.get::<_, i64>(0)).unwrap();
    let before = version();
    let noted = format!("{}-schedule", fresh.place.location().file().unwrap().display());
    let since = std::time::Instant::now();
    let beats = || -> u64 {
        let text = fs::read_to_string(&noted).unwrap();
        text.trim().rsplit_once(' ').map_or(0, |(_, beat)| beat.parse().unwrap())
    };
    while beats() < 3 {
        assert!(since.elapsed() < std::time::Duration::from_secs(60), "it does not beat");
        std::thread::sleep(beat);
    }
    assert_eq!(version(), before);
}

#[test]
fn a_file_that_is_not_a_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    for bytes in [b"Date,Amount\n".repeat(100), b"short".to_vec()] {
        fs::write(&path, &bytes).unwrap();
        for refused in [open(&path).err().unwrap(), Store::open_existing(&path).err().unwrap()] {
            assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
            assert!(refused.to_string().contains("notes.txt"), "{refused}");
        }
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
}

#[test]
fn a_damaged_database_is_named_as_damaged() {
    let mut fresh = fresh();
    let many = (0..500).map(|n| txn(&format!("txn_{n}"), n).into()).collect();
    put(&mut fresh.store, &list(ObjectKind::Txn, many));
    let path = fresh.place.location().file().unwrap().to_owned();
    drop(fresh.store);
    let mut bytes = fs::read(&path).unwrap();
    bytes[8_192..].fill(0xAA);
    fs::write(&path, bytes).unwrap();
    let refused = open(&path).and_then(|store| store.check()).unwrap_err();
    assert!(matches!(refused, StoreError::Corrupt { .. }), "{refused}");
    assert!(refused.to_string().contains("tieout.db"), "{refused}");
}

#[test]
fn a_sum_that_somebody_has_written_over_is_found() {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(&mut fresh.store, &members("po_1", vec![txn("txn_1", 300).into()], true));
    let mut write = outcome(1);
    write.verdicts = vec![facts::PayoutVerdict {
        composition: facts::Composition { txn_count: 1, ..verdict("po_1", Vec::new()).composition },
        ..verdict("po_1", Vec::new())
    }];
    let settle = |store: &mut Store| {
        let revision = store.revision().unwrap();
        store.apply(&write, revision).unwrap();
        store.add_up_days(None).unwrap();
        store.check_sums().unwrap();
    };
    settle(&mut fresh.store);
    let tampered = [
        ("UPDATE txn_day SET sums = '{\"usd\":1}'", "acct_"),
        ("DELETE FROM txn_day", "txn_1"),
        ("UPDATE payout_verdict SET sum_net_minor = 301", "po_1"),
    ];
    for (sql, named) in tampered {
        fresh.place.change(sql);
        let refused = fresh.store.check_sums().unwrap_err();
        assert!(matches!(refused, StoreError::SumsApart { .. }) && refused.to_string().contains(named), "{refused}");
        fresh.store.forget_sums().unwrap();
        settle(&mut fresh.store);
    }
}

#[test]
fn another_programs_database_is_refused_and_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let with_table = folder.path().join("table.db");
    Connection::open(&with_table).unwrap().execute_batch("CREATE TABLE bookmarks (url TEXT)").unwrap();
    let with_id = folder.path().join("id.db");
    Connection::open(&with_id).unwrap().execute_batch("PRAGMA application_id = 7; PRAGMA user_version = 1").unwrap();
    for path in [with_table, with_id] {
        let before = fs::read(&path).unwrap();
        assert!(matches!(open(&path), Err(StoreError::NotOurs { .. })));
        assert!(matches!(Store::open_existing(&path), Err(StoreError::NotOurs { .. })));
        assert_eq!(fs::read(&path).unwrap(), before);
    }
}

#[test]
fn a_database_of_a_later_version_is_refused() {
    let fresh = fresh();
    let path = fresh.place.location().file().unwrap().to_owned();
    drop(fresh.store);
    Connection::open(&path).unwrap().execute_batch("PRAGMA user_version = 999").unwrap();
    for refused in [open(&path).err().unwrap(), Store::open_existing(&path).err().unwrap()] {
        assert!(matches!(refused, StoreError::Newer { found: 999, .. }), "{refused}");
        assert!(refused.to_string().contains("update Tieout"), "{refused}");
    }
}

#[test]
fn a_path_that_cannot_be_written_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, b"x").unwrap();
    for path in [file.join("tieout.db"), folder.path().to_owned()] {
        let refused = open(&path).err().unwrap();
        assert!(matches!(refused, StoreError::Unwritable { .. }), "{refused}");
        assert!(refused.to_string().contains(&path.display().to_string()), "{refused}");
    }
}

#[test]
fn only_the_modules_of_a_database_speak_its_own_words() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![source.clone()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.starts_with(source.join("database")) {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs::read_to_string(&path).unwrap();
            let words =
                ["PRAGMA", "sqlite_master", "INSERT OR ", "last_insert_rowid", "GLOB ", "ILIKE", "::text", "pg_", "DISTINCT ON"];
            for word in words {
                assert!(!text.contains(word), "{word} in {}", path.display());
            }
        }
    }
}
