//! Messages to channels: each waits until it was sent, however often that is tried, and keeps its id.

use jiff::Timestamp;

use crate::database::{OptionalExtension, Read, Row, Transaction, params};
use crate::{Result, Store, points, rows};

/// How a message stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MessageState {
    /// It is to be sent, or tried again.
    Waiting,
    /// The other side has taken it.
    Sent,
    /// It was given up.
    Failed,
}

impl MessageState {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Failed];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

/// A message to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageWrite {
    /// The same however often it is sent.
    pub id: String,
    /// The channel's name in the settings.
    pub channel: String,
    /// In a line.
    pub subject: String,
    /// In lines.
    pub text: String,
    /// As JSON, for programs.
    pub body: String,
    /// When it was written.
    pub added_at: Timestamp,
    /// Not to be sent before this.
    pub try_at: Timestamp,
}

/// A message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageRow {
    /// What is to be sent. Of one that does not wait, `try_at` is when it was written.
    pub message: MessageWrite,
    /// How it stands.
    pub state: MessageState,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was sent, or given up.
    pub ended_at: Option<Timestamp>,
    /// Of the last answer.
    pub http_status: Option<u16>,
    /// What went wrong last, in a sentence.
    pub error: Option<String>,
}

/// What came of a try to send one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MessageTried {
    /// How it stands then.
    pub state: MessageState,
    /// When it is to be tried again, where it is.
    pub try_at: Option<Timestamp>,
    /// Of the answer.
    pub http_status: Option<u16>,
    /// What went wrong, in a sentence.
    pub error: Option<String>,
}

/// How a channel stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChannelState {
    /// Its name in the settings.
    pub name: String,
    /// Since when nothing went out; `None` where the last message did.
    pub failing_since: Option<Timestamp>,
    /// When it was disabled: nothing is sent until somebody tests it.
    pub disabled_at: Option<Timestamp>,
    /// Of a heartbeat, when it was called last.
    pub called_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, channel, subject, text, body, added_at, try_at, state, attempts, ended_at, http_status, error";

const ADD: &str = "INSERT INTO message (id, channel, subject, text, body, added_at, state, try_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, 'waiting', ?7) ON CONFLICT (id) DO NOTHING";

/// Those of a channel that is disabled wait until it is not.
const DUE: &str = "WHERE state = 'waiting' AND try_at <= ?1 \
     AND NOT EXISTS (SELECT 1 FROM channel_state c WHERE c.name = message.channel AND c.disabled_at IS NOT NULL)";

const TRIED: &str = "UPDATE message SET state = ?2, attempts = attempts + 1, try_at = ?3, ended_at = ?4, http_status = ?5, error = ?6 \
     WHERE id = ?1 AND state = 'waiting'";

const WENT: &str = "INSERT INTO channel_state (name) VALUES (?1) ON CONFLICT (name) DO UPDATE SET failing_since_at = NULL, \
     disabled_at = NULL";

const FAILED: &str = "INSERT INTO channel_state (name, failing_since_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET \
     failing_since_at = COALESCE(channel_state.failing_since_at, excluded.failing_since_at)";

const CALLED: &str = "INSERT INTO channel_state (name, called_at) VALUES (?1, ?2) ON CONFLICT (name) DO UPDATE SET \
     called_at = excluded.called_at";

