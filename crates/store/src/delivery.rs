//! What Stripe delivered to the webhook: taken before it is acknowledged, worked off afterwards.

use std::collections::BTreeSet;

use audit::SHARED;
use facts::{AccountId, Mode, ObjectKind};
use jiff::Timestamp;

use crate::database::{OptionalExtension, Read, Row, dynamic, params};
use crate::read::query::{Query, text};
use crate::sync::declared;
use crate::{AuditAct, Result, Store, StoreError, points, rows};

/// How a delivery stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DeliveryState {
    /// What it is about has not been read since.
    Waiting,
    /// It was, or Stripe no longer has it.
    Done,
    /// It is about nothing that is kept here.
    Ignored,
    /// What it is about cannot be read, and trying again does not help until somebody mends that.
    Failed,
}

impl DeliveryState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Waiting, Self::Done, Self::Ignored, Self::Failed];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Ignored => "ignored",
            Self::Failed => "failed",
        }
    }

    /// The state of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }
}

/// A delivery to be taken.
#[derive(Clone, Debug)]
pub struct DeliveryWrite {
    /// The event's id, or the thin event's.
    pub id: String,
    /// The event in Stripe's list that it is, or that it tells of.
    pub event_id: String,
    /// The connected account that it is about; `None` is one of our own.
    pub account: Option<AccountId>,
    /// Live or test.
    pub mode: Mode,
    /// Stripe's type.
    pub event_type: String,
    /// The object to be read again; `None` where it is none that is kept.
    pub subject: Option<(ObjectKind, String)>,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it came.
    pub received_at: Timestamp,
}

/// A delivery that was taken, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// The event's id, or the thin event's.
    pub id: String,
    /// The account that it is about; `None` is one of our own, until it was read with that one's key.
    pub account: Option<AccountId>,
    /// Live or test.
    pub mode: Mode,
    /// Stripe's type.
    pub event_type: String,
    /// The object to be read again.
    pub subject: Option<(ObjectKind, String)>,
    /// When it came first.
    pub received_at: Timestamp,
    /// How often it came.
    pub times: u64,
    /// How it stands.
    pub state: DeliveryState,
    /// Why it is ignored, or failed, or waits still.
    pub problem: Option<String>,
}

/// What became of a delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settled {
    /// Its id.
    pub id: String,
    /// How it stands now.
    pub state: DeliveryState,
    /// Why, where that is not plain.
    pub problem: Option<String>,
    /// Whose it is, where that came out.
    pub account: Option<AccountId>,
    /// The object, and whose it is, where Stripe no longer has it.
    pub gone: Option<(AccountId, ObjectKind, String)>,
}

/// Which deliveries to list; the default is all.
#[derive(Clone, Debug, Default)]
pub struct DeliveryFilter {
    /// Only those in this state.
    pub state: Option<DeliveryState>,
    /// Only those that came first at this instant or later.
    pub from_at: Option<Timestamp>,
    /// Only those that came first before this instant.
    pub before_at: Option<Timestamp>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// Which deliveries are to be worked off again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Replay {
    /// These.
    Ids(Vec<String>),
    /// All that failed.
    Failed,
}

/// A delivery that failed is tried again when Stripe delivers it again: somebody asked for that.
const TAKE: &str = "INSERT INTO delivery \
     (id, event_id, account, mode, kind, object, object_id, body, received_at, times, state, settled_at, problem) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, 1, 'waiting', NULL, NULL) \
     ON CONFLICT (id) DO UPDATE SET times = delivery.times + 1, \
     state = CASE delivery.state WHEN 'failed' THEN 'waiting' ELSE delivery.state END";

const COLUMNS: &str = "SELECT id, account, mode, kind, object, object_id, received_at, times, state, problem FROM delivery";

const SETTLE: &str =
    "UPDATE delivery SET state = ?2, problem = ?3, settled_at = ?4, account = COALESCE(account, ?5) WHERE id = ?1";

impl Store {
    /// Takes deliveries in one transaction: once this returns, they are kept.
    ///
    /// # Errors
    /// [`StoreError`]; then none of them is.
    pub fn take_deliveries(&mut self, deliveries: &[DeliveryWrite]) -> Result<()> {
        self.write(points::WEBHOOK_DELIVERY, |transaction| {
            let mut take = transaction.many(TAKE)?;
            let mut waiting = BTreeSet::new();
            for delivery in deliveries {
                if !waiting.insert(delivery.id.as_str()) {
                    take.send()?;
                    waiting = BTreeSet::from([delivery.id.as_str()]);
                }
                let (object, object_id) = delivery.subject.as_ref().map(|(kind, id)| (kind.as_str(), id)).unzip();
                take.add(params![
                    delivery.id,
                    delivery.event_id,
                    delivery.account.as_ref().map(AccountId::as_str),
                    delivery.mode.as_str(),
                    delivery.event_type,
                    object,
                    object_id,
                    delivery.body,
                    delivery.received_at.as_microsecond(),
                ])?;
            }
            Ok(take.send()?)
        })
    }

