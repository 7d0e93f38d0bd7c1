//! `tieout schedule add`: a new schedule.

use std::path::{Path, PathBuf};

use facts::ObjectKind;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use money::Currency;
use schedule::Expression;
use schedule::plan::{MissedRuns, Overlap};
use store::{Schedule, Store, Table};

use super::zone;
use crate::cli::export::table_names;
use crate::cli::import::parse_currency;
use crate::cli::narrow::words;
use crate::cli::print;
use crate::cli::sync::kinds;
use crate::cli::talk::note;
use crate::config::{Config, NAME_MAX, is_name};
use crate::exit::{Exit, Failure};
use crate::jobs::audit::{anchor, keep_anchor};
use crate::jobs::export::Format;
use crate::outside::Outside;
use crate::scheduler::{Call, Fetch, Job, Period, next_after};
use crate::views::load::{self, store_failure};
use crate::views::schedule::ScheduleView;

/// More tries than this end long after the next occurrence is due.
const RETRIES_MAX: i64 = 20;

/// A day: what is later than that is no matter of minutes.
const GRACE_MAX_MINUTES: i64 = 1_440;

/// More backups than this fill a disk without anybody having chosen it.
const KEEP_MAX: i64 = 10_000;

/// What a schedule can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum JobName {
    /// Read what is new at Stripe
    Sync,
    /// Judge every payout against its txns and the bank
    Reconcile,
    /// Import the statement files that lie in --folder, and move them aside
    Import,
    /// Import what the program of the [[fetch]] table --fetch in tieout.toml writes
    Fetch,
    /// Ask whether all is here: list a past day again, hold balances against Stripe's, check the database
    Check,
    /// Verify the audit trail, by the --anchors that are kept elsewhere where there are some, and add one
    Audit,
    /// Write a backup into --folder, and keep the newest
    Backup,
    /// Write tables into --folder, each into the file of its name, for BI tools and auditors
    Export,
    /// Tell everybody who is told of alerts how everything stands, and what the --period has brought
    Digest,
    /// Call --url, such as a sync endpoint of your own
    Http,
}

/// `tieout schedule add`
#[derive(clap::Args, Debug)]
pub struct Add {
    /// Its name: letters, digits, - and _
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    #[command(flatten)]
    job: JobArgs,
    #[command(flatten)]
    when: When,
    #[command(flatten)]
    policy: PolicyArgs,
}

#[derive(clap::Args, Debug)]
struct JobArgs {
    /// What it runs
    #[arg(long, value_name = "JOB", value_enum)]
    job: JobName,
    /// Of a sync: only these kinds
    #[arg(long, value_name = "KIND,…", value_delimiter = ',', value_parser = kinds())]
    only: Vec<ObjectKind>,
    /// Of a sync: only what was created on the business day before the run is due
    #[arg(long)]
    yesterday: bool,
    /// Of import, backup and export: the folder, as the server sees it
    #[arg(long, value_name = "FOLDER")]
    folder: Option<PathBuf>,
    /// Of a fetch: the name of the [[fetch]] table in tieout.toml
    #[arg(long, value_name = "NAME")]
    fetch: Option<String>,
    /// Of an import and a fetch: the bank account that its files are of
    #[arg(long, value_name = "NAME")]
    bank_account: Option<String>,
    /// Of an import and a fetch: the currency, where neither the files nor the bank account says it
    #[arg(long, value_name = "CODE", value_parser = parse_currency)]
    currency: Option<Currency>,
    /// Of an import and a fetch: how to read a CSV
    #[arg(long, value_name = "PROFILE")]
    profile: Option<String>,
    /// Of a backup: so many of those in the folder stay, the newest  [default: 30]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=KEEP_MAX))]
    keep: Option<u32>,
    /// Of an export: only these tables
    #[arg(long = "table", value_name = "TABLE,…", value_delimiter = ',', value_parser = table_names())]
    tables: Vec<Table>,
    /// Of an export: csv, json or jsonl  [default: csv]
    #[arg(long, value_name = "FORMAT", value_parser = words(&Format::ALL, Format::as_str))]
    format: Option<Format>,
    /// Of an audit: the file of anchors, on another disk, as the server sees it; it is begun where there is none
    #[arg(long, value_name = "FILE")]
    anchors: Option<PathBuf>,
    /// Of a digest: of how long it tells  [default: week]
    #[arg(long, value_name = "PERIOD", value_parser = words(&Period::ALL, Period::as_str))]
    period: Option<Period>,
    /// Of http: the address
    #[arg(long, value_name = "URL", conflicts_with = "url_env")]
    url: Option<String>,
    /// Of http: the environment variable of the server that holds the address, where that is a secret
    #[arg(long, value_name = "NAME")]
    url_env: Option<String>,
    /// Of http: the method  [default: POST]
    #[arg(long, value_name = "METHOD")]
    method: Option<String>,
    /// Of http: a header; ${NAME} in it stands for an environment variable of the server. May be repeated
    #[arg(long, value_name = "NAME: VALUE", value_parser = header)]
    header: Vec<(String, String)>,
    /// Of http: what is sent
    #[arg(long, value_name = "TEXT")]
    body: Option<String>,
}

