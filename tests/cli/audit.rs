//! The audit trail from outside: what people do is in it with their name, and whoever writes past the program is found out.

use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::shop;
use crate::tieout::Tieout;

fn change(tieout: &Tieout, sql: &str) {
    let file = rusqlite::Connection::open(tieout.path("books.db")).expect("the database");
    file.execute_batch(sql).expect("it is changed");
}

fn log(tieout: &Tieout, more: &[&str]) -> Vec<Value> {
    tieout.run(&[&["audit", "log", "--json"], more].concat()).json().as_array().expect("an array").clone()
}

#[test]
fn what_people_do_is_in_the_trail_with_their_name_and_found_by_what_it_is_about() {
    let mut tieout = Tieout::new();
    tieout.set("LOGNAME", "ada");
    assert!(tieout.run(&["audit", "log"]).fails(1).contains("there is no database"));
    shop::fill(&tieout.path("books.db"));
    tieout.run(&["schedule", "add", "nightly", "--job", "reconcile", "--cron", "0 2 * * *"]).fine();
    tieout.run(&["schedule", "pause", "nightly"]).fine();
    tieout.run(&["schedule", "pause", "nightly"]).fine();
    tieout.run(&["alert", "silence", "run_failed", "--hours", "1", "--reason", "the move"]).fine();
    tieout.run(&["alert", "add", "audit_broken", "--off"]).fine();
    assert!(tieout.run(&["audit", "verify"]).fine().contains("The trail is whole"), "what people do breaks no trail");
    assert!(tieout.run(&["audit", "log", "--about", "audit_broken"]).fine().contains("alert rule audit_broken: off"));
    let about = log(&tieout, &["--about", "nightly"]);
    let told: Vec<_> = about.iter().map(|entry| (entry["act"].as_str().unwrap(), entry["who"].as_str().unwrap())).collect();
    assert_eq!(told, [("schedule.pause", "ada"), ("schedule.add", "ada")], "to pause twice is one change");
    assert_eq!((&about[0]["chain"], &about[0]["changes"][0][0]), (&Value::from("shared"), &Value::from("schedule")));
    let table = tieout.run(&["audit", "log", "--about", "nightly"]).fine();
    assert!(table.contains("person ada") && table.contains("schedule nightly: active → paused"), "{table}");
    assert!(!log(&tieout, &["--account", "acct_shop", "--act", "reconcile"]).is_empty());
    assert_eq!(log(&tieout, &["--actor", "webhook"]), [Value::Null; 0]);
    let id = about[0]["id"].to_string();
    assert!(tieout.run(&["audit", "show", &id]).fine().contains("by person ada"));
    assert_eq!(tieout.run(&["audit", "show", &id, "--json"]).json(), about[0]);
    assert!(tieout.run(&["audit", "show", "999"]).fails(1).contains("tieout audit log"));
    assert!(tieout.run(&["audit", "log", "--act", "schedule.lost"]).fails(2).contains("schedule.pause"));
    let of_payout = tieout.run(&["audit", "log", "--about", "po_missing", "--act", "reconcile"]).fine();
    assert!(of_payout.contains("acct_shop  payout po_missing: "), "what was asked for comes first: {of_payout}");
    assert!(tieout.run(&["audit", "log", "--about", &"x".repeat(513)]).fails(2).contains("1 to 512 bytes"));
    let rows = tieout.run(&["export", "audit", "--format", "jsonl"]).fine();
    assert_eq!(rows.lines().count(), log(&tieout, &["--limit", "1000"]).len());
    rows.lines().for_each(|row| hash_of_row(&serde_json::from_str(row).expect("JSON")));
}

