//! Every change of state has one entry, with it or not at all; whatever changes behind the trail's back is named.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use audit::{Anchor, Change, Fault};
use facts::{ExceptionId, MatchId};
use jiff::Timestamp;
use store::*;

use super::schedules::daily;
use super::world::*;

/// Nothing is wrong with the trail of a database, where there is one.
pub fn holds(location: &Location) {
    if std::thread::panicking() {
        return;
    }
    if let Ok(Some(store)) = Store::open_existing(location) {
        assert_eq!(report(&store, &[]).faults, [], "the audit trail is broken");
    }
}

fn report(store: &Store, anchors: &[Anchor]) -> AuditReport {
    store.verify_audit(anchors, &mut |_| ControlFlow::Continue(())).unwrap()
}

fn faults(store: &Store) -> Vec<Fault> {
    report(store, &[]).faults
}

fn anchor(store: &Store) -> Anchor {
    let (entries, heads) = store.audit_heads().unwrap();
    Anchor { entries, root: heads.root(), taken_at: at(1) }
}

/// What the newest entry says: act, chain, and for each change what has changed and between which words.
fn newest(store: &Store) -> (String, String, Vec<String>) {
    let entry = store.audit_entries(&AuditFilter { limit: Some(1), ..AuditFilter::default() }).unwrap().remove(0);
    let word =
        |state: &Option<String>| state.as_ref().map_or("-".to_owned(), |state| state.split(' ').next().unwrap().to_owned());
    let told = |change: &Change| format!("{} {} {} {}", change.noun, change.id, word(&change.from), word(&change.to));
    (entry.act.clone(), entry.chain.clone(), entry.read().unwrap().iter().map(told).collect())
}

/// A payout that is found at the bank, and one that is not.
fn concluded() -> Fresh {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    put(store, &list(facts::ObjectKind::Account, vec![account().into()]));
    put(store, &list(facts::ObjectKind::Payout, ["po_1", "po_2"].map(|id| payout(id, 300).into()).into()));
    import(store, b"a", &[line("bl_1", 4, 300)], 1, 31).unwrap();
    let write = OutcomeWrite {
        verdicts: vec![verdict("po_1", vec![allocation("bl_1", 300)])],
        matches: vec![match_of("m_1", "po_1", "bl_1")],
        exceptions_open: vec![exception("ex_2", "po_2")],
        ..outcome(1)
    };
    let revision = store.revision().unwrap();
    store.apply(&write, revision).unwrap();
    fresh
}

#[test]
fn what_is_concluded_has_an_entry_in_the_chain_of_its_account_and_a_second_time_none() {
    let mut fresh = concluded();
    let store = &mut fresh.store;
    let found = (
        "reconcile".to_owned(),
        "acct_own".to_owned(),
        ["payout po_1 - matched/tied/matched", "match m_1 - accepted", "exception ex_2 - open"].map(str::to_owned).to_vec(),
    );
    assert_eq!(newest(store), found);
    let before = store.audit_heads().unwrap();
    let again = OutcomeWrite {
        matches: vec![match_of("m_1", "po_1", "bl_1")],
        exceptions_open: vec![exception("ex_2", "po_2")],
        ..outcome(2)
    };
    let revision = store.revision().unwrap();
    store.apply(&again, revision).unwrap();
    assert_eq!(store.audit_heads().unwrap(), before);
    let other = OutcomeWrite {
        exceptions_resolved: vec![ExceptionId::parse("ex_2").unwrap()],
        matches_gone: vec![MatchId::parse("m_1").unwrap()],
        ..outcome(3)
    };
    store.apply(&other, revision).unwrap();
    assert_eq!(newest(store).2, ["match m_1 accepted -", "exception ex_2 open resolved"]);
    let reopened = OutcomeWrite { exceptions_open: vec![exception("ex_2", "po_2")], ..outcome(4) };
    store.apply(&reopened, revision).unwrap();
    assert_eq!(newest(store).2, ["exception ex_2 resolved open"]);
    assert_eq!(faults(store), []);
}