#[derive(clap::Args, Debug)]
struct When {
    /// When: cron of five fields, or words, such as "every weekday at 7"
    #[arg(long, value_name = "EXPR", value_parser = typed, allow_hyphen_values = true, required_unless_present = "after")]
    cron: Option<Typed>,
    /// Instead: after each run of this other schedule that did all
    #[arg(long, value_name = "NAME", conflicts_with_all = ["cron", "tz"])]
    after: Option<String>,
    /// The time zone whose clocks count; else the business time zone, whatever it is then
    #[arg(long, value_name = "ZONE", value_parser = zone)]
    tz: Option<TimeZone>,
}

#[derive(clap::Args, Debug)]
struct PolicyArgs {
    /// How often one that failed is tried again, if what went wrong may pass
    #[arg(long, value_name = "N", default_value_t = 3, value_parser = clap::value_parser!(u32).range(0..=RETRIES_MAX))]
    retries: u32,
    /// Of what nobody ran in time: run the newest once, each, or none
    #[arg(long, value_name = "WHICH", default_value = "once", value_parser = words(&MissedRuns::ALL, MissedRuns::as_str))]
    missed: MissedRuns,
    /// Of what is due while an earlier one is not over: skip it, or queue it
    #[arg(long, value_name = "HOW", default_value = "skip", value_parser = words(&Overlap::ALL, Overlap::as_str))]
    overlap: Overlap,
    /// So many minutes after its time an occurrence counts as missed
    #[arg(long, value_name = "MINUTES", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=GRACE_MAX_MINUTES))]
    grace: u32,
}

/// An expression, and how it was typed.
#[derive(Clone, Debug)]
struct Typed {
    text: String,
    expression: Expression,
}

fn typed(text: &str) -> Result<Typed, schedule::BadExpression> {
    Ok(Typed { text: text.to_owned(), expression: Expression::parse(text)? })
}

fn header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or("expected NAME: VALUE, such as 'Authorization: Bearer ${SYNC_SECRET}'")?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

fn name(text: &str) -> Result<String, String> {
    // A name of digits alone would read as the number of a run.
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    if is_number || !is_name(text) {
        return Err(format!("expected 1 to {NAME_MAX} letters, digits, - or _, and not digits alone"));
    }
    Ok(text.to_owned())
}

impl Add {
    /// Adds it.
    ///
    /// # Errors
    /// A name that is taken, flags that do not belong together, or a database that fails.
    pub fn run(self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let job = self.job.job(config, outside)?;
        let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
        if let Some(followed) = &self.when.after {
            check_followed(&store, &self.name, followed)?;
        }
        let business = load::zone(config, &store)?;
        if let Job::Audit { anchors: Some(file) } = &job {
            begin_anchors(outside, &store, file)?;
        }
        let schedule = self.schedule(&job, &business, outside.now())?;
        if !store.add_schedule(&schedule).map_err(store_failure)? {
            return Err(Failure::new(Exit::Usage, format!("there is a schedule '{}' already", schedule.name))
                .hint(format!("tieout schedule remove {0}, or give this one another name", schedule.name)));
        }
        tell(config, &schedule, &business)
    }

