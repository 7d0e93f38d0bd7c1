//! What lay in the balance around a manual payout.

use facts::ObjectKind;

use super::world::*;

const DAY: i64 = 24 * 60 * 60;

fn made(id: &str, net: i64, seconds: i64, available: i8) -> facts::Txn {
    let mut txn = txn(id, net);
    let created_at = jiff::Timestamp::from_second(seconds).unwrap();
    (txn.created_at, txn.available_on) = (created_at, day(available));
    txn
}

#[test]
fn the_balance_before_a_manual_payout_and_what_came_since_are_told_apart_by_when_they_became_available() {
    let mut fresh = fresh();
    let base = day(1).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp().as_second();
    let taken = |id: &str, net: i64, seconds: i64| {
        let mut txn = made(id, net, seconds, 20);
        txn.kind = "payout".to_owned();
        txn
    };
    let txns = [
        made("txn_1", 500, base, 2),
        // Made before the first payout and available after it.
        made("txn_2", 300, base + DAY, 6),
        taken("txn_own_1", -400, base + 3 * DAY),
        made("txn_3", 70, base + 4 * DAY, 4),
        made("txn_4", 9_000, base + 4 * DAY, 28),
        taken("txn_own_2", -470, base + 7 * DAY),
    ];
    put(&mut fresh.store, &list(ObjectKind::Txn, txns.into_iter().map(Into::into).collect()));
    let mut manual = payout("po_2", 460);
    (manual.automatic, manual.own_txn) = (false, Some(facts::TxnId::parse("txn_own_2").unwrap()));
    let unknown = fresh.store.around_payout(&manual, 10).unwrap().unwrap();
    assert_eq!(unknown.left_before_minor, None, "the account was never read to its end");
    put(&mut fresh.store, &list(ObjectKind::Account, vec![account().into()]));
    fresh.store.mark_synced(&own(), at(0)).unwrap();
    let around = fresh.store.around_payout(&manual, 10).unwrap().unwrap();
    assert_eq!((around.took_minor, around.left_before_minor), (470, Some(100)));
    let became: Vec<&str> = around.became_available.iter().map(|txn| txn.id.as_str()).collect();
    assert_eq!(became, ["txn_3", "txn_2"], "in the order in which they became available");
    assert_eq!(
        fresh.store.around_payout(&manual, 1).unwrap().unwrap().became_available.len(),
        2,
        "one more says that there are more"
    );
    manual.own_txn = Some(facts::TxnId::parse("txn_own_1").unwrap());
    let first = fresh.store.around_payout(&manual, 10).unwrap().unwrap();
    assert_eq!((first.took_minor, first.left_before_minor, first.became_available.len()), (400, Some(0), 1));
    manual.own_txn = Some(facts::TxnId::parse("txn_unknown").unwrap());
    assert_eq!(fresh.store.around_payout(&manual, 10).unwrap(), None);
}
