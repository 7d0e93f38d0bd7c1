//! The built binary on a real PostgreSQL: the same answers as on SQLite, and several processes on one database.
//!
//! Needs PostgreSQL (Debian: postgresql). Without it nothing here runs, and that is said; where `TIEOUT_POSTGRES_TESTS` is set,
//! it is a failure.

#![expect(clippy::expect_used, clippy::panic, clippy::unwrap_used, reason = "a test says what is wrong by panicking")]

#[path = "postgres/backups.rs"]
mod backups;
#[path = "postgres/readers.rs"]
mod readers;
#[path = "postgres/reports.rs"]
mod reports;
#[path = "postgres/simulated.rs"]
mod simulated;
#[path = "postgres/tieout.rs"]
mod tieout;
#[path = "cli/views.rs"]
mod views;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use cluster::Cluster;
use serde_json::Value;
use simulated::Simulated;
use tieout::Tieout;

/// The server of this process. Where there is none, the tests end here, all of them, and say so.
fn server() -> &'static Cluster {
    cluster::shared().unwrap_or_else(|missing| {
        // Past the capture of the test harness, so that it is seen.
        std::io::stderr().write_all(format!("POSTGRESQL TESTS SKIPPED: {missing}\n").as_bytes()).unwrap();
        std::process::exit(i32::from(std::env::var_os(cluster::REQUIRED).is_some()))
    })
}

/// A folder whose database is an empty one of the server, with this Stripe.
fn on_server(stripe: &Simulated) -> (Tieout, String) {
    let address = server().address(&server().database().unwrap());
    let mut tieout = with_stripe(stripe);
    tieout.set("TIEOUT_DATABASE", &address);
    (tieout, address)
}

fn with_stripe(stripe: &Simulated) -> Tieout {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_test_postgres");
    tieout.set("STRIPE_API_BASE", stripe.base());
    tieout
}

/// Everything that a person does, from the first sync to the verdicts.
fn live_through(tieout: &Tieout, stripe: &Simulated) {
    assert_eq!(tieout.json(&["sync", "--json"])["complete"], true);
    for (account, file) in stripe.statements() {
        tieout.goes_well(&["import", "bank", file.to_str().unwrap(), "--bank-account", &account]);
    }
    tieout.goes_well(&["reconcile"]);
}

/// What is said of it, without when that was found.
fn answers(tieout: &Tieout) -> Vec<Value> {
    let mut answers: Vec<Value> = [
        &["payout", "list", "--json"][..],
        &["txn", "list", "--json"],
        &["match", "list", "--json"],
        &["bank-line", "list", "--json"],
        &["exception", "list", "--json"],
    ]
    .iter()
    .map(|args| tieout.json(args))
    .collect();
    for exception in answers.last_mut().unwrap().as_array_mut().unwrap() {
        exception.as_object_mut().unwrap().remove("opened_at");
    }
    answers
}

#[test]
fn both_databases_answer_alike_and_a_copy_holds_the_same() {
    let stripe = Simulated::start();
    let in_file = with_stripe(&stripe);
    let (on_server, address) = on_server(&stripe);
    live_through(&in_file, &stripe);
    live_through(&on_server, &stripe);
    let expected = answers(&in_file);
    assert!(expected.iter().all(|list| !list.as_array().unwrap().is_empty()), "the world has something of each");
    assert_eq!(answers(&on_server), expected);

    let (moved, target) = on_server_of(&in_file);
    let copied = in_file.json(&["db", "copy", &target, "--json"]);
    assert_eq!(copied["content"], in_file.json(&["db", "check", "--json"])["content"]);
    assert_eq!(copied["content"], moved.json(&["db", "check", "--json"])["content"]);
    assert_eq!(answers(&moved), expected);
    assert!(in_file.fails(6, &["db", "copy", &address]).contains("holds data already"));
    let back = format!("sqlite:{}", in_file.path("back.db").display());
    assert_eq!(moved.json(&["db", "copy", &back, "--json"])["content"], copied["content"]);
    assert!(moved.fails(4, &["sync"]).contains("STRIPE_API_KEY"), "a copy holds no key");
}

/// A folder whose database is an empty one of the server, without a Stripe.
fn on_server_of(_: &Tieout) -> (Tieout, String) {
    let address = server().address(&server().database().unwrap());
    let mut tieout = Tieout::new();
    tieout.set("TIEOUT_DATABASE", &address);
    (tieout, address)
}