    /// The charge that a refund or a dispute is about; `None` where it is not known.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn charge_of(&self, account: &AccountId, kind: ObjectKind, id: &str) -> Result<Option<String>> {
        let sql = format!("SELECT charge FROM {} WHERE account = ?1 AND id = ?2", kind.as_str());
        self.read(|connection| {
            let charge = connection.query_row(&sql, params![account.as_str(), id], |row| row.get(0)).optional()?;
            Ok(charge.flatten())
        })
    }

    /// The first `limit` deliveries that wait: the oldest that were never tried, then those whose last try is longest ago. So what
    /// cannot be read keeps nothing else waiting.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn waiting_deliveries(&self, limit: u32) -> Result<Vec<Delivery>> {
        self.read(|connection| {
            let mut statement = connection.prepare(&waiting())?;
            Ok(statement.query_map(params![limit], delivery)?.collect::<Read<_>>()?)
        })
    }

    /// Deliveries, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn deliveries(&self, filter: &DeliveryFilter) -> Result<Vec<Delivery>> {
        let micros = |at: Option<Timestamp>| at.map(Timestamp::as_microsecond);
        let mut query = Query::new(COLUMNS.to_owned());
        query.when("state = $", text(filter.state.map(DeliveryState::as_str)));
        query.when("received_at >= $", micros(filter.from_at));
        query.when("received_at < $", micros(filter.before_at));
        let (sql, parameters) = query.order("received_at DESC, id", filter.limit);
        self.read(|connection| {
            let mut statement = connection.prepare(&sql)?;
            let found = statement.query_map(&dynamic(&parameters), delivery)?;
            Ok(found.collect::<Read<_>>()?)
        })
    }

    /// Notes what became of deliveries.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn settle_deliveries(&mut self, settled: &[Settled], at: Timestamp) -> Result<()> {
        self.write(points::WEBHOOK_SETTLE, |transaction| {
            for Settled { id, state, problem, account, gone } in settled {
                if let Some((account, kind, object)) = gone {
                    declared::mark_deleted(transaction, account, *kind, object)?;
                }
                let mut settle = transaction.prepare(SETTLE)?;
                let account = account.as_ref().map(AccountId::as_str);
                settle.execute(params![id, state.as_str(), problem, at.as_microsecond(), account])?;
            }
            Ok(())
        })
    }

    /// Makes deliveries wait again; says how many.
    ///
    /// # Errors
    /// [`StoreError::Absent`] naming an id that never came; then none waits again.
    pub fn replay_deliveries(&mut self, replay: &Replay) -> Result<u64> {
        self.write_noting((points::WEBHOOK_SETTLE, AuditAct::WebhookReplay), |transaction, changes| match replay {
            Replay::Failed => {
                changes.note(SHARED, ("delivery", "all that failed"));
                let again = "UPDATE delivery SET state = 'waiting', problem = NULL WHERE state = 'failed'";
                Ok(u64::try_from(transaction.execute(again, params![])?).unwrap_or(u64::MAX))
            }
            Replay::Ids(ids) => {
                let mut again = transaction.prepare("UPDATE delivery SET state = 'waiting', problem = NULL WHERE id = ?1")?;
                for id in ids {
                    if again.execute(params![id])? == 0 {
                        return Err(StoreError::Absent { noun: "delivery", id: id.clone() });
                    }
                    changes.note(SHARED, ("delivery", id));
                }
                Ok(ids.len() as u64)
            }
        })
    }
}

/// In the order of its index.
fn waiting() -> String {
    format!("{COLUMNS} WHERE state = 'waiting' ORDER BY COALESCE(settled_at, 0), received_at, id LIMIT ?1")
}

fn delivery(row: &Row<'_>) -> Read<Delivery> {
    let mode = |word: &str| [Mode::Live, Mode::Test].into_iter().find(|mode| mode.as_str() == word);
    let kind = rows::parsed_or_none(row, 4, ObjectKind::from_word)?;
    Ok(Delivery {
        id: row.get(0)?,
        account: rows::id_or_none(row, 1, AccountId::parse)?,
        mode: rows::parsed(row, 2, mode)?,
        event_type: row.get(3)?,
        subject: kind.zip(row.get(5)?),
        received_at: rows::time(row, 6)?,
        times: row.get::<i64>(7)?.unsigned_abs(),
        state: rows::parsed(row, 8, DeliveryState::from_word)?,
        problem: row.get(9)?,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::NoPoints;
    use crate::database::Driver;

    #[test]
    fn a_backlog_is_not_sorted_again_for_every_turn() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("tieout.db"), Arc::new(NoPoints)).unwrap();
        let Driver::Sqlite(file) = &store.connection.driver else { unreachable!("it was opened from a path") };
        let mut plan = file.prepare(&format!("EXPLAIN QUERY PLAN {}", waiting())).unwrap();
        let steps: rusqlite::Result<Vec<String>> = plan.query_map([1], |row| row.get(3)).unwrap().collect();
        let steps = steps.unwrap();
        assert!(steps.len() == 1 && steps[0].contains("delivery_waiting"), "{steps:?}");
    }
}
