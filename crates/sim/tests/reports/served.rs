//! A served world, and the requests that the tests of its reports make.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use serde_json::Value;
use sim::http::{Serving, WorldTime, router};
use tower::ServiceExt;

use crate::worlds::quarter;

/// A served world whose clock the test sets.
pub struct Served {
    router: Router,
    clock: Arc<AtomicI64>,
    /// The world's end, unix seconds.
    pub end: i64,
}

/// An answer as it came.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub text: String,
    /// `Null` where the text is no JSON.
    pub body: Value,
}

impl Answer {
    /// Status, code and param of a refusal.
    pub fn error(&self) -> (u16, &str, &str) {
        let text = |field: &str| self.body["error"][field].as_str().unwrap_or("");
        (self.status, text("code"), text("param"))
    }
}

impl Served {
    /// A world whose time stands still at its end.
    pub fn ended(seed: u64) -> Self {
        Self::new(seed, "0", 0, |_| WorldTime::Ended)
    }

    /// The same, where every report run fails.
    pub fn failing(seed: u64) -> Self {
        Self::new(seed, "failed-report:1", 0, |_| WorldTime::Ended)
    }

    /// A world whose time the test lets pass.
    pub fn running(seed: u64, days_before_the_end: i64) -> Self {
        let running = |clock: Arc<AtomicI64>| WorldTime::Running(Arc::new(move || clock.load(Ordering::SeqCst)));
        Self::new(seed, "0", days_before_the_end, running)
    }

    fn new(seed: u64, faults: &str, days_before_the_end: i64, time: impl FnOnce(Arc<AtomicI64>) -> WorldTime) -> Self {
        let catalog = Arc::new(quarter(seed).catalog);
        let end = catalog.now;
        let clock = Arc::new(AtomicI64::new(end - days_before_the_end * 86_400));
        let time = time(Arc::clone(&clock));
        let faults = faults.parse().expect("faults");
        Self { router: router(Serving { time, faults, ..Serving::new(catalog, seed) }), clock, end }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    pub fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    /// Before anything happened in the world.
    pub fn start(&self) -> i64 {
        self.end + 1 - 91 * 86_400
    }

    async fn send(&self, request: axum::http::request::Builder, body: String) -> Answer {
        let request = request.header("authorization", "Bearer rk_test_sim").header("host", "127.0.0.1:12111");
        let answer = self.router.clone().oneshot(request.body(Body::from(body)).expect("a request")).await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        let text = String::from_utf8(bytes.to_vec()).expect("UTF-8");
        Answer { status, headers, body: serde_json::from_str(&text).unwrap_or_default(), text }
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send(Request::get(target), String::new()).await
    }

    /// The same of a connected account.
    pub async fn get_of(&self, account: &str, target: &str) -> Answer {
        self.send(Request::get(target).header("stripe-account", account), String::new()).await
    }

    /// POSTs a report run.
    pub async fn post(&self, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        self.post_to("/v1/reporting/report_runs", form, headers).await
    }

    pub async fn post_to(&self, target: &str, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::post(target).header("content-type", "application/x-www-form-urlencoded");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let pairs: Vec<String> =
            form.iter().map(|(name, value)| format!("{name}={value}").replace('[', "%5B").replace(']', "%5D")).collect();
        self.send(request, pairs.join("&")).await
    }

    /// The official flow: create, retrieve until it succeeded, download.
    pub async fn csv(&self, form: &[(&str, &str)]) -> String {
        let run = self.post(form, &[]).await.body;
        assert_eq!(run["status"], "pending", "{run}");
        let path = format!("/v1/reporting/report_runs/{}", text(&run, "id"));
        assert_eq!(self.get(&path).await.body["status"], "pending");
        let done = self.get(&path).await.body;
        assert_eq!(done["status"], "succeeded", "{done}");
        let url = text(&done["result"], "url").strip_prefix("http://127.0.0.1:12111").expect("the host that was asked");
        let csv = self.get(url).await;
        assert_eq!((csv.status, csv.text.len() as i64), (200, int(&done["result"], "size")));
        csv.text
    }

    /// The rows of a run.
    pub async fn run(&self, form: &[(&str, &str)]) -> super::Rows {
        rows(&self.csv(form).await)
    }

    /// The rows of a report on an interval; of its end alone where the report wants no more.
    pub async fn report(&self, kind: &str, start: i64, end: i64) -> super::Rows {
        let (start, end) = (start.to_string(), end.to_string());
        let mut form = vec![("report_type", kind), ("parameters[interval_end]", end.as_str())];
        if !kind.starts_with("ending_balance") {
            form.push(("parameters[interval_start]", start.as_str()));
        }
        self.run(&form).await
    }

    /// Every object of a list, newest first.
    pub async fn all(&self, list: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let cursor = all.last().map(|last| format!("&starting_after={}", text(last, "id"))).unwrap_or_default();
            let page = self.get(&format!("{list}?limit=100{cursor}")).await.body;
            all.extend(page["data"].as_array().unwrap_or_else(|| panic!("{page}")).iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }
}

/// The rows of a CSV by its header; fields may be quoted.
pub fn rows(csv: &str) -> super::Rows {
    let mut lines = csv.lines().map(fields);
    let header = lines.next().expect("a header");
    lines
        .map(|fields| {
            assert_eq!(fields.len(), header.len(), "{fields:?}");
            header.iter().cloned().zip(fields).collect::<BTreeMap<String, String>>()
        })
        .collect()
}

fn fields(line: &str) -> Vec<String> {
    let (mut fields, mut quoted) = (vec![String::new()], false);
    for letter in line.chars() {
        match letter {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            other => fields.last_mut().expect("a field").push(other),
        }
    }
    fields
}

pub fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}

pub fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("{field} of {body} is not an integer"))
}