impl Store {
    /// Adds messages; one whose id is there already is the same.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn add_messages(&mut self, messages: &[MessageWrite]) -> Result<()> {
        self.write(points::ALERT_MESSAGE, |transaction| add(transaction, messages))
    }

    /// Messages that are to be tried at `now`, those first that have waited longest; of each channel at most `limit`, so that one that takes
    /// none hides no other's. None of a disabled channel.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn due_messages(&self, now: Timestamp, limit: u32) -> Result<Vec<MessageRow>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM (SELECT {COLUMNS}, ROW_NUMBER() OVER (PARTITION BY channel ORDER BY try_at, added_at, id) AS place \
                 FROM message {DUE}) AS due WHERE place <= ?2 ORDER BY try_at, added_at, id"
            );
            Ok(connection.prepare(&sql)?.query_map(params![now.as_microsecond(), limit], message)?.collect::<Read<_>>()?)
        })
    }

    /// Messages that nobody has tried to send, and nobody will before an instant after `now`.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn untried_messages(&self, now: Timestamp) -> Result<Vec<MessageRow>> {
        self.read(|connection| {
            let sql = format!(
                "SELECT {COLUMNS} FROM message WHERE state = 'waiting' AND attempts = 0 AND try_at > ?1 ORDER BY try_at, added_at, id"
            );
            Ok(connection.prepare(&sql)?.query_map(params![now.as_microsecond()], message)?.collect::<Read<_>>()?)
        })
    }

    /// Notes what came of a try, and how the channel stands by it.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn message_tried(&mut self, row: &MessageRow, tried: &MessageTried, now: Timestamp) -> Result<()> {
        self.write(points::ALERT_MESSAGE, |transaction| {
            let at = now.as_microsecond();
            let ended_at = (tried.state != MessageState::Waiting).then_some(at);
            let (try_at, status) = (tried.try_at.map(Timestamp::as_microsecond), tried.http_status.map(i64::from));
            let values = params![row.message.id, tried.state.as_str(), try_at, ended_at, status, tried.error];
            transaction.execute(TRIED, values)?;
            let channel = &row.message.channel;
            match tried.state {
                MessageState::Sent => transaction.execute(WENT, params![channel])?,
                _ => transaction.execute(FAILED, params![channel, at])?,
            };
            Ok(())
        })
    }

    /// Messages, newest first; at most `limit`.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn messages(&self, limit: u64) -> Result<Vec<MessageRow>> {
        self.read(|connection| {
            let sql = format!("SELECT {COLUMNS} FROM message ORDER BY added_at DESC, id DESC LIMIT ?1");
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            Ok(connection.prepare(&sql)?.query_map(params![limit], message)?.collect::<Read<_>>()?)
        })
    }

    /// Lets messages wait to be sent once more, whatever came of them: one, or with `None` all that were given up. Returns how many.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn replay_messages(&mut self, id: Option<&str>, now: Timestamp) -> Result<u64> {
        self.write(points::ALERT_MESSAGE, |transaction| {
            let which = if id.is_some() { "id = ?2" } else { "state = 'failed' AND ?2 = ''" };
            let sql = format!("UPDATE message SET state = 'waiting', try_at = ?1, ended_at = NULL WHERE {which}");
            let rows = transaction.execute(&sql, params![now.as_microsecond(), id.unwrap_or_default()])?;
            Ok(u64::try_from(rows).unwrap_or(u64::MAX))
        })
    }

    /// How many messages are in which state.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn message_counts(&self) -> Result<Vec<(String, u64)>> {
        self.read(|connection| {
            let sql = "SELECT state, COUNT(*) FROM message GROUP BY state ORDER BY state";
            let count = |row: &Row<'_>| Ok((row.get(0)?, rows::narrow(row, 1)?));
            Ok(connection.prepare(sql)?.query_map(params![], count)?.collect::<Read<_>>()?)
        })
    }

    /// Forgets messages that were over before an instant. Returns how many.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn forget_messages(&mut self, before: Timestamp) -> Result<u64> {
        self.write(points::ALERT_MESSAGE, |transaction| {
            let rows = transaction.execute("DELETE FROM message WHERE ended_at < ?1", params![before.as_microsecond()])?;
            Ok(u64::try_from(rows).unwrap_or(u64::MAX))
        })
    }

    /// How each channel stands to which something was sent, by name.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn channel_states(&self) -> Result<Vec<ChannelState>> {
        self.read(|connection| {
            let sql = "SELECT name, failing_since_at, disabled_at, called_at FROM channel_state ORDER BY name";
            Ok(connection.prepare(sql)?.query_map(params![], channel)?.collect::<Read<_>>()?)
        })
    }

    /// Disables a channel, or enables it.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn disable_channel(&mut self, name: &str, disabled_at: Option<Timestamp>) -> Result<()> {
        self.write(points::ALERT_MESSAGE, |transaction| {
            let at = disabled_at.map(Timestamp::as_microsecond);
            let sql = "UPDATE channel_state SET disabled_at = ?2 WHERE name = ?1";
            transaction.execute(sql, params![name, at])?;
            Ok(())
        })
    }

    /// Notes that a heartbeat was called.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn heartbeat_called(&mut self, name: &str, now: Timestamp) -> Result<()> {
        self.write(points::ALERT_MESSAGE, |transaction| {
            transaction.execute(CALLED, params![name, now.as_microsecond()])?;
            Ok(())
        })
    }

    /// When the first message is to be tried that waits for a channel that is not disabled.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn next_message_due(&self) -> Result<Option<Timestamp>> {
        self.read(|connection| {
            let sql = "SELECT try_at FROM message WHERE state = 'waiting' \
                 AND NOT EXISTS (SELECT 1 FROM channel_state c WHERE c.name = message.channel AND c.disabled_at IS NOT NULL) \
                 ORDER BY try_at LIMIT 1";
            Ok(connection.query_row(sql, params![], |row| rows::time(row, 0)).optional()?)
        })
    }
}

/// Removes those of these that nobody has tried to send.
pub(super) fn take_back(transaction: &Transaction<'_>, ids: &[String]) -> Result<()> {
    ids.iter().try_for_each(|id| {
        let sql = "DELETE FROM message WHERE id = ?1 AND state = 'waiting' AND attempts = 0";
        transaction.execute(sql, params![id]).map(drop)
    })?;
    Ok(())
}

/// Adds messages; one whose id is there already is the same.
pub(crate) fn add(transaction: &Transaction<'_>, messages: &[MessageWrite]) -> Result<()> {
    let mut statement = transaction.prepare(ADD)?;
    for message in messages {
        let MessageWrite { id, channel, subject, text, body, added_at, try_at } = message;
        statement.execute(params![id, channel, subject, text, body, added_at.as_microsecond(), try_at.as_microsecond()])?;
    }
    Ok(())
}

fn message(row: &Row<'_>) -> Read<MessageRow> {
    let added_at = rows::time(row, 5)?;
    Ok(MessageRow {
        message: MessageWrite {
            id: row.get(0)?,
            channel: row.get(1)?,
            subject: row.get(2)?,
            text: row.get(3)?,
            body: row.get(4)?,
            added_at,
            try_at: rows::time_or_none(row, 6)?.unwrap_or(added_at),
        },
        state: rows::parsed(row, 7, |word| MessageState::ALL.into_iter().find(|one| one.as_str() == word))?,
        attempts: rows::narrow(row, 8)?,
        ended_at: rows::time_or_none(row, 9)?,
        http_status: row.get::<Option<i64>>(10)?.and_then(|status| u16::try_from(status).ok()),
        error: row.get(11)?,
    })
}

fn channel(row: &Row<'_>) -> Read<ChannelState> {
    Ok(ChannelState {
        name: row.get(0)?,
        failing_since: rows::time_or_none(row, 1)?,
        disabled_at: rows::time_or_none(row, 2)?,
        called_at: rows::time_or_none(row, 3)?,
    })
}
