//! `tieout import stripe`: the tie-out of a person without a key, and beside what a key brings.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::tieout::{Run, Tieout};

const PAYOUTS: &str = "\
payout_id,effective_at_utc,balance_transaction_id,currency,gross,fee,net,reporting_category,description,payout_expected_arrival_date,payout_status,payout_destination_id
po_1,2026-07-02 00:00:00,txn_po_1,usd,169.12,0.00,169.12,payout,STRIPE PAYOUT,2026-07-02,paid,ba_1
po_2,2026-07-06 13:00:00,txn_po_2,usd,20.00,0.00,20.00,payout,STRIPE PAYOUT,2026-07-06,paid,ba_1
";

const RECONCILIATION: &str = "\
automatic_payout_id,automatic_payout_effective_at_utc,balance_transaction_id,created_utc,available_on_utc,currency,gross,fee,net,reporting_category,source_id,description
po_1,2026-07-02 00:00:00,txn_1,2026-06-28 02:21:31,2026-06-30 00:00:00,usd,100.00,3.20,96.80,charge,ch_1,One
po_1,2026-07-02 00:00:00,txn_2,2026-06-28 03:00:00,2026-06-30 00:00:00,usd,75.00,2.68,72.32,charge,ch_2,Two
";

const BANK: &str = "Date,Description,Amount\n2026-07-02,STRIPE PAYOUT,169.12\n2026-07-06,STRIPE PAYOUT,20.00\n";

const ACCOUNT: [&str; 2] = ["--account", "acct_1"];

fn folder() -> Tieout {
    let tieout = Tieout::new();
    tieout.write("payouts.csv", PAYOUTS);
    tieout.write("reconciliation.csv", RECONCILIATION);
    tieout.write("bank.csv", BANK);
    tieout
}

fn import(tieout: &Tieout, files: &[&str], more: &[&str]) -> Run {
    tieout.run(&[&["import", "stripe"], files, more].concat())
}

/// A database that holds both files, reconciled.
fn books() -> Tieout {
    let tieout = folder();
    import(&tieout, &["reconciliation.csv", "payouts.csv"], &ACCOUNT).fine();
    reconcile(&tieout);
    tieout
}

fn reconcile(tieout: &Tieout) {
    tieout.run(&["reconcile", "--as-of", "2026-07-31T12:00:00Z"]).fine();
}

fn content(tieout: &Tieout) -> String {
    tieout.run(&["db", "check", "--json"]).json()["content"].as_str().expect("a hash").to_owned()
}

fn payouts(tieout: &Tieout) -> BTreeMap<String, Value> {
    by_id(tieout.run(&["payout", "list", "--json"]).json())
}

fn by_id(list: Value) -> BTreeMap<String, Value> {
    let rows = list.as_array().expect("an array").clone();
    rows.into_iter().map(|row| (row["id"].as_str().expect("an id").to_owned(), row)).collect()
}

#[track_caller]
fn refused(run: &Run, code: i32, words: &[&str]) {
    assert_eq!((run.code, run.out.as_str()), (code, ""), "{}", run.err);
    for word in words {
        assert!(run.err.contains(word), "'{word}' is not in: {}", run.err);
    }
}

#[test]
fn a_person_without_a_key_ties_payouts_to_their_txns_and_to_the_bank() {
    let tieout = books();
    tieout.run(&["import", "bank", "bank.csv", "--bank-account", "main", "--currency", "usd"]).fine();
    reconcile(&tieout);
    let payouts = payouts(&tieout);
    let state = |id: &str, of: &str| payouts[id][of]["state"].as_str().expect("a state").to_owned();
    assert_eq!((state("po_1", "composition"), state("po_1", "deposit")), ("tied".to_owned(), "matched".to_owned()));
    assert_eq!((state("po_2", "composition"), state("po_2", "deposit")), ("unitemised".to_owned(), "matched".to_owned()));
    assert_eq!((payouts["po_1"]["automatic"].as_bool(), payouts["po_2"]["automatic"].as_bool()), (Some(true), Some(false)));
    let exceptions = tieout.run(&["exception", "list", "--json"]).json();
    assert_eq!(exceptions, serde_json::json!([]), "a report tells no type, and that is no unknown one");
    let status = tieout.run(&["status", "--json"]).json();
    let account = &status["accounts"][0];
    assert_eq!((status["verdict"].as_str(), account["synced_at"].as_str()), (Some("unknown"), None));
    assert_eq!(account["exports_until_at"], "2026-07-06T13:00:00Z");
    let page = tieout.run(&["status"]).fine();
    for words in ["known from exports alone, until 2026-07-06", "Synced:     never; from exports, until 2026-07-06"] {
        assert!(page.contains(words), "{page}");
    }
    assert!(!page.contains("Next:       tieout sync"), "there is no key: {page}");
    let shown = tieout.run(&["txn", "show", "txn_2"]).fine();
    assert!(shown.contains("in exports     reconciliation.csv, line 3"), "{shown}");
    let shown = tieout.run(&["payout", "show", "po_2"]).fine();
    assert!(shown.contains("payouts.csv, line 3") && shown.contains("not told by any export"), "{shown}");
}

