//! Alerts: how what is watched stands, which rules a person has set, and what is not to be told of for a while.

mod message;

use audit::SHARED;
use jiff::Timestamp;

pub(crate) use message::add as add_messages;
pub use message::{ChannelState, MessageRow, MessageState, MessageTried, MessageWrite};

use crate::audit::{Changes, states};
use crate::database::{Connection, OptionalExtension, Read, Row, Transaction, dynamic, params};
use crate::read::query::{Query, text};
use crate::{AuditAct, Result, Store, StoreError, points, rows};

/// What is watched and is not well, or not known. Words are those of the alerts; here they are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertRow {
    /// The rule's name.
    pub rule: String,
    /// What exactly: a schedule's name, an exception's id; empty where the look itself failed.
    pub subject: String,
    /// What is looked at.
    pub condition: String,
    /// `warning`, `critical`.
    pub severity: String,
    /// `pending`, `alerting`, `recovering`, `no_data`, `error`.
    pub state: String,
    /// Since when it stands so; kept to the microsecond, as all that follow.
    pub since: Timestamp,
    /// Since when it has not been well.
    pub bad_since: Timestamp,
    /// When a person was told last.
    pub told_at: Option<Timestamp>,
    /// When a person said that they know.
    pub acknowledged_at: Option<Timestamp>,
    /// What is not well, in a sentence.
    pub what: String,
    /// How much money, as people write it.
    pub how_much: Option<String>,
    /// What was done already.
    pub done: Option<String>,
    /// What to do.
    pub to_do: String,
    /// The path of a page.
    pub look: Option<String>,
}

/// What is not to be told of for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Silence {
    /// Its number.
    pub id: i64,
    /// The rule's name; `None` means every rule.
    pub rule: Option<String>,
    /// The subject; `None` means every one.
    pub subject: Option<String>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: String,
}

/// What a look has changed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsSettled {
    /// As they stand now.
    pub put: Vec<AlertRow>,
    /// Rule and subject of those that are well again.
    pub gone: Vec<(String, String)>,
    /// What to tell of it.
    pub messages: Vec<MessageWrite>,
    /// Ids of messages that were not tried yet, and whose content is told by one of these, or is over.
    pub replaced: Vec<String>,
}

const COLUMNS: &str = "rule, subject, condition, severity, state, since_at, bad_since_at, told_at, acknowledged_at, what, how_much, \
     done, to_do, look";

/// A person may have acknowledged it since it was read.
const PUT: &str = "INSERT INTO alert (rule, subject, condition, severity, state, since_at, bad_since_at, told_at, what, how_much, done, \
     to_do, look) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) ON CONFLICT (rule, subject) DO UPDATE SET \
     condition = excluded.condition, severity = excluded.severity, state = excluded.state, since_at = excluded.since_at, \
     bad_since_at = excluded.bad_since_at, told_at = excluded.told_at, what = excluded.what, how_much = excluded.how_much, \
     done = excluded.done, to_do = excluded.to_do, look = excluded.look";

const LOOKED: &str =
    "INSERT INTO alert_look (one, looked_at) VALUES (1, ?1) ON CONFLICT (one) DO UPDATE SET looked_at = excluded.looked_at";

