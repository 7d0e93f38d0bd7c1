//! From the wire to facts: what an object says, or why it cannot be believed.
//!
//! Nothing here fails: an object that contradicts itself, or lacks what it must have, becomes [`Fact::Refused`] and is kept
//! and shown as that. Words that we do not know are kept as they came.

mod object;

use std::collections::BTreeMap;

use facts::{AccountId, AccountKind, BadId, Fact, RefusalCause};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use money::{Amount, Currency};
use serde::Deserialize;

use crate::wire::{self, Link};

pub(crate) use self::object::{object, subject_of_event};

/// An object's id, where it has one, and what it says or why it cannot be believed.
pub(crate) type Found = (Option<String>, Result<Fact, Doubt>);

/// Why an object cannot be believed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// In one word.
    pub(crate) cause: RefusalCause,
    /// In a sentence for people.
    pub(crate) reason: String,
}

impl Doubt {
    pub(crate) fn new(cause: RefusalCause, reason: impl Into<String>) -> Self {
        Self { cause, reason: reason.into() }
    }

    /// What serde says of an object that is one, or is none.
    fn of_json(raw: &str, error: &serde_json::Error) -> Self {
        let told = in_words(error);
        if !raw.trim_start().starts_with('{') {
            return Self::new(RefusalCause::NotAnObject, format!("it is not an object: {told}"));
        }
        let cause = if told.starts_with("missing field") { RefusalCause::MissingField } else { RefusalCause::BadField };
        Self::new(cause, format!("it lacks what it must have: {told}"))
    }
}

/// Reads an account.
pub(crate) fn account(kind: AccountKind, raw: &str) -> Found {
    found(raw, |wire: wire::Account| {
        let dashboard = wire.settings.and_then(|settings| settings.dashboard);
        let (display_name, time_zone) = dashboard.map_or((None, None), |board| (board.display_name, board.timezone));
        let name = display_name.or_else(|| wire.business_profile.and_then(|profile| profile.name));
        Ok(Fact::Account(facts::Account {
            id: id(&wire.id, AccountId::parse)?,
            kind,
            country: wire.country,
            default_currency: wire.default_currency.and_then(|code| Currency::parse(&code).ok()),
            time_zone,
            display_name: name.filter(|name| !name.is_empty()),
        }))
    })
}

/// Reads a balance transaction of `account`.
pub(crate) fn txn(account: &AccountId, raw: &str) -> Found {
    found(raw, |wire: wire::Txn<'_>| {
        let currency = currency(&wire.currency)?;
        if wire.amount.checked_sub(wire.fee) != Some(wire.net) {
            let told = format!(
                "its net contradicts its amount and fee: amount {} less fee {} is not net {} (minor units of {currency})",
                wire.amount, wire.fee, wire.net
            );
            return Err(Doubt::new(RefusalCause::Contradicts, told));
        }
        let rate = wire.exchange_rate.map(wire::rate).transpose();
        Ok(Fact::Txn(facts::Txn {
            id: id(&wire.id, facts::TxnId::parse)?,
            account: account.clone(),
            amount: Amount::new(wire.amount, currency),
            fee_minor: wire.fee,
            net_minor: wire.net,
            kind: wire.kind.unwrap_or_default(),
            reporting_category: wire.reporting_category.unwrap_or_default(),
            status: facts::TxnStatus::from_word(wire.status.as_deref().unwrap_or_default()),
            // Versions before 2026-01-28 do not say; then it is the one balance that there was.
            balance_type: wire.balance_type.unwrap_or_else(|| "payments".to_owned()),
            created_at: instant("created", wire.created)?,
            available_on: day("available_on", wire.available_on)?,
            description: wire.description,
            source: wire.source.map(|link| facts::SourceRef { id: link.id, object: link.object }),
            exchange_rate: rate.map_err(|text| {
                Doubt::new(RefusalCause::BadField, format!("its exchange_rate is not a decimal number: {text}"))
            })?,
        }))
    })
}

/// Reads a payout of `account`.
pub(crate) fn payout(account: &AccountId, raw: &str) -> Found {
    found(raw, |wire: wire::Payout| {
        let word = Option::<String>::unwrap_or_default;
        let trace_id = wire.trace_id.map(|trace| facts::TraceId { status: trace.status, value: trace.value });
        Ok(Fact::Payout(facts::Payout {
            id: id(&wire.id, facts::PayoutId::parse)?,
            account: account.clone(),
            amount: Amount::new(wire.amount, currency(&wire.currency)?),
            arrives_on: day("arrival_date", wire.arrival_date)?,
            created_at: instant("created", wire.created)?,
            status: facts::PayoutStatus::from_word(&word(wire.status)),
            automatic: wire.automatic,
            method: word(wire.method),
            reconciliation_status: facts::ReconciliationStatus::from_word(&word(wire.reconciliation_status)),
            own_txn: link(wire.balance_transaction, facts::TxnId::parse)?,
            failure_txn: link(wire.failure_balance_transaction, facts::TxnId::parse)?,
            failure_code: wire.failure_code,
            destination: link(wire.destination, facts::DestinationId::parse)?,
            statement_descriptor: wire.statement_descriptor,
            description: wire.description,
            trace_id,
            original_payout: link(wire.original_payout, facts::PayoutId::parse)?,
            reversed_by: link(wire.reversed_by, facts::PayoutId::parse)?,
        }))
    })
}

