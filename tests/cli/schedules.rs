//! Schedules: added, shown, paused and removed; and what a server runs of them.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::tieout::Tieout;

/// How long a test waits for what must come, before it says that it did not.
const PATIENCE: Duration = Duration::from_secs(120);

const CSV: &str = "Date,Description,Amount\n2026-07-01,STRIPE PAYOUT,12.30\n2026-07-02,RENT,-5.00\n";

fn add(tieout: &Tieout, name: &str, more: &[&str]) -> Value {
    tieout.run(&[&["schedule", "add", name, "--json"], more].concat()).json()
}

/// The newest run of a schedule, once it is over.
fn over(tieout: &Tieout, name: &str) -> Value {
    let since = Instant::now();
    while since.elapsed() < PATIENCE {
        let newest = tieout.run(&["schedule", "history", name, "--json"]).json()[0].clone();
        if newest["ended_at"].is_string() {
            return newest;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    panic!("the run of {name} is not over: {}", tieout.run(&["schedule", "history"]).out);
}

/// Asks for a run and waits until it is over.
fn run(tieout: &Tieout, name: &str) -> Value {
    let asked = tieout.run(&["schedule", "run", name, "--json"]).json();
    let ended = over(tieout, name);
    assert_eq!(ended["id"], asked["id"]);
    ended
}

#[test]
fn a_schedule_is_added_shown_paused_resumed_and_removed() {
    let tieout = Tieout::new();
    let daily = ["--job", "sync", "--only", "txn,payout", "--yesterday", "--cron", "every day at 7", "--tz", "America/New_York"];
    let added = add(&tieout, "daily", &daily);
    assert_eq!(
        (&added["cron"], &added["expression"], &added["tz"], &added["job"]),
        (
            &json!("0 7 * * *"),
            &json!("every day at 7"),
            &json!("America/New_York"),
            &json!({"job": "sync", "only": ["txn", "payout"], "yesterday": true})
        )
    );
    assert!(tieout.run(&[&["schedule", "add", "daily"][..], &daily].concat()).fails(2).contains("already"));
    let after = add(&tieout, "judge", &["--job", "reconcile", "--after", "daily"]);
    assert_eq!((&after["after"], &after["next_at"], &after["cron"]), (&json!("daily"), &json!(null), &json!(null)));
    let table = tieout.run(&["schedule", "list"]).fine();
    assert!(table.contains("after daily") && table.contains("America/New_York"), "{table}");
    assert_eq!(tieout.run(&["schedule", "pause", "daily", "--json"]).json()["next_at"], json!(null));
    assert!(tieout.run(&["schedule", "list"]).fine().contains("paused"));
    assert!(tieout.run(&["schedule", "resume", "daily", "--json"]).json()["next_at"].is_string());
    assert!(tieout.run(&["schedule", "remove", "daily"]).fails(2).contains("'judge' runs after 'daily'"));
    for name in ["judge", "daily"] {
        assert_eq!(tieout.run(&["schedule", "remove", name]).code, 0);
    }
    assert_eq!(tieout.run(&["schedule", "list", "--json"]).json(), json!([]));
    assert_eq!(tieout.run(&["schedule", "history", "--json"]).json(), json!([]));
}

#[test]
fn a_schedule_that_could_never_run_is_refused_when_it_is_added() {
    let tieout = Tieout::new();
    add(&tieout, "a", &["--job", "reconcile", "--cron", "@daily"]);
    for (arguments, told) in [
        (&["1", "--job", "sync", "--cron", "@daily"][..], "not digits alone"),
        (&["b c", "--job", "sync", "--cron", "@daily"], "letters, digits"),
        (&["b", "--job", "sync"], "--cron"),
        (&["b", "--job", "launder", "--cron", "@daily"], "possible values"),
        (&["b", "--job", "sync", "--cron", "0 25 * * *"], "its hour is \"25\""),
        (&["b", "--job", "sync", "--cron", "@daily", "--tz", "Mars/Base"], "expected an IANA name"),
        (&["b", "--job", "sync", "--cron", "@daily", "--after", "a"], "cannot be used with"),
        (&["b", "--job", "sync", "--after", "nobody"], "no schedule 'nobody'"),
        (&["b", "--job", "sync", "--after", "b"], "after 'b' itself"),
        (&["b", "--job", "reconcile", "--yesterday", "--cron", "@daily"], "--yesterday is a flag of --job sync"),
        (&["b", "--job", "backup", "--cron", "@daily"], "needs --folder"),
        (&["b", "--job", "backup", "--folder", "nowhere", "--cron", "@daily"], "there is no folder"),
        (&["b", "--job", "import", "--folder", ".", "--cron", "@daily"], "needs --bank-account"),
        (&["b", "--job", "sync", "--cron", "@daily", "--retries", "21"], "0..=20"),
        (&["b", "--job", "sync", "--cron", "@daily", "--missed", "all"], "possible values"),
    ] {
        let run = tieout.run(&[&["schedule", "add"], arguments].concat());
        assert!(run.code == 2 && run.err.contains(told), "{arguments:?}: {} {}", run.code, run.err);
    }
    for (verb, of) in [
        ("run", "b"),
        ("pause", "b"),
        ("resume", "b"),
        ("remove", "b"),
        ("history", "b"),
        ("cancel", "7"),
        ("retry", "7"),
        ("history", "7"),
    ] {
        let told = tieout.run(&["schedule", verb, of]).fails(2);
        assert!(told.contains("there is no schedule 'b'") || told.contains("there is no run 7"), "{verb}: {told}");
    }
    assert_eq!(tieout.run(&["schedule", "list", "--json"]).json().as_array().unwrap().len(), 1);
}

#[test]
fn init_adds_the_schedules_to_begin_with_once_and_none_where_nobody_wants_them() {
    let tieout = Tieout::new();
    assert!(tieout.run(&["init"]).err.contains("four schedules"));
    let names = |tieout: &Tieout| {
        let list = tieout.run(&["schedule", "list", "--json"]).json();
        list.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&tieout), ["audit", "reconcile", "sync", "yesterday"]);
    tieout.run(&["schedule", "remove", "sync"]).fine();
    assert_eq!(tieout.run(&["init", "other.toml"]).code, 0);
    assert_eq!(names(&tieout), ["audit", "reconcile", "yesterday"], "what a person removed stays away");
    let without = Tieout::new();
    without.run(&["init", "--no-schedules"]).fine();
    assert!(!without.exists("books.db"));
}

#[test]
fn a_server_takes_the_files_of_a_folder_and_puts_those_aside_that_it_cannot_read_with_the_reason() {
    let tieout = Tieout::new();
    std::fs::create_dir(tieout.path("bank")).unwrap();
    let flags = ["--job", "import", "--folder", "bank", "--bank-account", "main", "--currency", "eur", "--cron", "@yearly"];
    add(&tieout, "bank", &flags);
    tieout.write("bank/july.csv", CSV);
    tieout.write("bank/notes.txt", "nothing that a bank wrote\n");
    tieout.write("bank/august.csv.part", CSV);
    // What was changed just now may still be written.
    std::thread::sleep(Duration::from_millis(2_100));
    let _server = tieout.serve();
    let ended = run(&tieout, "bank");
    assert_eq!((&ended["state"], &ended["attempts"], &ended["trigger"]), (&json!("incomplete"), &json!(1), &json!("person")));
    assert_eq!(
        (&ended["summary"]["imported"], &ended["summary"]["added"], &ended["volume"]),
        (&json!(["july.csv"]), &json!(2), &json!(2))
    );
    assert!(ended["summary"]["refused"][0].as_str().unwrap().starts_with("notes.txt: "), "{ended}");
    for file in ["bank/imported/july.csv", "bank/refused/notes.txt", "bank/refused/notes.txt.why.txt", "bank/august.csv.part"] {
        assert!(tieout.exists(file), "{file}");
    }
    assert!(tieout.read("bank/refused/notes.txt.why.txt").starts_with("error: "));
    assert_eq!(tieout.run(&["bank-line", "list", "--json"]).json().as_array().unwrap().len(), 2);
    let nothing = run(&tieout, "bank");
    let still = (&json!("incomplete"), &json!([]), &json!(["notes.txt"]));
    assert_eq!((&nothing["state"], &nothing["summary"]["imported"], &nothing["summary"]["refused_before"]), still);
    std::fs::remove_file(tieout.path("bank/refused/notes.txt")).unwrap();
    let nothing = run(&tieout, "bank");
    assert_eq!((&nothing["state"], &nothing["summary"]["refused_before"]), (&json!("done"), &json!([])));
}

#[test]
fn a_server_backs_up_and_keeps_the_newest_and_does_a_run_once_more_when_it_is_asked_to() {
    let tieout = Tieout::new();
    std::fs::create_dir(tieout.path("backups")).unwrap();
    add(&tieout, "nightly", &["--job", "backup", "--folder", "backups", "--keep", "2", "--cron", "@yearly"]);
    add(&tieout, "judge", &["--job", "reconcile", "--after", "nightly"]);
    let _server = tieout.serve();
    let first = run(&tieout, "nightly");
    assert_eq!(first["state"], "done", "{first}");
    assert_eq!(over(&tieout, "judge")["trigger"], "after");
    tieout.run(&["schedule", "remove", "judge"]).fine();
    let id = first["id"].to_string();
    for _ in 0..2 {
        tieout.run(&["schedule", "retry", &id]).fine();
        assert_eq!(over(&tieout, "nightly")["repeats"], first["id"]);
    }
    let kept = std::fs::read_dir(tieout.path("backups")).unwrap().count();
    assert_eq!(kept, 2);
    let shown = tieout.run(&["schedule", "history", &id]).fine();
    assert!(shown.contains("Try 1: done from "), "{shown}");
    let tried = |id: &str| tieout.run(&["schedule", "history", id, "--json"]).json()["tries"][0].clone();
    let (one, again) = (tried(&id), tried(&over(&tieout, "nightly")["id"].to_string()));
    assert_eq!((&one["state"], one["bytes"].as_u64().unwrap() > 0), (&json!("done"), true));
    // Schedules and runs are no content: nothing else has happened in between.
    assert_eq!((&one["input_hash"], &one["output_hash"]), (&again["input_hash"], &again["output_hash"]));
    let log = one["log"].as_array().unwrap();
    assert!(log[0].as_str().unwrap().contains("backup: into ") && log.last().unwrap().as_str().unwrap().ends_with("it did all"));
}

#[test]
fn a_sync_without_a_key_fails_at_once_and_one_without_a_network_waits_until_it_is_called_off() {
    let mut tieout = Tieout::new();
    add(&tieout, "all", &["--job", "sync", "--cron", "@yearly"]);
    let server = tieout.serve();
    let ended = run(&tieout, "all");
    assert_eq!((&ended["state"], &ended["attempts"]), (&json!("failed"), &json!(1)));
    assert!(tieout.run(&["schedule", "history"]).fine().contains("STRIPE_API_KEY"));
    drop(server);
    tieout.set("STRIPE_API_KEY", "rk_test_none");
    tieout.set("STRIPE_API_BASE", "http://127.0.0.1:1");
    let _server = tieout.serve();
    let id = tieout.run(&["schedule", "run", "all", "--json"]).json()["id"].to_string();
    tieout.run(&["schedule", "cancel", &id]).fine();
    assert_eq!(over(&tieout, "all")["state"], "canceled");
    assert!(tieout.run(&["schedule", "cancel", &id]).fails(2).contains("is over"));
    // Whoever ran it has stopped: the next begins.
    let next = tieout.run(&["schedule", "run", "all", "--json"]).json()["id"].to_string();
    let since = Instant::now();
    while tieout.run(&["schedule", "history", &next, "--json"]).json()["attempts"] == 0 {
        assert!(since.elapsed() < PATIENCE, "the next does not begin");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn doctor_says_whether_a_server_runs_what_is_scheduled_and_whether_anybody_is_told() {
    let tieout = Tieout::new();
    let doctor = || tieout.run(&["doctor", "--offline"]).out;
    assert!(!doctor().contains("schedules") && !doctor().contains("nobody is told"), "{}", doctor());
    add(&tieout, "judge", &["--job", "reconcile", "--cron", "@yearly"]);
    assert!(doctor().contains("1 schedule, and no server runs them") && doctor().contains("nobody is told"), "{}", doctor());
    tieout.write("tieout.toml", "[[channel]]\nname = \"chat\"\nkind = \"slack\"\nurl_env = \"NOBODY_SET_THIS\"\n");
    assert!(
        doctor().contains("the channel 'chat' can tell nobody: the environment variable NOBODY_SET_THIS is not set"),
        "{}",
        doctor()
    );
    let _server = tieout.serve();
    let since = Instant::now();
    while !doctor().contains("1 schedule, and a server runs them") {
        assert!(since.elapsed() < PATIENCE, "{}", doctor());
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn a_program_of_the_settings_fetches_the_banks_file_and_one_that_fails_is_tried_again() {
    let tieout = Tieout::new();
    tieout.write("july.csv", CSV);
    let table = |name: &str, script: &str| format!("[[fetch]]\nname = \"{name}\"\ncommand = [\"sh\", \"-c\", \"{script}\"]\n");
    let settings =
        [table("bank", "cat july.csv"), table("down", "echo no route >&2; exit 7"), table("page", "echo '<html>'")].concat();
    tieout.write("tieout.toml", &settings);
    let account = ["--bank-account", "main", "--currency", "eur", "--cron", "@yearly", "--retries", "1"];
    for name in ["bank", "down", "page"] {
        add(&tieout, name, &[&["--job", "fetch", "--fetch", name], &account[..]].concat());
    }
    let nobody = [&["schedule", "add", "x", "--job", "fetch", "--fetch", "nobody"], &account[..]].concat();
    assert!(tieout.run(&nobody).fails(2).contains("no [[fetch]] table of the name 'nobody'"));
    let _server = tieout.serve();
    let first = run(&tieout, "bank");
    assert_eq!(
        (&first["state"], &first["summary"]["added"], &first["volume"]),
        (&json!("done"), &json!(2), &json!(2)),
        "{first}"
    );
    assert_eq!(run(&tieout, "bank")["summary"]["added"], 0);
    let page = run(&tieout, "page");
    assert_eq!((&page["state"], &page["attempts"]), (&json!("failed"), &json!(1)), "what is no statement stays none: {page}");
    tieout.run(&["schedule", "run", "down"]).fine();
    let since = Instant::now();
    let waits = loop {
        let newest = tieout.run(&["schedule", "history", "down", "--json"]).json()[0].clone();
        if newest["state"] == "waiting" && newest["attempts"] == 1 {
            break newest;
        }
        assert!(since.elapsed() < Duration::from_secs(60), "{newest}");
    };
    assert_eq!(waits["summary"]["error"], "'sh' ended with exit status: 7: no route");
}

#[test]
fn tables_are_exported_by_hand_and_at_night_and_the_same_content_makes_the_same_bytes() {
    let tieout = Tieout::new();
    tieout.write("july.csv", CSV);
    tieout.run(&["import", "bank", "july.csv", "--bank-account", "main", "--currency", "eur"]).fine();
    let csv = tieout.run(&["export", "bank-line"]).fine();
    assert!(
        csv.starts_with("bank_account,bank_line,date_on,") && csv.lines().count() == 3 && csv.contains("STRIPE PAYOUT"),
        "{csv}"
    );
    tieout.run(&["export", "bank-line", "--format", "jsonl", "--to", "2026-07-01", "-o", "one.jsonl"]).fine();
    let one: Value = serde_json::from_str(&tieout.read("one.jsonl")).unwrap();
    assert_eq!((&one["amount_minor"], &one["date_on"]), (&json!(1230), &json!("2026-07-01")));
    let again = tieout.run(&["export", "bank-line", "-o", "one.jsonl"]);
    assert!(again.fails(1).contains("is there already") && tieout.read("one.jsonl").starts_with('{'));
    tieout.run(&["export", "bank-line", "-o", "one.jsonl", "--replace"]).fine();
    assert_eq!(tieout.read("one.jsonl"), csv);
    assert!(tieout.run(&["export", "balance", "--from", "2026-07-01"]).fails(2).contains("--from and --to do not apply"));
    std::fs::create_dir(tieout.path("bi")).unwrap();
    add(
        &tieout,
        "tables",
        &["--job", "export", "--folder", "bi", "--table", "bank-line,payout,txn", "--cron", "@yearly", "--retries", "0"],
    );
    let _server = tieout.serve();
    let first = run(&tieout, "tables");
    assert_eq!((&first["state"], &first["summary"]["rows"]["bank-line"]), (&json!("done"), &json!(2)), "{first}");
    assert_eq!((tieout.read("bi/bank-line.csv"), std::fs::read_dir(tieout.path("bi")).unwrap().count()), (csv, 3));
    let hash = |run: &Value| {
        let shown = tieout.run(&["schedule", "history", &run["id"].to_string(), "--json"]).json();
        shown["tries"][0]["output_hash"].as_str().unwrap().to_owned()
    };
    assert_eq!(hash(&run(&tieout, "tables")), hash(&first));
    tieout.write("august.csv", &CSV.replace("2026-07", "2026-08"));
    tieout.run(&["import", "bank", "august.csv", "--bank-account", "main"]).fine();
    std::fs::remove_file(tieout.path("bi/txn.csv")).unwrap();
    std::fs::create_dir(tieout.path("bi/txn.csv")).unwrap();
    assert_eq!(run(&tieout, "tables")["state"], "failed");
    assert!(!tieout.read("bi/bank-line.csv").contains("2026-08"), "one table is new though another could not be written");
    assert_eq!(std::fs::read_dir(tieout.path("bi")).unwrap().count(), 3, "what was begun is left");
}