impl Store {
    /// What is watched and is not well, by rule and subject.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn alerts(&self) -> Result<Vec<AlertRow>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM alert ORDER BY rule, subject");
            Ok(connection.prepare(&sql)?.query_map(params![], alert)?.collect::<Read<_>>()?)
        })
    }

    /// When everything was looked at last.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn looked_at(&self) -> Result<Option<Timestamp>> {
        self.read(|connection| {
            let sql = "SELECT looked_at FROM alert_look WHERE one = 1";
            Ok(connection.query_row(sql, params![], |row| rows::time(row, 0)).optional()?)
        })
    }

    /// Keeps what a look found, and the messages that tell of it, in one transaction: what is told of is never forgotten to be told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settle_alerts(&mut self, settled: &AlertsSettled, now: Timestamp) -> Result<()> {
        self.write_noting((points::ALERT_SETTLE, AuditAct::AlertLook), |transaction, changes| {
            for row in &settled.put {
                let stood = standing(transaction, &row.rule, Some(&row.subject))?.pop();
                put(transaction, row)?;
                let acknowledged_at = stood.as_ref().and_then(|stood| stood.acknowledged_at);
                let stands = states::alert(&row.state, acknowledged_at);
                let id = states::alert_id(&row.rule, &row.subject);
                changes.add(SHARED, ("alert", &id), stood.map(|stood| stood.state()), Some(stands));
            }
            for (rule, subject) in &settled.gone {
                let stood = standing(transaction, rule, Some(subject))?.pop();
                transaction.execute("DELETE FROM alert WHERE rule = ?1 AND subject = ?2", params![rule, subject])?;
                changes.add(SHARED, ("alert", &states::alert_id(rule, subject)), stood.map(|stood| stood.state()), None);
            }
            transaction.execute(LOOKED, params![now.as_microsecond()])?;
            message::take_back(transaction, &settled.replaced)?;
            message::add(transaction, &settled.messages)
        })
    }

    /// Notes that a person knows of alerts: of one subject of a rule, or of all of it. Returns how many there were.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn acknowledge_alerts(&mut self, rule: &str, subject: Option<&str>, now: Timestamp) -> Result<u64> {
        self.write_noting((points::ALERT_CHANGE, AuditAct::AlertAck), |transaction, changes| {
            let known = standing(transaction, rule, subject)?;
            for one in &known {
                let sql = "UPDATE alert SET acknowledged_at = ?3 WHERE rule = ?1 AND subject = ?2";
                transaction.execute(sql, params![rule, one.subject, now.as_microsecond()])?;
                let id = states::alert_id(rule, &one.subject);
                changes.add(SHARED, ("alert", &id), Some(one.state()), Some(states::alert(&one.word, Some(now))));
            }
            Ok(u64::try_from(known.len()).unwrap_or(u64::MAX))
        })
    }

    /// The rules that a person has set: name and JSON, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn alert_rules(&self) -> Result<Vec<(String, String)>> {
        self.read(|connection| {
            let mut statement = connection.prepare("SELECT name, rule FROM alert_rule ORDER BY name")?;
            Ok(statement.query_map(params![], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Read<_>>()?)
        })
    }

    /// Sets a rule; `None` takes it back.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where one is to be taken back that there is not.
    pub fn set_alert_rule(&mut self, name: &str, rule: Option<&str>) -> Result<()> {
        self.write_noting((points::ALERT_CHANGE, AuditAct::AlertRule), |transaction, changes| {
            let sql = "SELECT rule FROM alert_rule WHERE name = ?1";
            let stood: Option<String> = transaction.query_row(sql, params![name], |row| row.get(0)).optional()?;
            changes.add(SHARED, ("alert_rule", name), stood.as_deref().map(states::rule), rule.map(states::rule));
            let gone = transaction.execute("DELETE FROM alert_rule WHERE name = ?1", params![name])?;
            match rule {
                Some(rule) => {
                    transaction.execute("INSERT INTO alert_rule (name, rule) VALUES (?1, ?2)", params![name, rule])?;
                }
                None if gone == 0 => return Err(StoreError::Absent { noun: "rule that was set", id: name.to_owned() }),
                None => {}
            }
            Ok(())
        })
    }

    /// Silences that have not ended at `now`, by their numbers.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn silences(&self, now: Timestamp) -> Result<Vec<Silence>> {
        self.read(|connection| silences(connection, now))
    }

    /// Adds a silence, whose number is given to it here. Returns the number. Those that have ended are forgotten.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn add_silence(&mut self, silence: &Silence, now: Timestamp) -> Result<i64> {
        self.write_noting((points::ALERT_CHANGE, AuditAct::AlertSilence), |transaction, changes| {
            let sql = "SELECT COALESCE(MAX(id), 0) + 1 FROM alert_silence";
            let id: i64 = transaction.query_row(sql, params![], |row| row.get(0))?;
            let ended = silences(transaction, Timestamp::MIN)?.into_iter().filter(|known| known.until <= now);
            ended.for_each(|ended| changes.add(SHARED, ("silence", &ended.id.to_string()), Some(states::silence(&ended)), None));
            changes.add(SHARED, ("silence", &id.to_string()), None, Some(states::silence(silence)));
            transaction.execute("DELETE FROM alert_silence WHERE until_at <= ?1", params![now.as_microsecond()])?;
            let sql = "INSERT INTO alert_silence (id, rule, subject, until_at, reason) VALUES (?1, ?2, ?3, ?4, ?5)";
            transaction
                .execute(sql, params![id, silence.rule, silence.subject, silence.until.as_microsecond(), silence.reason])?;
            Ok(id)
        })
    }

    /// Ends a silence.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is none of the number.
    pub fn end_silence(&mut self, id: i64) -> Result<()> {
        self.write_noting((points::ALERT_CHANGE, AuditAct::AlertUnsilence), |transaction, changes| {
            let known = silences(transaction, Timestamp::MIN)?.into_iter().find(|known| known.id == id);
            let ended = known.ok_or_else(|| StoreError::Absent { noun: "silence", id: id.to_string() })?;
            transaction.execute("DELETE FROM alert_silence WHERE id = ?1", params![id])?;
            changes.add(SHARED, ("silence", &id.to_string()), Some(states::silence(&ended)), None);
            Ok(())
        })
    }
}

