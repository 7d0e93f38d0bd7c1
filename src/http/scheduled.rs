//! Schedules and their runs, as several pages show them.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::{Expression, Occurrence};
use store::{Schedule, ScheduledRun, ScheduledRunFilter, ScheduledState, Store, Trigger};

use super::link::{Href, Query};
use super::parts::{Link, Pager, first_page};
use super::problem::Problem;
use super::show::{self, Chip, When, chip};
use crate::views::job;
use crate::views::occurrence::OccurrenceView;
use crate::views::schedule::{ScheduleView, ScheduledRunView};

/// The list of schedules.
pub const SCHEDULES: &str = "/schedules";

/// The list of runs. It stands beside the schedules and not under them, where one of any name may be.
pub const RUNS: &str = "/scheduled-runs";

/// Where an expression is tried out.
pub const PREVIEW: &str = "/schedule-preview";

/// Runs on a page: as many as one looks through at a glance, for a week of one that is due every few hours.
pub const RUNS_ON_A_PAGE: usize = 25;

/// Occurrences that are foretold, as in `tieout schedule preview`.
pub const OCCURRENCES: usize = 10;

/// What a list shows of a text that others wrote; the run's own page has all of it.
const NOTE_MAX: usize = 160;

/// A run in a list.
#[derive(Clone, Debug)]
pub struct RunRow {
    /// Its number and page.
    pub link: Link,
    /// Its schedule and where that is found.
    pub schedule: Link,
    /// Why there is one.
    pub trigger: &'static str,
    /// When it was due.
    pub due: When,
    /// How it stands.
    pub chip: Chip,
    /// How often it was tried.
    pub tries: u32,
    /// How long it took.
    pub took: Option<String>,
    /// How much it took in.
    pub volume: Option<String>,
    /// What else there is to say, cut.
    pub note: String,
}

impl RunRow {
    /// A run as seen from `now`.
    pub fn new(run: &ScheduledRun, now: Timestamp) -> Self {
        let view = ScheduledRunView::of(run);
        Self {
            link: Link::words(run_href(run.id), run.id.to_string()),
            schedule: Link::words(Href::record(SCHEDULES, &run.schedule), &run.schedule),
            trigger: trigger(run.trigger),
            due: When::new(run.due_at, now),
            chip: state(run.state),
            tries: run.attempts,
            took: view.took(),
            volume: run.volume.map(|volume| volume_of(volume, &run.job)),
            note: cut(&view.note(), NOTE_MAX),
        }
    }
}

/// Which runs are listed.
pub struct Which {
    /// Only this schedule's.
    pub schedule: Option<String>,
    /// Only those that stand so.
    pub state: Option<ScheduledState>,
}

/// One page of runs.
pub struct RunPage {
    /// The rows.
    pub rows: Vec<RunRow>,
    /// To the others.
    pub pager: Pager,
}

/// The runs of a schedule or of all, and of one state or of each, from the address's `before` on; `path` is the page that lists them.
///
/// # Errors
/// A wrong `before`, or a database that fails.
pub fn runs(store: &Store, which: Which, (query, path): (&Query, &str), now: Timestamp) -> Result<RunPage, Problem> {
    let before = query.read("before", "the number of a run", |text| text.parse::<i64>().ok())?;
    let filter = ScheduledRunFilter { schedule: which.schedule, before, limit: Some(RUNS_ON_A_PAGE as u64 + 1) };
    let found = store.runs_in_state(which.state, &filter)?;
    let numbers: Vec<i64> = found.iter().map(|run| run.id).collect();
    let pager = Pager::by_number((path, query), &numbers, RUNS_ON_A_PAGE, "runs");
    Ok(RunPage { rows: first_page(&found, RUNS_ON_A_PAGE).iter().map(|run| RunRow::new(run, now)).collect(), pager })
}

/// The page of a run.
pub fn run_href(id: i64) -> String {
    Href::record(RUNS, &id.to_string())
}

/// How a run stands.
pub const fn state(state: ScheduledState) -> Chip {
    match state {
        ScheduledState::Waiting => chip("wait", "clock", "Waiting"),
        ScheduledState::Running => chip("wait", "clock", "Running"),
        ScheduledState::Done => chip("ok", "tick", "Done"),
        ScheduledState::Incomplete => chip("open", "half", "Incomplete"),
        ScheduledState::Failed => chip("bad", "cross", "Failed"),
        ScheduledState::Canceled => chip("off", "dash", "Canceled"),
        ScheduledState::Skipped => chip("off", "dash", "Skipped"),
        ScheduledState::Missed => chip("open", "bang", "Missed"),
    }
}

const fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Schedule => "Due",
        Trigger::CatchUp => "Catch-up",
        Trigger::After => "After another",
        Trigger::Person => "A person",
    }
}

/// How much a run took in, with what its job counts.
pub fn volume_of(volume: u64, job: &str) -> String {
    let (one, many) = job::unit(job);
    show::count(volume, one, many).trim_end().to_owned()
}

/// The beginning of a text; what is left out shows.
pub fn cut(text: &str, most: usize) -> String {
    match text.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// An occurrence that is to come.
#[derive(Clone, Debug)]
pub struct Foretold {
    /// What the clock on the wall shows, with its offset.
    pub local: String,
    /// The same in UTC.
    pub utc: String,
    /// For machines.
    pub machine: String,
    /// How long until.
    pub until: String,
    /// Why it is there, where clocks are changed.
    pub remark: String,
}

/// The next occurrences of an expression.
pub fn foretell(expression: &Expression, zone: &TimeZone, from: Timestamp, now: Timestamp) -> Vec<Foretold> {
    expression.occurrences(zone.clone(), from).take(OCCURRENCES).map(|one| foretold(&one, now)).collect()
}

fn foretold(occurrence: &Occurrence, now: Timestamp) -> Foretold {
    let view = OccurrenceView::of(occurrence);
    Foretold {
        local: local(view.at, occurrence.at.time_zone()),
        utc: format!("{} UTC", show::minute(view.at)),
        machine: view.at.to_string(),
        until: if view.at < now { format!("{} ago", When::new(view.at, now).age) } else { show::until(view.at, now) },
        remark: view.remark.unwrap_or_default(),
    }
}

/// What the clock on the wall shows.
pub fn local(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M %:z").to_string()
}

/// The zone whose clocks count for a schedule.
pub fn zone_of(schedule: &Schedule, business: &TimeZone) -> TimeZone {
    // A zone of the database was looked up when it came there.
    schedule.zone.as_deref().map_or_else(|| business.clone(), |name| TimeZone::get(name).unwrap_or(TimeZone::UTC))
}

/// Since when a schedule waits for a server, where it does: it is due for longer than its grace.
pub fn overdue(schedule: &Schedule, now: Timestamp) -> Option<Timestamp> {
    let due = schedule.next_at.filter(|_| !schedule.paused)?;
    (due.checked_add(schedule.grace).ok()? < now).then_some(due)
}

/// What is said of one that waits for a server; `is_leased`: one has the right to run it.
pub fn overdue_words(schedule: &Schedule, due: Timestamp, zone: &TimeZone, is_leased: bool) -> String {
    let (name, local) = (&schedule.name, local(due, zone));
    if is_leased {
        return format!("{name} is due since {local}, and the server that runs schedules has not run it: see what it logs.");
    }
    format!("{name} is due since {local}, and no server has run it: is tieout serve running?")
}

/// When a schedule is due, in words, with the cron beside it where something else was typed.
pub fn when(view: &ScheduleView<'_>) -> (String, String) {
    let cron = view.cron.filter(|cron| Some(*cron) != view.expression).unwrap_or_default();
    (view.when(), cron.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::standard;

    #[test]
    fn a_schedule_waits_for_a_server_only_once_its_grace_is_over() {
        let due: Timestamp = "2026-10-05T05:00:00Z".parse().unwrap();
        let at = |text: &str| format!("2026-10-05T{text}Z").parse::<Timestamp>().unwrap();
        let schedule = standard(&TimeZone::UTC, at("04:00:00")).remove(0);
        assert_eq!(schedule.next_at, Some(due));
        assert_eq!([at("05:00:00"), at("05:05:00"), at("05:05:01")].map(|now| overdue(&schedule, now)), [None, None, Some(due)]);
        assert_eq!(overdue(&Schedule { paused: true, ..schedule.clone() }, at("09:00:00")), None);
        let said = |is_leased| overdue_words(&schedule, due, &TimeZone::get("Europe/Berlin").unwrap(), is_leased);
        assert_eq!(
            said(false),
            "sync is due since Mon 2026-10-05 07:00 +02:00, and no server has run it: is tieout serve running?"
        );
        assert!(said(true).ends_with("and the server that runs schedules has not run it: see what it logs."));
    }

    #[test]
    fn a_text_is_cut_between_its_letters() {
        assert_eq!((cut("äöü", 2), cut("äöü", 3), cut("", 0)), ("äö…".to_owned(), "äöü".to_owned(), String::new()));
    }
}
