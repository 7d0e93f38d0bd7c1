//! Times as Stripe writes them, `2026-03-01 00:00:00`, in UTC or in the report's time zone.

use jiff::Timestamp;
use jiff::civil::{Date, DateTime};
use jiff::tz::{AmbiguousOffset, TimeZone};

use crate::columns::{Column, Columns};
use crate::error::{ReadError, quoted};
use crate::table::Row;

/// A column of times.
#[derive(Clone, Debug)]
pub(crate) struct TimeColumn {
    pub column: Column,
    /// Whether its times are those of UTC; otherwise of the report's time zone.
    is_utc: bool,
}

/// The time zone in which a report writes the columns that do not say `utc`.
#[derive(Clone, Debug)]
pub struct Zone {
    /// The zone.
    pub zone: TimeZone,
    /// Its IANA name, for messages.
    pub name: String,
}

/// The forms in which Stripe writes a time; a list of the balance has no seconds.
const FORMS: [&str; 4] = ["%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d"];

/// The column `name_utc`, else `name`, where the file has one.
pub(crate) fn find(columns: &Columns<'_>, name: &str) -> Result<Option<TimeColumn>, ReadError> {
    if let Some(column) = columns.find(&format!("{name}_utc"))? {
        return Ok(Some(TimeColumn { column, is_utc: true }));
    }
    Ok(columns.find(name)?.map(|column| TimeColumn { column, is_utc: false }))
}

/// The same, where the file cannot be read without.
pub(crate) fn need(columns: &Columns<'_>, name: &str) -> Result<TimeColumn, ReadError> {
    find(columns, name)?.ok_or_else(|| columns.missing(name))
}

impl TimeColumn {
    /// Whether the report's time zone decides what its times are.
    pub(crate) fn is_local(&self) -> bool {
        !self.is_utc
    }

    /// The instant that a row says, to the second.
    ///
    /// # Errors
    /// What is no time, and a time that the zone's clocks never showed, or showed twice.
    pub(crate) fn instant(&self, row: &Row<'_>, zone: &Zone) -> Result<Timestamp, ReadError> {
        let cell = row.cell(self.column.at);
        let at = |error: ReadError| error.line(row.line).column(&self.column.name);
        let Some(civil) = civil(cell) else {
            return Err(at(ReadError::new(quoted(cell), "a time such as 2026-03-01 09:30:00")));
        };
        let zoned = if self.is_utc { &TimeZone::UTC } else { &zone.zone };
        let ambiguous = zoned.to_ambiguous_timestamp(civil);
        let told = match ambiguous.offset() {
            AmbiguousOffset::Unambiguous { .. } => None,
            AmbiguousOffset::Gap { .. } => Some(format!("{}, which clocks in {} never showed", quoted(cell), zone.name)),
            AmbiguousOffset::Fold { .. } => Some(format!("{}, which clocks in {} showed twice", quoted(cell), zone.name)),
        };
        match (told, ambiguous.unambiguous()) {
            (None, Ok(instant)) => Ok(instant),
            (told, _) => {
                Err(at(ReadError::new(told.unwrap_or_else(|| quoted(cell)), "a time that there was once").hint(format!(
                    "export the report with the column {}_utc, or in UTC; --zone names its time zone where it is not {}",
                    self.column.name, zone.name
                ))))
            }
        }
    }

    /// The day in UTC on which that instant lies: Stripe means days as their midnight there.
    pub(crate) fn day(&self, row: &Row<'_>, zone: &Zone) -> Result<Date, ReadError> {
        Ok(TimeZone::UTC.to_datetime(self.instant(row, zone)?).date())
    }
}

fn civil(cell: &str) -> Option<DateTime> {
    // Jiff takes shorter numbers too; Stripe writes none.
    let is_plain = cell.len() >= 10 && cell.bytes().take(4).all(|byte| byte.is_ascii_digit());
    let day = |form: &str| Some(jiff::civil::Date::strptime(form, cell).ok()?.at(0, 0, 0, 0));
    let read = |form: &&str| if form.contains("%H") { DateTime::strptime(form, cell).ok() } else { day(form) };
    let found = FORMS.iter().filter(|_| is_plain).find_map(read)?;
    found.with().subsec_nanosecond(0).build().ok()
}

/// A day without a time, as it stands.
pub(crate) fn plain_day(row: &Row<'_>, column: &Column) -> Result<Date, ReadError> {
    let cell = row.cell(column.at);
    civil(cell)
        .map(DateTime::date)
        .ok_or_else(|| ReadError::new(quoted(cell), "a day such as 2026-03-01").line(row.line).column(&column.name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_the_forms_that_stripe_writes_and_in_no_other() {
        for (text, expected) in [
            ("2026-03-01 09:30:15", Some("2026-03-01T09:30:15")),
            ("2026-03-01 09:30", Some("2026-03-01T09:30:00")),
            ("2026-03-01T09:30:15.25", Some("2026-03-01T09:30:15")),
            ("2026-03-01", Some("2026-03-01T00:00:00")),
            ("3/1/26 9:30", None),
            ("2026-02-30 00:00:00", None),
            ("2026-03-01 09:30:15 nonsense", None),
            ("", None),
        ] {
            assert_eq!(civil(text), expected.map(|text| text.parse().unwrap()), "{text}");
        }
    }
}
