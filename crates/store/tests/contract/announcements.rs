//! What happens is noted for programs with what makes it happen, where somebody wants to hear of it.

use std::collections::BTreeSet;

use facts::{ExceptionId, MatchId, MatchState};
use serde_json::{Value, json};
use store::{Acting, AnnouncementKind, OutcomeWrite, RunEnd, ScheduledState, Store};

use super::alerts::message;
use super::schedules::{begin, ended, with_a_run};
use super::world::*;

fn wanting(kinds: impl IntoIterator<Item = AnnouncementKind>) -> Fresh {
    let mut fresh = fresh();
    let payouts = ["po_1", "po_2"].map(|id| payout(id, 300).into());
    put(&mut fresh.store, &list(facts::ObjectKind::Account, vec![account().into()]));
    put(&mut fresh.store, &list(facts::ObjectKind::Payout, payouts.into()));
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300), line("bl_2", 5, 300)], 1, 31).unwrap();
    fresh.store.want_announcements(&kinds.into_iter().collect()).unwrap();
    fresh
}

fn apply(store: &mut Store, write: OutcomeWrite) {
    let revision = store.revision().unwrap();
    store.apply(&write, revision).unwrap();
}

/// What is to be told, which is told by that.
fn told(store: &mut Store) -> Vec<(&'static str, Value)> {
    let happened = store.announcements(99).unwrap();
    if let Some(last) = happened.last() {
        store.announced(last.id, &[]).unwrap();
    }
    happened.iter().map(|one| (one.kind.as_str(), serde_json::from_str(&one.data).unwrap())).collect()
}

#[test]
fn a_payout_is_told_of_once_when_it_is_at_the_bank_and_when_it_is_not_any_more() {
    let mut fresh = wanting(AnnouncementKind::ALL);
    let store = &mut fresh.store;
    let one = match_of("m_1", "po_1", "bl_1");
    apply(store, OutcomeWrite { matches: vec![one.clone()], ..outcome(1) });
    let data = json!({
        "payout": "po_1", "account": own().as_str(), "amount_minor": 300, "currency": "usd", "bank_lines": ["bl_1"], "match": "m_1",
        "difference_minor": 0, "decided_by": "rule", "probability_ppm": 999_000
    });
    assert_eq!(store.announcements(1).unwrap()[0].happened_at, Some(Acting::default().at));
    assert_eq!(told(store), [("payout.matched", data)]);
    apply(store, OutcomeWrite { matches: vec![facts::Match { score: 7, ..one.clone() }], ..outcome(2) });
    assert_eq!(told(store), [], "it is where it was");
    apply(store, OutcomeWrite { matches: vec![match_of("m_1", "po_1", "bl_2")], ..outcome(3) });
    assert_eq!(told(store)[0].1["bank_lines"], json!(["bl_2"]));
    apply(store, OutcomeWrite { matches: vec![facts::Match { state: MatchState::Ambiguous, ..one.clone() }], ..outcome(4) });
    assert_eq!((told(store)[0].0, store.announcements(9).unwrap()), ("payout.unmatched", vec![]));
    apply(store, OutcomeWrite { matches: vec![one], ..outcome(5) });
    told(store);
    let gone = vec![MatchId::parse("m_1").unwrap(), MatchId::parse("m_9").unwrap()];
    apply(store, OutcomeWrite { matches_gone: gone, matches: vec![match_of("m_2", "po_2", "bl_1")], ..outcome(6) });
    let names: Vec<_> = told(store).into_iter().map(|(kind, data)| (kind, data["payout"].clone())).collect();
    assert_eq!(names, [("payout.unmatched", json!("po_1")), ("payout.matched", json!("po_2"))]);
}

