//! Looking at what is watched, and sending what tells of it, beside the runs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use store::{MessageRow, Store};
use tokio::sync::mpsc;

use crate::alerting::look::{Habits, Look};
use crate::alerting::post::{DISABLED_AFTER, Outcome, Post};
use crate::alerting::{announce, look_at_everything};
use crate::config::{ChannelKind, Config};
use crate::exit::Failure;
use crate::outside::{Mishap, Outside};
use crate::views::load::store_failure;

/// How often everything is looked at: twice within the minute in which a miss is to be told.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// How long after a look something that has happened brings the next: of many runs that end together one look tells.
const LOOK_AGAIN: SignedDuration = SignedDuration::from_secs(1);

/// So many messages of a channel are taken up at once.
const MESSAGES_AT_ONCE: u32 = 50;

/// A channel that did not take a message is left alone for so long at most; the message itself may wait for longer.
const HELD_MAX: SignedDuration = SignedDuration::from_mins(5);

/// So many outcomes may wait to be noted.
const OUTCOMES_MAX: usize = 100;

/// A message or a heartbeat, and what came of it.
pub enum Sent {
    /// A message.
    Message(Box<MessageRow>, Outcome),
    /// The last message of a channel's turn was tried.
    TurnOver(String),
    /// A heartbeat, by its channel's name.
    Beat(String, Outcome),
}

/// What tells of alerts in one process.
pub struct Telling {
    outside: Outside,
    post: Post,
    /// Where readers reach the pages.
    pages: String,
    habits: Habits,
    looked_at: Timestamp,
    next_look: Timestamp,
    /// Channels that something is being sent to.
    busy: BTreeSet<String>,
    /// Channels that are left alone until an instant.
    held: BTreeMap<String, Timestamp>,
    sender: mpsc::Sender<Sent>,
}

impl Telling {
    /// What tells by these settings, and where it hears what came of it. `pages` is where the pages are served.
    pub fn new(outside: &Outside, config: &Config, pages: &str) -> (Self, mpsc::Receiver<Sent>) {
        let (sender, receiver) = mpsc::channel(OUTCOMES_MAX);
        let pages = config.alerting.public_url.clone().unwrap_or_else(|| pages.to_owned());
        let (busy, held) = (BTreeSet::new(), BTreeMap::new());
        let (outside, post) = (outside.clone(), Post::new(outside, &config.alerting));
        let (habits, looked_at, next_look) = (Habits::default(), Timestamp::MIN, Timestamp::MIN);
        (Self { outside, post, pages, habits, looked_at, next_look, busy, held, sender }, receiver)
    }

    /// Lets the next look be at once: what it finds is to be told before anything else is done.
    pub fn hurry(&mut self) {
        self.next_look = Timestamp::MIN;
    }

    /// Lets the next look be soon: something has happened.
    pub fn look_soon(&mut self) {
        let soon = self.looked_at.checked_add(LOOK_AGAIN).unwrap_or(Timestamp::MAX);
        self.next_look = self.next_look.min(soon);
    }

    /// Looks where it is time to, and sends what is due. Returns when there is something to do next.
    ///
    /// # Errors
    /// Those of the database.
    pub fn round(&mut self, store: &mut Store, outside: &Outside, config: &Config) -> Result<Timestamp, Failure> {
        let now = outside.now();
        if now >= self.next_look || self.next_look.duration_since(now) > LOOK_EVERY {
            self.look(store, outside, config, now)?;
            self.looked_at = now;
            self.next_look = now.checked_add(LOOK_EVERY).unwrap_or(Timestamp::MAX);
        }
        if announce(store, outside, &config.alerting, now)? {
            // What else happened becomes messages at the next round, and meanwhile these go out.
            self.send_what_is_due(store, now)?;
            return Ok(now);
        }
        self.send_what_is_due(store, now)?;
        let message = store.next_message_due().map_err(store_failure)?;
        // What is due already waits for its channel, whose end wakes this up, or for the end of its hold.
        let message = message.filter(|at| *at > now);
        let hold = self.held.values().copied().filter(|at| *at > now).min();
        Ok([Some(self.next_look), message, hold].into_iter().flatten().min().unwrap_or(self.next_look))
    }

    fn look(&mut self, store: &mut Store, outside: &Outside, config: &Config, now: Timestamp) -> Result<(), Failure> {
        let settled = {
            let mut look = Look { store, outside, config, now, habits: &mut self.habits };
            look_at_everything(&mut look, &self.pages)?
        };
        for row in settled.put.iter().filter(|row| row.told_at == Some(now)) {
            tracing::warn!("alert {} {}: {}; {}", row.severity, row.rule, row.what, row.to_do);
        }
        store.settle_alerts(&settled, now).map_err(store_failure)?;
        // Only who has looked at everything may say that somebody has.
        self.beat(store, config, now)
    }

