//! The instants that an expression names in a time zone.

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{AmbiguousOffset, TimeZone};
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

use crate::expression::Expression;

/// Whatever has not come by then never comes: the calendar of a month repeats itself within 28 years, or 40 around a year such as 2100.
const YEARS_MAX: i16 = 100;

/// An instant that an expression names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// When it is, and what the clock on the wall shows then.
    pub at: Zoned,
    /// Where the clock on the wall is not what was asked for, or does not say which of two instants is meant.
    pub remark: Option<Remark>,
}

/// Why an occurrence is where it is, where clocks are changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Remark {
    /// This time on the wall is skipped; it happens at the first instant after the gap.
    Skipped(DateTime),
    /// The time comes twice; this is its first pass, and there is none at the second.
    FirstOfTwo,
    /// The time comes twice, and so does the occurrence; this is the first pass.
    FirstPass,
    /// This is the second pass.
    SecondPass,
}

/// The occurrences of an expression from an instant on, in their order.
pub struct Occurrences<'e> {
    expression: &'e Expression,
    zone: TimeZone,
    /// The times of a day, in their order.
    times: Vec<Time>,
    from: Option<Timestamp>,
}

impl Expression {
    /// Its occurrences in a time zone, at `from` or later. They end where none comes within a hundred years.
    #[must_use]
    pub fn occurrences(&self, zone: TimeZone, from: Timestamp) -> Occurrences<'_> {
        Occurrences { expression: self, zone, times: self.cron().times().collect(), from: Some(from) }
    }

    /// Its occurrences in a time zone later than `instant`, be it by the smallest part of a second.
    #[must_use]
    pub fn occurrences_after(&self, zone: TimeZone, instant: Timestamp) -> Occurrences<'_> {
        Occurrences { from: instant.checked_add(SignedDuration::from_nanos(1)).ok(), ..self.occurrences(zone, instant) }
    }
}

impl Iterator for Occurrences<'_> {
    type Item = Occurrence;

    fn next(&mut self) -> Option<Occurrence> {
        let from = self.from?;
        let next = if self.expression.cron().is_elapsed() { self.elapsed(from) } else { self.on_the_wall(from) };
        self.from = next.as_ref().and_then(|next| next.at.timestamp().checked_add(SignedDuration::from_secs(1)).ok());
        next
    }
}

impl Occurrences<'_> {
    /// The first minute that passes at `from` or later and whose clock on the wall is named.
    fn elapsed(&self, from: Timestamp) -> Option<Occurrence> {
        let cron = self.expression.cron();
        let mut at = next_minute(from.to_zoned(self.zone.clone()))?;
        let last = at.year().saturating_add(YEARS_MAX);
        while at.year() <= last {
            if !cron.names_day(at.date()) {
                at = self.next_day(&at)?;
            } else if cron.names_time(at.time()) {
                let remark = match pass(&at) {
                    Pass::Only => None,
                    Pass::First => Some(Remark::FirstPass),
                    Pass::Second => Some(Remark::SecondPass),
                };
                return Some(Occurrence { at, remark });
            } else {
                at = next_minute(at.checked_add(1.second()).ok()?)?;
            }
        }
        None
    }

    /// The first minute at which the clock on the wall may show another day: the next day's, or that of a change of clocks.
    fn next_day(&self, at: &Zoned) -> Option<Zoned> {
        let midnight = at.tomorrow().ok()?.start_of_day().ok()?;
        let change = self.zone.following(at.timestamp()).next().map(|change| change.timestamp());
        let first = change.map_or(midnight.timestamp(), |change| change.min(midnight.timestamp()));
        next_minute(first.to_zoned(self.zone.clone()))
    }

    /// The first instant at `from` or later that a time on the wall falls on.
    fn on_the_wall(&self, from: Timestamp) -> Option<Occurrence> {
        let start = from.to_zoned(self.zone.clone()).date();
        let last = start.year().saturating_add(YEARS_MAX);
        // What a gap before midnight holds happens on the day after.
        let mut date = start.yesterday().unwrap_or(start);
        while date.year() <= last {
            if self.expression.cron().names_day(date)
                && let Some(first) = self.first_of_day(date, from)
            {
                return Some(first);
            }
            date = date.tomorrow().ok()?;
        }
        None
    }

    /// The first occurrence of a day's times. Of several on one instant, one whose time was not skipped tells nothing.
    fn first_of_day(&self, date: Date, from: Timestamp) -> Option<Occurrence> {
        // Later times on the wall are never at earlier instants, as long as the first pass of each counts.
        let passed = |time: &Time| self.at(date, *time).is_some_and(|one| one.at.timestamp() < from);
        let mut left = self.times.get(self.times.partition_point(passed)..)?.iter().filter_map(|time| self.at(date, *time));
        let first = left.next()?;
        // The day after may name the instant that a skipped time was moved to, too.
        let cron = self.expression.cron();
        let is_named = cron.names_day(first.at.date()) && cron.names_time(first.at.time());
        let remark = first.remark.filter(|remark| !(is_named && matches!(remark, Remark::Skipped(_))));
        Some(Occurrence { remark, ..first })
    }

    /// When a time on the wall is.
    fn at(&self, date: Date, time: Time) -> Option<Occurrence> {
        let wall = date.to_datetime(time);
        let ambiguous = self.zone.to_ambiguous_zoned(wall);
        match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => Some(Occurrence { at: ambiguous.unambiguous().ok()?, remark: None }),
            AmbiguousOffset::Fold { .. } => Some(Occurrence { at: ambiguous.earlier().ok()?, remark: Some(Remark::FirstOfTwo) }),
            AmbiguousOffset::Gap { .. } => {
                // Taken by the clock of before the gap, the time lies behind it.
                let behind = ambiguous.later().ok()?.timestamp();
                let change = self.zone.preceding(behind.checked_add(SignedDuration::from_nanos(1)).ok()?).next()?;
                Some(Occurrence { at: change.timestamp().to_zoned(self.zone.clone()), remark: Some(Remark::Skipped(wall)) })
            }
        }
    }
}

/// The start of this minute on the wall, or of the next where this one has begun.
fn next_minute(at: Zoned) -> Option<Zoned> {
    let seconds = i64::from(at.second());
    let into = SignedDuration::new(seconds, at.subsec_nanosecond());
    if into.is_zero() { Some(at) } else { at.checked_add(SignedDuration::from_secs(60).checked_sub(into)?).ok() }
}

/// Which pass an instant is of the time that its clock on the wall shows.
enum Pass {
    Only,
    First,
    Second,
}

fn pass(at: &Zoned) -> Pass {
    let ambiguous = at.time_zone().to_ambiguous_zoned(at.datetime());
    match ambiguous.offset() {
        AmbiguousOffset::Fold { before, .. } if before == at.offset() => Pass::First,
        AmbiguousOffset::Fold { .. } => Pass::Second,
        _ => Pass::Only,
    }
}
