//! Several callers at once, callers that leave, and a server that is told to stop.

use serde_json::json;

use super::held::Held;
use super::place::{Answer, SYNC, Server};

/// Runs that may wait while one runs.
const WAITING_MAX: usize = 16;

/// Runs of the job in the database.
fn kept(server: &Server) -> Vec<(String, String)> {
    let database = rusqlite::Connection::open(server.database()).unwrap();
    let mut runs = database.prepare("SELECT job, state FROM run").unwrap();
    let rows = runs.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

fn done() -> (String, String) {
    ("sync".to_owned(), "done".to_owned())
}

#[test]
fn calls_for_the_same_thing_share_one_run_and_its_answer() {
    let stripe = Held::start();
    let server = Server::start(&stripe.base);
    let waiting = server.call_and_leave_open(&format!("{SYNC}?date=2026-06-29&only=payouts,charges"));
    stripe.wait_for_a_sync();
    let one = server.begin("&date=2026-06-29&only=charge,payout");
    assert_eq!(server.begin("&only=charges,payouts&date=2026-06-29"), one);
    stripe.let_go();
    let answer = Answer::of_stream(waiting);
    let run = server.ended(&one);
    assert_eq!((answer.status, answer.json()), (200, json!({"synced": run["synced"], "date": run["date"]})));
    assert_eq!((stripe.syncs(), kept(&server)), (1, vec![done()]));
}

#[test]
fn yesterday_and_its_date_are_the_same_thing() {
    let stripe = Held::start();
    let server = Server::start(&stripe.base);
    let yesterday = || jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).date().yesterday().unwrap();
    let before = yesterday();
    let one = server.begin("");
    stripe.wait_for_a_sync();
    assert!([before, yesterday()].iter().any(|date| server.begin(&format!("&date={date}")) == one));
    stripe.let_go();
    assert_eq!(server.ended(&one)["state"], "done");
}

#[test]
fn a_caller_that_hangs_up_stops_nothing() {
    let stripe = Held::start();
    let server = Server::start(&stripe.base);
    let call = server.call_and_leave_open(&format!("{SYNC}?date=2026-06-29"));
    stripe.wait_for_a_sync();
    drop(call);
    let run = server.begin("&date=2026-06-29");
    stripe.let_go();
    assert_eq!(server.ended(&run)["state"], "done");
    assert_eq!((stripe.syncs(), kept(&server)), (1, vec![done()]));
}

#[test]
fn calls_for_different_things_take_turns_up_to_a_bound() {
    let stripe = Held::start();
    let server = Server::start(&stripe.base);
    let first = server.begin("&date=2026-06-01");
    stripe.wait_for_a_sync();
    let waiting: Vec<String> = (0..WAITING_MAX).map(|day| server.begin(&format!("&date=2026-05-{:02}", day + 1))).collect();
    let next = server.call("GET", &waiting[0]).json();
    assert_eq!((&next["state"], &next["started_at"]), (&json!("running"), &json!(null)), "it began before its turn");
    let refused = server.call("POST", &format!("{SYNC}?date=2026-06-02"));
    assert_eq!((refused.status, &refused.json()["title"]), (503, &json!("Too many runs wait")));
    assert!(refused.head.contains("retry-after: "), "{refused:?}");
    assert_eq!(server.begin("&date=2026-06-01"), first, "who wants the same is not one more");

    stripe.let_go();
    let mut ended: Vec<_> = std::iter::once(&first).chain(&waiting).map(|href| server.ended(href)).collect();
    let at = |run: &serde_json::Value, field: &str| run[field].as_str().unwrap().parse::<jiff::Timestamp>().unwrap();
    ended.sort_by_key(|run| at(run, "started_at"));
    for pair in ended.windows(2) {
        assert!(at(&pair[1], "started_at") >= at(&pair[0], "ended_at"), "side by side: {pair:#?}");
    }
    assert_eq!((stripe.syncs(), kept(&server)), (WAITING_MAX + 1, vec![done(); WAITING_MAX + 1]));
}

#[test]
fn a_server_that_is_told_to_stop_waits_for_the_running_sync_and_begins_no_other() {
    let stripe = Held::start();
    let mut server = Server::start(&stripe.base);
    let running = server.call_and_leave_open(&format!("{SYNC}?date=2026-06-29"));
    stripe.wait_for_a_sync();
    server.begin("&date=2026-06-28");
    server.tell_to_stop();
    stripe.let_go();
    assert_eq!(Answer::of_stream(running).json()["date"], "2026-06-29");
    server.wait_for_its_end();
    assert_eq!((stripe.syncs(), kept(&server)), (1, vec![done()]));
}
