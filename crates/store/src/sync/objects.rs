//! Writing what an object says, only where it says something new.

use facts::{Account, AccountId, AccountKind, Charge, Dispute, Fact, Metadata, ObjectKind, Payout, Refund, Txn};

use super::batch::{Batch, Place};
use super::declared;
use crate::database::{Transaction, params};
use crate::{Result, rows};

// Each takes the row's columns in one order, the key first. A new version is most often a new object.

const ACCOUNT: &str = "INSERT INTO account (id, version, kind, country, default_currency, time_zone, display_name) VALUES (?1, ?2, ?3, \
     ?4, ?5, ?6, ?7) ON CONFLICT (id) DO UPDATE SET version = excluded.version, kind = excluded.kind, country = \
     excluded.country, default_currency = excluded.default_currency, time_zone = excluded.time_zone, display_name = \
     excluded.display_name";

const TXN: &str = "INSERT INTO txn (account, id, version, currency, amount_minor, fee_minor, net_minor, kind, reporting_category, \
     status, balance_type, created_at, available_on, description, source, source_object, exchange_rate) VALUES (?1, ?2, ?3, \
     ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17) ON CONFLICT (account, id) DO UPDATE SET version = \
     excluded.version, currency = excluded.currency, amount_minor = excluded.amount_minor, fee_minor = excluded.fee_minor, \
     net_minor = excluded.net_minor, kind = excluded.kind, reporting_category = excluded.reporting_category, status = \
     excluded.status, balance_type = excluded.balance_type, created_at = excluded.created_at, available_on = \
     excluded.available_on, description = excluded.description, source = excluded.source, source_object = \
     excluded.source_object, exchange_rate = excluded.exchange_rate";

/// A list of txns that was read under another reconciliation status is read again: Stripe may have made it since.
const PAYOUT: &str = "INSERT INTO payout (account, id, version, currency, amount_minor, arrives_on, created_at, status, automatic, \
     method, reconciliation_status, own_txn, failure_txn, failure_code, destination, statement_descriptor, description, \
     trace_status, trace_value, original_payout, reversed_by, members_complete, member_reading) VALUES (?1, ?2, ?3, ?4, ?5, \
     ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, 0, 0) ON CONFLICT (account, id) DO UPDATE \
     SET version = excluded.version, currency = excluded.currency, amount_minor = excluded.amount_minor, arrives_on = \
     excluded.arrives_on, created_at = excluded.created_at, status = excluded.status, automatic = excluded.automatic, method \
     = excluded.method, reconciliation_status = excluded.reconciliation_status, own_txn = excluded.own_txn, failure_txn = \
     excluded.failure_txn, failure_code = excluded.failure_code, destination = excluded.destination, statement_descriptor = \
     excluded.statement_descriptor, description = excluded.description, trace_status = excluded.trace_status, trace_value = \
     excluded.trace_value, original_payout = excluded.original_payout, reversed_by = excluded.reversed_by, members_complete \
     = CASE WHEN payout.reconciliation_status = excluded.reconciliation_status THEN payout.members_complete ELSE 0 END";

const CHARGE: &str = "INSERT INTO charge (account, id, version, currency, amount_minor, refunded_minor, status, created_at, txn, \
     payment_intent, customer, payment_method, description, disputed, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, \
     ?10, ?11, ?12, ?13, ?14, ?15) ON CONFLICT (account, id) DO UPDATE SET version = excluded.version, currency = \
     excluded.currency, amount_minor = excluded.amount_minor, refunded_minor = excluded.refunded_minor, status = \
     excluded.status, created_at = excluded.created_at, txn = excluded.txn, payment_intent = excluded.payment_intent, \
     customer = excluded.customer, payment_method = excluded.payment_method, description = excluded.description, disputed = \
     excluded.disputed, metadata = excluded.metadata";

