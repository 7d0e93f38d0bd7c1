//! From what was found, and how it stood before, to how it stands now and what to tell.

use std::collections::BTreeMap;

use alerts::{Notice, Reading, Rule, Standing, State, Told, next};
use jiff::{SignedDuration, Timestamp};
use store::{AlertRow, AlertsSettled, Silence};

use super::compose::{Due, messages};
use super::look::{Finding, Look, by_subject, failed};
use super::rules::rules;
use crate::exit::Failure;
use crate::views::load::store_failure;

/// Looks at everything by every rule. Returns what that changes, with the messages to each channel. `pages` is where readers reach the pages.
///
/// # Errors
/// A database that cannot be read at all.
pub fn look_at_everything(look: &mut Look<'_>, pages: &str) -> Result<AlertsSettled, Failure> {
    let store = look.store;
    let before = store.alerts().map_err(store_failure)?;
    let silences = store.silences(look.now).map_err(store_failure)?;
    let looked_at = store.looked_at().map_err(store_failure)?;
    let mut judging = Judging { silences, now: look.now, looked_at, pages, settled: AlertsSettled::default(), due: Vec::new() };
    let mut by_rule: BTreeMap<String, Vec<AlertRow>> = BTreeMap::new();
    before.into_iter().for_each(|row| by_rule.entry(row.rule.clone()).or_default().push(row));
    for rule in rules(store)?.into_iter().filter(|rule| rule.enabled) {
        let rows = by_rule.remove(&rule.name).unwrap_or_default();
        judging.judge(&rule, rows, look.by(&rule));
    }
    // What is not watched any more is forgotten, and not called well.
    judging.settled.gone.extend(by_rule.into_values().flatten().map(|row| (row.rule, row.subject)));
    let Judging { mut settled, due, .. } = judging;
    let composed = messages(look, &due)?;
    (settled.messages, settled.replaced) = (composed.messages, composed.replaced);
    Ok(settled)
}

struct Judging<'a> {
    silences: Vec<Silence>,
    now: Timestamp,
    looked_at: Option<Timestamp>,
    pages: &'a str,
    settled: AlertsSettled,
    due: Vec<Due>,
}

impl Judging<'_> {
    fn judge(&mut self, rule: &Rule, rows: Vec<AlertRow>, found: Result<Vec<Finding>, Failure>) {
        let (mut found, otherwise) = match found {
            Ok(found) => (by_subject(found), Reading::Fine),
            Err(failure) => (by_subject(vec![failed(rule, &failure)]), Reading::Error),
        };
        for row in rows {
            let finding = found.remove(&row.subject);
            let reading = finding.as_ref().map_or(otherwise, |finding| finding.reading);
            self.settle(rule, Some(&row), reading, finding.as_ref().map_or_else(|| finding_of(&row), Finding::clone));
        }
        for finding in found.into_values() {
            self.settle(rule, None, finding.reading, finding.clone());
        }
    }

    fn settle(&mut self, rule: &Rule, row: Option<&AlertRow>, reading: Reading, finding: Finding) {
        let before = row.map_or(Standing::unknown(self.now), standing);
        let is_silenced = self.is_silenced(&rule.name, &finding.subject);
        let (after, notice) = next(before, reading, self.now, rule.timing, is_silenced);
        let bad_since = after.bad_since.or(before.bad_since).unwrap_or(self.now);
        let told = |notice| told(rule, &finding, notice, bad_since, self.pages);
        if let Some(notice) = notice {
            let stood = self.now.duration_since(bad_since);
            let was_acknowledged = before.acknowledged;
            self.due.push(Due { told: told(notice), stood, was_acknowledged, has_just_come_of_age: None });
        } else if after.told_at.is_some() && !after.acknowledged && !is_silenced && after.state != State::Recovering {
            let since_last = self.looked_at.map(|looked_at| looked_at.duration_since(bad_since));
            let stood = self.now.duration_since(bad_since);
            self.due.push(Due {
                told: told(Notice::Again),
                stood,
                was_acknowledged: false,
                has_just_come_of_age: Some(since_last.unwrap_or(SignedDuration::ZERO)),
            });
        }
        match (after.state, row) {
            (State::Normal, Some(row)) => self.settled.gone.push((row.rule.clone(), row.subject.clone())),
            (State::Normal, None) => {}
            _ => {
                let now = kept(rule, finding, after, bad_since, row.and_then(|row| row.acknowledged_at));
                if row != Some(&now) {
                    self.settled.put.push(now);
                }
            }
        }
    }

    fn is_silenced(&self, rule: &str, subject: &str) -> bool {
        let fits = |wanted: &Option<String>, text: &str| wanted.as_deref().is_none_or(|wanted| wanted == text);
        self.silences.iter().any(|silence| fits(&silence.rule, rule) && fits(&silence.subject, subject))
    }
}

fn standing(row: &AlertRow) -> Standing {
    Standing {
        state: State::from_word(&row.state).unwrap_or(State::Alerting),
        since: row.since,
        bad_since: Some(row.bad_since),
        told_at: row.told_at,
        acknowledged: row.acknowledged_at.is_some(),
    }
}

/// What was found before, of what is well or cannot be told now.
fn finding_of(row: &AlertRow) -> Finding {
    Finding {
        subject: row.subject.clone(),
        reading: Reading::Bad,
        what: row.what.clone(),
        how_much: row.how_much.clone(),
        done: row.done.clone(),
        to_do: row.to_do.clone(),
        look: row.look.clone(),
    }
}

fn kept(rule: &Rule, finding: Finding, after: Standing, bad_since: Timestamp, acknowledged_at: Option<Timestamp>) -> AlertRow {
    AlertRow {
        rule: rule.name.clone(),
        subject: finding.subject,
        condition: rule.condition.as_str().to_owned(),
        severity: rule.severity.as_str().to_owned(),
        state: after.state.as_str().to_owned(),
        since: after.since,
        bad_since,
        told_at: after.told_at,
        acknowledged_at,
        what: finding.what,
        how_much: finding.how_much,
        done: finding.done,
        to_do: finding.to_do,
        look: finding.look,
    }
}

fn told(rule: &Rule, finding: &Finding, notice: Notice, since: Timestamp, pages: &str) -> Told {
    Told {
        notice,
        rule: rule.name.clone(),
        condition: rule.condition,
        severity: rule.severity,
        subject: finding.subject.clone(),
        what: finding.what.clone(),
        how_much: finding.how_much.clone(),
        since,
        done: finding.done.clone(),
        to_do: finding.to_do.clone(),
        link: finding.look.as_ref().map(|path| format!("{pages}{path}")),
    }
}
