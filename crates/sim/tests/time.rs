//! The world through time: what Stripe says at an instant, and the events that tell what changed.

#![expect(clippy::expect_used, clippy::panic, reason = "tests")]

mod worlds;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::Value;
use sim::http::{Serving, WorldTime, router};
use sim::{Catalog, ObjectKind};
use tower::ServiceExt;
use worlds::quarter;

const DAY: i64 = 86_400;

/// A served world whose clock the test sets.
struct Served {
    router: Router,
    clock: Arc<AtomicI64>,
    catalog: Arc<Catalog>,
}

impl Served {
    fn new(seed: u64, days_before_the_end: i64) -> Self {
        let catalog = Arc::new(quarter(seed).catalog);
        let clock = Arc::new(AtomicI64::new(catalog.now - days_before_the_end * DAY));
        let shown = Arc::clone(&clock);
        let time = WorldTime::Running(Arc::new(move || shown.load(Ordering::SeqCst)));
        let router = router(Serving { time, ..Serving::new(Arc::clone(&catalog), seed) });
        Self { router, clock, catalog }
    }

    fn pass(&self, seconds: i64) {
        self.clock.fetch_add(seconds, Ordering::SeqCst);
    }

    fn now(&self) -> i64 {
        self.clock.load(Ordering::SeqCst)
    }

    async fn get(&self, target: &str) -> Value {
        let request = Request::get(target).header("authorization", "Bearer rk_test_sim").body(Body::empty()).expect("a request");
        let answer = self.router.clone().oneshot(request).await.expect("an answer");
        let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
        serde_json::from_slice(&bytes).expect("JSON")
    }