/// The hash of an exported row is that of what the documentation says is hashed.
fn hash_of_row(row: &Value) {
    let text = |name: &str| match &row[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let fields = ["entry", "chain", "position", "written_microsecond", "actor", "who", "run", "act", "changes", "previous_hash"];
    let fields = std::iter::once("tieout-audit-1".to_owned()).chain(fields.map(text));
    let bytes: String = fields.map(|field| format!("{}:{field},", field.len())).collect();
    let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(text("hash"), hash, "{row}");
}

#[test]
fn whoever_writes_past_the_program_is_found_out_and_an_end_that_was_cut_off_by_an_anchor() {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout.run(&["schedule", "add", "nightly", "--job", "reconcile", "--cron", "0 2 * * *"]).fine();
    let whole = tieout.run(&["audit", "verify"]).fine();
    assert!(whole.contains("The trail is whole"), "{whole}");
    let anchor = tieout.run(&["audit", "anchor"]).fine();
    tieout.write("anchors.jsonl", &anchor);
    tieout.run(&["audit", "verify", "--anchors", "anchors.jsonl"]).fine();
    assert!(tieout.run(&["audit", "verify", "--anchors", "lost.jsonl"]).fails(1).contains("lost.jsonl"));
    tieout.write("empty.jsonl", "");
    assert!(tieout.run(&["audit", "verify", "--anchors", "empty.jsonl"]).fails(1).contains("holds no anchor"));
    tieout.write("torn.jsonl", &format!("{anchor}{{\"entries\":1\n"));
    assert!(tieout.run(&["audit", "verify", "--anchors", "torn.jsonl"]).fails(1).contains("torn.jsonl, line 2"));

    change(&tieout, "UPDATE exception SET amount_minor = 1 WHERE resolved_at IS NULL");
    let broken = tieout.run(&["audit", "verify"]);
    assert_eq!(broken.code, 8);
    assert!(broken.out.contains("FAULT  exception ") && broken.out.contains("stands otherwise"), "{}", broken.out);
    std::fs::copy(tieout.path("books.db"), tieout.path("evidence.db")).expect("a copy");
    change(&tieout, "UPDATE exception SET code = char(27) || '[2Jnothing is wrong'");
    let unread = tieout.run(&["audit", "verify"]);
    assert!(
        unread.code == 8 && unread.out.contains("FAULT  it cannot be read") && !unread.out.contains('\u{1b}'),
        "{}",
        unread.out
    );
    tieout.run(&["audit", "accept"]).fine();
    assert!(tieout.run(&["audit", "accept"]).fails(1).contains("nothing was wrong"));
    std::fs::rename(tieout.path("evidence.db"), tieout.path("books.db")).expect("a copy");
    let told = tieout.run(&["audit", "verify", "--json"]);
    let told: Value = serde_json::from_str(&told.out).unwrap();
    assert!(told["fault_count"].as_u64().unwrap() > 0 && told["faults"][0].as_str().unwrap().starts_with("exception "), "{told}");

    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout.run(&["schedule", "add", "nightly", "--job", "reconcile", "--cron", "0 2 * * *"]).fine();
    let anchor = tieout.run(&["audit", "anchor"]).fine();
    tieout.write("anchors.jsonl", &anchor);
    change(
        &tieout,
        "DELETE FROM schedule; DELETE FROM audit_head WHERE chain = 'shared'; DELETE FROM audit_entry WHERE act = 'schedule.add'; \
         INSERT INTO audit_head SELECT chain, position, hash FROM audit_entry WHERE chain = 'shared' ORDER BY position DESC LIMIT 1;",
    );
    tieout.run(&["audit", "verify"]).fine();
    let cut = tieout.run(&["audit", "verify", "--anchors", "anchors.jsonl"]);
    assert!(cut.code == 8 && cut.out.contains("the end was cut off"), "{}", cut.out);
}

#[test]
fn a_restored_database_has_its_trail_and_says_that_it_was_restored() {
    let tieout = Tieout::new();
    shop::fill(&tieout.path("books.db"));
    tieout.run(&["db", "backup", "kept.db"]).fine();
    let other = format!("sqlite:{}", tieout.path("other.db").display());
    tieout.run(&["db", "restore", "kept.db", "--database", &other]).fine();
    let before = std::fs::read(tieout.path("kept.db")).expect("the backup");
    assert!(tieout.run(&["audit", "verify", "--backup", "kept.db"]).fine().contains("The trail is whole"));
    assert_eq!(std::fs::read(tieout.path("kept.db")).expect("the backup"), before, "evidence is left as it is");
    let newest = &tieout.run(&["audit", "log", "--json", "--database", &other]).json()[0];
    assert_eq!((&newest["act"], &newest["actor"]), (&Value::from("restore"), &Value::from("person")));
    assert!(tieout.run(&["audit", "verify", "--database", &other]).fine().contains("The trail is whole"));
}
