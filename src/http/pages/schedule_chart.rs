//! How long a schedule's runs took and how much they took in: columns, a table and a sentence.

use jiff::tz::TimeZone;
use schedule::trend::{Sample, trend};
use store::RunMark;

use crate::http::link::Href;
use crate::http::parts::Link;
use crate::http::scheduled::{RUNS, state};
use crate::http::show::{self, Chip, minute};
use crate::views::schedule::took;

/// Runs that are drawn: two months of one that runs each day.
const RUNS_DRAWN: usize = 60;

/// Of fewer runs each would be a wall; theirs stand at the right, where the newest always is.
const PLACES_LEAST: u64 = 15;

/// A column's width with the gap behind it.
const STEP: u64 = 10;

/// A column's own width.
const COLUMN: u64 = 8;

/// The picture's height.
const HEIGHT: u64 = 100;

/// What is not nothing is seen.
const SLIVER: u64 = 1;

/// The runs of a schedule that were run and are over.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    /// How many are drawn.
    pub says: String,
    /// How they grow.
    pub trend: Option<String>,
    /// The picture's width.
    pub width: u64,
    /// One for durations, and one for volumes where there are any.
    pub pictures: Vec<Picture>,
    /// The same as a table, the newest first.
    pub rows: Vec<Row>,
}

/// Columns from the oldest to the newest.
#[derive(Clone, Debug)]
pub struct Picture {
    /// Tells it from the others.
    pub id: &'static str,
    /// What is drawn.
    pub title: String,
    /// What the highest column is.
    pub most: String,
    /// What the axis of time begins with.
    pub oldest: String,
    /// What it ends with.
    pub newest: String,
    /// The same in words.
    pub desc: String,
    /// A column for each run.
    pub columns: Vec<Column>,
}

/// One run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The stylesheet's colour.
    pub class: &'static str,
    /// Left end.
    pub x: u64,
    /// Upper end.
    pub y: u64,
    /// Its own width.
    pub width: u64,
    /// Zero for nothing.
    pub height: u64,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Row {
    /// Its page.
    pub run: Link,
    /// When it was over, UTC.
    pub ended: String,
    /// How it stands.
    pub chip: Chip,
    /// How long it took.
    pub took: String,
    /// How much it took in.
    pub volume: String,
}

/// A run that is drawn.
struct Ended<'a> {
    mark: &'a RunMark,
    milliseconds: u64,
}

/// The chart of these runs, the newest first; `None` where none was run. `units` are those of the volume.
pub fn chart(marks: &[RunMark], units: (&'static str, &'static str), zone: &TimeZone) -> Option<Chart> {
    let ended: Vec<Ended<'_>> = marks.iter().filter_map(ended).collect();
    let samples: Vec<Sample> = ended.iter().filter_map(|run| sample(run.mark)).collect();
    let drawn = ended.get(..RUNS_DRAWN).unwrap_or(&ended);
    let (newest, oldest) = (drawn.first()?, drawn.last()?);
    let count = u64::try_from(drawn.len()).unwrap_or_default();
    let day = |run: &Ended<'_>| run.mark.ended_at.map(|at| at.strftime("%Y-%m-%d").to_string()).unwrap_or_default();
    let days = [oldest, newest].map(day);
    let duration = |run: &Ended<'_>| Some(run.milliseconds);
    let volume = |run: &Ended<'_>| run.mark.volume;
    let spoken = |milliseconds: u64| took(i64::try_from(milliseconds).unwrap_or(i64::MAX));
    let counted = |volume: u64| show::count(volume, units.0, units.1).trim_end().to_owned();
    let mut pictures = vec![picture(("duration", "Duration of each run".to_owned()), drawn, &days, duration, spoken)];
    if drawn.iter().any(|run| run.mark.volume.is_some()) {
        let title =
            if units.1.is_empty() { "Volume of each run".to_owned() } else { format!("Volume of each run, in {}", units.1) };
        pictures.push(picture(("volume", title), drawn, &days, volume, counted));
    }
    Some(Chart {
        says: format!("The last {} that came to an end, the newest at the right.", show::count(count, "run", "runs")),
        trend: trend(&samples).words(zone),
        width: count.max(PLACES_LEAST) * STEP,
        pictures,
        rows: drawn.iter().map(|run| row(run, (spoken)(run.milliseconds), counted)).collect(),
    })
}

fn ended(mark: &RunMark) -> Option<Ended<'_>> {
    // A clock that was set back meanwhile makes no column.
    let milliseconds = u64::try_from(mark.took()?.as_millis()).ok()?;
    Some(Ended { mark, milliseconds })
}

