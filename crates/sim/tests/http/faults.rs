//! Each named fault, as it comes over the wire.

use std::io::{self, Read};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use sim::http::Clock;

use super::clock::DrivenClock;
use super::{Answer, Server, TXNS, newest_first};

const KEY: &str = "Authorization: Bearer rk_test_sim";
const PAGE: &str = "/v1/balance_transactions?limit=5";
/// A page in the middle of the list.
const NEXT: &str = "/v1/balance_transactions?limit=5&starting_after=txn_030";

/// A server on which `name` befalls every request that it fits.
fn always(name: &str) -> Server {
    Server::start(&format!("{name}:1"))
}

fn ask(server: &Server, path: &str) -> io::Result<Answer> {
    server.ask("GET", path, &[KEY])
}

/// What must hold of every fault that a retry cures: the request fails three times, and the fourth answer is whole.
fn fails_three_times(name: &str, failed: impl Fn(io::Result<Answer>)) {
    let server = always(name);
    for _ in 0..3 {
        failed(ask(&server, PAGE));
    }
    assert_eq!(ask(&server, PAGE).unwrap().ids().len(), 5, "{name}");
    assert_eq!(ask(&server, "/_sim/requests").unwrap().body["faults"], json!(3), "{name}");
}

#[test]
fn each_refusal_has_its_status_code_and_headers() {
    let cases = [
        ("429", 429, "rate_limit", &[("retry-after", "1")] as &[_]),
        ("429-no-retry-after", 429, "rate_limit", &[]),
        ("429-endpoint", 429, "rate_limit", &[("stripe-rate-limited-reason", "endpoint-rate")]),
        ("429-global", 429, "rate_limit", &[("stripe-rate-limited-reason", "global-rate")]),
        ("429-concurrency", 429, "rate_limit", &[("stripe-rate-limited-reason", "global-concurrency")]),
        ("lock-timeout", 429, "lock_timeout", &[("stripe-should-retry", "true")]),
        ("409", 409, "", &[("stripe-should-retry", "true")]),
        ("500", 500, "", &[]),
        ("502", 502, "", &[("content-type", "text/html")]),
        ("503", 503, "", &[]),
    ];
    for (name, status, code, headers) in cases {
        fails_three_times(name, |answer| {
            let answer = answer.unwrap();
            assert_eq!((answer.status, answer.error().1), (status, code), "{name}");
            for (header, value) in headers {
                assert_eq!(answer.headers.get(*header).map(String::as_str), Some(*value), "{name}");
            }
            for header in ["retry-after", "stripe-rate-limited-reason", "stripe-should-retry"] {
                let told = headers.iter().any(|(known, _)| *known == header);
                assert_eq!(answer.headers.contains_key(header), told, "{name}: {header}");
            }
        });
    }
}

#[test]
fn a_reset_and_a_cut_off_end_without_a_whole_answer() {
    for name in ["reset", "cut-off"] {
        fails_three_times(name, |answer| assert!(answer.is_err(), "{name}"));
    }
}

#[test]
fn a_wrong_length_is_one_byte_too_many_or_leaves_the_json_open() {
    let server = always("wrong-length");
    let answers: Vec<io::Result<Answer>> = (1..=20).map(|limit| ask(&server, &format!("/v1/charges?limit={limit}"))).collect();
    assert!(answers.iter().any(Result::is_err), "a byte that never comes");
    assert!(answers.iter().any(Result::is_ok), "a byte that is not sent");
    for answer in answers.into_iter().flatten() {
        assert_eq!((answer.status, answer.body), (200, Value::Null));
        assert!(answer.raw.ends_with(b"\"url\":\"/v1/charges\""), "{}", String::from_utf8_lossy(&answer.raw));
    }
}

/// How an answer begins that is one.
const STATUS_LINE: &[u8] = b"HTTP/1.1 200";

#[test]
fn a_stalled_answer_ends_after_thirty_seconds_without_being_whole() {
    for (name, begins) in [("first-byte-timeout", false), ("mid-body-timeout", true)] {
        let clock = DrivenClock::new();
        let server = Server::with_clock(&format!("{name}:1"), Arc::clone(&clock) as Arc<dyn Clock>);
        // Time passes only once the beginning has arrived: it would be lost with the connection otherwise.
        let (sender, arrived) = mpsc::channel();
        let server = &server;
        thread::scope(|scope| {
            let client = scope.spawn(move || {
                let mut stream = server.send("GET", PAGE, &[KEY]).unwrap();
                let mut bytes = if begins { vec![0; STATUS_LINE.len()] } else { Vec::new() };
                stream.read_exact(&mut bytes).unwrap();
                sender.send(()).unwrap();
                // A connection that breaks ends the reading too.
                drop(stream.read_to_end(&mut bytes));
                bytes
            });
            arrived.recv().unwrap();
            clock.pass_when_waited_for(Duration::from_secs(29));
            assert!(!client.is_finished(), "{name}");
            clock.pass_when_waited_for(Duration::from_secs(1));
            let bytes = client.join().unwrap();
            assert_eq!(bytes.starts_with(STATUS_LINE), begins, "{name}");
            assert!(!bytes.ends_with(b"}"), "{name}");
        });
    }
}

#[test]
fn a_gzip_bomb_is_small_on_the_wire() {
    fails_three_times("gzip-bomb", |answer| {
        let answer = answer.unwrap();
        assert_eq!(answer.headers["content-encoding"], "gzip");
        // Each zero is 1032 blanks. What they unfold to is checked by the Python suite, with a real inflater.
        let zeros = answer.raw.iter().filter(|byte| **byte == 0).count();
        assert!(zeros >= 200_000 && answer.raw.len() < 300_000, "{zeros} zeros of {} bytes", answer.raw.len());
    });
}

