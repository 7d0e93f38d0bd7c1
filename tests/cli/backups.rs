//! Backups of a file: written whole or not at all, and restored into nothing but an empty database.

use std::fs;
use std::path::Path;

use rusqlite::Connection;
use serde_json::Value;

use crate::shop;
use crate::tieout::Tieout;

/// The first schema that was published, as an old backup holds it.
const FIRST_SCHEMA: &str = include_str!("../../crates/store/migrations/0001_first_tie_out.sql");

/// The number in the header of Tieout's files.
const APPLICATION_ID: i64 = 0x5449_454F;

/// A folder with the shop's books, and `b.db`, a backup of them.
fn backed_up() -> (Tieout, Value) {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    let told = tieout.run(&["db", "backup", "b.db", "--json"]).json();
    (tieout, told)
}

/// What stands in a folder, but for the shop's books and what SQLite keeps beside them.
fn files(tieout: &Tieout) -> Vec<String> {
    let entries = fs::read_dir(tieout.path(".")).expect("the folder");
    let mut names: Vec<String> =
        entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("UTF-8")).collect();
    names.retain(|name| !name.starts_with("books.db"));
    names.sort();
    names
}

#[test]
fn a_backup_is_one_private_file_that_holds_the_same_and_comes_back() {
    let (tieout, told) = backed_up();
    let checked = tieout.run(&["db", "check", "--json"]).json();
    super::assert_keys(&told, &["file", "bytes", "taken_at", "revision", "database", "schema", "mode", "rows", "content"]);
    assert_eq!((&told["content"], &told["file"]), (&checked["content"], &Value::from("b.db")));
    assert_eq!(told["bytes"], fs::metadata(tieout.path("b.db")).expect("the backup").len());
    assert_eq!(files(&tieout), ["b.db"]);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(fs::metadata(tieout.path("b.db")).expect("the backup").permissions().mode() & 0o777, 0o600);
    }
    let before = fs::read(tieout.path("b.db")).expect("the backup");
    let restored = tieout.run(&["--database", "sqlite:new/r.db", "db", "restore", "b.db", "--json"]).json();
    assert_eq!((&restored["content"], &restored["rows"]), (&told["content"], &told["rows"]));
    assert_eq!(fs::read(tieout.path("b.db")).expect("the backup"), before, "a restore leaves the backup as it is");
    let lists = |database: &str| tieout.run(&["--database", database, "exception", "list", "--json"]).fine();
    assert_eq!(lists("sqlite:new/r.db"), lists("sqlite:books.db"));
    let text = tieout.run(&["db", "backup", "c.db"]).fine();
    assert!(text.contains("c.db is a backup of") && text.contains("As it stood at"), "{text}");
    assert_eq!(files(&tieout), ["b.db", "c.db", "new"]);
}

#[test]
fn a_backup_never_overwrites_makes_no_folder_and_leaves_nothing_behind_when_it_fails() {
    let (tieout, _) = backed_up();
    let before = fs::read(tieout.path("b.db")).expect("the backup");
    let told = tieout.run(&["db", "backup", "b.db"]).fails(1);
    assert!(told.contains("b.db is there already and was left as it is") && told.contains("name a new file"), "{told}");
    assert_eq!(fs::read(tieout.path("b.db")).expect("the backup"), before);
    assert!(tieout.run(&["db", "backup", "books.db"]).fails(1).contains("is there already"));
    assert!(tieout.run(&["db", "backup", "."]).fails(1).contains("is there already"));
    let told = tieout.run(&["db", "backup", "unmounted/b.db"]).fails(1);
    assert!(told.contains("its folder does not exist") && !tieout.exists("unmounted"), "{told}");
    let told = tieout.run(&["--database", "sqlite:none.db", "db", "backup", "n.db"]).fails(1);
    assert!(told.contains("there is no database"), "{told}");
    damage_a_row(&tieout.path("books.db"));
    let told = tieout.run(&["db", "backup", "d.db"]).fails(1);
    assert!(told.contains("books.db"), "{told}");
    assert_eq!(files(&tieout), ["b.db"], "what fails leaves no part of a backup");
}

