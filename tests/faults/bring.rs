//! How faults are brought about.

use std::fmt::Write as _;
use std::time::{Duration, SystemTime};

use hmac::{Hmac, KeyInit, Mac};
use jiff::SignedDuration;
use serde_json::Value;
use sha2::Sha256;

use crate::class::SECRET;
use crate::gate::{Lie, Weather};
use crate::night::Night;

/// A schedule that syncs when it is asked to.
pub fn may_sync(night: &Night) {
    night.add("daily", &["--job", "sync", "--cron", "@yearly", "--retries", "0"]);
}

/// Nothing.
pub fn nothing(_: &Night) {}

/// A scheduled sync in this weather.
pub fn sync_in(night: &Night, weather: Weather) {
    night.weather(weather);
    night.tieout(&["schedule", "run", "daily"]);
}

/// A sync of somebody who is not told, in this weather; then a reconciliation.
pub fn sync_by_hand_in(night: &Night, lie: Lie) {
    night.weather(Weather::Lies(lie));
    // How it ends is what is looked at.
    let _ = night.attempt(&["sync"]);
    night.tieout(&["reconcile"]);
}

/// What Stripe delivers, signed by `secret` so long before now. Returns the status of the answer.
pub fn deliver(night: &Night, secret: &str, before: SignedDuration, body: &str) -> u16 {
    let at = night.now().checked_sub(before).unwrap().as_second();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(format!("{at}.{body}").as_bytes());
    let mut signature = format!("t={at},v1=");
    mac.finalize().into_bytes().iter().for_each(|byte| write!(signature, "{byte:02x}").unwrap());
    night.post("/webhooks/stripe", &[("Stripe-Signature", &signature)], body.as_bytes().to_vec())
}

/// An event of a charge.
pub fn event(id: &str) -> String {
    format!(
        r#"{{"id":"{id}","object":"event","type":"charge.updated","livemode":false,"created":1,"data":{{"object":{{"object":"charge","id":"ch_1"}}}}}}"#
    )
}

/// Delivers until the answer has this status: on a clock that runs fast, a signature is soon too old.
pub fn deliver_until(night: &Night, status: u16) {
    let number = std::cell::Cell::new(0);
    night.until("a delivery is answered so", |night| {
        number.set(number.get() + 1);
        deliver(night, SECRET, SignedDuration::ZERO, &event(&format!("evt_{}", number.get()))) == status
    });
}

/// Another process that holds the write lock for as long as `meanwhile` takes.
pub fn while_locked(night: &Night, meanwhile: impl FnOnce()) {
    let other = rusqlite::Connection::open(night.path("books.db")).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    meanwhile();
    other.execute_batch("ROLLBACK").unwrap();
}

/// From now on no file of the server may grow, as on a disk that is full.
pub fn fill_disk(night: &Night) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    let server = Pid::from_raw(night.server().as_raw());
    prlimit(server, Resource::Fsize, Rlimit { current: Some(1), maximum: Some(1) }).unwrap();
}

/// The database is not where it was.
pub fn move_database_away(night: &Night) {
    for end in ["", "-wal", "-shm"] {
        // What is not there need not go.
        let _ = std::fs::rename(night.path(&format!("books.db{end}")), night.path(&format!("elsewhere.db{end}")));
    }
}

/// Another file stands where the database was.
pub fn replace_database(night: &Night) {
    move_database_away(night);
    std::fs::write(night.path("books.db"), "this is no database, and never was one\n".repeat(100)).unwrap();
}

/// A folder from which bank files are imported.
pub fn may_import(night: &Night) {
    std::fs::create_dir(night.path("inbox")).unwrap();
    let inbox = night.path("inbox").display().to_string();
    let flags = ["--job", "import", "--folder", &inbox, "--bank-account", "operating", "--currency", "usd"];
    night.add("bank", &[&flags[..], &["--cron", "@yearly", "--retries", "0"]].concat());
}

/// A schedule that verifies the audit trail when it is asked to.
pub fn may_verify(night: &Night) {
    night.add("trail", &["--job", "audit", "--cron", "@yearly", "--retries", "0"]);
}

