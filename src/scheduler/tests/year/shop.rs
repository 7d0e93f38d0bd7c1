//! The database of a life, and what is scheduled on it.

use std::sync::Arc;

use alerts::{Condition, Severity};
use cluster::Cluster;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use schedule::Expression;
use store::{NoPoints, Schedule, Store};

use crate::alerting::StoredRule;
use crate::config::{Channel, ChannelKind, Config};
use crate::scheduler::tests::config;

/// When everything is added.
const BEGINS: &str = "2026-01-01T00:00:30Z";

/// What goes by no zone of its own goes by this.
const BUSINESS: &str = "Europe/Berlin";

/// Name, when, zone, what becomes of missed and of overlapping ones, grace in minutes, retries.
type Row = (&'static str, &'static str, Option<&'static str>, &'static str, &'static str, i64, u32);

const TIMED: [Row; 6] = [
    ("daily", "0 7 * * *", Some("America/New_York"), "once", "skip", 5, 3),
    ("hourly", "0 * * * *", Some("UTC"), "each", "queue", 10, 2),
    ("quarter", "*/15 * * * *", None, "none", "skip", 1, 1),
    ("monthly", "30 2 L * *", Some("Europe/Berlin"), "once", "queue", 60, 5),
    ("lord-howe", "10 2 * * MON-FRI", Some("Australia/Lord_Howe"), "each", "skip", 5, 0),
    ("kiritimati", "30 7,8 * * MON-FRI", Some("Pacific/Kiritimati"), "once", "queue", 0, 2),
];

/// Each with the one that it follows.
const FOLLOWING: [(&str, &str); 2] = [("after-daily", "daily"), ("after-hourly", "hourly")];

/// A database with its schedules.
pub struct Shop {
    pub config: Config,
    pub begins: Timestamp,
    pub ends: Timestamp,
    _folder: tempfile::TempDir,
}

impl Shop {
    pub fn on_sqlite(days: i64) -> Self {
        Self::new(days, |_| ())
    }

    pub fn on_postgres(cluster: &Cluster, days: i64) -> Self {
        let address = cluster.address(&cluster.database().unwrap());
        Self::new(days, |config| config.database = Config::location(&address).unwrap())
    }

    fn new(days: i64, set: impl FnOnce(&mut Config)) -> Self {
        let memory = std::path::Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let mut config = config(&folder);
        config.time_zone = Some(BUSINESS.to_owned());
        config.alerting.channels = vec![nobody()];
        set(&mut config);
        let begins: Timestamp = BEGINS.parse().unwrap();
        let shop = Self { config, begins, ends: begins + SignedDuration::from_hours(24 * days), _folder: folder };
        let mut store = shop.store();
        shop.schedules().iter().for_each(|schedule| assert!(store.add_schedule(schedule).unwrap()));
        // What has nothing to do with schedules is not looked at: it would take most of the time.
        for condition in Condition::ALL.into_iter().filter(|one| !matches!(one, Condition::RunFailed | Condition::RunMissed)) {
            let off = StoredRule { condition: condition.as_str().to_owned(), off: true, ..StoredRule::default() };
            store.set_alert_rule(condition.as_str(), Some(&serde_json::to_string(&off).unwrap())).unwrap();
        }
        shop
    }

    /// The database, as who only looks at it has it.
    pub fn store(&self) -> Store {
        Store::open(&self.config.database, Arc::new(NoPoints)).unwrap()
    }

    pub fn schedules(&self) -> Vec<Schedule> {
        let timed = TIMED.iter().map(|(name, cron, zone, missed, overlap, grace, retries)| Schedule {
            name: (*name).to_owned(),
            cron: (*cron).to_owned(),
            expression: (*cron).to_owned(),
            zone: zone.map(str::to_owned),
            missed: (*missed).to_owned(),
            overlap: (*overlap).to_owned(),
            grace: SignedDuration::from_mins(*grace),
            retries: *retries,
            next_at: occurrences(cron, *zone, self.begins).next(),
            ..self.bare()
        });
        let following = FOLLOWING.iter().map(|(name, follows)| Schedule {
            name: (*name).to_owned(),
            follows: Some((*follows).to_owned()),
            retries: 1,
            ..self.bare()
        });
        timed.chain(following).collect()
    }

    fn bare(&self) -> Schedule {
        Schedule {
            name: String::new(),
            job: r#"{"job":"reconcile"}"#.to_owned(),
            expression: String::new(),
            cron: String::new(),
            follows: None,
            zone: None,
            retries: 0,
            missed: "once".to_owned(),
            overlap: "skip".to_owned(),
            grace: SignedDuration::from_mins(5),
            paused: false,
            added_at: self.begins,
            settled_until: self.begins,
            next_at: None,
        }
    }
}

/// Every occurrence after an instant, as the expression itself says.
pub fn occurrences(cron: &str, zone: Option<&str>, after: Timestamp) -> std::vec::IntoIter<Timestamp> {
    let zone = TimeZone::get(zone.unwrap_or(BUSINESS)).unwrap();
    let until = after + SignedDuration::from_hours(24 * 400);
    let all = Expression::parse(cron).unwrap();
    let all = all.occurrences(zone, after + SignedDuration::from_secs(1)).map(|one| one.at.timestamp());
    all.take_while(|at| *at < until).collect::<Vec<_>>().into_iter()
}

/// A channel to which messages are written, and that nothing can be sent to.
fn nobody() -> Channel {
    let kind = ChannelKind::Webhook { url: Err("nobody".to_owned()), secrets: Err("nobody".to_owned()) };
    Channel { name: "nobody".to_owned(), kind, least: Severity::Warning, after: None, alerts: true, events: Default::default() }
}
