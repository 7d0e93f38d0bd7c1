//! Past days that are listed again.

use facts::AccountId;
use store::DayFound;

use super::*;

/// Three days of many sales; the first of them is the only one that is over long enough to be listed again.
const FIRST: &str = "2026-07-20";
const NOW: &str = "2026-07-22T12:00:00Z";

fn busy_world() -> Arc<sim::Catalog> {
    world_of(30, 150)
}

fn world_of(days: u32, per_day: u32) -> Arc<sim::Catalog> {
    let options = sim::Options { days, per_day, ..sim::Options::quarter(11, "2026-07-31".parse().unwrap()) };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

async fn stripe(catalog: &Arc<sim::Catalog>, faults: &str, turn_away: Arc<TurnAway>) -> Server {
    let now = NOW.parse::<Timestamp>().unwrap().as_second();
    let time = sim::http::WorldTime::Running(Arc::new(move || now));
    serve_with(Serving { time, faults: faults.parse().unwrap(), ..Serving::new(Arc::clone(catalog), 5) }, turn_away).await
}

async fn calm(catalog: &Arc<sim::Catalog>) -> Server {
    stripe(catalog, "0", Arc::new(|_, _| None)).await
}

fn since(day: &str) -> SyncRequest {
    SyncRequest { since: Some(Day::On(day.parse().unwrap())), ..SyncRequest::default() }
}

async fn begin(server: &Server, folder: &Path) {
    let summary = run_with(&server.base, folder, "rk_test_1", &since(FIRST)).await.unwrap();
    assert!(summary.complete && summary.listed_again.is_empty(), "{:?}", summary.unread);
    server.asked();
}

fn found(folder: &Path, catalog: &sim::Catalog) -> Option<DayFound> {
    let check = open(folder).day_check(&AccountId::parse(&catalog.owner).unwrap()).unwrap().unwrap();
    assert_eq!((check.day.to_string().as_str(), check.run.is_some()), (FIRST, true));
    check.found
}

fn txns_are_whole(folder: &Path, catalog: &sim::Catalog) -> bool {
    let known = open(folder).known(&AccountId::parse(&catalog.owner).unwrap()).unwrap();
    known.iter().any(|known| known.kind == ObjectKind::Txn && known.whole)
}

/// Whether a request lists a day again.
fn lists_a_day(target: &str) -> bool {
    target.contains("/v1/balance_transactions?") && (target.contains("created[lt]") || target.contains("created%5Blt%5D"))
}

#[tokio::test(flavor = "multi_thread")]
async fn txns_that_a_list_left_out_and_the_opening_balance_hid_are_found_by_listing_a_day_again() {
    let (catalog, folder, truth) = (busy_world(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    begin(&stripe(&catalog, "missing-page-row:1", Arc::new(|_, _| None)).await, folder.path()).await;
    let server = calm(&catalog).await;
    let second = run(&server, folder.path()).await.unwrap();
    let DayFound { listed, missing, extra } = found(folder.path(), &catalog).unwrap();
    assert!(missing > 0 && listed > missing && extra == 0, "{missing} of {listed}");
    assert!(
        !second.complete && second.unread.iter().any(|told| told.contains("asked for that day again")),
        "{:?}",
        second.unread
    );
    assert_eq!((second.listed_again[0].state, second.listed_again[0].missing), ("differs", Some(missing)));
    assert!(second.inserted >= missing && !txns_are_whole(folder.path(), &catalog), "what lies beside it is in doubt");

    let third = run(&server, folder.path()).await.unwrap();
    assert!(third.by_kind["txn"] > listed && txns_are_whole(folder.path(), &catalog), "all of it was read again: {third:?}");
    let earlier = run_with(&server.base, folder.path(), "rk_test_1", &since("2026-07-19")).await.unwrap();
    assert!(earlier.complete, "{:?}", earlier.unread);
    run_with(&server.base, truth.path(), "rk_test_1", &since("2026-07-19")).await.unwrap();
    let (ours, theirs) = (members(folder.path()), members(truth.path()));
    let lacking: Vec<&String> = theirs.keys().filter(|id| !ours.contains_key(*id)).collect();
    assert!(lacking.is_empty(), "{lacking:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_is_as_it_was_is_listed_once_a_day_and_never_for_who_asks_for_days() {
    let (catalog, folder) = (busy_world(), tempfile::tempdir().unwrap());
    let server = calm(&catalog).await;
    begin(&server, folder.path()).await;
    let only = SyncRequest { only: [ObjectKind::Txn].into(), ..SyncRequest::default() };
    assert!(run_with(&server.base, folder.path(), "rk_test_1", &only).await.unwrap().listed_again.is_empty());
    let second = run(&server, folder.path()).await.unwrap();
    assert!(second.complete && second.warnings.is_empty(), "{:?}", second.unread);
    let DayFound { listed, missing, extra } = found(folder.path(), &catalog).unwrap();
    assert_eq!((listed > 100, missing, extra, second.listed_again[0].state), (true, 0, 0, "same"));
    let asked = server.asked().iter().filter(|target| lists_a_day(target)).count();
    assert_eq!(asked as u64, listed / 100 + 1, "its pages, and nothing of the connected account");
    assert!(run(&server, folder.path()).await.unwrap().listed_again.is_empty());
    assert_eq!(server.asked().iter().filter(|target| lists_a_day(target)).count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_day_that_is_too_long_only_what_was_listed_is_compared() {
    let (catalog, folder) = (world_of(14, 700), tempfile::tempdir().unwrap());
    let server = calm(&catalog).await;
    begin(&server, folder.path()).await;
    let summary = run(&server, folder.path()).await.unwrap();
    let check = &summary.listed_again[0];
    assert_eq!((check.state, check.missing, check.extra), ("same", Some(0), Some(0)), "{check:?}");
    assert!(check.listed.is_some_and(|listed| (450..=500).contains(&listed)), "{check:?}");
    let day = check.until_at.duration_since(check.from_at);
    assert!(day.as_hours() < 23, "not all of the day was compared: {check:?}");
    assert_eq!(server.asked().iter().filter(|target| lists_a_day(target)).count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_txn_that_stripe_lists_no_more_is_told_and_kept() {
    let (catalog, folder) = (busy_world(), tempfile::tempdir().unwrap());
    begin(&calm(&catalog).await, folder.path()).await;
    let mut short = sim::Catalog::clone(&catalog);
    let txns = &mut short.accounts.get_mut(&catalog.owner).unwrap().objects;
    let txns = txns.get_mut(&sim::ObjectKind::BalanceTransaction).unwrap();
    let noon = format!("{FIRST}T18:00:00Z").parse::<Timestamp>().unwrap().as_second();
    let place = txns.iter().position(|txn| txn.created < noon).unwrap();
    let gone = txns.remove(place).id();
    let summary = run(&calm(&Arc::new(short)).await, folder.path()).await.unwrap();
    // Its balance lacks it too, which the balance is held against.
    assert!(!summary.complete && summary.warnings.iter().any(|told| told.contains(&gone)), "{summary:?}");
    assert_eq!(found(folder.path(), &catalog).map(|found| (found.missing, found.extra)), Some((0, 1)));
    assert!(members(folder.path()).contains_key(&gone) && txns_are_whole(folder.path(), &catalog));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_day_that_could_not_be_listed_is_unknown_and_the_next_sync_tries_again() {
    let (catalog, folder) = (busy_world(), tempfile::tempdir().unwrap());
    begin(&calm(&catalog).await, folder.path()).await;
    let turn_away = |target: &str, _| lists_a_day(target).then_some((StatusCode::BAD_REQUEST, "{}"));
    let server = stripe(&catalog, "0", Arc::new(turn_away)).await;
    let summary = run(&server, folder.path()).await.unwrap();
    assert!(!summary.complete && summary.unread.iter().any(|told| told.contains("a past day's txns")), "{:?}", summary.unread);
    assert_eq!((summary.listed_again[0].state, found(folder.path(), &catalog)), ("unknown", None));
    assert!(run(&calm(&catalog).await, folder.path()).await.unwrap().complete);
    assert_eq!(found(folder.path(), &catalog).map(|found| found.missing), Some(0));
}