    fn schedule(self, job: &Job, business: &TimeZone, now: Timestamp) -> Result<Schedule, Failure> {
        let zone = self.when.tz.as_ref().unwrap_or(business);
        let cron = self.when.cron.as_ref();
        Ok(Schedule {
            name: self.name,
            job: serde_json::to_string(job).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?,
            expression: cron.map(|typed| typed.text.clone()).unwrap_or_default(),
            cron: cron.map(|typed| typed.expression.text().to_owned()).unwrap_or_default(),
            follows: self.when.after,
            zone: self.when.tz.as_ref().and_then(TimeZone::iana_name).map(str::to_owned),
            retries: self.policy.retries,
            missed: self.policy.missed.as_str().to_owned(),
            overlap: self.policy.overlap.as_str().to_owned(),
            grace: SignedDuration::from_mins(i64::from(self.policy.grace)),
            paused: false,
            added_at: now,
            settled_until: now,
            next_at: cron.and_then(|typed| next_after(&typed.expression, zone, now)),
        })
    }
}

impl JobArgs {
    fn job(&self, config: &Config, outside: &Outside) -> Result<Job, Failure> {
        self.only_its_own_flags()?;
        Ok(match self.job {
            JobName::Sync => {
                Job::Sync { only: self.only.iter().map(|kind| kind.as_str().to_owned()).collect(), yesterday: self.yesterday }
            }
            JobName::Reconcile => Job::Reconcile,
            JobName::Check => Job::Check,
            JobName::Audit => Job::Audit { anchors: self.anchors.as_deref().map(whole).transpose()? },
            JobName::Import => Job::Import {
                folder: self.folder(outside)?,
                bank_account: self.bank_account()?,
                currency: self.currency.map(|currency| currency.as_str().to_owned()),
                profile: self.profile.clone(),
            },
            JobName::Fetch => Job::Fetch(self.fetch(config)?),
            JobName::Backup => {
                Job::Backup { folder: self.folder(outside)?, keep: usize::try_from(self.keep.unwrap_or(KEEP)).unwrap_or(usize::MAX) }
            }
            JobName::Export => Job::Export {
                folder: self.folder(outside)?,
                tables: self.tables.iter().map(|table| table.name.to_owned()).collect(),
                format: self.format.unwrap_or(Format::Csv),
            },
            JobName::Digest => Job::Digest { period: self.period.unwrap_or(Period::Week) },
            JobName::Http => Job::Http(self.call()?),
        })
    }

    fn bank_account(&self) -> Result<String, Failure> {
        self.bank_account.clone().ok_or_else(|| lacks(self.job.word(), "--bank-account NAME"))
    }

    fn fetch(&self, config: &Config) -> Result<Fetch, Failure> {
        let fetch = Fetch {
            fetch: self.fetch.clone().ok_or_else(|| lacks("fetch", "--fetch NAME"))?,
            bank_account: self.bank_account()?,
            currency: self.currency.map(|currency| currency.as_str().to_owned()),
            profile: self.profile.clone(),
        };
        fetch.fetcher(config)?;
        Ok(fetch)
    }

    fn call(&self) -> Result<Call, Failure> {
        if self.url.is_none() && self.url_env.is_none() {
            return Err(lacks("http", "--url URL or --url-env NAME"));
        }
        let call = Call {
            url: self.url.clone(),
            url_env: self.url_env.clone(),
            method: self.method.clone().unwrap_or_else(|| "POST".to_owned()).to_ascii_uppercase(),
            headers: self.header.clone(),
            body: self.body.clone(),
        };
        call.check().map(|()| call)
    }

