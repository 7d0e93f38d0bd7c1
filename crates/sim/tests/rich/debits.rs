//! Debits of bank accounts through time: charge and payment intent wait together, and end together.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::http::Request;
use serde_json::Value;
use sim::ObjectKind::{Charge, PaymentIntent};
use sim::http::{Serving, WorldTime, router};
use tower::ServiceExt;

use super::{int, objects, text, world};

const DAY: i64 = 86_400;
const DEBITS: [&str; 2] = ["us_bank_account", "sepa_debit"];

#[test]
fn an_intent_is_processing_until_its_debit_has_ended() {
    let mut ended: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 1..=4 {
        let world = world(seed);
        let end = world.catalog.now;
        for account in world.catalog.accounts.values() {
            let intents: BTreeMap<String, _> =
                objects(account, PaymentIntent).iter().map(|intent| (intent.id(), intent)).collect();
            for charge in objects(account, Charge) {
                let made = charge.body(charge.created);
                let method = text(&made["payment_method_details"], "type").to_owned();
                if !DEBITS.contains(&method.as_str()) {
                    continue;
                }
                let intent = intents[text(&made, "payment_intent")];
                let last = (charge.created + 30 * DAY).min(end);
                for at in (charge.created..=last).step_by(6 * 3_600) {
                    let (charge, intent) = (charge.body(at), intent.body(at));
                    let (status, received) = match text(&charge, "status") {
                        "pending" => ("processing", 0),
                        "succeeded" => ("succeeded", int(&charge, "amount")),
                        _ => ("requires_payment_method", 0),
                    };
                    assert_eq!(
                        (text(&intent, "status"), int(&intent, "amount_received")),
                        (status, received),
                        "seed {seed}: {intent}"
                    );
                    assert_eq!(intent["latest_charge"], charge["id"]);
                    assert_eq!(intent["payment_method_types"][0], method.as_str());
                    let failed = status == "requires_payment_method";
                    assert_eq!((intent["last_payment_error"].is_null(), intent["payment_method"].is_null()), (!failed, failed));
                }
                *ended.entry(if charge.body(last)["status"] == "failed" { "failed" } else { "went on" }).or_default() += 1;
                assert_eq!(intent.body(charge.created)["status"], "processing", "seed {seed}");
            }
        }
    }
    assert!(ended.len() == 2 && ended.values().all(|count| *count >= 10), "{ended:?}");
}

#[tokio::test]
async fn stripe_tells_of_debits_that_wait() {
    let world = world(2);
    let middle = world.catalog.now - 20 * DAY;
    let time = WorldTime::Running(Arc::new(move || middle));
    let served = router(Serving { time, ..Serving::new(Arc::new(world.catalog), 2) });
    let mut told = BTreeSet::new();
    for event in ["payment_intent.processing", "charge.pending"] {
        let request = Request::get(format!("/v1/events?type={event}&limit=100")).header("authorization", "Bearer rk_test_sim");
        let answer = served.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
        let list: Value = serde_json::from_slice(&to_bytes(answer.into_body(), usize::MAX).await.expect("a body")).expect("JSON");
        for event in list["data"].as_array().expect("a list") {
            let object = &event["data"]["object"];
            told.insert((text(object, "object").to_owned(), text(object, "status").to_owned()));
        }
    }
    let expected = [("charge", "pending"), ("payment_intent", "processing")];
    assert_eq!(told, expected.map(|(object, status)| (object.to_owned(), status.to_owned())).into());
}
