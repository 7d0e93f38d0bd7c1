//! The simulated Stripe that the parts sync from.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sim::http::Serving;

const DAYS: u32 = 90;
const ACCOUNTS: u32 = 2;

/// How the simulator writes JSON.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// In one line.
    Short,
    /// In lines, as Stripe does: a charge takes 4 kB.
    Stripes,
}

/// Serves a world of about so many txns, and as many charges, for as long as this process lives; returns its address.
pub fn serve(txns: u32, layout: Layout) -> String {
    let options = sim::Options {
        seed: 1,
        days: DAYS,
        until: jiff::civil::date(2026, 9, 30),
        per_day: txns / DAYS / ACCOUNTS,
        accounts: ACCOUNTS,
        owners: 1,
        difficulty: None,
        subscriptions: 0,
        rich: false,
    };
    let world = sim::World::generate(&options).expect("a world");
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let router = sim::http::router(Serving::new(Arc::new(world.catalog), 1));
    let router = if layout == Layout::Stripes { router.layer(axum::middleware::map_response(in_lines)) } else { router };
    std::thread::spawn(move || runtime.block_on(async { axum::serve(listener, router).await }));
    base
}

async fn in_lines(answer: Response) -> Response {
    let (head, body) = answer.into_parts();
    let body = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    let body = serde_json::from_slice(&body).map_or(body, |mut json: Value| {
        json["data"].as_array_mut().into_iter().flatten().for_each(fill_out);
        serde_json::to_vec_pretty(&json).expect("JSON").into()
    });
    let mut answer = Response::from_parts(head, Body::from(body));
    answer.headers_mut().remove(CONTENT_LENGTH);
    answer
}

/// What charges have at Stripe and the simulator leaves out: where their receipt is, and a few words of the shop's.
fn fill_out(object: &mut Value) {
    if object["object"] != "charge" {
        return;
    }
    let word = |name: &str| -> String {
        Sha256::digest(format!("{}{name}", object["id"])).iter().map(|byte| format!("{byte:02x}")).collect()
    };
    let receipt = format!("https://pay.stripe.com/receipts/payment/{}{}", word("payment"), word("receipt"));
    let words = ["cart", "session", "visitor", "shipment", "invoice"].map(|name| (name.to_owned(), word(name).into()));
    object["receipt_url"] = receipt.into();
    object["metadata"].as_object_mut().into_iter().for_each(|metadata| metadata.extend(words.clone()));
}
