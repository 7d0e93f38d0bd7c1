//! The simulator's own addresses: its page for people, and the truth and the counts for programs.

#![expect(clippy::expect_used, reason = "tests")]

mod worlds;

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::Value;
use sim::http::{Serving, router};
use tower::ServiceExt;
use worlds::quarter;

async fn get(router: &Router, target: &str) -> (StatusCode, String) {
    let request = Request::get(target).header("authorization", "Bearer rk_test_sim").body(Body::empty()).expect("a request");
    let answer = router.clone().oneshot(request).await.expect("an answer");
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, String::from_utf8(bytes.to_vec()).expect("text"))
}

#[tokio::test]
async fn the_page_shows_the_world_its_truth_and_the_requests() {
    let world = quarter(3);
    let (truth, catalog) = (Arc::new(world.truth), Arc::new(world.catalog));
    let router = router(Serving { truth: Some(Arc::clone(&truth)), ..Serving::new(Arc::clone(&catalog), 3) });
    let (status, before) = get(&router, "/_sim").await;
    assert_eq!(status, StatusCode::OK);
    assert!(before.contains("None yet.") && before.contains("http://127.0.0.1/v1/payouts"));
    assert!(catalog.accounts.keys().all(|account| before.contains(account.as_str())));
    assert!(truth.planted.iter().all(|planted| before.contains(planted.kind)));
    let newest = truth.payouts.iter().max_by_key(|payout| (payout.arrives_on, payout.id.clone())).expect("a payout");
    assert!(before.contains(&newest.id));
    let (refused, _) = get(&router, "/v1/payouts?limit=2&colour=%3Cb%3E").await;
    assert_eq!(refused, StatusCode::BAD_REQUEST);
    get(&router, "/v1/payouts?limit=2").await;
    let (_, after) = get(&router, "/_sim").await;
    assert!(after.contains("GET /v1/payouts?limit=2<") && after.contains("2 answered") && !after.contains("None yet."));
    assert!(after.contains("colour=%3Cb%3E"), "as it was asked, and nothing to be run");
}

#[tokio::test]
async fn programs_get_the_truth_and_the_counts() {
    let world = quarter(4);
    let (truth, catalog) = (Arc::new(world.truth), Arc::new(world.catalog));
    let served = router(Serving { truth: Some(Arc::clone(&truth)), ..Serving::new(Arc::clone(&catalog), 4) });
    let (_, body) = get(&served, "/_sim/truth").await;
    let told: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(told, serde_json::to_value(&*truth).expect("JSON"));
    get(&served, "/v1/balance").await;
    let (_, body) = get(&served, "/_sim/requests").await;
    let counts: Value = serde_json::from_str(&body).expect("JSON");
    assert_eq!(counts["by_path"]["/v1/balance"], 1);
    let by_hand = router(Serving::new(catalog, 4));
    assert_eq!(get(&by_hand, "/_sim/truth").await.0, StatusCode::NOT_FOUND);
    assert!(!get(&by_hand, "/_sim").await.1.contains("What is true"));
}
