//! Hours in which only what cannot wait is told.

use std::fmt;

use jiff::civil::Time;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};

/// From one time of the day to another, perhaps over midnight, by the clocks of a time zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QuietHours {
    from: Time,
    until: Time,
}

/// Why a text names no hours.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadQuietHours;

impl fmt::Display for BadQuietHours {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("expected two different times of the day, such as 22:00-07:00")
    }
}

impl std::error::Error for BadQuietHours {}

impl QuietHours {
    /// Reads `22:00-07:00`.
    ///
    /// # Errors
    /// [`BadQuietHours`].
    pub fn parse(text: &str) -> Result<Self, BadQuietHours> {
        let (from, until) = text.split_once('-').ok_or(BadQuietHours)?;
        let time = |text: &str| Time::strptime("%H:%M", text.trim()).map_err(|_| BadQuietHours);
        let hours = Self { from: time(from)?, until: time(until)? };
        if hours.from == hours.until { Err(BadQuietHours) } else { Ok(hours) }
    }

    /// When the quiet ends in which `now` lies; `None` where it lies in none.
    #[must_use]
    pub fn end(self, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
        let local = zone.to_datetime(now);
        let is_over_midnight = self.until < self.from;
        let is_quiet = if is_over_midnight {
            local.time() >= self.from || local.time() < self.until
        } else {
            (self.from..self.until).contains(&local.time())
        };
        let ends_tomorrow = is_over_midnight && local.time() >= self.from;
        let day = if ends_tomorrow { local.date().tomorrow().ok()? } else { local.date() };
        let end = day.to_datetime(self.until).to_zoned(zone.clone()).ok()?.timestamp();
        // Where clocks are set back over the end, its first pass has gone by.
        let end = end.max(now.checked_add(SignedDuration::from_secs(1)).ok()?);
        is_quiet.then_some(end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(hours: &str, zone: &str, now: &str) -> Option<String> {
        let zone = TimeZone::get(zone).unwrap();
        QuietHours::parse(hours).unwrap().end(&zone, now.parse().unwrap()).map(|at| at.to_string())
    }

    #[test]
    fn a_night_goes_over_midnight_and_over_a_change_of_clocks() {
        let berlin = |now| end("22:00-07:00", "Europe/Berlin", now);
        assert_eq!(berlin("2026-03-28T20:59:59Z"), None);
        assert_eq!(berlin("2026-03-28T21:00:00Z").unwrap(), "2026-03-29T05:00:00Z");
        assert_eq!(berlin("2026-03-29T04:59:59Z").unwrap(), "2026-03-29T05:00:00Z");
        assert_eq!(berlin("2026-03-29T05:00:00Z"), None);
    }

    #[test]
    fn hours_of_one_day_end_on_it() {
        assert_eq!(end("12:00-13:30", "UTC", "2026-07-01T12:10:00Z").unwrap(), "2026-07-01T13:30:00Z");
        assert_eq!(end("12:00-13:30", "UTC", "2026-07-01T13:30:00Z"), None);
    }

    #[test]
    fn what_names_no_hours_is_refused() {
        for text in ["", "22", "22:00", "22:00-22:00", "25:00-07:00", "22:00-07:00-09:00", "ten-seven"] {
            assert_eq!(QuietHours::parse(text), Err(BadQuietHours), "{text}");
        }
    }
}
