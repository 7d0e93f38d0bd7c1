//! Stripe's API over a small catalog made by hand, through a real loopback socket.

#![expect(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use serde_json::{Value, json};
use sim::catalog::{AccountObjects, Catalog, Members, ObjectKind, StripeObject};
use sim::http::{Clock, Faults, Serving, StoppedClock, router};

#[path = "http/clock.rs"]
mod clock;
#[path = "http/faults.rs"]
mod faults;
#[path = "http/limits.rs"]
mod limits;
#[path = "http/permissions.rs"]
mod permissions;

const OWNER: &str = "acct_owner";
const SHOP: &str = "acct_shop";
const TXNS: usize = 57;

/// An answer as it came over the wire.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
    /// The body as it came, with the lengths of its chunks if it came in chunks.
    raw: Vec<u8>,
}

impl Answer {
    fn ids(&self) -> Vec<String> {
        let data = self.body["data"].as_array().unwrap_or_else(|| panic!("no list: {}", self.body));
        data.iter().map(|object| object["id"].as_str().unwrap().to_owned()).collect()
    }

    fn error(&self) -> (u16, &str, &str) {
        let text = |field: &str| self.body["error"][field].as_str().unwrap_or("");
        (self.status, text("code"), text("param"))
    }
}

/// A simulator on a port of its own, and the requests that tests make of it.
struct Server {
    address: SocketAddr,
}

impl Server {
    fn start(faults: &str) -> Self {
        Self::with_clock(faults, Arc::new(StoppedClock))
    }

    fn with_clock(faults: &str, clock: Arc<dyn Clock>) -> Self {
        Self::serve(Serving { faults: faults.parse::<Faults>().unwrap(), clock, ..Serving::new(Arc::new(catalog()), 7) })
    }

    fn serve(serving: Serving) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router(serving)).await.unwrap();
            });
        });
        Self { address }
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &["Authorization: Bearer rk_test_sim"]).unwrap()
    }

    /// One request on a connection of its own; an error when the answer does not arrive whole.
    fn ask(&self, method: &str, path: &str, headers: &[&str]) -> io::Result<Answer> {
        let bytes = self.bytes(method, path, headers)?;
        let cut = || io::Error::from(io::ErrorKind::UnexpectedEof);
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").ok_or_else(cut)?;
        let (head, body) = (String::from_utf8_lossy(&bytes[..end]).into_owned(), &bytes[end + 4..]);
        let headers: BTreeMap<String, String> = head
            .lines()
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
            .collect();
        if headers.get("content-length").is_some_and(|length| length.parse() != Ok(body.len())) {
            return Err(cut());
        }
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(cut)?;
        let raw = body.to_vec();
        Ok(Answer { status, headers, body: serde_json::from_slice(body).unwrap_or(Value::Null), raw })
    }

    /// Whatever comes before the connection ends.
    fn bytes(&self, method: &str, path: &str, headers: &[&str]) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        self.send(method, path, headers)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// A request that was sent; its answer is to be read.
    fn send(&self, method: &str, path: &str, headers: &[&str]) -> io::Result<TcpStream> {
        let mut stream = TcpStream::connect(self.address)?;
        let headers: String = headers.iter().map(|header| format!("{header}\r\n")).collect();
        write!(stream, "{method} {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n{headers}\r\n")?;
        Ok(stream)
    }

    /// All ids of a list, page by page; every page must be full but the last.
    fn walk(&self, path: &str, limit: usize, mut get: impl FnMut(&str) -> Answer) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        loop {
            let after = all.last().map(|id| format!("&starting_after={id}")).unwrap_or_default();
            let glue = if path.contains('?') { '&' } else { '?' };
            let page = get(&format!("{path}{glue}limit={limit}{after}"));
            let more = page.body["has_more"] == json!(true);
            assert!(!more || page.ids().len() == limit);
            all.extend(page.ids());
            if !more {
                return all;
            }
        }
    }
}

/// Three transactions share each second, so that a cursor has to be more than a time.
fn catalog() -> Catalog {
    let owner = account(OWNER, owner_objects(), members());
    let shop_charge = object("ch_shop", 1_000, json!({"object": "charge", "amount": 5, "balance_transaction": null}));
    let shop = account(SHOP, BTreeMap::from([(ObjectKind::Charge, vec![shop_charge])]), BTreeMap::new());
    Catalog {
        now: 2_000,
        owner: OWNER.into(),
        other_owners: vec![],
        accounts: BTreeMap::from([(OWNER.into(), owner), (SHOP.into(), shop)]),
    }
}