/// Somebody writes into the database who is not the program, and the trail is verified.
pub fn change_past_the_program(night: &mut Night) {
    let other = rusqlite::Connection::open(night.path("books.db")).unwrap();
    assert_eq!(other.execute("UPDATE schedule SET retries = 9 WHERE name = 'trail'", []).unwrap(), 1);
    night.tieout(&["schedule", "run", "trail"]);
}

/// A schedule that backs up when it is asked to.
pub fn may_back_up(night: &Night) {
    let folder = night.path("backups").display().to_string();
    std::fs::create_dir(&folder).unwrap();
    night.add("backup", &["--job", "backup", "--folder", &folder, "--cron", "@yearly", "--retries", "0"]);
}

/// A file that no bank has written, and a run that imports.
pub fn import_what_is_no_statement(night: &Night) {
    let file = night.path("inbox/october.csv");
    std::fs::write(&file, "this is no statement\n").unwrap();
    let a_while_ago = SystemTime::now() - Duration::from_secs(60);
    std::fs::File::options().write(true).open(&file).unwrap().set_modified(a_while_ago).unwrap();
    night.tieout(&["schedule", "run", "bank"]);
}

/// A statement of the days on which Stripe's payouts should have come, with one of their deposits, and one that names Stripe and is none.
pub fn import_a_statement_that_lacks_deposits(night: &Night) {
    let payouts = night.tieout(&["payout", "list", "--json"]);
    let is_found =
        |payout: &&Value| payout["currency"] == "usd" && payout["automatic"] == true && payout["arrives_on"] == "2026-10-30";
    let found = payouts.as_array().unwrap().iter().find(is_found).unwrap()["amount_minor"].as_i64().unwrap();
    let (whole, cents) = (found / 100, found % 100);
    let text = format!(
        "Date,Description,Amount\n2026-10-26,SOMEBODY ELSE,1.00\n2026-10-29,STRIPE PAYOUT,12.34\n2026-10-30,STRIPE PAYOUT,{whole}.{cents:02}\n"
    );
    std::fs::write(night.path("october.csv"), text).unwrap();
    let days = ["--from", "2026-10-01", "--to", "2026-11-20"];
    let flags = ["import", "bank", "october.csv", "--bank-account", "operating", "--currency", "usd"];
    night.tieout(&[&flags[..], &days[..]].concat());
    night.tieout(&["--as-of", "2026-11-22", "reconcile"]);
}

/// A job that calls an address.
pub fn call(night: &Night, url: &str) {
    night.add("theirs", &["--job", "http", "--url", url, "--body", "{}", "--cron", "@yearly", "--retries", "0"]);
    night.tieout(&["schedule", "run", "theirs"]);
}

/// Something that is told on all channels.
pub fn something_to_tell(night: &Night) {
    night.add("lost", &["--job", "sync", "--cron", "@yearly", "--retries", "0"]);
    night.weather(Weather::Away);
    night.tieout(&["schedule", "run", "lost"]);
}

/// The server dies, is away over what is due at half past twelve, and comes back.
pub fn away_over_what_is_due(night: &mut Night) {
    night.stop();
    let back: jiff::Timestamp = "2026-11-02T12:40:00Z".parse().unwrap();
    while night.now() < back {
        std::thread::sleep(Duration::from_millis(50));
    }
    night.serve();
}

/// The server dies while a run goes on, and comes back.
pub fn killed_in_a_run(night: &mut Night) {
    sync_in(night, Weather::Hangs);
    night.until("it runs", |night| night.newest("daily")["state"] == "running");
    night.stop();
    night.serve();
}

/// The server's clock is a day ahead, settles what is due then, and is right again.
pub fn clock_ahead_for_a_while(night: &mut Night) {
    clock_ahead(night);
    night.until("it settles", |night| night.newest("tomorrow")["state"] == "done");
    night.stop();
    let right = night.now();
    night.environment("TIEOUT_CLOCK", format!("{right} 1"));
    night.serve();
}

/// The server's clock is a day ahead.
pub fn clock_ahead(night: &mut Night) {
    night.stop();
    let ahead = night.now().checked_add(SignedDuration::from_hours(24)).unwrap();
    night.environment("TIEOUT_CLOCK", format!("{ahead} 1"));
    night.serve();
}
