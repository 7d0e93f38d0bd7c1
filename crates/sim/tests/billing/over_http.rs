//! Billing's lists over HTTP: filters, nested lists, expansion.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;

use crate::bodies::subscribed;
use serde_json::Value;
use sim::http::{Serving, router};

/// A simulator on a port of its own.
pub struct Server(SocketAddr);

impl Server {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let catalog = Arc::new(subscribed(2).catalog);
        let serving = Serving::new(catalog, 7);
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                axum::serve(listener, router(serving)).await.unwrap();
            });
        });
        Self(address)
    }

    pub fn get(&self, path: &str) -> Value {
        self.ask(path, "rk_test_sim")
    }

    pub fn ask(&self, path: &str, key: &str) -> Value {
        let mut stream = TcpStream::connect(self.0).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: sim\r\nConnection: close\r\nAuthorization: Bearer {key}\r\n\r\n").unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        serde_json::from_str(text.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Every object of a list, page by page.
    pub fn walk(&self, path: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let after = all.last().map(|object| format!("&starting_after={}", text(object, "/id"))).unwrap_or_default();
            let glue = if path.contains('?') { '&' } else { '?' };
            let page = self.get(&format!("{path}{glue}limit=100{after}"));
            all.extend(page["data"].as_array().unwrap_or_else(|| panic!("{path}: {page}")).iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }
}

fn text<'a>(body: &'a Value, place: &str) -> &'a str {
    body.pointer(place).and_then(Value::as_str).unwrap_or_else(|| panic!("no {place} in {body}"))
}

#[test]
fn a_long_invoice_is_read_page_by_page() {
    let server = Server::start();
    let invoices = server.walk("/v1/invoices");
    let long: Vec<&Value> = invoices.iter().filter(|invoice| invoice["lines"]["has_more"] == true).collect();
    assert!(!long.is_empty());
    let mut longest = 0;
    for invoice in long {
        let lines = server.walk(text(invoice, "/lines/url"));
        let sum: i64 = lines.iter().map(|line| line["amount"].as_i64().unwrap()).sum();
        assert_eq!(invoice["subtotal"], sum);
        assert_eq!(invoice["lines"]["data"].as_array().unwrap()[..], lines[..10]);
        longest = longest.max(lines.len());
    }
    assert!(longest > 100, "{longest}");
    assert_eq!(server.get("/v1/invoices/in_0/lines")["error"]["code"], "resource_missing");
}

#[test]
fn a_key_reads_what_it_may_and_nothing_else() {
    let server = Server::start();
    let asked = |path: &str| server.ask(path, "rk_test_only_invoice").get("error").is_some();
    for path in ["/v1/invoices", "/v1/invoiceitems", "/v1/invoice_payments", "/v1/invoices?expand[]=data.payments"] {
        assert!(!asked(path), "{path}");
    }
    for path in ["/v1/customers", "/v1/subscriptions", "/v1/prices", "/v1/credit_notes", "/v1/invoices?expand[]=data.customer"] {
        assert!(asked(path), "{path}");
    }
}

#[test]
fn canceled_subscriptions_are_listed_when_asked_for() {
    let server = Server::start();
    let all = server.walk("/v1/subscriptions?status=all");
    let open = server.walk("/v1/subscriptions");
    let canceled = server.walk("/v1/subscriptions?status=canceled");
    assert!(!canceled.is_empty() && !open.is_empty());
    assert_eq!(all.len(), open.len() + canceled.len());
    let customer = text(&canceled[0], "/customer");
    assert_eq!(server.walk(&format!("/v1/subscriptions?status=all&customer={customer}")).len(), 1);
    assert!(server.walk(&format!("/v1/customers/{customer}/subscriptions")).is_empty());
    let price = text(&open[0], "/items/data/0/price/id");
    let with_price = server.walk(&format!("/v1/subscriptions?price={price}"));
    assert!(with_price.contains(&open[0]) && with_price.len() < open.len());
}

