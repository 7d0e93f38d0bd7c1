//! What a sync is asked to read.

use std::collections::BTreeSet;

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use store::RunTrigger;
use stripe::{Listing, declaration};

use super::plan::Window;
use super::sweep::Sweep;

/// The kinds that can be asked for by name: those that have a list of their own. What stands within an object comes with it,
/// accounts are always read, and events are read to learn what has changed.
pub fn kinds() -> impl Iterator<Item = ObjectKind> + Clone {
    let listed = |kind: &ObjectKind| matches!(declaration(*kind).listing, Listing::List(_));
    ObjectKind::ALL.iter().copied().filter(listed).filter(|kind| !matches!(kind, ObjectKind::Account | ObjectKind::Event))
}

/// What a sync is asked to read. The default is everything that may have changed, of every account.
#[derive(Clone, Debug, Default)]
pub struct SyncRequest {
    /// Only this account; `None` means the key's own and every connected one.
    pub account: Option<AccountId>,
    /// Only these kinds; empty means all but those to skip.
    pub only: BTreeSet<ObjectKind>,
    /// Kinds that are never read unless they are asked for by name.
    pub skip: BTreeSet<ObjectKind>,
    /// Reads all history again.
    pub full: bool,
    /// Only what was created on these days, in the business time zone.
    pub days: Option<Days>,
    /// The day with which accounts that were never read begin, in the business time zone; `None` is their whole history.
    pub since: Option<Day>,
    /// How connected accounts are swept where there are many.
    pub sweep: Sweep,
    /// List a past day of each own account again, also where one was today.
    pub recheck: bool,
    /// Who asks.
    pub trigger: RunTrigger,
}

impl SyncRequest {
    /// Whether a kind is asked for.
    #[must_use]
    pub fn wants(&self, kind: ObjectKind) -> bool {
        if self.only.is_empty() { !self.skip.contains(&kind) } else { self.only.contains(&kind) }
    }

    /// Whether it asks for what may have changed, whatever that is, and for nothing in particular.
    #[must_use]
    pub fn is_ordinary(&self) -> bool {
        self.is_everything() && !self.full && self.since.is_none()
    }

    /// Whether a sync that reads all of it has read an account to the end.
    #[must_use]
    pub fn is_everything(&self) -> bool {
        self.days.is_none() && kinds().all(|kind| self.wants(kind) || self.skip.contains(&kind))
    }
}

/// A day, by date or by its place before today.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Day {
    /// This one.
    On(Date),
    /// The one before today in the business time zone.
    Yesterday,
}

/// A stretch of days, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The first.
    pub first: Day,
    /// The last; `None` goes on until now.
    pub last: Option<Day>,
}

impl Days {
    /// The instants that the days begin and end at in `zone`.
    ///
    /// # Errors
    /// In words, when the days end before they begin, or lie beyond all calendars.
    pub fn window(self, zone: &TimeZone, now: Timestamp) -> Result<Window, String> {
        let today = zone.to_datetime(now).date();
        let date = |day| match day {
            Day::On(date) => Ok(date),
            Day::Yesterday => today.yesterday(),
        };
        let midnight = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp());
        let told =
            |_: jiff::Error| format!("a day that was asked for lies beyond the calendar; expected one near today, {today}");
        let first = date(self.first).map_err(told)?;
        let last = self.last.map(date).transpose().map_err(told)?;
        if let Some(last) = last.filter(|last| *last < first) {
            return Err(format!("the days end ({last}) before they begin ({first})"));
        }
        let until = last.map(|last| last.tomorrow().and_then(midnight)).transpose().map_err(told)?;
        Ok(Window { from: midnight(first).map_err(told)?, until, date: last.filter(|last| *last == first) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(first: &str, last: Option<&str>) -> Days {
        let day = |text: &str| if text == "yesterday" { Day::Yesterday } else { Day::On(text.parse().unwrap()) };
        Days { first: day(first), last: last.map(day) }
    }

    fn window(days: Days) -> Result<Window, String> {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        days.window(&zone, "2026-03-29T22:30:00Z".parse().unwrap())
    }

    #[test]
    fn yesterday_is_the_business_zones_and_as_long_as_the_clock_change_makes_it() {
        let window = window(days("yesterday", Some("yesterday"))).unwrap();
        assert_eq!(window.from.to_string(), "2026-03-28T23:00:00Z");
        assert_eq!(window.until.unwrap().to_string(), "2026-03-29T22:00:00Z");
        assert_eq!(window.date.unwrap().to_string(), "2026-03-29");
    }

    #[test]
    fn several_days_have_no_one_date_and_may_go_on_until_now() {
        let several = window(days("2026-01-01", Some("2026-01-31"))).unwrap();
        assert_eq!((several.date, several.until.unwrap().to_string().as_str()), (None, "2026-01-31T23:00:00Z"));
        assert_eq!(window(days("2026-01-01", None)).unwrap().until, None);
        assert!(window(days("2026-01-02", Some("2026-01-01"))).unwrap_err().contains("before they begin"));
    }
}
