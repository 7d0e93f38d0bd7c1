//! Reconciling what has changed ends as reconciling everything does.

use std::sync::atomic::AtomicI64;

use facts::{AccountId, Balance, ExceptionCode};
use money::{Amount, Currency};
use sim::http::WorldTime;
use store::{BalanceWrite, Basis, ExceptionFilter, ExceptionState};

use super::*;
use crate::jobs::reconcile::{ReconcileRequest, reconcile, reconcile_due};

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

/// When everything was last judged.
fn stands_on(folder: &Path) -> Option<Basis> {
    open(folder).to_judge().unwrap().basis
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
    let (mut alone, mut drifted) = (0, 0);
    for hour in 0..48 {
        now.store(start + hour * HOUR_SECONDS, Ordering::SeqCst);
        config.as_of = Some(Timestamp::from_second(start + hour * HOUR_SECONDS).unwrap());
        assert!(run(&server, folder.path()).await.unwrap().complete);
        let before = stands_on(folder.path());
        reconcile_due(&outside, &config).unwrap();
        assert!(left(&outside, &config).is_empty(), "hour {hour}: {:?}", left(&outside, &config));
        alone += usize::from(before == stands_on(folder.path()));
        if hour % 6 == 5 {
            put_a_dollar(folder.path(), &owner, &"x".repeat(usize::try_from(hour).unwrap()));
            reconcile_due(&outside, &config).unwrap();
            assert!(left(&outside, &config).is_empty(), "hour {hour}, after a dollar: {:?}", left(&outside, &config));
            drifted += drifts(folder.path());
        }
    }
    assert!(alone > 40, "accounts alone were judged {alone} times: in all hours but those that begin a day");
    assert_eq!(drifted, 8, "each dollar was a drift at once");
    assert_eq!(drifts(folder.path()), 1, "until the balance is read again");
}

/// The payouts of the whole world that are another at the second instant than at the first, and whose.
fn payouts_moved(catalog: &sim::Catalog, from: i64, until: i64) -> Vec<(String, String)> {
    let of = |(id, account): (&String, &sim::AccountObjects)| {
        let payouts = account.objects.get(&sim::ObjectKind::Payout).into_iter().flatten();
        let moved = payouts.filter(|one| one.created <= until && (one.created > from || one.body(from) != one.body(until)));
        moved.map(|one| (id.clone(), one.id().to_owned())).collect::<Vec<_>>()
    };
    catalog.accounts.iter().flat_map(of).collect()
}

fn deliver(folder: &Path, owner: &str, hour: i64, moved: &[(String, String)]) {
    let delivery = |(account, payout): &(String, String)| store::DeliveryWrite {
        id: format!("evt_{hour}_{payout}"),
        event_id: format!("evt_{hour}_{payout}"),
        account: (account != owner).then(|| AccountId::parse(account).unwrap()),
        mode: facts::Mode::Test,
        event_type: "payout.updated".to_owned(),
        subject: Some((facts::ObjectKind::Payout, payout.clone())),
        body: b"{}".to_vec(),
        received_at: Timestamp::UNIX_EPOCH,
    };
    open(folder).take_deliveries(&moved.iter().map(delivery).collect::<Vec<_>>()).unwrap();
}

fn import_banks(outside: &Outside, config: &Config, folder: &Path, world: &sim::World) {
    for file in &world.bank_files {
        std::fs::write(folder.join(&file.name), &file.bytes).unwrap();
        let request = crate::jobs::import::ImportRequest {
            files: vec![folder.join(&file.name)],
            given: Vec::new(),
            bank_account: file.bank_account.clone(),
            currency: file.currency,
            profile: None,
            days: None,
            dry_run: false,
        };
        crate::jobs::import::import_bank(outside, config, &request).unwrap();
    }
}

