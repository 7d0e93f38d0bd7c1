//! Times as reports write them: `2026-03-01 00:00:00`, in the zone that was asked for.

use jiff::Timestamp;
use jiff::tz::TimeZone;

/// What reports use where no zone is asked for.
pub(super) const DEFAULT: &str = "Etc/UTC";

/// The zone of a report's times.
#[derive(Clone, Debug)]
pub(super) struct Zone(TimeZone);

impl Zone {
    pub(super) const UTC: Self = Self(TimeZone::UTC);

    /// A zone of the IANA database, which the system has to have; UTC is known without it.
    pub(super) fn named(name: &str) -> Option<Self> {
        if matches!(name, "UTC" | DEFAULT) { Some(Self::UTC) } else { TimeZone::get(name).ok().map(Self) }
    }

    /// Day and time of a unix second.
    pub(super) fn time(&self, second: i64) -> String {
        self.format(second, "%Y-%m-%d %H:%M:%S")
    }

    /// Day of a unix second.
    pub(super) fn day(&self, second: i64) -> String {
        self.format(second, "%Y-%m-%d")
    }

    /// Seconds that no calendar knows are written as nothing.
    fn format(&self, second: i64, pattern: &str) -> String {
        Timestamp::from_second(second).map(|at| self.0.to_datetime(at).strftime(pattern).to_string()).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_told_in_its_zone() {
        assert_eq!(Zone::UTC.time(1_772_323_200), "2026-03-01 00:00:00");
        assert_eq!(Zone::named("Etc/UTC").map(|zone| zone.day(1_772_323_199)).as_deref(), Some("2026-02-28"));
        assert!(Zone::named("Mars/Olympus").is_none());
    }
}