#[test]
fn an_import_says_what_it_did_and_again_it_does_nothing() {
    let tieout = folder();
    let first = import(&tieout, &["reconciliation.csv", "payouts.csv"], &[&ACCOUNT[..], &["--json"]].concat()).json();
    let file = |name: &str| first.as_array().expect("an array").iter().find(|row| row["file"] == name).expect("told").clone();
    let told = file("payouts.csv");
    assert_eq!((told["report"].as_str(), told["mode"].as_str()), (Some("payouts.itemized"), Some("live")));
    assert_eq!(told["payouts"], serde_json::json!({"added": 2, "updated": 0, "already_there": 0}));
    assert_eq!(file("reconciliation.csv")["payouts_without_amount"], 0, "payouts are read first, wherever they stand");
    let (before, again) = (content(&tieout), import(&tieout, &["payouts.csv", "reconciliation.csv"], &["--json"]));
    for row in again.json().as_array().expect("an array") {
        assert_eq!((row["txns"]["added"].as_u64(), row["same_file"].as_bool()), (Some(0), Some(true)), "{row}");
    }
    assert_eq!(content(&tieout), before);
    let listed = tieout.run(&["import", "list", "--json"]).json();
    assert_eq!((listed.as_array().map(Vec::len), listed[0]["account"].as_str()), (Some(2), Some("acct_1")));
}

#[test]
fn a_dry_run_makes_no_database_and_changes_none() {
    let tieout = folder();
    let told = import(&tieout, &["payouts.csv"], &[&ACCOUNT[..], &["--dry-run"]].concat()).fine();
    assert!(told.contains("2 payouts new") && told.contains("(dry run)") && !tieout.exists("books.db"), "{told}");
    import(&tieout, &["payouts.csv"], &ACCOUNT).fine();
    let before = content(&tieout);
    let told = import(&tieout, &["reconciliation.csv"], &["--dry-run"]).fine();
    assert!(told.contains("2 txns new"), "{told}");
    assert_eq!(content(&tieout), before);
}

#[test]
fn what_no_file_says_has_to_be_said_and_is_never_guessed() {
    let tieout = folder();
    refused(&import(&tieout, &["payouts.csv"], &[]), 2, &["does not say whose it is", "--account acct_"]);
    refused(&import(&tieout, &["payouts.csv"], &["--account", "main"]), 2, &["'main' is not an account's id"]);
    refused(&import(&tieout, &["payouts.csv"], &["--account", "acct_1", "--mode", "demo"]), 2, &["live or test"]);
    refused(&import(&tieout, &["payouts.csv"], &["--account", "acct_1", "--zone", "Mars"]), 2, &["'Mars' is no time zone"]);
    assert!(!tieout.exists("books.db"));
    import(&tieout, &["payouts.csv"], &ACCOUNT).fine();
    refused(&import(&tieout, &["reconciliation.csv"], &["--mode", "test"]), 2, &["holds live data, not test"]);
    import(&tieout, &["reconciliation.csv"], &["--account", "acct_2"]).fine();
    refused(&import(&tieout, &["payouts.csv"], &[]), 2, &["holds 2 accounts", "acct_1, acct_2"]);
}

#[test]
fn txns_of_a_payout_that_no_file_tells_are_kept_and_nothing_is_concluded() {
    let tieout = folder();
    let run = import(&tieout, &["reconciliation.csv"], &ACCOUNT);
    assert_eq!(run.code, 0);
    assert!(run.err.contains("1 payout is named by txns, and no file says what was paid out"), "{}", run.err);
    reconcile(&tieout);
    assert!(payouts(&tieout).is_empty());
    assert_eq!(by_id(tieout.run(&["txn", "list", "--json"]).json())["txn_1"]["payout"], "po_1");
}

#[test]
fn a_shortened_reconciliation_is_a_gap_and_never_tied() {
    let tieout = folder();
    tieout.write("short.csv", RECONCILIATION.trim_end().rsplit_once('\n').expect("lines").0);
    refused(&import(&tieout, &["short.csv"], &ACCOUNT), 1, &["short.csv", "line break at the end", "cut off"]);
    tieout.write("short.csv", &format!("{}\n", RECONCILIATION.trim_end().rsplit_once('\n').expect("lines").0));
    import(&tieout, &["payouts.csv", "short.csv"], &ACCOUNT).fine();
    reconcile(&tieout);
    let composition = &payouts(&tieout)["po_1"]["composition"];
    assert_eq!((composition["state"].as_str(), composition["difference_minor"].as_i64()), (Some("gap"), Some(-7_232)));
    import(&tieout, &["reconciliation.csv"], &[]).fine();
    reconcile(&tieout);
    assert_eq!(payouts(&tieout)["po_1"]["composition"]["state"], "tied");
    assert_eq!(tieout.run(&["exception", "list", "--state", "open", "--json"]).json(), serde_json::json!([]));
}

