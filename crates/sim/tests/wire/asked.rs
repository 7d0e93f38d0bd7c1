//! A served world whose clock the test sets, and the requests that tests make of it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use jiff::civil::Date;
use serde_json::Value;
use sim::http::{Serving, WorldTime, router};
use sim::{Catalog, Options, World};
use tower::ServiceExt;

/// A key that reads everything.
pub const KEY: &str = "rk_test_sim";
/// The version that requests name.
const VERSION: &str = "2026-10-28.endive";

/// Two hundred days of two accounts, in which 40 customers subscribe to what each sells.
pub fn subscribed(seed: u64) -> World {
    let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
    let options = Options { days: 200, per_day: 2, subscriptions: 40, ..Options::quarter(seed, until) };
    World::generate(&options).expect("a world")
}

pub struct Asked {
    router: Router,
    clock: Arc<AtomicI64>,
    pub catalog: Arc<Catalog>,
}

/// Status and body of an answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub body: Value,
}

impl Asked {
    /// A world so many days before its end.
    pub fn new(world: World, days_before_the_end: i64) -> Self {
        let catalog = Arc::new(world.catalog);
        let clock = Arc::new(AtomicI64::new(catalog.now - days_before_the_end * 86_400));
        let shown = Arc::clone(&clock);
        let time = WorldTime::Running(Arc::new(move || shown.load(Ordering::SeqCst)));
        let router = router(Serving { time, ..Serving::new(Arc::clone(&catalog), 1) });
        Self { router, clock, catalog }
    }

    pub fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    /// Asks with a key and more headers.
    pub async fn ask(&self, target: &str, key: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(target).header("authorization", format!("Bearer {key}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Body::empty()).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let status = answer.status().as_u16();
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        Answer { status, body: serde_json::from_slice(&bytes).expect("JSON") }
    }

    /// What is there.
    pub async fn get(&self, target: &str) -> Value {
        let answer = self.ask(target, KEY, &[("stripe-version", VERSION)]).await;
        assert_eq!(answer.status, 200, "{target}: {}", answer.body);
        answer.body
    }

    /// Every object of a list, newest first.
    pub async fn all(&self, list: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let cursor = all.last().map(|last| format!("&starting_after={}", text(last, "id"))).unwrap_or_default();
            let joint = if list.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{list}{joint}limit=100{cursor}")).await;
            all.extend(data(&page).iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }

    /// Why it is refused: status, param and message.
    pub async fn refusal(&self, target: &str) -> (u16, String, String) {
        let answer = self.ask(target, KEY, &[("stripe-version", VERSION)]).await;
        let told = |field: &str| answer.body["error"][field].as_str().unwrap_or_default().to_owned();
        (answer.status, told("param"), told("message"))
    }
}

/// The objects of a page.
pub fn data(page: &Value) -> &[Value] {
    page["data"].as_array().unwrap_or_else(|| panic!("no list: {page}"))
}

/// The ids of a page's objects.
pub fn ids(page: &Value) -> Vec<String> {
    data(page).iter().map(|object| text(object, "id").to_owned()).collect()
}

pub fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}
