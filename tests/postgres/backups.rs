//! Backups across the two databases, and while a sync runs.

use crate::simulated::Simulated;
use crate::tieout::Tieout;
use crate::{answers, count, live_through, on_server, on_server_of, with_stripe};

/// A backup, as an argument.
fn file(tieout: &Tieout, name: &str) -> String {
    tieout.path(name).display().to_string()
}

#[test]
fn a_backup_of_either_database_is_restored_into_either() {
    let stripe = Simulated::start();
    let (served, _) = on_server(&stripe);
    live_through(&served, &stripe);
    let backup = file(&served, "b.db");
    let told = served.json(&["db", "backup", &backup, "--json"]);
    assert_eq!(told["content"], served.json(&["db", "check", "--json"])["content"]);
    let in_file = Tieout::new();
    let again = file(&in_file, "again.db");
    assert_eq!(in_file.json(&["db", "restore", &backup, "--json"])["content"], told["content"]);
    assert_eq!(in_file.json(&["db", "backup", &again, "--json"])["content"], told["content"]);
    let (restored, _) = on_server_of(&in_file);
    assert_eq!(restored.json(&["db", "restore", &again, "--json"])["content"], told["content"]);
    assert_eq!(answers(&restored), answers(&served));
    let refused = restored.fails(6, &["db", "restore", &again]);
    assert!(refused.contains("holds data already") && refused.contains("TIEOUT_DATABASE"), "{refused}");
    assert!(served.fails(1, &["db", "backup", &backup]).contains("is there already"));
}

#[test]
fn what_is_no_whole_backup_leaves_an_empty_database_of_a_server_empty() {
    let stripe = Simulated::start();
    let in_file = with_stripe(&stripe);
    in_file.goes_well(&["sync"]);
    let backup = file(&in_file, "b.db");
    in_file.goes_well(&["db", "backup", &backup]);
    let half = std::fs::read(&backup).unwrap();
    std::fs::write(in_file.path("half"), &half[..half.len() / 2]).unwrap();
    std::fs::write(in_file.path("text"), "no database, however long it is").unwrap();
    let (target, address) = on_server_of(&in_file);
    for name in ["half", "text"] {
        let told = target.fails(1, &["db", "restore", &file(&in_file, name)]);
        assert!(told.contains("cannot be read as a Tieout database"), "{told}");
        assert!(!crate::has_table(&address, "payout"), "{name}");
    }
    target.goes_well(&["db", "restore", &backup]);
    assert!(count(&address, "payout") > 0);
}

#[test]
fn a_backup_taken_during_a_sync_is_one_view_and_the_next_sync_goes_on_from_it() {
    let stripe = Simulated::start();
    let whole = with_stripe(&stripe);
    whole.goes_well(&["sync"]);
    let content = |tieout: &Tieout| tieout.json(&["db", "check", "--json"])["content"].clone();
    let (served, address) = on_server(&stripe);
    let mut sync = served.start(&["sync"]);
    while count(&address, "txn") == 0 && sync.try_wait().unwrap().is_none() {}
    let backup = file(&served, "b.db");
    let told = served.json(&["db", "backup", &backup, "--json"]);
    assert!(sync.wait().unwrap().success(), "the backup did not disturb it");
    let restored = with_stripe(&stripe);
    assert_eq!(restored.json(&["db", "restore", &backup, "--json"])["content"], told["content"]);
    restored.goes_well(&["sync"]);
    assert_eq!(content(&restored), content(&whole));
    assert_eq!(content(&served), content(&whole));
}
