//! The time zone of the business, by which schedules go that name none.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use schedule::Expression;
use store::Store;

use crate::exit::Failure;
use crate::views::load::{store_failure, zone_of};

/// The one that is configured, else that of the first own account, else UTC.
pub(super) fn zone(store: &Store, configured: Option<&str>) -> Result<TimeZone, Failure> {
    Ok(zone_of(configured, &store.own_accounts().map_err(store_failure)?))
}

/// When an expression is due next after an instant; `None` where it never is.
#[must_use]
pub fn next_after(expression: &Expression, zone: &TimeZone, instant: Timestamp) -> Option<Timestamp> {
    expression.occurrences_after(zone.clone(), instant).next().map(|one| one.at.timestamp())
}
