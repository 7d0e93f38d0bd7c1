//! The rules that hold: the standard ones, and those that a person has set in their place or beside them.

use alerts::{Condition, Rule, Severity, Timing, standard};
use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use store::Store;

use crate::exit::{Exit, Failure};
use crate::views::load::store_failure;

/// A rule as it is kept and shown. What is left out is as in the standard rule of its condition.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoredRule {
    /// What is looked at.
    pub condition: String,
    /// How loudly to tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<String>,
    /// How long it must stand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pending_minutes: Option<u32>,
    /// How long it must be well again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recovering_minutes: Option<u32>,
    /// Told of again so long after it was told of; 0: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub repeat_minutes: Option<u32>,
    /// What is older than this is too old; what is due within this is near.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub age_minutes: Option<u32>,
    /// Only what is at least so much, in minor units of `currency`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least_minor: Option<u64>,
    /// The currency of `at_least_minor`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<String>,
    /// Whether it is not watched.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub off: bool,
}

/// Every rule: the standard ones but those of which another is set, then the others by name.
///
/// # Errors
/// A database that fails, or a rule that cannot be read.
pub fn rules(store: &Store) -> Result<Vec<Rule>, Failure> {
    let mut all = standard();
    for (name, text) in store.alert_rules().map_err(store_failure)? {
        let rule = read(&name, &text)?;
        match all.iter_mut().find(|known| known.name == name) {
            Some(known) => *known = rule,
            None => all.push(rule),
        }
    }
    Ok(all)
}

fn read(name: &str, text: &str) -> Result<Rule, Failure> {
    let unknown = |what: String| {
        Failure::new(Exit::Failed, format!("the alert rule '{name}' cannot be read: {what}"))
            .hint(format!("a newer version may have set it; tieout alert remove {name} takes it back"))
    };
    let stored: StoredRule = serde_json::from_str(text).map_err(|error| unknown(error.to_string()))?;
    let condition = Condition::from_word(&stored.condition).ok_or_else(|| unknown(format!("'{}'", stored.condition)))?;
    stored.rule(name, condition).ok_or_else(|| unknown("its severity".to_owned()))
}

impl StoredRule {
    /// The rule; `None` where its severity is no word.
    #[must_use]
    pub fn rule(&self, name: &str, condition: Condition) -> Option<Rule> {
        let usual = standard().into_iter().find(|rule| rule.condition == condition)?;
        let minutes = |minutes: u32| SignedDuration::from_mins(i64::from(minutes));
        let severity = match &self.severity {
            Some(word) => Severity::from_word(word)?,
            None => usual.severity,
        };
        Some(Rule {
            name: name.to_owned(),
            condition,
            severity,
            timing: Timing {
                pending: self.pending_minutes.map_or(usual.timing.pending, minutes),
                recovering: self.recovering_minutes.map_or(usual.timing.recovering, minutes),
                repeat: self.repeat_minutes.map_or(usual.timing.repeat, |given| Some(minutes(given)).filter(|_| given > 0)),
            },
            age: self.age_minutes.map(minutes).or(usual.age),
            at_least: self.at_least_minor.zip(self.currency.clone()),
            enabled: !self.off,
        })
    }
}