fn judged(folder: &Path) -> usize {
    open(folder).deposit_snapshot().unwrap().verdicts.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn payouts_that_webhooks_bring_before_their_money_are_judged_alone_and_like_everything() {
    let options = sim::Options { days: 30, per_day: 20, accounts: 3, ..sim::Options::quarter(7, "2026-07-31".parse().unwrap()) };
    let world = sim::World::generate(&options).unwrap();
    let catalog = Arc::new(world.catalog.clone());
    let folder = tempfile::tempdir().unwrap();
    let start = "2026-07-13T00:00:00Z".parse::<Timestamp>().unwrap().as_second();
    let now = Arc::new(AtomicI64::new(start));
    let clock = Arc::clone(&now);
    let time = WorldTime::Running(Arc::new(move || clock.load(Ordering::SeqCst)));
    let server = serve_with(Serving { time, ..Serving::new(Arc::clone(&catalog), 5) }, Arc::new(|_, _| None)).await;
    let outside = Outside::real().unwrap();
    let mut config = config(&server.base, folder.path(), "rk_test_1");
    assert!(run(&server, folder.path()).await.unwrap().complete);
    import_banks(&outside, &config, folder.path(), &world);
    let (mut alone, mut all, mut new) = (0, 0, 0);
    for hour in 0..72 {
        let at = start + hour * HOUR_SECONDS;
        now.store(at, Ordering::SeqCst);
        config.as_of = Some(Timestamp::from_second(at).unwrap());
        let moved = payouts_moved(&catalog, at - HOUR_SECONDS, at);
        deliver(folder.path(), &catalog.owner, hour, &moved);
        work_off(&outside, &config).await.unwrap();
        let (before, known) = (stands_on(folder.path()), judged(folder.path()));
        reconcile_due(&outside, &config).unwrap();
        assert!(left(&outside, &config).is_empty(), "hour {hour}, {moved:?}: {:?}", left(&outside, &config));
        let is_alone = before == stands_on(folder.path());
        alone += usize::from(is_alone && !moved.is_empty());
        all += usize::from(!is_alone);
        new += if is_alone { judged(folder.path()) - known } else { 0 };
    }
    assert!(
        alone >= 10 && new >= 8 && all <= 6,
        "of 72 hours, payouts were judged alone in {alone} ({new} new ones), everything in {all}"
    );
}

/// Whether the last reconciliation was one of everything, and not of single accounts.
fn judged_everything(folder: &Path) -> bool {
    let runs = open(folder).runs(10).unwrap();
    runs.into_iter().find(|run| run.job == "reconcile").unwrap().summary.contains("matches")
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_judged_of_another_day_or_zone_is_judged_anew_and_what_another_process_judged_is_not() {
    let catalog = world("2026-07-31");
    let folder = tempfile::tempdir().unwrap();
    let server = honest(&catalog).await;
    let outside = Outside::real().unwrap();
    let mut config = config(&server.base, folder.path(), "rk_test_1");
    config.as_of = Some("2026-07-31T12:00:00Z".parse().unwrap());
    assert!(run(&server, folder.path()).await.unwrap().complete);
    let never_judged = folder.path().join("backup.db");
    std::fs::copy(folder.path().join("tieout.db"), &never_judged).unwrap();
    reconcile_due(&outside, &config).unwrap();
    let owner = AccountId::parse(&catalog.owner).unwrap();
    let of_another_day = Config { as_of: Some("2026-07-10T12:00:00Z".parse().unwrap()), ..config.clone() };
    reconcile(&outside, &of_another_day, ReconcileRequest::default()).unwrap();
    put_a_dollar(folder.path(), &owner, "x");
    reconcile_due(&outside, &config).unwrap();
    assert!(judged_everything(folder.path()));
    put_a_dollar(folder.path(), &owner, "xx");
    put_a_dollar(folder.path(), &AccountId::parse("acct_of_nobody").unwrap(), "xxx");
    reconcile_due(&outside, &config).unwrap();
    assert!(!judged_everything(folder.path()), "nobody else has reconciled since");
    reconcile(&outside, &config, ReconcileRequest::default()).unwrap();
    put_a_dollar(folder.path(), &AccountId::parse("acct_of_another").unwrap(), "xxxx");
    reconcile_due(&outside, &config).unwrap();
    assert!(!judged_everything(folder.path()), "what another process has judged stands for this one too");
    let elsewhere = Config { time_zone: Some("Europe/Paris".to_owned()), ..config.clone() };
    reconcile_due(&outside, &elsewhere).unwrap();
    assert!(judged_everything(folder.path()), "the same day ends elsewhere at another instant");
    for file in ["tieout.db", "tieout.db-wal", "tieout.db-shm"] {
        drop(std::fs::remove_file(folder.path().join(file)));
    }
    std::fs::rename(&never_judged, folder.path().join("tieout.db")).unwrap();
    reconcile_due(&outside, &config).unwrap();
    assert!(judged_everything(folder.path()) && left(&outside, &config).is_empty());
}
