//! `/scheduled-runs`: what was run, the newest first.

use askama::Template;
use store::{ScheduledState, Store};

use super::Answer;
use super::schedules::none_yet;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::parts::{Empty, Field, Pager};
use crate::http::problem::Problem;
use crate::http::scheduled::{RUNS, RunRow, SCHEDULES, Which, runs, state};

#[derive(Template)]
#[template(path = "scheduled_runs.html")]
struct Page {
    frame: Frame,
    nothing: Option<Empty>,
    filtered: bool,
    selects: Vec<Field>,
    runs: Vec<RunRow>,
    with_schedule: bool,
    pager: Pager,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let query = &ask.query;
    let which =
        Which { schedule: query.get("schedule").map(str::to_owned), state: query.word("state", ScheduledState::from_word)? };
    let listed = runs(store, which, (query, RUNS), ask.now)?;
    let filtered = query.narrows();
    let nothing = if filtered { Empty::filtered("runs", RUNS) } else { nothing_run() };
    let page = Page {
        frame: Frame::new(ask, "Scheduled runs", SCHEDULES),
        nothing: listed.rows.is_empty().then_some(nothing),
        filtered,
        selects: vec![schedules(store, ask)?, states(ask)],
        runs: listed.rows,
        with_schedule: true,
        pager: listed.pager,
    };
    Ok(Answer::Html(page.render()?))
}

fn nothing_run() -> Empty {
    Empty {
        title: "Nothing was run yet".to_owned(),
        text: "Each run of a schedule appears here, with each try and what went wrong. A server runs them.".to_owned(),
        ..none_yet()
    }
}

/// Those that there are; one that was removed can still be asked for.
fn schedules(store: &Store, ask: &Ask) -> Result<Field, Problem> {
    let names: Vec<String> = store.schedules()?.into_iter().map(|schedule| schedule.name).collect();
    let asked = ask.query.get("schedule").filter(|asked| names.iter().all(|name| name != asked)).map(str::to_owned);
    let values = names.into_iter().chain(asked).map(|name| (name.clone(), name));
    Ok(Field::new(&ask.query, "schedule", "Schedule", values))
}

fn states(ask: &Ask) -> Field {
    let values = ScheduledState::ALL.map(|one| (one.as_str().to_owned(), state(one).word.to_owned()));
    Field::new(&ask.query, "state", "State", values)
}
