//! Writing what an object says, only where it says something new.

use facts::{Account, AccountId, AccountKind, Charge, Dispute, Fact, Metadata, ObjectKind, Payout, Refund, Txn};

use super::declared;
use super::pages::Change;
use crate::database::{OptionalExtension, ToSql, Transaction, params};
use crate::{Result, rows};

/// The statements of one table. All take the row's columns in one order, the key first; `version` takes the key alone.
struct Table {
    version: &'static str,
    insert: &'static str,
    update: &'static str,
}

const ACCOUNT: Table = Table {
    version: "SELECT version FROM account WHERE id = ?1",
    insert: "INSERT INTO account (id, version, kind, country, default_currency, time_zone, display_name) VALUES (?1, ?2, ?3, ?4, \
     ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING",
    update: "UPDATE account SET version = ?2, kind = ?3, country = ?4, default_currency = ?5, time_zone = ?6, display_name = ?7 \
     WHERE id = ?1",
};

const TXN: Table = Table {
    version: "SELECT version FROM txn WHERE account = ?1 AND id = ?2",
    insert: "INSERT INTO txn (account, id, version, currency, amount_minor, fee_minor, net_minor, kind, reporting_category, status, \
     balance_type, created_at, available_on, description, source, source_object, exchange_rate) VALUES (?1, ?2, ?3, ?4, ?5, \
     ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT (account, id) DO NOTHING",
    update: "UPDATE txn SET version = ?3, currency = ?4, amount_minor = ?5, fee_minor = ?6, net_minor = ?7, kind = ?8, \
     reporting_category = ?9, status = ?10, balance_type = ?11, created_at = ?12, available_on = ?13, description = ?14, \
     source = ?15, source_object = ?16, exchange_rate = ?17 WHERE account = ?1 AND id = ?2",
};

/// A list of txns that was read under another reconciliation status is read again: Stripe may have made it since.
const PAYOUT: Table = Table {
    version: "SELECT version FROM payout WHERE account = ?1 AND id = ?2",
    insert: "INSERT INTO payout (account, id, version, currency, amount_minor, arrives_on, created_at, status, automatic, method, \
     reconciliation_status, own_txn, failure_txn, failure_code, destination, statement_descriptor, description, \
     trace_status, trace_value, original_payout, reversed_by, members_complete, member_reading) VALUES (?1, ?2, ?3, ?4, ?5, \
     ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, 0, 0) ON CONFLICT (account, id) DO NOTHING",
    update: "UPDATE payout SET version = ?3, currency = ?4, amount_minor = ?5, arrives_on = ?6, created_at = ?7, status = ?8, \
     automatic = ?9, method = ?10, reconciliation_status = ?11, own_txn = ?12, failure_txn = ?13, failure_code = ?14, \
     destination = ?15, statement_descriptor = ?16, description = ?17, trace_status = ?18, trace_value = ?19, \
     original_payout = ?20, reversed_by = ?21, \
     members_complete = CASE WHEN reconciliation_status = ?11 THEN members_complete ELSE 0 END \
     WHERE account = ?1 AND id = ?2",
};

const CHARGE: Table = Table {
    version: "SELECT version FROM charge WHERE account = ?1 AND id = ?2",
    insert: "INSERT INTO charge (account, id, version, currency, amount_minor, refunded_minor, status, created_at, txn, \
     payment_intent, customer, payment_method, description, disputed, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
     ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (account, id) DO NOTHING",
    update: "UPDATE charge SET version = ?3, currency = ?4, amount_minor = ?5, refunded_minor = ?6, status = ?7, created_at = ?8, \
     txn = ?9, payment_intent = ?10, customer = ?11, payment_method = ?12, description = ?13, disputed = ?14, metadata = \
     ?15 WHERE account = ?1 AND id = ?2",
};

const REFUND: Table = Table {
    version: "SELECT version FROM refund WHERE account = ?1 AND id = ?2",
    insert: "INSERT INTO refund (account, id, version, currency, amount_minor, charge, reason, status, created_at, txn, \
     failure_txn, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (account, id) DO NOTHING",
    update: "UPDATE refund SET version = ?3, currency = ?4, amount_minor = ?5, charge = ?6, reason = ?7, status = ?8, created_at = \
     ?9, txn = ?10, failure_txn = ?11, metadata = ?12 WHERE account = ?1 AND id = ?2",
};

