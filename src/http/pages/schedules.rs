//! `/schedules`: what runs when, and how the last days went.

use askama::Template;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{FailedRuns, LeaseName, RunMark, Schedule, ScheduledState, Store};

use super::Answer;
use super::message::Message;
use super::schedule_timeline::{self as timeline, Days, Line};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Empty, Link, PAGE_ROWS, Pager};
use crate::http::problem::Problem;
use crate::http::scheduled::{PREVIEW, RUNS, SCHEDULES, local, overdue, overdue_words, run_href, state, when, zone_of};
use crate::http::show::{self, Chip, When, chip, minute};
use crate::views::job;
use crate::views::load;
use crate::views::schedule::{ScheduleView, took};

/// Runs that are read for the pictures of one page together; each schedule has its equal share of them.
const MARKS_READ: usize = 20_000;

/// Of one schedule at most so many: a week of one that is due every five minutes.
const MARKS_MAX: usize = 2_100;

/// So many of the newest runs are looked at to count those that failed: a week of twenty that are due every ten minutes.
const FAILED_LOOKED_AT: u32 = 20_000;

/// More than these that nobody runs have one reason.
const OVERDUE_SHOWN: usize = 5;

#[derive(Template)]
#[template(path = "schedules.html")]
struct Page {
    frame: Frame,
    empty: Option<Empty>,
    says: String,
    next: Option<Next>,
    failed: String,
    failed_href: &'static str,
    server: Chip,
    server_says: &'static str,
    overdue: Vec<Overdue>,
    overdue_more: usize,
    rows: Vec<Row>,
    days: Vec<String>,
    now_x: i64,
    /// A day's width in the picture.
    day_width: i64,
    lines: Vec<Named>,
    pager: Pager,
    runs_href: &'static str,
    preview_href: &'static str,
}

struct Next {
    schedule: Link,
    until: String,
    local: String,
}

struct Overdue {
    href: String,
    says: String,
}

struct Row {
    link: Link,
    job: String,
    paused: bool,
    when: String,
    /// The schedule that it runs after.
    after: Option<Link>,
    cron: String,
    zone: String,
    zone_is_business: bool,
    due: Option<Due>,
    due_says: &'static str,
    policy: String,
    last: Option<Last>,
}

struct Due {
    local: String,
    utc: String,
    machine: String,
    until: String,
}

struct Last {
    chip: Chip,
    href: String,
    when: When,
    took: Option<String>,
}

/// A line of the picture.
struct Named {
    link: Link,
    line: Line,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let schedules = store.schedules()?;
    let business = load::zone_of(ask.time_zone.as_deref(), &store.own_accounts()?);
    let (shown, pager) = shown(&schedules, ask)?;
    let days = Days::until(ask.now, business.clone());
    let share = (MARKS_READ / shown.len().max(1)).clamp(1, MARKS_MAX);
    let limit = u32::try_from(share).unwrap_or(u32::MAX);
    let (mut rows, mut lines) = (Vec::new(), Vec::new());
    for schedule in shown {
        let marks = store.run_marks(&schedule.name, limit)?;
        rows.push(row(schedule, &marks, &business, ask.now));
        lines.push(Named { link: link(&schedule.name), line: days.line(&marks, marks.len() >= share) });
    }
    let is_leased = store.is_leased(LeaseName::Schedule)?;
    let waiting: Vec<Overdue> = schedules.iter().filter_map(|one| told_overdue(one, &business, (ask.now, is_leased))).collect();
    let failed = store.failed_runs(days.start(), FAILED_LOOKED_AT)?;
    let (server, server_says) = server(is_leased, !waiting.is_empty());
    let page = Page {
        frame: Frame::new(ask, "Schedules", SCHEDULES),
        empty: schedules.is_empty().then(none_yet),
        says: counts(&schedules),
        next: next(&schedules, &business, ask.now),
        failed: failed_words(failed),
        failed_href: "/scheduled-runs?state=failed",
        server,
        server_says,
        overdue_more: waiting.len().saturating_sub(OVERDUE_SHOWN),
        overdue: waiting.into_iter().take(OVERDUE_SHOWN).collect(),
        rows,
        days: days.names(),
        now_x: days.now_x(),
        day_width: timeline::DAY,
        lines,
        pager,
        runs_href: RUNS,
        preview_href: PREVIEW,
    };
    Ok(Answer::Html(page.render()?))
}

/// While there is no database.
pub fn without_database(ask: &Ask) -> Result<Answer, Problem> {
    let page = Message { frame: Frame::new(ask, "Schedules", SCHEDULES), empty: none_yet() };
    Ok(Answer::Html(page.render()?))
}

/// There is no schedule yet: the commands that add one.
pub fn none_yet() -> Empty {
    Empty {
        icon: "clock",
        title: "No schedules yet".to_owned(),
        text: "What runs by itself appears here: when each schedule is due next, and how its last runs went. A server runs them."
            .to_owned(),
        link: Some(Link::words(PREVIEW, "Try out when an expression is due")),
        commands: vec![
            ("Read what is new at Stripe each morning", "tieout schedule add nightly --job sync --cron 'every day at 5'"),
            ("Judge every payout after it", "tieout schedule add judge --job reconcile --after nightly"),
            ("Let a server run them", "tieout serve"),
        ],
    }
}

