//! Reconciling what has changed ends as reconciling everything does.

use std::sync::atomic::AtomicI64;

use facts::{AccountId, Balance, ExceptionCode};
use money::{Amount, Currency};
use sim::http::WorldTime;
use store::{BalanceWrite, ExceptionFilter, ExceptionState};

use super::*;
use crate::jobs::reconcile::{Basis, ReconcileRequest, reconcile, reconcile_due};

const HOUR_SECONDS: i64 = 3_600;

/// What everything would still have to change; nothing, where what has changed was reconciled.
fn left(outside: &Outside, config: &Config) -> recon::Plan {
    reconcile(outside, config, ReconcileRequest { dry_run: true, ..ReconcileRequest::default() }).unwrap().plan
}

fn drifts(folder: &Path) -> usize {
    let filter = ExceptionFilter {
        state: Some(ExceptionState::Open),
        code: Some(ExceptionCode::BalanceDrift),
        ..ExceptionFilter::default()
    };
    open(folder).exceptions(&filter).unwrap().len()
}

/// What everything was last judged from; that other runs have stood on it since is none of it.
fn stands_on(basis: &Option<Basis>) -> Option<String> {
    basis.as_ref().map(|basis| format!("{basis:?}").split(" last: ").next().unwrap().to_owned())
}

/// Stripe is said to hold a dollar.
fn put_a_dollar(folder: &Path, account: &AccountId, raw: &str) {
    let mut store = open(folder);
    let balance =
        Balance { account: account.clone(), available: Amount::new(100, Currency::USD), pending: Amount::new(0, Currency::USD) };
    let write = BalanceWrite {
        account,
        balances: vec![balance],
        raw: raw.as_bytes(),
        hash: [raw.len() as u8; 32],
        read_at: Timestamp::UNIX_EPOCH,
        steady: true,
    };
    store.put_balance(&write).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_alone_are_judged_like_everything_as_a_world_goes_on() {
    let catalog = world("2026-07-31");
    let folder = tempfile::tempdir().unwrap();
    let start = "2026-07-20T00:00:00Z".parse::<Timestamp>().unwrap().as_second();
    let now = Arc::new(AtomicI64::new(start));
    let clock = Arc::clone(&now);
    let time = WorldTime::Running(Arc::new(move || clock.load(Ordering::SeqCst)));
    let server = serve_with(Serving { time, ..Serving::new(Arc::clone(&catalog), 5) }, Arc::new(|_, _| None)).await;
    let outside = Outside::real().unwrap();
    let mut config = config(&server.base, folder.path(), "rk_test_1");
    let owner = AccountId::parse(&catalog.owner).unwrap();
    let (mut basis, mut alone, mut drifted) = (None, 0, 0);
    for hour in 0..48 {
        now.store(start + hour * HOUR_SECONDS, Ordering::SeqCst);
        config.as_of = Some(Timestamp::from_second(start + hour * HOUR_SECONDS).unwrap());
        assert!(run(&server, folder.path()).await.unwrap().complete);
        let before = stands_on(&basis);
        reconcile_due(&outside, &config, &mut basis).unwrap();
        assert!(left(&outside, &config).is_empty(), "hour {hour}: {:?}", left(&outside, &config));
        alone += usize::from(before == stands_on(&basis));
        if hour % 6 == 5 {
            put_a_dollar(folder.path(), &owner, &"x".repeat(usize::try_from(hour).unwrap()));
            reconcile_due(&outside, &config, &mut basis).unwrap();
            assert!(left(&outside, &config).is_empty(), "hour {hour}, after a dollar: {:?}", left(&outside, &config));
            drifted += drifts(folder.path());
        }
    }
    assert!(alone > 10, "accounts alone were judged {alone} times");
    assert_eq!(drifted, 8, "each dollar was a drift at once");
    assert_eq!(drifts(folder.path()), 1, "until the balance is read again");
}

/// Whether the last reconciliation was one of everything, and not of single accounts.
fn judged_everything(folder: &Path) -> bool {
    let runs = open(folder).runs(10).unwrap();
    runs.into_iter().find(|run| run.job == "reconcile").unwrap().summary.contains("verdicts")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_another_reconciliation_left_is_judged_anew_and_so_is_another_database_in_its_place() {
    let catalog = world("2026-07-31");
    let folder = tempfile::tempdir().unwrap();
    let server = honest(&catalog).await;
    let outside = Outside::real().unwrap();
    let mut config = config(&server.base, folder.path(), "rk_test_1");
    config.as_of = Some("2026-07-31T12:00:00Z".parse().unwrap());
    assert!(run(&server, folder.path()).await.unwrap().complete);
    let never_judged = folder.path().join("backup.db");
    std::fs::copy(folder.path().join("tieout.db"), &never_judged).unwrap();
    let mut basis = None;
    reconcile_due(&outside, &config, &mut basis).unwrap();
    let owner = AccountId::parse(&catalog.owner).unwrap();
    let of_another_day = Config { as_of: Some("2026-07-10T12:00:00Z".parse().unwrap()), ..config.clone() };
    reconcile(&outside, &of_another_day, ReconcileRequest::default()).unwrap();
    put_a_dollar(folder.path(), &owner, "x");
    reconcile_due(&outside, &config, &mut basis).unwrap();
    assert!(judged_everything(folder.path()));
    put_a_dollar(folder.path(), &owner, "xx");
    put_a_dollar(folder.path(), &AccountId::parse("acct_of_nobody").unwrap(), "xxx");
    reconcile_due(&outside, &config, &mut basis).unwrap();
    assert!(!judged_everything(folder.path()), "nobody else has reconciled since");
    for file in ["tieout.db", "tieout.db-wal", "tieout.db-shm"] {
        drop(std::fs::remove_file(folder.path().join(file)));
    }
    std::fs::rename(&never_judged, folder.path().join("tieout.db")).unwrap();
    reconcile_due(&outside, &config, &mut basis).unwrap();
    assert!(judged_everything(folder.path()) && left(&outside, &config).is_empty());
}