fn account(id: &str, objects: BTreeMap<ObjectKind, Vec<StripeObject>>, members: BTreeMap<String, Members>) -> AccountObjects {
    AccountObjects {
        account: object(id, 500, json!({"object": "account"})),
        balance: StripeObject::new(
            id.to_owned(),
            0,
            json!({"object": "balance", "available": [{"amount": 1, "currency": "usd"}], "pending": []}),
        ),
        objects,
        members,
    }
}

fn object(id: &str, created: i64, mut body: Value) -> StripeObject {
    body["id"] = json!(id);
    body["created"] = json!(created);
    StripeObject::new(id.to_owned(), created, body)
}

fn txn_id(number: usize) -> String {
    format!("txn_{number:03}")
}

fn owner_objects() -> BTreeMap<ObjectKind, Vec<StripeObject>> {
    let txn = |number: usize| {
        let source = if number == 0 { json!("re_1") } else { json!(format!("ch_{}", number % 2)) };
        let currency = if number.is_multiple_of(5) { "eur" } else { "usd" };
        let body = json!({"object": "balance_transaction", "source": source, "currency": currency, "type": "charge"});
        object(&txn_id(number), 1_000 + i64::try_from(number / 3).unwrap(), body)
    };
    let charge = |number: usize| {
        let body =
            json!({"object": "charge", "balance_transaction": txn_id(number), "customer": "cus_1", "payment_intent": null});
        object(&format!("ch_{number}"), 1_000, body)
    };
    let refund = object("re_1", 1_001, json!({"object": "refund", "charge": "ch_1", "balance_transaction": "txn_000"}));
    let dispute = object("dp_1", 1_002, json!({"object": "dispute", "charge": "ch_1", "balance_transactions": []}));
    let payout = |id: &str, automatic: bool, arrival: i64| {
        object(id, 1_010, json!({"object": "payout", "automatic": automatic, "arrival_date": arrival, "status": "paid"}))
    };
    let transfer = |id: &str, group: &str| {
        object(
            id,
            1_003,
            json!({"object": "transfer", "destination": SHOP, "transfer_group": group, "balance_transaction": "txn_003"}),
        )
    };
    let reversal = |id: &str, of: &str| object(id, 1_004, json!({"object": "transfer_reversal", "transfer": of}));
    let topup = |id: &str, amount: i64| object(id, 1_005, json!({"object": "topup", "amount": amount, "status": "succeeded"}));
    BTreeMap::from([
        (ObjectKind::Transfer, vec![transfer("tr_2", "b"), transfer("tr_1", "a")]),
        (ObjectKind::TransferReversal, vec![reversal("trr_3", "tr_1"), reversal("trr_2", "tr_2"), reversal("trr_1", "tr_1")]),
        (ObjectKind::Topup, vec![topup("tu_2", 200), topup("tu_1", 100)]),
        (ObjectKind::BalanceTransaction, (0..TXNS).rev().map(txn).collect()),
        (ObjectKind::Charge, vec![charge(1), charge(0)]),
        (ObjectKind::Refund, vec![refund]),
        (ObjectKind::Dispute, vec![dispute]),
        (ObjectKind::Payout, vec![payout("po_manual", false, 1_300), payout("po_auto", true, 1_200)]),
    ])
}

fn members() -> BTreeMap<String, Members> {
    BTreeMap::from([("po_auto".to_owned(), Members::complete((0..TXNS).step_by(2).map(txn_id).collect()))])
}

fn newest_first(numbers: impl Iterator<Item = usize>) -> Vec<String> {
    let mut ids: Vec<String> = numbers.map(txn_id).collect();
    ids.sort_by(|a, b| b.cmp(a));
    ids
}

#[test]
fn paging_forwards_covers_everything_exactly_once_at_any_page_size() {
    let server = Server::start("0");
    for limit in [1, 2, 3, 10, 56, 57, 58, 100] {
        let all = server.walk("/v1/balance_transactions", limit, |path| server.get(path));
        assert_eq!(all, newest_first(0..TXNS), "limit {limit}");
    }
}

