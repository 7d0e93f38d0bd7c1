//! A merchant's schedules, and runs of each state.

use std::path::Path;
use std::sync::Arc;

use facts::Mode;
use jiff::{SignedDuration, Timestamp};
use store::{DueSettled, LeaseName, Measured, NoPoints, Pace, RunEnd, Schedule, ScheduledRun, ScheduledState, Store};

use super::HOSTILE;

/// Many days before the pages are judged.
const LONG_AGO: &str = "2026-07-01T00:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// Keeps a server from running what a database has scheduled.
pub fn hold(database: &Path) -> Option<Store> {
    let read = Store::open_existing(database).ok().flatten()?;
    if read.schedules().unwrap().is_empty() {
        return None;
    }
    let mut store = Store::open(database, Arc::new(NoPoints)).unwrap();
    store.lease(LeaseName::Schedule, Pace::STANDARD).unwrap();
    Some(store)
}

fn schedule(name: &str, job: &str, (expression, cron): (&str, &str), next_at: Option<&str>) -> Schedule {
    Schedule {
        name: name.to_owned(),
        job: job.to_owned(),
        expression: expression.to_owned(),
        cron: cron.to_owned(),
        follows: None,
        zone: None,
        retries: 3,
        missed: "once".to_owned(),
        overlap: "skip".to_owned(),
        grace: SignedDuration::from_mins(5),
        paused: false,
        added_at: at(LONG_AGO),
        settled_until: at(LONG_AGO),
        next_at: next_at.map(at),
    }
}

const SYNC: &str = r#"{"job":"sync"}"#;

/// Every schedule of the merchant; `nightly` has twenty runs that grow, and then one of each state.
pub fn fill(store: &mut Store) {
    let daily = ("every day at 5", "0 5 * * *");
    store.add_schedule(&schedule("nightly", SYNC, daily, Some("2026-10-06T05:00:00Z"))).unwrap();
    for day in 0..20 {
        let due = at("2026-08-02T05:00:00Z").as_second() + day * 3 * 86_400;
        let took = 40_000 * 106_i64.pow(u32::try_from(day).unwrap() % 8) / 100_i64.pow(u32::try_from(day).unwrap() % 8);
        let took = took * if day >= 8 { 159 } else { 100 } / 100 * if day >= 16 { 159 } else { 100 } / 100;
        let run = begin(store, "nightly", Timestamp::from_second(due).unwrap());
        end(store, &run, took, RunEnd { volume: u64::try_from(took / 7).ok(), ..done() });
    }
    one_of_each(store);
    store.add_schedule(&follower("judge", "nightly")).unwrap();
    others(store);
}

/// Runs 21 to 28 of `nightly`.
fn one_of_each(store: &mut Store) {
    let run = begin(store, "nightly", at("2026-10-01T05:00:00Z"));
    end(store, &run, 61_000, RunEnd { volume: Some(9_120), ..failed(ScheduledState::Incomplete, HOSTILE) });
    let mut run = begin(store, "nightly", at("2026-10-02T05:00:00Z"));
    for _ in 0..2 {
        let again = run.started_at.unwrap().as_second() + 40 * i64::from(run.attempts);
        let again = Timestamp::from_second(again).unwrap();
        let wait = RunEnd {
            state: ScheduledState::Waiting,
            try_at: Some(again),
            ..failed(ScheduledState::Failed, "Stripe answered 503.")
        };
        store.end_scheduled(&run, Timestamp::from_second(again.as_second() - 30).unwrap(), &wait).unwrap();
        run = store.begin_scheduled(again, "0.1.0", &[]).unwrap().unwrap();
    }
    end(store, &run, 120_000, failed(ScheduledState::Failed, "the key was revoked: <b>make</b> another"));
    settle(store, "nightly", "2026-10-04T05:00:00Z", |settled| {
        settled.missed = Some((2, at("2026-10-03T05:00:00Z"), at("2026-10-04T05:00:00Z")));
        settled.skipped = vec![at("2026-10-04T05:00:00Z")];
    });
    let repeated = store.repeat_run(22, at("2026-10-04T09:00:00Z")).unwrap();
    store.cancel_scheduled(repeated, at("2026-10-04T09:01:00Z")).unwrap();
    let run = begin(store, "nightly", at("2026-10-05T05:00:00Z"));
    let measured = Measured {
        requests: Some(181),
        bytes: Some(9_411_204),
        changed: Some(14_012),
        input_hash: Some("5f".repeat(32)),
        output_hash: Some("0c".repeat(32)),
        log: format!(
            "05:00:00.004Z sync: all that is new, try 1, version 0.1.0\n05:00:41.120Z {HOSTILE}\n05:01:39.000Z it did all"
        ),
    };
    end(store, &run, 99_000, RunEnd { volume: Some(14_012), measured, ..done() });
    // One goes on, and one waits for it.
    begin(store, "nightly", at("2026-10-05T07:30:00Z"));
    store.ask_for_run("nightly", at("2026-10-05T07:59:00Z")).unwrap();
}

