//! `tieout schedule add|list|run|pause|resume|remove`: the schedules that there are.

use facts::ObjectKind;
use jiff::{SignedDuration, Timestamp};
use jiff::tz::TimeZone;
use schedule::Expression;
use schedule::plan::{MissedRuns, Overlap};
use store::{Schedule, Store};

use super::zone;
use crate::cli::narrow::words;
use crate::cli::print;
use crate::cli::sync::kinds;
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::scheduler::Job;
use crate::views::load::{self, store_failure};
use crate::views::schedule::ScheduleView;

/// A name is typed in commands and stands in addresses.
const NAME_MAX: usize = 64;

/// More tries than this end long after the next occurrence is due.
const RETRIES_MAX: u32 = 20;

/// What a schedule can run.
#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum JobName {
    /// Read what is new at Stripe
    Sync,
    /// Judge every payout against its txns and the bank
    Reconcile,
}

/// `tieout schedule add`
#[derive(clap::Args, Debug)]
pub struct Add {
    /// Its name: letters, digits, - and _
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What it runs
    #[arg(long, value_name = "JOB", value_enum)]
    job: JobName,
    /// When: cron of five fields, or words, such as "every weekday at 7"
    #[arg(long, value_name = "EXPR", value_parser = Expression::parse, allow_hyphen_values = true)]
    cron: Expression,
    /// The time zone whose clocks count; else the business time zone that is configured, else UTC
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    tz: Option<TimeZone>,
    /// Of a sync: only these kinds
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = kinds())]
    only: Vec<ObjectKind>,
    /// Of a sync: only what was created the day before, in the business time zone
    #[arg(long)]
    yesterday: bool,
    /// How often one that failed is tried again, if what went wrong may pass
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(..=i64::from(RETRIES_MAX)))]
    retries: u32,
    /// Of what nobody ran in time: run the newest once, each, or none
    #[arg(long, value_name = "WHICH", default_value = "once", value_parser = words(&MissedRuns::ALL, MissedRuns::as_str))]
    missed: MissedRuns,
    /// Of what is due while an earlier one is not over: skip it, or queue it
    #[arg(long, value_name = "HOW", default_value = "skip", value_parser = words(&Overlap::ALL, Overlap::as_str))]
    overlap: Overlap,
    /// So many minutes after its time an occurrence counts as missed
    #[arg(long, value_name = "MINUTES", default_value_t = 5)]
    grace: u32,
}

fn name(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if text.is_empty() || text.len() > NAME_MAX || !text.bytes().all(plain) {
        return Err(format!("expected 1 to {NAME_MAX} letters, digits, - or _"));
    }
    Ok(text.to_owned())
}

impl Add {
    /// Adds it.
    ///
    /// # Errors
    /// A name that is taken, flags that do not belong together, or a database that fails.
    pub fn run(self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let job = self.job()?;
        let zone = self.tz.clone().unwrap_or_else(|| zone_of(config.time_zone.as_deref(), &[]));
        let now = outside.now();
        let next_at = next(&self.cron, &zone, now);
        let schedule = Schedule {
            name: self.name,
            job: serde_json::to_string(&job).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?,
            expression: self.typed,
            cron: self.cron.text().to_owned(),
            zone: zone.iana_name().unwrap_or("UTC").to_owned(),
            retries: self.retries,
            missed: self.missed.as_str().to_owned(),
            overlap: self.overlap.as_str().to_owned(),
            grace: SignedDuration::from_mins(i64::from(self.grace)),
            paused: false,
            added_at: now,
            settled_until: now,
            next_at,
        };
        let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
        if !store.add_schedule(&schedule).map_err(store_failure)? {
            return Err(Failure::new(Exit::Usage, format!("there is a schedule '{}' already", schedule.name))
                .hint("tieout schedule remove NAME, or give this one another name"));
        }
        tell(config, &schedule)
    }

    fn job(&self) -> Result<Job, Failure> {
        match self.job {
            JobName::Sync => {
                let only = self.only.iter().map(|kind| kind.as_str().to_owned()).collect();
                Ok(Job::Sync { only, yesterday: self.yesterday })
            }
            JobName::Reconcile if self.only.is_empty() && !self.yesterday => Ok(Job::Reconcile),
            JobName::Reconcile => Err(Failure::new(Exit::Usage, "--only and --yesterday are of --job sync")),
        }
    }
}

/// When an expression is due next after `now`.
fn next(expression: &Expression, zone: &TimeZone, now: Timestamp) -> Option<Timestamp> {
    let after = now.checked_add(SignedDuration::from_secs(1)).ok()?;
    expression.occurrences(zone.clone(), after).next().map(|one| one.at.timestamp())
}