    /// Every object of a list, newest first.
    async fn all(&self, list: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let cursor = all.last().map(|last| format!("&starting_after={}", text(last, "id"))).unwrap_or_default();
            let joint = if list.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{list}{joint}limit=100{cursor}")).await;
            let data = page["data"].as_array().unwrap_or_else(|| panic!("{page}"));
            all.extend(data.iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap_or_else(|| panic!("{field} of {body} is not text"))
}

fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().unwrap_or_else(|| panic!("{field} of {body} is not an integer"))
}

#[tokio::test]
async fn nothing_is_seen_before_it_happened_and_all_of_it_at_the_end() {
    for seed in 0..4 {
        let served = Served::new(seed, 20);
        let before = served.all("/v1/balance_transactions").await;
        assert!(before.iter().all(|txn| int(txn, "created") <= served.now()), "seed {seed}");
        served.pass(20 * DAY);
        let after = served.all("/v1/balance_transactions").await;
        let owner = &served.catalog.accounts[&served.catalog.owner];
        assert_eq!(after.len(), owner.objects[&ObjectKind::BalanceTransaction].len());
        assert!(before.len() < after.len(), "seed {seed}");
    }
}

#[tokio::test]
async fn the_balance_is_the_sum_of_the_txns_at_every_instant() {
    let served = Served::new(5, 30);
    for _ in 0..60 {
        served.pass(DAY / 2 + 7);
        let mut sums: BTreeMap<(String, String), i64> = BTreeMap::new();
        let owner = &served.catalog.accounts[&served.catalog.owner];
        for txn in owner.objects[&ObjectKind::BalanceTransaction].iter().filter(|txn| txn.created <= served.now()) {
            let body = txn.body(served.now());
            *sums.entry((text(&body, "status").to_owned(), text(&body, "currency").to_owned())).or_default() += int(&body, "net");
        }
        let balance = served.get("/v1/balance").await;
        for part in ["available", "pending"] {
            for entry in balance[part].as_array().expect("a list") {
                let sum = sums.remove(&(part.to_owned(), text(entry, "currency").to_owned())).unwrap_or(0);
                assert_eq!(sum, int(entry, "amount"), "{part} at {}", served.now());
            }
        }
        assert!(sums.values().all(|sum| *sum == 0), "{sums:?}");
    }
}

#[tokio::test]
async fn a_payouts_list_grows_until_its_reconciliation_completes() {
    let served = Served::new(6, 40);
    let (mut grew, mut completed) = (0, 0);
    let mut listed: BTreeMap<String, (usize, bool)> = BTreeMap::new();
    for _ in 0..60 {
        served.pass(DAY / 3);
        for payout in served.get("/v1/payouts?limit=5").await["data"].as_array().expect("a list") {
            if payout["automatic"] == false {
                continue;
            }
            let id = text(payout, "id").to_owned();
            let txns = served.all(&format!("/v1/balance_transactions?payout={id}")).await;
            let done = payout["reconciliation_status"] == "completed";
            if done {
                let sum: i64 = txns.iter().map(|txn| int(txn, "net")).sum();
                assert_eq!(sum, 0, "{id} and what it holds cancel out");
                completed += 1;
            }
            if let Some((before, was_done)) = listed.insert(id, (txns.len(), done)) {
                assert!(txns.len() >= before && (done || !was_done));
                grew += usize::from(txns.len() > before);
            }
        }
    }
    assert!(grew > 3 && completed > 20, "{grew} grew, {completed} completed");
}

#[tokio::test]
async fn events_are_remembered_for_thirty_days_and_narrowed_by_type() {
    let served = Served::new(7, 20);
    let events = served.all("/v1/events").await;
    assert!(events.iter().all(|event| int(event, "created") > served.now() - 30 * DAY && int(event, "created") <= served.now()));
    let oldest = text(events.last().expect("an event"), "id").to_owned();
    assert_eq!(text(&served.get(&format!("/v1/events/{oldest}")).await, "id"), oldest);
    served.pass(2 * DAY);
    assert_eq!(served.get(&format!("/v1/events/{oldest}")).await["error"]["code"], "resource_missing");
    let payouts = served.all("/v1/events?type=payout.*").await;
    assert!(payouts.iter().all(|event| text(event, "type").starts_with("payout.")) && payouts.len() > 20);
    let two = served.all("/v1/events?types[]=charge.refunded&types[]=payout.paid").await;
    assert!(two.iter().all(|event| ["charge.refunded", "payout.paid"].contains(&text(event, "type"))));
    let mine = |events: &[Value], kind: &str| events.iter().filter(|event| text(event, "type") == kind).count();
    assert_eq!(mine(&two, "payout.paid"), mine(&payouts, "payout.paid"));
    let many: String = (0..21).map(|number| format!("&types[]=a.{number}")).collect();
    assert_eq!(served.get(&format!("/v1/events?limit=1{many}")).await["error"]["param"], "types");
}

/// Whoever follows the events holds, at the end, what the API says; but for what changes silently.
#[tokio::test]
async fn the_last_event_of_an_object_shows_it_as_it_is() {
    for seed in 8..11 {
        let served = Served::new(seed, 0);
        let mut last: BTreeMap<String, Value> = BTreeMap::new();
        for event in served.all("/v1/events").await {
            let object = event["data"]["object"].clone();
            last.entry(text(&object, "id").to_owned()).or_insert(object);
        }
        for list in ["payouts", "charges", "refunds", "disputes"] {
            let mut compared = 0;
            for object in served.all(&format!("/v1/{list}")).await {
                if let Some(told) = last.get(text(&object, "id")) {
                    assert_eq!(without_silent(told), without_silent(&object), "seed {seed}");
                    compared += 1;
                }
            }
            assert!(compared > 0, "seed {seed}: no {list}");
        }
    }
}

/// No event tells that a charge was disputed or that a txn inside a dispute became available.
fn without_silent(object: &Value) -> Value {
    let mut object = object.clone();
    for field in ["disputed", "balance_transactions"] {
        object.as_object_mut().map(|fields| fields.remove(field));
    }
    object
}

#[tokio::test]
async fn an_update_names_what_was_otherwise_before() {
    let served = Served::new(12, 0);
    let updates = served.all("/v1/events?types[]=payout.updated&types[]=charge.dispute.updated&types[]=charge.updated").await;
    assert!(updates.len() > 10, "{}", updates.len());
    for event in updates {
        let before = event["data"]["previous_attributes"].as_object().expect("what was before");
        assert!(!before.is_empty(), "{event}");
        assert!(before.iter().all(|(field, value)| event["data"]["object"][field] != *value), "{event}");
    }
}
