//! Events that wait: what Stripe says has changed and was not read since.

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;

use super::declared;
use crate::database::{Read, params};
use crate::{Result, Store, Touched, bump_revision, points, rows};

/// An object that changed, and the events that say so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Changed {
    /// What it is.
    pub kind: ObjectKind,
    /// Its id.
    pub object_id: String,
    /// The events' ids.
    pub events: Vec<String>,
    /// When the object was made, where it is known here.
    pub created_at: Option<Timestamp>,
}

/// What the webhook delivered and settled is not read once more, unless a sync ran at that time: a page that it had asked for
/// before may have been written over what the delivery had read.
const WAITING: &str = "SELECT object, object_id, id FROM event WHERE account = ?1 AND done = 0 AND object IS NOT NULL \
     AND object_id IS NOT NULL \
     AND NOT EXISTS (SELECT 1 FROM delivery WHERE event_id = event.id AND state = 'done' AND NOT EXISTS \
     (SELECT 1 FROM run WHERE job = 'sync' AND started_at <= settled_at AND (ended_at IS NULL OR ended_at >= settled_at))) ORDER BY object, object_id, id";

const DONE: &str = "UPDATE event SET done = 1 WHERE account = ?1 AND id = ?2 AND done = 0";

const OPEN_INTENTS: &str = "SELECT DISTINCT i.id FROM invoice_payment p JOIN payment_intent i \
     ON i.account = p.account AND i.id = p.payment_intent WHERE p.account = ?1 AND p.invoice = ?2 \
     AND i.status NOT IN ('succeeded', 'canceled') ORDER BY i.id";

impl Store {
    /// The payment intents of an invoice that have not ended.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn open_intents(&self, account: &AccountId, invoice: &str) -> Result<Vec<String>> {
        self.view(|connection| {
            let mut statement = connection.prepare(OPEN_INTENTS)?;
            let ids = statement.query_map(params![account.as_str(), invoice], |row| row.get(0))?;
            Ok(ids.collect::<Read<_>>()?)
        })
    }

    /// The objects of an account that events say have changed, and that were not read since.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn changed_objects(&self, account: &AccountId) -> Result<Vec<Changed>> {
        self.view(|connection| {
            let mut statement = connection.prepare(WAITING)?;
            let mut found = statement.query(params![account.as_str()])?;
            let mut changed: Vec<Changed> = Vec::new();
            while let Some(ref row) = found.next()? {
                let kind = rows::parsed(row, 0, ObjectKind::from_word)?;
                let (object_id, event): (String, String) = (row.get(1)?, row.get(2)?);
                match changed.last_mut().filter(|last| last.kind == kind && last.object_id == object_id) {
                    Some(last) => last.events.push(event),
                    None => {
                        let created_at = declared::created_at(connection, account, kind, &object_id)?;
                        changed.push(Changed { kind, object_id, events: vec![event], created_at });
                    }
                }
            }
            Ok(changed)
        })
    }

    /// Notes that objects were read after these events, or that Stripe no longer has them where `gone`.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn settle_changed(&mut self, account: &AccountId, settled: &[(Changed, bool)]) -> Result<()> {
        self.write(points::SYNC_EVENTS, |transaction| {
            let mut is_news = false;
            for (changed, gone) in settled {
                if *gone {
                    let deleted = declared::mark_deleted(transaction, account, changed.kind, &changed.object_id)?;
                    is_news |= deleted && declared::is_concluded_from(changed.kind);
                }
                for event in &changed.events {
                    transaction.prepare(DONE)?.execute(params![account.as_str(), event])?;
                }
            }
            if is_news { bump_revision(transaction, Touched::Accounts([account.as_str()].into())) } else { Ok(()) }
        })
    }
}
