//! `tieout alert rules|add|remove`: what is watched.

use alerts::{Condition, Severity, standard};
use money::Currency;
use store::{Store, StoreError};

use super::known::open_to_write;
use crate::alerting::{StoredRule, rules};
use crate::cli::import::parse_currency;
use crate::cli::narrow::words;
use crate::cli::{print, print_list};
use crate::cli::table::{Align, Table};
use crate::cli::talk::note;
use crate::config::{Config, NAME_MAX, is_name};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::alert::{RuleView, minutes};
use crate::views::load::{self, store_failure};

/// A year: nothing that is older is news.
const MINUTES_MAX: i64 = 366 * 1_440;

/// Every rule.
///
/// # Errors
/// No database, or one that fails.
pub fn list(config: &Config) -> Result<Exit, Failure> {
    let rules = rules(&load::open(config)?)?;
    if config.json {
        return print_list(&rules, RuleView::of);
    }
    let mut table = Table::new(&["rule", "condition", "severity", "told", "age", "at least"].map(|name| (name, Align::Left)));
    for rule in &rules {
        let view = RuleView::of(rule);
        let at_least = view.at_least_minor.zip(view.currency).map(|(minor, currency)| format!("{minor} minor units of {currency}"));
        table.row([
            rule.name.clone(),
            view.condition.to_owned(),
            view.severity.to_owned(),
            view.told(),
            view.age_minutes.map_or_else(|| "-".to_owned(), minutes),
            at_least.unwrap_or_else(|| "-".to_owned()),
        ]);
    }
    print(|output| Ok(table.write(output)?))
}

/// `tieout alert add`
#[derive(clap::Args, Debug)]
pub struct Add {
    /// Its name; that of a standard rule puts it in the place of that
    #[arg(value_name = "NAME", value_parser = name)]
    name: String,
    /// What is watched; of a standard rule's name it need not be said
    #[arg(long, value_name = "CONDITION", value_parser = words(&Condition::ALL, Condition::as_str))]
    on: Option<Condition>,
    /// How loudly to tell
    #[arg(long, value_name = "HOW", value_parser = words(&Severity::ALL, Severity::as_str))]
    severity: Option<Severity>,
    /// Told of once it has stood for so many minutes
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=MINUTES_MAX))]
    pending: Option<u32>,
    /// Well again once it was so for so many minutes
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=MINUTES_MAX))]
    recovering: Option<u32>,
    /// Told of again after so many minutes, until somebody acknowledges it; 0: never
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=MINUTES_MAX))]
    repeat: Option<u32>,
    /// Older than so many minutes is too old; due within so many is near
    #[arg(long, value_name = "MINUTES", value_parser = clap::value_parser!(u32).range(0..=MINUTES_MAX))]
    age: Option<u32>,
    /// Of exceptions: only those of so many minor units (cents) or more, of whatever age
    #[arg(long, value_name = "MINOR", requires = "currency")]
    at_least: Option<u64>,
    /// The currency of --at-least
    #[arg(long, value_name = "CODE", requires = "at_least", value_parser = parse_currency)]
    currency: Option<Currency>,
    /// Do not watch it
    #[arg(long)]
    off: bool,
}

fn name(text: &str) -> Result<String, String> {
    if !is_name(text) {
        return Err(format!("expected 1 to {NAME_MAX} letters, digits, - or _"));
    }
    Ok(text.to_owned())
}

impl Add {
    /// Sets it.
    ///
    /// # Errors
    /// No condition, a flag that its condition does not take, or a database that fails.
    pub fn run(self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let named = Condition::from_word(&self.name);
        let condition = match (self.on, named) {
            (Some(on), Some(named)) if on != named => {
                let message = format!("'{}' is the standard rule on {}, and cannot be on {}", self.name, named.as_str(), on.as_str());
                return Err(Failure::new(Exit::Usage, message).hint("give it another name"));
            }
            (Some(condition), _) | (None, Some(condition)) => condition,
            (None, None) => {
                return Err(Failure::new(Exit::Usage, format!("'{}' is no standard rule; --on CONDITION says what is watched", self.name)));
            }
        };
        let usual = standard().into_iter().find(|rule| rule.condition == condition);
        if self.age.is_some() && usual.is_none_or(|rule| rule.age.is_none()) {
            return Err(Failure::new(Exit::Usage, format!("{} has no age", condition.as_str())));
        }
        let of_exceptions = [
            Condition::DepositMissing,
            Condition::SettlementMissing,
            Condition::MoneyUnexplained,
            Condition::ExceptionOpen,
        ];
        if self.at_least.is_some() && !of_exceptions.contains(&condition) {
            return Err(Failure::new(Exit::Usage, format!("{} has no amount", condition.as_str())));
        }
        let stored = StoredRule {
            condition: condition.as_str().to_owned(),
            severity: self.severity.map(|severity| severity.as_str().to_owned()),
            pending_minutes: self.pending,
            recovering_minutes: self.recovering,
            repeat_minutes: self.repeat,
            age_minutes: self.age,
            at_least_minor: self.at_least,
            currency: self.currency.map(|currency| currency.as_str().to_owned()),
            off: self.off,
        };
        let text = serde_json::to_string(&stored).map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
        open_to_write(config, outside)?.set_alert_rule(&self.name, Some(&text)).map_err(store_failure)?;
        note(config, &format!("the rule '{}' holds from the next look on: tieout alert rules", self.name));
        Ok(Exit::Fine)
    }
}

/// One rule, by its name.
#[derive(clap::Args, Debug)]
pub struct Named {
    /// Its name
    #[arg(value_name = "NAME")]
    name: String,
}

impl Named {
    /// Takes it back.
    ///
    /// # Errors
    /// No database, no such rule that was added, or a database that fails.
    pub fn remove(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        load::open(config)?;
        open_to_write(config, outside)?.set_alert_rule(&self.name, None).map_err(|error| match error {
            StoreError::Absent { .. } => Failure::new(Exit::Usage, format!("no rule '{}' was added", self.name))
                .hint(format!("a standard one is switched off: tieout alert add {} --off", self.name)),
            other => store_failure(other),
        })?;
        note(config, &format!("the rule '{}' is taken back", self.name));
        Ok(Exit::Fine)
    }
}

/// A name that is mistyped would silence nothing.
pub(super) fn check_name(store: &Store, name: Option<&str>) -> Result<(), Failure> {
    let Some(name) = name else { return Ok(()) };
    if rules(store)?.iter().any(|rule| rule.name == name) {
        return Ok(());
    }
    Err(Failure::new(Exit::Usage, format!("there is no alert rule '{name}'")).hint("tieout alert rules shows those that there are"))
}
