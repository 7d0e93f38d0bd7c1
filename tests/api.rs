//! The sync endpoint as other people's schedulers call it: the real binary, a simulated Stripe, a loopback port.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

#[path = "api/ends.rs"]
mod ends;
#[path = "api/held.rs"]
mod held;
#[path = "api/place.rs"]
mod place;
#[path = "api/refused.rs"]
mod refused;
#[path = "api/shared.rs"]
mod shared;
#[path = "cli/stripe.rs"]
mod stripe;

use jiff::Timestamp;
use place::{KEY, SYNC, Server, Simulator};
use serde_json::{Value, json};

/// A world that stands still; its last day is a day like others.
const STILL: [&str; 2] = ["--until", "2026-06-30"];

#[test]
fn a_day_is_synced_and_the_same_number_told_again() {
    let simulator = Simulator::start(&STILL);
    let server = Server::start(&simulator.base);
    let first = server.call("POST", &format!("{SYNC}?date=2026-06-29"));
    assert_eq!(first.status, 200, "{first:?}");
    let told = first.json();
    assert!(told["synced"].as_u64().unwrap() > 0, "{told}");
    assert_eq!(told, json!({"synced": told["synced"], "date": "2026-06-29"}));
    let again = server.call("POST", &format!("{SYNC}?date=2026-06-29"));
    assert_eq!((again.status, again.json()), (200, told.clone()));

    let mut sync = server.command(&["sync", "--date", "2026-06-29", "--json"]);
    let output = sync.env("STRIPE_API_BASE", &simulator.base).env("STRIPE_API_KEY", KEY).output().unwrap();
    let typed: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&typed["synced"], &typed["inserted"]), (&told["synced"], &json!(0)), "the command counts otherwise");
}

#[test]
fn without_a_query_it_is_yesterday() {
    let simulator = Simulator::start(&[]);
    let server = Server::start(&simulator.base);
    let yesterday = || Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().yesterday().unwrap().to_string();
    let before = yesterday();
    let told = server.call("POST", SYNC).json();
    assert!([before, yesterday()].contains(&told["date"].as_str().unwrap().to_owned()), "{told}");
    assert!(told["synced"].as_u64().unwrap() > 0, "the simulated merchant sells every day: {told}");
}

#[test]
fn kinds_are_chosen_in_singular_and_plural() {
    let simulator = Simulator::start(&STILL);
    let server = Server::start(&simulator.base);
    let synced = |only: &str| {
        let answer = server.call("POST", &format!("{SYNC}?date=2026-06-29&only={only}"));
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.json()["synced"].as_u64().unwrap()
    };
    let (payouts, charges) = (synced("payouts"), synced("charges"));
    assert!(payouts > 0 && charges > 0);
    assert_eq!(synced("payout,charge"), payouts + charges);
    assert_eq!(synced("invoices,subscriptions,customers"), synced("customer"), "this merchant sends no invoices");
}

#[test]
fn a_caller_that_does_not_wait_asks_how_the_run_stands() {
    let simulator = Simulator::start(&STILL);
    let server = Server::start(&simulator.base);
    let href = server.begin("&date=2026-06-29");
    let run = server.ended(&href);
    let waited = server.call("POST", &format!("{SYNC}?date=2026-06-29")).json();
    assert_eq!((&run["state"], &run["synced"], &run["date"]), (&json!("done"), &waited["synced"], &waited["date"]));
    assert!(href.ends_with(run["run"].as_str().unwrap()) && run["error"].is_null(), "{run}");
    let at = |field: &str| run[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    assert!(at("started_at") <= at("ended_at"), "{run}");
}
