//! The simulated Stripe that the parts sync from.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::body::Body;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Response;
use jiff::ToSpan;
use jiff::tz::TimeZone;
use serde_json::Value;
use sha2::{Digest, Sha256};
use sim::http::{Serving, WorldTime};

const DAYS: u32 = 90;
const WEEKS: u32 = 8;
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
    let router = sim::http::router(Serving::new(Arc::new(world.catalog), 1));
    listen(if layout == Layout::Stripes { router.layer(axum::middleware::map_response(in_lines)) } else { router })
}

/// Serves one account's world of some weeks whose time is what `now` says, unix seconds; returns its address and when it begins.
pub fn serve_at(now: Arc<AtomicI64>) -> (String, i64) {
    let options = sim::Options {
        seed: 1,
        days: WEEKS * 7,
        until: jiff::civil::date(2026, 9, 30),
        per_day: 500,
        accounts: 1,
        owners: 1,
        difficulty: None,
        subscriptions: 0,
        rich: false,
    };
    let world = sim::World::generate(&options).expect("a world");
    let begins = options.until.checked_sub(i64::from(options.days).days()).expect("a date");
    let begins = begins.to_zoned(TimeZone::UTC).expect("midnight").timestamp().as_second();
    let time = WorldTime::Running(Arc::new(move || now.load(Ordering::SeqCst)));
    (listen(sim::http::router(Serving { time, ..Serving::new(Arc::new(world.catalog), 1) })), begins)
}

/// How many requests the simulator at this address has answered.
pub fn requests(base: &str) -> u64 {
    counts(base)["total"].as_u64().unwrap_or_default()
}

/// How many requests of which kind the simulator at this address has answered.
pub fn counts(base: &str) -> Value {
    let address = base.trim_start_matches("http://");
    let mut stream = std::net::TcpStream::connect(address).expect("the simulator");
    std::io::Write::write_all(&mut stream, b"GET /_sim/requests HTTP/1.0\r\nhost: 127.0.0.1\r\n\r\n").expect("a request");
    let mut answer = String::new();
    std::io::Read::read_to_string(&mut stream, &mut answer).expect("an answer");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

/// Serves a router for as long as this process lives; returns its address.
pub fn listen(router: axum::Router) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("threads");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
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