/// A value that cannot be copied, as only a hand or a broken disk leaves it.
fn damage_a_row(path: &Path) {
    Connection::open(path).expect("the books").execute_batch("UPDATE payout SET amount_minor = 1.5").expect("a change");
}

#[test]
fn a_restore_takes_whole_backups_only_and_says_what_is_wrong_with_others() {
    let (tieout, _) = backed_up();
    let whole = fs::read(tieout.path("b.db")).expect("the backup");
    let put = |name: &str, bytes: &[u8]| fs::write(tieout.path(name), bytes).expect("written");
    put("text", b"Date,Amount\n2026-08-01,12.00\n");
    put("empty", b"");
    put("half", whole.get(..whole.len() / 2).expect("half"));
    put("header", whole.get(..100).expect("a header"));
    let mut torn = whole.clone();
    torn.get_mut(8_192..20_480).expect("some pages").fill(0xAA);
    put("torn", &torn);
    put("newer", &whole);
    Connection::open(tieout.path("newer")).expect("a file").execute_batch("PRAGMA user_version = 999").expect("a version");
    Connection::open(tieout.path("foreign")).expect("a file").execute_batch("CREATE TABLE bookmark (url)").expect("a table");
    fs::create_dir(tieout.path("folder")).expect("a folder");
    let cases = [
        ("gone", "there is no file gone"),
        (".", "the path names no file"),
        ("folder", "it is no file"),
        ("text", "text cannot be read as a Tieout database"),
        ("empty", "it is empty"),
        ("half", "half cannot be read as a Tieout database"),
        ("header", "header cannot be read as a Tieout database"),
        ("torn", "torn cannot be read as a Tieout database"),
        ("newer", "made by a later version of Tieout (schema 999"),
        ("foreign", "foreign is a database of another program"),
    ];
    let before = files(&tieout);
    for (file, words) in cases {
        let told = tieout.run(&["--database", "sqlite:new.db", "db", "restore", file]).fails(1);
        assert!(told.contains(words) && told.contains("hint: "), "{file}: {told}");
        assert_eq!(files(&tieout), before, "{file} made or changed a file");
    }
}

#[test]
fn a_restore_is_never_mixed_with_what_is_there() {
    let (tieout, _) = backed_up();
    let before = tieout.run(&["db", "check", "--json"]).json();
    let told = tieout.run(&["db", "restore", "b.db"]).fails(6);
    assert!(told.contains("books.db holds data already") && told.contains("TIEOUT_DATABASE"), "{told}");
    assert_eq!(tieout.run(&["db", "check", "--json"]).json(), before);
    tieout.run(&["--database", "sqlite:made.db", "db", "migrate"]).fine();
    tieout.run(&["--database", "sqlite:made.db", "db", "restore", "b.db"]).fine();
    tieout.run(&["--database", "sqlite:made.db", "db", "restore", "b.db"]).fails(6);
}

#[test]
fn a_backup_of_an_earlier_version_is_restored_and_left_as_it_is() {
    let tieout = Tieout::new();
    let old = Connection::open(tieout.path("old")).expect("a file");
    old.pragma_update(None, "application_id", APPLICATION_ID).expect("a header");
    old.execute_batch(FIRST_SCHEMA).expect("a schema");
    old.execute_batch("INSERT INTO run (id, job, started_at, state, summary) VALUES (1, 'sync', 1, 'done', '{}')")
        .expect("a run");
    old.pragma_update(None, "user_version", 1).expect("a header");
    drop(old);
    let before = fs::read(tieout.path("old")).expect("the backup");
    let restored = tieout.run(&["db", "restore", "old", "--json"]).json();
    assert_eq!(restored["rows"], 2, "the run, and the row of the database itself");
    assert_eq!(fs::read(tieout.path("old")).expect("the backup"), before);
    assert_eq!(files(&tieout), ["old"]);
}