const DISPUTE: Table = Table {
    version: "SELECT version FROM dispute WHERE account = ?1 AND id = ?2",
    insert: "INSERT INTO dispute (account, id, version, currency, amount_minor, charge, reason, status, created_at, txns) VALUES \
     (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (account, id) DO NOTHING",
    update: "UPDATE dispute SET version = ?3, currency = ?4, amount_minor = ?5, charge = ?6, reason = ?7, status = ?8, created_at = \
     ?9, txns = ?10 WHERE account = ?1 AND id = ?2",
};

/// Writes the row that the fact makes. A new version is most often a new object: insert first, and update what was there.
pub(super) fn put(transaction: &Transaction<'_>, fact: &Fact, hash: &[u8; 32]) -> Result<Change> {
    let hash = &hash[..];
    match fact {
        Fact::Account(account) => put_account(transaction, account, hash),
        Fact::Txn(txn) => put_txn(transaction, txn, hash),
        Fact::Payout(payout) => put_payout(transaction, payout, hash),
        Fact::Charge(charge) => put_charge(transaction, charge, hash),
        Fact::Refund(refund) => put_refund(transaction, refund, hash),
        Fact::Dispute(dispute) => put_dispute(transaction, dispute, hash),
        Fact::Object(object) => declared::put(transaction, object, hash),
        Fact::Refused { .. } => Ok(Change::Unchanged),
    }
}

/// The same of a fact that no page brought.
pub(crate) fn put_fact(transaction: &Transaction<'_>, fact: &Fact, hash: &[u8; 32]) -> Result<()> {
    put(transaction, fact, hash).map(|_| ())
}

/// Whether the row was made from this very version. A version that is known need not be: an object may go back to what it was.
pub(super) fn is_current(transaction: &Transaction<'_>, fact: &Fact, hash: &[u8; 32]) -> Result<bool> {
    let (account, id) = match fact {
        Fact::Account(account) => (&account.id, account.id.as_str()),
        Fact::Txn(txn) => (&txn.account, txn.id.as_str()),
        Fact::Payout(payout) => (&payout.account, payout.id.as_str()),
        Fact::Charge(charge) => (&charge.account, charge.id.as_str()),
        Fact::Refund(refund) => (&refund.account, refund.id.as_str()),
        Fact::Dispute(dispute) => (&dispute.account, dispute.id.as_str()),
        Fact::Object(object) => (&object.account, object.id.as_str()),
        Fact::Refused { .. } => return Ok(false),
    };
    Ok(version(transaction, account, fact.kind(), id)?.is_some_and(|version| version == *hash))
}

/// Whether a good version of this object was ever stored.
pub(super) fn exists(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind, id: &str) -> Result<bool> {
    Ok(version(transaction, account, kind, id)?.is_some())
}

/// The version that an object's row was made from.
fn version(transaction: &Transaction<'_>, account: &AccountId, kind: ObjectKind, id: &str) -> Result<Option<[u8; 32]>> {
    let account_id = account;
    let account = account.as_str();
    let (sql, key): (&str, &[&dyn ToSql]) = match kind {
        ObjectKind::Account => (ACCOUNT.version, params![id]),
        ObjectKind::Txn => (TXN.version, params![account, id]),
        ObjectKind::Payout => (PAYOUT.version, params![account, id]),
        ObjectKind::Charge => (CHARGE.version, params![account, id]),
        ObjectKind::Refund => (REFUND.version, params![account, id]),
        ObjectKind::Dispute => (DISPUTE.version, params![account, id]),
        ObjectKind::Balance => return Ok(None),
        kind => return declared::version(transaction, account_id, kind, id),
    };
    Ok(transaction.prepare(sql)?.query_row(key, |row| row.get(0)).optional()?)
}

fn put_row(transaction: &Transaction<'_>, table: &Table, row: &[&dyn ToSql]) -> Result<Change> {
    if transaction.prepare(table.insert)?.execute(row)? > 0 {
        return Ok(Change::Inserted);
    }
    transaction.prepare(table.update)?.execute(row)?;
    Ok(Change::Updated)
}