    /// A flag of another job would be forgotten silently.
    fn only_its_own_flags(&self) -> Result<(), Failure> {
        use JobName::{Audit, Backup, Digest, Export, Fetch, Http, Import, Sync};
        let flags: [(&str, bool, &[JobName]); 17] = [
            ("--only", !self.only.is_empty(), &[Sync]),
            ("--yesterday", self.yesterday, &[Sync]),
            ("--folder", self.folder.is_some(), &[Import, Backup, Export]),
            ("--fetch", self.fetch.is_some(), &[Fetch]),
            ("--bank-account", self.bank_account.is_some(), &[Import, Fetch]),
            ("--currency", self.currency.is_some(), &[Import, Fetch]),
            ("--profile", self.profile.is_some(), &[Import, Fetch]),
            ("--keep", self.keep.is_some(), &[Backup]),
            ("--table", !self.tables.is_empty(), &[Export]),
            ("--format", self.format.is_some(), &[Export]),
            ("--anchors", self.anchors.is_some(), &[Audit]),
            ("--period", self.period.is_some(), &[Digest]),
            ("--url", self.url.is_some(), &[Http]),
            ("--url-env", self.url_env.is_some(), &[Http]),
            ("--method", self.method.is_some(), &[Http]),
            ("--header", !self.header.is_empty(), &[Http]),
            ("--body", self.body.is_some(), &[Http]),
        ];
        let odd = flags.into_iter().find(|(_, is_given, of)| *is_given && !of.contains(&self.job));
        odd.map_or(Ok(()), |(flag, _, of)| {
            let of: Vec<&str> = of.iter().map(|job| job.word()).collect();
            Err(Failure::new(Exit::Usage, format!("{flag} is a flag of --job {}", of.join(" and "))))
        })
    }

    /// The folder, from the root.
    fn folder(&self, outside: &Outside) -> Result<PathBuf, Failure> {
        let folder = self.folder.as_ref().ok_or_else(|| lacks(self.job.word(), "--folder FOLDER"))?;
        let whole = whole(folder)?;
        if !outside.has_folder(&whole.join("file")) {
            return Err(Failure::new(Exit::Usage, format!("there is no folder {}", whole.display()))
                .hint("make it first, so that a typing error is found now and not at night"));
        }
        Ok(whole)
    }
}

/// A month of nightly backups.
const KEEP: u32 = 30;

impl JobName {
    const fn word(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
            Self::Import => "import",
            Self::Backup => "backup",
            Self::Http => "http",
            Self::Digest => "digest",
            Self::Export => "export",
            Self::Fetch => "fetch",
            Self::Check => "check",
            Self::Audit => "audit",
        }
    }
}

/// A path from the root: a server may run elsewhere than this command.
fn whole(path: &Path) -> Result<PathBuf, Failure> {
    std::path::absolute(path).map_err(|error| Failure::new(Exit::Usage, format!("{} is no path: {error}", path.display())))
}

/// The file must be there when the job runs: that one is missing must not read as one that holds nothing.
fn begin_anchors(outside: &Outside, store: &Store, file: &Path) -> Result<(), Failure> {
    if outside.exists(file) {
        return Ok(());
    }
    keep_anchor(outside, file, &anchor(store, outside.now())?)
}

fn lacks(job: &str, flag: &str) -> Failure {
    Failure::new(Exit::Usage, format!("--job {job} needs {flag}"))
}

/// What one follows must be there, and must not follow it in turn.
fn check_followed(store: &Store, name: &str, followed: &str) -> Result<(), Failure> {
    let mut next = Some(followed.to_owned());
    while let Some(one) = next {
        if one == name {
            return Err(Failure::new(Exit::Usage, format!("'{followed}' runs after '{name}' itself")));
        }
        let Some(schedule) = store.schedule(&one).map_err(store_failure)? else {
            // One that was removed ends the chain; only what this one follows must be there.
            return if one == followed { Err(super::absent(&one)) } else { Ok(()) };
        };
        next = schedule.follows;
    }
    Ok(())
}

fn tell(config: &Config, schedule: &Schedule, business: &TimeZone) -> Result<Exit, Failure> {
    let view = ScheduleView::of(schedule, business);
    if config.json {
        return print(|output| Ok(output.json(&view)?));
    }
    match (&schedule.follows, view.next_at) {
        (Some(followed), _) => note(config, &format!("'{}' runs after each run of '{followed}' that did all", schedule.name)),
        (None, Some(next)) => {
            let local = next.to_zoned(super::zone_named(&view.tz)).strftime("%a %Y-%m-%d %H:%M");
            note(config, &format!("'{}' is due next on {local} in {} ({next})", schedule.name, view.tz));
        }
        (None, None) => note(config, &format!("'{}' is never due: no such day comes within a hundred years", schedule.name)),
    }
    note(config, "a server runs it at its time: tieout serve");
    Ok(Exit::Fine)
}
