//! How what is watched stands, and the messages that tell of it.

use jiff::Timestamp;
use store::*;

use super::world::*;

fn minute(minute: i64) -> Timestamp {
    at(minute * 60)
}

fn failing(subject: &str, told: Option<i64>) -> AlertRow {
    AlertRow {
        rule: "run_failed".to_owned(),
        subject: subject.to_owned(),
        condition: "run_failed".to_owned(),
        severity: "critical".to_owned(),
        state: "alerting".to_owned(),
        since: minute(1),
        bad_since: minute(1),
        told_at: told.map(minute),
        acknowledged_at: None,
        what: "it failed".to_owned(),
        how_much: Some("12.30 EUR".to_owned()),
        done: None,
        to_do: "look".to_owned(),
        look: Some("/schedules/a".to_owned()),
    }
}

pub fn message(id: &str, channel: &str) -> MessageWrite {
    MessageWrite {
        id: id.to_owned(),
        channel: channel.to_owned(),
        subject: "it failed".to_owned(),
        text: "it failed\nlook".to_owned(),
        body: "{}".to_owned(),
        added_at: minute(1),
        try_at: minute(2),
    }
}

fn ids(messages: &[MessageRow]) -> Vec<&str> {
    messages.iter().map(|row| row.message.id.as_str()).collect()
}

const AGAIN: MessageTried = MessageTried { state: MessageState::Waiting, try_at: None, http_status: Some(500), error: None };
const SENT: MessageTried = MessageTried { state: MessageState::Sent, try_at: None, http_status: Some(204), error: None };

#[test]
fn what_a_look_found_is_kept_with_its_messages_and_what_a_person_knows_stays_known() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    assert_eq!(store.looked_at().unwrap(), None);
    let settled = AlertsSettled {
        put: vec![failing("a", Some(1)), failing("b", None)],
        messages: vec![message("m1", "ops")],
        ..AlertsSettled::default()
    };
    store.settle_alerts(&settled, minute(1)).unwrap();
    assert_eq!((store.alerts().unwrap(), store.looked_at().unwrap()), (settled.put.clone(), Some(minute(1))));
    assert_eq!(store.acknowledge_alerts("run_failed", Some("a"), minute(2)).unwrap(), 1);
    assert_eq!(store.acknowledge_alerts("run_failed", Some("z"), minute(2)).unwrap(), 0);
    let gone = vec![("run_failed".to_owned(), "b".to_owned())];
    let settled = AlertsSettled { put: vec![failing("a", Some(3))], gone, ..AlertsSettled::default() };
    store.settle_alerts(&settled, minute(3)).unwrap();
    assert_eq!(store.alerts().unwrap(), [AlertRow { acknowledged_at: Some(minute(2)), ..failing("a", Some(3)) }]);
    assert_eq!(ids(&store.messages(9).unwrap()), ["m1"]);
}

#[test]
fn a_message_that_waits_for_the_morning_is_taken_back_and_one_that_was_tried_is_not() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_messages(&[message("m1", "ops"), message("m2", "ops")]).unwrap();
    assert_eq!(ids(&store.untried_messages(minute(1)).unwrap()), ["m1", "m2"]);
    assert!(store.untried_messages(minute(2)).unwrap().is_empty(), "it is not held any more");
    let due = store.due_messages(minute(2), 9).unwrap();
    store.message_tried(&due[0], &MessageTried { try_at: Some(minute(9)), ..AGAIN }, minute(2)).unwrap();
    let replaced = ["m1", "m2", "m9"].map(str::to_owned).to_vec();
    let settled = AlertsSettled { messages: vec![message("m3", "ops")], replaced, ..AlertsSettled::default() };
    store.settle_alerts(&settled, minute(3)).unwrap();
    assert_eq!(ids(&store.due_messages(minute(9), 9).unwrap()), ["m3", "m1"]);
}

#[test]
fn a_message_is_tried_until_it_was_sent_and_keeps_its_id() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_messages(&[message("m1", "ops"), message("m2", "ops")]).unwrap();
    assert_eq!(store.next_message_due().unwrap(), Some(minute(2)));
    assert!(store.due_messages(minute(1), 9).unwrap().is_empty());
    let due = store.due_messages(minute(2), 9).unwrap();
    assert_eq!(ids(&due), ["m1", "m2"]);
    store
        .message_tried(&due[0], &MessageTried { try_at: Some(minute(9)), error: Some("no".to_owned()), ..AGAIN }, minute(3))
        .unwrap();
    let failing = store.channel_states().unwrap();
    assert_eq!((failing[0].name.as_str(), failing[0].failing_since), ("ops", Some(minute(3))));
    store.message_tried(&due[1], &SENT, minute(4)).unwrap();
    assert_eq!(store.channel_states().unwrap()[0].failing_since, None);
    let again = store.due_messages(minute(9), 9).unwrap();
    assert_eq!((ids(&again), again[0].attempts, again[0].error.as_deref()), (vec!["m1"], 1, Some("no")));
    store.message_tried(&again[0], &MessageTried { state: MessageState::Failed, ..AGAIN }, minute(9)).unwrap();
    assert_eq!(store.next_message_due().unwrap(), None);
    assert_eq!(store.message_counts().unwrap(), [("failed".to_owned(), 1), ("sent".to_owned(), 1)]);
    assert_eq!(
        (store.replay_messages(None, minute(10)).unwrap(), store.replay_messages(Some("m2"), minute(10)).unwrap()),
        (1, 1)
    );
    assert_eq!(ids(&store.due_messages(minute(10), 9).unwrap()), ["m1", "m2"]);
    assert_eq!(store.replay_messages(Some("m9"), minute(10)).unwrap(), 0);
}

