//! Several accounts of one company that are not connected: at the bank they look alike, over HTTP each has keys of its own.

#![expect(clippy::expect_used, reason = "tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use jiff::civil::Date;
use serde_json::Value;
use sim::http::{Serving, router};
use sim::truth::Verdict;
use sim::{AccountObjects, ObjectKind, Options, World};
use tower::ServiceExt;

fn options(seed: u64, rich: bool) -> Options {
    let until = Date::new(2026, 9, 1 + (seed % 28) as i8).expect("a date");
    Options { owners: 3, days: 70, per_day: 8, rich, ..Options::quarter(seed, until) }
}

fn world(seed: u64, rich: bool) -> World {
    World::generate(&options(seed, rich)).expect("a world")
}

/// The own accounts, in the order of their keys.
fn owners(world: &World) -> Vec<&str> {
    world.truth.owners.iter().map(|owner| owner.account.as_str()).collect()
}

fn bodies(account: &AccountObjects, kind: ObjectKind, at: i64) -> BTreeMap<String, Value> {
    account.objects.get(&kind).into_iter().flatten().map(|object| (object.id(), object.body(at))).collect()
}

fn int(body: &Value, field: &str) -> i64 {
    body[field].as_i64().expect("an integer")
}

/// A line's text without what stands in few of all lines: traces, tokens, days.
fn told(text: &str, common: &BTreeMap<&str, usize>) -> String {
    let word = |word: &str| if common.get(word).is_some_and(|count| *count > 12) { word.to_owned() } else { "#".to_owned() };
    text.split_whitespace().map(word).collect::<Vec<_>>().join(" ")
}

#[test]
fn nothing_but_traces_and_amounts_tells_them_apart_at_the_bank() {
    for seed in 1..=6 {
        let world = world(seed, false);
        let owners = owners(&world);
        let mut compared = 0;
        for bank in world.truth.bank_accounts.iter().filter(|bank| ["usd", "eur"].contains(&bank.currency.as_str())) {
            if !bank.stripe_accounts.iter().any(|account| account == owners[0]) {
                assert!(!owners.iter().any(|owner| bank.stripe_accounts.iter().any(|account| account == owner)));
                continue;
            }
            let whole = world.truth.payouts.iter().filter(|payout| {
                let alone = payout.bank_lines.len() == 1 && payout.verdict == Verdict::Matched && payout.amount_minor > 0;
                payout.bank_account == bank.name && payout.automatic && alone && owners.contains(&payout.account.as_str())
            });
            let lines: Vec<(&str, &str)> = whole
                .map(|payout| (payout.account.as_str(), payout.bank_lines[0].description.as_str()))
                .filter(|(_, text)| !text.is_empty())
                .collect();
            let mut common: BTreeMap<&str, usize> = BTreeMap::new();
            lines.iter().flat_map(|(_, text)| text.split_whitespace()).for_each(|word| *common.entry(word).or_default() += 1);
            let said = |owner: &str| -> BTreeSet<String> {
                lines.iter().filter(|(account, _)| *account == owner).map(|(_, text)| told(text, &common)).collect()
            };
            let first = said(owners[0]);
            assert!(!first.is_empty(), "seed {seed}: the first account pays {} nothing", bank.name);
            for owner in &owners {
                assert_eq!(said(owner), first, "seed {seed}: {}", bank.name);
                assert!(bank.stripe_accounts.iter().any(|account| account == owner), "seed {seed}");
            }
            compared += 1;
        }
        assert_eq!(compared, 2, "seed {seed}: a bank account for each of two currencies");
    }
}