#[test]
fn what_people_decide_has_an_entry_and_what_fails_has_none() {
    let mut fresh = concluded();
    let store = &mut fresh.store;
    let shared = |act: &str, change: &str| (act.to_owned(), "shared".to_owned(), vec![change.to_owned()]);
    store.add_schedule(&daily("a")).unwrap();
    assert_eq!(newest(store), shared("schedule.add", "schedule a - active"));
    store.pause_schedule("a", true, at(5), None).unwrap();
    assert_eq!(newest(store), shared("schedule.pause", "schedule a active paused"));
    let run = store.ask_for_run("a", at(6)).unwrap();
    assert_eq!(newest(store), shared("schedule.run", &format!("scheduled_run {run} - -")));
    store.set_alert_rule("late", Some("{}")).unwrap();
    assert_eq!(newest(store), shared("alert.rule", "alert_rule late - set"));
    let until = Timestamp::new(at(9).as_second(), 123_456_789).unwrap();
    let silence = Silence { id: 0, rule: None, subject: None, until, reason: "a test".to_owned() };
    let id = store.add_silence(&silence, at(7)).unwrap();
    assert_eq!(newest(store), shared("alert.silence", &format!("silence {id} - until")));
    store.remove_schedule("a", at(8)).unwrap();
    assert_eq!(newest(store), shared("schedule.remove", "schedule a paused -"));
    let before = store.audit_heads().unwrap();
    store.add_schedule(&daily("b")).unwrap();
    assert!(!store.add_schedule(&daily("b")).unwrap());
    assert!(store.set_alert_rule("lost", None).is_err());
    assert!(store.cancel_scheduled(99, at(9)).is_err());
    assert_eq!(store.audit_heads().unwrap().0, before.0 + 1);
    store.undo_statement(&bank(), &hash(b"a"), at(9)).unwrap();
    let undone = store.audit_entries(&AuditFilter { act: Some(AuditAct::ImportUndo), ..AuditFilter::default() }).unwrap();
    let told: BTreeSet<_> =
        undone.iter().flat_map(|entry| entry.read().unwrap()).map(|change| (change.noun, change.id)).collect();
    let nouns: Vec<_> = told.iter().map(|(noun, _)| noun.as_str()).collect();
    assert_eq!(nouns, ["bank_account", "match", "payout", "statement_file"]);
    assert_eq!(faults(store), []);
}

