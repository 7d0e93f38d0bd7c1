//! Runs of schedules: failed, missed, unusual.

use std::collections::BTreeMap;

use alerts::{Reading, Rule, usual};
use store::{AlertRow, RunsStand, ScheduledRun, ScheduledRunFilter, ScheduledState};

use super::{Finding, Look, unread};
use crate::exit::Failure;
use crate::views::schedule::ScheduledRunView;

/// So many of the last runs show what is usual.
const HABIT_RUNS: u64 = 40;

/// A minute more or less is no matter.
const DURATION_SLACK_MS: u64 = 60_000;

/// Nor are some objects.
const VOLUME_SLACK: u64 = 50;

/// What was read of runs, which is not read again while they stand as they did.
#[derive(Default)]
pub struct Habits {
    stand: Option<RunsStand>,
    failed: Vec<ScheduledRun>,
    missed: Vec<ScheduledRun>,
    /// What was found of the last run of each schedule, by that run: it stays so until there is another.
    odd: BTreeMap<String, (i64, Option<Finding>)>,
}

fn page(schedule: &str) -> String {
    format!("/schedules/{schedule}")
}

impl Look<'_> {
    /// Reads how the newest runs ended, where anything has come, ended or gone since.
    fn read_runs(&mut self) -> Result<(), Failure> {
        let stand = Some(self.store.runs_stand().map_err(unread)?);
        if self.habits.stand == stand {
            return Ok(());
        }
        let mut known = std::mem::take(self.habits).odd;
        self.habits.failed = self.store.last_failures().map_err(unread)?;
        self.habits.missed = self.store.last_misses().map_err(unread)?;
        for (schedule, run) in self.store.last_done_runs().map_err(unread)? {
            let found = match known.remove(&schedule).filter(|(known, _)| *known == run) {
                Some((_, found)) => found,
                None => self.unusual_run(&schedule)?,
            };
            self.habits.odd.insert(schedule, (run, found));
        }
        self.habits.stand = stand;
        Ok(())
    }

    /// The newest run failed, or ended incomplete. Of a sync the latter is told by a rule of its own.
    pub(super) fn failed_runs(&mut self) -> Result<Vec<Finding>, Failure> {
        self.read_runs()?;
        Ok(self.habits.failed.iter().map(failed_run).collect())
    }

    /// Nobody ran it in time. It is well again with the next run that is in time.
    pub(super) fn missed_runs(&mut self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        self.read_runs()?;
        let mut found = Vec::new();
        for run in &self.habits.missed {
            if let Some((count, until)) = run.missed.filter(|_| run.state == ScheduledState::Missed) {
                let what =
                    format!("The schedule '{}' was not run in time, {count} times from {} to {until}", run.schedule, run.due_at);
                let to_do = format!("tieout schedule run {}, and see that tieout serve is always running", run.schedule);
                found.push(Finding::bad(run.schedule.as_str(), what, to_do).at(page(&run.schedule)));
            } else if let Some(started_at) = run.started_at {
                let late = started_at.duration_since(run.due_at).as_mins();
                let what = format!("The schedule '{}' was due at {} and ran {late} minutes late", run.schedule, run.due_at);
                let to_do = "see that tieout serve is always running, and the machine does not sleep";
                let done = Some(format!("it was run at {started_at}"));
                found.push(Finding { done, ..Finding::bad(run.schedule.as_str(), what, to_do).at(page(&run.schedule)) });
            }
        }
        found.extend(self.store.late_runs(self.now).map_err(unread)?.iter().map(late_run));
        self.not_made_good(rule, &mut found)?;
        Ok(found)
    }

    /// What was late by one clock may be in time by another that is behind it: only a run that did all makes it good.
    fn not_made_good(&self, rule: &Rule, found: &mut Vec<Finding>) -> Result<(), Failure> {
        for row in self.store.alerts().map_err(unread)?.into_iter().filter(|row| row.rule == rule.name) {
            let is_found = found.iter().any(|finding| finding.subject == row.subject);
            let is_told_of = row.told_at.is_some() && !row.subject.is_empty();
            if is_told_of && !is_found && !self.store.ran_in_time_since(&row.subject, row.bad_since).map_err(unread)? {
                let AlertRow { subject, what, how_much, done, to_do, look, .. } = row;
                found.push(Finding { subject, reading: Reading::Bad, what, how_much, done, to_do, look });
            }
        }
        Ok(())
    }

    /// The last run that did all took much longer, or brought much more or less, than usual.
    pub(super) fn unusual_runs(&mut self) -> Result<Vec<Finding>, Failure> {
        self.read_runs()?;
        Ok(self.habits.odd.values().filter_map(|(_, found)| found.clone()).collect())
    }

    fn unusual_run(&self, schedule: &str) -> Result<Option<Finding>, Failure> {
        let filter = ScheduledRunFilter { schedule: Some(schedule.to_owned()), limit: Some(HABIT_RUNS), before: None };
        let runs = self.store.scheduled_runs(&filter).map_err(unread)?;
        let done: Vec<ScheduledRun> = runs.into_iter().filter(|run| run.state == ScheduledState::Done).collect();
        let Some((last, before)) = done.split_first() else { return Ok(None) };
        let took = |run: &ScheduledRun| ScheduledRunView::of(run).duration_ms.and_then(|took| u64::try_from(took).ok());
        let odd = [("took", "ms", took(last), before.iter().filter_map(took).collect::<Vec<_>>(), DURATION_SLACK_MS), {
            (
                "brought",
                "objects, lines or bytes",
                last.volume,
                before.iter().filter_map(|run| run.volume).collect(),
                VOLUME_SLACK,
            )
        }];
        let odd = odd.into_iter().find_map(|(verb, unit, value, values, slack)| {
            let (value, range) = (value?, usual(&values, slack)?);
            // Whoever was quicker than usual needs no person.
            let is_odd = if verb == "took" { value > range.until } else { !range.holds(value) };
            is_odd
                .then(|| format!("The schedule '{schedule}' {verb} {value} {unit}; usual are {} to {}", range.from, range.until))
        });
        let to_do = format!("compare with earlier runs: tieout schedule history {schedule}");
        Ok(odd.map(|what| Finding::bad(schedule, what, to_do).at(page(schedule))))
    }
}

/// One that waits for its first try longer than its schedule lets it, or makes up for one that was missed.
fn late_run(run: &ScheduledRun) -> Finding {
    let what = format!("The schedule '{}' was due at {} and did not begin in time", run.schedule, run.due_at);
    let to_do = "tieout schedule history shows what is in its way";
    Finding::bad(run.schedule.as_str(), what, to_do).at(page(&run.schedule))
}

fn failed_run(run: &ScheduledRun) -> Finding {
    let why = ScheduledRunView::of(run).note();
    let (tries, times) = match run.attempts {
        1 => ("1 try".to_owned(), "once".to_owned()),
        attempts => (format!("{attempts} tries"), format!("{attempts} times")),
    };
    let what = format!("The schedule '{}' failed after {tries}: {why}", run.schedule);
    let to_do = format!("tieout schedule history {0} shows each try; then tieout schedule retry {0}", run.id);
    let done = Some(format!("tried {times} from {} on", run.started_at.unwrap_or(run.due_at)));
    Finding { done, ..Finding::bad(run.schedule.as_str(), what, to_do).at(page(&run.schedule)) }
}