#[test]
fn reversals_are_listed_within_their_transfer() {
    let server = Server::start("0");
    assert_eq!(server.get("/v1/transfers").ids(), ["tr_2", "tr_1"]);
    assert_eq!(server.get("/v1/transfers?transfer_group=a").ids(), ["tr_1"]);
    assert_eq!(server.get(&format!("/v1/transfers?destination={SHOP}&limit=1")).ids(), ["tr_2"]);
    let all = server.walk("/v1/transfers/tr_1/reversals", 1, |path| server.get(path));
    assert_eq!(all, ["trr_3", "trr_1"]);
    assert_eq!(server.get("/v1/transfers/tr_1/reversals/trr_1").body["id"], "trr_1");
    assert_eq!(server.get("/v1/transfers/tr_1/reversals/trr_2").error(), (404, "resource_missing", "id"));
    assert_eq!(server.get("/v1/transfers/tr_9/reversals").error(), (404, "resource_missing", "transfer"));
    let expanded = server.get("/v1/transfers/tr_1?expand[]=balance_transaction");
    assert_eq!(expanded.body["balance_transaction"]["id"], "txn_003");
    assert_eq!(server.get("/v1/topups?amount[gte]=150&status=succeeded").ids(), ["tu_2"]);
}

#[test]
fn paging_backwards_gives_the_adjacent_page_newest_first() {
    let server = Server::start("0");
    let page = server.get("/v1/balance_transactions?limit=3&ending_before=txn_010");
    assert_eq!(page.ids(), ["txn_013", "txn_012", "txn_011"]);
    assert_eq!(page.body["has_more"], json!(true));

    let mut all = vec![txn_id(0)];
    loop {
        let page = server.get(&format!("/v1/balance_transactions?limit=10&ending_before={}", all[0]));
        all.splice(0..0, page.ids());
        if page.body["has_more"] == json!(false) {
            break;
        }
    }
    assert_eq!(all, newest_first(0..TXNS));
}

#[test]
fn a_page_holds_ten_unless_told_otherwise() {
    let server = Server::start("0");
    let page = server.get("/v1/balance_transactions");
    assert_eq!(page.ids().len(), 10);
    assert_eq!(page.body["object"], json!("list"));
    assert_eq!(page.body["url"], json!("/v1/balance_transactions"));
    assert_eq!(server.get("/v1/balance/history").ids(), page.ids());
}

#[test]
fn what_a_list_cannot_be_asked_is_refused_with_its_parameter() {
    let server = Server::start("0");
    let cases = [
        ("limit=0", (400, "parameter_invalid_integer", "limit")),
        ("limit=101", (400, "parameter_invalid_integer", "limit")),
        ("limit=many", (400, "parameter_invalid_integer", "limit")),
        ("limit=", (400, "parameter_invalid_empty", "limit")),
        ("colour=red", (400, "parameter_unknown", "colour")),
        ("created[about]=1", (400, "parameter_unknown", "created[about]")),
        ("starting_after=txn_gone", (400, "resource_missing", "starting_after")),
        ("ending_before=ch_1", (400, "resource_missing", "ending_before")),
        ("payout=po_gone", (400, "resource_missing", "payout")),
        ("starting_after=txn_001&ending_before=txn_002", (400, "", "")),
        ("payout=po_manual", (400, "", "")),
        ("expand[]=source", (400, "", "expand")),
        ("expand[]=data.currency", (400, "", "expand")),
        ("expand[]=data.source.charge.balance_transaction.source", (400, "", "expand")),
    ];
    for (query, expected) in cases {
        let answer = server.get(&format!("/v1/balance_transactions?{query}"));
        assert_eq!(answer.error(), expected, "{query}: {}", answer.body);
    }
    let unknown = server.get("/v1/payouts?payout=po_auto");
    assert_eq!(unknown.body["error"]["message"], json!("Received unknown parameter: payout"));
    assert_eq!(unknown.body["error"]["type"], json!("invalid_request_error"));
}