#[test]
fn what_is_changed_behind_the_trails_back_is_named() {
    let changed = |sql: &str| {
        let fresh = concluded();
        fresh.place.change(sql);
        let told: Vec<String> = faults(&fresh.store).iter().map(ToString::to_string).collect();
        told
    };
    let differs = |thing: &str| vec![format!("{thing} stands otherwise than the newest entry of acct_own says")];
    assert_eq!(changed("UPDATE exception SET amount_minor = 1"), differs("exception ex_2"));
    assert_eq!(changed("UPDATE exception SET resolved_at = 7"), differs("exception ex_2"));
    assert_eq!(changed("UPDATE exception SET opened_at = 7"), differs("exception ex_2"));
    assert_eq!(changed("UPDATE deposit_line SET allocated_minor = 299"), differs("payout po_1"));
    assert_eq!(changed("UPDATE \"match\" SET state = 'proposed'"), differs("match m_1"));
    assert_eq!(changed("DELETE FROM exception_subject"), differs("exception ex_2"));
    let gone = "payout po_1 of acct_own is not there, and no entry says that it went";
    assert_eq!(changed("DELETE FROM deposit_line; DELETE FROM payout_verdict"), [gone]);
    let file = format!("statement_file main/{}", audit::hex(&hash(b"a")));
    let of_file = [format!("{file} stands otherwise than the newest entry of shared says")];
    assert_eq!(changed("UPDATE bank_line SET amount_minor = 301"), of_file);
    assert_eq!(changed("UPDATE statement_file SET bytes = (SELECT hash FROM object_version ORDER BY hash LIMIT 1)"), of_file);
    assert_eq!(changed("UPDATE statement_span SET until_on = '2099-01-01'"), of_file);
    let forged = "INSERT INTO bank_line (id, bank_account, date_on, currency, amount_minor, description, other_references) \
         VALUES ('bl_forged', 'main', '2026-07-05', 'usd', 300, 'STRIPE', '[]')";
    assert_eq!(changed(forged), ["bank_line bl_forged stands otherwise than the newest entry of shared says"]);
    let unread = changed("UPDATE exception SET code = 'no_such_code'");
    assert!(
        unread.len() == 1 && unread[0].starts_with("it cannot be read: ") && unread[0].contains("no_such_code"),
        "{unread:?}"
    );
    let unread = changed("UPDATE audit_entry SET position = 9223372036854775807 WHERE chain = 'acct_own'");
    assert!(unread.iter().any(|told| told.contains("found 9223372036854775807")), "{unread:?}");
    assert_eq!(changed("DROP VIEW bi_audit; DROP TABLE audit_head")[0].split(':').next(), Some("it cannot be read"));
    assert_eq!(
        changed("INSERT INTO alert_rule (name, rule) VALUES ('a', '{}')"),
        ["alert_rule a stands otherwise than the newest entry of shared says"]
    );
    for who in ["nobody", ""] {
        assert_eq!(
            changed(&format!("UPDATE audit_entry SET who = '{who}' WHERE chain = 'acct_own'")),
            ["entry 1 of acct_own was altered after it was written"]
        );
    }
    assert!(!changed("UPDATE audit_entry SET hash = UPPER(hash)").is_empty());
    assert_eq!(changed("UPDATE audit_entry SET changes = 'no JSON' WHERE chain = 'acct_own'").len(), 4, "and all that it said");
    assert!(changed("DELETE FROM audit_entry WHERE chain = 'acct_own'").iter().any(|told| told.contains("cut off")));
}

#[test]
fn what_is_changed_behind_the_trails_back_is_named_also_after_it_was_changed_again() {
    let mut fresh = concluded();
    fresh.place.change("UPDATE exception SET amount_minor = 1");
    let store = &mut fresh.store;
    let revision = store.revision().unwrap();
    store.apply(&OutcomeWrite { exceptions_open: vec![exception("ex_2", "po_2")], ..outcome(2) }, revision).unwrap();
    let told: Vec<String> = faults(store).iter().map(ToString::to_string).collect();
    assert_eq!(told, ["exception ex_2 was changed without an entry, before entry 2 of acct_own"]);
}

#[test]
fn a_trail_that_was_emptied_is_not_called_one_that_has_not_begun() {
    let fresh = concluded();
    let mut keeps = Store::open(fresh.place.location(), std::sync::Arc::new(NoPoints)).unwrap();
    let whole = report(&fresh.store, &[]);
    keeps.put_audit_check(&whole.check(at(3))).unwrap();
    fresh.place.change("DELETE FROM audit_entry; DELETE FROM audit_head");
    let emptied = report(&fresh.store, &[]);
    assert_eq!(emptied.faults, [Fault::Shortened { entries: whole.entries, found: 0 }]);
    keeps.put_audit_check(&emptied.check(at(4))).unwrap();
    assert_eq!(report(&fresh.store, &[]).faults, emptied.faults, "it is not forgotten by being found");
    assert_eq!(keeps.accept_audit().unwrap().faults, 1);
    assert!(matches!(keeps.accept_audit(), Err(StoreError::Absent { .. })));
    assert_eq!(faults(&fresh.store), []);
    assert_eq!(newest(&fresh.store).0, "audit.accept");
}

#[test]
fn a_number_that_somebody_wrote_into_the_trail_stops_no_program() {
    for column in
        ["UPDATE audit_head SET position = 9223372036854775807", "UPDATE audit_entry SET id = 9223372036854775807 WHERE id = 1"]
    {
        let mut fresh = concluded();
        fresh.place.change(column);
        let refused = fresh.store.set_alert_rule("late", Some("{}")).unwrap_err();
        assert!(matches!(refused, StoreError::BadRow { .. }) && refused.to_string().contains("count further"), "{refused}");
        assert!(!faults(&fresh.store).is_empty());
    }
}

