//! Syncs that do not end well: never with 200, and never with a secret in what is said.

use super::place::{Answer, KEY, SECRET, SYNC, Server, Simulator};
use super::stripe;

/// What every problem is, whatever it says.
#[track_caller]
fn assert_problem(answer: &Answer, status: u16) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
    let problem = answer.json();
    assert_eq!(problem["status"], status);
    for field in ["type", "title", "detail", "hint"] {
        assert!(problem[field].as_str().is_some_and(|text| !text.is_empty()), "{field} is missing: {problem}");
    }
}

#[track_caller]
fn assert_no_secret(text: &str) {
    assert!(!text.contains(SECRET) && !text.contains(KEY), "{text}");
}

#[test]
fn an_incomplete_sync_is_503_and_names_what_could_not_be_read() {
    let simulator = Simulator::start(&["--until", "2026-06-30", "--faults", "gzip-bomb:0.3"]);
    let server = Server::start(&simulator.base);
    let answer = server.call("POST", &format!("{SYNC}?date=2026-06-29"));
    assert_problem(&answer, 503);
    assert!(answer.head.contains("retry-after: 60"), "{answer:?}");
    let unread = answer.json()["unread"].as_array().unwrap().clone();
    assert!(unread.iter().any(|line| line.as_str().unwrap().contains("could not be read")), "{answer:?}");

    assert_no_secret(&format!("{}{}", answer.body, server.kill()));
}

#[test]
fn a_run_that_ended_incomplete_says_so_when_it_is_asked_for() {
    let simulator = Simulator::start(&["--until", "2026-06-30", "--faults", "gzip-bomb:0.3"]);
    let server = Server::start(&simulator.base);
    let run = server.ended(&server.begin("&date=2026-06-29"));
    assert_eq!((&run["state"], &run["error"]["status"]), (&"incomplete".into(), &503.into()), "{run}");
    assert_eq!((run["synced"].is_u64(), &run["date"]), (true, &"2026-06-29".into()), "{run}");
}

#[test]
fn a_key_that_stripe_refuses_is_502() {
    let refusal = stripe::Answers::from([("/v1/account", (401, "Invalid API Key provided: rk_test_****ests"))]);
    let server = Server::start(&stripe::serve(refusal));
    let answer = server.call("POST", SYNC);
    assert_problem(&answer, 502);
    assert!(answer.json()["hint"].as_str().unwrap().contains("STRIPE_API_KEY"), "{answer:?}");
    let run = server.ended(&server.begin(""));
    assert_eq!((&run["state"], &run["error"]), (&"failed".into(), &answer.json()));
    assert_no_secret(&format!("{}{run}{}", answer.body, server.kill()));
}

#[test]
fn no_key_is_502_and_says_what_to_set() {
    let server = Server::start_with(&[("TIEOUT_SYNC_SECRET", SECRET)]);
    let answer = server.call("POST", SYNC);
    assert_problem(&answer, 502);
    assert!(answer.json()["hint"].as_str().unwrap().contains("put it into STRIPE_API_KEY"), "{answer:?}");
    assert_no_secret(&format!("{}{}", answer.body, server.kill()));
}

#[test]
fn a_stripe_that_is_down_is_503_and_worth_another_call() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let base = format!("http://{}", taken.local_addr().unwrap());
    drop(taken);
    let server = Server::start(&base);
    let answer = server.call("POST", SYNC);
    assert_problem(&answer, 503);
    assert!(answer.head.contains("retry-after: 60"), "{answer:?}");
    assert_eq!(answer.json()["title"], "Stripe cannot be reached");
}

#[test]
fn a_database_that_somebody_holds_is_503_and_worth_another_call() {
    let server = Server::start(&stripe::serve(stripe::Answers::new()));
    let holder = rusqlite::Connection::open(server.database()).unwrap();
    holder.execute_batch("BEGIN EXCLUSIVE").unwrap();
    let answer = server.call("POST", SYNC);
    assert_eq!((answer.status, &answer.json()["title"]), (503, &"The database is in use".into()), "{answer:?}");
    assert!(answer.head.contains("retry-after: 60"), "{answer:?}");
}
