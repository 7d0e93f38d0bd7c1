//! What events tell, and whom.

use serde_json::Value;

use super::asked::{Asked, KEY, data, subscribed, text};

/// The permissions of all kinds of events but one.
const BUT_PAYOUTS: &str = "event_charge_dispute_payment_intent_customer_invoice_subscription_plan_product_coupon_promotion_code_tax_rate\
                           _credit_note_transfer_top_up_application_fee";

#[tokio::test]
async fn a_key_sees_only_events_of_what_it_may_read() {
    let asked = Asked::new(subscribed(2), 0);
    let version = ("stripe-version", "2026-10-28.endive");
    let kinds = async |key: &str, list: &str| -> Vec<String> {
        let page = asked.ask(&format!("{list}?limit=100"), key, &[version]).await;
        assert_eq!(page.status, 200, "{}", page.body);
        data(&page.body).iter().map(|event| text(event, "type").trim_start_matches("v1.").to_owned()).collect()
    };
    for list in ["/v1/events", "/v2/core/events"] {
        assert_eq!(kinds("rk_test_only_event", list).await, Vec::<String>::new());
        let payouts = kinds("rk_test_only_event_payout", list).await;
        assert!(payouts.len() > 10 && payouts.iter().all(|kind| kind.starts_with("payout.")), "{payouts:?}");
        let others = kinds(&format!("rk_test_only_{BUT_PAYOUTS}"), list).await;
        assert!(others.len() == 100 && others.iter().all(|kind| !kind.starts_with("payout.")), "{others:?}");
        let invoices = kinds("rk_test_only_event_invoice", list).await;
        assert!(!invoices.is_empty() && invoices.iter().all(|kind| kind.starts_with("invoice")), "{invoices:?}");
    }
    let event = asked.ask("/v1/events?type=payout.paid&limit=1", KEY, &[]).await.body;
    let id = text(&data(&event)[0], "id");
    for address in [format!("/v1/events/{id}"), format!("/v2/core/events/{id}")] {
        assert_eq!(asked.ask(&address, "rk_test_only_event_payout", &[version]).await.status, 200);
        let refused = asked.ask(&address, "rk_test_only_event_charge", &[version]).await;
        assert_eq!(refused.status, 403);
        assert!(text(&refused.body["error"], "message").contains("'rak_payout_read'"), "{}", refused.body);
    }
}

#[tokio::test]
async fn every_event_needs_a_permission_beside_its_own() {
    let asked = Asked::new(subscribed(2), 0);
    let all = format!("rk_test_only_{BUT_PAYOUTS}_payout");
    let held = asked.ask("/v1/events?limit=100", &all, &[]).await.body;
    assert_eq!(held, asked.ask("/v1/events?limit=100", KEY, &[]).await.body, "all of them together see everything");
}

#[tokio::test]
async fn an_invoice_whose_retries_end_with_its_subscription_says_so() {
    const MONTH: i64 = 25 * 86_400;
    let asked = Asked::new(subscribed(2), 6 * 25);
    let accounts: Vec<String> = asked.catalog.accounts.keys().filter(|id| **id != asked.catalog.owner).cloned().collect();
    let mut told = 0;
    for month in (0..7).rev() {
        let now = asked.catalog.now - month * MONTH;
        for account in accounts.iter().map(Some).chain([None]) {
            let header = account.map(|account| ("stripe-account", account.as_str()));
            let get = async |target: String| asked.ask(&target, KEY, header.as_slice()).await.body;
            let ended = get("/v1/subscriptions?status=canceled&limit=100".to_owned()).await;
            let asked_for = |of: &&Value| of["cancellation_details"]["reason"] == "cancellation_requested";
            for of in data(&ended).iter().filter(asked_for).filter(|of| of["ended_at"].as_i64() > Some(now - MONTH)) {
                let Some(latest) = of["latest_invoice"].as_str() else { continue };
                let invoice = get(format!("/v1/invoices/{latest}")).await;
                if invoice["status"] != "open" || invoice["auto_advance"] == true {
                    continue;
                }
                let events = get(format!("/v1/events?type=invoice.updated&created={}&limit=100", of["ended_at"])).await;
                let it = data(&events).iter().find(|event| event["data"]["object"]["id"] == latest);
                let it = &it.unwrap_or_else(|| panic!("nothing tells that {latest} is no longer collected"))["data"];
                assert_eq!(
                    (&it["object"]["next_payment_attempt"], &it["object"]["auto_advance"]),
                    (&Value::Null, &Value::from(false))
                );
                assert_eq!(it["previous_attributes"]["auto_advance"], true, "{it}");
                told += 1;
            }
        }
        asked.pass(MONTH);
    }
    assert!(told > 0, "such an invoice is among them");
}