fn others(store: &mut Store) {
    let zone = Some("America/New_York".to_owned());
    let import = r#"{"job":"import","folder":"/srv/bank","bank_account":"Harbour Bank USD"}"#;
    let yesterday = r#"{"job":"sync","only":["txn"],"yesterday":true}"#;
    let all = [
        Schedule {
            zone,
            ..schedule("yesterday", yesterday, ("every weekday at 7", "0 7 * * MON-FRI"), Some("2026-10-05T11:00:00Z"))
        },
        Schedule { paused: true, ..schedule("bank", import, ("*/15 * * * *", "*/15 * * * *"), Some("2026-10-05T08:15:00Z")) },
        // Its grace was over at a quarter to eight.
        schedule(
            "runs",
            r#"{"job":"backup","folder":"/srv/backups","keep":30}"#,
            ("every hour at :40", "40 * * * *"),
            Some("2026-10-05T07:40:00Z"),
        ),
        schedule("never", SYNC, ("0 0 30 2 *", "0 0 30 2 *"), None),
    ];
    for schedule in &all {
        assert!(store.add_schedule(schedule).unwrap());
    }
}

fn follower(name: &str, followed: &str) -> Schedule {
    Schedule { follows: Some(followed.to_owned()), ..schedule(name, r#"{"job":"reconcile"}"#, ("", ""), None) }
}

/// So many, each with a run that is over.
pub fn many(path: &Path, count: u32) {
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    store.claim_mode(Mode::Live).unwrap();
    for number in 0..count {
        let name = format!("job-{number:04}");
        store.add_schedule(&schedule(&name, SYNC, ("every hour", "0 * * * *"), Some("2026-10-05T09:00:00Z"))).unwrap();
        if number % 50 == 0 {
            let run = begin(&mut store, &name, at("2026-10-05T07:00:00Z"));
            end(&mut store, &run, 1_000, done());
        }
    }
}

/// One whose every text was written by somebody who means ill, with more runs than a page holds.
pub fn hostile(path: &Path) {
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    store.claim_mode(Mode::Test).unwrap();
    let job = format!(r#"{{"job":{}}}"#, serde_json::Value::from(HOSTILE));
    store.add_schedule(&schedule(HOSTILE, &job, (HOSTILE, "0 5 * * *"), Some("2026-10-06T05:00:00Z"))).unwrap();
    for minute in 0..60 {
        let due = Timestamp::from_second(at("2026-10-04T05:00:00Z").as_second() + minute * 60).unwrap();
        let run = begin(&mut store, HOSTILE, due);
        end(&mut store, &run, 1_000, failed(ScheduledState::Failed, &HOSTILE.repeat(200)));
    }
}

fn settle(store: &mut Store, name: &str, until: &str, change: impl FnOnce(&mut DueSettled)) {
    let schedule = store.schedule(name).unwrap().unwrap();
    let mut settled =
        DueSettled { until: at(until), runs: Vec::new(), skipped: Vec::new(), missed: None, next_at: schedule.next_at };
    change(&mut settled);
    assert_eq!(store.settle_schedules(&[(schedule, settled)]).unwrap(), 1);
}

/// Begins the run that was due then.
fn begin(store: &mut Store, name: &str, due: Timestamp) -> ScheduledRun {
    settle(store, name, &due.to_string(), |settled| settled.runs = vec![(due, false)]);
    store.begin_scheduled(due, "0.1.0", &[]).unwrap().unwrap()
}

fn end(store: &mut Store, run: &ScheduledRun, milliseconds: i64, end: RunEnd) {
    let began = run.started_at.unwrap();
    let now = began.checked_add(SignedDuration::from_millis(milliseconds)).unwrap();
    assert!(store.end_scheduled(run, now, &end).unwrap());
}

fn done() -> RunEnd {
    let summary = r#"{"synced":14012,"complete":true,"unread":[],"kinds":{"txn":12000,"payout":12}}"#.to_owned();
    let state = ScheduledState::Done;
    RunEnd {
        state,
        tried: state,
        try_at: None,
        http_status: None,
        volume: Some(1),
        error: None,
        summary,
        measured: Measured::default(),
    }
}

fn failed(state: ScheduledState, error: &str) -> RunEnd {
    let summary = serde_json::json!({ "error": error, "hint": "<i>look</i>", HOSTILE: [HOSTILE, 1, null] }).to_string();
    RunEnd { state, tried: state, http_status: Some(503), volume: None, error: Some(error.to_owned()), summary, ..done() }
}
