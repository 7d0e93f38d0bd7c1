//! The runs of the last days on one line for each schedule.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};
use store::{RunMark, ScheduledState};

use crate::http::show;

/// The business days that are drawn, the last one being today's.
pub const DAYS: i64 = 7;

/// A day is drawn in so many cells, of half an hour each: what is smaller is not seen.
const CELLS_A_DAY: i64 = 48;

/// A cell's width in the picture.
const CELL: i64 = 10;

/// A run is at least so many cells wide, or nobody would see one that took a second.
const CELLS_SEEN: i64 = 2;

/// A day's width in the picture.
pub const DAY: i64 = CELLS_A_DAY * CELL;

/// How runs of a state are drawn, what a reader must see above what hides it.
const LAYERS: [(&str, &[ScheduledState]); 5] = [
    ("exceptions", &[ScheduledState::Failed, ScheduledState::Incomplete]),
    ("missed", &[ScheduledState::Missed]),
    ("in_transit", &[ScheduledState::Running, ScheduledState::Waiting]),
    ("matched", &[ScheduledState::Done]),
    ("excluded", &[ScheduledState::Skipped, ScheduledState::Canceled]),
];

/// The days.
pub struct Days {
    zone: TimeZone,
    first: Date,
    now: Timestamp,
}

/// One schedule's line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Stretches of the same colour.
    pub stretches: Vec<Drawn>,
    /// The same in words.
    pub says: String,
}

/// Cells side by side that look alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    /// The stylesheet's colour.
    pub class: &'static str,
    /// Left end.
    pub x: i64,
    /// Never zero.
    pub width: i64,
}

impl Days {
    /// The last days in the business time zone.
    pub fn until(now: Timestamp, zone: TimeZone) -> Self {
        let today = zone.to_datetime(now).date();
        Self { first: today.checked_sub(Span::new().days(DAYS - 1)).unwrap_or(today), zone, now }
    }

    /// What stands above each day.
    pub fn names(&self) -> Vec<String> {
        (0..DAYS).map(|day| self.date(day).strftime("%a %-d").to_string()).collect()
    }

    /// When the first begins.
    pub fn start(&self) -> Timestamp {
        self.start_of(0)
    }

    /// Where in the picture it is now.
    pub fn now_x(&self) -> i64 {
        self.cell(self.now).unwrap_or(DAYS * CELLS_A_DAY) * CELL
    }

    /// A line of these runs, the newest first; `is_cut` where older ones were not read.
    pub fn line(&self, marks: &[RunMark], is_cut: bool) -> Line {
        let seen: Vec<&RunMark> = marks.iter().filter(|mark| self.touches(mark)).collect();
        let mut layers: Vec<Option<usize>> = vec![None; usize::try_from(DAYS * CELLS_A_DAY).unwrap_or_default()];
        for mark in &seen {
            let layer = LAYERS.iter().position(|(_, states)| states.contains(&mark.state));
            let (first, last) = self.cells(mark);
            for cell in first..=last {
                // The layers are in the order of what must be seen.
                if let Some(place) = usize::try_from(cell).ok().and_then(|cell| layers.get_mut(cell)) {
                    *place = [*place, layer].into_iter().flatten().min();
                }
            }
        }
        let oldest = marks.last().filter(|oldest| is_cut && oldest.due_at > self.start()).map(|oldest| oldest.due_at);
        Line { stretches: stretches(&layers), says: words(&seen, oldest) }
    }

    fn date(&self, day: i64) -> Date {
        self.first.checked_add(Span::new().days(day)).unwrap_or(Date::MAX)
    }

    fn start_of(&self, day: i64) -> Timestamp {
        self.date(day).to_zoned(self.zone.clone()).map_or(Timestamp::MAX, |zoned| zoned.timestamp())
    }

    fn touches(&self, mark: &RunMark) -> bool {
        span(mark, self.now).1 >= self.start()
    }

    /// The first and the last cell of a run.
    fn cells(&self, mark: &RunMark) -> (i64, i64) {
        let (from, until) = span(mark, self.now);
        let last = DAYS * CELLS_A_DAY - 1;
        let first = self.cell(from).unwrap_or(if from < self.start() { 0 } else { last }).min(last + 1 - CELLS_SEEN);
        let until = self.cell(until).unwrap_or(last).max(first + CELLS_SEEN - 1);
        (first, until)
    }

    /// The cell of an instant; all days are equally wide, whatever clocks do.
    fn cell(&self, at: Timestamp) -> Option<i64> {
        let day = (0..DAYS).rev().find(|day| self.start_of(*day) <= at)?;
        let (begins, ends) = (self.start_of(day).as_second(), self.start_of(day + 1).as_second());
        let into = at.as_second().saturating_sub(begins).saturating_mul(CELLS_A_DAY) / ends.saturating_sub(begins).max(1);
        (into < CELLS_A_DAY).then_some(day * CELLS_A_DAY + into)
    }
}

/// From when to when a run is drawn. One that was not run is drawn where it was due.
fn span(mark: &RunMark, now: Timestamp) -> (Timestamp, Timestamp) {
    let from = mark.started_at.unwrap_or(mark.due_at);
    let until = match (mark.state, mark.missed) {
        (ScheduledState::Running, _) => now,
        (_, Some((_, last))) => last,
        _ => mark.started_at.and(mark.ended_at).unwrap_or(from),
    };
    (from, until.max(from))
}

