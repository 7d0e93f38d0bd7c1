//! Days on which banks work. Days are counted from 1970-01-01.

use jiff::{ToSpan, civil::Date};
use money::Currency;

use super::rows::DAY;
use crate::options::SimError;

/// Whose holidays count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Region {
    /// Federal Reserve holidays.
    Us,
    /// TARGET holidays.
    Eu,
    /// Bank holidays of England.
    Gb,
    /// Japanese national holidays with fixed dates.
    Jp,
}

/// The number of a day.
pub(crate) fn number(date: Date) -> Result<i64, SimError> {
    let epoch = Date::new(1970, 1, 1)?;
    Ok(i64::from(epoch.until(date)?.get_days()))
}

/// The day of a number.
pub(crate) fn date(day: i64) -> Result<Date, SimError> {
    Ok(Date::new(1970, 1, 1)?.checked_add(day.days())?)
}

/// The day at 00:00 UTC, unix seconds.
pub(crate) const fn midnight(day: i64) -> i64 {
    day * DAY
}

/// 0 is Sunday.
pub(crate) const fn weekday(day: i64) -> i64 {
    (day + 4).rem_euclid(7)
}

/// Monday to Friday.
pub(crate) const fn is_weekday(day: i64) -> bool {
    !matches!(weekday(day), 0 | 6)
}

/// `count` weekdays after `day`, holidays counted as weekdays: how grace is counted.
pub(crate) fn add_weekdays(day: i64, count: u32) -> i64 {
    step(day, count, is_weekday)
}

fn step(day: i64, count: u32, works: impl Fn(i64) -> bool) -> i64 {
    let mut at = day;
    for _ in 0..count {
        at += 1;
        while !works(at) {
            at += 1;
        }
    }
    at
}

impl Region {
    /// Whose days a bank account keeps that somebody of `home` holds in `currency`.
    pub(crate) const fn of_bank(currency: Currency, home: Self) -> Self {
        match currency {
            Currency::EUR => Self::Eu,
            Currency::GBP => Self::Gb,
            _ => home,
        }
    }

    /// Whether its banks work on `day`.
    pub(crate) fn is_business_day(self, day: i64) -> bool {
        is_weekday(day) && date(day).is_ok_and(|on| !self.is_holiday(on, day))
    }

    /// `count` of its business days after `day`.
    pub(crate) fn add_business_days(self, day: i64, count: u32) -> i64 {
        step(day, count, |at| self.is_business_day(at))
    }

    /// `day`, else the next business day.
    pub(crate) fn business_day_from(self, day: i64) -> i64 {
        if self.is_business_day(day) { day } else { self.add_business_days(day, 1) }
    }

    fn is_holiday(self, on: Date, day: i64) -> bool {
        let fixed = (on.month(), on.day());
        // The week of the month, from 0, for holidays such as "third Monday in January".
        let (weekday, week) = (weekday(day), (on.day() - 1) / 7);
        match self {
            Self::Us => {
                matches!(fixed, (1, 1) | (6, 19) | (7, 4) | (11, 11) | (12, 25))
                    || weekday == 1 && matches!((on.month(), week), (1 | 2, 2) | (9, 0) | (10, 1))
                    || weekday == 1 && on.month() == 5 && on.day() > 24
                    || weekday == 4 && (on.month(), week) == (11, 3)
            }
            Self::Eu => matches!(fixed, (1, 1) | (5, 1) | (12, 25 | 26)) || matches!(day - easter(on.year()), -2 | 1),
            Self::Gb => {
                matches!(fixed, (1, 1) | (12, 25 | 26))
                    || matches!(day - easter(on.year()), -2 | 1)
                    || weekday == 1 && (on.month(), week) == (5, 0)
                    || weekday == 1 && matches!(on.month(), 5 | 8) && on.day() > 24
            }
            Self::Jp => {
                matches!(fixed, (1, 1..=3) | (2, 11 | 23) | (4, 29) | (5, 3..=5) | (8, 11) | (11, 3 | 23) | (12, 31))
            }
        }
    }
}

/// Easter Sunday by the anonymous Gregorian computus (Meeus, Jones, Butcher).
fn easter(year: i16) -> i64 {
    let year = i64::from(year);
    let (a, b, c) = (year % 19, year / 100, year % 100);
    let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
    let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
    let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
    let (month, day) = ((n / 31) as i8, (n % 31 + 1) as i8);
    Date::new(year as i16, month, day).ok().and_then(|on| number(on).ok()).unwrap_or(i64::MIN / 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(year: i16, month: i8, day: i8) -> i64 {
        number(Date::new(year, month, day).expect("a date")).expect("in range")
    }

    #[test]
    fn a_day_and_its_number_are_one() {
        for number_of_day in [0, 1, 59, 20_000, 30_000] {
            assert_eq!(number(date(number_of_day).expect("in range")).expect("in range"), number_of_day);
        }
        assert_eq!(weekday(day(2026, 11, 21)), 6);
    }

    #[test]
    fn holidays_move_money_to_the_next_business_day() {
        assert_eq!(easter(2026), day(2026, 4, 5));
        assert_eq!(Region::Eu.add_business_days(day(2026, 4, 2), 1), day(2026, 4, 7));
        assert_eq!(Region::Us.add_business_days(day(2026, 11, 25), 1), day(2026, 11, 27));
        assert_eq!(Region::Gb.add_business_days(day(2026, 8, 28), 1), day(2026, 9, 1));
        assert_eq!(Region::Gb.business_day_from(day(2026, 5, 4)), day(2026, 5, 5));
        assert_eq!(Region::Jp.business_day_from(day(2026, 5, 2)), day(2026, 5, 6));
        assert_eq!(add_weekdays(day(2026, 4, 2), 1), day(2026, 4, 3));
    }
}
