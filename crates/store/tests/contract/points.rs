//! The points around every commit: each is reached, and a process that dies there leaves all of a write or nothing.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use facts::{Mode, ObjectKind};
use store::{COMMIT_POINTS, CommitPoints, DeliveryState, DueSettled, NoPoints, RunState, Store};

use super::alerts::message;
use super::schedules::{daily, nothing_due};
use super::world::*;
use crate::database::Place;

#[derive(Default)]
struct Heard(Mutex<Vec<&'static str>>);

impl CommitPoints for Heard {
    fn reach(&self, point: &'static str) {
        self.0.lock().unwrap().push(point);
    }
}

/// Dies at one point.
struct Dies(&'static str);

impl CommitPoints for Dies {
    fn reach(&self, point: &'static str) {
        assert!(point != self.0, "died at {point}");
    }
}

/// Every kind of write once, from an empty path.
fn everything(place: &Place, points: Arc<dyn CommitPoints>) {
    let mut store = Store::open(place.location(), points.clone()).unwrap();
    let run = store.begin_run("sync", at(1)).unwrap();
    store.claim_mode(Mode::Test).unwrap();
    put(&mut store, &list(ObjectKind::Account, vec![account().into()]));
    store.note_listed(&own(), &[own()], run).unwrap();
    put(&mut store, &list(ObjectKind::Payout, vec![payout("po_1", 300).into()]));
    put(&mut store, &members("po_1", vec![txn("txn_1", 100).into()], false));
    put(&mut store, &members("po_1", vec![txn("txn_2", 200).into()], true));
    store.put_balance(&balance_write(&own(), b"{}", 1)).unwrap();
    store.add_up_days(None).unwrap();
    store.forget_walks(&own(), &[ObjectKind::Payout]).unwrap();
    store.mark_synced(&own(), at(2)).unwrap();
    import(&mut store, b"a", &[line("bl_1", 4, 300)], 1, 31).unwrap();
    import(&mut store, b"c", &[line("bl_2", 5, 300)], 1, 31).unwrap();
    store.undo_statement(&bank(), &hash(b"c"), at(9)).unwrap();
    store.put_export(&export_write(&own(), b"b")).unwrap();
    store.forget_sums().unwrap();
    let mut write = outcome(100);
    write.verdicts = vec![verdict("po_1", vec![allocation("bl_1", 300)])];
    write.matches = vec![match_of("m_1", "po_1", "bl_1")];
    let revision = store.revision().unwrap();
    store.apply(&write, revision).unwrap();
    store.take_deliveries(&[delivery("evt_1", "po_1")]).unwrap();
    store.settle_deliveries(&[settled("evt_1", DeliveryState::Done)], at(3)).unwrap();
    store.end_run(run, at(3), RunState::Done, "{}").unwrap();
    store.forget_runs(at(0)).unwrap();
    store.add_schedule(&daily("a")).unwrap();
    let due = DueSettled { runs: vec![(at(420), false)], ..nothing_due(at(420)) };
    store.settle_schedules(&[(daily("a"), due)]).unwrap();
    store.begin_scheduled(at(420), "1.0", &[]).unwrap();
    store.settle_alerts(&store::AlertsSettled::default(), at(420)).unwrap();
    store.set_alert_rule("a", Some("{}")).unwrap();
    store.add_messages(&[message("a", "a")]).unwrap();
    store.want_announcements(&[store::AnnouncementKind::RunFailed].into()).unwrap();
    store.announced(0, &[]).unwrap();
    let report = store.verify_audit(&[], &mut |_| ControlFlow::Continue(())).unwrap();
    store.put_audit_check(&report.check(at(420))).unwrap();
    let copy = Place::new();
    store.copy_to(&mut Store::open(copy.location(), points).unwrap(), &mut |_| ControlFlow::Continue(())).unwrap();
}

#[test]
fn every_listed_point_is_reached_and_no_other() {
    let place = Place::new();
    let heard = Arc::new(Heard::default());
    everything(&place, heard.clone());
    let heard = heard.0.lock().unwrap().clone();
    for pair in heard.chunks(2) {
        assert_eq!(pair[0].strip_suffix(".before_commit"), pair[1].strip_suffix(".after_commit"), "in pairs");
    }
    let mut reached: Vec<&str> = Vec::new();
    for point in heard {
        if !reached.contains(&point) {
            reached.push(point);
        }
    }
    assert_eq!(reached, COMMIT_POINTS, "in the order in which a first run meets them");
}

#[test]
fn after_dying_at_any_point_a_rerun_ends_in_the_same_content() {
    let undisturbed = {
        let place = Place::new();
        everything(&place, Arc::new(NoPoints));
        Store::open_existing(place.location()).unwrap().unwrap().content_digest().unwrap()
    };
    for &point in COMMIT_POINTS {
        let place = Place::new();
        assert!(catch_unwind(AssertUnwindSafe(|| everything(&place, Arc::new(Dies(point))))).is_err(), "{point}");
        everything(&place, Arc::new(NoPoints));
        let store = Store::open_existing(place.location()).unwrap().unwrap();
        store.check().unwrap();
        assert_eq!(store.content_digest().unwrap(), undisturbed, "{point}");
    }
}
