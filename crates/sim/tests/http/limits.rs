//! Limits on requests, by a clock that the test drives.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use serde_json::json;
use sim::http::{Limits, Serving};

use super::clock::DrivenClock;
use super::{Answer, SHOP, Server, catalog};

const KEY: &str = "Authorization: Bearer rk_test_sim";

fn server(faults: &str, per_second: u32, at_once: u32, clock: &Arc<DrivenClock>) -> Server {
    let (per_second, at_once) = (NonZeroU32::new(per_second).unwrap(), NonZeroU32::new(at_once).unwrap());
    let limits = Limits { per_second, per_endpoint: None, at_once };
    Server::serve(Serving {
        faults: faults.parse().unwrap(),
        limits: Some(limits),
        clock: Arc::<DrivenClock>::clone(clock),
        ..Serving::new(Arc::new(catalog()), 7)
    })
}

fn reason(answer: &Answer) -> Option<&str> {
    answer.headers.get("stripe-rate-limited-reason").map(String::as_str)
}

#[test]
fn too_many_requests_are_told_which_limit_they_hit() {
    let clock = DrivenClock::new();
    let server = server("0", 8, 50, &clock);
    let charge = |number: u32| server.get(&format!("/v1/charges/ch_{}", number % 2));
    assert_eq!((charge(0).status, charge(1).status), (200, 200));
    let refused = charge(0);
    assert_eq!((refused.error(), reason(&refused)), ((429, "rate_limit", ""), Some("endpoint-rate")));
    assert!(!refused.headers.contains_key("retry-after"));
    for path in ["/v1/charges", "/v1/refunds", "/v1/payouts"] {
        assert_eq!([server.get(path).status, server.get(path).status], [200, 200], "{path}");
    }
    assert_eq!(reason(&server.get("/v1/disputes")), Some("global-rate"));
    let shop = server.ask("GET", "/v1/disputes", &[KEY, &format!("Stripe-Account: {SHOP}")]).unwrap();
    assert_eq!(shop.status, 200, "an account of its own");

    clock.pass(Duration::from_millis(125));
    assert_eq!([server.get("/v1/disputes").status, server.get("/v1/disputes").status], [200, 429]);
    let counts = server.get("/_sim/requests").body;
    assert_eq!((&counts["total"], &counts["limited"]), (&json!(10), &json!(3)), "asking for the counts is free");
}

#[test]
fn too_many_requests_at_once_are_refused_until_one_ends() {
    let clock = DrivenClock::new();
    let server = server("first-byte-timeout:1", 100, 1, &clock);
    thread::scope(|scope| {
        let stalled = scope.spawn(|| server.ask("GET", "/v1/charges", &[KEY]));
        clock.wait_for_a_waiter();
        assert_eq!(reason(&server.get("/v1/refunds")), Some("global-concurrency"));
        clock.pass(Duration::from_secs(30));
        assert!(stalled.join().unwrap().is_err());
    });
}
