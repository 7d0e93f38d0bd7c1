//! A folder with settings and a database: most schedules are due hours later, and have a history.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use store::{NoPoints, Store};

use super::{Plan, SINGLES};

/// How many schedules there are.
pub const SCHEDULES: i64 = 10_000;

/// How many of them are due at once.
pub const SWARM: i64 = 500;

/// How many are due at each full minute while single ones are.
const AT_MINUTES: i64 = 3;

/// How many runs each has had.
const RUNS: i64 = 10;

const HOUR: SignedDuration = SignedDuration::from_hours(1);

const ADD: &str = "INSERT INTO schedule (name, job, expression, cron, zone, retries, missed, overlap, grace_seconds, added_at, \
     settled_until, next_at, last_run) VALUES (?1, ?2, ?3, ?3, 'UTC', 3, 'once', 'skip', 300, ?4, ?4, ?5, ?6)";

/// What was done takes between one and two seconds, and brought as much as it usually does.
const ADD_RUN: &str = "INSERT INTO scheduled_run (id, schedule, job, trigger, due_at, state, attempts, started_at, ended_at, volume) \
     VALUES (?1, ?2, ?3, 'schedule', ?4, 'done', 1, ?4, ?4 + 1000000 + ?1 * 7919 % 1000000, 100 + ?1 % 20)";

/// One that failed and is tried again at any instant: cron knows full minutes only.
const ADD_TRY: &str = "INSERT INTO scheduled_run (id, schedule, job, trigger, due_at, state, attempts, try_at, started_at) \
     VALUES (?1, ?2, ?3, 'schedule', ?4, 'waiting', 1, ?5, ?4)";

/// Makes a folder that a server can run in; with schedules where an address is given that they call.
pub fn fill(folder: &Path, plan: &Plan, calling: Option<&str>) {
    std::fs::create_dir(folder).expect("a folder");
    std::fs::write(folder.join("tieout.toml"), "allowed_networks = [\"127.0.0.1\"]\n").expect("settings");
    let file = folder.join("tieout.db");
    drop(Store::open(&file, Arc::new(NoPoints)).expect("a database"));
    let Some(address) = calling else { return };
    let mut connection = Connection::open(&file).expect("the database");
    let transaction = connection.transaction().expect("a transaction");
    let now = Timestamp::now();
    for number in 0..SCHEDULES {
        let (path, due_at, cron) = due(number, plan, now);
        let (name, job) = (name(number), format!(r#"{{"job":"http","url":"{address}{path}","method":"POST"}}"#));
        for run in 0..RUNS {
            let at = now - HOUR * i32::try_from(24 * (RUNS - run)).expect("days");
            transaction.execute(ADD_RUN, params![run * SCHEDULES + number + 1, name, job, at.as_microsecond()]).expect("a run");
        }
        let last = (RUNS - 1) * SCHEDULES + number + 1;
        let row = params![name, job, cron, now.as_microsecond(), due_at.as_microsecond(), last];
        transaction.execute(ADD, row).expect("a schedule");
        if number < i64::from(SINGLES) {
            let row =
                params![RUNS * SCHEDULES + number + 1, name, job, now.as_microsecond(), plan.single(number).as_microsecond()];
            transaction.execute(ADD_TRY, row).expect("a try");
        }
    }
    transaction.commit().expect("a commit");
}

/// What a schedule is called.
pub fn name(number: i64) -> String {
    format!("schedule-{number:05}")
}

/// What a schedule calls, when it is due, and the same as cron.
fn due(number: i64, plan: &Plan, now: Timestamp) -> (String, Timestamp, String) {
    let minutes = (plan.singles_at.as_second() / 60 + 1)..plan.swarm_at.as_second() / 60;
    let single = i64::from(SINGLES);
    let swarm = single..single + SWARM;
    let at_minutes = swarm.end..swarm.end + AT_MINUTES * (minutes.end - minutes.start);
    let hourly = |number: i64| now + HOUR * i32::try_from(3 + number % 18).expect("hours");
    let (path, at) = if number < single {
        (format!("/single/{number}"), hourly(number))
    } else if swarm.contains(&number) {
        (format!("/swarm/{number}"), plan.swarm_at)
    } else if at_minutes.contains(&number) {
        let minute = minutes.start + (number - at_minutes.start) / AT_MINUTES;
        (format!("/minute/{minute}/{number}"), Timestamp::from_second(minute * 60).expect("an instant"))
    } else {
        (format!("/later/{number}"), hourly(number))
    };
    let at = Timestamp::from_second(at.as_second() / 60 * 60).expect("a full minute");
    let clock = at.to_zoned(TimeZone::UTC);
    (path, at, format!("{} {} * * *", clock.minute(), clock.hour()))
}

/// How long as many commits of a row take that each are safe on the disk.
pub fn bare_commits(file: &Path, commits: i64) -> Duration {
    let connection = Connection::open(file).expect("a database");
    connection
        .execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE bare (number BIGINT)")
        .expect("a table");
    let began = Instant::now();
    for number in 0..commits {
        connection.execute("INSERT INTO bare VALUES (?1)", params![number]).expect("a commit");
    }
    began.elapsed()
}
