use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::extract::Request;
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn};
use axum::response::IntoResponse;
use facts::PayoutId;
use sim::http::{Faults, Serving};
use store::{NoPoints, TxnFilter};

use super::*;
use crate::config::{Origin, StripeKey};

mod beginning;
mod days;
mod event_types;
mod every_object;
mod left_out_rows;
mod listed_again;
mod long_lists;
mod many_accounts;
mod permissions;
mod reached;
mod reconciled;
mod several_keys;

struct Unseen;

impl Progress for Unseen {
    fn set(&mut self, _done: u64, _total: Option<u64>, _note: &str) {}

    fn finish(&mut self) {}
}

/// A Stripe on this machine that writes down what it is asked, and may turn it away.
struct Server {
    base: String,
    asked: Arc<Mutex<Vec<String>>>,
}

/// What a server answers instead of the truth; `None` lets the truth pass.
type TurnAway = dyn Fn(&str, usize) -> Option<(StatusCode, &'static str)> + Send + Sync;

fn world(until: &str) -> Arc<sim::Catalog> {
    let options = sim::Options { days: 30, per_day: 30, ..sim::Options::quarter(11, until.parse().unwrap()) };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

async fn serve(catalog: &Arc<sim::Catalog>, faults: &str, turn_away: Arc<TurnAway>) -> Server {
    let faults: Faults = faults.parse().unwrap();
    serve_with(Serving { faults, ..Serving::new(Arc::clone(catalog), 5) }, turn_away).await
}

async fn serve_with(serving: Serving, turn_away: Arc<TurnAway>) -> Server {
    let asked = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&asked);
    let watch = move |request: Request, next: Next| {
        let (seen, turn_away) = (Arc::clone(&seen), Arc::clone(&turn_away));
        async move {
            let account = request.headers().get("stripe-account").map_or("", |account| account.to_str().unwrap());
            let target = format!("{account} {}", request.uri());
            let count = {
                let mut seen = seen.lock().unwrap();
                seen.push(target.clone());
                seen.len()
            };
            match turn_away(&target, count) {
                Some(answer) => answer.into_response(),
                None => next.run(request).await,
            }
        }
    };
    let router = sim::http::router(serving).layer(from_fn(watch));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    Server { base, asked }
}

async fn honest(catalog: &Arc<sim::Catalog>) -> Server {
    serve(catalog, "0", Arc::new(|_, _| None)).await
}

impl Server {
    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn config(base: &str, folder: &Path, key: &str) -> Config {
    Config {
        database: store::Location::File(folder.join("tieout.db")),
        database_origin: Origin::Default,
        stripe_api_base: base.to_owned(),
        stripe_api_base_origin: Origin::Default,
        stripe_keys: vec![StripeKey { name: "STRIPE_API_KEY".to_owned(), secret: Ok(key.to_owned().into()) }],
        sync_secret: None,
        stripe_share_percent: None,
        sync_skip: Default::default(),
        webhook_secrets: Vec::new(),
        time_zone: None,
        as_of: None,
        json: false,
        quiet: true,
        verbose: 0,
        data_folder: None,
        file: None,
        alerting: Default::default(),
        fetchers: Vec::new(),
        history_days: 400,
        flags: Default::default(),
    }
}

async fn run_with(base: &str, folder: &Path, key: &str, request: &SyncRequest) -> Result<SyncSummary, Failure> {
    let outside = Outside::real().unwrap();
    sync(&outside, &config(base, folder, key), request, &mut Unseen).await
}

async fn run(server: &Server, folder: &Path) -> Result<SyncSummary, Failure> {
    run_with(&server.base, folder, "rk_test_1", &SyncRequest::default()).await
}

fn open(folder: &Path) -> Store {
    Store::open(&folder.join("tieout.db"), Arc::new(NoPoints)).unwrap()
}

/// How many objects of each kind the world holds, both accounts together.
fn counts(catalog: &sim::Catalog) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::from([("account", catalog.accounts.len() as u64)]);
    for (kind, objects) in catalog.accounts.values().flat_map(|account| &account.objects) {
        let word = match kind {
            sim::ObjectKind::BalanceTransaction => "txn",
            sim::ObjectKind::Payout => "payout",
            sim::ObjectKind::Charge => "charge",
            sim::ObjectKind::Refund => "refund",
            sim::ObjectKind::Dispute => "dispute",
            sim::ObjectKind::InvoiceItem => "invoice_item",
            sim::ObjectKind::EarlyFraudWarning => "early_fraud_warning",
            sim::ObjectKind::PaymentIntent
            | sim::ObjectKind::Customer
            | sim::ObjectKind::Product
            | sim::ObjectKind::Price
            | sim::ObjectKind::Coupon
            | sim::ObjectKind::PromotionCode
            | sim::ObjectKind::TaxRate
            | sim::ObjectKind::Subscription
            | sim::ObjectKind::SubscriptionSchedule
            | sim::ObjectKind::Invoice
            | sim::ObjectKind::InvoicePayment
            | sim::ObjectKind::CreditNote
            | sim::ObjectKind::Transfer
            | sim::ObjectKind::ApplicationFee
            | sim::ObjectKind::Topup => kind.as_str(),
            // What stands within others, or is not read.
            _ => continue,
        };
        *counts.entry(word).or_default() += objects.len() as u64;
    }
    counts.retain(|_, count| *count > 0);
    counts
}

/// The same of a sync's summary, which also names the kinds of which there is none.
fn counted(summary: &SyncSummary) -> BTreeMap<&'static str, u64> {
    summary.by_kind.iter().filter(|(_, count)| **count > 0).map(|(kind, count)| (*kind, *count)).collect()
}

