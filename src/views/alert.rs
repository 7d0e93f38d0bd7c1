//! Alerts, rules, channels and messages, as commands and pages show them.

use alerts::{Rule, Severity, State};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::value::RawValue;
use store::{AlertRow, ChannelState, MessageRow};

use crate::config::{Alerting, Channel};

/// A look that is older than this is no look: there are two a minute.
const LOOK_OLD: SignedDuration = SignedDuration::from_mins(5);

/// The rule of the one alert that says that nobody looks.
const LOOK: &str = "look";

/// What the list of alerts is worth: without a look that is fresh, nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Looked {
    /// Nobody has looked yet.
    Never,
    /// Nobody looks any more.
    Old(Timestamp),
    /// All that is not well is in the list.
    Fresh(Timestamp),
}

impl Looked {
    /// By when everything was looked at last.
    #[must_use]
    pub fn at(looked_at: Option<Timestamp>, now: Timestamp) -> Self {
        match looked_at {
            None => Self::Never,
            Some(at) if now.duration_since(at) > LOOK_OLD => Self::Old(at),
            Some(at) => Self::Fresh(at),
        }
    }

    /// What stands in a list for machines where nobody looks: an empty one would say that all is well.
    #[must_use]
    pub fn missing(self, now: Timestamp) -> Option<AlertRow> {
        let (since, what) = match self {
            Self::Fresh(_) => return None,
            Self::Never => (now, "Nobody has looked yet".to_owned()),
            Self::Old(at) => (at, format!("Nobody has looked since {at}")),
        };
        Some(AlertRow {
            rule: LOOK.to_owned(),
            subject: String::new(),
            condition: LOOK.to_owned(),
            severity: Severity::Critical.as_str().to_owned(),
            state: State::NoData.as_str().to_owned(),
            since,
            bad_since: since,
            told_at: None,
            acknowledged_at: None,
            what,
            how_much: None,
            done: None,
            to_do: "let tieout serve run: it looks twice a minute".to_owned(),
            look: None,
        })
    }
}

/// Something that is not well, or not known.
#[derive(Debug, Serialize)]
pub struct AlertView<'a> {
    /// `pending`, `alerting`, `recovering`, `no_data`, `error`.
    pub state: &'a str,
    /// `warning`, `critical`.
    pub severity: &'a str,
    /// The rule's name.
    pub rule: &'a str,
    /// What is looked at.
    pub condition: &'a str,
    /// What exactly.
    pub subject: &'a str,
    /// Since when it has not been well.
    pub since: Timestamp,
    /// When a person was told last.
    pub told_at: Option<Timestamp>,
    /// When a person said that they know.
    pub acknowledged_at: Option<Timestamp>,
    /// What is not well.
    pub what: &'a str,
    /// How much money, as people write it.
    pub how_much: Option<&'a str>,
    /// What was done already.
    pub done: Option<&'a str>,
    /// What to do.
    pub to_do: &'a str,
    /// The path of a page.
    pub look: Option<&'a str>,
}

impl<'a> AlertView<'a> {
    /// Of an alert.
    #[must_use]
    pub fn of(row: &'a AlertRow) -> Self {
        Self {
            state: &row.state,
            severity: &row.severity,
            rule: &row.rule,
            condition: &row.condition,
            subject: &row.subject,
            since: row.bad_since,
            told_at: row.told_at,
            acknowledged_at: row.acknowledged_at,
            what: &row.what,
            how_much: row.how_much.as_deref(),
            done: row.done.as_deref(),
            to_do: &row.to_do,
            look: row.look.as_deref(),
        }
    }
}

/// A rule.
#[derive(Debug, Serialize)]
pub struct RuleView<'a> {
    /// Its name.
    pub name: &'a str,
    /// What is looked at.
    pub condition: &'static str,
    /// `warning`, `critical`.
    pub severity: &'static str,
    /// Told of once it has stood for so long.
    pub pending_minutes: i64,
    /// Well again once it was so for so long.
    pub recovering_minutes: i64,
    /// Told of again after so long; null: never.
    pub repeat_minutes: Option<i64>,
    /// What is older is too old; what is due within this is near.
    pub age_minutes: Option<i64>,
    /// Only what is at least so much.
    pub at_least_minor: Option<u64>,
    /// The currency of that.
    pub currency: Option<&'a str>,
    /// Whether it is watched.
    pub enabled: bool,
}

