//! `/v2/core/events`.

use serde_json::{Value, json};

use super::asked::{Asked, KEY, data, ids, text};
use super::worlds::quarter;

const LIST: &str = "/v2/core/events";

/// The notifications of all pages, followed by their addresses.
async fn all(asked: &Asked, first: &str, direction: &str) -> Vec<Value> {
    let (mut told, mut next) = (Vec::new(), Some(first.to_owned()));
    while let Some(url) = next {
        let page = asked.get(&url).await;
        assert!(page.get("object").is_none() && page.get("has_more").is_none(), "{page}");
        told.push(data(&page).to_vec());
        next = page[direction].as_str().map(str::to_owned);
    }
    told.concat()
}

#[tokio::test]
async fn the_pages_lead_through_all_events_and_back() {
    let asked = Asked::new(quarter(6), 0);
    let told = all(&asked, &format!("{LIST}?limit=7&created[gte]=2026-09-05T00:00:00Z"), "next_page_url").await;
    let snapshots = asked.all("/v1/events?created[gte]=1788566400").await;
    let listed = |events: &[Value]| -> Vec<String> { events.iter().map(|event| text(event, "id").to_owned()).collect() };
    assert!(told.len() > 20);
    assert_eq!(listed(&told), listed(&snapshots));

    let first = asked.get(&format!("{LIST}?limit=3")).await;
    assert_eq!(first["previous_page_url"], Value::Null);
    let second = asked.get(text(&first, "next_page_url")).await;
    let back = asked.get(text(&second, "previous_page_url")).await;
    assert_eq!(ids(&back), ids(&first));
    assert_eq!(back["previous_page_url"], Value::Null);
    assert_eq!(ids(&asked.get(text(&back, "next_page_url")).await), ids(&second));
}

#[tokio::test]
async fn a_notification_is_told_of_every_snapshot_and_narrowed_as_v2_does() {
    let asked = Asked::new(quarter(6), 0);
    let snapshots = asked.get("/v1/events?type=payout.paid&limit=100").await;
    let told = all(&asked, &format!("{LIST}?types[0]=v1.payout.paid&limit=2"), "next_page_url").await;
    assert!(!told.is_empty());
    assert_eq!(told.len(), data(&snapshots).len());
    for (notice, snapshot) in told.iter().zip(data(&snapshots)) {
        let payout = text(&snapshot["data"]["object"], "id");
        assert_eq!((text(notice, "object"), text(notice, "type")), ("v2.core.event", "v1.payout.paid"));
        assert_eq!(notice["snapshot_event"], snapshot["id"]);
        assert_eq!(asked.get(text(&notice["related_object"], "url")).await["id"], payout);
        assert_eq!(&asked.get(&format!("{LIST}/{}", text(notice, "id"))).await, notice);
        let of_payout = all(&asked, &format!("{LIST}?object_id={payout}"), "next_page_url").await;
        assert!(of_payout.contains(notice) && of_payout.iter().all(|other| other["related_object"]["id"] == payout));
    }
    assert!(data(&asked.get(&format!("{LIST}?types[]=v2.core.account.updated")).await).is_empty());
}

#[tokio::test]
async fn what_is_not_remembered_any_more_is_missing_in_both() {
    let asked = Asked::new(quarter(6), 40);
    let event = ids(&asked.get("/v1/events?limit=1").await).remove(0);
    assert_eq!(asked.get(&format!("{LIST}/{event}")).await["id"], json!(event));
    asked.pass(31 * 86_400);
    assert_eq!(asked.refusal(&format!("{LIST}/{event}")).await.0, 404);
    assert_eq!(asked.refusal(&format!("/v1/events/{event}")).await.0, 404);
}

#[tokio::test]
async fn the_context_names_the_account_and_the_version_must_be_named() {
    let asked = Asked::new(quarter(6), 0);
    let owner = &asked.catalog.owner;
    let shop = asked.catalog.accounts.keys().find(|id| *id != owner).expect("a connected account");
    let version = ("stripe-version", "2026-10-28.endive");
    let path = format!("{owner}/{shop}");
    for context in [shop.as_str(), path.as_str()] {
        let theirs = asked.ask(LIST, KEY, &[version, ("stripe-context", context)]).await;
        assert!(!data(&theirs.body).is_empty());
        assert!(data(&theirs.body).iter().all(|notice| notice["context"] == json!(shop)), "{}", theirs.body);
    }
    assert_eq!(asked.ask(LIST, KEY, &[version, ("stripe-context", "acct_unknown")]).await.status, 403);
    assert_eq!(asked.ask(LIST, KEY, &[]).await.status, 400);
    assert_eq!(asked.ask(LIST, "rk_test_only_payout", &[version]).await.status, 403);
}