#[test]
fn days_that_a_person_tells_of_a_file_have_an_entry() {
    let mut fresh = concluded();
    let before = fresh.store.audit_heads().unwrap().0;
    import(&mut fresh.store, b"a", &[line("bl_1", 4, 300)], 1, 31).unwrap();
    assert_eq!(fresh.store.audit_heads().unwrap().0, before, "the same file again changes nothing");
    let told = StatementWrite {
        bank_account: &bank(),
        currency: money::Currency::USD,
        file_name: "july.csv",
        format: "csv:chase",
        bytes: b"a",
        sha256: hash(b"a"),
        lines: &[line("bl_1", 4, 300)],
        spans: &[span(1, 20)],
        days_are_told: true,
        imported_at: at(0),
    };
    fresh.store.put_statement(&told).unwrap();
    assert!(newest(&fresh.store).2[0].starts_with("statement_file main/"), "{:?}", newest(&fresh.store));
    assert_eq!(faults(&fresh.store), []);
}

#[test]
fn an_end_that_was_cut_off_with_all_that_speaks_of_it_needs_an_anchor_to_be_found() {
    let mut fresh = concluded();
    fresh.store.set_alert_rule("late", Some("{}")).unwrap();
    let kept = anchor(&fresh.store);
    assert_eq!(report(&fresh.store, std::slice::from_ref(&kept)).faults, []);
    let before = kept.entries - 1;
    fresh.place.change(&format!("DELETE FROM audit_entry WHERE id > {before}"));
    fresh.place.change(
        "UPDATE audit_head SET position = position - 1, hash = (SELECT hash FROM audit_entry e WHERE e.chain = 'shared' \
         ORDER BY position DESC LIMIT 1) WHERE chain = 'shared'",
    );
    fresh.place.change("DELETE FROM alert_rule");
    assert_eq!(faults(&fresh.store), []);
    assert_eq!(
        report(&fresh.store, std::slice::from_ref(&kept)).faults,
        [Fault::Shortened { entries: kept.entries, found: before }]
    );
}

#[test]
fn what_stood_before_there_was_a_trail_gets_its_entries_with_the_first_write() {
    let mut fresh = concluded();
    ["audit_entry", "audit_head"].iter().for_each(|table| fresh.place.change(&format!("DELETE FROM {table}")));
    assert_eq!((faults(&fresh.store), report(&fresh.store, &[]).entries), (vec![], 0));
    fresh.store.set_alert_rule("late", Some("{}")).unwrap();
    let acts: Vec<_> = fresh.store.audit_entries(&AuditFilter::default()).unwrap();
    let acts: Vec<_> = acts.iter().map(|entry| (entry.act.as_str(), entry.chain.as_str())).collect();
    assert_eq!(acts, [("alert.rule", "shared"), ("adopt", "shared"), ("adopt", "acct_own")]);
    assert_eq!(faults(&fresh.store), []);
}