impl<'a> RuleView<'a> {
    /// Of a rule.
    #[must_use]
    pub fn of(rule: &'a Rule) -> Self {
        Self {
            name: &rule.name,
            condition: rule.condition.as_str(),
            severity: rule.severity.as_str(),
            pending_minutes: rule.timing.pending.as_mins(),
            recovering_minutes: rule.timing.recovering.as_mins(),
            repeat_minutes: rule.timing.repeat.map(|repeat| repeat.as_mins()),
            age_minutes: rule.age.map(|age| age.as_mins()),
            at_least_minor: rule.at_least.as_ref().map(|(least, _)| *least),
            currency: rule.at_least.as_ref().map(|(_, currency)| currency.as_str()),
            enabled: rule.enabled,
        }
    }
}

impl RuleView<'_> {
    /// When it is told, in words.
    #[must_use]
    pub fn told(&self) -> String {
        if !self.enabled {
            return "never: it is off".to_owned();
        }
        let after = match self.pending_minutes {
            0 => "at once".to_owned(),
            pending => format!("after {}", minutes(pending)),
        };
        match self.repeat_minutes {
            Some(repeat) => format!("{after}, again each {}", minutes(repeat)),
            None => format!("{after}, and not again"),
        }
    }
}

/// A length of time as people say it.
#[must_use]
pub fn minutes(minutes: i64) -> String {
    match minutes {
        ..120 => format!("{minutes} min"),
        120..2_880 => format!("{} h", minutes / 60),
        _ => format!("{} d", minutes / 1_440),
    }
}

/// A channel, without its address: that may be a secret.
#[derive(Debug, Serialize)]
pub struct ChannelView<'a> {
    /// Its name.
    pub name: &'a str,
    /// `mail`, `webhook`, `slack`, `heartbeat`.
    pub kind: &'static str,
    /// Nothing less is told.
    pub least: &'static str,
    /// Only what nobody has acknowledged for so long.
    pub after_hours: Option<i64>,
    /// Why it cannot be used; null where it can.
    pub unusable: Option<&'a str>,
    /// Since when nothing goes out; null where the last message did.
    pub failing_since: Option<Timestamp>,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// Of a heartbeat, when it was called last.
    pub called_at: Option<Timestamp>,
}

impl<'a> ChannelView<'a> {
    /// Of a channel of these settings, and how it stands where something was sent.
    #[must_use]
    pub fn of(alerting: &'a Alerting, channel: &'a Channel, state: Option<&ChannelState>) -> Self {
        Self {
            name: &channel.name,
            kind: channel.kind.as_str(),
            least: channel.least.as_str(),
            after_hours: channel.after.map(|after| after.as_hours()),
            unusable: alerting.unusable(channel),
            failing_since: state.and_then(|state| state.failing_since),
            disabled_at: state.and_then(|state| state.disabled_at),
            called_at: state.and_then(|state| state.called_at),
        }
    }

    /// How it stands, in words.
    #[must_use]
    pub fn state(&self) -> String {
        match (self.unusable, self.disabled_at, self.failing_since, self.called_at) {
            (Some(why), ..) => format!("cannot be used: {why}"),
            (None, Some(at), ..) => format!("disabled since {at}; tieout alert test {} enables it", self.name),
            (None, None, Some(since), _) => format!("nothing goes out since {since}"),
            (None, None, None, Some(at)) => format!("called at {at}"),
            (None, None, None, None) => "ready".to_owned(),
        }
    }
}

/// A message.
#[derive(Debug, Serialize)]
pub struct MessageView<'a> {
    /// Its id, the same however often it is sent.
    pub id: &'a str,
    /// The channel's name.
    pub channel: &'a str,
    /// When it was written.
    pub written_at: Timestamp,
    /// `waiting`, `sent`, `failed`.
    pub state: &'static str,
    /// How often it was tried.
    pub attempts: u32,
    /// Of one that waits: not before this.
    pub try_at: Option<Timestamp>,
    /// When it was sent, or given up.
    pub ended_at: Option<Timestamp>,
    /// Of the last answer.
    pub http_status: Option<u16>,
    /// What went wrong last.
    pub error: Option<&'a str>,
    /// In a line.
    pub subject: &'a str,
    /// As programs get it.
    pub body: Option<&'a RawValue>,
}

impl<'a> MessageView<'a> {
    /// Of a message.
    #[must_use]
    pub fn of(row: &'a MessageRow) -> Self {
        let waits = row.ended_at.is_none();
        Self {
            id: &row.message.id,
            channel: &row.message.channel,
            written_at: row.message.added_at,
            state: row.state.as_str(),
            attempts: row.attempts,
            try_at: waits.then_some(row.message.try_at),
            ended_at: row.ended_at,
            http_status: row.http_status,
            error: row.error.as_deref(),
            subject: &row.message.subject,
            body: serde_json::from_str(&row.message.body).ok(),
        }
    }
}