/// Each txn's payout, and that no txn has two: the store keeps one, so every member list is compared with Stripe's.
fn members(folder: &Path) -> BTreeMap<String, Option<PayoutId>> {
    let mut members = BTreeMap::new();
    let mut each = |row: store::TxnRow| {
        members.insert(row.txn.id.to_string(), row.payout);
        ControlFlow::Continue(())
    };
    open(folder).txns(&TxnFilter::default(), &mut each).unwrap();
    members
}

fn pages(requests: &[String]) -> Vec<&String> {
    requests.iter().filter(|target| target.contains("limit=100")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_is_read_once_and_a_second_sync_changes_nothing() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let first = run(&server, folder.path()).await.unwrap();
    assert!(first.complete, "{:?}", first.unread);
    assert_eq!(counted(&first), counts(&catalog));
    assert_eq!((first.inserted, first.updated), (first.synced, 0));
    let digest = open(folder.path()).content_digest().unwrap();
    let asked = server.asked();
    assert_eq!(first.requests, asked.len() as u64);
    let distinct: std::collections::BTreeSet<&String> = asked.iter().collect();
    assert_eq!(distinct.len(), asked.len(), "nothing was asked twice");
    let second = run(&server, folder.path()).await.unwrap();
    assert_eq!((second.inserted, second.updated, second.complete), (0, 0, true));
    assert_eq!(open(folder.path()).content_digest().unwrap(), digest);
    assert!(server.asked().len() < asked.len() / 2, "a second sync asks for little");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_complete_automatic_payout_holds_what_stripe_lists_for_it() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, folder.path()).await.unwrap();
    let ours = members(folder.path());
    let mut complete = 0;
    for account in catalog.accounts.values() {
        for payout in &account.objects[&sim::ObjectKind::Payout] {
            let listed = account.members.get(&payout.id()).filter(|members| catalog.now >= members.completed_at);
            let members = listed.map(|members| members.listed(catalog.now)).unwrap_or_default();
            for txn in members.iter() {
                assert_eq!(ours[&txn].as_ref().map(PayoutId::as_str), Some(payout.id().as_str()), "{txn}");
            }
            complete += usize::from(listed.is_some());
        }
    }
    assert!(complete > 20, "{complete}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_three_answers_in_ten_bad_the_same_is_read() {
    let (catalog, calm, rough) = (world("2026-07-31"), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, calm.path()).await.unwrap();
    let server = serve(&catalog, "0.3", Arc::new(|_, _| None)).await;
    let summary = run(&server, rough.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    assert_eq!(counted(&summary), counts(&catalog));
    assert_eq!(open(rough.path()).content_digest().unwrap(), open(calm.path()).content_digest().unwrap());
    assert!(summary.requests > 100);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_interrupted_sync_goes_on_where_it_stopped() {
    let (catalog, calm, broken) = (world("2026-07-31"), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, calm.path()).await.unwrap();
    let is_walk = |target: &str| target.contains("/v1/balance_transactions?limit=100");
    let finished = Arc::new(Mutex::new(Vec::new()));
    let passed = Arc::clone(&finished);
    // Requests come side by side, and which is first is decided here.
    let turn_away = move |target: &str, _| {
        let mut passed = passed.lock().unwrap();
        let late = is_walk(target) && passed.len() >= 8;
        if is_walk(target) && !late {
            passed.push(target.to_owned());
        }
        late.then_some((StatusCode::BAD_REQUEST, "{}"))
    };
    let server = serve(&catalog, "0", Arc::new(turn_away)).await;
    let first = run(&server, broken.path()).await.unwrap();
    assert!(!first.complete && first.inserted > 0);
    assert!(open(broken.path()).account_status().unwrap().iter().all(|status| status.synced_at.is_none()));
    let finished = finished.lock().unwrap().clone();
    assert_eq!(finished.len(), 8);

    let server = honest(&catalog).await;
    let second = run(&server, broken.path()).await.unwrap();
    assert!(second.complete, "{:?}", second.unread);
    let asked = server.asked();
    assert!(finished.iter().all(|target| !asked.contains(target)), "a finished page was asked for again");
    assert_eq!(open(broken.path()).content_digest().unwrap(), open(calm.path()).content_digest().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_list_that_breaks_off_is_not_taken_for_one_that_is_not_there() {
    let (catalog, broken, calm) = (world("2026-07-31"), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let gone = |target: &str, _| {
        let behind_the_first = target.contains("/v1/payment_intents?") && target.contains("starting_after");
        behind_the_first.then_some((StatusCode::NOT_FOUND, r#"{"error":{"message":"No such object"}}"#))
    };
    let summary = run(&serve(&catalog, "0", Arc::new(gone)).await, broken.path()).await.unwrap();
    assert!(!summary.complete, "what lies behind the first page was not read");
    let server = honest(&catalog).await;
    assert!(run(&server, broken.path()).await.unwrap().complete);
    assert!(run(&server, calm.path()).await.unwrap().complete);
    assert_eq!(open(broken.path()).content_digest().unwrap(), open(calm.path()).content_digest().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_payout_that_cannot_be_read_keeps_its_account_from_being_complete_and_no_other() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let listed = &catalog.accounts[&catalog.owner].members;
    let payouts = &catalog.accounts[&catalog.owner].objects[&sim::ObjectKind::Payout];
    let oldest = payouts.iter().rev().find(|payout| listed.contains_key(&payout.id())).unwrap().id();
    let closed = format!("payout={oldest}");
    let turn_away = move |target: &str, _| target.contains(&closed).then_some((StatusCode::BAD_REQUEST, "{}"));
    let first = run(&serve(&catalog, "0", Arc::new(turn_away)).await, folder.path()).await.unwrap();
    assert!(!first.complete);
    assert_eq!(first.unread.len(), 1);
    assert!(first.unread[0].contains(&oldest), "{:?}", first.unread);
    let status = open(folder.path()).account_status().unwrap();
    assert!(status.iter().all(|status| status.synced_at.is_none() == (status.account.as_str() == catalog.owner)));
    let second = run(&honest(&catalog).await, folder.path()).await.unwrap();
    assert!(second.complete && second.inserted == 0, "{second:?}");
    assert!(open(folder.path()).account_status().unwrap().iter().all(|status| status.synced_at.is_some()));
}

/// The same world as it stood at `instant`.
async fn at(catalog: &Arc<sim::Catalog>, instant: &str) -> Server {
    let now = instant.parse::<Timestamp>().unwrap().as_second();
    let time = sim::http::WorldTime::Running(Arc::new(move || now));
    serve_with(Serving { time, ..Serving::new(Arc::clone(catalog), 5) }, Arc::new(|_, _| None)).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_later_days_bring_is_found_and_it_ends_like_one_sync() {
    let catalog = world("2026-07-31");
    let (once, daily) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, once.path()).await.unwrap();
    for instant in ["2026-07-20T00:00:00Z", "2026-07-20T09:30:00Z", "2026-07-28T00:00:00Z", "2026-09-01T00:00:00Z"] {
        let summary = run(&at(&catalog, instant).await, daily.path()).await.unwrap();
        assert!(summary.complete && summary.inserted > 0, "{instant}: {summary:?}");
    }
    let known = |folder: &Path| {
        let snapshot = open(folder).deposit_snapshot().unwrap();
        let sums: Vec<_> = snapshot.balances.into_iter().map(|one| (one.account, one.computed_minor, one.stripe_minor)).collect();
        (members(folder), snapshot.payouts, sums)
    };
    assert_eq!(known(daily.path()), known(once.path()));
}

/// The same world after the oldest charge without a refund was refunded; returns that charge's id too.
fn refunded(catalog: &sim::Catalog) -> (Arc<sim::Catalog>, String) {
    let mut later = catalog.clone();
    let account = later.accounts.get_mut(&catalog.owner).unwrap();
    let charges = account.objects.get_mut(&sim::ObjectKind::Charge).unwrap();
    let place = charges.iter().rposition(|charge| charge.body(catalog.now)["amount_refunded"] == 0).unwrap();
    let (id, created, mut body) = (charges[place].id(), charges[place].created, charges[place].body(catalog.now));
    body["amount_refunded"] = 1.into();
    charges[place] = sim::StripeObject::new(id.clone(), created, body);
    let newest = charges[0].created;
    let refunds = account.objects.get_mut(&sim::ObjectKind::Refund).unwrap();
    let mut refund = refunds[0].body(catalog.now);
    for (field, value) in [("id", "re_new".into()), ("charge", id.clone().into()), ("created", newest.into())] {
        refund[field] = value;
    }
    refunds.insert(0, sim::StripeObject::new("re_new".to_owned(), newest, refund));
    (Arc::new(later), id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_of_an_old_charge_brings_the_charge_too() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, folder.path()).await.unwrap();
    let (later, charge) = refunded(&catalog);
    assert_eq!(open(folder.path()).charge(&charge).unwrap().unwrap().refunded_minor, 0);
    let summary = run(&honest(&later).await, folder.path()).await.unwrap();
    assert_eq!((summary.complete, summary.inserted, summary.updated), (true, 1, 1));
    assert_eq!(open(folder.path()).charge(&charge).unwrap().unwrap().refunded_minor, 1);
}

/// The same world after its oldest paid payout failed: its status, and the txn that gives the money back.
fn payout_failed(catalog: &sim::Catalog) -> (Arc<sim::Catalog>, String) {
    let mut later = catalog.clone();
    let account = later.accounts.get_mut(&catalog.owner).unwrap();
    let payouts = account.objects.get_mut(&sim::ObjectKind::Payout).unwrap();
    let place = payouts.iter().rposition(|payout| payout.body(catalog.now)["status"] == "paid").unwrap();
    let (id, created, mut body) = (payouts[place].id(), payouts[place].created, payouts[place].body(catalog.now));
    body["status"] = "failed".into();
    body["failure_balance_transaction"] = "txn_back".into();
    let (amount, currency) = (body["amount"].clone(), body["currency"].clone());
    payouts[place] = sim::StripeObject::new(id.clone(), created, body);
    let txns = account.objects.get_mut(&sim::ObjectKind::BalanceTransaction).unwrap();
    let (mut txn, newest) = (txns[0].body(catalog.now), txns[0].created);
    let fields: [(&str, serde_json::Value); 8] = [
        ("id", "txn_back".into()),
        ("type", "payout_failure".into()),
        ("reporting_category", "payout_reversal".into()),
        ("source", id.clone().into()),
        ("amount", amount.clone()),
        ("net", amount),
        ("fee", 0.into()),
        ("currency", currency),
    ];
    fields.into_iter().for_each(|(field, value)| txn[field] = value);
    txn["fee_details"] = serde_json::Value::Array(Vec::new());
    txns.insert(0, sim::StripeObject::new("txn_back".to_owned(), newest, txn));
    (Arc::new(later), id)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payout_that_fails_weeks_after_it_was_paid_is_read_again() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, folder.path()).await.unwrap();
    let (later, payout) = payout_failed(&catalog);
    let server = honest(&later).await;
    let summary = run(&server, folder.path()).await.unwrap();
    assert_eq!((summary.inserted, summary.updated), (1, 1));
    // Of this payout the world's balance knows nothing.
    assert!(summary.unread.iter().all(|why| why.contains("add up to")), "{:?}", summary.unread);
    let status = |store: Store| store.payout(&payout).unwrap().unwrap().payout.status;
    assert_eq!(status(open(folder.path())), facts::PayoutStatus::Failed);
    server.asked();
    run(&server, folder.path()).await.unwrap();
    assert!(!server.asked().iter().any(|asked| asked.ends_with(&payout)), "what agrees again is not asked for again");
}

#[tokio::test(flavor = "multi_thread")]
async fn few_requests_beside_the_pages_are_made() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    run(&server, folder.path()).await.unwrap();
    let asked = server.asked();
    // The key's own account; the newest event, a balance and the newest txn of each of two accounts.
    assert_eq!(asked.len() - pages(&asked).len(), 7, "{asked:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_is_read_by_itself_and_says_which() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let day = Day::On("2026-07-15".parse().unwrap());
    let request = SyncRequest { days: Some(Days { first: day, last: Some(day) }), ..SyncRequest::default() };
    let first = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    let again = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    assert_eq!((first.date.as_deref(), first.complete), (Some("2026-07-15"), true));
    assert_eq!(first.by_kind.get("account"), None);
    assert!(first.by_kind["charge"] > 5 && first.by_kind["charge"] < 200);
    assert_eq!((again.synced, again.inserted), (first.synced, 0));
    assert!(open(folder.path()).account_status().unwrap().iter().all(|status| status.synced_at.is_none()));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_and_one_kind_are_read_alone() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let connected = catalog.accounts.keys().find(|id| **id != catalog.owner).unwrap();
    let request = SyncRequest {
        account: Some(facts::AccountId::parse(connected).unwrap()),
        only: [ObjectKind::Refund].into(),
        ..SyncRequest::default()
    };
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    let expected = catalog.accounts[connected].objects[&sim::ObjectKind::Refund].len() as u64;
    assert_eq!(summary.by_kind.get("refund"), Some(&expected));
    assert_eq!(summary.by_kind.keys().copied().collect::<Vec<_>>(), ["account", "refund"]);
    let unknown = SyncRequest { account: Some(facts::AccountId::parse("acct_no").unwrap()), ..SyncRequest::default() };
    let refused = run_with(&server.base, folder.path(), "rk_test_1", &unknown).await.unwrap_err();
    assert_eq!(refused.exit, Exit::Usage);
    assert!(refused.message.contains("acct_no") && refused.message.contains(&catalog.owner), "{}", refused.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_does_not_do_is_told_apart_from_a_network_that_does_not() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let revoked =
        serve(&catalog, "0", Arc::new(|_, _| Some((StatusCode::UNAUTHORIZED, r#"{"error":{"message":"Expired"}}"#)))).await;
    let failure = run(&revoked, folder.path()).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Authentication);
    assert_eq!(revoked.asked().len(), 1, "a key that is refused is not tried again");

    let message = r#"{"error":{"message":"The key lacks the 'rak_dispute_read' permission"}}"#;
    let turn_away = move |target: &str, _| target.contains("/v1/disputes").then_some((StatusCode::FORBIDDEN, message));
    let narrow = serve(&catalog, "0", Arc::new(turn_away)).await;
    let failure = run(&narrow, folder.path()).await.unwrap().to_mend.unwrap();
    assert_eq!(failure.exit, Exit::Authentication);
    assert!(failure.hint.unwrap().contains("rak_dispute_read"));

    let live = run_with(&narrow.base, folder.path(), "rk_live_1", &SyncRequest::default()).await.unwrap_err();
    assert_eq!(live.exit, Exit::Authentication);
    let unset = StripeKey { name: "STRIPE_API_KEY".to_owned(), secret: Err("STRIPE_API_KEY is not set".to_owned()) };
    let none = Config { stripe_keys: vec![unset], ..config(&narrow.base, folder.path(), "") };
    let failure = sync(&Outside::real().unwrap(), &none, &SyncRequest::default(), &mut Unseen).await.unwrap_err();
    assert!(failure.exit == Exit::Authentication && failure.message.contains("STRIPE_API_KEY"));
}

/// A connected account that is closed to the key, as Stripe says it: with this status, and no permission that is missing.
async fn closed_account(
    status: StatusCode,
    request: &SyncRequest,
) -> (Arc<sim::Catalog>, Result<SyncSummary, Failure>, Vec<bool>) {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let connected = catalog.accounts.keys().find(|id| **id != catalog.owner).unwrap().clone();
    let message = r#"{"error":{"message":"The key does not have access to this account. Access may have been revoked."}}"#;
    let turn_away = move |target: &str, _| target.starts_with(&connected).then_some((status, message));
    let server = serve(&catalog, "0", Arc::new(turn_away)).await;
    let ended = run_with(&server.base, folder.path(), "rk_test_1", request).await;
    let status = open(folder.path()).account_status().unwrap();
    let own = status.iter().filter(|status| status.account.as_str() == catalog.owner);
    (Arc::clone(&catalog), ended, own.map(|status| status.synced_at.is_some()).collect())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connected_account_that_closes_itself_leaves_the_others_to_be_read() {
    for status in [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN] {
        let (catalog, ended, own_synced) = closed_account(status, &SyncRequest::default()).await;
        let summary = ended.unwrap();
        let own_charges = catalog.accounts[&catalog.owner].objects[&sim::ObjectKind::Charge].len() as u64;
        assert_eq!((summary.complete, summary.by_kind["charge"]), (false, own_charges), "{status}");
        assert!(summary.unread.iter().all(|told| told.contains("revoked")), "{:?}", summary.unread);
        assert!(!own_synced.is_empty() && own_synced.iter().all(|synced| *synced), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_that_was_asked_for_alone_is_a_failure_of_the_key() {
    let catalog = world("2026-07-31");
    let connected = catalog.accounts.keys().find(|id| **id != catalog.owner).unwrap();
    let request = SyncRequest { account: Some(facts::AccountId::parse(connected).unwrap()), ..SyncRequest::default() };
    let (_, ended, _) = closed_account(StatusCode::FORBIDDEN, &request).await;
    assert_eq!(ended.unwrap_err().exit, Exit::Authentication);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_was_read_and_has_closed_itself_since_is_not_called_unknown() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let connected = catalog.accounts.keys().find(|id| **id != catalog.owner).unwrap().clone();
    let has_closed = Arc::new(AtomicBool::new(false));
    let (closed, one) = (Arc::clone(&has_closed), format!("/v1/accounts/{connected}"));
    let turn_away = move |target: &str, _| {
        let refused = closed.load(Ordering::SeqCst) && target.contains(&one);
        refused.then_some((StatusCode::FORBIDDEN, r#"{"error":{"message":"Access may have been revoked."}}"#))
    };
    let server = serve(&catalog, "0", Arc::new(turn_away)).await;
    assert!(run(&server, folder.path()).await.unwrap().complete);
    has_closed.store(true, Ordering::SeqCst);
    let request = SyncRequest { account: Some(facts::AccountId::parse(&connected).unwrap()), ..SyncRequest::default() };
    let failure = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Usage);
    assert!(failure.message.contains("is known here") && failure.message.contains("last read on 20"), "{}", failure.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_could_not_be_asked_for_is_not_called_unknown() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let turn_away =
        |target: &str, _| target.contains("/v1/accounts").then_some((StatusCode::OK, r#"{"data":[],"has_more":true}"#));
    let server = serve(&catalog, "0", Arc::new(turn_away)).await;
    let connected = catalog.accounts.keys().find(|id| **id != catalog.owner).unwrap();
    let request = SyncRequest { account: Some(facts::AccountId::parse(connected).unwrap()), ..SyncRequest::default() };
    let failure = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Failed);
    assert!(failure.message.contains(&format!("account {connected} could not be read")), "{}", failure.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_network_it_says_that_running_again_is_safe() {
    let folder = tempfile::tempdir().unwrap();
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let failure = run_with(&base, folder.path(), "rk_test_1", &SyncRequest::default()).await.unwrap_err();
    assert_eq!(failure.exit, Exit::Upstream);
    assert!(failure.message.contains("/v1/account"), "{}", failure.message);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_without_connected_accounts_reads_its_own() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let turn_away = |target: &str, _| {
        target.contains("/v1/accounts").then_some((StatusCode::FORBIDDEN, r#"{"error":{"message":"Connect only"}}"#))
    };
    let summary = run(&serve(&catalog, "0", Arc::new(turn_away)).await, folder.path()).await.unwrap();
    assert!(summary.complete);
    assert_eq!(summary.by_kind["account"], 1);
}
