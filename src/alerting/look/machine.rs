//! What everything stands on: the disk, the backups, the key, the channels themselves.

use std::path::Path;

use alerts::{Reading, Rule};
use jiff::tz::TimeZone;
use store::{Location, ScheduledRunFilter, ScheduledState};

use super::{Finding, Look, unread};
use crate::exit::{Exit, Failure};
use crate::views::load;

/// A disk of which less than a tenth is free fills faster than people look.
const FREE_PERCENT: u64 = 10;

/// Of a disk of terabytes a tenth is plenty.
const FREE_ENOUGH: u64 = 20 << 30;

/// With less than this a sync may not come to its end, however small the disk is.
const FREE_LEAST: u64 = 1 << 30;

impl Look<'_> {
    /// The disk of a SQLite file. A server looks after its own.
    pub(super) fn filling_disk(&self) -> Result<Vec<Finding>, Failure> {
        let Location::File(path) = &self.config.database else { return Ok(Vec::new()) };
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let room = self.outside.room(folder).map_err(|error| {
            Failure::new(Exit::Failed, format!("the disk of {} cannot be looked at: {error}", folder.display()))
        })?;
        let wanted = (room.total / 100).saturating_mul(FREE_PERCENT).clamp(FREE_LEAST, FREE_ENOUGH);
        if room.free >= wanted {
            return Ok(Vec::new());
        }
        let what = format!("The disk of the database has {} MiB free of {}", room.free >> 20, room.total >> 20);
        let to_do = format!("make room on the disk of {}: a sync that finds none stops, and loses nothing", folder.display());
        Ok(vec![Finding::bad("disk", what, to_do)])
    }

    /// Where backups are scheduled: the newest that was read back is too old, or there is none yet.
    pub(super) fn stale_backup(&self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        let schedules = self.store.schedules_of_job("backup").map_err(unread)?;
        for schedule in schedules.into_iter().filter(|schedule| !schedule.paused) {
            let filter = ScheduledRunFilter { schedule: Some(schedule.name.clone()), limit: Some(50), before: None };
            let runs = self.store.scheduled_runs(&filter).map_err(unread)?;
            let newest = runs.iter().find(|run| run.state == ScheduledState::Done).and_then(|run| run.ended_at);
            let since = newest.unwrap_or(schedule.added_at);
            // A backup by the month is as old as that, and well.
            let is_due = schedule.next_at.is_none_or(|next| next < self.now)
                || newest.is_none()
                || runs.first().is_some_and(|run| run.state != ScheduledState::Done);
            if is_due && self.is_older(since, rule) {
                let (reading, what) = match newest {
                    Some(at) => (Reading::Bad, format!("The newest backup of '{}' is {} old", schedule.name, self.ago(at))),
                    None => (Reading::NoData, format!("'{}' has made no backup since it was added at {since}", schedule.name)),
                };
                let to_do = format!("tieout schedule run {0}, and look at tieout schedule history {0}", schedule.name);
                found.push(Finding {
                    reading,
                    ..Finding::bad(schedule.name.as_str(), what, to_do).at(format!("/schedules/{}", schedule.name))
                });
            }
        }
        Ok(found)
    }

    /// The audit trail, as it was found when it was verified last.
    pub(super) fn broken_trail(&self) -> Result<Vec<Finding>, Failure> {
        let check = self.store.audit_check().map_err(unread)?.filter(|check| check.faults > 0);
        let found = check.map(|check| {
            let first = check.first_fault.unwrap_or_default();
            let more = if check.faults > 1 { format!(", and {} more", check.faults - 1) } else { String::new() };
            let what = format!("The audit trail is broken: {first}{more}");
            let to_do = "keep this database as evidence, find out who has written to it, and restore the newest backup that verifies; \
                 tieout audit verify names each fault";
            let done = Some(format!("{} entries were verified at {}", check.entries, check.checked_at));
            Finding { done, ..Finding::bad("trail", what, to_do).at("/audit") }
        });
        Ok(found.into_iter().collect())
    }

    /// The key's expiry that a person stated.
    pub(super) fn expiring_key(&self, rule: &Rule) -> Vec<Finding> {
        let Some(day) = self.config.alerting.key_expires_on else { return Vec::new() };
        let zone = load::zone(self.config, self.store).unwrap_or(TimeZone::UTC);
        let Ok(end) = day.to_zoned(zone) else { return Vec::new() };
        if rule.age.is_none_or(|age| end.timestamp().duration_since(self.now) > age) {
            return Vec::new();
        }
        let what = format!("The key of Stripe expires on {day}, says the setting stripe_key_expires_on");
        let to_do = "make a new restricted key in Stripe's Dashboard, set it, and put the new day into the settings";
        vec![Finding::bad("key", what, to_do)]
    }

    /// Channels on which nothing has gone out for long.
    pub(super) fn failing_channels(&self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let states = self.store.channel_states().map_err(unread)?;
        let known = |name: &str| self.config.alerting.channels.iter().any(|channel| channel.name == name);
        let failing = states.into_iter().filter(|state| known(&state.name)).filter_map(|state| {
            let since = state.failing_since.filter(|since| state.disabled_at.is_some() || self.is_older(*since, rule))?;
            let end = if state.disabled_at.is_some() { ", and it is disabled" } else { "" };
            let what = format!("Nothing goes out on the channel '{}' since {since}{end}", state.name);
            let to_do = format!("tieout alert messages says why; then tieout alert test {}", state.name);
            Some(Finding::bad(state.name, what, to_do))
        });
        Ok(failing.collect())
    }
}
