//! `tieout alert list|silence|unsilence|ack`: what is not well, and what a person has said of it.

use std::io::Write;

use jiff::{SignedDuration, Timestamp};
use store::{Store, StoreError};

use crate::cli::print;
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::alert::{AlertView, Looked};
use crate::views::load::{self, store_failure};

/// Longer than this is not for a while: remove the rule, or switch it off.
const SILENCE_HOURS_MAX: i64 = 24 * 90;

/// What is not well.
///
/// # Errors
/// No database, or one that fails.
pub fn list(config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let alerts = store.alerts().map_err(store_failure)?;
    let (now, looked_at) = (outside.now(), store.looked_at().map_err(store_failure)?);
    if config.json {
        return print(|output| {
            let mut array = output.array()?;
            if let Some(missing) = Looked::at(looked_at, now).missing(now) {
                array.push(&AlertView::of(&missing))?;
            }
            alerts.iter().try_for_each(|row| array.push(&AlertView::of(row)))?;
            Ok(array.end()?)
        });
    }
    let silences = store.silences(now).map_err(store_failure)?;
    print(|output| {
        let mut table = Table::new(&["state", "severity", "rule", "subject", "since", "known", "what"].map(|name| (name, Align::Left)));
        for row in &alerts {
            let view = AlertView::of(row);
            let known = if view.acknowledged_at.is_some() { "yes" } else { "-" };
            let cells = [view.state, view.severity, view.rule, view.subject, &view.since.to_string(), known, view.what];
            table.row(cells.map(str::to_owned));
        }
        if !alerts.is_empty() {
            table.write(output)?;
        }
        for silence in &silences {
            let of = or_dash(silence.rule.as_deref());
            let subject = or_dash(silence.subject.as_deref());
            writeln!(output, "Silence {} of rule {of}, subject {subject}, until {}: {}", silence.id, silence.until, silence.reason)?;
        }
        Ok(writeln!(output, "{}", verdict(alerts.len(), Looked::at(looked_at, now)))?)
    })
}

/// What the list is worth, in a sentence.
fn verdict(alerts: usize, looked: Looked) -> String {
    match looked {
        Looked::Never => "Nothing is known: nobody has looked yet. tieout serve looks twice a minute.".to_owned(),
        Looked::Old(at) => {
            format!("Unknown since {at}, when everything was looked at last: is tieout serve running?")
        }
        Looked::Fresh(at) if alerts == 0 => format!("All is well, as of {at}."),
        Looked::Fresh(at) => format!("As of {at}."),
    }
}

/// `tieout alert silence`
#[derive(clap::Args, Debug)]
pub struct Silence {
    /// The rule; all of them where it is left out
    #[arg(value_name = "RULE")]
    rule: Option<String>,
    /// Only this subject
    #[arg(value_name = "SUBJECT")]
    subject: Option<String>,
    /// For so many hours
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(i64).range(1..=SILENCE_HOURS_MAX))]
    hours: i64,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
}

impl Silence {
    /// Adds it.
    ///
    /// # Errors
    /// No database, no such rule, or a database that fails.
    pub fn run(self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        super::rule::check_name(&load::open(config)?, self.rule.as_deref())?;
        let now = outside.now();
        let until = now.checked_add(SignedDuration::from_hours(self.hours)).unwrap_or(Timestamp::MAX);
        let silence = store::Silence { id: 0, rule: self.rule, subject: self.subject, until, reason: self.reason };
        let id = open_to_write(config, outside)?.add_silence(&silence, now).map_err(store_failure)?;
        note(config, &format!("silence {id} until {until}; what came up meanwhile and is still not well then is told of then"));
        note(config, &format!("tieout alert unsilence {id} ends it before"));
        Ok(Exit::Fine)
    }
}

/// `tieout alert unsilence`
#[derive(clap::Args, Debug)]
pub struct Unsilence {
    /// Its number, as tieout alert list shows it
    #[arg(value_name = "N")]
    id: i64,
}

impl Unsilence {
    /// Ends it.
    ///
    /// # Errors
    /// No database, no such silence, or a database that fails.
    pub fn run(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        load::open(config)?;
        open_to_write(config, outside)?.end_silence(self.id).map_err(|error| match error {
            StoreError::Absent { .. } => Failure::new(Exit::Usage, format!("there is no silence {}", self.id)),
            other => store_failure(other),
        })?;
        note(config, &format!("silence {} is ended", self.id));
        Ok(Exit::Fine)
    }
}

/// `tieout alert ack`
#[derive(clap::Args, Debug)]
pub struct Ack {
    /// The rule
    #[arg(value_name = "RULE")]
    rule: String,
    /// Only this subject
    #[arg(value_name = "SUBJECT")]
    subject: Option<String>,
}

impl Ack {
    /// Notes it.
    ///
    /// # Errors
    /// No database, nothing that is not well by the rule, or a database that fails.
    pub fn run(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        super::rule::check_name(&load::open(config)?, Some(&self.rule))?;
        let mut store = open_to_write(config, outside)?;
        let known = store.acknowledge_alerts(&self.rule, self.subject.as_deref(), outside.now()).map_err(store_failure)?;
        if known == 0 {
            let of = self.subject.as_ref().map_or_else(String::new, |subject| format!(" of '{subject}'"));
            return Err(Failure::new(Exit::Usage, format!("nothing{of} is not well by the rule '{}'", self.rule))
                .hint("tieout alert list shows what is"));
        }
        note(config, &format!("noted: {known} of the rule '{}' are not told of again until they were well", self.rule));
        Ok(Exit::Fine)
    }
}

pub(super) fn open_to_write(config: &Config, outside: &Outside) -> Result<Store, Failure> {
    Store::open(&config.database, outside.points()).map_err(store_failure)
}