#[test]
fn items_of_a_subscription_are_listed_for_it_alone() {
    let server = Server::start();
    assert_eq!(server.get("/v1/subscription_items")["error"]["param"], "subscription");
    let big = server.walk("/v1/subscriptions?status=all").into_iter().find(|of| of["items"]["has_more"] == true).unwrap();
    let items = server.walk(text(&big, "/items/url"));
    assert_eq!(items.len(), 13);
    assert_eq!(big["items"]["data"].as_array().unwrap()[..], items[..10]);
}

#[test]
fn payments_of_an_invoice_lead_to_their_charge() {
    let server = Server::start();
    let paid = server.walk("/v1/invoices?status=paid");
    let invoice = paid.iter().find(|invoice| invoice["amount_paid"].as_i64() > Some(0)).unwrap();
    let id = text(invoice, "/id");
    assert!(invoice.get("payments").is_none());
    let path = format!("/v1/invoices/{id}?expand[]=payments.data.payment.payment_intent&expand[]=customer");
    let expanded = server.get(&path);
    assert_eq!(expanded["customer"]["object"], "customer");
    let intent = expanded.pointer("/payments/data/0/payment/payment_intent").unwrap();
    assert_eq!(intent["object"], "payment_intent");
    let by_intent = server.walk(&format!("/v1/invoice_payments?payment[payment_intent]={}", text(intent, "/id")));
    assert_eq!(by_intent.iter().map(|payment| text(payment, "/invoice")).collect::<Vec<_>>(), [id]);
    let charges = server.walk(&format!("/v1/charges?payment_intent={}", text(intent, "/id")));
    assert!(charges.iter().any(|charge| charge["id"] == intent["latest_charge"]));
}

#[test]
fn what_is_hidden_is_shown_when_it_is_expanded() {
    let server = Server::start();
    let prices = server.walk("/v1/prices?expand[]=data.tiers&recurring[usage_type]=metered");
    assert!(!prices.is_empty() && prices.iter().all(|price| price["tiers"].as_array().unwrap().len() == 3));
    let invoices = server.walk("/v1/invoices?expand[]=data.discounts.source.coupon&expand[]=data.amount_paid_off_stripe");
    assert!(invoices.iter().all(|invoice| invoice["amount_paid_off_stripe"].is_i64()));
    let discounted = invoices.iter().find_map(|invoice| invoice.pointer("/discounts/0/source/coupon")).unwrap();
    assert_eq!(discounted["object"], "coupon");
}

#[test]
fn a_customers_balance_entries_hang_under_it() {
    let server = Server::start();
    let customers = server.walk("/v1/customers");
    let mut entries = 0;
    for customer in customers.iter().filter(|customer| customer["next_invoice_sequence"] != 1) {
        let id = text(customer, "/id");
        let list = server.walk(&format!("/v1/customers/{id}/balance_transactions"));
        let sum: i64 = list.iter().map(|entry| entry["amount"].as_i64().unwrap()).sum();
        assert_eq!(customer["balance"], sum);
        if let Some(newest) = list.first() {
            assert_eq!(newest["ending_balance"], sum);
            let one = server.get(&format!("/v1/customers/{id}/balance_transactions/{}", text(newest, "/id")));
            assert_eq!(&one, newest);
        }
        entries += list.len();
    }
    assert!(entries > 10, "{entries}");
    let email = text(&customers[0], "/email");
    let namesakes = server.walk(&format!("/v1/customers?email={email}"));
    assert!(namesakes.contains(&customers[0]) && namesakes.iter().all(|customer| customer["email"] == email));
}

#[test]
fn what_waits_for_an_invoice_and_what_is_on_one_are_apart() {
    let server = Server::start();
    let all = server.walk("/v1/invoiceitems");
    let waiting = server.walk("/v1/invoiceitems?pending=true");
    let billed = server.walk("/v1/invoiceitems?pending=false");
    assert_eq!(all.len(), waiting.len() + billed.len());
    let invoice = text(&billed[0], "/invoice");
    assert!(server.walk(&format!("/v1/invoiceitems?invoice={invoice}")).contains(&billed[0]));
    let inclusive = server.walk("/v1/tax_rates?inclusive=true");
    assert!(!inclusive.is_empty() && inclusive.iter().all(|rate| rate["inclusive"] == true));
}