#[test]
fn filters_narrow_a_list_and_pages_within_them_are_complete() {
    let server = Server::start("0");
    let walk = |query: &str| server.walk(&format!("/v1/balance_transactions?{query}"), 4, |path| server.get(path));
    assert_eq!(walk("created=1002"), newest_first(6..9));
    assert_eq!(walk("created[gte]=1002"), newest_first(6..TXNS));
    assert_eq!(walk("created[gt]=1002"), newest_first(9..TXNS));
    assert_eq!(walk("created[lt]=1002"), newest_first(0..6));
    assert_eq!(walk("created[lte]=1002&created[gt]=1000"), newest_first(3..9));
    assert_eq!(walk("created[gt]=1005&created[lt]=1003"), Vec::<String>::new());
    assert_eq!(walk("currency=eur"), newest_first((0..TXNS).step_by(5)));
    assert_eq!(walk("source=re_1"), newest_first(0..1));
    assert_eq!(walk("source=ch_1&currency=eur"), newest_first((5..TXNS).step_by(10)));
    assert_eq!(walk("payout=po_auto"), newest_first((0..TXNS).step_by(2)));
    assert_eq!(walk("payout=po_auto&created[gte]=1010"), newest_first((30..TXNS).step_by(2)));
    assert_eq!(walk("type=refund"), Vec::<String>::new());
    assert_eq!(server.get("/v1/payouts?arrival_date[gte]=1250").ids(), ["po_manual"]);
    assert_eq!(server.get("/v1/charges?customer=cus_1").ids(), ["ch_1", "ch_0"]);
    assert_eq!(server.get("/v1/refunds?charge=ch_1").ids(), ["re_1"]);
    assert_eq!(server.get("/v1/disputes?charge=ch_0").ids(), Vec::<String>::new());
}

#[test]
fn expanding_puts_the_object_where_its_id_stood() {
    let server = Server::start("0");
    let list = server.get("/v1/balance_transactions?limit=1&ending_before=txn_001&expand[]=data.source");
    assert_eq!(list.body["data"][0]["source"]["object"], json!("charge"));
    let deep = server.get("/v1/balance_transactions/txn_000?expand[0]=source.charge.balance_transaction&expand[]=source");
    assert_eq!(deep.body["source"]["id"], json!("re_1"));
    assert_eq!(deep.body["source"]["charge"]["balance_transaction"]["id"], json!("txn_001"));
    let charge = server.get("/v1/charges/ch_1?expand[]=refunds&expand[]=customer");
    assert_eq!(charge.body["refunds"]["data"][0]["id"], json!("re_1"));
    assert_eq!(charge.body["customer"], json!("cus_1"), "no customers here: the id stays");
    assert_eq!(server.get("/v1/charges/ch_1").body["balance_transaction"], json!("txn_001"));
}

#[test]
fn accounts_are_the_connected_ones_and_a_header_acts_on_one() {
    let server = Server::start("0");
    assert_eq!(server.get("/v1/account").body["id"], json!(OWNER));
    assert_eq!(server.get("/v1/accounts").ids(), [SHOP]);
    assert_eq!(server.get("/v1/accounts/acct_shop").body["id"], json!(SHOP));
    let acting = |account: &str, path: &str| {
        server.ask("GET", path, &["Authorization: Bearer rk_test_sim", &format!("Stripe-Account: {account}")]).unwrap()
    };
    assert_eq!(acting(SHOP, "/v1/account").body["id"], json!(SHOP));
    assert_eq!(acting(SHOP, "/v1/charges").ids(), ["ch_shop"]);
    assert_eq!(acting(SHOP, "/v1/accounts").ids(), Vec::<String>::new());
    assert_eq!(acting(OWNER, "/v1/charges").ids(), ["ch_1", "ch_0"]);
    assert_eq!(acting(SHOP, "/v1/charges/ch_1").error(), (404, "resource_missing", "id"));
    assert_eq!(acting("acct_other", "/v1/charges").error(), (403, "account_invalid", ""));
    let within = server.get("/v1/charges/ch_1/refunds");
    assert_eq!((within.status, within.body["url"].clone()), (200, json!("/v1/charges/ch_1/refunds")));
    // Never the key's own account in its place.
    assert_eq!(acting("acct_\u{fc}", "/v1/charges").error(), (403, "account_invalid", ""));
    assert_eq!(server.get("/v1/accounts/acct_other").status, 403);
}

#[test]
fn keys_paths_and_methods_are_refused_as_stripe_refuses_them() {
    let server = Server::start("0");
    let ask = |method: &str, path: &str, headers: &[&str]| server.ask(method, path, headers).unwrap().status;
    assert_eq!(ask("GET", "/v1/balance", &[]), 401);
    assert_eq!(ask("GET", "/v1/balance", &["Authorization: Bearer sk_live_1"]), 401);
    assert_eq!(ask("GET", "/v1/balance", &["Authorization: Bearer nonsense"]), 401);
    assert_eq!(ask("GET", "/v1/balance", &["Authorization: Basic cmtfdGVzdF9zaW06"]), 200);
    assert_eq!(ask("GET", "/v1/nowhere", &["Authorization: Bearer rk_test_sim"]), 404);
    assert_eq!(ask("GET", "/v1/charges/", &["Authorization: Bearer rk_test_sim"]), 404);
    assert_eq!(ask("POST", "/v1/charges", &["Authorization: Bearer rk_test_sim", "Content-Length: 0"]), 405);
    assert_eq!(server.get("/v1/payouts/po_gone").error(), (404, "resource_missing", "id"));
    let error = &server.get("/v1/nowhere").body["error"];
    assert!(error["message"].as_str().unwrap().starts_with("Unrecognized request URL (GET: /v1/nowhere)."));
}

