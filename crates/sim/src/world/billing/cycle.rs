//! Billing periods: whole months counted from an anchor, so that the 31st comes back after a short month.

use jiff::ToSpan;

use super::super::{
    calendar::{date, number},
    rows::DAY,
};
use crate::options::SimError;

/// The instant `months` after `anchor`, at its time of day; the last day of a month that is too short.
pub(crate) fn months_after(anchor: i64, months: i64) -> Result<i64, SimError> {
    let on = date(anchor.div_euclid(DAY))?.checked_add(months.months())?;
    Ok(number(on)? * DAY + anchor.rem_euclid(DAY))
}

/// The period `turn`, from 0, of a cycle of so many months.
pub(crate) fn period(anchor: i64, months: i64, turn: i64) -> Result<(i64, i64), SimError> {
    Ok((months_after(anchor, turn * months)?, months_after(anchor, (turn + 1) * months)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::Date;

    #[test]
    fn the_thirty_first_comes_back_after_february() {
        let day = |month, day| number(Date::new(2026, month, day).expect("a date")).expect("in range") * DAY + 3_723;
        let anchor = day(1, 31);
        assert_eq!(period(anchor, 1, 0).expect("a period"), (anchor, day(2, 28)));
        assert_eq!(period(anchor, 1, 1).expect("a period"), (day(2, 28), day(3, 31)));
        assert_eq!(months_after(anchor, 12).expect("in range") - anchor, 365 * DAY);
    }
}
