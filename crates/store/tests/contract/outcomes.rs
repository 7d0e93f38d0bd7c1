//! What reconciliation writes.

use facts::{DepositState, MatchState, ObjectKind};
use store::{Applied, ExceptionFilter, ExceptionState, OutcomeWrite, StoreError};

use super::world::*;

/// One payout, one bank line, and what a reconciliation concludes of them.
fn reconciled() -> (Fresh, OutcomeWrite, i64) {
    let mut fresh = fresh();
    put(&mut fresh.store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into(), payout("po_2", 50).into()]));
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 31).unwrap();
    let mut write = outcome(100);
    write.verdicts = vec![verdict("po_1", vec![allocation("bl_1", 300)]), verdict("po_2", Vec::new())];
    write.matches = vec![match_of("m_1", "po_1", "bl_1")];
    write.exceptions_open = vec![exception("x_1", "po_2")];
    let revision = fresh.store.deposit_snapshot().unwrap().revision;
    (fresh, write, revision)
}

#[test]
fn a_second_application_changes_nothing_and_says_so() {
    let (mut fresh, mut write, revision) = reconciled();
    let applied = fresh.store.apply(&write, revision).unwrap();
    assert_eq!(applied, Applied { verdicts: 2, matches: 1, exceptions_opened: 1, ..Applied::default() });
    let digest = fresh.store.content_digest().unwrap();
    write.as_of = at(200);
    assert_eq!(fresh.store.apply(&write, revision).unwrap().total(), 0);
    assert_eq!(fresh.store.content_digest().unwrap(), digest);
}

#[test]
fn what_was_concluded_comes_back_in_the_next_snapshot() {
    let (mut fresh, write, revision) = reconciled();
    fresh.store.apply(&write, revision).unwrap();
    let snapshot = fresh.store.deposit_snapshot().unwrap();
    assert_eq!(snapshot.revision, revision, "conclusions are not data");
    assert_eq!((snapshot.verdicts, snapshot.matches), (write.verdicts, write.matches));
    assert_eq!(snapshot.exceptions_open, write.exceptions_open);
}

#[test]
fn conclusions_from_data_that_moved_are_refused() {
    let (mut fresh, write, revision) = reconciled();
    import(&mut fresh.store, b"b", &[line("bl_2", 5, 7)], 1, 31).unwrap();
    let refused = fresh.store.apply(&write, revision).unwrap_err();
    assert!(matches!(refused, StoreError::Moved { expected, found } if expected == revision && found == revision + 1));
    assert!(fresh.store.deposit_snapshot().unwrap().verdicts.is_empty());
}

#[test]
fn only_what_changed_is_written_and_members_follow() {
    let (mut fresh, mut write, revision) = reconciled();
    fresh.store.apply(&write, revision).unwrap();
    write.verdicts[0].deposit.state = DepositState::Proposed;
    write.verdicts[0].deposit.allocations.clear();
    write.matches[0].state = MatchState::Proposed;
    write.matches[0].right.clear();
    write.exceptions_open[0].subjects.push(subject("bank_line", "bl_1"));
    let applied = fresh.store.apply(&write, revision).unwrap();
    assert_eq!(applied, Applied { verdicts: 1, matches: 1, exceptions_changed: 1, ..Applied::default() });
    let snapshot = fresh.store.deposit_snapshot().unwrap();
    assert_eq!((snapshot.verdicts, snapshot.matches), (write.verdicts, write.matches));
    assert_eq!(snapshot.exceptions_open, write.exceptions_open);
}

#[test]
fn a_match_that_is_gone_leaves_no_members() {
    let (mut fresh, mut write, revision) = reconciled();
    fresh.store.apply(&write, revision).unwrap();
    write.matches_gone = write.matches.drain(..).map(|one| one.id).collect();
    assert_eq!(fresh.store.apply(&write, revision).unwrap().matches_gone, 1);
    assert_eq!(fresh.store.apply(&write, revision).unwrap().total(), 0);
    assert!(fresh.store.bank_line("bl_1").unwrap().unwrap().matches.is_empty());
}

#[test]
fn an_exception_keeps_its_opening_until_it_is_resolved_and_opens_anew_when_it_comes_back() {
    let (mut fresh, mut open, revision) = reconciled();
    let row = |fresh: &Fresh| fresh.store.exception("x_1").unwrap().unwrap();
    fresh.store.apply(&open, revision).unwrap();
    open.as_of = at(200);
    open.exceptions_open[0].amount_minor = 299;
    fresh.store.apply(&open, revision).unwrap();
    assert_eq!((row(&fresh).opened_at, row(&fresh).state), (at(100), ExceptionState::Open));

    let mut resolved = outcome(300);
    resolved.exceptions_resolved = vec![open.exceptions_open[0].id.clone()];
    assert_eq!(fresh.store.apply(&resolved, revision).unwrap().exceptions_resolved, 1);
    resolved.as_of = at(350);
    assert_eq!(fresh.store.apply(&resolved, revision).unwrap().total(), 0, "resolved once");
    assert_eq!((row(&fresh).state, row(&fresh).resolved_at), (ExceptionState::Resolved, Some(at(300))));

    open.as_of = at(400);
    assert_eq!(fresh.store.apply(&open, revision).unwrap().exceptions_opened, 1);
    assert_eq!((row(&fresh).opened_at, row(&fresh).resolved_at), (at(400), None));
    let filter = ExceptionFilter { state: Some(ExceptionState::Resolved), ..ExceptionFilter::default() };
    assert!(fresh.store.exceptions(&filter).unwrap().is_empty());
}

#[test]
fn a_noun_that_could_not_be_read_back_is_refused() {
    let (mut fresh, mut write, revision) = reconciled();
    write.exceptions_open[0].subjects = vec![subject("teapot", "t_1")];
    let message = fresh.store.apply(&write, revision).unwrap_err().to_string();
    assert!(message.contains("teapot"), "{message}");
    assert!(fresh.store.deposit_snapshot().unwrap().verdicts.is_empty(), "nothing of it is kept");
}

#[test]
fn an_amount_too_large_for_the_column_is_an_overflow_and_not_a_smaller_amount() {
    let (mut fresh, mut write, revision) = reconciled();
    write.exceptions_open[0].amount_minor = u64::MAX;
    assert!(matches!(fresh.store.apply(&write, revision), Err(StoreError::Overflow { .. })));
}
