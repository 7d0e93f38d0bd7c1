//! Syncs of days, and what is known by them.

use facts::AccountId;
use store::{Known, RunId};

use super::*;

/// Reads the days from the first to the last.
fn days(first: &str, last: &str) -> SyncRequest {
    let day = |text: &str| Day::On(text.parse().unwrap());
    SyncRequest { days: Some(Days { first: day(first), last: Some(day(last)) }), ..SyncRequest::default() }
}

fn known(folder: &Path, catalog: &sim::Catalog, kind: ObjectKind) -> Option<Known> {
    let known = open(folder).known(&AccountId::parse(&catalog.owner).unwrap()).unwrap();
    known.into_iter().find(|known| known.kind == kind)
}

/// The days that are known of a kind, in the business time zone: the first and the one after the last.
fn ranges(folder: &Path, catalog: &sim::Catalog, kind: ObjectKind) -> Vec<(String, String, Option<RunId>)> {
    let zone = zone_of(None, &open(folder).own_accounts().unwrap());
    let date = |at: Timestamp| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string();
    let known = known(folder, catalog, kind);
    known.into_iter().flat_map(|known| known.ranges).map(|range| (date(range.from), date(range.until), range.run)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn days_that_were_read_to_their_end_are_known_until_all_history_is() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let read = async |request: &SyncRequest| run_with(&server.base, folder.path(), "rk_test_1", request).await.unwrap();
    assert!(read(&days("2026-07-10", "2026-07-12")).await.complete);
    let july =
        |from: &str, until: &str, run| (format!("2026-07-{from} 00:00"), format!("2026-07-{until} 00:00"), Some(RunId(run)));
    assert_eq!(ranges(folder.path(), &catalog, ObjectKind::Txn), [july("10", "13", 1)]);
    assert_eq!(ranges(folder.path(), &catalog, ObjectKind::Topup), [july("10", "13", 1)], "there was none, and that is known");
    assert_eq!(known(folder.path(), &catalog, ObjectKind::Txn).unwrap().gaps.len(), 2);

    read(&days("2026-07-15", "2026-07-15")).await;
    let only = SyncRequest { only: [ObjectKind::Txn].into(), ..days("2026-07-13", "2026-07-14") };
    read(&only).await;
    assert_eq!(ranges(folder.path(), &catalog, ObjectKind::Txn), [july("10", "16", 3)]);
    assert_eq!(ranges(folder.path(), &catalog, ObjectKind::Refund), [july("15", "16", 2), july("10", "13", 1)]);

    assert!(read(&SyncRequest::default()).await.complete);
    assert_eq!(ranges(folder.path(), &catalog, ObjectKind::Txn), []);
    read(&days("2026-07-10", "2026-07-12")).await;
    let whole = known(folder.path(), &catalog, ObjectKind::Txn).unwrap();
    assert!(whole.whole && whole.ranges.is_empty() && whole.gaps.is_empty(), "{whole:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn days_whose_list_broke_off_are_not_known_and_a_day_that_is_not_over_is_known_until_now() {
    let (catalog, folder) = (world("2026-07-31"), tempfile::tempdir().unwrap());
    let broken = |target: &str, _| {
        let behind_the_first = target.contains("/v1/balance_transactions?") && target.contains("starting_after");
        behind_the_first.then_some((StatusCode::BAD_REQUEST, "{}"))
    };
    let server = serve(&catalog, "0", Arc::new(broken)).await;
    let began = Timestamp::now();
    let request = days("2026-07-10", "2100-01-01");
    let summary = run_with(&server.base, folder.path(), "rk_test_1", &request).await.unwrap();
    assert!(!summary.complete);
    assert_eq!(known(folder.path(), &catalog, ObjectKind::Txn), None);
    let refunds = known(folder.path(), &catalog, ObjectKind::Refund).unwrap();
    let until = refunds.ranges[0].until;
    assert!(until.as_second() >= began.as_second() && until <= Timestamp::now(), "{refunds:?}");
}
