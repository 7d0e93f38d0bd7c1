//! On which days Stripe pays out by itself.

use serde_json::{Map, Value};

use super::calendar::{Region, date, weekday};

/// How often, and on which day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Schedule {
    Daily,
    /// 1 is Monday, 5 Friday.
    Weekly {
        weekday: i64,
    },
    /// The day of the month; the last one in months that are too short.
    Monthly {
        day: i8,
    },
}

const WEEKDAYS: [&str; 7] = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"];

impl Schedule {
    /// Whether Stripe pays out on the business day `day`. What falls on a holiday is made up for on the next business day.
    pub(crate) fn is_due(self, day: i64, region: Region) -> bool {
        let mut anchor = day;
        loop {
            if self.is_anchor(anchor) {
                return true;
            }
            anchor -= 1;
            if region.is_business_day(anchor) {
                return false;
            }
        }
    }

    fn is_anchor(self, day: i64) -> bool {
        match self {
            Self::Daily => true,
            Self::Weekly { weekday: anchor } => weekday(day) == anchor,
            Self::Monthly { day: anchor } => date(day).is_ok_and(|on| on.day() == anchor.min(on.days_in_month())),
        }
    }

    /// As an account's `settings.payouts.schedule` tells it.
    pub(crate) fn body(self, delay_days: u32) -> Value {
        let mut fields = Map::new();
        fields.insert("delay_days".to_owned(), delay_days.into());
        let interval = match self {
            Self::Daily => "daily",
            Self::Weekly { weekday } => {
                let name = WEEKDAYS.get(weekday.unsigned_abs() as usize).copied().unwrap_or_default();
                fields.insert("weekly_anchor".to_owned(), name.into());
                fields.insert("weekly_payout_days".to_owned(), vec![name].into());
                "weekly"
            }
            Self::Monthly { day } => {
                fields.insert("monthly_anchor".to_owned(), day.into());
                fields.insert("monthly_payout_days".to_owned(), vec![day].into());
                "monthly"
            }
        };
        fields.insert("interval".to_owned(), interval.into());
        Value::Object(fields)
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::Date;

    use super::*;
    use crate::world::calendar::number;

    fn due(schedule: Schedule, year: i16, month: i8, region: Region) -> Vec<i8> {
        let on = |day: i8| Date::new(year, month, day).ok().and_then(|on| number(on).ok());
        let works = |day: &i8| on(*day).is_some_and(|at| region.is_business_day(at) && schedule.is_due(at, region));
        (1..=31).filter(works).collect()
    }

    #[test]
    fn a_month_has_one_payout_or_four_or_one_each_business_day() {
        assert_eq!(due(Schedule::Monthly { day: 31 }, 2026, 2, Region::Us), [2], "31 January is a Saturday");
        assert_eq!(due(Schedule::Monthly { day: 31 }, 2026, 3, Region::Us), [2, 31], "28 February too");
        assert_eq!(due(Schedule::Weekly { weekday: 1 }, 2026, 9, Region::Us), [8, 14, 21, 28], "Labor Day moves one");
        assert_eq!(due(Schedule::Daily, 2026, 9, Region::Us).len(), 21);
    }
}