#[test]
fn a_disabled_channel_keeps_its_messages_until_it_is_enabled_and_holds_up_no_other() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_messages(&[message("m1", "dead"), message("m2", "ops")]).unwrap();
    let due = store.due_messages(minute(2), 9).unwrap();
    store.message_tried(&due[0], &MessageTried { try_at: Some(minute(3)), ..AGAIN }, minute(2)).unwrap();
    store.disable_channel("dead", Some(minute(3))).unwrap();
    assert_eq!(ids(&store.due_messages(minute(9), 9).unwrap()), ["m2"]);
    store.message_tried(&due[1], &SENT, minute(4)).unwrap();
    assert_eq!(store.next_message_due().unwrap(), None);
    store.disable_channel("dead", None).unwrap();
    assert_eq!(ids(&store.due_messages(minute(9), 9).unwrap()), ["m1"]);
}

#[test]
fn rules_and_silences_are_set_and_taken_back_and_old_messages_forgotten() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.set_alert_rule("big", Some("{}")).unwrap();
    store.set_alert_rule("big", Some(r#"{"a":1}"#)).unwrap();
    assert_eq!(store.alert_rules().unwrap(), [("big".to_owned(), r#"{"a":1}"#.to_owned())]);
    store.set_alert_rule("big", None).unwrap();
    assert!(matches!(store.set_alert_rule("big", None).unwrap_err(), StoreError::Absent { .. }));
    let silence = Silence { id: 0, rule: Some("big".to_owned()), subject: None, until: minute(9), reason: "known".to_owned() };
    let id = store.add_silence(&silence, minute(1)).unwrap();
    assert_eq!(store.silences(minute(8)).unwrap(), [Silence { id, ..silence.clone() }]);
    assert!(store.silences(minute(9)).unwrap().is_empty());
    store.end_silence(id).unwrap();
    assert!(matches!(store.end_silence(id).unwrap_err(), StoreError::Absent { .. }));
    store.heartbeat_called("watch", minute(5)).unwrap();
    assert_eq!(store.channel_states().unwrap()[0].called_at, Some(minute(5)));
    store.add_messages(&[message("m1", "ops"), message("m2", "ops")]).unwrap();
    let due = store.due_messages(minute(2), 1).unwrap();
    store.message_tried(&due[0], &SENT, minute(4)).unwrap();
    assert_eq!((store.forget_messages(minute(4)).unwrap(), store.forget_messages(minute(5)).unwrap()), (0, 1));
    assert_eq!(ids(&store.messages(9).unwrap()), ["m2"]);
}

#[test]
fn a_channel_that_takes_nothing_hides_no_message_of_another_and_each_comes_in_the_order_it_was_written() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    let numbered = |number: i64| MessageWrite { added_at: minute(number), ..message(&format!("m{}", 99 - number), "dead") };
    store.add_messages(&(1..20).map(numbered).collect::<Vec<_>>()).unwrap();
    store.add_messages(&[MessageWrite { try_at: minute(3), ..message("late", "ops") }]).unwrap();
    assert_eq!(ids(&store.due_messages(minute(30), 2).unwrap()), ["m98", "m97", "late"]);
}

#[test]
fn what_was_not_well_with_a_schedule_is_forgotten_when_it_is_removed() {
    let mut fresh = fresh();
    let store = &mut fresh.store;
    store.add_schedule(&super::schedules::daily("a")).unwrap();
    let disk = AlertRow { condition: "disk_filling".to_owned(), rule: "disk_filling".to_owned(), ..failing("a", None) };
    let put = vec![disk.clone(), failing("a", Some(1)), failing("b", Some(1))];
    store.settle_alerts(&AlertsSettled { put, ..AlertsSettled::default() }, minute(1)).unwrap();
    store.remove_schedule("a", minute(2)).unwrap();
    assert_eq!(store.alerts().unwrap(), [disk, failing("b", Some(1))]);
}