#[test]
fn a_skewed_date_is_hours_off_and_the_answer_is_true() {
    let server = Server::with_clock("skewed-date:1", DrivenClock::new());
    let mut dates: Vec<String> = (1..=20)
        .map(|limit| {
            let answer = ask(&server, &format!("/v1/balance_transactions?limit={limit}")).unwrap();
            assert_eq!(answer.ids().len(), limit);
            answer.headers["date"].clone()
        })
        .collect();
    dates.sort();
    dates.dedup();
    assert_eq!(dates, ["Fri, 15 Jan 2027 01:00:00 GMT", "Fri, 15 Jan 2027 15:00:00 GMT"], "08:00 is right");
}

#[test]
fn a_good_cursor_is_refused_three_times() {
    let server = always("cursor-invalid");
    assert_eq!(ask(&server, PAGE).unwrap().ids().len(), 5, "no cursor, no fault");
    for _ in 0..3 {
        let refused = ask(&server, NEXT).unwrap();
        assert_eq!(refused.error(), (400, "resource_missing", "starting_after"));
        assert_eq!(refused.body["error"]["message"], json!("No such object: 'txn_030'"));
    }
    assert_eq!(ask(&server, NEXT).unwrap().ids()[0], "txn_029");
}

#[test]
fn a_revoked_key_gets_nothing_any_more() {
    let server = Server::start("key-revoked:0.2");
    let answers: Vec<Answer> = (1..=60).map(|limit| ask(&server, &format!("/v1/charges?limit={limit}")).unwrap()).collect();
    let works = answers.iter().take_while(|answer| answer.status == 200).count();
    assert!((1..50).contains(&works), "{works}");
    for refused in &answers[works..] {
        assert_eq!(refused.error(), (401, "api_key_expired", ""));
    }
    assert_eq!(server.ask("GET", "/v1/charges", &["Authorization: Bearer rk_test_other"]).unwrap().status, 200);
}

#[test]
fn a_duplicated_row_stands_beside_itself() {
    let ids = ask(&always("duplicated-page-row"), PAGE).unwrap().ids();
    let mut once = ids.clone();
    once.dedup();
    assert_eq!((ids.len(), once), (6, newest_first(TXNS - 5..TXNS)));
}

#[test]
fn a_missing_row_is_missing_once_and_is_never_the_last() {
    let server = always("missing-page-row");
    let (first, again) = (ask(&server, PAGE).unwrap().ids(), ask(&server, PAGE).unwrap().ids());
    assert_eq!((first.len(), again.len()), (4, 5));
    assert!(first.iter().all(|id| again.contains(id)));
    assert_eq!(first.last(), again.last());
    assert_eq!(ask(&server, "/v1/refunds").unwrap().ids(), ["re_1"], "the only row stays");
}

#[test]
fn has_more_says_what_it_is_told_to() {
    let said = |name: &str| {
        let server = always(name);
        let more = |path: &str| ask(&server, path).unwrap().body["has_more"].as_bool().unwrap();
        (more(PAGE), more("/v1/charges"))
    };
    assert_eq!(said("has-more-true"), (true, true));
    assert_eq!(said("has-more-false"), (false, false));
    assert_eq!(said("has-more-lies"), (false, true), "the truth is true, false");
}

#[test]
fn late_rows_are_the_newest_and_come_after_a_while() {
    let server = always("late-visible");
    assert_eq!(ask(&server, PAGE).unwrap().ids(), newest_first(TXNS - 5..TXNS - 3));
    let times = (0..4).position(|_| ask(&server, PAGE).unwrap().ids() == newest_first(TXNS - 5..TXNS));
    assert!(times.is_some(), "visible in the end");
    assert_eq!(ask(&server, NEXT).unwrap().ids(), newest_first(25..30), "further pages hold nothing new");
    assert_eq!(ask(&server, "/v1/balance_transactions?payout=po_auto&limit=1").unwrap().ids(), ["txn_056"]);
    assert_eq!(ask(&server, "/v1/charges").unwrap().ids(), Vec::<String>::new(), "a whole list can be late");
}

#[test]
fn new_values_and_fields_stay_with_their_object() {
    let server = Server::start("new-enum:0.5,new-field:0.5");
    let page = ask(&server, "/v1/balance_transactions?limit=57&expand[]=data.source").unwrap();
    let rows = page.body["data"].as_array().unwrap();
    let count = |has: &dyn Fn(&Value) -> bool| rows.iter().filter(|row| has(row)).count();
    let new_types = count(&|row| row["type"] == json!("sim_new_type"));
    let new_fields = count(&|row| row.get("sim_new_field").is_some());
    assert!((10..47).contains(&new_types) && (10..47).contains(&new_fields), "{new_types} and {new_fields} of {TXNS}");
    for row in rows {
        let path = format!("/v1/balance_transactions/{}?expand[]=source", row["id"].as_str().unwrap());
        assert_eq!(&ask(&server, &path).unwrap().body, row);
    }
    let counts = ask(&server, "/_sim/requests").unwrap().body;
    assert_eq!((&counts["faults"], &counts["list_pages"]), (&json!(0), &json!(1)), "true answers of a newer Stripe");
}

#[test]
fn a_status_can_be_new_too() {
    let server = always("new-enum");
    assert_eq!(ask(&server, "/v1/payouts/po_auto").unwrap().body["status"], json!("sim_new_status"));
    assert_eq!(ask(&server, "/v1/payouts/po_gone").unwrap().status, 404);
}