#[test]
fn every_own_account_adds_up_for_itself() {
    for (seed, rich) in [(1, false), (2, false), (3, true), (4, true)] {
        let world = world(seed, rich);
        let now = world.catalog.now;
        assert_eq!(world.catalog.accounts.len(), 4, "two accounts of a platform, and two others");
        for owner in owners(&world) {
            let account = &world.catalog.accounts[owner];
            let txns = bodies(account, ObjectKind::BalanceTransaction, now);
            let mut sums: BTreeMap<String, i64> = BTreeMap::new();
            for txn in txns.values() {
                *sums.entry(txn["currency"].as_str().expect("text").to_owned()).or_default() += int(txn, "net");
            }
            let mut held: BTreeMap<String, i64> = BTreeMap::new();
            let balance = account.balance.body(now);
            for part in ["available", "pending"].iter().flat_map(|part| balance[*part].as_array().expect("a list")) {
                *held.entry(part["currency"].as_str().expect("text").to_owned()).or_default() += int(part, "amount");
            }
            assert_eq!(sums, held, "seed {seed}: {owner}");
            assert!(account.objects[&ObjectKind::Charge].len() > 200, "seed {seed}: it sells as much as the first");
            let payouts = bodies(account, ObjectKind::Payout, now);
            for (payout, members) in &account.members {
                let of = members.ids.iter().filter(|id| payouts[payout.as_str()]["balance_transaction"] != id.as_str());
                let sum: i64 = of.map(|id| int(&txns[id.as_str()], "net")).sum();
                assert_eq!(sum, int(&payouts[payout.as_str()], "amount"), "seed {seed}: {payout}");
            }
        }
    }
}

#[test]
fn what_a_platform_passes_on_never_reaches_them() {
    let world = world(5, true);
    let owners = owners(&world);
    let transfers = bodies(&world.catalog.accounts[owners[0]], ObjectKind::Transfer, world.catalog.now);
    assert!(!transfers.is_empty());
    for transfer in transfers.values() {
        assert!(!owners.contains(&transfer["destination"].as_str().expect("text")), "{transfer}");
    }
    for owner in &owners[1..] {
        let account = &world.catalog.accounts[*owner];
        for kind in [ObjectKind::Transfer, ObjectKind::ApplicationFee, ObjectKind::Topup] {
            assert!(account.objects.get(&kind).is_none_or(Vec::is_empty), "{} of {owner}", kind.as_str());
        }
        let charges = bodies(account, ObjectKind::Charge, world.catalog.now);
        assert!(charges.values().all(|charge| charge["application"].is_null() && charge["source_transfer"].is_null()));
    }
}

#[test]
fn the_same_owners_are_the_same_bytes() {
    let folder = || {
        let dir = tempfile::tempdir().expect("a folder");
        sim::export(&world(7, true), dir.path()).expect("an export");
        let truth = std::fs::read(dir.path().join("truth.json")).expect("the truth");
        let mut files: Vec<_> = std::fs::read_dir(dir.path().join("bank")).expect("a folder").flatten().collect();
        files.sort_by_key(std::fs::DirEntry::file_name);
        let bank: Vec<Vec<u8>> = files.iter().map(|file| std::fs::read(file.path()).expect("a file")).collect();
        (truth, bank)
    };
    assert_eq!(folder(), folder());
    let alone = World::generate(&Options { owners: 1, ..options(7, true) }).expect("a world");
    assert!(alone.truth.owners.is_empty() && alone.catalog.other_owners.is_empty());
}

#[test]
fn more_owners_than_a_company_has_are_refused() {
    let refused = World::generate(&Options { owners: 51, ..options(1, false) }).expect_err("a refusal").to_string();
    assert!(refused.contains("--owners is 51"), "{refused}");
}

