//! Occurrences become runs once, and runs end well, or are tried again, or are told of.

mod year;

use jiff::SignedDuration;
use schedule::retry::Fault;
use store::{Location, ScheduledRunFilter, Trigger};

use super::*;
use crate::alerting::look::{Habits, Look};
use crate::alerting::look_at_everything;
use crate::config::Origin;

/// The database of one schedule, due each day at seven in New York, and the clock of its story.
struct Story {
    _folder: tempfile::TempDir,
    outside: Outside,
    config: Config,
}

const QUICK: Pace = Pace {
    beat: std::time::Duration::from_secs(3_600),
    still: std::time::Duration::from_millis(200),
    patience: std::time::Duration::from_secs(20),
};

fn at(text: &str) -> Timestamp {
    format!("2026-07-{text}:00-04:00").parse().unwrap()
}

fn config(folder: &tempfile::TempDir) -> Config {
    Config {
        database: Location::File(folder.path().join("tieout.db")),
        database_origin: Origin::Default,
        stripe_api_base: "http://127.0.0.1:1".to_owned(),
        stripe_api_base_origin: Origin::Default,
        stripe_keys: Vec::new(),
        sync_secret: None,
        stripe_share_percent: None,
        sync_skip: Default::default(),
        webhook_secrets: Vec::new(),
        time_zone: None,
        as_of: None,
        json: false,
        quiet: true,
        verbose: 0,
        data_folder: None,
        file: None,
        alerting: Default::default(),
        fetchers: Vec::new(),
        history_days: 400,
        flags: Default::default(),
    }
}

impl Story {
    fn new(missed: MissedRuns) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = config(&folder);
        let story = Self { _folder: folder, outside: Outside::real().unwrap(), config };
        let daily = Schedule {
            name: "daily".to_owned(),
            job: r#"{"job":"reconcile"}"#.to_owned(),
            expression: "every day at 7".to_owned(),
            cron: "0 7 * * *".to_owned(),
            follows: None,
            zone: Some("America/New_York".to_owned()),
            retries: 2,
            missed: missed.as_str().to_owned(),
            overlap: Overlap::Skip.as_str().to_owned(),
            grace: SignedDuration::from_mins(5),
            paused: false,
            added_at: at("01T06:00"),
            settled_until: at("01T06:00"),
            next_at: Some(at("01T07:00")),
        };
        assert!(story.store().add_schedule(&daily).unwrap());
        story
    }

    fn store(&self) -> Store {
        Store::open(&self.config.database, self.outside.points()).unwrap()
    }

    fn scheduler(&self) -> Scheduler {
        Scheduler::open(&self.outside, &self.config, QUICK).unwrap()
    }

    fn history(&self) -> Vec<(&'static str, u32)> {
        let runs = self.store().scheduled_runs(&ScheduledRunFilter::default()).unwrap();
        runs.iter().rev().map(|run| (run.state.as_str(), run.attempts)).collect()
    }
}

fn end(state: ScheduledState, fault: Option<Fault>) -> JobEnd {
    JobEnd { state, fault, ..JobEnd::done(None, serde_json::json!({})) }
}

const PASSING: Option<Fault> = Some(Fault::Passing { retry_after: None });

fn one(begun: Vec<(ScheduledRun, Result<Job, Failure>)>) -> ScheduledRun {
    let [(run, job)] = <[_; 1]>::try_from(begun).unwrap();
    assert_eq!(job.unwrap(), Job::Reconcile);
    run
}

#[test]
fn what_is_due_runs_at_its_time_and_not_before_and_not_again() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    assert!(scheduler.step(at("01T06:59"), 4, &[]).unwrap().is_empty());
    assert_eq!(scheduler.next_due().unwrap(), Some(at("01T07:00")));
    let run = one(scheduler.step(at("01T07:00"), 4, &[]).unwrap());
    assert_eq!((run.due_at, run.trigger), (at("01T07:00"), Trigger::Schedule));
    assert_eq!(scheduler.ended(&run, end(ScheduledState::Done, None), at("01T07:02"), 0).unwrap(), ScheduledState::Done);
    assert!(scheduler.step(at("01T07:03"), 4, &[]).unwrap().is_empty());
    assert_eq!((story.history(), scheduler.next_due().unwrap()), (vec![("done", 1)], Some(at("02T07:00"))));
}

