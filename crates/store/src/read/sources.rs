//! Charges, refunds and disputes: the objects behind txns.

use facts::{AccountId, Charge, ChargeId, Dispute, DisputeId, Refund, RefundId, TxnId};

use crate::database::{OptionalExtension, Read, Row, params};
use crate::rows::{self, Columns};
use crate::{Result, Store};

const CHARGE: &str = "SELECT account, id, currency, amount_minor, refunded_minor, status, created_at, txn, payment_intent, \
     customer, payment_method, description, disputed, metadata FROM charge WHERE id = ?1 ORDER BY account LIMIT 1";

const REFUND: &str = "SELECT account, id, currency, amount_minor, charge, reason, status, created_at, txn, failure_txn, metadata \
     FROM refund WHERE id = ?1 ORDER BY account LIMIT 1";

const DISPUTE: &str = "SELECT account, id, currency, amount_minor, charge, reason, status, created_at, txns \
     FROM dispute WHERE id = ?1 ORDER BY account LIMIT 1";

/// Those that are decided have an index of their own.
const TO_ANSWER: &str = "SELECT d.account, d.id, d.currency, d.amount_minor, d.charge, d.reason, d.status, d.created_at, d.txns, v.raw \
     FROM dispute d JOIN object_version v ON v.hash = d.version \
     WHERE d.status NOT IN ('won', 'lost', 'warning_closed', 'prevented') \
     AND d.status IN ('needs_response', 'warning_needs_response') ORDER BY d.created_at, d.id";

const RAW: &str = "SELECT raw FROM object_version WHERE hash = ?1 LIMIT 1";

impl Store {
    /// The charge with this id, in whichever account.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn charge(&self, id: &str) -> Result<Option<Charge>> {
        self.one(CHARGE, id, charge)
    }

    /// The refund with this id, in whichever account.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn refund(&self, id: &str) -> Result<Option<Refund>> {
        self.one(REFUND, id, refund)
    }

    /// The dispute with this id, in whichever account.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn dispute(&self, id: &str) -> Result<Option<Dispute>> {
        self.one(DISPUTE, id, dispute)
    }

    /// Disputes that wait for evidence, by when they were opened, each with its bytes as Stripe sent them.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn disputes_to_answer(&self) -> Result<Vec<(Dispute, Vec<u8>)>> {
        self.read(|connection| {
            let mut statement = connection.prepare(TO_ANSWER)?;
            let read = |row: &Row<'_>| Ok((dispute(row)?, row.get(9)?));
            Ok(statement.query_map(params![], read)?.collect::<Read<_>>()?)
        })
    }

    /// The bytes of a stored version of an object, by their SHA-256.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn raw(&self, hash: &[u8; 32]) -> Result<Option<Vec<u8>>> {
        self.read(|connection| Ok(connection.prepare(RAW)?.query_row(params![&hash[..]], |row| row.get(0)).optional()?))
    }

    fn one<T>(&self, sql: &str, id: &str, read: fn(&Row<'_>) -> Read<T>) -> Result<Option<T>> {
        self.read(|connection| Ok(connection.prepare(sql)?.query_row(params![id], read).optional()?))
    }
}

fn charge(row: &Row<'_>) -> Read<Charge> {
    let mut c = Columns::new(row, 0);
    Ok(Charge {
        account: c.id(AccountId::parse)?,
        id: c.id(ChargeId::parse)?,
        amount: c.amount()?,
        refunded_minor: c.get()?,
        status: c.get()?,
        created_at: c.with(rows::stripe_time)?,
        txn: c.id_or_none(TxnId::parse)?,
        payment_intent: c.get()?,
        customer: c.get()?,
        payment_method: c.get()?,
        description: c.get()?,
        disputed: c.get()?,
        metadata: c.with(rows::json)?,
    })
}

fn refund(row: &Row<'_>) -> Read<Refund> {
    let mut c = Columns::new(row, 0);
    Ok(Refund {
        account: c.id(AccountId::parse)?,
        id: c.id(RefundId::parse)?,
        amount: c.amount()?,
        charge: c.id_or_none(ChargeId::parse)?,
        reason: c.get()?,
        status: c.get()?,
        created_at: c.with(rows::stripe_time)?,
        txn: c.id_or_none(TxnId::parse)?,
        failure_txn: c.id_or_none(TxnId::parse)?,
        metadata: c.with(rows::json)?,
    })
}

fn dispute(row: &Row<'_>) -> Read<Dispute> {
    let mut c = Columns::new(row, 0);
    Ok(Dispute {
        account: c.id(AccountId::parse)?,
        id: c.id(DisputeId::parse)?,
        amount: c.amount()?,
        charge: c.id(ChargeId::parse)?,
        reason: c.get()?,
        status: c.get()?,
        created_at: c.with(rows::stripe_time)?,
        txns: c.with(txns)?,
    })
}

fn txns(row: &Row<'_>, index: usize) -> Read<Vec<TxnId>> {
    rows::parsed(row, index, |text| {
        let ids: Vec<String> = serde_json::from_str(text).ok()?;
        ids.iter().map(|id| TxnId::parse(id).ok()).collect()
    })
}
