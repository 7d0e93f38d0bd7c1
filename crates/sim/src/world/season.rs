//! How much a merchant of a rich world sells on a day: growth, rushes, and accounts that rest or close.

use super::{
    calendar::{date, weekday},
    sales::Span,
};

/// The account that sells nothing for months in the middle of a long world.
const RESTING: usize = 2;
/// The account that closes for good in the first part of a long world, owing money.
pub(super) const CLOSING: usize = 3;
/// A world in which an account rests.
const LONG_DAYS: i64 = 120;
/// A world in which an account closes and owes for half a year.
const VERY_LONG_DAYS: i64 = 260;

/// The day on which the account at `place` closes, where it does.
pub(super) fn closes_on(place: usize, span: Span) -> Option<i64> {
    let length = span.last - span.first;
    (place == CLOSING && length >= VERY_LONG_DAYS).then_some(span.first + length / 5)
}

/// Whether the account at `place` sells on `day`.
pub(super) fn is_open(place: usize, day: i64, span: Span) -> bool {
    let length = span.last - span.first;
    let rest = span.first + length * 2 / 5..span.first + length * 7 / 10;
    let rests = place == RESTING && length >= LONG_DAYS && rest.contains(&day);
    !rests && closes_on(place, span).is_none_or(|closes| day < closes)
}

/// What is sold on `day`, in a hundred of an average day's.
pub(super) fn percent(place: usize, day: i64, span: Span) -> i64 {
    if !is_open(place, day, span) {
        return 0;
    }
    let length = (span.last - span.first).max(1);
    let grown = 70 + 60 * (day - span.first) / length;
    grown * rush(day) / 100
}

/// Black Friday and the days after it, the weeks before Christmas, and the quiet after.
fn rush(day: i64) -> i64 {
    let Ok(on) = date(day) else { return 100 };
    match (on.month(), on.day(), weekday(day)) {
        (11, 23..=29, 5) => 350,
        (11, 24..=30, 6) | (11, 25..=30, 0) | (12, 1, 0) => 200,
        (11, 26..=30, 1) | (12, 1..=2, 1) => 300,
        (12, 1..=23, _) => 140,
        (1, 1..=15, _) => 70,
        _ => 100,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::world::calendar::number;

    fn day(month: i8, of_month: i8) -> i64 {
        number(Date::new(2026, month, of_month).expect("a date")).expect("in range")
    }

    #[test]
    fn black_friday_is_the_day_after_the_fourth_thursday() {
        assert_eq!((rush(day(11, 26)), rush(day(11, 27)), rush(day(11, 30)), rush(day(10, 30))), (100, 350, 300, 100));
    }

    #[test]
    fn one_account_rests_for_months_and_one_closes() {
        let span = Span { first: day(1, 1), last: day(12, 31) };
        let open = |place: usize| (span.first..=span.last).filter(|day| is_open(place, *day, span)).count();
        assert!((240..270).contains(&open(RESTING)) && open(CLOSING) < 80 && open(1) == 365);
        assert!(percent(1, day(12, 10), span) > percent(1, day(3, 10), span));
    }
}