fn sample(mark: &RunMark) -> Option<Sample> {
    // What failed says nothing of how much there is to do.
    (mark.state == store::ScheduledState::Done).then_some(())?;
    Some(Sample { ended_at: mark.ended_at?, took: mark.took()?, volume: mark.volume })
}

fn picture(
    (id, title): (&'static str, String),
    drawn: &[Ended<'_>],
    [oldest, newest]: &[String; 2],
    of: impl Fn(&Ended<'_>) -> Option<u64>,
    spoken: impl Fn(u64) -> String,
) -> Picture {
    let values: Vec<(Option<u64>, &RunMark)> = drawn.iter().rev().map(|run| (of(run), run.mark)).collect();
    let most = values.iter().filter_map(|(value, _)| *value).max().unwrap_or_default();
    let least = values.iter().filter_map(|(value, _)| *value).min().unwrap_or_default();
    let last = values.iter().rev().find_map(|(value, _)| *value).unwrap_or_default();
    let before = PLACES_LEAST.saturating_sub(u64::try_from(values.len()).unwrap_or(u64::MAX));
    let columns = values.iter().zip(before..).filter_map(|((value, mark), at)| {
        let height = height((*value)?, most);
        let class = if mark.state == store::ScheduledState::Done { "column" } else { "column-odd" };
        Some(Column { class, x: at * STEP, y: HEIGHT - height, width: COLUMN, height })
    });
    Picture {
        id,
        desc: format!(
            "From {oldest} to {newest}: from {} to {}; the newest {}. The table below has each.",
            spoken(least),
            spoken(most),
            spoken(last)
        ),
        title,
        most: spoken(most),
        oldest: oldest.clone(),
        newest: newest.clone(),
        columns: columns.collect(),
    }
}

/// In the picture's units, of a value that is not above the highest.
fn height(value: u64, most: u64) -> u64 {
    let exact = u128::from(value) * u128::from(HEIGHT) / u128::from(most.max(1));
    let height = u64::try_from(exact).unwrap_or(HEIGHT).min(HEIGHT);
    if value > 0 { height.max(SLIVER) } else { 0 }
}

fn row(run: &Ended<'_>, took: String, counted: impl Fn(u64) -> String) -> Row {
    let Ended { mark, .. } = run;
    Row {
        run: Link::words(Href::record(RUNS, &mark.id.to_string()), mark.id.to_string()),
        ended: mark.ended_at.map(minute).unwrap_or_default(),
        chip: state(mark.state),
        took,
        volume: mark.volume.map(counted).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;
    use store::ScheduledState;

    fn run(day: i64, seconds: i64, volume: Option<u64>, state: ScheduledState) -> RunMark {
        let started = Timestamp::from_second(1_780_000_000 + day * 86_400).unwrap();
        let ended_at = Some(Timestamp::from_second(started.as_second() + seconds).unwrap());
        RunMark { id: day, state, due_at: started, started_at: Some(started), ended_at, volume, missed: None }
    }

    #[test]
    fn columns_stand_from_the_oldest_to_the_newest_and_what_was_not_run_has_none() {
        let skipped = RunMark { started_at: None, ..run(2, 0, None, ScheduledState::Skipped) };
        let marks = [
            run(3, 50, Some(0), ScheduledState::Failed),
            skipped,
            run(1, 200, Some(7), ScheduledState::Done),
            run(0, 0, None, ScheduledState::Done),
        ];
        let chart = chart(&marks, ("object", "objects"), &TimeZone::UTC).unwrap();
        let columns =
            |picture: &Picture| picture.columns.iter().map(|one| (one.class, one.x, one.y, one.height)).collect::<Vec<_>>();
        let told: Vec<_> = chart.pictures.iter().map(columns).collect();
        assert_eq!(
            told,
            [
                vec![("column", 120, 100, 0), ("column", 130, 0, 100), ("column-odd", 140, 75, 25)],
                vec![("column", 130, 0, 100), ("column-odd", 140, 100, 0)],
            ]
        );
        assert_eq!(chart.pictures.iter().map(|one| one.most.as_str()).collect::<Vec<_>>(), ["3 min 20 s", "7 objects"]);
        assert_eq!((chart.width, chart.rows.len(), chart.trend), (150, 3, None));
    }

    #[test]
    fn of_many_runs_the_newest_are_drawn_and_of_none_nothing() {
        let many: Vec<RunMark> = (0..90).rev().map(|day| run(day, 60, Some(u64::MAX), ScheduledState::Done)).collect();
        let chart = chart(&many, ("", ""), &TimeZone::UTC).unwrap();
        assert_eq!((chart.rows.len(), chart.rows[0].run.text.as_str()), (60, "89"));
        assert!(chart.pictures[1].columns.iter().all(|column| column.height == 100));
        assert!(super::chart(&[], ("", ""), &TimeZone::UTC).is_none());
    }
}
