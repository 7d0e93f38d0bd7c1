//! `/runs`: each execution of a job, whoever asked for it, the newest first.

use askama::Template;
use store::{RUN_JOBS, Run, RunFilter, RunId, RunState, RunTrigger, Store};

use super::Answer;
use super::schedules::none_yet;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::parts::{Empty, Field, Link, Pager, first_page};
use crate::http::problem::Problem;
use crate::http::run::{RUNS, href, state, trigger};
use crate::http::scheduled::{SCHEDULES, cut};
use crate::http::show::{Chip, When};
use crate::views::run::RunView;

/// Runs on a page: some days of a server that takes deliveries.
const PAGE_ROWS: usize = 50;

/// What a list shows of what a job said; the run's own page has all of it.
const NOTE_MAX: usize = 160;

#[derive(Template)]
#[template(path = "runs.html")]
struct Page {
    frame: Frame,
    nothing: Option<Empty>,
    filtered: bool,
    selects: Vec<Field>,
    runs: Vec<Row>,
    pager: Pager,
}

struct Row {
    link: Link,
    job: String,
    trigger: &'static str,
    chip: Chip,
    started: When,
    took: String,
    note: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let before = query.read("before", "the number of a run", |text| text.parse::<i64>().ok())?;
    let filter = RunFilter {
        job: query.read("job", "sync, webhook or reconcile", |text| RUN_JOBS.contains(&text).then(|| text.to_owned()))?,
        state: query.word("state", RunState::from_word)?,
        trigger: query.word("trigger", RunTrigger::from_word)?,
        before: before.map(RunId),
        limit: Some(PAGE_ROWS as u64 + 1),
    };
    let found = store.runs_of(&filter)?;
    let numbers: Vec<i64> = found.iter().map(|run| run.id.0).collect();
    let filtered = query.narrows();
    let nothing = if filtered { Empty::filtered("runs", RUNS) } else { nothing_ran() };
    let page = Page {
        frame: Frame::new(ask, "Runs", SCHEDULES),
        nothing: found.is_empty().then_some(nothing),
        filtered,
        selects: selects(ask),
        runs: first_page(&found, PAGE_ROWS).iter().map(|run| row(run, ask)).collect(),
        pager: Pager::by_number((RUNS, query), &numbers, PAGE_ROWS, "runs"),
    };
    Ok(Answer::Html(page.render()?))
}

fn selects(ask: &Ask) -> Vec<Field> {
    let jobs = RUN_JOBS.iter().map(|job| ((*job).to_owned(), (*job).to_owned()));
    let states = RunState::ALL.map(|one| (one.as_str().to_owned(), state(one).word.to_owned()));
    let triggers = RunTrigger::ALL.map(|one| (one.as_str().to_owned(), trigger(one).to_owned()));
    vec![
        Field::new(&ask.query, "job", "Job", jobs),
        Field::new(&ask.query, "state", "State", states),
        Field::new(&ask.query, "trigger", "Asked for by", triggers),
    ]
}

fn row(run: &Run, ask: &Ask) -> Row {
    let view = RunView::of(run);
    Row {
        link: Link::words(href(run.id), run.id.0.to_string()),
        job: run.job.clone(),
        trigger: run.trigger.map_or("", trigger),
        chip: state(run.state),
        started: When::new(run.started_at, ask.now),
        took: view.took().unwrap_or_default(),
        note: cut(&view.note(), NOTE_MAX),
    }
}

fn nothing_ran() -> Empty {
    Empty {
        title: "Nothing has run yet".to_owned(),
        text:
            "Each sync, delivery and reconciliation appears here, whoever asked for it: a person, a schedule or another program."
                .to_owned(),
        ..none_yet()
    }
}
