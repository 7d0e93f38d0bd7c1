//! A cron expression of five fields, and which dates and times it names.

use jiff::civil::{Date, Time};

use crate::days::{MonthDays, WeekDays};
use crate::expression::BadExpression;
use crate::field::{Field, holds, item};

/// What a cron expression names: minutes of hours of days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    months: u64,
    /// `None` where the field is `*`.
    month_days: Option<MonthDays>,
    week_days: Option<WeekDays>,
    /// Whether the hour is `*`.
    every_hour: bool,
}

impl Cron {
    /// Reads five fields that are separated by blanks: minute, hour, day of month, month, weekday.
    ///
    /// # Errors
    /// [`BadExpression`], which names the field.
    pub fn parse(text: &str) -> Result<Self, BadExpression> {
        let fields: Vec<&str> = text.split_whitespace().collect();
        let [minute, hour, day, month, weekday] = fields.as_slice() else {
            return Err(BadExpression::Fields { found: fields.len() });
        };
        let month_days = (!is_any(day)).then(|| read(Field::Day, day, MonthDays::default(), MonthDays::add)).transpose()?;
        let week_days =
            (!is_any(weekday)).then(|| read(Field::Weekday, weekday, WeekDays::default(), WeekDays::add)).transpose()?;
        Ok(Self {
            minutes: numbers(Field::Minute, minute)?,
            hours: numbers(Field::Hour, hour)?,
            months: numbers(Field::Month, month)?,
            month_days,
            week_days,
            every_hour: *hour == "*",
        })
    }

    /// Whether it follows elapsed time, because its hour is `*`; else it names times on the wall clock.
    #[must_use]
    pub const fn is_elapsed(&self) -> bool {
        self.every_hour
    }

    /// Whether it names this day. Where both a day of the month and a weekday are given, one of them suffices.
    #[must_use]
    pub fn names_day(&self, date: Date) -> bool {
        let of_days = match (&self.month_days, &self.week_days) {
            (Some(month), Some(week)) => month.hold(date) || week.hold(date),
            (Some(month), None) => month.hold(date),
            (None, Some(week)) => week.hold(date),
            (None, None) => true,
        };
        of_days && holds(self.months, date.month())
    }

    /// Whether it names this minute of a day that it names.
    #[must_use]
    pub fn names_time(&self, time: Time) -> bool {
        holds(self.hours, time.hour()) && holds(self.minutes, time.minute())
    }

    /// The times of a day that it names, in their order.
    pub fn times(&self) -> impl Iterator<Item = Time> + '_ {
        let hours = (0..24_i8).filter(|hour| holds(self.hours, *hour));
        hours
            .flat_map(|hour| (0..60_i8).filter(|minute| holds(self.minutes, *minute)).map(move |minute| (hour, minute)))
            .filter_map(|(hour, minute)| Time::new(hour, minute, 0, 0).ok())
    }
}

/// Whether a field of days leaves the choice to the other one.
fn is_any(text: &str) -> bool {
    text == "*" || text == "?"
}

fn numbers(field: Field, text: &str) -> Result<u64, BadExpression> {
    read(field, text, 0, |bits: &mut u64, one| item(field, one).map(|more| *bits |= more))
}

fn read<T>(field: Field, text: &str, mut into: T, add: impl Fn(&mut T, &str) -> Option<()>) -> Result<T, BadExpression> {
    for one in text.split(',') {
        let bad = || BadExpression::Field { name: field.name(), found: text.to_owned(), expected: field.expected() };
        add(&mut into, one).ok_or_else(bad)?;
    }
    Ok(into)
}
