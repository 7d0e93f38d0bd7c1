//! The days of a cron expression: days of the month, weekdays, and what depends on how a month lies.

use jiff::civil::{Date, Weekday};

use crate::field::{Field, bit, holds, item};

/// Which days of a month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct MonthDays {
    /// These days.
    days: u64,
    /// So many days before the last one; 0 is the last itself.
    before_last: u64,
    /// The weekdays nearest to these days, within the month.
    nearest: u64,
    /// The last weekday.
    last_weekday: bool,
}

/// Which days of a week.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct WeekDays {
    /// These, counted from Sunday.
    every: u64,
    /// (weekday, n): the n-th of the month.
    nth: Vec<(u8, i8)>,
    /// The last ones of the month.
    last: u64,
}

impl MonthDays {
    /// Reads one item of the field; `None` where it is none.
    pub(crate) fn add(&mut self, text: &str) -> Option<()> {
        match text.to_ascii_uppercase().as_str() {
            "L" => self.before_last |= bit(0),
            "LW" | "WL" => self.last_weekday = true,
            upper => {
                if let Some(before) = upper.strip_prefix("L-") {
                    self.before_last |= bit(Field::Day.value(before).filter(|before| *before < 31)?);
                } else if let Some(day) = upper.strip_suffix('W') {
                    self.nearest |= bit(Field::Day.value(day)?);
                } else {
                    self.days |= item(Field::Day, upper)?;
                }
            }
        }
        Some(())
    }

    pub(crate) fn hold(&self, date: Date) -> bool {
        let (day, length) = (date.day(), date.days_in_month());
        holds(self.days, day)
            || holds(self.before_last, length - day)
            || self.last_weekday && day == nearest_within(date, length, length)
            || is_weekday(date)
                && (1..=length).any(|wanted| holds(self.nearest, wanted) && nearest_within(date, wanted, length) == day)
    }
}

/// The weekday nearest to a day of the date's month, which does not leave the month: from Saturday to Friday, from Sunday to Monday,
/// and at the ends the other way.
fn nearest_within(date: Date, day: i8, length: i8) -> i8 {
    let Ok(wanted) = Date::new(date.year(), date.month(), day) else { return 0 };
    match wanted.weekday() {
        Weekday::Saturday if day > 1 => day - 1,
        Weekday::Saturday => day + 2,
        Weekday::Sunday if day < length => day + 1,
        Weekday::Sunday => day - 2,
        _ => day,
    }
}

fn is_weekday(date: Date) -> bool {
    !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday)
}

impl WeekDays {
    /// Reads one item of the field; `None` where it is none.
    pub(crate) fn add(&mut self, text: &str) -> Option<()> {
        let upper = text.to_ascii_uppercase();
        if let Some((day, nth)) = upper.split_once('#') {
            let day = Field::Weekday.value(day)? % 7;
            match nth {
                "L" => self.last |= bit(day),
                nth => {
                    self.nth.push((day, nth.parse().ok().filter(|nth| (1..=5).contains(nth) && nth_is_plain(upper.as_str()))?))
                }
            }
        } else if let Some(day) = upper.strip_suffix('L') {
            self.last |= bit(Field::Weekday.value(day)? % 7);
        } else {
            let bits = item(Field::Weekday, &upper)?;
            // 7 is Sunday too.
            self.every |= bits & (bit(7) - 1) | u64::from(holds(bits, 7));
        }
        Some(())
    }

    pub(crate) fn hold(&self, date: Date) -> bool {
        let weekday = date.weekday().to_sunday_zero_offset();
        let nth = (date.day() - 1) / 7 + 1;
        let is_nth = |&(day, wanted): &(u8, i8)| i8::try_from(day) == Ok(weekday) && wanted == nth;
        holds(self.every, weekday)
            || holds(self.last, weekday) && date.day() + 7 > date.days_in_month()
            || self.nth.iter().any(is_nth)
    }
}

/// Whether what follows `#` is one digit, and no sign.
fn nth_is_plain(text: &str) -> bool {
    text.rsplit('#').next().is_some_and(|nth| nth.len() == 1 && nth.bytes().all(|byte| byte.is_ascii_digit()))
}
