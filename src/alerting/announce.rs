//! What happened, to each channel that hears of it: one message of its own, for programs.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use serde_json::value::RawValue;
use store::{Announcement, AnnouncementKind, MessageWrite, Store};

use super::compose::new_id;
use crate::config::{Alerting, Channel};
use crate::exit::Failure;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// So much that happened becomes messages at once.
const AT_ONCE: u32 = 200;

/// The body, after the Standard Webhooks specification: `timestamp` is when it happened, however late it is told.
#[derive(serde::Serialize)]
struct Body<'a> {
    r#type: &'static str,
    timestamp: Timestamp,
    data: &'a RawValue,
}

/// What is to be noted from now on: what any channel of these settings hears of.
///
/// # Errors
/// Those of the database.
pub fn listen(store: &mut Store, alerting: &Alerting) -> Result<(), Failure> {
    let wanted: BTreeSet<AnnouncementKind> = alerting.channels.iter().flat_map(|channel| channel.events.clone()).collect();
    store.want_announcements(&wanted).map_err(store_failure)
}

/// Makes messages of what has happened, and keeps them. Returns whether there may be more.
///
/// # Errors
/// Those of the database.
pub fn announce(store: &mut Store, outside: &Outside, alerting: &Alerting, now: Timestamp) -> Result<bool, Failure> {
    let happened = store.announcements(AT_ONCE).map_err(store_failure)?;
    let Some(last) = happened.last() else { return Ok(false) };
    let mut messages: Vec<MessageWrite> = Vec::new();
    for (one, place) in happened.iter().zip(0_i64..) {
        // Messages of one instant have no order: a channel hears what happened in its order.
        let at = now.checked_add(SignedDuration::from_micros(place)).unwrap_or(now);
        let hears = alerting.channels.iter().filter(|channel| channel.events.contains(&one.kind));
        messages.extend(hears.filter_map(|channel| message(outside, channel, one, at)));
    }
    store.announced(last.id, &messages).map_err(store_failure)?;
    Ok(happened.len() >= AT_ONCE.try_into().unwrap_or(usize::MAX))
}

/// What was noted as JSON is sent as it is; what is none says nothing.
fn message(outside: &Outside, channel: &Channel, happened: &Announcement, now: Timestamp) -> Option<MessageWrite> {
    let data: &RawValue = serde_json::from_str(&happened.data).ok()?;
    let kind = happened.kind.as_str();
    Some(MessageWrite {
        id: new_id(outside),
        channel: channel.name.clone(),
        subject: format!("{kind} {}", subject(&happened.data)),
        text: happened.data.clone(),
        body: serde_json::to_string(&Body { r#type: kind, timestamp: happened.happened_at.unwrap_or(now), data }).ok()?,
        added_at: now,
        try_at: now,
    })
}

/// The id of what it happened to.
fn subject(data: &str) -> String {
    let data: serde_json::Value = serde_json::from_str(data).unwrap_or_default();
    let id = ["payout", "exception", "schedule"].iter().find_map(|key| data.get(*key)?.as_str());
    id.unwrap_or_default().to_owned()
}
