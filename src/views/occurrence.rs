//! An instant at which a schedule is due, as commands show it.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::{Occurrence, Remark};
use serde::Serialize;

/// One occurrence of an expression in a time zone.
#[derive(Debug, Serialize)]
pub struct OccurrenceView {
    /// The instant.
    pub at: Timestamp,
    /// What the clock on the wall shows then, with its offset: RFC 3339.
    pub local: String,
    /// Why it is there, where clocks are changed.
    pub remark: Option<String>,
}

impl OccurrenceView {
    /// Of an occurrence.
    #[must_use]
    pub fn of(occurrence: &Occurrence) -> Self {
        let at = &occurrence.at;
        Self {
            at: at.timestamp(),
            local: at.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            remark: occurrence.remark.map(|remark| words(remark, occurrence)),
        }
    }
}

/// A time zone by its name.
///
/// # Errors
/// What was expected, where there is none of the name.
pub fn zone(name: &str) -> Result<TimeZone, String> {
    TimeZone::get(name)
        .map_err(|_| format!("{name} is no time zone that is known here; expected an IANA name, such as Europe/Berlin or UTC"))
}

fn words(remark: Remark, occurrence: &Occurrence) -> String {
    let time = occurrence.at.strftime("%H:%M");
    match remark {
        Remark::Skipped(wall) => {
            let (date, wall) = (wall.date(), wall.strftime("%H:%M"));
            format!("{wall} does not exist on {date}, when clocks are set forward: it runs at {time}")
        }
        Remark::FirstOfTwo => format!("{time} comes twice, when clocks are set back: it runs at the first"),
        Remark::FirstPass => format!("{time} comes twice, when clocks are set back: this is the first"),
        Remark::SecondPass => format!("{time} comes twice, when clocks are set back: this is the second"),
    }
}