/// One page of them, by name.
fn shown<'a>(schedules: &'a [Schedule], ask: &Ask) -> Result<(&'a [Schedule], Pager), Problem> {
    let after = ask.query.get("after").unwrap_or_default();
    let start = schedules.partition_point(|schedule| schedule.name.as_str() <= after);
    let end = schedules.len().min(start.saturating_add(PAGE_ROWS));
    let shown = schedules.get(start..end).unwrap_or_default();
    let next = shown.last().filter(|_| end < schedules.len()).map(|last| last.name.clone());
    let says = format!("{}–{} of {}", start + 1, end, schedules.len());
    Ok((shown, Pager::new(SCHEDULES, &ask.query, next, says)))
}

fn counts(schedules: &[Schedule]) -> String {
    let count = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let paused = schedules.iter().filter(|schedule| schedule.paused).count();
    let all = show::count(count(schedules.len()), "schedule", "schedules");
    if paused == 0 { all } else { format!("{all}, {} paused", show::thousands(count(paused))) }
}

/// Whose turn it is next. What is due already is being run, or waits for a server and is told of.
fn next(schedules: &[Schedule], business: &TimeZone, now: Timestamp) -> Option<Next> {
    let due = schedules.iter().filter(|schedule| !schedule.paused);
    let due = due.filter_map(|schedule| Some((schedule.next_at?, schedule))).filter(|(at, _)| *at > now);
    let (at, schedule) = due.min_by_key(|(at, _)| *at)?;
    Some(Next { schedule: link(&schedule.name), until: show::until(at, now), local: local(at, &zone_of(schedule, business)) })
}

fn failed_words(FailedRuns { count, is_at_least }: FailedRuns) -> String {
    match (count, is_at_least) {
        (0, _) => "no run failed".to_owned(),
        (1, false) => "1 run failed or did not read everything".to_owned(),
        (_, false) => format!("{} runs failed or did not read everything", show::thousands(count)),
        (_, true) => format!("at least {} runs failed or did not read everything", show::thousands(count)),
    }
}

/// Whether anybody runs what is due.
const fn server(is_leased: bool, is_overdue: bool) -> (Chip, &'static str) {
    match (is_leased, is_overdue) {
        (true, false) => (chip("ok", "tick", "A server runs them"), ""),
        (true, true) => (chip("open", "bang", "A server is slow to run them"), ""),
        (false, _) => (chip("bad", "bang", "No server runs them"), "Nothing is run until one does: tieout serve."),
    }
}

fn told_overdue(schedule: &Schedule, business: &TimeZone, (now, is_leased): (Timestamp, bool)) -> Option<Overdue> {
    let due = overdue(schedule, now)?;
    Some(Overdue {
        href: Href::record(SCHEDULES, &schedule.name),
        says: overdue_words(schedule, due, &zone_of(schedule, business), is_leased),
    })
}

fn link(name: &str) -> Link {
    Link::words(Href::record(SCHEDULES, name), name)
}

fn row(schedule: &Schedule, marks: &[RunMark], business: &TimeZone, now: Timestamp) -> Row {
    let view = ScheduleView::of(schedule, business);
    let zone = zone_of(schedule, business);
    let (words, cron) = when(&view);
    let due = view.next_at.map(|at| Due {
        local: local(at, &zone),
        utc: format!("{} UTC", minute(at)),
        machine: at.to_string(),
        until: show::until(at, now),
    });
    let due_says = match (schedule.paused, &schedule.follows) {
        (true, _) => "paused",
        (false, Some(_)) => "after it",
        (false, None) => "never",
    };
    Row {
        link: link(&schedule.name),
        job: job::words(&schedule.job),
        paused: schedule.paused,
        when: words,
        after: schedule.follows.as_deref().map(link),
        cron,
        zone: if view.cron.is_some() { view.tz.clone() } else { String::new() },
        zone_is_business: view.tz_is_business,
        due,
        due_says,
        policy: policy(schedule),
        last: marks.first().map(|mark| last(mark, now)),
    }
}

/// In the words of the flags, as short as they are.
fn policy(schedule: &Schedule) -> String {
    let retries = show::count(u64::from(schedule.retries), "retry", "retries");
    let Schedule { missed, overlap, grace, .. } = schedule;
    if schedule.follows.is_some() {
        return format!("{retries}, overlap {overlap}");
    }
    format!("{retries}, missed {missed}, overlap {overlap}, grace {}\u{a0}min", grace.as_mins())
}

fn last(mark: &RunMark, now: Timestamp) -> Last {
    let at = match mark.state {
        ScheduledState::Missed | ScheduledState::Skipped => mark.due_at,
        _ => mark.ended_at.or(mark.started_at).unwrap_or(mark.due_at),
    };
    let milliseconds = mark.took().and_then(|took| i64::try_from(took.as_millis()).ok());
    Last { chip: state(mark.state), href: run_href(mark.id), when: When::new(at, now), took: milliseconds.map(took) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whether_a_server_runs_them_is_said_before_anything_else() {
        let words = |is_leased, is_overdue| server(is_leased, is_overdue).0.word;
        assert_eq!((words(true, false), words(true, true)), ("A server runs them", "A server is slow to run them"));
        assert_eq!((words(false, false), words(false, true)), ("No server runs them", "No server runs them"));
    }

    #[test]
    fn what_was_not_counted_to_the_end_is_no_exact_number() {
        let said = |count, is_at_least| failed_words(FailedRuns { count, is_at_least });
        assert_eq!([said(0, false), said(1, false)], ["no run failed", "1 run failed or did not read everything"]);
        assert_eq!(said(1_200, true), "at least 1,200 runs failed or did not read everything");
    }
}
