//! Webhook deliveries, with a courier whose clock jumps to whatever is waited for.

#![expect(clippy::expect_used, clippy::unwrap_used, reason = "tests")]

mod worlds;

use std::collections::BTreeMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use sim::http::{Courier, Payload, Serving, WorldTime, serve_with_webhooks, signing_secret};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use worlds::quarter;

const DAY: i64 = 86_400;

/// One delivery: the world's time, the signature, the body.
type Delivery = (i64, String, Vec<u8>);

/// Where webhooks are said to go.
const ADDRESS: &str = "http://127.0.0.1:8377/webhooks/stripe";

/// Posts into a list. What it answers is decided by the test.
struct Recorder<A> {
    clock: Arc<AtomicI64>,
    until: i64,
    answer: A,
    posted: Mutex<Vec<Delivery>>,
    times: Mutex<BTreeMap<String, usize>>,
}

impl<A: Fn(&Value, usize) -> Option<u16> + Sync> Courier for Recorder<A> {
    /// Time jumps; it never jumps beyond the end of the test.
    async fn wait_until(&self, at: i64) {
        if at > self.until {
            std::future::pending::<()>().await;
        }
        self.clock.fetch_max(at, Ordering::SeqCst);
    }

    fn post(&self, signature: String, body: Vec<u8>) -> impl Future<Output = Option<u16>> + Send {
        let event: Value = serde_json::from_slice(&body).expect("JSON");
        let mut all = self.times.lock().unwrap();
        let times = all.entry(event["id"].as_str().expect("an id").to_owned()).or_default();
        *times += 1;
        let status = (self.answer)(&event, *times);
        self.posted.lock().unwrap().push((self.clock.load(Ordering::SeqCst), signature, body));
        async move { status }
    }
}

fn id(body: &[u8]) -> Value {
    serde_json::from_slice::<Value>(body).expect("JSON")["id"].clone()
}

/// Everything that is posted in the last `days` of a world and in the `more` days after it.
async fn deliver(
    seed: u64,
    span: (i64, i64),
    payload: Payload,
    answer: impl Fn(&Value, usize) -> Option<u16> + Sync,
) -> Vec<Delivery> {
    deliver_and_ask(seed, span, payload, answer, &[]).await.0
}

/// The same, and what the API answers to `asked` after it.
async fn deliver_and_ask(
    seed: u64,
    (days, more): (i64, i64),
    payload: Payload,
    answer: impl Fn(&Value, usize) -> Option<u16> + Sync,
    asked: &[&str],
) -> (Vec<Delivery>, Vec<Value>) {
    let catalog = Arc::new(quarter(seed).catalog);
    let clock = Arc::new(AtomicI64::new(catalog.now - days * DAY));
    let shown = Arc::clone(&clock);
    let time = WorldTime::Running(Arc::new(move || shown.load(Ordering::SeqCst)));
    let until = catalog.now + more * DAY;
    let webhook_url = Some(ADDRESS.to_owned());
    let serving = Serving { time, webhook_url, ..Serving::new(catalog, seed) };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let recorder = Recorder { clock, until, answer, posted: Mutex::default(), times: Mutex::default() };
    let mut answers = Vec::new();
    {
        let serving = serve_with_webhooks(listener, serving, payload, &recorder);
        // Nothing real is waited for: once the clock cannot jump any further, nothing more is posted.
        let mut serving = std::pin::pin!(serving);
        let mut quiet = 0;
        while quiet < 50 {
            let before = recorder.posted.lock().unwrap().len();
            tokio::select! {
                biased;
                ended = &mut serving => panic!("the simulator stopped: {ended:?}"),
                () = tokio::task::yield_now() => {}
            }
            quiet = if recorder.posted.lock().unwrap().len() == before { quiet + 1 } else { 0 };
        }
        for path in asked {
            tokio::select! {
                ended = &mut serving => panic!("the simulator stopped: {ended:?}"),
                body = ask(address, path) => answers.push(body),
            }
        }
    }
    (recorder.posted.into_inner().unwrap(), answers)
}