/// How an alert stands, for the trail.
struct Standing {
    subject: String,
    word: String,
    acknowledged_at: Option<Timestamp>,
}

impl Standing {
    fn state(&self) -> String {
        states::alert(&self.word, self.acknowledged_at)
    }
}

/// The alerts of a rule, or one of them.
fn standing(connection: &Connection, rule: &str, subject: Option<&str>) -> Result<Vec<Standing>> {
    let mut query = Query::new("SELECT subject, state, acknowledged_at FROM alert".to_owned());
    query.when("rule = $", text(Some(rule)));
    query.when("subject = $", text(subject));
    let (sql, parameters) = query.order("subject", None);
    let standing =
        |row: &Row<'_>| Ok(Standing { subject: row.get(0)?, word: row.get(1)?, acknowledged_at: rows::time_or_none(row, 2)? });
    Ok(connection.prepare(&sql)?.query_map(&dynamic(&parameters), standing)?.collect::<Read<_>>()?)
}

/// Silences that have not ended at an instant.
pub(crate) fn silences(connection: &Connection, now: Timestamp) -> Result<Vec<Silence>> {
    let sql = "SELECT id, rule, subject, until_at, reason FROM alert_silence WHERE until_at > ?1 ORDER BY id";
    Ok(connection.prepare(sql)?.query_map(params![now.as_microsecond()], silence)?.collect::<Read<_>>()?)
}

/// Forgets what was not well with a schedule.
pub(crate) fn forget_of_schedule(transaction: &Transaction<'_>, changes: &mut Changes, name: &str) -> Result<()> {
    let sql = "SELECT rule, state, acknowledged_at FROM alert WHERE subject = ?1 \
         AND condition IN ('run_failed', 'run_missed', 'run_unusual', 'backup_stale')";
    let mut statement = transaction.prepare(sql)?;
    let of_schedule = statement.query_map(params![name], |row| {
        Ok((row.get::<String>(0)?, states::alert(&row.get::<String>(1)?, rows::time_or_none(row, 2)?)))
    })?;
    for (rule, state) in of_schedule.collect::<Read<Vec<_>>>()? {
        transaction.execute("DELETE FROM alert WHERE rule = ?1 AND subject = ?2", params![rule, name])?;
        changes.add(SHARED, ("alert", &states::alert_id(&rule, name)), Some(state), None);
    }
    Ok(())
}

fn put(transaction: &Transaction<'_>, row: &AlertRow) -> Result<()> {
    let [since, bad_since] = [row.since, row.bad_since].map(Timestamp::as_microsecond);
    let told_at = row.told_at.map(Timestamp::as_microsecond);
    let AlertRow { rule, subject, condition, severity, state, what, how_much, done, to_do, look, .. } = row;
    let values = params![rule, subject, condition, severity, state, since, bad_since, told_at, what, how_much, done, to_do, look];
    transaction.execute(PUT, values)?;
    Ok(())
}

fn alert(row: &Row<'_>) -> Read<AlertRow> {
    Ok(AlertRow {
        rule: row.get(0)?,
        subject: row.get(1)?,
        condition: row.get(2)?,
        severity: row.get(3)?,
        state: row.get(4)?,
        since: rows::time(row, 5)?,
        bad_since: rows::time(row, 6)?,
        told_at: rows::time_or_none(row, 7)?,
        acknowledged_at: rows::time_or_none(row, 8)?,
        what: row.get(9)?,
        how_much: row.get(10)?,
        done: row.get(11)?,
        to_do: row.get(12)?,
        look: row.get(13)?,
    })
}

fn silence(row: &Row<'_>) -> Read<Silence> {
    Ok(Silence { id: row.get(0)?, rule: row.get(1)?, subject: row.get(2)?, until: rows::time(row, 3)?, reason: row.get(4)? })
}
