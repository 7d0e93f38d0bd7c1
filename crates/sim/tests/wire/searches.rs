//! `/v1/…/search`.

use std::fmt::Write;

use serde_json::Value;

use super::asked::{Asked, KEY, data, ids, subscribed, text};

/// The address of a search, its query written as an address must have it.
fn search(collection: &str, query: &str, more: &str) -> String {
    let mut written = String::new();
    for byte in query.bytes() {
        write!(written, "%{byte:02X}").expect("a text");
    }
    format!("/v1/{collection}/search?query={written}{more}")
}

/// All that a query finds, page by page.
async fn found(asked: &Asked, collection: &str, query: &str) -> Vec<Value> {
    let (mut all, mut more) = (Vec::new(), String::new());
    loop {
        let page = asked.get(&search(collection, query, &format!("&limit=7{more}"))).await;
        assert_eq!(text(&page, "object"), "search_result");
        assert_eq!(page["url"], format!("/v1/{collection}/search"));
        all.extend(data(&page).iter().cloned());
        match page["next_page"].as_str() {
            Some(next) => more = format!("&page={next}"),
            None => break,
        }
        assert_eq!(page["has_more"], true);
    }
    all
}

#[tokio::test]
async fn a_query_finds_what_the_list_holds_that_fits_it() {
    let asked = Asked::new(subscribed(2), 0);
    let middle = text(&asked.all("/v1/customers").await[3], "email").to_uppercase();
    let (name, rest) = middle.split_at(5);
    let part = format!("email~'{}{}'", name, rest.chars().next().expect("a letter"));
    let whole = middle.to_lowercase();
    let invoices = |fits: fn(&Value) -> bool| ("invoices", fits);
    for (query, (collection, fits)) in [
        ("status:'paid'", invoices(|invoice| invoice["status"] == "paid")),
        ("-status:'paid'", invoices(|invoice| invoice["status"] != "paid")),
        (
            "total>5000 AND status:open",
            invoices(|invoice| invoice["total"].as_i64() > Some(5_000) && invoice["status"] == "open"),
        ),
        (
            "total<=5000 OR status:void",
            invoices(|invoice| invoice["total"].as_i64() <= Some(5_000) || invoice["status"] == "void"),
        ),
        (
            "receipt_number:null total>=1",
            invoices(|invoice| invoice["receipt_number"].is_null() && invoice["total"].as_i64() >= Some(1)),
        ),
        ("active:'true'", ("prices", |price| price["active"] == true)),
        ("type:one_time", ("prices", |price| price["type"] == "one_time")),
        ("status:canceled -canceled_at:null", ("subscriptions?status=all", |of| of["status"] == "canceled")),
        ("refunded:'true'", ("charges", |charge| charge["refunded"] == true)),
        ("status:\"succeeded\"", ("payment_intents", |intent| intent["status"] == "succeeded")),
        ("-metadata['nothing']:null", ("products", |_| false)),
    ] {
        let expected: Vec<Value> = asked.all(&format!("/v1/{collection}")).await.into_iter().filter(fits).collect();
        let (collection, _) = collection.split_once('?').unwrap_or((collection, ""));
        assert_eq!(found(&asked, collection, query).await, expected, "{collection}: {query}");
        assert_eq!(expected.is_empty(), query.contains("nothing"), "{query} proves something");
    }
    let by_part = found(&asked, "customers", &part).await;
    assert!(by_part.iter().any(|customer| text(customer, "email").to_lowercase() == whole), "{part}");
    let by_whole = found(&asked, "customers", &format!("email:\"{middle}\"")).await;
    assert!(!by_whole.is_empty() && by_whole.iter().all(|customer| text(customer, "email").to_lowercase() == whole));
}

#[tokio::test]
async fn a_page_says_how_many_there_are_only_when_asked_to_and_expands() {
    let asked = Asked::new(subscribed(2), 0);
    let page = asked.get(&search("invoices", "status:paid", "&limit=3&expand[]=total_count&expand[]=data.customer")).await;
    assert_eq!(page["total_count"], found(&asked, "invoices", "status:paid").await.len());
    assert_eq!(text(&data(&page)[0]["customer"], "object"), "customer");
    let page = asked.get(&search("invoices", "status:paid", "")).await;
    assert!(page.get("total_count").is_none());
    assert_eq!(ids(&page).len(), 10);
}

#[tokio::test]
async fn what_cannot_be_searched_is_refused() {
    let asked = Asked::new(subscribed(2), 0);
    for (collection, query, told) in [
        ("charges", "id:'ch_1'", "unsupported search field for resource `charges`"),
        ("charges", "status~'suc'", "does not support"),
        ("charges", "status:'a", "not closed"),
        ("charges", "a:1 OR b:2 AND c:3", "AND and OR"),
        ("charges", "amount>'; DROP TABLE charges'", "whole number"),
        ("customers", "email~'ab'", "at least 3"),
    ] {
        let (status, param, message) = asked.refusal(&search(collection, query, "")).await;
        assert_eq!((status, param.as_str()), (400, "query"), "{query}");
        assert!(message.contains(told), "{query}: {message}");
    }
    for (target, param) in [
        ("/v1/charges/search".to_owned(), "query"),
        (search("charges", &"a".repeat(5_001), ""), "query"),
        (search("charges", "created>0", "&limit=101"), "limit"),
        (search("charges", "created>0", "&page=after_ch_gone"), "page"),
        (search("charges", "created>0", "&page=1"), "page"),
        (search("charges", "created>0", "&starting_after=ch_1"), "starting_after"),
    ] {
        let refusal = asked.refusal(&target).await;
        assert_eq!((refusal.0, refusal.1.as_str()), (400, param), "{target}");
    }
    assert_eq!(asked.refusal("/v1/payouts/search").await.0, 404, "which cannot be searched");
    assert_eq!(asked.ask(&search("charges", "created>0", ""), "rk_test_only_payout", &[]).await.status, 403);
    assert_eq!(asked.ask(&search("charges", "created>0", ""), KEY, &[]).await.status, 200);
}