#[test]
fn one_bad_file_keeps_all_out_and_every_bad_one_is_named() {
    let tieout = books();
    let before = content(&tieout);
    tieout.write("net.csv", &RECONCILIATION.replace("96.80", "96.81"));
    tieout.write("summary.csv", "reporting_category,currency,count,gross,fee,net\n");
    tieout.write("more.csv", &RECONCILIATION.replace("txn_", "txn_more_"));
    let run = import(&tieout, &["net.csv", "more.csv", "gone.csv", "summary.csv"], &[]);
    refused(&run, 1, &["net.csv, line 2, 'net'", "gone.csv", "summary.csv", "choose Itemized", "nothing was changed"]);
    assert_eq!(run.err.matches("error: ").count(), 3, "{}", run.err);
    assert_eq!(content(&tieout), before);
}

#[test]
fn a_file_that_contradicts_what_is_stored_is_left_out_and_the_others_are_taken() {
    let tieout = books();
    tieout.write("edited.csv", &RECONCILIATION.replace("100.00,3.20,96.80", "101.00,3.20,97.80"));
    tieout.write("more.csv", &RECONCILIATION.replace("po_1", "po_9").replace("txn_", "txn_more_"));
    let run = import(&tieout, &["edited.csv", "more.csv"], &[]);
    assert_eq!(run.code, 1);
    let told = "edited.csv contradicts what is known, and nothing was changed: line 2: txn txn_1 has the amount 101.00 USD here \
                and 100.00 USD by an earlier row or export";
    assert!(run.err.contains(told) && run.err.contains("hint: "), "{}", run.err);
    assert!(run.out.starts_with("more.csv: 2 rows") && run.out.contains("2 txns new"), "{}", run.out);
    assert_eq!(by_id(tieout.run(&["txn", "list", "--json"]).json())["txn_1"]["amount_minor"], 10_000);
}

#[test]
fn a_stripe_export_is_no_bank_statement_and_a_bank_statement_no_stripe_export() {
    let tieout = books();
    let before = content(&tieout);
    let run = tieout.run(&["import", "bank", "reconciliation.csv", "--bank-account", "main"]);
    refused(&run, 1, &["reconciliation.csv is an export of Stripe's", "hint: tieout import stripe reconciliation.csv"]);
    refused(&import(&tieout, &["bank.csv"], &[]), 1, &["bank.csv, line 1", "tieout import bank"]);
    assert_eq!(content(&tieout), before);
}

#[test]
fn local_times_are_read_in_the_zone_that_is_told() {
    let tieout = folder();
    tieout.write("local.csv", &RECONCILIATION.replace("_utc", "").replace("2026-06-28 02:21:31", "2026-06-27 22:21:31"));
    let zone = ["--account", "acct_1", "--zone", "America/New_York"];
    let told = import(&tieout, &["local.csv"], &zone).fine();
    assert!(told.contains("times in America/New_York (--zone)"), "{told}");
    assert_eq!(by_id(tieout.run(&["txn", "list", "--json"]).json())["txn_1"]["created_at"], "2026-06-28T02:21:31Z");
}

/// A simulated Stripe that ends with the test.
struct Stripe {
    child: Child,
    base: String,
}

impl Stripe {
    fn start() -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_tieout"));
        let flags = ["sim", "serve", "--port", "0", "--seed", "5", "--days", "45", "--per-day", "8", "--until", "2026-06-30"];
        command.env_clear().env("HOME", std::env::temp_dir()).args(flags);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut base = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut base).expect("its address");
        Self { child, base: base.trim().to_owned() }
    }

    fn ask(&self, method: &str, path: &str, form: &str) -> String {
        let host = self.base.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(host).expect("a connection");
        let length = form.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer rk_test_sim\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{form}"
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        answer.split_once("\r\n\r\n").expect("a body").1.to_owned()
    }

    fn json(&self, method: &str, path: &str, form: &str) -> Value {
        let body = self.ask(method, path, form);
        serde_json::from_str(&body).unwrap_or_else(|error| panic!("{error}: {body}"))
    }

    /// The whole of a report, as a person downloads it.
    fn report(&self, kind: &str, zone: &str) -> String {
        let known = self.json("GET", &format!("/v1/reporting/report_types/{kind}"), "");
        let end = known["data_available_end"].as_i64().expect("an instant");
        let start = known["data_available_start"].as_i64().expect("an instant");
        let since = if kind.starts_with("ending") { String::new() } else { format!("&parameters[interval_start]={start}") };
        let form = format!("report_type={kind}&parameters[interval_end]={end}{since}&parameters[timezone]={zone}");
        let form = form.replace('[', "%5B").replace(']', "%5D").replace('/', "%2F");
        let run = self.json("POST", "/v1/reporting/report_runs", &form);
        let path = format!("/v1/reporting/report_runs/{}", run["id"].as_str().unwrap_or_else(|| panic!("{run}")));
        loop {
            let run = self.json("GET", &path, "");
            if let Some(url) = run["result"]["url"].as_str() {
                return self.ask("GET", url.strip_prefix(&self.base).expect("its own"), "");
            }
            assert_eq!(run["status"], "pending", "{run}");
        }
    }
}