#[test]
fn every_answer_has_its_request_id_and_version() {
    let server = Server::start("0");
    let first = server.get("/v1/balance");
    let second = server.get("/v1/nowhere");
    assert!(first.headers["request-id"].starts_with("req_"));
    assert_ne!(first.headers["request-id"], second.headers["request-id"]);
    assert_eq!(second.headers["content-type"], "application/json");
    let log = second.body["error"]["request_log_url"].as_str().unwrap();
    assert!(log.ends_with(&second.headers["request-id"]));
    let said = |version: &str| {
        server.ask("GET", "/v1/balance", &["Authorization: Bearer rk_test_sim", &format!("Stripe-Version: {version}")]).unwrap()
    };
    let refused = said("2024-06-21");
    assert_eq!(refused.error(), (400, "", ""));
    assert_eq!(refused.body["error"]["message"], json!("Invalid Stripe API version: 2024-06-21"));
    assert_eq!(refused.headers["stripe-version"], first.headers["stripe-version"]);
    let dated = said("2024-06-20");
    assert_eq!(dated.headers["stripe-version"], "2024-06-20");
    assert_eq!(dated.body, first.body, "old versions look the same");
    assert_eq!(Server::start("0").get("/v1/balance").headers["request-id"], first.headers["request-id"], "same seed, same ids");
}

#[test]
fn a_reader_that_retries_gets_everything_through_faults() {
    let server = Server::start("0.3");
    let mut failures: Vec<u16> = Vec::new();
    let all = server.walk("/v1/balance_transactions", 1, |path| {
        for _ in 0..4 {
            match server.ask("GET", path, &["Authorization: Bearer rk_test_sim"]) {
                Ok(answer) if answer.status == 200 => return answer,
                Ok(answer) => failures.push(answer.status),
                Err(_) => failures.push(0),
            }
        }
        panic!("{path} failed four times in a row");
    });
    assert_eq!(all, newest_first(0..TXNS));
    for expected in [0, 429] {
        assert!(failures.contains(&expected), "{failures:?}");
    }
    let counts = server.get("/_sim/requests").body;
    assert_eq!(counts["faults"], json!(failures.len()));
    assert_eq!(counts["list_pages"], json!(TXNS));
}

#[test]
fn every_fault_is_what_it_says() {
    let server = Server::start("1");
    let ask = |number: usize| {
        server.ask("GET", &format!("/v1/balance_transactions?limit={number}"), &["Authorization: Bearer rk_test_sim"])
    };
    let answers: Vec<io::Result<Answer>> = (1..=100).map(ask).collect();
    let limited: Vec<&Answer> = answers.iter().flatten().filter(|answer| answer.status == 429).collect();
    assert!(limited.iter().any(|answer| answer.headers.contains_key("retry-after")));
    assert!(limited.iter().any(|answer| answer.headers.contains_key("stripe-rate-limited-reason")));
    assert!(limited.iter().any(|answer| !answer.headers.contains_key("retry-after")));
    for status in [500, 502, 503] {
        assert!(answers.iter().flatten().any(|answer| answer.status == status), "{status}");
    }
    assert!(answers.iter().any(Result::is_err), "connections that end early");
    assert!(answers.iter().flatten().all(|answer| answer.status != 200), "every request was to fail");
}

#[test]
fn requests_are_counted_by_what_they_were() {
    let server = Server::start("0");
    for path in [
        "/v1/charges",
        "/v1/accounts",
        "/v1/charges/ch_1",
        "/v1/balance",
        "/v1/balance_transactions?payout=po_auto",
        "/v1/balance_transactions?payout=po_manual",
    ] {
        server.get(path);
    }
    let expected = json!({
        "total": 6,
        "by_path": {"/v1/accounts": 1, "/v1/balance": 1, "/v1/balance_transactions": 2, "/v1/charges": 1, "/v1/charges/:id": 1},
        "list_pages": 2,
        "payout_pages": 1,
        "faults": 0,
        "limited": 0,
    });
    assert_eq!(server.get("/_sim/requests").body, expected);
}
