//! `tieout schedule list|run|pause|resume|remove`: the schedules that there are.

use schedule::Expression;
use store::{Schedule, Store, StoreError};

use super::absent;
use crate::cli::{print, print_list};
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::scheduler::next_after;
use crate::views::load::{self, store_failure};
use crate::views::schedule::ScheduleView;

/// One schedule, by its name.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

/// Every schedule, and when it is due next.
///
/// # Errors
/// No database, or one that fails.
pub fn list(config: &Config) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let business = load::zone(config, &store)?;
    let schedules = store.schedules().map_err(store_failure)?;
    if config.json {
        return print_list(&schedules, |schedule| ScheduleView::of(schedule, &business));
    }
    if schedules.is_empty() {
        note(config, "no schedules yet; for example:");
        note(config, "  tieout schedule add nightly --job sync --cron 'every day at 5'");
        note(config, "  tieout schedule add judge --job reconcile --after nightly");
    }
    let columns = ["name", "job", "when", "tz", "next", "last"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for schedule in &schedules {
        let view = ScheduleView::of(schedule, &business);
        let zone = super::zone_named(&view.tz);
        let next = view.next_at.map(|at| at.to_zoned(zone).strftime("%a %Y-%m-%d %H:%M").to_string());
        let next = if schedule.paused { Some("paused".to_owned()) } else { next };
        let last = store.last_scheduled_run(&schedule.name).map_err(store_failure)?;
        let last = last.map(|run| format!("{} {}", run.state.as_str(), run.ended_at.or(run.started_at).unwrap_or(run.due_at)));
        table.row([
            view.name.to_owned(),
            view.job_name().to_owned(),
            view.when(),
            view.tz.clone(),
            or_dash(next.as_deref()),
            or_dash(last.as_deref()),
        ]);
    }
    print(|output| Ok(table.write(output)?))
}

impl Named {
    /// Asks for a run; the server that runs schedules begins it.
    ///
    /// # Errors
    /// No database, no such schedule, or a database that fails.
    pub fn run_now(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        load::open(config)?;
        let id = self.write(config, outside)?.ask_for_run(&self.name, outside.now()).map_err(|error| self.failed(error))?;
        super::asked(config, id)
    }

    /// Pauses it, or lets it go on.
    ///
    /// # Errors
    /// No database, no such schedule, or a database that fails.
    pub fn pause(&self, config: &Config, outside: &Outside, paused: bool) -> Result<Exit, Failure> {
        let store = load::open(config)?;
        let schedule = store.schedule(&self.name).map_err(store_failure)?.ok_or_else(|| absent(&self.name))?;
        let (business, now) = (load::zone(config, &store)?, outside.now());
        let zone = schedule.zone.as_deref().map_or(business.clone(), super::zone_named);
        let next = Expression::parse(&schedule.cron).ok().and_then(|expression| next_after(&expression, &zone, now));
        let mut store = self.write(config, outside)?;
        store.pause_schedule(&self.name, paused, now, next).map_err(|error| self.failed(error))?;
        let schedule = Schedule { paused, next_at: next, ..schedule };
        if config.json {
            return print(|output| Ok(output.json(&ScheduleView::of(&schedule, &business))?));
        }
        let next = next.map_or_else(|| "is not due by itself".to_owned(), |at| format!("is due next at {at}"));
        let told = if paused { "is paused; what is due meanwhile is not made up for".to_owned() } else { next };
        note(config, &format!("'{}' {told}", self.name));
        Ok(Exit::Fine)
    }

    /// Removes it.
    ///
    /// # Errors
    /// No database, no such schedule, others that follow it, or a database that fails.
    pub fn remove(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let schedules = load::open(config)?.schedules().map_err(store_failure)?;
        if let Some(follower) = schedules.iter().find(|one| one.follows.as_deref() == Some(&self.name)) {
            let message = format!("'{}' runs after '{}', and would never run again", follower.name, self.name);
            return Err(Failure::new(Exit::Usage, message).hint(format!("remove it first: tieout schedule remove {}", follower.name)));
        }
        self.write(config, outside)?.remove_schedule(&self.name, outside.now()).map_err(|error| self.failed(error))?;
        note(config, &format!("'{}' is removed; its history stays: tieout schedule history {0}", self.name));
        Ok(Exit::Fine)
    }

    fn write(&self, config: &Config, outside: &Outside) -> Result<Store, Failure> {
        Store::open(&config.database, outside.points()).map_err(store_failure)
    }

    fn failed(&self, error: StoreError) -> Failure {
        match error {
            StoreError::Absent { .. } => absent(&self.name),
            other => store_failure(other),
        }
    }
}
