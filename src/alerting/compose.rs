//! Which channel is told what, when: by how loud it is, how long it has stood, and the quiet hours.

use alerts::{Message, Severity, Told};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use store::{MessageRow, MessageWrite};

use super::held::{self, Data};
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

/// Messages to the channels that are told something, and the ids of those that have not been sent and are told anew by these.
#[derive(Default)]
pub(super) struct Composed {
    pub messages: Vec<MessageWrite>,
    pub replaced: Vec<String>,
}

/// What each channel is told.
pub(super) fn messages(look: &Look<'_>, due: &[Due]) -> Result<Composed, Failure> {
    if due.is_empty() || look.config.alerting.channels.is_empty() {
        return Ok(Composed::default());
    }
    let zone = load::zone(look.config, look.store)?;
    let quiet_until = look.config.alerting.quiet.and_then(|quiet| quiet.end(&zone, look.now));
    // What waits may wait for the end of quiet hours that were others then.
    let waiting = look.store.untried_messages(look.now).map_err(load::store_failure)?;
    let mut composing = Composing { outside: look.outside, now: look.now, quiet_until, waiting, composed: Composed::default() };
    look.config.alerting.channels.iter().for_each(|channel| composing.tell(channel, due));
    Ok(composing.composed)
}

struct Composing<'a> {
    outside: &'a Outside,
    now: Timestamp,
    quiet_until: Option<Timestamp>,
    /// What waits for the end of the quiet hours.
    waiting: Vec<MessageRow>,
    composed: Composed,
}

impl Composing<'_> {
    fn tell(&mut self, channel: &Channel, due: &[Due]) {
        let told: Vec<Told> = due.iter().filter(|due| hears(channel, due)).map(|due| due.told.clone()).collect();
        match &channel.kind {
            ChannelKind::Heartbeat { .. } => {}
            // A program wants each for itself, at once.
            ChannelKind::Webhook { .. } => told.iter().for_each(|one| self.add(channel, std::slice::from_ref(one), self.now)),
            ChannelKind::Mail { .. } | ChannelKind::Slack { .. } => {
                let (loud, quiet): (Vec<Told>, Vec<Told>) = told.into_iter().partition(|one| one.severity == Severity::Critical);
                match self.quiet_until {
                    Some(end) => {
                        self.add(channel, &loud, self.now);
                        self.add_to_what_waits(channel, quiet, end);
                    }
                    None => self.add_to_what_waits(channel, [loud, quiet].concat(), self.now),
                }
            }
        }
    }

    fn add(&mut self, channel: &Channel, told: &[Told], try_at: Timestamp) {
        self.composed.messages.extend(self.message(channel, told, try_at));
    }

    fn add_to_what_waits(&mut self, channel: &Channel, told: Vec<Told>, at: Timestamp) {
        if told.is_empty() {
            return;
        }
        let of_channel = self.waiting.iter().filter(|row| row.message.channel == channel.name);
        let waited = of_channel.filter_map(|row| Some((row.message.id.clone(), held::told(&row.message.body)?)));
        let (ids, waited): (Vec<String>, Vec<Vec<Told>>) = waited.unzip();
        self.composed.replaced.extend(ids);
        self.add(channel, &held::together(waited.concat(), told), at);
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
    if !channel.alerts || due.told.severity < channel.least {
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
    let (kind, data) = match told {
        [one] => (format!("alert.{}", one.notice.as_str()), json!(Data::of(one))),
        _ => ("alert.several".to_owned(), json!(told.iter().map(Data::of).collect::<Vec<_>>())),
    };
    json!({ "type": kind, "timestamp": now, "data": data }).to_string()
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
            alerts: true,
            events: Default::default(),
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