/// What is answered to a GET of a path, or to a POST such as `path form`.
async fn ask(address: SocketAddr, asked: &str) -> Value {
    let (path, form) = asked.split_once(' ').unwrap_or((asked, ""));
    let method = if form.is_empty() { "GET" } else { "POST" };
    let mut stream = TcpStream::connect(address).await.unwrap();
    let head =
        format!("Host: sim\r\nConnection: close\r\nAuthorization: Bearer rk_test_sim\r\nContent-Length: {}\r\n", form.len());
    stream.write_all(format!("{method} {path} HTTP/1.1\r\n{head}\r\n{form}").as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").expect("a body").1).expect("JSON")
}

fn by_id(posted: &[Delivery]) -> BTreeMap<String, Vec<&Delivery>> {
    let mut by_id: BTreeMap<String, Vec<&Delivery>> = BTreeMap::new();
    for delivery in posted {
        by_id.entry(id(&delivery.2).as_str().expect("an id").to_owned()).or_default().push(delivery);
    }
    by_id
}

fn created(delivery: &Delivery) -> i64 {
    serde_json::from_slice::<Value>(&delivery.2).expect("JSON")["created"].as_i64().expect("seconds")
}

#[tokio::test]
async fn everything_arrives_some_of_it_twice_late_or_out_of_order() {
    let posted = deliver(1, (14, 1), Payload::Snapshot, |_, _| Some(200)).await;
    let events = by_id(&posted);
    assert!(events.len() > 300, "{}", events.len());
    assert!(events.values().any(|times| times.len() == 2));
    assert!(events.values().all(|times| times.len() <= 2));
    assert!(posted.iter().all(|delivery| delivery.0 >= created(delivery)), "nothing arrives before it happened");
    assert!(posted.iter().any(|delivery| delivery.0 > created(delivery) + 600), "something is late");
    assert!(!posted.is_sorted_by_key(created), "something is overtaken");
    let end = quarter(1).catalog.now;
    let steps: usize = posted.iter().filter(|delivery| created(delivery) > end - 14 * DAY).count();
    assert_eq!(steps, posted.len(), "what happened before is not told");
}

#[tokio::test]
async fn what_is_refused_comes_again_for_days_and_then_no_more() {
    let posted =
        deliver(2, (8, 5), Payload::Snapshot, |event, _| if event["type"] == "payout.paid" { Some(500) } else { Some(204) })
            .await;
    let events = by_id(&posted);
    let refused: Vec<_> =
        events.values().filter(|times| String::from_utf8_lossy(&times[0].2).contains("\"type\":\"payout.paid\"")).collect();
    assert!(!refused.is_empty());
    for times in refused {
        assert!(times.len() >= 9, "{} times", times.len());
        let last = times.iter().map(|delivery| delivery.0).max().unwrap();
        let lasted = last - created(times[0]);
        assert!((2 * DAY..4 * DAY).contains(&lasted), "{lasted} s");
    }
}

#[tokio::test]
async fn what_was_not_acknowledged_is_pending_and_listed_so() {
    let answer = |event: &Value, _| if event["type"] == "payout.paid" { Some(500) } else { Some(200) };
    let lists = ["/v1/events?delivery_success=false&limit=100", "/v1/events?delivery_success=true&limit=100"];
    let (posted, answers) = deliver_and_ask(2, (8, 5), Payload::Snapshot, answer, &lists).await;
    for (_, _, body) in &posted {
        assert_eq!(serde_json::from_slice::<Value>(body).unwrap()["pending_webhooks"], 1, "not acknowledged when it is sent");
    }
    let of = |page: &Value| -> Vec<(bool, i64)> {
        let events = page["data"].as_array().expect("a list").iter();
        events.map(|event| (event["type"] == "payout.paid", event["pending_webhooks"].as_i64().unwrap())).collect()
    };
    let (failed, taken) = (of(&answers[0]), of(&answers[1]));
    assert!(!failed.is_empty() && failed.iter().all(|event| *event == (true, 1)), "{failed:?}");
    assert!(taken.len() == 100 && taken.iter().all(|event| *event == (false, 0)), "{taken:?}");
}

#[tokio::test]
async fn the_end_of_a_report_run_is_delivered_as_a_snapshot_only() {
    let end = quarter(6).catalog.now + 1 - 2 * DAY;
    let (end, start) = (end - end.rem_euclid(DAY), end - 30 * DAY);
    let interval = format!("parameters%5Binterval_start%5D={start}&parameters%5Binterval_end%5D={end}");
    let order = format!("/v1/reporting/report_runs report_type=balance.summary.1&{interval}");
    let asked = [&*order, "/v1/balance", "/v1/balance", "/v1/events?type=reporting.*", "/v1/events?type=reporting.*"];
    for (payload, times) in [(Payload::Snapshot, 1), (Payload::Thin, 0)] {
        let (posted, answers) = deliver_and_ask(6, (1, 5), payload, |_, _| Some(200), &asked).await;
        let told = &answers[4]["data"][0];
        assert_eq!(told["type"], "reporting.report_run.succeeded", "{answers:?}");
        assert_eq!(told["data"]["object"]["id"], answers[0]["id"]);
        assert_eq!(told["pending_webhooks"], 0, "taken, or not meant for the endpoint");
        let delivered = posted.iter().filter(|(_, _, body)| id(body) == told["id"]).count();
        assert_eq!(delivered, times);
    }
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_a_refusal_and_the_next_try_can_succeed() {
    let posted = deliver(3, (8, 5), Payload::Snapshot, |_, times| if times == 1 { None } else { Some(200) }).await;
    assert!(by_id(&posted).values().all(|times| (2..=3).contains(&times.len())));
}

#[tokio::test]
async fn a_delivery_is_signed_and_one_of_a_connected_account_names_it() {
    let posted = deliver(4, (8, 1), Payload::Snapshot, |_, _| Some(200)).await;
    assert!(signing_secret(4).starts_with("whsec_") && signing_secret(4) != signing_secret(5));
    assert!(posted.iter().all(|(_, signature, _)| signature.starts_with("t=0,v1=")));
    let catalog = quarter(4).catalog;
    let accounts: Vec<Value> =
        posted.iter().map(|(_, _, body)| serde_json::from_slice::<Value>(body).unwrap()["account"].clone()).collect();
    assert!(accounts.contains(&Value::Null));
    assert!(accounts.iter().any(|account| account.as_str().is_some_and(|id| catalog.accounts.contains_key(id))));
    assert!(accounts.iter().all(|account| account.as_str() != Some(&catalog.owner)));
}

#[tokio::test]
async fn a_thin_notification_names_the_object_and_holds_none_of_it() {
    let posted = deliver(5, (8, 1), Payload::Thin, |_, _| Some(200)).await;
    let mut seen = 0;
    for (_, _, body) in &posted {
        let notice: Value = serde_json::from_slice(body).unwrap();
        assert_eq!(notice["object"], "v2.core.event");
        assert!(notice["type"].as_str().unwrap().starts_with("v1."));
        assert!(notice.get("data").is_none());
        let url = notice["related_object"]["url"].as_str().unwrap();
        assert!(url.ends_with(notice["related_object"]["id"].as_str().unwrap()));
        seen += usize::from(url.starts_with("/v1/payouts/po_"));
    }
    assert!(seen > 0);
}

#[tokio::test]
async fn the_endpoints_are_listed_without_their_secret() {
    let asked = ["/v1/webhook_endpoints", "/v1/webhook_endpoints?limit=1", "/v1/webhook_endpoints/we_gone"];
    let (_, answers) = deliver_and_ask(3, (1, 0), Payload::Snapshot, |_, _| Some(200), &asked).await;
    let endpoints = answers[0]["data"].as_array().unwrap();
    assert_eq!(endpoints.len(), 2, "one hears the account, one those that are connected");
    assert!(endpoints.iter().all(|one| one["url"] == ADDRESS && one["status"] == "enabled" && one.get("secret").is_none()));
    assert!(endpoints[0]["application"].is_string() && endpoints[1]["application"].is_null());
    assert_eq!((&answers[1]["data"][0], &answers[1]["has_more"]), (&endpoints[0], &true.into()));
    assert_eq!(answers[2]["error"]["code"], "resource_missing");
}