const REFUND: &str = "INSERT INTO refund (account, id, version, currency, amount_minor, charge, reason, status, created_at, txn, \
     failure_txn, metadata) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12) ON CONFLICT (account, id) DO UPDATE \
     SET version = excluded.version, currency = excluded.currency, amount_minor = excluded.amount_minor, charge = \
     excluded.charge, reason = excluded.reason, status = excluded.status, created_at = excluded.created_at, txn = \
     excluded.txn, failure_txn = excluded.failure_txn, metadata = excluded.metadata";

const DISPUTE: &str = "INSERT INTO dispute (account, id, version, currency, amount_minor, charge, reason, status, created_at, txns) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (account, id) DO UPDATE SET version = excluded.version, \
     currency = excluded.currency, amount_minor = excluded.amount_minor, charge = excluded.charge, reason = excluded.reason, \
     status = excluded.status, created_at = excluded.created_at, txns = excluded.txns";

/// The row that a fact is about. What was refused does not say whose it is; it was asked for as its page's account's.
pub(super) fn place<'p>(page_of: &'p AccountId, fact: &'p Fact) -> Place<'p> {
    let account = match fact {
        Fact::Txn(txn) => &txn.account,
        Fact::Payout(payout) => &payout.account,
        Fact::Charge(charge) => &charge.account,
        Fact::Refund(refund) => &refund.account,
        Fact::Dispute(dispute) => &dispute.account,
        Fact::Object(object) => &object.account,
        Fact::Account(_) | Fact::Refused { .. } => page_of,
    };
    let account = if fact.kind() == ObjectKind::Account { "" } else { account.as_str() };
    (fact.kind(), account, fact.object_id())
}

/// Puts the row that the fact makes.
pub(super) fn put<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, fact: &'p Fact, hash: &[u8; 32]) -> Result<()> {
    let hash = &hash[..];
    match fact {
        Fact::Account(account) => put_account(batch, place, account, hash),
        Fact::Txn(txn) => put_txn(batch, place, txn, hash),
        Fact::Payout(payout) => put_payout(batch, place, payout, hash),
        Fact::Charge(charge) => put_charge(batch, place, charge, hash),
        Fact::Refund(refund) => put_refund(batch, place, refund, hash),
        Fact::Dispute(dispute) => put_dispute(batch, place, dispute, hash),
        Fact::Object(object) => declared::put(batch, place, object, hash),
        Fact::Refused { .. } => Ok(()),
    }
}

/// Writes the row of a fact that no page brought. What was added up of its account is not noted to be stale: see
/// [`super::everything`].
pub(crate) fn put_fact(transaction: &Transaction<'_>, fact: &Fact, hash: &[u8; 32]) -> Result<()> {
    let mut batch = Batch::new(transaction);
    // A row that is written alone meets none that waits, whoever's it is.
    put(&mut batch, (fact.kind(), "", fact.object_id()), fact, hash)?;
    batch.send()
}

fn put_account<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, account: &Account, hash: &[u8]) -> Result<()> {
    let kind = match account.kind {
        AccountKind::Own => "own",
        AccountKind::Connected => "connected",
    };
    let currency = account.default_currency.as_ref().map(|currency| currency.as_str());
    let row = params![account.id.as_str(), hash, kind, account.country, currency, account.time_zone, account.display_name];
    batch.put(place, ACCOUNT, row)
}

fn put_txn<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, txn: &Txn, hash: &[u8]) -> Result<()> {
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
    batch.put(place, TXN, row)
}

fn put_payout<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, payout: &Payout, hash: &[u8]) -> Result<()> {
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
    batch.put(place, PAYOUT, row)
}

fn put_charge<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, charge: &Charge, hash: &[u8]) -> Result<()> {
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
    batch.put(place, CHARGE, row)
}

fn put_refund<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, refund: &Refund, hash: &[u8]) -> Result<()> {
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
    batch.put(place, REFUND, row)
}

fn put_dispute<'p>(batch: &mut Batch<'_, '_, 'p>, place: Place<'p>, dispute: &Dispute, hash: &[u8]) -> Result<()> {
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
    batch.put(place, DISPUTE, row)
}

fn metadata(metadata: &Metadata) -> Result<String> {
    rows::to_json(metadata)
}