#[test]
fn refused_then_broken_then_well_is_one_run_of_three_tries() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    let mut now = at("01T07:00");
    for tries in 1..=2 {
        let run = one(scheduler.step(now, 4, &[]).unwrap());
        assert_eq!(run.attempts, tries);
        assert_eq!(scheduler.ended(&run, end(ScheduledState::Failed, PASSING), now, 500).unwrap(), ScheduledState::Waiting);
        assert!(scheduler.step(now, 4, &[]).unwrap().is_empty(), "not at once");
        now = scheduler.next_due().unwrap().unwrap();
    }
    let run = one(scheduler.step(now, 4, &[]).unwrap());
    scheduler.ended(&run, end(ScheduledState::Done, None), now, 0).unwrap();
    assert_eq!((story.history(), run.started_at), (vec![("done", 3)], Some(at("01T07:00"))));
}

#[test]
fn what_a_person_must_mend_is_not_tried_again_and_what_never_passes_only_as_often_as_was_said() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    let run = one(scheduler.step(at("01T07:00"), 4, &[]).unwrap());
    scheduler.ended(&run, end(ScheduledState::Failed, Some(Fault::Lasting)), at("01T07:01"), 0).unwrap();
    assert_eq!(story.history(), [("failed", 1)]);
    let mut now = at("02T07:00");
    for _ in 0..3 {
        let run = one(scheduler.step(now, 4, &[]).unwrap());
        scheduler.ended(&run, end(ScheduledState::Incomplete, PASSING), now, 0).unwrap();
        now = scheduler.next_due().unwrap().unwrap();
    }
    assert_eq!((story.history()[1], now), (("incomplete", 3), at("03T07:00")));
}

#[test]
fn after_days_away_the_newest_is_run_and_the_others_are_told_of() {
    let story = Story::new(MissedRuns::Once);
    let run = one(story.scheduler().step(at("05T12:00"), 4, &[]).unwrap());
    assert_eq!((run.due_at, run.trigger), (at("05T07:00"), Trigger::CatchUp));
    assert_eq!(story.history(), [("missed", 0), ("running", 1)]);
    let missed = story.store().scheduled_runs(&ScheduledRunFilter::default()).unwrap().pop().unwrap();
    assert_eq!((missed.due_at, missed.missed), (at("01T07:00"), Some((4, at("04T07:00")))));
}

#[test]
fn what_a_process_ran_that_died_is_run_again_by_the_next_and_counts_as_one() {
    let story = Story::new(MissedRuns::Once);
    let mut dies = story.scheduler();
    one(dies.step(at("01T07:00"), 4, &[]).unwrap());
    drop(dies);
    let mut next = story.scheduler();
    let now = story.outside.now();
    let run = next.step(now.max(at("01T07:01")), 4, &[]).unwrap().remove(0).0;
    assert_eq!((run.attempts, run.due_at), (2, at("01T07:00")));
}

#[test]
fn one_that_stood_still_runs_and_ends_nothing_when_it_wakes_up() {
    let story = Story::new(MissedRuns::Once);
    let mut still = story.scheduler();
    let run = one(still.step(at("01T07:00"), 4, &[]).unwrap());
    let mut next = story.scheduler();
    let refused = still.ended(&run, end(ScheduledState::Done, None), at("01T07:02"), 0).unwrap_err();
    assert_eq!(refused.exit, Exit::Conflict);
    assert!(still.step(at("02T07:00"), 4, &[]).is_err());
    let taken = next.step(story.outside.now().max(at("01T07:03")), 4, &[]).unwrap();
    assert!(taken.iter().any(|(run, _)| run.attempts == 2 && run.due_at == at("01T07:00")));
}

