//! Accounts whose history begins with a day.

use facts::AccountId;

use super::*;

fn since(day: &str) -> SyncRequest {
    SyncRequest { since: Some(Day::On(day.parse().unwrap())), ..SyncRequest::default() }
}

/// Stripe's balance, what is computed, and what is held where the account begins; of all accounts.
fn balances(folder: &Path) -> Vec<(String, Option<i64>, i64)> {
    let balances = open(folder).deposit_snapshot().unwrap().balances;
    balances.into_iter().map(|one| (format!("{} {}", one.account, one.currency), one.stripe_minor, one.computed_minor)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_begins_late_adds_up_by_its_opening_balance_from_then_on() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let early = at(&catalog, "2026-07-24T00:00:00Z").await;
    let first = run_with(&early.base, folder.path(), "rk_test_1", &since("2026-07-20")).await.unwrap();
    assert!(first.complete, "{:?}", first.unread);
    // An older charge comes with its refund; an older customer is read all the same.
    assert!(first.by_kind["charge"] * 3 < counts(&catalog)["charge"], "{:?}", first.by_kind);
    assert!(first.by_kind["customer"] > first.by_kind["charge"], "{:?}", first.by_kind);
    let owner = AccountId::parse(&catalog.owner).unwrap();
    let openings = open(folder.path()).opening_balances(&owner).unwrap();
    assert!(openings.iter().any(|(_, minor)| *minor != 0), "{openings:?}");
    let server = honest(&catalog).await;
    let later = run(&server, folder.path()).await.unwrap();
    assert!(later.complete && later.inserted > 0, "{:?}", later.unread);
    assert!(balances(folder.path()).into_iter().all(|(_, stripe, computed)| stripe == Some(computed)));
    assert_eq!(open(folder.path()).opening_balances(&owner).unwrap(), openings, "it is computed once");
    let tied = open(folder.path()).deposit_snapshot().unwrap().payouts;
    assert!(
        tied.iter()
            .any(|payout| payout.members_complete && payout.txns.added().unwrap().sum_net_minor == payout.payout.amount.minor())
    );
    assert_eq!(run(&server, folder.path()).await.unwrap().inserted, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_earlier_day_extends_an_account_back_to_its_whole_history() {
    let (catalog, late, whole) = (world("2026-07-31"), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    run(&server, whole.path()).await.unwrap();
    run_with(&server.base, late.path(), "rk_test_1", &since("2026-07-20")).await.unwrap();
    let extended = run_with(&server.base, late.path(), "rk_test_1", &since("2000-01-01")).await.unwrap();
    assert!(extended.complete && extended.warnings.is_empty(), "{extended:?}");
    assert_eq!(balances(late.path()), balances(whole.path()));
    assert_eq!(members(late.path()), members(whole.path()));
    let owner = AccountId::parse(&catalog.owner).unwrap();
    assert!(open(late.path()).opening_balances(&owner).unwrap().iter().all(|(_, minor)| *minor == 0));
    let again = run_with(&server.base, whole.path(), "rk_test_1", &since("2026-07-20")).await.unwrap();
    assert!(again.complete && again.warnings.iter().any(|warning| warning.contains("whole history")), "{:?}", again.warnings);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_without_txns_since_its_beginning_holds_what_stripe_says() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &since("2026-10-30")).await.unwrap();
    assert!(summary.complete && summary.by_kind["txn"] == 0, "{summary:?}");
    assert!(balances(folder.path()).into_iter().all(|(_, stripe, computed)| stripe == Some(computed)));
    let owner = AccountId::parse(&catalog.owner).unwrap();
    assert!(!open(folder.path()).opening_balances(&owner).unwrap().is_empty());
}
