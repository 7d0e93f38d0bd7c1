//! `/runs/{id}`: one execution of a job and what it said.

use askama::Template;
use jiff::Timestamp;
use store::{Run, RunId, Store};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::parts::{Named, named};
use crate::http::problem::Problem;
use crate::http::run::{state, trigger};
use crate::http::scheduled::SCHEDULES;
use crate::http::show::{Chip, When};
use crate::http::summary::{Field, summary};
use crate::views::run::RunView;

#[derive(Template)]
#[template(path = "run.html")]
struct Page {
    frame: Frame,
    id: i64,
    job: String,
    chip: Chip,
    facts: Vec<Named>,
    summary: Vec<Field>,
    summary_more: usize,
    summary_command: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let absent = || Problem::NotFound { noun: "run", id: ask.id.chars().take(80).collect() };
    let id = ask.id.parse::<i64>().map_err(|_| absent())?;
    let run = store.run(RunId(id))?.ok_or_else(absent)?;
    let (summary, summary_more) = summary(&run.summary);
    let page = Page {
        frame: Frame::new(ask, format!("Run {id}, {}", run.job), SCHEDULES),
        id,
        chip: state(run.state),
        facts: facts(&run, ask.now),
        job: run.job,
        summary,
        summary_more,
        summary_command: format!("tieout run show {id} --json"),
    };
    Ok(Answer::Html(page.render()?))
}

fn facts(run: &Run, now: Timestamp) -> Vec<Named> {
    let moment = |name: &str, at: Timestamp| {
        let when = When::new(at, now);
        named(name, when.text).note(format!("{} ago", when.age))
    };
    let mut facts = vec![
        named("Job", run.job.clone()),
        named("Asked for by", run.trigger.map_or("not noted by an earlier version", trigger)),
        moment("Started", run.started_at),
    ];
    facts.extend(run.ended_at.map(|ended| moment("Ended", ended)));
    facts.extend(RunView::of(run).took().map(|took| named("Took", took)));
    facts
}