async fn get(router: &Router, key: &str, account: Option<&str>, target: &str) -> (StatusCode, Value) {
    let mut request = Request::get(target).header("authorization", format!("Bearer {key}"));
    if let Some(account) = account {
        request = request.header("stripe-account", account);
    }
    let answer = router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let status = answer.status();
    let bytes = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

fn ids(list: &Value) -> BTreeSet<&str> {
    list["data"].as_array().expect("a list").iter().filter_map(|object| object["id"].as_str()).collect()
}

#[tokio::test]
async fn each_key_sees_its_own_account_and_no_other() {
    let world = world(8, false);
    let own = owners(&world);
    let catalog = Arc::new(world.catalog.clone());
    let served = router(Serving::new(Arc::clone(&catalog), 8));
    let connected = catalog.accounts.keys().map(String::as_str).find(|id| !own.contains(id)).expect("a connected account");
    for (place, key) in ["rk_test_sim", "rk_test_own2_sim", "sk_test_own3"].into_iter().enumerate() {
        let (_, account) = get(&served, key, None, "/v1/account").await;
        assert_eq!(account["id"], own[place], "{key}");
        let (_, payouts) = get(&served, key, None, "/v1/payouts?limit=100").await;
        let held = &catalog.accounts[own[place]].objects[&ObjectKind::Payout];
        assert!(ids(&payouts).iter().all(|id| held.iter().any(|payout| payout.id() == *id)) && !ids(&payouts).is_empty());
        for (other, id) in own.iter().enumerate().filter(|(other, _)| *other != place) {
            let theirs = &catalog.accounts[*id].objects[&ObjectKind::Payout][0].id();
            assert_eq!(get(&served, key, None, &format!("/v1/payouts/{theirs}")).await.0, StatusCode::NOT_FOUND, "{other}");
            let (status, refusal) = get(&served, key, Some(id), "/v1/payouts").await;
            assert_eq!((status, refusal["error"]["code"].as_str()), (StatusCode::FORBIDDEN, Some("account_invalid")));
            assert_eq!(get(&served, key, None, &format!("/v1/accounts/{id}")).await.0, StatusCode::FORBIDDEN);
        }
        let reaches = get(&served, key, Some(connected), "/v1/balance").await.0;
        assert_eq!(reaches, if place == 0 { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{key}");
        let (_, accounts) = get(&served, key, None, "/v1/accounts").await;
        assert_eq!(ids(&accounts), if place == 0 { BTreeSet::from([connected]) } else { BTreeSet::new() }, "{key}");
        let (_, events) = get(&served, key, None, "/v1/events?limit=100").await;
        assert!(events["data"].as_array().expect("a list").iter().all(|event| event["account"].is_null()), "{key}");
    }
}

#[tokio::test]
async fn a_key_of_an_account_that_there_is_not_is_no_key() {
    let world = world(9, false);
    let second = world.truth.owners[1].account.clone();
    let served = router(Serving::new(Arc::new(world.catalog), 9));
    assert_eq!(get(&served, "rk_test_own4_sim", None, "/v1/balance").await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(get(&served, "rk_test_own2_only_payout", None, "/v1/payouts").await.0, StatusCode::OK);
    let (status, refusal) = get(&served, "rk_test_own2_only_payout", None, "/v1/charges").await;
    let message = refusal["error"]["message"].as_str().expect("text");
    assert!(status == StatusCode::FORBIDDEN && message.contains("rak_charge_read") && message.contains(&second), "{message}");
}

#[tokio::test]
async fn the_page_and_the_truth_name_the_keys() {
    let world = world(10, false);
    let (truth, catalog) = (Arc::new(world.truth), Arc::new(world.catalog));
    let keys: Vec<&str> = truth.owners.iter().map(|owner| owner.key.as_str()).collect();
    assert_eq!(keys, ["rk_test_", "rk_test_own2_", "rk_test_own3_"]);
    let served = router(Serving { truth: Some(truth), ..Serving::new(catalog, 10) });
    let request = Request::get("/_sim").body(Body::empty()).expect("a request");
    let answer = served.oneshot(request).await.expect("an answer");
    let page = to_bytes(answer.into_body(), usize::MAX).await.expect("a body");
    assert!(String::from_utf8_lossy(&page).contains("rk_test_own3_sim"));
}
