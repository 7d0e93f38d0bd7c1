//! `/scheduled-runs/{id}`: one run of a schedule, with each try.

use std::cmp::Ordering;

use askama::Template;
use jiff::Timestamp;
use store::{ScheduledRun, ScheduledState, ScheduledTry, Store, Trigger};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Link, Named, linked, named};
use crate::http::problem::Problem;
use crate::http::scheduled::{RUNS, SCHEDULES, cut, run_href, state, volume_of};
use crate::http::show::{Chip, When, chip, thousands};
use crate::http::summary::{Field, summary};
use crate::views::job;
use crate::views::schedule::{ScheduledRunView, took};

/// So much of a hash tells it from others; `tieout schedule history RUN --json` has all of it.
const HASH_SHOWN: usize = 16;

/// What is shown of one error, which others wrote; `tieout schedule history RUN --json` has all of it.
const TEXT_MAX: usize = 600;

#[derive(Template)]
#[template(path = "scheduled_run.html")]
struct Page {
    frame: Frame,
    id: i64,
    chip: Chip,
    schedule: Link,
    sentence: String,
    repeats: Option<Link>,
    error: Option<String>,
    facts: Vec<Named>,
    before: Option<Before>,
    log: Vec<Said>,
    job: String,
    commands: Vec<(&'static str, String)>,
    tries: Vec<Try>,
    summary: Vec<Field>,
    summary_more: usize,
    summary_command: String,
}

/// What is otherwise than in the run before that did all.
struct Before {
    run: Link,
    rows: Vec<Row>,
}

struct Row {
    name: &'static str,
    now: String,
    before: String,
    more: String,
}

/// What a try said.
struct Said {
    number: u32,
    lines: Vec<String>,
}

struct Try {
    number: u32,
    chip: Chip,
    started: When,
    ended: Option<When>,
    took: Option<String>,
    version: String,
    http_status: String,
    error: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let absent = || Problem::NotFound { noun: "scheduled run", id: ask.id.chars().take(80).collect() };
    let id = ask.id.parse::<i64>().map_err(|_| absent())?;
    let run = store.scheduled_run(id)?.ok_or_else(absent)?;
    let tries = store.scheduled_tries(id)?;
    let is_there = store.schedule(&run.schedule)?.is_some();
    let (summary, summary_more) = summary(&run.summary);
    let page = Page {
        frame: Frame::new(ask, format!("Run {id} of {}", run.schedule), SCHEDULES),
        id,
        chip: state(run.state),
        schedule: schedule_link(&run.schedule, is_there),
        sentence: sentence(&run),
        repeats: run.repeats.map(|again| Link::words(run_href(again), format!("run {again}"))),
        error: tries
            .iter()
            .rev()
            .find_map(|tried| tried.error.as_deref())
            .filter(|_| has_failed(&run))
            .map(|error| cut(error, TEXT_MAX)),
        facts: facts(&run, &tries, &store.followers(&run.schedule)?, ask.now),
        before: before(store, &run, &tries)?,
        log: tries.iter().filter_map(said).collect(),
        job: run.job.clone(),
        commands: commands(&run),
        tries: tries.iter().map(|tried| shown_try(tried, ask.now)).collect(),
        summary,
        summary_more,
        summary_command: format!("tieout schedule history {id} --json"),
    };
    Ok(Answer::Html(page.render()?))
}

/// One that was removed has still its runs.
fn schedule_link(name: &str, is_there: bool) -> Link {
    if is_there {
        return Link::words(Href::record(SCHEDULES, name), name);
    }
    Link::words(Href::to(RUNS).with("schedule", name).text(), name).note("was removed; its runs stay")
}

const fn has_failed(run: &ScheduledRun) -> bool {
    matches!(run.state, ScheduledState::Failed | ScheduledState::Incomplete | ScheduledState::Waiting)
}

fn sentence(run: &ScheduledRun) -> String {
    let why = match run.trigger {
        Trigger::Schedule => "It was due.",
        Trigger::CatchUp => "It was missed, and is run after all.",
        Trigger::After => "The one that it follows did all.",
        Trigger::Person => "A person asked for it.",
    };
    let how = match (run.state, run.missed) {
        (ScheduledState::Missed, Some((1, _))) => " Nobody ran it in time.",
        (ScheduledState::Missed, _) => " Nobody ran it in time, nor those after it.",
        (ScheduledState::Skipped, _) => " It was left out: earlier ones were not over.",
        (ScheduledState::Canceled, _) => " It was called off; what it has read stays.",
        (ScheduledState::Incomplete, _) => " It ended after its last try, and not everything was read.",
        (ScheduledState::Failed, _) => " It failed after its last try.",
        (ScheduledState::Waiting, _) if run.attempts > 0 => " It failed, and is tried again.",
        (ScheduledState::Waiting, _) => " A server begins it when it looks next.",
        (ScheduledState::Running, _) => " It is being run.",
        (ScheduledState::Done, _) => " It did all.",
    };
    format!("{}. {why}{how}", job::words(&run.job))
}

fn facts(run: &ScheduledRun, tries: &[ScheduledTry], followers: &[String], now: Timestamp) -> Vec<Named> {
    let moment = |name: &str, at: Option<Timestamp>| {
        let when = At::new(at?, now);
        Some(named(name, when.text).note(when.age))
    };
    let view = ScheduledRunView::of(run);
    let mut facts = vec![named("Trigger", view.trigger)];
    facts.extend(moment("Due", Some(run.due_at)));
    if let Some((count, last)) = run.missed {
        facts.push(named("Missed", count.to_string()).note(format!("the last due {}", When::new(last, now).text)));
    }
    facts.extend(moment("Tried again", run.try_at.filter(|_| run.attempts > 0)));
    facts.extend(moment("Started", run.started_at));
    facts.extend(moment("Ended", run.ended_at));
    facts.extend(view.took().map(|took| named("Took", took).note("from its first try to its end")));
    facts.extend(run.volume.map(|volume| named("Volume", volume_of(volume, &run.job))));
    facts.extend(run.http_status.map(|status| named("HTTP status", status.to_string())));
    facts.push(named("Tries", run.attempts.to_string()));
    if let Some(ScheduledTry { measured, .. }) = tries.last() {
        let hash = |name: &str, hash: &Option<String>, of: &str| {
            hash.as_ref().map(|hash| named(name, hash.chars().take(HASH_SHOWN).collect::<String>()).note(of.to_owned()))
        };
        facts.extend(hash("Input", &measured.input_hash, "the same where a run worked on the same"));
        facts.extend(hash("Output", &measured.output_hash, "the same where the same came of it"));
    }
    if !followers.is_empty() {
        facts.push(named("Followed by", followers.join(", ")).note("after each run that did all"));
    }
    facts.extend(run.repeats.map(|again| linked("Repeats", format!("run {again}"), run_href(again))));
    facts
}

/// Numbers of this run beside those of the one before.
fn before(store: &Store, run: &ScheduledRun, tries: &[ScheduledTry]) -> Result<Option<Before>, Problem> {
    let Some(measured) = tries.last().map(|tried| &tried.measured).filter(|_| run.state == ScheduledState::Done) else {
        return Ok(None);
    };
    let Some(earlier) = store.done_before(run)? else { return Ok(None) };
    let kept = store.scheduled_tries(earlier.id)?.pop().map(|tried| tried.measured).unwrap_or_default();
    let took = |run: &ScheduledRun| ScheduledRunView::of(run).duration_ms.and_then(|took| u64::try_from(took).ok());
    let milliseconds = |number: u64| took_of(number);
    let rows = [
        row("Took", took(run), took(&earlier), milliseconds),
        row("Volume", run.volume, earlier.volume, thousands),
        row("Changed", measured.changed, kept.changed, thousands),
        row("Requests", measured.requests, kept.requests, thousands),
        row("Bytes", measured.bytes, kept.bytes, thousands),
    ];
    let run = Link::words(run_href(earlier.id), format!("run {}", earlier.id));
    Ok(Some(Before { run, rows: rows.into_iter().flatten().collect() }))
}

fn row(name: &'static str, now: Option<u64>, before: Option<u64>, shown: impl Fn(u64) -> String) -> Option<Row> {
    let now = now?;
    let more = before.map(|before| match now.cmp(&before) {
        Ordering::Equal => "the same".to_owned(),
        Ordering::Greater => format!("{} more", shown(now.abs_diff(before))),
        Ordering::Less => format!("{} less", shown(now.abs_diff(before))),
    });
    Some(Row { name, now: shown(now), before: before.map(&shown).unwrap_or_default(), more: more.unwrap_or_default() })
}

fn took_of(milliseconds: u64) -> String {
    i64::try_from(milliseconds).map(took).unwrap_or_default()
}

fn said(tried: &ScheduledTry) -> Option<Said> {
    let lines: Vec<String> = tried.measured.log.lines().map(str::to_owned).collect();
    (!lines.is_empty()).then_some(Said { number: tried.number, lines })
}

/// A moment before or after now.
struct At {
    text: String,
    age: String,
}

impl At {
    fn new(at: Timestamp, now: Timestamp) -> Self {
        let when = When::new(at, now);
        let age = if at > now { crate::http::show::until(at, now) } else { format!("{} ago", when.age) };
        Self { text: when.text, age }
    }
}

fn commands(run: &ScheduledRun) -> Vec<(&'static str, String)> {
    let id = run.id;
    let act = if run.ended_at.is_none() {
        ("Call it off; what it has read stays", format!("tieout schedule cancel {id}"))
    } else {
        ("Run once more what it was to do, for the same day", format!("tieout schedule retry {id}"))
    };
    vec![act, ("All that is known of it, for machines", format!("tieout schedule history {id} --json"))]
}

fn shown_try(tried: &ScheduledTry, now: Timestamp) -> Try {
    let milliseconds = tried.ended_at.and_then(|ended| i64::try_from(ended.duration_since(tried.started_at).as_millis()).ok());
    Try {
        number: tried.number,
        chip: try_state(&tried.state),
        started: When::new(tried.started_at, now),
        ended: tried.ended_at.map(|at| When::new(at, now)),
        took: milliseconds.map(took),
        version: tried.version.clone(),
        http_status: tried.http_status.map(|status| status.to_string()).unwrap_or_default(),
        error: tried.error.as_deref().map(|error| cut(error, TEXT_MAX)).unwrap_or_default(),
    }
}

fn try_state(word: &str) -> Chip {
    match ScheduledState::from_word(word) {
        Some(known) => state(known),
        None if word == "lost" => chip("open", "question", "Lost"),
        None => chip("off", "question", "Unknown"),
    }
}