#[test]
fn a_job_of_a_newer_version_fails_by_name_and_the_others_go_on() {
    let story = Story::new(MissedRuns::Once);
    let mut store = story.store();
    let known = store.schedule("daily").unwrap().unwrap();
    store.add_schedule(&Schedule { name: "odd".to_owned(), job: r#"{"job":"launder"}"#.to_owned(), ..known }).unwrap();
    let begun = story.scheduler().step(at("01T07:00"), 4, &[]).unwrap();
    let odd = begun.iter().find(|(run, _)| run.schedule == "odd").unwrap();
    assert!(odd.1.as_ref().unwrap_err().message.contains("'odd'"));
    assert!(begun.iter().any(|(run, job)| run.schedule == "daily" && job.is_ok()));
}

#[test]
fn a_clock_that_was_years_ahead_for_a_moment_leaves_nothing_out_once_it_is_right() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    let later: Timestamp = "2031-01-01T00:00:00Z".parse().unwrap();
    let run = one(scheduler.step(later, 4, &[]).unwrap());
    scheduler.ended(&run, end(ScheduledState::Failed, PASSING), later, 0).unwrap();
    assert!(
        scheduler.step(at("02T06:00"), 4, &[]).unwrap().iter().any(|(again, _)| again.id == run.id),
        "what waits need not wait for years"
    );
    assert_eq!(scheduler.next_due().unwrap(), Some(at("02T07:00")));
}

#[tokio::test]
async fn what_is_called_off_stops_before_the_next_file_and_what_waits_for_others_stops_at_once() {
    let story = Story::new(MissedRuns::Once);
    let run = one(story.scheduler().step(at("01T07:00"), 4, &[]).unwrap());
    let folder = tempfile::tempdir().unwrap();
    let file = std::fs::File::create(folder.path().join("july.csv")).unwrap();
    file.set_modified(std::time::UNIX_EPOCH).unwrap();
    let (outside, call_off) = story.outside.with_call_off();
    call_off.now();
    let (folder_watched, bank_account) = (folder.path().to_owned(), "main".to_owned());
    let import = Job::Import { folder: folder_watched, bank_account, currency: None, profile: None };
    for job in [import, Job::Reconcile, Job::Sync { only: Vec::new(), yesterday: false }] {
        assert_eq!(job.run(&outside, &story.config, &run).await.state, ScheduledState::Canceled);
    }
    assert!(folder.path().join("july.csv").exists());
}

#[test]
fn a_run_that_was_late_by_one_clock_and_in_time_by_a_slower_one_is_called_well_only_once_one_did_all() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    let mut habits = Habits::default();
    let mut misses_at = |scheduler: &mut Scheduler, now: Timestamp| {
        let store = scheduler.store();
        let mut look = Look { store, outside: &story.outside, config: &story.config, now, habits: &mut habits };
        let settled = look_at_everything(&mut look, "").unwrap();
        store.settle_alerts(&settled, now).unwrap();
        store.alerts().unwrap().into_iter().filter(|row| row.rule == "run_missed").count()
    };
    assert!(scheduler.step(at("01T07:00"), 0, &[]).unwrap().is_empty(), "there is no room");
    assert_eq!((misses_at(&mut scheduler, at("01T07:04")), misses_at(&mut scheduler, at("01T07:06"))), (0, 1));
    let run = one(scheduler.step(at("01T07:02"), 4, &[]).unwrap());
    assert_eq!(misses_at(&mut scheduler, at("01T07:03")), 1, "it goes on, and has done nothing yet");
    scheduler.ended(&run, end(ScheduledState::Done, None), at("01T07:20"), 0).unwrap();
    assert_eq!(misses_at(&mut scheduler, at("01T07:21")), 0);
}

#[test]
fn a_miss_is_said_to_be_told_before_the_run_that_makes_it_good_has_ended() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    scheduler.step(at("01T07:01"), 4, &[]).unwrap();
    assert!(!scheduler.take_missed());
    scheduler.step(at("02T07:09"), 4, &[]).unwrap();
    assert!(scheduler.take_missed() && !scheduler.take_missed());
}

#[test]
fn a_database_that_somebody_writes_for_long_is_busy_and_the_lease_is_kept() {
    let story = Story::new(MissedRuns::Once);
    let mut scheduler = story.scheduler();
    let run = one(scheduler.step(at("01T07:00"), 4, &[]).unwrap());
    let Location::File(path) = &story.config.database else { panic!("a file") };
    let writer = rusqlite::Connection::open(path).unwrap();
    writer.execute_batch("BEGIN IMMEDIATE").unwrap();
    let busy = scheduler.ended(&run, end(ScheduledState::Done, None), at("01T07:01"), 0).unwrap_err();
    assert!(busy.is_busy && busy.exit == Exit::Conflict, "{busy}");
    writer.execute_batch("COMMIT").unwrap();
    assert_eq!(scheduler.ended(&run, end(ScheduledState::Done, None), at("01T07:02"), 0).unwrap(), ScheduledState::Done);
}