/// Reads a charge of `account`.
pub(crate) fn charge(account: &AccountId, raw: &str) -> Found {
    found(raw, |wire: wire::Charge| {
        Ok(Fact::Charge(facts::Charge {
            id: id(&wire.id, facts::ChargeId::parse)?,
            account: account.clone(),
            amount: Amount::new(wire.amount, currency(&wire.currency)?),
            refunded_minor: wire.amount_refunded,
            status: wire.status.unwrap_or_default(),
            created_at: instant("created", wire.created)?,
            txn: link(wire.balance_transaction, facts::TxnId::parse)?,
            payment_intent: wire.payment_intent.map(|link| link.id),
            customer: wire.customer.map(|link| link.id),
            payment_method: wire.payment_method_details.map(|method| method.kind),
            description: wire.description,
            disputed: wire.disputed.unwrap_or(false),
            metadata: wire.metadata,
        }))
    })
}

/// Reads a refund of `account`.
pub(crate) fn refund(account: &AccountId, raw: &str) -> Found {
    found(raw, |wire: wire::Refund| {
        Ok(Fact::Refund(facts::Refund {
            id: id(&wire.id, facts::RefundId::parse)?,
            account: account.clone(),
            amount: Amount::new(wire.amount, currency(&wire.currency)?),
            charge: link(wire.charge, facts::ChargeId::parse)?,
            reason: wire.reason,
            status: wire.status,
            created_at: instant("created", wire.created)?,
            txn: link(wire.balance_transaction, facts::TxnId::parse)?,
            failure_txn: link(wire.failure_balance_transaction, facts::TxnId::parse)?,
            metadata: wire.metadata,
        }))
    })
}

/// Reads a dispute of `account`.
pub(crate) fn dispute(account: &AccountId, raw: &str) -> Found {
    found(raw, |wire: wire::Dispute| {
        let txns = wire.balance_transactions.unwrap_or_default();
        let txns = txns.iter().map(|link| id(&link.id, facts::TxnId::parse));
        Ok(Fact::Dispute(facts::Dispute {
            id: id(&wire.id, facts::DisputeId::parse)?,
            account: account.clone(),
            amount: Amount::new(wire.amount, currency(&wire.currency)?),
            charge: id(&wire.charge.id, facts::ChargeId::parse)?,
            reason: wire.reason.unwrap_or_default(),
            status: wire.status.unwrap_or_default(),
            created_at: instant("created", wire.created)?,
            txns: txns.collect::<Result<_, _>>()?,
        }))
    })
}

/// What the balance object says per currency, in the order of the codes. A currency that only one of `available` and
/// `pending` names has zero in the other.
///
/// # Errors
/// In words, when it is not a balance, or an amount does not fit.
pub fn balances(account: &AccountId, body: &[u8]) -> Result<Vec<facts::Balance>, String> {
    let wire: wire::Balance = serde_json::from_slice(body).map_err(|error| format!("the answer is not a balance: {error}"))?;
    let mut sums: BTreeMap<Currency, (i64, i64)> = BTreeMap::new();
    for money in &wire.available {
        let sum = &mut sums.entry(currency(&money.currency).map_err(|doubt| doubt.reason)?).or_default().0;
        *sum = sum.checked_add(money.amount).ok_or("the balance does not fit 64 bits")?;
    }
    for money in &wire.pending {
        let sum = &mut sums.entry(currency(&money.currency).map_err(|doubt| doubt.reason)?).or_default().1;
        *sum = sum.checked_add(money.amount).ok_or("the balance does not fit 64 bits")?;
    }
    let balance = |(currency, (available, pending))| facts::Balance {
        account: account.clone(),
        available: Amount::new(available, currency),
        pending: Amount::new(pending, currency),
    };
    Ok(sums.into_iter().map(balance).collect())
}

/// Reads `raw` as a `W` and makes a fact of it; finds at least the id where that fails.
fn found<'a, W: Deserialize<'a>>(raw: &'a str, read: impl FnOnce(W) -> Result<Fact, Doubt>) -> Found {
    let read = match serde_json::from_str(raw) {
        Ok(wire) => read(wire),
        Err(error) => Err(Doubt::of_json(raw, &error)),
    };
    match read {
        Ok(fact) => (Some(fact.object_id().to_owned()), Ok(fact)),
        Err(doubt) => {
            let id = serde_json::from_str(raw).ok().map(|wire: wire::Id| wire.id);
            (id.filter(|id| AccountId::parse(id).is_ok()), Err(doubt))
        }
    }
}

/// The error without its line and column, which are places in an object that nobody sees laid out like that.
fn in_words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.split(" at line ").next().unwrap_or_default().to_owned()
}

fn id<T>(text: &str, parse: impl Fn(&str) -> Result<T, BadId>) -> Result<T, Doubt> {
    parse(text).map_err(|error| Doubt::new(RefusalCause::BadId, error.to_string()))
}

fn link<T>(link: Option<Link>, parse: impl Fn(&str) -> Result<T, BadId>) -> Result<Option<T>, Doubt> {
    link.map(|link| id(&link.id, parse)).transpose()
}

fn currency(code: &str) -> Result<Currency, Doubt> {
    Currency::parse(code).map_err(|error| Doubt::new(RefusalCause::UnknownCurrency, error.to_string()))
}

fn instant(field: &str, seconds: i64) -> Result<Timestamp, Doubt> {
    let bad = |_| Doubt::new(RefusalCause::BadField, format!("its {field} is not a time: {seconds}"));
    Timestamp::from_second(seconds).map_err(bad)
}

/// The day on which an instant lies in UTC: Stripe writes days as their midnight there.
fn day(field: &str, seconds: i64) -> Result<Date, Doubt> {
    Ok(TimeZone::UTC.to_datetime(instant(field, seconds)?).date())
}

#[cfg(test)]
mod tests;
