//! Which channel is told what, when: by how loud it is, how long it has stood, and the quiet hours.

use alerts::{Message, QuietHours, Severity, Told};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::MessageWrite;

use super::look::Look;
use crate::config::{Channel, ChannelKind};
use crate::exit::Failure;
use crate::outside::Outside;
use crate::views::load;

/// Something that a channel may be told of.
pub struct Due {
    /// What.
    pub told: Told,
    /// How long it has not been well.
    pub stood: SignedDuration,
    /// Whether a person had said that they know.
    pub was_acknowledged: bool,
    /// `Some`: it is no news, but for channels that hear only of what has stood for long: how long it had at the look before.
    pub has_just_come_of_age: Option<SignedDuration>,
}

/// A message to each channel that is told something.
pub(super) fn messages(look: &Look<'_>, due: &[Due]) -> Result<Vec<MessageWrite>, Failure> {
    if due.is_empty() || look.config.alerting.channels.is_empty() {
        return Ok(Vec::new());
    }
    let zone = load::zone(look.config, look.store)?;
    let composing = Composing { outside: look.outside, now: look.now, quiet: look.config.alerting.quiet, zone };
    Ok(look.config.alerting.channels.iter().flat_map(|channel| composing.to(channel, due)).collect())
}

struct Composing<'a> {
    outside: &'a Outside,
    now: Timestamp,
    quiet: Option<QuietHours>,
    zone: TimeZone,
}

impl Composing<'_> {
    fn to(&self, channel: &Channel, due: &[Due]) -> Vec<MessageWrite> {
        let told: Vec<Told> = due.iter().filter(|due| hears(channel, due)).map(|due| due.told.clone()).collect();
        match &channel.kind {
            ChannelKind::Heartbeat { .. } => Vec::new(),
            // A program wants each for itself, at once.
            ChannelKind::Webhook { .. } => {
                told.iter().filter_map(|one| self.message(channel, std::slice::from_ref(one), self.now)).collect()
            }
            ChannelKind::Mail { .. } | ChannelKind::Slack { .. } => {
                let (loud, quiet): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|one| one.severity == Severity::Critical);
                let end = self.quiet.and_then(|quiet| quiet.end(&self.zone, self.now));
                match end {
                    Some(end) => [self.message(channel, &loud, self.now), self.message(channel, &quiet, end)]
                        .into_iter()
                        .flatten()
                        .collect(),
                    None => self.message(channel, &[loud, quiet].concat(), self.now).into_iter().collect(),
                }
            }
        }
    }

    fn message(&self, channel: &Channel, told: &[Told], try_at: Timestamp) -> Option<MessageWrite> {
        let Message { subject, text } = Message::of(told)?;
        Some(MessageWrite {
            id: new_id(self.outside),
            channel: channel.name.clone(),
            subject,
            text,
            body: body(told, self.now),
            added_at: self.now,
            try_at,
        })
    }
}

/// The id of a message.
pub fn new_id(outside: &Outside) -> String {
    format!("msg_{:016x}{:016x}", outside.random(), outside.random())
}

/// Whether a channel is told of it.
fn hears(channel: &Channel, due: &Due) -> bool {
    if due.told.severity < channel.least {
        return false;
    }
    match (channel.after, due.has_just_come_of_age) {
        (None, news) => news.is_none(),
        // It has stood long enough since the look before.
        (Some(after), Some(before)) => before < after && due.stood >= after,
        // Told for the first time when it has stood for long already, or over: who was never told of it needs not be told that.
        (Some(after), None) => due.stood >= after && !due.was_acknowledged,
    }
}

/// The same for programs, after the Standard Webhooks specification: type, timestamp, data.
fn body(told: &[Told], now: Timestamp) -> String {
    let data: Vec<serde_json::Value> = told.iter().map(data).collect();
    let (kind, data) = match (told, data.as_slice()) {
        ([one], [data]) => (format!("alert.{}", one.notice.as_str()), data.clone()),
        _ => ("alert.several".to_owned(), json!(data)),
    };
    json!({ "type": kind, "timestamp": now, "data": data }).to_string()
}

fn data(told: &Told) -> serde_json::Value {
    json!({
        "rule": told.rule,
        "condition": told.condition.as_str(),
        "severity": told.severity.as_str(),
        "subject": told.subject,
        "what": told.what,
        "how_much": told.how_much,
        "since": told.since,
        "done": told.done,
        "to_do": told.to_do,
        "link": told.link,
    })
}

#[cfg(test)]
mod tests {
    use alerts::{Condition, Notice};

    use super::*;

    fn due(notice: Notice, stood: i64, before: Option<i64>, was_acknowledged: bool) -> Due {
        let told = Told {
            notice,
            rule: "run_failed".to_owned(),
            condition: Condition::RunFailed,
            severity: Severity::Critical,
            subject: "a".to_owned(),
            what: "it failed".to_owned(),
            how_much: None,
            since: Timestamp::UNIX_EPOCH,
            done: None,
            to_do: "look".to_owned(),
            link: None,
        };
        let minutes = SignedDuration::from_mins;
        Due { told, stood: minutes(stood), was_acknowledged, has_just_come_of_age: before.map(minutes) }
    }

    #[test]
    fn who_hears_only_of_what_has_stood_for_long_hears_it_once_and_that_it_is_over_only_of_what_they_heard() {
        let channel = Channel {
            name: "head".to_owned(),
            kind: ChannelKind::Mail { to: Vec::new() },
            least: Severity::Warning,
            after: Some(SignedDuration::from_mins(60)),
        };
        let hears = |due| hears(&channel, &due);
        assert!(!hears(due(Notice::Opened, 0, None, false)));
        assert!(!hears(due(Notice::Again, 59, Some(58), false)) && !hears(due(Notice::Again, 61, Some(60), false)));
        assert!(hears(due(Notice::Again, 60, Some(59), false)));
        assert!(hears(due(Notice::Opened, 90, None, false)), "told for the first time when it has stood for long already");
        assert!(hears(due(Notice::Recovered, 90, None, false)));
        assert!(!hears(due(Notice::Recovered, 90, None, true)), "somebody knew of it");
        assert!(!hears(due(Notice::Recovered, 30, None, false)));
    }
}
