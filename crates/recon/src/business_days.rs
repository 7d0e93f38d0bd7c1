//! Days on which banks move money: Monday to Friday.
//!
//! Bank holidays are not known here; the grace and the date window are wide enough to hold the usual ones.

use jiff::Span;
use jiff::civil::{Date, Weekday};

/// A date as a count of business days, so that "how many business days apart" is a subtraction.
///
/// A weekend day counts as the Friday before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BusinessDay(i32);

impl BusinessDay {
    /// The count of `date`.
    #[must_use]
    pub fn of(date: Date) -> Self {
        // 1970-01-05 was a Monday; euclidean division keeps earlier dates in order.
        let days = days_since(Date::constant(1970, 1, 5), date);
        Self(days.div_euclid(7) * 5 + days.rem_euclid(7).min(4))
    }

    /// The weekday that it is the count of; the last date that can be written, or the first, if it lies beyond.
    #[must_use]
    pub fn date(self) -> Date {
        let days = i64::from(self.0.div_euclid(5)) * 7 + i64::from(self.0.rem_euclid(5));
        let monday = Date::constant(1970, 1, 5);
        let date = Span::new().try_days(days).and_then(|span| monday.checked_add(span));
        date.unwrap_or(if days < 0 { Date::MIN } else { Date::MAX })
    }

    /// Business days from `earlier` to this one; negative when this one is earlier.
    #[must_use]
    pub fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }

    /// This day moved by `days` business days.
    #[must_use]
    pub fn plus(self, days: i32) -> Self {
        Self(self.0.saturating_add(days))
    }
}

/// The date `days` business days after `date`. The last date that can be written, if that is sooner.
///
/// ```
/// use jiff::civil::date;
/// assert_eq!(recon::add_business_days(date(2026, 7, 3), 3), date(2026, 7, 8)); // Friday → Wednesday
/// ```
#[must_use]
pub fn add_business_days(date: Date, days: u32) -> Date {
    let mut at = date;
    let mut left = days;
    while left > 0 {
        let Ok(next) = at.tomorrow() else { return at };
        at = next;
        if !matches!(at.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    at
}

fn days_since(epoch: Date, date: Date) -> i32 {
    epoch.until(date).map_or(0, |span| span.get_days())
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_weekend_takes_no_time() {
        let friday = BusinessDay::of(date(2026, 7, 3));
        assert_eq!(BusinessDay::of(date(2026, 7, 6)).since(friday), 1);
        assert_eq!(BusinessDay::of(date(2026, 7, 5)).since(friday), 0);
        assert_eq!(friday.since(BusinessDay::of(date(2026, 7, 10))), -5);
        assert_eq!(BusinessDay::of(date(1969, 12, 29)).since(BusinessDay::of(date(1969, 12, 22))), 5);
    }

    #[test]
    fn a_count_is_the_count_of_its_date() {
        for (on, weekday) in
            [(date(2026, 7, 3), date(2026, 7, 3)), (date(2026, 7, 5), date(2026, 7, 3)), (date(1969, 12, 31), date(1969, 12, 31))]
        {
            assert_eq!(BusinessDay::of(on).date(), weekday);
        }
        assert_eq!(BusinessDay(i32::MAX).date(), Date::MAX);
        assert_eq!(BusinessDay(i32::MIN).date(), Date::MIN);
    }

    #[test]
    fn grace_counts_only_days_on_which_banks_work() {
        assert_eq!(add_business_days(date(2026, 7, 4), 3), date(2026, 7, 8));
        assert_eq!(add_business_days(Date::MAX, 3), Date::MAX);
    }
}