impl Drop for Stripe {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What the API alone tells of a txn.
const OF_THE_API: [&str; 4] = ["type", "exchange_rate", "source_amount_minor", "source_currency"];

#[test]
fn the_exports_of_a_simulated_merchant_tell_what_its_api_tells_and_a_sync_after_them_what_a_sync_alone_does() {
    let stripe = Stripe::start();
    let as_of = ["--as-of", "2026-06-30T23:59:59Z"];
    let with_key = || {
        let mut tieout = Tieout::new();
        tieout.set("STRIPE_API_BASE", &stripe.base);
        tieout.set("STRIPE_API_KEY", "rk_test_sim");
        tieout
    };
    let (synced, exported) = (with_key(), with_key());
    let account = stripe.json("GET", "/v1/account", "")["id"].as_str().expect("an id").to_owned();
    synced.run(&["sync"]).fine();
    for (name, kind) in [
        ("activity.csv", "balance_change_from_activity.itemized.3"),
        ("reconciliation.csv", "payout_reconciliation.itemized.5"),
        ("ending.csv", "ending_balance_reconciliation.itemized.4"),
        ("payouts.csv", "payouts.itemized.3"),
    ] {
        exported.write(name, &stripe.report(kind, "Asia/Kolkata"));
    }
    let files = ["activity.csv", "reconciliation.csv", "ending.csv", "payouts.csv"];
    let said = ["--account", &account, "--mode", "test", "--zone", "Asia/Kolkata"];
    import(&exported, &files, &[&said[..], &as_of].concat()).fine();
    let lists = |tieout: &Tieout| {
        tieout.run(&[&["reconcile"][..], &as_of].concat()).fine();
        let of_the_account = |rows: BTreeMap<String, Value>| -> BTreeMap<String, Value> {
            rows.into_iter().filter(|(_, row)| row["account"] == account.as_str()).collect()
        };
        (of_the_account(payouts(tieout)), of_the_account(by_id(tieout.run(&["txn", "list", "--json"]).json())))
    };
    let (by_api, by_file) = (lists(&synced), lists(&exported));
    let arrived: Vec<&String> = by_api.0.keys().filter(|id| by_file.0.contains_key(*id)).collect();
    assert!(arrived.len() > 10 && arrived.len() == by_file.0.len(), "{} payouts", arrived.len());
    for id in &arrived {
        assert_eq!(by_api.0[*id], by_file.0[*id], "the verdict on {id}");
    }
    for (id, payout) in by_api.0.iter().filter(|(id, _)| !by_file.0.contains_key(*id)) {
        assert!(payout["arrives_on"].as_str() > Some("2026-06-30"), "{id} has arrived and is in no report");
    }
    assert!(by_file.1.len() > 200);
    for (id, told) in &by_file.1 {
        let mut own = by_api.1[id].clone();
        let is_payout = told["reporting_category"].as_str().is_some_and(|category| category.starts_with("payout"));
        // Of a payout's own txn a report tells when it took effect; of a payout that has not, nothing at all.
        let of_the_api =
            OF_THE_API.iter().chain(is_payout.then_some(&["created_at", "available_on", "status"]).into_iter().flatten());
        of_the_api.for_each(|field| own[*field] = told[*field].clone());
        if own["payout"].as_str().is_some_and(|payout| !by_file.0.contains_key(payout)) {
            own["payout"] = Value::Null;
        }
        assert_eq!(own, *told, "{id}");
    }
    exported.run(&["sync"]).fine();
    assert_eq!(lists(&exported), by_api, "after a sync");
    let status = exported.run(&[&["status", "--json"][..], &as_of].concat()).json();
    for row in status["accounts"].as_array().expect("an array") {
        assert!(row["synced_at"].is_string() && row.get("exports_until_at").is_none(), "{row}");
    }
}