fn put_account(transaction: &Transaction<'_>, account: &Account, hash: &[u8]) -> Result<Change> {
    let kind = match account.kind {
        AccountKind::Own => "own",
        AccountKind::Connected => "connected",
    };
    let currency = account.default_currency.as_ref().map(|currency| currency.as_str());
    let row = params![account.id.as_str(), hash, kind, account.country, currency, account.time_zone, account.display_name];
    put_row(transaction, &ACCOUNT, row)
}

fn put_txn(transaction: &Transaction<'_>, txn: &Txn, hash: &[u8]) -> Result<Change> {
    let currency = txn.amount.currency();
    let row = params![
        txn.account.as_str(),
        txn.id.as_str(),
        hash,
        currency.as_str(),
        txn.amount.minor(),
        txn.fee_minor,
        txn.net_minor,
        txn.kind,
        txn.reporting_category,
        txn.status.as_str(),
        txn.balance_type,
        txn.created_at.as_second(),
        txn.available_on.to_string(),
        txn.description,
        txn.source.as_ref().map(|source| &source.id),
        txn.source.as_ref().and_then(|source| source.object.as_ref()),
        txn.exchange_rate,
    ];
    put_row(transaction, &TXN, row)
}

fn put_payout(transaction: &Transaction<'_>, payout: &Payout, hash: &[u8]) -> Result<Change> {
    let currency = payout.amount.currency();
    let row = params![
        payout.account.as_str(),
        payout.id.as_str(),
        hash,
        currency.as_str(),
        payout.amount.minor(),
        payout.arrives_on.to_string(),
        payout.created_at.as_second(),
        payout.status.as_str(),
        payout.automatic,
        payout.method,
        payout.reconciliation_status.as_str(),
        payout.own_txn.as_ref().map(facts::TxnId::as_str),
        payout.failure_txn.as_ref().map(facts::TxnId::as_str),
        payout.failure_code,
        payout.destination.as_ref().map(facts::DestinationId::as_str),
        payout.statement_descriptor,
        payout.description,
        payout.trace_id.as_ref().map(|trace| &trace.status),
        payout.trace_id.as_ref().and_then(|trace| trace.value.as_ref()),
        payout.original_payout.as_ref().map(facts::PayoutId::as_str),
        payout.reversed_by.as_ref().map(facts::PayoutId::as_str),
    ];
    put_row(transaction, &PAYOUT, row)
}

fn put_charge(transaction: &Transaction<'_>, charge: &Charge, hash: &[u8]) -> Result<Change> {
    let currency = charge.amount.currency();
    let row = params![
        charge.account.as_str(),
        charge.id.as_str(),
        hash,
        currency.as_str(),
        charge.amount.minor(),
        charge.refunded_minor,
        charge.status,
        charge.created_at.as_second(),
        charge.txn.as_ref().map(facts::TxnId::as_str),
        charge.payment_intent,
        charge.customer,
        charge.payment_method,
        charge.description,
        charge.disputed,
        metadata(&charge.metadata)?,
    ];
    put_row(transaction, &CHARGE, row)
}

fn put_refund(transaction: &Transaction<'_>, refund: &Refund, hash: &[u8]) -> Result<Change> {
    let currency = refund.amount.currency();
    let row = params![
        refund.account.as_str(),
        refund.id.as_str(),
        hash,
        currency.as_str(),
        refund.amount.minor(),
        refund.charge.as_ref().map(facts::ChargeId::as_str),
        refund.reason,
        refund.status,
        refund.created_at.as_second(),
        refund.txn.as_ref().map(facts::TxnId::as_str),
        refund.failure_txn.as_ref().map(facts::TxnId::as_str),
        metadata(&refund.metadata)?,
    ];
    put_row(transaction, &REFUND, row)
}

fn put_dispute(transaction: &Transaction<'_>, dispute: &Dispute, hash: &[u8]) -> Result<Change> {
    let txns: Vec<&str> = dispute.txns.iter().map(facts::TxnId::as_str).collect();
    let currency = dispute.amount.currency();
    let row = params![
        dispute.account.as_str(),
        dispute.id.as_str(),
        hash,
        currency.as_str(),
        dispute.amount.minor(),
        dispute.charge.as_str(),
        dispute.reason,
        dispute.status,
        dispute.created_at.as_second(),
        rows::to_json(&txns)?,
    ];
    put_row(transaction, &DISPUTE, row)
}

fn metadata(metadata: &Metadata) -> Result<String> {
    rows::to_json(metadata)
}
