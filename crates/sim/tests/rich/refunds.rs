//! Refunds that go another way than the money came.

use std::collections::BTreeMap;

use serde_json::Value;
use sim::ObjectKind::{BalanceTransaction, Charge, Refund};

use super::{bodies, int, objects, text, world};

const DAY: i64 = 86_400;

fn is_redirected(refund: &Value) -> bool {
    refund["destination_details"]["type"].as_str().is_some_and(|kind| kind.ends_with("_bank_transfer"))
}

#[test]
fn some_card_refunds_go_to_bank_accounts_and_cost_what_they_give() {
    let (mut redirected, mut again) = (0, 0);
    for seed in 1..=6 {
        let world = world(seed);
        let end = world.catalog.now;
        for account in world.catalog.accounts.values() {
            let (refunds, charges) = (bodies(account, Refund, end), bodies(account, Charge, end));
            let txns = bodies(account, BalanceTransaction, end);
            let mut sums: BTreeMap<&str, i64> = BTreeMap::new();
            for refund in refunds.values() {
                let kept = if refund["status"] == "failed" { 0 } else { int(refund, "amount") };
                *sums.entry(text(refund, "charge")).or_default() += kept;
            }
            for refund in refunds.values().filter(|refund| is_redirected(refund)) {
                let charge = &charges[text(refund, "charge")];
                let kind = text(&refund["destination_details"], "type");
                assert_eq!(charge["payment_method_details"]["type"], "card", "seed {seed}: {refund}");
                assert_eq!(text(refund, "currency"), currency(kind), "seed {seed}: {refund}");
                assert_eq!(int(charge, "amount_refunded"), sums[text(charge, "id")], "seed {seed}: {charge}");
                assert!(int(charge, "amount_refunded") <= int(charge, "amount"), "seed {seed}: {charge}");
                let txn = &txns[text(refund, "balance_transaction")];
                assert!(text(txn, "type") == "refund" && int(txn, "amount") < 0 && txn["source"] == refund["id"]);
                let before = |other: &&Value| other["charge"] == refund["charge"] && other["amount"] == refund["amount"];
                let failed = refunds.values().filter(before).filter(|other| other["status"] == "failed");
                again += failed.filter(|other| int(other, "created") < int(refund, "created")).count();
                redirected += 1;
            }
        }
    }
    assert!(redirected >= 30 && again >= 10, "{redirected} redirected, {again} of them made again");
}

fn currency(kind: &str) -> &'static str {
    match kind {
        "us_bank_transfer" => "usd",
        "eu_bank_transfer" => "eur",
        "gb_bank_transfer" => "gbp",
        _ => "jpy",
    }
}

#[test]
fn a_redirected_refund_waits_for_the_customer_and_then_for_the_bank() {
    let (mut asked, mut arrived) = (0, 0);
    for seed in 1..=4 {
        let world = world(seed);
        let refunds = world.catalog.accounts.values().flat_map(|account| objects(account, Refund));
        for refund in refunds.filter(|refund| is_redirected(&refund.body(refund.created))) {
            // A question is answered within three days, and a bank takes up to four.
            let said: Vec<Value> = (0..=8 * 24).map(|hour| refund.body(refund.created + hour * DAY / 24)).collect();
            let mut words: Vec<&str> = said.iter().map(|body| text(body, "status")).collect();
            words.dedup();
            asked += usize::from(words == ["requires_action", "pending", "succeeded"]);
            assert!(words.ends_with(&["pending", "succeeded"]), "seed {seed}: {words:?}");
            for body in &said {
                let details = &body["destination_details"];
                let reference = &details[text(details, "type")]["reference"];
                assert_eq!(body["status"] == "succeeded", !reference.is_null(), "seed {seed}: {body}");
                assert_eq!(body["status"] == "pending", body["pending_reason"] == "processing", "seed {seed}: {body}");
                assert_eq!(body["status"] == "requires_action", body.get("next_action").is_some(), "seed {seed}: {body}");
            }
            arrived += 1;
        }
    }
    assert!(asked >= 5 && arrived - asked >= 5, "{asked} of {arrived} asked for");
}
