//! Lists within objects, and lists narrowed by values.

use serde_json::Value;

use super::asked::{Asked, KEY, data, ids, subscribed, text};
use super::worlds::quarter;

/// Every list that an object shows the first of, by its address.
fn addresses(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(values) => values.iter().for_each(|value| addresses(value, found)),
        Value::Object(fields) => {
            if fields.get("object").is_some_and(|object| object == "list") {
                found.extend(fields.get("url").and_then(Value::as_str).map(str::to_owned));
            }
            fields.values().for_each(|value| addresses(value, found));
        }
        _ => {}
    }
}

#[tokio::test]
async fn the_lines_of_a_credit_note_are_listed_under_it() {
    let asked = Asked::new(subscribed(2), 0);
    let notes = asked.all("/v1/credit_notes").await;
    assert!(!notes.is_empty());
    for note in &notes {
        let url = text(&note["lines"], "url");
        let lines = asked.all(url).await;
        assert_eq!(note["lines"]["data"].as_array().expect("a list")[..], lines[..lines.len().min(10)]);
        assert_eq!(note["lines"]["has_more"], lines.len() > 10);
        let sum: i64 = lines.iter().map(|line| line["amount"].as_i64().expect("an amount")).sum();
        assert_eq!(note["subtotal"], sum, "{note}");
    }
    assert_eq!(asked.refusal("/v1/credit_notes/cn_gone/lines").await.0, 404);
    let url = text(&notes[0]["lines"], "url");
    assert_eq!(asked.refusal(&format!("{url}?starting_after=cnli_gone")).await.1, "starting_after");
    assert_eq!(asked.refusal(&format!("{url}?created=1")).await.0, 400);
}

#[tokio::test]
async fn the_bank_accounts_of_an_account_are_listed_under_it() {
    let asked = Asked::new(quarter(3), 0);
    for account in asked.catalog.accounts.keys() {
        let list = format!("/v1/accounts/{account}/external_accounts");
        let page = asked.get(&format!("{list}?object=bank_account")).await;
        assert!(data(&page).iter().all(|bank| bank["account"] == account.as_str()));
        let of_account: &[(&str, &str)] = if *account == asked.catalog.owner { &[] } else { &[("stripe-account", account)] };
        let payouts = asked.ask("/v1/payouts", KEY, of_account).await.body;
        for payout in data(&payouts) {
            let destination = text(payout, "destination");
            let bank = asked.get(&format!("{list}/{destination}")).await;
            assert_eq!((text(&bank, "object"), &bank["currency"]), ("bank_account", &payout["currency"]));
        }
        assert!(data(&asked.get(&format!("{list}?object=card")).await).is_empty());
        assert_eq!(asked.refusal(&format!("{list}/ba_gone")).await.0, 404);
    }
    let only = asked.ask(&format!("/v1/accounts/{}/external_accounts", asked.catalog.owner), "rk_test_only_payout", &[]).await;
    assert_eq!(only.status, 403);
    assert_eq!(asked.refusal("/v1/accounts/acct_unknown/external_accounts").await.0, 403);
}

#[tokio::test]
async fn every_list_that_an_object_shows_the_first_of_is_there() {
    let asked = Asked::new(subscribed(2), 0);
    let mut found = Vec::new();
    for list in ["accounts", "charges", "customers", "invoices", "subscriptions", "credit_notes"] {
        let expand = match list {
            "charges" => "&expand[]=data.refunds",
            "customers" => "&expand[]=data.subscriptions",
            "invoices" => "&expand[]=data.payments",
            _ => "",
        };
        addresses(&asked.get(&format!("/v1/{list}?limit=5{expand}")).await["data"], &mut found);
    }
    assert!(found.len() > 20);
    for url in found {
        data(&asked.get(&url).await);
    }
    let customer = ids(&asked.get("/v1/customers?limit=1").await).remove(0);
    assert!(data(&asked.get(&format!("/v1/customers/{customer}/cash_balance_transactions")).await).is_empty());
}

#[tokio::test]
async fn products_are_listed_by_their_ids_and_prices_by_their_lookup_keys() {
    let asked = Asked::new(subscribed(2), 0);
    let all = ids(&asked.get("/v1/products?limit=100").await);
    let wanted = [all[2].as_str(), all[0].as_str()];
    let query = format!("ids[]={}&ids[1]={}&ids[]=prod_gone", wanted[0], wanted[1]);
    assert_eq!(ids(&asked.get(&format!("/v1/products?{query}")).await), [wanted[1], wanted[0]], "newest first, as ever");
    assert_eq!(asked.refusal(&format!("/v1/products?{query}&starting_after={}", all[0])).await.1, "ids");
    assert_eq!(asked.refusal("/v1/products?ids=prod_1").await.0, 400, "a list is written as one");
    let keyed: Vec<Value> = asked.all("/v1/prices").await.into_iter().filter(|price| price["lookup_key"] == "gold").collect();
    assert_eq!(data(&asked.get("/v1/prices?lookup_keys[]=gold").await), keyed);
}

#[tokio::test]
async fn a_value_that_no_object_can_have_is_refused_with_those_that_there_are() {
    let asked = Asked::new(quarter(3), 0);
    for (target, param, told) in [
        ("/v1/invoices?status=late", "status", "must be one of draft, open, paid, uncollectible, or void"),
        ("/v1/subscriptions?status=gone", "status", "active, all, canceled"),
        ("/v1/subscriptions?collection_method=cash", "collection_method", "one of charge_automatically or send_invoice"),
        ("/v1/prices?recurring[interval]=decade", "recurring[interval]", "day, month, week, or year"),
        ("/v1/products?active=yes", "active", "Invalid boolean: yes"),
        ("/v1/topups?status=late", "status", "canceled, failed, pending, or succeeded"),
        ("/v1/events?delivery_success=1", "delivery_success", "Invalid boolean: 1"),
    ] {
        let (status, at, message) = asked.refusal(target).await;
        assert_eq!((status, at.as_str()), (400, param), "{target}");
        assert!(message.contains(told), "{target}: {message}");
    }
    assert!(data(&asked.get("/v1/invoices?status=void").await).is_empty());
}
