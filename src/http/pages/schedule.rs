//! `/schedules/{name}`: one schedule, what it will run, and what it has run.

use askama::Template;
use jiff::Timestamp;
use schedule::Expression;
use store::{LeaseName, Schedule, Store};

use super::Answer;
use super::schedule_chart::{Chart, chart};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Named, Pager, linked, named};
use crate::http::problem::Problem;
use crate::http::scheduled::{
    Foretold, PREVIEW, RunRow, SCHEDULES, Which, foretell, overdue, overdue_words, runs, when, zone_of,
};
use crate::http::show::{self, Chip, When, chip};
use crate::views::job;
use crate::views::load;
use crate::views::schedule::ScheduleView;

/// Runs that are looked at for the picture and for how they grow: a week of one that is due every five minutes.
const MARKS_READ: u32 = 2_100;

#[derive(Template)]
#[template(path = "schedule.html")]
struct Page {
    frame: Frame,
    name: String,
    chip: Chip,
    sentence: String,
    overdue: Option<String>,
    occurrences: Vec<Foretold>,
    /// What is said in the place of occurrences, or above them.
    due_says: String,
    preview: Option<String>,
    zone: String,
    policy: Vec<Named>,
    job: String,
    commands: Vec<(&'static str, String)>,
    chart: Option<Chart>,
    runs: Vec<RunRow>,
    with_schedule: bool,
    pager: Pager,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let absent = || Problem::NotFound { noun: "schedule", id: ask.id.chars().take(80).collect() };
    let schedule = store.schedule(&ask.id)?.ok_or_else(absent)?;
    let business = load::zone_of(ask.time_zone.as_deref(), &store.own_accounts()?);
    let (zone, now) = (zone_of(&schedule, &business), ask.now);
    let is_leased = store.is_leased(LeaseName::Schedule)?;
    let marks = store.run_marks(&schedule.name, MARKS_READ)?;
    let which = Which { schedule: Some(schedule.name.clone()), state: None };
    let path = Href::record(SCHEDULES, &schedule.name);
    let listed = runs(store, which, (&ask.query, &path), now)?;
    let view = ScheduleView::of(&schedule, &business);
    let expression = Expression::parse(&schedule.cron).ok();
    let occurrences = expression.as_ref().map(|one| foretell(one, &zone, now, now)).unwrap_or_default();
    let page = Page {
        frame: Frame::new(ask, &schedule.name, SCHEDULES),
        chip: chip_of(&schedule, now),
        sentence: sentence(&schedule, &view),
        overdue: overdue(&schedule, now).map(|due| overdue_words(&schedule, due, &zone, is_leased)),
        due_says: due_says(&schedule, expression.is_some(), occurrences.is_empty()),
        occurrences,
        preview: view.expression.map(|typed| Href::to(PREVIEW).with("expr", typed).with("tz", &view.tz).text()),
        zone: view.tz.clone(),
        policy: policy(&schedule, &view, now),
        job: schedule.job.clone(),
        commands: commands(&schedule),
        chart: chart(&marks, job::unit(&schedule.job), &business),
        runs: listed.rows,
        with_schedule: false,
        pager: listed.pager,
        name: schedule.name,
    };
    Ok(Answer::Html(page.render()?))
}

fn chip_of(schedule: &Schedule, now: Timestamp) -> Chip {
    match (schedule.paused, overdue(schedule, now).is_some(), schedule.next_at.is_some() || schedule.follows.is_some()) {
        (true, _, _) => chip("off", "dash", "Paused"),
        (false, true, _) => chip("bad", "bang", "Overdue"),
        (false, false, true) => chip("ok", "clock", "Scheduled"),
        (false, false, false) => chip("off", "dash", "Never due"),
    }
}

fn sentence(schedule: &Schedule, view: &ScheduleView<'_>) -> String {
    let (words, cron) = when(view);
    let cron = if cron.is_empty() { String::new() } else { format!(" ({cron})") };
    let job = job::words(&schedule.job);
    match &schedule.follows {
        Some(_) => format!("{job}, {words}."),
        None => format!("{job}, {words}{cron} in {}.", view.tz),
    }
}

fn due_says(schedule: &Schedule, is_readable: bool, is_empty: bool) -> String {
    match (&schedule.follows, is_readable, is_empty, schedule.paused) {
        (Some(followed), _, _, _) => format!("It runs after each run of {followed} that did all."),
        (None, false, _, _) => "When it is due cannot be read by this version: remove it, and add it again.".to_owned(),
        (None, true, true, _) => "It is never due: no such day comes within a hundred years.".to_owned(),
        (None, true, false, true) => "It is paused: none of these is run until it is resumed.".to_owned(),
        (None, true, false, false) => String::new(),
    }
}

/// In sentences.
fn policy(schedule: &Schedule, view: &ScheduleView<'_>, now: Timestamp) -> Vec<Named> {
    let retries = match schedule.retries {
        0 => "none: one that failed stays so".to_owned(),
        1 => "once, after about 30 s".to_owned(),
        many => format!("up to {many} times, after about 30 s, then twice as long each time"),
    };
    let missed = match schedule.missed.as_str() {
        "once" => "the newest is run for all that were missed",
        "each" => "each that was missed is run",
        "none" => "what was missed is not run",
        other => other,
    };
    let overlap = match schedule.overlap.as_str() {
        "skip" => "what is due while an earlier one is not over is left out",
        "queue" => "what is due while an earlier one is not over waits for it",
        other => other,
    };
    let grace = format!(
        "{} after its time an occurrence was missed",
        show::count(schedule.grace.as_mins().unsigned_abs(), "minute", "minutes")
    );
    let mut facts = match &schedule.follows {
        Some(followed) => vec![linked("Runs after", followed, Href::record(SCHEDULES, followed))],
        None => {
            let note = if view.tz_is_business { "the business time zone" } else { "" };
            vec![named("Time zone", view.tz.clone()).note(note)]
        }
    };
    facts.push(named("Retries", retries).note("what a person must mend is not tried again"));
    if schedule.follows.is_none() {
        facts.extend([named("Missed", missed).note(schedule.missed.as_str()), named("Grace", grace)]);
    }
    facts.push(named("Overlap", overlap).note(schedule.overlap.as_str()));
    facts.push(named("Added", When::new(schedule.added_at, now).text));
    facts
}

fn commands(schedule: &Schedule) -> Vec<(&'static str, String)> {
    let name = &schedule.name;
    let pause = if schedule.paused {
        ("Go on", format!("tieout schedule resume {name}"))
    } else {
        ("Run nothing of it for a while", format!("tieout schedule pause {name}"))
    };
    vec![("Run it now", format!("tieout schedule run {name}")), pause, ("Remove it", format!("tieout schedule remove {name}"))]
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;

    use super::*;
    use crate::scheduler::standard;

    #[test]
    fn a_schedule_says_in_one_word_how_it_stands() {
        let now: Timestamp = "2026-10-05T04:00:00Z".parse().unwrap();
        let later: Timestamp = "2026-10-05T09:00:00Z".parse().unwrap();
        let [daily, _, follower, _] = standard(&TimeZone::UTC, now).try_into().unwrap();
        assert_eq!(
            [chip_of(&daily, now).word, chip_of(&daily, later).word, chip_of(&follower, later).word],
            ["Scheduled", "Overdue", "Scheduled"]
        );
        let paused = Schedule { paused: true, ..daily.clone() };
        assert_eq!(
            [chip_of(&paused, later).word, chip_of(&Schedule { next_at: None, ..daily }, later).word],
            ["Paused", "Never due"]
        );
    }
}