#[test]
fn entries_are_found_by_what_they_are_about_and_say_on_whose_behalf() {
    struct Ada;
    impl CommitPoints for Ada {
        fn reach(&self, _point: &'static str) {}
        fn acting(&self) -> Acting {
            Acting { at: at(77), by: RunTrigger::Api, who: Some("ada".to_owned()) }
        }
    }
    let mut fresh = fresh_with(std::sync::Arc::new(Ada));
    let store = &mut fresh.store;
    for name in ["a_b", "axb", "a%b", "a\"b"] {
        store.set_alert_rule(name, Some("{}")).unwrap();
    }
    let about = |id: &str| AuditFilter { about: Some(id.to_owned()), ..AuditFilter::default() };
    for name in ["a_b", "a%b", "a\"b"] {
        let found = store.audit_entries(&about(name)).unwrap();
        assert_eq!(found.len(), 1, "{name}");
        assert_eq!((found[0].at, found[0].by.as_str(), found[0].who.as_deref()), (at(77), "api", Some("ada")));
        assert_eq!(store.audit_entry(found[0].id).unwrap(), Some(found[0].clone()));
    }
    assert_eq!(store.audit_entries(&about("a")).unwrap(), [], "a part of an id is no id");
    let page = |before| AuditFilter { before, limit: Some(3), ..AuditFilter::default() };
    let ids = |filter: &AuditFilter| -> Vec<i64> { store.audit_entries(filter).unwrap().iter().map(|entry| entry.id).collect() };
    assert_eq!((ids(&page(None)), ids(&page(Some(2)))), (vec![4, 3, 2], vec![1]));
    assert_eq!(ids(&AuditFilter { from_at: Some(at(78)), ..AuditFilter::default() }), [0_i64; 0]);
    assert_eq!(store.audit_entry(99).unwrap(), None);
}

#[test]
fn many_changes_of_one_transaction_stand_in_several_entries_and_a_copy_has_them_all() {
    let mut fresh = concluded();
    let mut write = outcome(2);
    write.exceptions_open = (0..2_100).map(|number| exception(&format!("ex_many_{number}"), "po_2")).collect();
    let revision = fresh.store.revision().unwrap();
    fresh.store.apply(&write, revision).unwrap();
    let entries = fresh.store.audit_entries(&AuditFilter { limit: Some(3), ..AuditFilter::default() }).unwrap();
    let counts: Vec<usize> = entries.iter().rev().map(|entry| entry.read().unwrap().len()).collect();
    assert_eq!(counts, [1_000, 1_000, 100]);
    assert_eq!(faults(&fresh.store), []);
    let mut other = super::world::fresh();
    fresh.store.copy_to(&mut other.store, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(report(&other.store, &[anchor(&fresh.store)]).faults, []);
    let mut restored = super::world::fresh();
    fresh.store.restore_to(&mut restored.store, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(newest(&restored.store).2, ["database  - -"]);
    assert_eq!(report(&restored.store, &[anchor(&fresh.store)]).faults, []);
    ["audit_entry", "audit_head"].iter().for_each(|table| fresh.place.change(&format!("DELETE FROM {table}")));
    let mut of_before = super::world::fresh();
    fresh.store.restore_to(&mut of_before.store, &mut |_| ControlFlow::Continue(())).unwrap();
    assert_eq!(newest(&of_before.store).2, ["database  - -"]);
    assert_eq!(faults(&of_before.store), [], "a backup of before there was a trail begins one");
}

#[test]
fn what_came_of_verifying_is_kept_and_verifying_is_called_off() {
    let mut fresh = concluded();
    assert_eq!(fresh.store.audit_check().unwrap(), None);
    let check = report(&fresh.store, &[]).check(at(3));
    fresh.store.put_audit_check(&check).unwrap();
    assert_eq!(fresh.store.audit_check().unwrap(), Some(check.clone()));
    let bad = AuditCheck { faults: 2, first_fault: Some("entry 1 was altered".to_owned()), ..check.clone() };
    fresh.store.put_audit_check(&bad).unwrap();
    assert_eq!(fresh.store.audit_check().unwrap(), Some(bad.clone()));
    fresh.store.put_audit_check(&check).unwrap();
    assert_eq!(fresh.store.audit_check().unwrap(), Some(check.clone()));
    let anchored = AuditCheck { anchors: 1, anchored: 4, ..bad.clone() };
    fresh.store.put_audit_check(&anchored).unwrap();
    for less in [check.clone(), bad, AuditCheck { anchors: 9, anchored: 3, ..check.clone() }] {
        fresh.store.put_audit_check(&less).unwrap();
        assert_eq!(fresh.store.audit_check().unwrap(), Some(anchored.clone()), "a look at less than anchors speak of sees less");
    }
    let whole = AuditCheck { anchors: 1, anchored: 4, ..check };
    fresh.store.put_audit_check(&whole).unwrap();
    assert_eq!(fresh.store.audit_check().unwrap(), Some(whole));
    for number in 0..500 {
        fresh.store.set_alert_rule(&number.to_string(), Some("{}")).unwrap();
    }
    let stopped = fresh.store.verify_audit(&[], &mut |_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(StoreError::CalledOff)));
}
