//! Platforms with more connected accounts than one sync reads.

use facts::AccountId;
use jiff::SignedDuration;
use store::DeliveryWrite;

use super::*;
use crate::jobs::sync::sweep::{Sweep, Swept};

/// A platform with so many connected accounts.
fn platform(connected: u32) -> Arc<sim::Catalog> {
    let quarter = sim::Options::quarter(11, "2026-07-31".parse().unwrap());
    let options = sim::Options { days: 10, per_day: 2, accounts: connected + 1, ..quarter };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

/// Nothing is too few to be swept, and nothing goes stale.
fn rolling(requests_max: u64) -> SyncRequest {
    let sweep = Sweep { every_sync_max: 0, stale_after: SignedDuration::from_hours(24), requests_max };
    SyncRequest { sweep, ..SyncRequest::default() }
}

async fn sync_rolling(server: &Server, folder: &Path, requests_max: u64) -> SyncSummary {
    run_with(&server.base, folder, "rk_test_1", &rolling(requests_max)).await.unwrap()
}

fn connected(catalog: &sim::Catalog) -> Vec<String> {
    catalog.accounts.keys().filter(|id| **id != catalog.owner).cloned().collect()
}

/// The connected accounts that were asked for anything.
fn asked_of(asked: &[String]) -> std::collections::BTreeSet<&str> {
    asked.iter().filter_map(|target| target.split_once(' ')).map(|(account, _)| account).filter(|id| !id.is_empty()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_over_accounts_that_did_not_move_asks_for_as_much_however_many_they_are() {
    for count in [3, 9] {
        let (catalog, folder) = (platform(count), tempfile::tempdir().unwrap());
        let server = honest(&catalog).await;
        let first = sync_rolling(&server, folder.path(), u64::MAX).await;
        assert_eq!(
            (first.complete, first.connected),
            (true, Swept { known: count.into(), read: count.into(), left: 0, all_else_read: true })
        );
        server.asked();
        let second = sync_rolling(&server, folder.path(), u64::MAX).await;
        assert_eq!(
            (second.complete, second.connected),
            (true, Swept { known: count.into(), read: 0, left: 0, all_else_read: true })
        );
        let asked = server.asked();
        assert!(asked_of(&asked).is_empty(), "{asked:?}");
        assert_eq!(asked.iter().filter(|target| target.contains("/v1/accounts?")).count(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_sync_leaves_over_is_said_and_read_by_the_next_ones_until_all_is_there() {
    let (catalog, rolled, whole) = (platform(9), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    run(&server, whole.path()).await.unwrap();
    let first = sync_rolling(&server, rolled.path(), 30).await;
    assert!(!first.complete && first.connected.left > 0 && first.connected.read > 0, "{:?}", first.connected);
    assert!(first.unread.iter().any(|told| told.contains("are due and are left to the next sync")), "{:?}", first.unread);
    let status = open(rolled.path()).account_status().unwrap();
    assert!(status.iter().any(|row| row.account.as_str() == catalog.owner && row.synced_at.is_some()), "its own comes first");
    assert!(status.iter().any(|row| row.synced_at.is_none()), "what was left does not look fresh");
    let status = crate::views::load::status(&open(rolled.path()), Outside::real().unwrap().now()).unwrap();
    let lacks =
        |row: &crate::views::status::AccountStatusView| row.reasons.contains(&crate::views::status::Reason::SyncIncomplete);
    assert!(first.connected.all_else_read && status.accounts.iter().all(|row| lacks(row) == row.synced_at.is_none()));
    let mut left = vec![first.connected.left];
    while *left.last().unwrap() > 0 {
        left.push(sync_rolling(&server, rolled.path(), 30).await.connected.left);
        assert!(left.is_sorted_by(|before, after| after < before), "{left:?}");
    }
    assert_eq!(open(rolled.path()).content_digest().unwrap(), open(whole.path()).content_digest().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_a_delivery_names_is_read_again_and_no_other() {
    let (catalog, folder) = (platform(5), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    sync_rolling(&server, folder.path(), u64::MAX).await;
    let moved = connected(&catalog)[2].clone();
    let delivery = DeliveryWrite {
        id: "evt_moved".to_owned(),
        event_id: "evt_moved".to_owned(),
        account: Some(AccountId::parse(&moved).unwrap()),
        mode: Mode::Test,
        event_type: "payout.updated".to_owned(),
        subject: Some((ObjectKind::Payout, "po_any".to_owned())),
        body: b"{}".to_vec(),
        received_at: Outside::real().unwrap().now(),
    };
    open(folder.path()).take_deliveries(&[delivery]).unwrap();
    server.asked();
    let summary = sync_rolling(&server, folder.path(), u64::MAX).await;
    assert_eq!((summary.complete, summary.connected.read), (true, 1));
    assert_eq!(asked_of(&server.asked()), [moved.as_str()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_that_asks_for_something_in_particular_asks_it_of_every_account() {
    let (catalog, folder) = (platform(4), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    sync_rolling(&server, folder.path(), u64::MAX).await;
    server.asked();
    let request = SyncRequest { only: [ObjectKind::Refund].into(), ..rolling(1) };
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    assert_eq!((summary.complete, summary.connected), (true, Swept { known: 4, read: 4, left: 0, all_else_read: true }));
    let stale = Sweep { every_sync_max: 0, stale_after: SignedDuration::ZERO, requests_max: u64::MAX };
    let request = SyncRequest { sweep: stale, ..SyncRequest::default() };
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    assert_eq!(summary.connected.read, 4, "what is stale is read though nothing says that it moved");
}

/// The platform's list with these accounts, which never ends.
fn endless_list(ids: &[String]) -> &'static str {
    let account = |id: &String| format!(r#"{{"id":"{id}","object":"account","country":"US","default_currency":"usd"}}"#);
    let accounts: Vec<String> = ids.iter().map(account).collect();
    format!(r#"{{"object":"list","data":[{}],"has_more":true}}"#, accounts.join(",")).leak()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_is_new_is_found_at_the_head_of_the_list_and_the_rest_of_it_is_not_asked_for() {
    let (catalog, folder) = (platform(3), tempfile::tempdir().unwrap());
    let ids = connected(&catalog);
    let (old, all) = (endless_list(&ids[1..]).replace("true", "false").leak(), endless_list(&ids));
    let listed =
        |list: &'static str| move |target: &str, _: usize| target.contains("/v1/accounts?").then_some((StatusCode::OK, list));
    let server = serve(&catalog, "0", Arc::new(listed(old))).await;
    assert_eq!(sync_rolling(&server, folder.path(), u64::MAX).await.connected.known, 2);
    let server = serve(&catalog, "0", Arc::new(listed(all))).await;
    let summary = sync_rolling(&server, folder.path(), u64::MAX).await;
    assert_eq!((summary.complete, summary.connected), (true, Swept { known: 3, read: 1, left: 0, all_else_read: true }));
    assert_eq!(asked_of(&server.asked()), [ids[0].as_str()].into());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_refused_hides_no_account_that_is_known() {
    let (catalog, folder) = (platform(3), tempfile::tempdir().unwrap());
    assert!(run(&honest(&catalog).await, folder.path()).await.unwrap().complete);
    let gone = r#"{"error":{"type":"invalid_request_error","code":"resource_missing","message":"No such account"}}"#;
    let refuse = move |target: &str, _: usize| target.contains("/v1/accounts?").then_some((StatusCode::BAD_REQUEST, gone));
    let server = serve(&catalog, "0", Arc::new(refuse)).await;
    let summary = run(&server, folder.path()).await.unwrap();
    assert_eq!((summary.complete, summary.connected.known, summary.connected.read), (false, 3, 3));
    assert_eq!(asked_of(&server.asked()).len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sync_of_one_kind_asks_every_account_and_takes_nobodys_turn() {
    let (catalog, folder) = (platform(3), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let charges = SyncRequest { only: [ObjectKind::Charge].into(), ..rolling(u64::MAX) };
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &charges).await.unwrap();
    assert_eq!((summary.complete, summary.connected.read, summary.connected.left), (true, 3, 0));
    assert_eq!(asked_of(&server.asked()).len(), 3);
    let rest = sync_rolling(&server, folder.path(), u64::MAX).await;
    assert_eq!((rest.complete, rest.connected.read), (true, 3));
}
