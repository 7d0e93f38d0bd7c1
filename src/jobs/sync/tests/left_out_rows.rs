//! Lists that leave something out, and nothing on their pages tells.

use facts::AccountId;

use super::*;

/// What is read from a server that never tells the truth about where its lists end, or leaves rows out.
async fn read_beside_the_truth(faults: &str) -> (SyncSummary, bool) {
    let (catalog, calm, lied) = (world("2026-07-31"), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, calm.path()).await.unwrap();
    let server = serve(&catalog, faults, Arc::new(|_, _| None)).await;
    let summary = run(&server, lied.path()).await.unwrap();
    let equal = open(lied.path()).content_digest().unwrap() == open(calm.path()).content_digest().unwrap();
    (summary, equal)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_is_called_ended_too_early_is_read_to_its_end() {
    let (summary, equal) = read_beside_the_truth("has-more-false:0.6").await;
    assert!(summary.complete && equal, "{:?}", summary.unread);
}

#[tokio::test(flavor = "multi_thread")]
async fn txns_that_pages_left_out_are_missed_by_the_balance_and_read_again() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = serve(&catalog, "missing-page-row:0.5", Arc::new(|_, _| None)).await;
    let summary = run(&server, folder.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    let mut store = open(folder.path());
    let accounts: Vec<AccountId> = catalog.accounts.keys().map(|id| AccountId::parse(id.as_str()).unwrap()).collect();
    for account in &accounts {
        assert_eq!(store.balances_apart(account).unwrap(), []);
        assert_eq!(store.missing_sources(account, None, 10).unwrap(), [], "each charge, refund and dispute with a txn is here");
    }
    let truth = counts(&catalog);
    assert_eq!((summary.by_kind["txn"] >= truth["txn"], members(folder.path()).len() as u64), (true, truth["txn"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_whose_list_left_out_a_row_is_asked_for_it_again() {
    let (catalog, calm, lied) = (world("2026-07-31"), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, calm.path()).await.unwrap();
    run(&serve(&catalog, "missing-page-row:0.3", Arc::new(|_, _| None)).await, lied.path()).await.unwrap();
    assert_eq!(members(lied.path()), members(calm.path()));
}

/// A Stripe that never shows one of the older txns of each account, whatever is asked.
fn without_an_old_txn(catalog: &sim::Catalog) -> Arc<sim::Catalog> {
    let mut short = catalog.clone();
    for account in short.accounts.values_mut() {
        let txns = account.objects.get_mut(&sim::ObjectKind::BalanceTransaction).unwrap();
        let mut made: Vec<i64> = txns.iter().map(|txn| txn.created).collect();
        made.sort_unstable();
        let tenth = made[10];
        let at = txns.iter().position(|txn| txn.created == tenth).unwrap();
        txns.remove(at);
    }
    Arc::new(short)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stays_apart_from_the_balance_is_incomplete_and_asked_for_once_a_day() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&without_an_old_txn(&catalog)).await;
    let first = run(&server, folder.path()).await.unwrap();
    let asked = server.asked().len();
    assert!(!first.complete && first.unread.iter().any(|why| why.contains("add up to")), "{:?}", first.unread);
    let second = run(&server, folder.path()).await.unwrap();
    assert!(!second.complete && server.asked().len() < asked / 3, "not everything is read again so soon");
    let whole = run(&honest(&catalog).await, folder.path()).await.unwrap();
    assert!(!whole.complete, "an old txn that Stripe shows late is found by tieout sync --full");
    let full = SyncRequest { full: true, ..SyncRequest::default() };
    let healed = run_with(&honest(&catalog).await.base, folder.path(), "rk_test_1", &full).await.unwrap();
    assert!(healed.complete, "{:?}", healed.unread);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_charge_that_only_a_txn_names_is_found_after_a_sync_that_died_before_it_could_be_read() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let mut short = (*catalog).clone();
    let charges = short.accounts.get_mut(&catalog.owner).unwrap().objects.get_mut(&sim::ObjectKind::Charge).unwrap();
    let old = charges.iter().rposition(|charge| charge.body(catalog.now)["balance_transaction"].is_string()).unwrap();
    let id = charges[old].id();
    charges.remove(old);
    // Its list does not show it, and the sync could not read it by its id.
    let turn_away = |target: &str, _: usize| target.contains("/v1/charges/").then_some((StatusCode::BAD_REQUEST, "{}"));
    let summary = run(&serve(&Arc::new(short), "0", Arc::new(turn_away)).await, folder.path()).await.unwrap();
    assert!(!summary.complete, "it is not taken for whole");
    assert!(run(&honest(&catalog).await, folder.path()).await.unwrap().complete);
    assert!(open(folder.path()).charge(&id).unwrap().is_some(), "{id}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_account_that_is_not_listed_any_more_is_warned_of() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, folder.path()).await.unwrap();
    let empty = r#"{"object":"list","data":[],"has_more":false}"#;
    let turn_away = move |target: &str, _: usize| target.contains("/v1/accounts").then_some((StatusCode::OK, empty));
    let summary = run(&serve(&catalog, "0", Arc::new(turn_away)).await, folder.path()).await.unwrap();
    let connected = catalog.accounts.keys().find(|id| **id != catalog.owner).unwrap();
    assert!(summary.warnings.iter().any(|warning| warning.contains(connected)), "{:?}", summary.warnings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_page_of_events_that_is_empty_is_no_gap_in_them() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, folder.path()).await.unwrap();
    let server = serve(&catalog, "has-more-true:1", Arc::new(|_, _| None)).await;
    run(&server, folder.path()).await.unwrap();
    let asked = server.asked();
    assert!(asked.iter().all(|target| !target.contains("/v1/customers?") || target.contains("created")), "{asked:#?}");
}

/// The requests for pages of charges of the owner's whole list, and whether a sync that saw its newest charges late was complete.
async fn charges_made_while_it_was_read(shown_from_the_start: bool) -> (usize, bool) {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let lists = AtomicUsize::new(0);
    // The first answer to its list is of a time before there was a charge.
    let empty = r#"{"object":"list","data":[],"has_more":false}"#;
    let turn_away = move |target: &str, _: usize| {
        let is_list = target.starts_with(" /v1/charges?");
        (is_list && lists.fetch_add(1, Ordering::Relaxed) == 0 && !shown_from_the_start).then_some((StatusCode::OK, empty))
    };
    let server = serve(&catalog, "0", Arc::new(turn_away)).await;
    let summary = run(&server, folder.path()).await.unwrap();
    let asked = server.asked().iter().filter(|target| target.starts_with(" /v1/charges")).count();
    assert_eq!(open(folder.path()).missing_sources(&AccountId::parse(&catalog.owner).unwrap(), None, 1).unwrap(), []);
    (asked, summary.complete)
}

#[tokio::test(flavor = "multi_thread")]
async fn many_charges_that_were_made_during_a_sync_are_read_at_the_head_of_their_list_and_not_one_by_one() {
    let (once, late) = (charges_made_while_it_was_read(true).await, charges_made_while_it_was_read(false).await);
    assert!(once.1 && late.1);
    assert_eq!(late.0, once.0 + 1, "the list that was empty, and then the list");
}
