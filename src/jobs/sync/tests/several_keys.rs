//! Several own accounts, each with its key, in one database.

use std::collections::BTreeSet;

use facts::AccountId;
use store::{DeliveryFilter, DeliveryState, DeliveryWrite};

use super::*;

/// The simulator's keys of a company's first and second account.
const KEYS: [&str; 2] = ["rk_test_1", "rk_test_own2_1"];

fn two_accounts() -> Arc<sim::Catalog> {
    let options = sim::Options { days: 20, per_day: 20, owners: 2, ..sim::Options::quarter(11, "2026-07-31".parse().unwrap()) };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

fn with_keys(base: &str, folder: &Path, keys: &[&str]) -> Config {
    let named = |(at, key): (usize, &&str)| StripeKey { name: format!("KEY_{at}"), secret: Ok((*key).to_owned().into()) };
    Config { stripe_keys: keys.iter().enumerate().map(named).collect(), ..config(base, folder, "") }
}

async fn sync_with(config: &Config, request: &SyncRequest) -> Result<SyncSummary, Failure> {
    sync(&Outside::real().unwrap(), config, request, &mut Unseen).await
}

/// The accounts that were read to the end.
fn synced(folder: &Path) -> BTreeSet<String> {
    let accounts = open(folder).accounts().unwrap();
    accounts.into_iter().filter(|row| row.synced_at.is_some()).map(|row| row.account.id.to_string()).collect()
}

fn owned(catalog: &sim::Catalog) -> [String; 2] {
    let second: BTreeSet<&String> = catalog.other_owners.iter().collect();
    [catalog.owner.clone(), (*second.first().unwrap()).clone()]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_key_reads_its_accounts_into_the_same_database() {
    let (catalog, folder) = (two_accounts(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let both = with_keys(&server.base, folder.path(), &KEYS);
    let first = sync_with(&both, &SyncRequest::default()).await.unwrap();
    let again = sync_with(&both, &SyncRequest::default()).await.unwrap();
    assert!(first.complete && again.complete);
    assert_eq!(first.by_kind["charge"], counts(&catalog)["charge"]);
    assert_eq!((again.inserted, again.updated), (0, 0));
    assert_eq!(synced(folder.path()), catalog.accounts.keys().cloned().collect());
    let own =
        open(folder.path()).accounts().unwrap().into_iter().filter(|row| row.account.kind == facts::AccountKind::Own).count();
    assert_eq!(own, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_was_revoked_fails_the_sync_by_name_and_keeps_no_other_from_reading() {
    let (catalog, folder) = (two_accounts(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let keys = with_keys(&server.base, folder.path(), &["rk_test_revoked", KEYS[1]]);
    let summary = sync_with(&keys, &SyncRequest::default()).await.unwrap();
    assert!(!summary.complete && summary.by_kind["charge"] > 0, "what the other read is told");
    let kept = open(folder.path()).runs(1).unwrap().remove(0).summary;
    assert_eq!(kept, serde_json::to_string(&summary).unwrap(), "the run's record says what --json says");
    let failure = summary.to_mend.unwrap();
    assert!(kept.contains(&serde_json::to_string(&failure.message).unwrap()), "{kept}");
    assert_eq!(failure.exit, Exit::Authentication);
    assert!(failure.hint.as_deref().unwrap_or_default().contains("KEY_0"), "{failure}");
    assert_eq!(synced(folder.path()), BTreeSet::from([owned(&catalog)[1].clone()]));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_keys_of_one_account_read_it_once_and_keys_of_two_modes_read_nothing() {
    let (catalog, folder) = (two_accounts(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let rotated = with_keys(&server.base, folder.path(), &[KEYS[1], "rk_test_own2_2", KEYS[1]]);
    let summary = sync_with(&rotated, &SyncRequest::default()).await.unwrap();
    let own = &catalog.accounts[&owned(&catalog)[1]];
    assert_eq!(summary.by_kind["charge"], own.objects[&sim::ObjectKind::Charge].len() as u64);
    let mixed = with_keys(&server.base, folder.path(), &[KEYS[0], "rk_live_1"]);
    let asked = server.asked().len();
    let failure = sync_with(&mixed, &SyncRequest::default()).await.unwrap_err();
    assert!(failure.exit == Exit::Authentication && failure.message.contains("KEY_1 is a live key"), "{failure}");
    assert_eq!((asked > 0, server.asked().len()), (true, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_account_is_read_with_the_key_that_reaches_it_and_an_unknown_one_is_refused() {
    let (catalog, folder) = (two_accounts(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let both = with_keys(&server.base, folder.path(), &KEYS);
    let only = |id: &str| SyncRequest { account: Some(AccountId::parse(id).unwrap()), ..SyncRequest::default() };
    let [_, second] = owned(&catalog);
    sync_with(&both, &only(&second)).await.unwrap();
    assert_eq!(synced(folder.path()), BTreeSet::from([second.clone()]));
    let failure = sync_with(&both, &only("acct_none")).await.unwrap_err();
    assert!(failure.exit == Exit::Usage && failure.message.contains(&second), "{failure}");
}

/// A delivery of something of our own: it does not say which account's.
fn delivered(id: &str, kind: ObjectKind, object: &str) -> DeliveryWrite {
    DeliveryWrite {
        id: id.to_owned(),
        event_id: id.to_owned(),
        account: None,
        mode: Mode::Test,
        event_type: format!("{}.updated", kind.as_str()),
        subject: Some((kind, object.to_owned())),
        body: b"{}".to_vec(),
        received_at: "2026-07-31T12:00:00Z".parse().unwrap(),
    }
}

fn states(folder: &Path) -> BTreeMap<String, (DeliveryState, Option<String>)> {
    let rows = open(folder).deliveries(&DeliveryFilter::default()).unwrap();
    rows.into_iter().map(|row| (row.id, (row.state, row.account.map(|account| account.to_string())))).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_delivery_is_read_with_the_key_whose_account_knows_its_object() {
    let (catalog, folder) = (two_accounts(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let both = with_keys(&server.base, folder.path(), &KEYS);
    sync_with(&both, &SyncRequest::default()).await.unwrap();
    let charge = |account: &str| catalog.accounts[account].objects[&sim::ObjectKind::Charge].first().unwrap().id().to_owned();
    let [first, second] = owned(&catalog);
    let deliveries = [
        delivered("evt_1", ObjectKind::Charge, &charge(&first)),
        delivered("evt_2", ObjectKind::Charge, &charge(&second)),
        delivered("evt_gone", ObjectKind::Charge, "ch_none"),
    ];
    open(folder.path()).take_deliveries(&deliveries).unwrap();

    // While one key does not do, what no other knows may be its own, and waits.
    let half = with_keys(&server.base, folder.path(), &[KEYS[0], "rk_test_own2_revoked"]);
    let _ = work_off(&Outside::real().unwrap(), &half).await;
    let waits = (DeliveryState::Waiting, None);
    let of = |account: &str| (DeliveryState::Done, Some(account.to_owned()));
    let expected = |rows: [(&str, (DeliveryState, Option<String>)); 3]| {
        rows.into_iter().map(|(id, row)| (id.to_owned(), row)).collect::<BTreeMap<_, _>>()
    };
    assert_eq!(states(folder.path()), expected([("evt_1", of(&first)), ("evt_2", waits.clone()), ("evt_gone", waits)]));

    let summary = work_off(&Outside::real().unwrap(), &both).await.unwrap().unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    let gone = (DeliveryState::Done, None);
    assert_eq!(states(folder.path()), expected([("evt_1", of(&first)), ("evt_2", of(&second)), ("evt_gone", gone)]));
}