    fn beat(&mut self, store: &Store, config: &Config, now: Timestamp) -> Result<(), Failure> {
        let states = store.channel_states().map_err(store_failure)?;
        for channel in &config.alerting.channels {
            let ChannelKind::Heartbeat { url, every } = &channel.kind else { continue };
            let called_at = states.iter().find(|state| state.name == channel.name).and_then(|state| state.called_at);
            // The look nearest to its time: one that is half a look early is in time, one that is late is not.
            let is_due = called_at.is_none_or(|at| now.duration_since(at) >= *every - LOOK_EVERY / 2 || at > now);
            if is_due && self.is_free(&channel.name, now) && self.busy.insert(channel.name.clone()) {
                let (post, sender, url, name) = (self.post.clone(), self.sender.clone(), url.clone(), channel.name.clone());
                tokio::spawn(async move {
                    let outcome = post.beat(&url).await;
                    // Nobody listens any more when the server stops.
                    let _ = sender.send(Sent::Beat(name, outcome)).await;
                });
            }
        }
        Ok(())
    }

    fn send_what_is_due(&mut self, store: &Store, now: Timestamp) -> Result<(), Failure> {
        let mut turns: BTreeMap<String, Vec<MessageRow>> = BTreeMap::new();
        for row in store.due_messages(now, MESSAGES_AT_ONCE).map_err(store_failure)? {
            turns.entry(row.message.channel.clone()).or_default().push(row);
        }
        for (channel, rows) in turns {
            if self.is_free(&channel, now) && self.busy.insert(channel.clone()) {
                let (post, sender) = (self.post.clone(), self.sender.clone());
                tokio::spawn(async move {
                    for row in rows {
                        let outcome = post.send(&row.message).await;
                        let is_sent = outcome.is_sent();
                        if sender.send(Sent::Message(Box::new(row), outcome)).await.is_err() || !is_sent {
                            // Who did not take this one would not take the next.
                            break;
                        }
                    }
                    let _ = sender.send(Sent::TurnOver(channel)).await;
                });
            }
        }
        Ok(())
    }

    fn is_free(&self, channel: &str, now: Timestamp) -> bool {
        !self.busy.contains(channel) && self.held.get(channel).is_none_or(|until| *until <= now)
    }

    /// Notes what came of something that was sent. Without a database it is sent again, with the same id.
    ///
    /// # Errors
    /// Those of the database.
    pub fn note(&mut self, store: Option<&mut Store>, sent: Sent, now: Timestamp) -> Result<(), Failure> {
        match sent {
            Sent::TurnOver(channel) => {
                self.busy.remove(&channel);
                Ok(())
            }
            Sent::Beat(channel, outcome) => {
                self.busy.remove(&channel);
                if let Some(error) = &outcome.error {
                    self.outside.mishap(Mishap::WatchmanAway, &format!("the heartbeat '{channel}' was not taken: {error}"));
                }
                // One that was not taken is called again by the next look: the watchman is to hear of it when he is back.
                match store.filter(|_| outcome.is_sent()) {
                    Some(store) => store.heartbeat_called(&channel, now).map_err(store_failure),
                    None => Ok(()),
                }
            }
            Sent::Message(row, outcome) => {
                let Some(store) = store else { return Ok(()) };
                self.note_message(store, &row, &outcome, now)
            }
        }
    }

    fn note_message(&mut self, store: &mut Store, row: &MessageRow, outcome: &Outcome, now: Timestamp) -> Result<(), Failure> {
        let tried = outcome.tried(row, now);
        let channel = &row.message.channel;
        store.message_tried(row, &tried, now).map_err(store_failure)?;
        match tried.try_at {
            // One that is never taken must not keep what comes after it for hours.
            Some(until) => self.held.insert(channel.clone(), until.min(now.checked_add(HELD_MAX).unwrap_or(until))),
            None => self.held.remove(channel),
        };
        if let Some(not_taken) = &outcome.not_taken {
            self.outside.mishap(Mishap::RecipientRefused, &format!("a mail of the channel '{channel}' was {not_taken}"));
        }
        let Some(error) = &outcome.error else { return Ok(()) };
        tracing::warn!("a message to the channel '{channel}' was not taken, try {}: {error}", row.attempts + 1);
        let states = store.channel_states().map_err(store_failure)?;
        let failing_since = states.iter().find(|state| state.name == *channel).and_then(|state| state.failing_since);
        if outcome.is_gone() || failing_since.is_some_and(|since| now.duration_since(since) >= DISABLED_AFTER) {
            tracing::warn!("the channel '{channel}' is disabled: tieout alert test {channel} enables it");
            store.disable_channel(channel, Some(now)).map_err(store_failure)?;
        }
        Ok(())
    }
}
