//! What is known to be read.

use facts::ObjectKind;
use jiff::Timestamp;
use store::{Gap, Known, RangeRead, Walk};

use super::world::*;

const INVOICE: ObjectKind = ObjectKind::Invoice;

fn gap(from: Option<i64>, until: Option<i64>) -> Gap {
    Gap { from: from.map(at), until: until.map(at) }
}

fn begun() -> Walk {
    Walk { started_at: at(900), since: None, after: None, complete: false, complete_until: None, stretches: Vec::new() }
}

fn between(from: i64, until: i64) -> (Timestamp, Timestamp) {
    (at(from), at(until))
}

#[test]
fn days_that_were_read_before_all_history_was_are_known_and_in_no_gap() {
    let mut fresh = fresh();
    let first = fresh.store.begin_run("sync", at(1)).unwrap();
    fresh.store.note_range(&own(), INVOICE, between(100, 200), at(1)).unwrap();
    let one = RangeRead { from: at(100), until: at(200), run: Some(first), at: at(1) };
    let gaps = vec![gap(Some(200), None), gap(None, Some(99))];
    let known = |gaps, ranges| Known { kind: INVOICE, whole: false, until: None, run: None, gaps, ranges };
    assert_eq!(fresh.store.known(&own()).unwrap(), [known(gaps, vec![one])]);

    let second = fresh.store.begin_run("sync", at(2)).unwrap();
    fresh.store.note_range(&own(), INVOICE, between(300, 400), at(2)).unwrap();
    fresh.store.note_range(&own(), INVOICE, between(400, 400), at(2)).unwrap();
    let other = RangeRead { from: at(300), until: at(400), run: Some(second), at: at(2) };
    let gaps = vec![gap(Some(400), None), gap(Some(200), Some(299)), gap(None, Some(99))];
    assert_eq!(fresh.store.known(&own()).unwrap(), [known(gaps, vec![other, one])]);

    fresh.store.note_range(&own(), INVOICE, between(200, 300), at(3)).unwrap();
    let merged = RangeRead { from: at(100), until: at(400), run: Some(second), at: at(3) };
    assert_eq!(fresh.store.known(&own()).unwrap()[0].ranges, [merged], "stretches that touch are one");
    fresh.store.note_range(&own(), INVOICE, between(150, 160), at(4)).unwrap();
    let again = RangeRead { at: at(4), ..merged };
    assert_eq!(fresh.store.known(&own()).unwrap()[0].ranges, [again], "what lies within one is in it");
    assert!(fresh.store.known(&facts::AccountId::parse("acct_other").unwrap()).unwrap().is_empty());
}

#[test]
fn what_is_left_of_a_first_reading_is_a_gap_without_the_days_that_were_read() {
    let mut fresh = fresh();
    let mut page = list(ObjectKind::Txn, vec![txn("txn_1", 500).into()]);
    page.walk = Some(Walk { after: Some("txn_1".to_owned()), ..begun() });
    put(&mut fresh.store, &page);
    fresh.store.note_range(&own(), ObjectKind::Txn, between(480, 700), at(1)).unwrap();
    fresh.store.note_range(&own(), ObjectKind::Txn, between(600, 800), at(1)).unwrap();
    fresh.store.note_range(&own(), ObjectKind::Txn, between(100, 200), at(1)).unwrap();
    let known = fresh.store.known(&own()).unwrap();
    assert_eq!(known[0].gaps, [gap(Some(200), Some(479)), gap(None, Some(99))]);
}

#[test]
fn days_are_forgotten_with_the_walk_they_say_more_than_and_once_all_history_is_known() {
    let mut fresh = fresh();
    let ranges = |fresh: &Fresh| fresh.store.known(&own()).unwrap().iter().map(|known| known.ranges.len()).sum::<usize>();
    fresh.store.note_range(&own(), INVOICE, between(100, 200), at(1)).unwrap();
    fresh.store.note_range(&own(), ObjectKind::Txn, between(100, 200), at(1)).unwrap();
    fresh.store.forget_walks(&own(), &[INVOICE]).unwrap();
    assert_eq!(ranges(&fresh), 1, "nobody vouches any more for what was seen of invoices");
    let mut page = list(ObjectKind::Txn, vec![txn("txn_1", 500).into()]);
    page.walk = Some(Walk { after: Some("txn_1".to_owned()), ..begun() });
    put(&mut fresh.store, &page);
    assert_eq!(ranges(&fresh), 1, "a first reading has begun");
    page.walk = Some(Walk { complete: true, complete_until: Some(at(900)), ..begun() });
    put(&mut fresh.store, &page);
    fresh.store.note_range(&own(), ObjectKind::Txn, between(100, 200), at(2)).unwrap();
    page.walk = Some(begun());
    put(&mut fresh.store, &page);
    assert_eq!(ranges(&fresh), 0, "all history was known, so that it was superfluous");
}