fn stretches(layers: &[Option<usize>]) -> Vec<Drawn> {
    let mut drawn: Vec<Drawn> = Vec::new();
    let mut x = 0;
    for layer in layers {
        if let Some((class, _)) = layer.and_then(|layer| LAYERS.get(layer)) {
            match drawn.last_mut().filter(|last| last.class == *class && last.x + last.width == x) {
                Some(last) => last.width += CELL,
                None => drawn.push(Drawn { class, x, width: CELL }),
            }
        }
        x += CELL;
    }
    drawn
}

/// How many runs stand how.
fn words(seen: &[&RunMark], since: Option<Timestamp>) -> String {
    let missed = |mark: &&RunMark| mark.missed.map_or(1, |(count, _)| count);
    let counts = ScheduledState::ALL.into_iter().filter_map(|state| {
        let count: u64 = seen.iter().filter(|mark| mark.state == state).map(missed).sum();
        (count > 0).then(|| format!("{} {}", show::thousands(count), state.as_str()))
    });
    let counts: Vec<String> = counts.collect();
    let counts = if counts.is_empty() { "nothing run".to_owned() } else { counts.join(", ") };
    match since {
        Some(at) => format!("{counts} since {} UTC; older runs are not drawn", show::minute(at)),
        None => counts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    fn mark(state: ScheduledState, from: &str, until: &str) -> RunMark {
        let (started_at, ended_at) = (Some(at(from)), Some(at(until)));
        RunMark { id: 1, state, due_at: at(from), started_at, ended_at, volume: None, missed: None }
    }

    fn drawn(class: &'static str, x: i64, width: i64) -> Drawn {
        Drawn { class, x, width }
    }

    fn october() -> Days {
        Days::until(at("2026-10-05T08:00:00Z"), TimeZone::UTC)
    }

    #[test]
    fn runs_stand_where_they_ran_and_a_short_one_is_seen() {
        let days = october();
        assert_eq!(days.names(), ["Tue 29", "Wed 30", "Thu 1", "Fri 2", "Sat 3", "Sun 4", "Mon 5"]);
        assert_eq!((days.now_x(), DAYS * DAY), (6 * 480 + 160, 3_360));
        let line = days.line(
            &[
                mark(ScheduledState::Done, "2026-09-29T05:00:00Z", "2026-09-29T05:00:01Z"),
                mark(ScheduledState::Done, "2026-09-30T12:00:00Z", "2026-09-30T14:10:00Z"),
                mark(ScheduledState::Done, "2026-09-28T12:00:00Z", "2026-09-28T23:59:59Z"),
            ],
            false,
        );
        assert_eq!(line.stretches, [drawn("matched", 100, 20), drawn("matched", 720, 50)]);
        assert_eq!(line.says, "2 done");
    }

    #[test]
    fn a_failed_run_is_seen_among_many_that_did_all() {
        let hours = (0..48).map(|half| {
            let from = at("2026-10-01T00:00:00Z").as_second() + half * 1_800;
            let state = if half == 20 { ScheduledState::Failed } else { ScheduledState::Done };
            let from = Timestamp::from_second(from).unwrap().to_string();
            mark(state, &from, &from)
        });
        let line = october().line(&hours.collect::<Vec<_>>(), false);
        assert_eq!(line.stretches, [drawn("matched", 960, 200), drawn("exceptions", 1_160, 20), drawn("matched", 1_180, 270)]);
        assert_eq!(line.says, "47 done, 1 failed");
    }

    #[test]
    fn missed_ones_reach_to_the_last_of_them_and_one_that_runs_to_now() {
        let missed = RunMark {
            missed: Some((9, at("2026-10-02T00:00:00Z"))),
            started_at: None,
            ..mark(ScheduledState::Missed, "2026-09-20T00:00:00Z", "2026-10-02T01:00:00Z")
        };
        let running = RunMark { ended_at: None, ..mark(ScheduledState::Running, "2026-10-05T07:00:00Z", "2026-10-05T07:00:00Z") };
        let line = october().line(&[running, missed], false);
        assert_eq!(line.stretches, [drawn("missed", 0, 1_450), drawn("in_transit", 3_020, 30)]);
        assert_eq!(line.says, "1 running, 9 missed");
    }

    #[test]
    fn what_was_not_read_is_said_and_nothing_to_draw_is_said_too() {
        let one = [mark(ScheduledState::Done, "2026-10-04T05:00:00Z", "2026-10-04T05:00:01Z")];
        assert_eq!(october().line(&one, true).says, "1 done since 2026-10-04 05:00 UTC; older runs are not drawn");
        assert_eq!(october().line(&[], false), Line { stretches: Vec::new(), says: "nothing run".to_owned() });
    }

    #[test]
    fn a_day_of_twenty_five_hours_is_as_wide_as_any_other() {
        let days = Days::until(at("2026-11-03T12:00:00Z"), TimeZone::get("America/New_York").unwrap());
        let at_noon = |text: &str| days.cell(at(text));
        // Midnight of 1 November is 04:00 UTC, the one after it 05:00.
        assert_eq!((at_noon("2026-11-01T04:00:00Z"), at_noon("2026-11-02T04:59:59Z")), (Some(4 * 48), Some(5 * 48 - 1)));
        assert_eq!((days.cell(days.start()), at_noon("2026-10-28T03:59:59Z")), (Some(0), None));
    }
}
