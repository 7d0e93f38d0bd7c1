//! Every object of a rich world with billing, read at once and lived through.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicI64;

use sim::http::{Serving, WorldTime};

use super::*;

pub(super) fn rich(subscriptions: u32) -> Arc<sim::Catalog> {
    let quarter = sim::Options::quarter(7, "2026-07-31".parse().unwrap());
    let options = sim::Options { days: 60, per_day: 12, subscriptions, rich: true, ..quarter };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

/// A Stripe whose time is set by the test.
async fn at_any_time(catalog: &Arc<sim::Catalog>, turn_away: Arc<TurnAway>) -> (Server, Arc<AtomicI64>) {
    let now = Arc::new(AtomicI64::new(0));
    let clock = Arc::clone(&now);
    let time = WorldTime::Running(Arc::new(move || clock.load(Ordering::SeqCst)));
    (serve_with(Serving { time, ..Serving::new(Arc::clone(catalog), 5) }, turn_away).await, now)
}

fn ids(catalog: &sim::Catalog, kind: sim::ObjectKind) -> BTreeSet<String> {
    let lists = catalog.accounts.values().filter_map(|account| account.objects.get(&kind));
    lists.flatten().map(|object| object.id()).collect()
}

/// Kinds that stand within others, and so are not counted as read.
const WITHIN: [(sim::ObjectKind, ObjectKind); 5] = [
    (sim::ObjectKind::InvoiceLine, ObjectKind::InvoiceLine),
    (sim::ObjectKind::SubscriptionItem, ObjectKind::SubscriptionItem),
    (sim::ObjectKind::TransferReversal, ObjectKind::TransferReversal),
    (sim::ObjectKind::FeeRefund, ObjectKind::ApplicationFeeRefund),
    (sim::ObjectKind::CustomerBalanceTransaction, ObjectKind::CustomerBalanceTxn),
];

#[tokio::test(flavor = "multi_thread")]
async fn every_object_and_every_line_within_one_is_in_the_database() {
    let (catalog, folder) = (rich(60), tempfile::tempdir().unwrap());
    let summary = run(&honest(&catalog).await, folder.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    assert_eq!(counted(&summary), counts(&catalog));
    assert_eq!((summary.inserted, summary.updated), (summary.synced, 0));
    let store = open(folder.path());
    for (theirs, ours) in WITHIN {
        let expected = ids(&catalog, theirs);
        assert!(!expected.is_empty(), "the world has none of {}", ours.as_str());
        assert_eq!(store.object_ids(ours).unwrap().into_iter().collect::<BTreeSet<_>>(), expected, "{}", ours.as_str());
    }
    for kind in [ObjectKind::Transfer, ObjectKind::TransferReversal, ObjectKind::ApplicationFee] {
        assert!(!store.object_ids(kind).unwrap().is_empty(), "the world has no {}", kind.as_str());
    }
    assert_eq!(store.open_legs(9).unwrap(), [], "each has its other side");
    let invoices = catalog.accounts.values().filter_map(|account| account.objects.get(&sim::ObjectKind::Invoice)).flatten();
    let mut lists = invoices.map(|invoice| invoice.body(catalog.now)["lines"]["has_more"].clone());
    assert!(lists.any(|has_more| has_more == true), "no invoice has more lines than Stripe embeds");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_world_that_was_lived_through_ends_like_one_that_was_read_at_once() {
    let catalog = rich(40);
    let (once, lived) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, once.path()).await.unwrap();
    let (server, now) = at_any_time(&catalog, Arc::new(|_, _| None)).await;
    for days in [40, 33, 32, 20, 13, 6, 5, 2, 1, 0] {
        now.store(catalog.now - days * 86_400, Ordering::SeqCst);
        let summary = run(&server, lived.path()).await.unwrap();
        assert!(summary.complete, "{days} days before the end: {:?}", summary.unread);
    }
    assert_eq!(open(lived.path()).differing_tables(&open(once.path())).unwrap(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_only_an_event_tells_is_found_even_if_the_first_try_fails() {
    let (catalog, folder) = (rich(40), tempfile::tempdir().unwrap());
    let is_down = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let down = Arc::clone(&is_down);
    let turn_away = move |target: &str, _: usize| {
        let retrieved = target.contains("/v1/subscriptions/");
        (retrieved && down.load(Ordering::SeqCst)).then_some((StatusCode::FORBIDDEN, "{}"))
    };
    let (server, now) = at_any_time(&catalog, Arc::new(turn_away)).await;
    now.store(catalog.now - 20 * 86_400, Ordering::SeqCst);
    assert!(run(&server, folder.path()).await.unwrap().complete);
    now.store(catalog.now, Ordering::SeqCst);
    is_down.store(true, Ordering::SeqCst);
    assert!(!run(&server, folder.path()).await.unwrap().complete, "a subscription that changed could not be read");
    let once = tempfile::tempdir().unwrap();
    run(&honest(&catalog).await, once.path()).await.unwrap();
    assert!(open(folder.path()).differing_tables(&open(once.path())).unwrap().contains(&"subscription"));
    is_down.store(false, Ordering::SeqCst);
    assert!(run(&server, folder.path()).await.unwrap().complete);
    assert!(!open(folder.path()).differing_tables(&open(once.path())).unwrap().contains(&"subscription"));
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_gap_longer_than_stripe_keeps_events_everything_is_read_again() {
    let catalog = rich(40);
    let (once, gone) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, once.path()).await.unwrap();
    let (server, now) = at_any_time(&catalog, Arc::new(|_, _| None)).await;
    for days in [45, 0] {
        now.store(catalog.now - days * 86_400, Ordering::SeqCst);
        run(&server, gone.path()).await.unwrap();
    }
    assert_eq!(open(gone.path()).differing_tables(&open(once.path())).unwrap(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_is_left_out_is_neither_read_nor_missed() {
    let (catalog, folder) = (rich(0), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let skip = [ObjectKind::Customer, ObjectKind::PaymentIntent].into();
    let request = SyncRequest { skip, ..SyncRequest::default() };
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    assert!(summary.complete && !summary.by_kind.contains_key("customer"), "{summary:?}");
    assert!(!server.asked().iter().any(|target| target.contains("/v1/customers")));
    assert!(open(folder.path()).account_status().unwrap().iter().all(|status| status.synced_at.is_some()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kind_that_the_key_may_not_read_is_left_out_and_named_and_read_whole_once_it_may() {
    let (catalog, once, folder) = (rich(40), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, once.path()).await.unwrap();
    let (server, now) = at_any_time(&catalog, Arc::new(|_, _| None)).await;
    let narrow = "rk_test_only_accounts_kyc_basic_connected_account_balance_payout_charge_dispute_event_customer";
    for (days, key) in [(20, "rk_test_1"), (10, narrow), (0, narrow)] {
        now.store(catalog.now - days * 86_400, Ordering::SeqCst);
        let summary = run_with(&server.base, folder.path(), key, &SyncRequest::default()).await.unwrap();
        assert!(summary.complete, "{:?}", summary.unread);
        assert_eq!(summary.left_out.get("invoice").map(String::as_str), (key == narrow).then_some("rak_invoice_read"));
        assert_eq!(summary.warnings.iter().any(|told| told.contains("invoice, invoice_item, invoice_payment")), key == narrow);
        assert!(!summary.left_out.contains_key("customer"));
    }
    assert!(open(folder.path()).account_status().unwrap().iter().all(|status| status.synced_at.is_some()));
    assert!(open(folder.path()).differing_tables(&open(once.path())).unwrap().contains(&"invoice"));
    assert_eq!(run(&server, folder.path()).await.unwrap().left_out, BTreeMap::new());
    assert_eq!(open(folder.path()).differing_tables(&open(once.path())).unwrap(), Vec::<&str>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_events_it_says_that_changes_are_not_noticed() {
    let (catalog, folder) = (rich(0), tempfile::tempdir().unwrap());
    let message = r#"{"error":{"message":"Having the 'rak_event_read' permission would allow this request to continue."}}"#;
    let turn_away = move |target: &str, _| target.contains("/v1/events").then_some((StatusCode::FORBIDDEN, message));
    let summary = run(&serve(&catalog, "0", Arc::new(turn_away)).await, folder.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    assert_eq!(summary.left_out, BTreeMap::from([("event", "rak_event_read".to_owned())]));
    assert!(summary.warnings[0].contains("not noticed"), "{:?}", summary.warnings);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invoice_or_customer_that_goes_while_it_is_read_keeps_nothing_from_being_read() {
    let (catalog, folder) = (rich(60), tempfile::tempdir().unwrap());
    let gone = |target: &str, _: usize| {
        let within = target.contains("/lines?") || target.contains("/balance_transactions?limit=100") && target.contains("/cus_");
        within.then_some((StatusCode::NOT_FOUND, r#"{"error":{"message":"No such object"}}"#))
    };
    let summary = run(&serve(&catalog, "0", Arc::new(gone)).await, folder.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    assert_eq!(counted(&summary), counts(&catalog));
    assert!(open(folder.path()).object_ids(ObjectKind::CustomerBalanceTxn).unwrap().is_empty());
}