#[test]
fn a_sync_that_was_killed_goes_on_and_ends_in_the_same_content() {
    let stripe = Simulated::start();
    let (whole, _) = on_server(&stripe);
    whole.goes_well(&["sync"]);
    let (killed, address) = on_server(&stripe);
    for txns in [1, 400] {
        let mut sync = killed.start(&["sync"]);
        while count(&address, "txn") < txns && sync.try_wait().unwrap().is_none() {}
        sync.kill().unwrap();
        sync.wait().unwrap();
    }
    killed.goes_well(&["sync"]);
    let content = |tieout: &Tieout| tieout.json(&["db", "check", "--json"])["content"].clone();
    assert_eq!(content(&killed), content(&whole));
}

/// Rows of a table, or none while it is not there.
fn count(address: &str, table: &str) -> u64 {
    ask(address, &format!("SELECT COUNT(*) FROM {table}")).ok().and_then(|rows| rows.parse().ok()).unwrap_or_default()
}

/// Whether a database has a table.
fn has_table(address: &str, table: &str) -> bool {
    ask(address, &format!("SELECT to_regclass('{table}') IS NOT NULL")).unwrap() == "t"
}

/// What SQL says, asked past the binary.
fn ask(address: &str, sql: &str) -> Result<String, String> {
    server().run(database_of(address), sql)
}

/// The name of the database in an address.
fn database_of(address: &str) -> &str {
    address.split(['/', '?']).find(|part| part.starts_with("test_")).unwrap()
}

#[test]
fn several_syncs_at_once_take_turns_or_are_refused_and_end_in_what_one_makes() {
    let stripe = Simulated::start();
    let (alone, _) = on_server(&stripe);
    alone.goes_well(&["sync"]);
    let (together, _) = on_server(&stripe);
    let mut syncs: Vec<Child> = (0..3).map(|_| together.start(&["sync"])).collect();
    let codes: Vec<Option<i32>> = syncs.iter_mut().map(|sync| sync.wait().unwrap().code()).collect();
    assert!(codes.contains(&Some(0)) && codes.iter().all(|code| matches!(code, Some(0 | 6))), "{codes:?}");
    let content = |tieout: &Tieout| tieout.json(&["db", "check", "--json"])["content"].clone();
    assert_eq!(content(&together), content(&alone));
}

#[test]
fn pages_come_back_after_the_server_had_ended_their_connections() {
    let stripe = Simulated::start();
    let (tieout, address) = on_server(&stripe);
    live_through(&tieout, &stripe);
    let mut serving = Serving::start(&tieout);
    assert!(serving.get("/payouts").contains("po_"));
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
               AND pid <> pg_backend_pid()";
    ask(&address, end).unwrap();
    let told = serving.get("/payouts");
    assert!(told.starts_with("HTTP/1.1 5") && !told.contains("panicked"), "{told}");
    assert!(serving.get("/payouts").contains("po_"), "the next page has a new connection");
    assert!(serving.get("/readyz").starts_with("HTTP/1.1 200"));
}

#[test]
fn an_address_that_leads_nowhere_is_named_without_its_password() {
    let mut tieout = Tieout::new();
    tieout.set("STRIPE_API_KEY", "rk_test_postgres");
    tieout.set("TIEOUT_DATABASE", "postgres://ada:hunter2@127.0.0.1:1/books");
    let told = tieout.fails(1, &["sync"]);
    assert!(told.contains("postgres://ada@127.0.0.1:1/books") && !told.contains("hunter2"), "{told}");
    let told = tieout.fails(2, &["--database", "postgres://ada:hunter2@127.0.0.1:1/books", "status"]);
    assert!(told.contains("PGPASSWORD") && !told.contains("hunter2"), "{told}");
}

/// `tieout serve` until this is dropped.
struct Serving {
    process: Child,
    address: String,
}

impl Serving {
    fn start(tieout: &Tieout) -> Self {
        let mut command: Command = tieout.command(&["serve", "--listen", "127.0.0.1:0"]);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut talk = BufReader::new(process.stderr.take().unwrap());
        talk.read_line(&mut line).unwrap();
        let address = line.split_once("http://").unwrap_or_else(|| panic!("it serves nothing: {line}")).1;
        let address = address.split_whitespace().next().unwrap().to_owned();
        // What it says from now on is for nobody, but must not fill the pipe.
        std::thread::spawn(move || std::io::copy(&mut talk, &mut std::io::sink()));
        Self { process, address }
    }

    fn get(&mut self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        // It may have ended by itself; there is nothing more to do then.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
