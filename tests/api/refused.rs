//! Calls that are refused before anything is read: without the secret, with the wrong method, with a query nobody knows.

use std::fmt::Write as _;

use super::held::Held;
use super::place::{SECRET, SYNC, Server};

/// More than a header may hold.
const HUGE: usize = 1024 * 1024;

fn server() -> Server {
    let stripe = Held::start();
    stripe.let_go();
    Server::start(&stripe.base)
}

fn snapshot(name: &str, text: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("snapshots");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    // Kinds are added, and days go by.
    settings.add_filter("joined by commas: txns, .*", "joined by commas: txns, …");
    settings.add_filter("today, [0-9-]+", "today, DATE");
    settings.bind(|| insta::assert_snapshot!(name, text));
}

#[test]
fn who_does_not_bear_the_secret_learns_nothing() {
    let server = server();
    let answers = [
        String::new(),
        "Authorization: Bearer wrong\r\n".to_owned(),
        format!("Authorization: Bearer {SECRET}x\r\n"),
        format!("Authorization: Bearer {}\r\n", &SECRET[1..]),
        format!("Authorization: Basic {SECRET}\r\n"),
        format!("Authorization: {SECRET}\r\n"),
        format!("Authorization: Bearer {SECRET}\r\nAuthorization: Bearer {SECRET}\r\n"),
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer \u{fffd}\r\n".to_owned(),
    ]
    .map(|headers| server.call_with("POST", &format!("{SYNC}?nonsense=1"), &headers));
    for answer in &answers {
        assert_eq!((answer.status, &answer.body), (401, &answers[0].body));
        assert!(answer.head.contains("www-authenticate: bearer"), "{answer:?}");
    }
    let runs = server.call_with("GET", &format!("{SYNC}/runs/1"), "");
    assert_eq!((runs.status, &runs.body), (401, &answers[0].body), "whether there is a run is no stranger's business");
}

#[test]
fn without_a_secret_nobody_may_call_and_the_pages_still_show() {
    for variables in [&[][..], &[("TIEOUT_SYNC_SECRET", "")]] {
        let server = Server::start_with(variables);
        let answer = server.call("POST", SYNC);
        assert_eq!((answer.status, answer.json()["hint"].as_str().unwrap().contains("set the environment")), (503, true));
        assert!(answer.body.contains("TIEOUT_SYNC_SECRET is not set"), "{answer:?}");
        assert_eq!(server.call_with("GET", "/healthz", "").status, 421, "the pages answer to no name but this machine's");
    }
}

#[test]
fn a_secret_of_blanks_does_not_count_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut serve = std::process::Command::new(env!("CARGO_BIN_EXE_tieout"));
    serve.args(["serve", "--listen", "127.0.0.1:0"]).env_clear().env("HOME", folder.path()).env("TIEOUT_SYNC_SECRET", "  ");
    let output = serve.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("TIEOUT_SYNC_SECRET holds only blanks"), "{output:?}");
}

#[test]
fn other_methods_are_refused_with_those_that_are_allowed() {
    let server = server();
    for (path, methods, allow) in [
        (SYNC.to_owned(), ["GET", "PUT", "DELETE"], "allow: post"),
        (format!("{SYNC}/runs/1"), ["POST", "PUT", "PATCH"], "allow: get, head"),
    ] {
        for method in methods {
            let answer = server.call(method, &path);
            assert_eq!(answer.status, 405, "{method} {path}");
            assert_eq!(answer.head.matches("allow:").count(), 1, "{answer:?}");
            assert!(answer.head.contains(allow), "{answer:?}");
        }
    }
    assert_eq!(server.call_with("POST", "/payouts", "Host: localhost\r\n").status, 405, "the pages only show");
}

#[test]
fn what_a_query_cannot_say_is_refused_by_name() {
    let server = server();
    let mut told = String::new();
    for query in [
        "date=",
        "date=today",
        "date=2026-02-30",
        "date=20260629",
        "date=2026-06-29&date=2026-06-28",
        "date=%ff%fe",
        "date=9999-12-31",
        "only=",
        "only=payouts,unicorns",
        "only=payouts,",
        "wait=no",
        "when=yesterday",
        "%3Cscript%3E=%0d%0aSet-Cookie:a",
    ] {
        let answer = server.call("POST", &format!("{SYNC}?{query}"));
        assert_eq!(answer.status, 400, "{query}: {answer:?}");
        writeln!(told, "{query}\n  {}", answer.json()["detail"].as_str().unwrap()).unwrap();
    }
    snapshot("refused-queries", &told);
}

#[test]
fn an_answer_to_a_stranger_and_one_to_a_wrong_call_are_problems() {
    let server = server();
    let mut told = String::new();
    for (method, path, headers) in [
        ("POST", SYNC.to_owned(), String::new()),
        ("GET", SYNC.to_owned(), String::new()),
        ("GET", format!("{SYNC}/runs/none"), format!("Authorization: Bearer {SECRET}\r\n")),
        ("GET", format!("{SYNC}/runs/%ff"), format!("Authorization: Bearer {SECRET}\r\n")),
        ("POST", format!("{SYNC}/"), format!("Authorization: Bearer {SECRET}\r\n")),
    ] {
        let answer = server.call_with(method, &path, &headers);
        assert!(answer.head.contains("content-type: application/problem+json"), "{answer:?}");
        assert!(answer.head.contains("cache-control: no-store"), "{answer:?}");
        writeln!(told, "{method} {path}\n{}\n", serde_json::to_string_pretty(&answer.json()).unwrap()).unwrap();
    }
    snapshot("problems", &told);
}

#[test]
fn hostile_calls_are_refused_and_the_next_one_is_answered() {
    let server = server();
    let bearer = "x".repeat(HUGE);
    let query = "only=payouts,".repeat(HUGE / 10);
    let huge_bearer = server.call_with("POST", SYNC, &format!("Authorization: Bearer {bearer}\r\n"));
    assert_eq!(huge_bearer.status, 431, "{huge_bearer:?}");
    let huge_query = server.call("POST", &format!("{SYNC}?{query}"));
    assert!([414, 431].contains(&huge_query.status), "{huge_query:?}");
    let long_query = server.call("POST", &format!("{SYNC}?date={}", "9".repeat(20_000)));
    assert!(long_query.status == 400 && long_query.body.len() < 1_000, "a long value is shown cut: {long_query:?}");
    let not_text = [
        b"POST /api/billing/sync-stripe HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: Bearer ",
        &[0xff, 0xfe][..],
        b"\r\n\r\n",
    ];
    assert_eq!(server.send(&not_text.concat()).status, 401);
    let not_http = server.send(b"\x16\x03\x01\x00\xa5 hello\r\n\r\n");
    assert_eq!(not_http.status, 400);
    let with_body = server.call_with("POST", &format!("{SYNC}?when=now"), "Content-Length: 99999999\r\n");
    assert_eq!(with_body.status, 401, "no body is waited for");
    assert_eq!(server.call("POST", &format!("{SYNC}?wait=maybe")).status, 400);
}