#[test]
fn an_exception_is_told_of_when_it_is_opened_and_when_it_is_resolved_and_not_when_it_changes() {
    let mut fresh = wanting(AnnouncementKind::ALL);
    let store = &mut fresh.store;
    let (open, id) = (exception("ex_1", "po_1"), ExceptionId::parse("ex_1").unwrap());
    let resolved = || OutcomeWrite { exceptions_resolved: vec![id.clone()], ..outcome(3) };
    apply(store, OutcomeWrite { exceptions_open: vec![open.clone()], ..outcome(1) });
    let (kind, data) = told(store).remove(0);
    assert_eq!((kind, &data["exception"], &data["amount_minor"]), ("exception.opened", &json!("ex_1"), &json!(300)));
    assert_eq!((&data["code"], &data["subjects"]), (&json!("deposit_missing"), &json!([{ "kind": "payout", "id": "po_1" }])));
    apply(store, OutcomeWrite { exceptions_open: vec![facts::Exception { amount_minor: 9, ..open.clone() }], ..outcome(2) });
    assert_eq!(told(store), []);
    apply(store, resolved());
    apply(store, resolved());
    let kinds: Vec<_> = told(store).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["exception.resolved"]);
    apply(store, OutcomeWrite { exceptions_open: vec![open], ..outcome(4) });
    assert_eq!(told(store)[0].0, "exception.opened", "opened again");
}

#[test]
fn taking_a_statement_back_tells_of_what_is_withdrawn_with_it() {
    let mut fresh = wanting(AnnouncementKind::ALL);
    let store = &mut fresh.store;
    let about_the_line = facts::Exception { subjects: vec![subject("bank_line", "bl_2")], ..exception("ex_1", "po_1") };
    let matches = vec![match_of("m_1", "po_1", "bl_1")];
    apply(store, OutcomeWrite { matches, exceptions_open: vec![about_the_line], ..outcome(1) });
    told(store);
    store.undo_statement(&bank(), &hash(b"a"), at(9)).unwrap();
    let kinds: Vec<_> = told(store).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["payout.unmatched", "exception.resolved"]);
}

#[test]
fn a_run_is_told_of_once_it_is_not_tried_again_and_what_nobody_wants_to_hear_is_not_noted() {
    let mut fresh = wanting([AnnouncementKind::RunFailed]);
    let store = &mut fresh.store;
    apply(store, OutcomeWrite { exceptions_open: vec![exception("ex_1", "po_1")], ..outcome(1) });
    with_a_run(store, "a", 7);
    let run = begin(store, 7).unwrap();
    let failed = RunEnd { error: Some("no".to_owned()), ..ended(ScheduledState::Failed) };
    let again = RunEnd { state: ScheduledState::Waiting, try_at: Some(at(600)), ..failed.clone() };
    assert!(store.end_scheduled(&run, at(600), &again).unwrap());
    assert_eq!(told(store), []);
    let run = begin(store, 20).unwrap();
    assert!(store.end_scheduled(&run, at(1_300), &failed).unwrap());
    let (kind, data) = told(store).remove(0);
    assert_eq!(
        (kind, &data["schedule"], &data["attempts"], &data["error"]),
        ("run.failed", &json!("a"), &json!(2), &json!("no"))
    );
}

#[test]
fn what_is_told_becomes_messages_and_what_nobody_wants_any_more_is_forgotten() {
    let mut fresh = wanting(AnnouncementKind::ALL);
    let store = &mut fresh.store;
    apply(store, OutcomeWrite { matches: vec![match_of("m_1", "po_1", "bl_1"), match_of("m_2", "po_2", "bl_2")], ..outcome(1) });
    let first = store.announcements(1).unwrap().remove(0);
    store.announced(first.id, &[message("m1", "ops")]).unwrap();
    assert_eq!((store.announcements(9).unwrap().len(), store.messages(9).unwrap().len()), (1, 1));
    store.want_announcements(&BTreeSet::from([AnnouncementKind::RunFailed])).unwrap();
    assert_eq!(store.announcements(9).unwrap(), []);
}
