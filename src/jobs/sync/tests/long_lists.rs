//! Lists that are long enough to be read in several stretches side by side.

use super::*;

/// Some thousand charges of one account.
fn long() -> Arc<sim::Catalog> {
    let options = sim::Options { days: 60, per_day: 60, accounts: 1, ..sim::Options::quarter(11, "2026-07-31".parse().unwrap()) };
    Arc::new(sim::World::generate(&options).unwrap().catalog)
}

/// Whether a request is for a page of a list's stretch that has an end: such only a list has that was cut.
fn is_cut(target: &str) -> bool {
    target.contains("created%5Blt%5D=")
}

fn pages_of(catalog: &sim::Catalog, kind: sim::ObjectKind) -> usize {
    catalog.accounts.values().map(|account| account.objects[&kind].len().div_ceil(100)).sum()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_list_is_read_in_stretches_with_few_requests_more_and_goes_on_after_every_stop() {
    let (catalog, whole, stopped) = (long(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let server = honest(&catalog).await;
    let summary = run(&server, whole.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    assert_eq!(counted(&summary), counts(&catalog));
    let asked = server.asked();
    assert!(asked.iter().any(|target| is_cut(target)), "no list was cut");
    let charges = asked.iter().filter(|target| target.contains("/v1/charges?")).count();
    assert!(charges <= pages_of(&catalog, sim::ObjectKind::Charge) + 12, "{charges} pages of charges");

    // Each sync is stopped some requests later than the one before, until one comes to its end.
    let (mut read, mut stops) = (0, 0);
    loop {
        let last = 12 + stops;
        let turn_away = move |target: &str, count| {
            let is_list = target.contains("limit=100") && !target.contains("payout=");
            (is_list && count > last).then_some((StatusCode::BAD_REQUEST, "{}"))
        };
        let turned: Arc<TurnAway> = if stops < 15 { Arc::new(turn_away) } else { Arc::new(|_, _| None) };
        let server = serve(&catalog, "0", turned).await;
        let part = run(&server, stopped.path()).await.unwrap();
        read += part.inserted;
        if part.complete {
            break;
        }
        stops += 1;
        assert!(stops < 20, "{:?}", part.unread);
    }
    assert!(stops > 3, "{stops} stops");
    assert_eq!(read, summary.inserted, "nothing was new twice");
    assert_eq!(open(stopped.path()).content_digest().unwrap(), open(whole.path()).content_digest().unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn with_three_answers_in_ten_bad_a_long_list_is_read_the_same() {
    let (catalog, calm, rough) = (long(), tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(&honest(&catalog).await, calm.path()).await.unwrap();
    let server = serve(&catalog, "0.3", Arc::new(|_, _| None)).await;
    let summary = run(&server, rough.path()).await.unwrap();
    assert!(summary.complete, "{:?}", summary.unread);
    assert!(server.asked().iter().any(|target| is_cut(target)), "no list was cut");
    assert_eq!(counted(&summary), counts(&catalog));
    assert_eq!(open(rough.path()).content_digest().unwrap(), open(calm.path()).content_digest().unwrap());
}
