//! A merchant of whom several things are not well, and who has told it.

use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use store::{AlertRow, AlertsSettled, MessageState, MessageTried, MessageWrite, NoPoints, Silence, Store};

use super::{HOSTILE, merchant};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn alert(rule: &str, subject: &str, state: &str, what: &str) -> AlertRow {
    AlertRow {
        rule: rule.to_owned(),
        subject: subject.to_owned(),
        condition: rule.to_owned(),
        severity: "critical".to_owned(),
        state: state.to_owned(),
        since: at("2026-10-05T07:00:00Z"),
        bad_since: at("2026-10-05T05:00:00Z"),
        told_at: Some(at("2026-10-05T05:00:00Z")),
        acknowledged_at: None,
        what: what.to_owned(),
        how_much: None,
        done: None,
        to_do: "look at the history".to_owned(),
        look: None,
    }
}

fn message(id: &str, channel: &str, subject: &str) -> MessageWrite {
    let (text, body) = (subject.to_owned(), "{}".to_owned());
    let at = at("2026-10-05T05:00:00Z");
    MessageWrite {
        id: id.to_owned(),
        channel: channel.to_owned(),
        subject: subject.to_owned(),
        text,
        body,
        added_at: at,
        try_at: at,
    }
}

/// The last sync failed, a deposit is missing, there is no backup, and the text of one is hostile.
pub fn merchant_in_trouble(path: &Path) {
    merchant(path);
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    let look = Some("/schedules/nightly".to_owned());
    let done = Some("tried 4 times from 2026-10-05T05:00:00Z on".to_owned());
    let failed = AlertRow {
        look,
        done,
        ..alert("run_failed", "nightly", "alerting", "The schedule 'nightly' failed after 4 tries: status 503")
    };
    let how_much = Some("1,204.50 USD".to_owned());
    let missing = AlertRow { how_much, ..alert("deposit_missing", "ex_1", "alerting", HOSTILE) };
    let backup = alert("backup_stale", "backups", "no_data", "'backups' has made no backup since it was added");
    let pending = AlertRow {
        severity: "warning".to_owned(),
        ..alert("sync_incomplete", HOSTILE, "pending", "The sync did not read everything")
    };
    let settled = AlertsSettled { put: vec![failed, missing, backup, pending], ..AlertsSettled::default() };
    store.settle_alerts(&settled, at("2026-10-05T07:59:40Z")).unwrap();
    store.acknowledge_alerts("deposit_missing", None, at("2026-10-05T06:00:00Z")).unwrap();
    let silence = Silence {
        id: 0,
        rule: Some("run_unusual".to_owned()),
        subject: None,
        until: at("2026-10-09T00:00:00Z"),
        reason: HOSTILE.to_owned(),
    };
    store.add_silence(&silence, at("2026-10-05T06:00:00Z")).unwrap();
    store
        .add_messages(&[message("m1", "finance", "[tieout] The schedule 'nightly' failed"), message("m2", "ops", HOSTILE)])
        .unwrap();
    for row in store.due_messages(at("2026-10-05T08:00:00Z"), 9).unwrap() {
        let (state, try_at, http_status, error) = match row.message.channel.as_str() {
            "ops" => (MessageState::Waiting, Some(at("2026-10-05T09:00:00Z")), Some(503), Some("it answered 503".to_owned())),
            _ => (MessageState::Sent, None, None, None),
        };
        store.message_tried(&row, &MessageTried { state, try_at, http_status, error }, at("2026-10-05T05:00:02Z")).unwrap();
    }
}
