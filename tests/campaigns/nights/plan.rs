//! What is scheduled.

use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use crate::shop::Shop;

/// What a schedule runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    /// A call of the receiver.
    Http,
    Backup,
    Export,
    Import,
}

/// A schedule: when, by whose clocks, and its policy.
pub struct Plan {
    pub name: &'static str,
    pub job: Job,
    cron: &'static str,
    zone: &'static str,
    pub missed: &'static str,
    pub overlap: &'static str,
    grace_minutes: i64,
    pub follows: Option<&'static str>,
}

pub const PLANS: [Plan; 8] = [
    plan("each-queue", Job::Http, "*/5 * * * *", "UTC", ("each", "queue", 5)),
    plan("once-skip", Job::Http, "every 10 minutes", "America/New_York", ("once", "skip", 5)),
    plan("none-queue", Job::Http, "*/7 * * * *", "UTC", ("none", "queue", 10)),
    plan("bank", Job::Import, "*/20 * * * *", "UTC", ("none", "skip", 6)),
    plan("backups", Job::Backup, "10,40 * * * *", "UTC", ("once", "queue", 8)),
    plan("hourly", Job::Export, "every hour at :15", "UTC", ("once", "skip", 20)),
    plan("daily", Job::Http, "30 2 * * *", "Europe/Berlin", ("each", "queue", 30)),
    Plan { follows: Some("hourly"), ..plan("after-hourly", Job::Http, "", "", ("once", "skip", 5)) },
];

const fn plan(
    name: &'static str,
    job: Job,
    cron: &'static str,
    zone: &'static str,
    (missed, overlap, grace_minutes): (&'static str, &'static str, i64),
) -> Plan {
    Plan { name, job, cron, zone, missed, overlap, grace_minutes, follows: None }
}

impl Plan {
    pub const fn grace(&self) -> SignedDuration {
        SignedDuration::from_mins(self.grace_minutes)
    }

    /// What adds it, after `schedule add`. The folders are within `folder`, and a server's own address of the receiver stands in its
    /// environment.
    pub fn arguments(&self, folder: &Path) -> Vec<String> {
        let own = folder.join(self.name).display().to_string();
        let header = format!("Schedule: {}", self.name);
        let job: Vec<&str> = match self.job {
            Job::Http => vec!["http", "--url-env", "WORK_URL", "--header", &header],
            Job::Backup => vec!["backup", "--keep", "3", "--folder", &own],
            Job::Export => vec!["export", "--table", "bank-line", "--folder", &own],
            Job::Import => vec!["import", "--bank-account", "main", "--folder", &own],
        };
        let grace = self.grace_minutes.to_string();
        let policy = ["--missed", self.missed, "--overlap", self.overlap, "--grace", &grace];
        let when = match self.follows {
            Some(followed) => vec!["--after", followed],
            None => vec!["--cron", self.cron, "--tz", self.zone],
        };
        let words = [&["schedule", "add", self.name, "--job"], job.as_slice(), &when, &policy].concat();
        words.into_iter().map(str::to_owned).collect()
    }

    /// Every occurrence after an instant and until another, as the command says.
    pub fn occurrences(&self, shop: &Shop, after: Timestamp, until: Timestamp) -> Vec<Timestamp> {
        let from = (after + SignedDuration::from_micros(1)).to_string();
        // None is due more often than each five minutes.
        let count = (until.duration_since(after).as_mins() / 5 + 2).to_string();
        let preview = ["schedule", "preview", self.cron, "--tz", self.zone, "--from", &from, "-n", &count, "--json"];
        let said: Vec<Value> = serde_json::from_slice(&shop.run(&preview).stdout).expect("a list");
        let at = |one: &Value| one["at"].as_str().expect("an instant").parse::<Timestamp>().expect("an instant");
        let all: Vec<Timestamp> = said.iter().map(at).collect();
        assert!(all.last().is_some_and(|last| *last > until), "'{}' is due further on", self.name);
        all.into_iter().take_while(|at| *at <= until).collect()
    }
}
