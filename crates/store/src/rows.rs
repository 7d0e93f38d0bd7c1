//! Columns to values and back: times, flags, ids, words and JSON lists. A value that cannot be what its column holds is an
//! error that names the column.

use facts::{
    Allocation, BankAccountName, BankLine, Composition, Deposit, Evidence, Exception, Match, Payout, PayoutVerdict, SourceRef,
    TraceId, Txn,
};
use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency};

use crate::StoreError;
use crate::database::{FromSql, Read, Row, ValueRef};

/// A text column read through `parse`.
pub(crate) fn parsed<T>(row: &Row<'_>, index: usize, parse: impl FnOnce(&str) -> Option<T>) -> Read<T> {
    match row.value(index)? {
        ValueRef::Text(text) => parse(text).ok_or_else(|| row.unfit(index, text)),
        _ => Err(row.unfit(index, "no text")),
    }
}

/// The same, where the column may be NULL.
pub(crate) fn parsed_or_none<T>(row: &Row<'_>, index: usize, parse: impl FnOnce(&str) -> Option<T>) -> Read<Option<T>> {
    if row.value(index)? == ValueRef::Null { Ok(None) } else { parsed(row, index, parse).map(Some) }
}

/// An id column: `id(row, 0, TxnId::parse)`.
pub(crate) fn id<T, E>(row: &Row<'_>, index: usize, parse: impl FnOnce(&str) -> Result<T, E>) -> Read<T> {
    parsed(row, index, |text| parse(text).ok())
}

/// The same, where the column may be NULL.
pub(crate) fn id_or_none<T, E>(row: &Row<'_>, index: usize, parse: impl FnOnce(&str) -> Result<T, E>) -> Read<Option<T>> {
    parsed_or_none(row, index, |text| parse(text).ok())
}

pub(crate) fn currency(row: &Row<'_>, index: usize) -> Read<Currency> {
    id(row, index, Currency::parse)
}

pub(crate) fn date(row: &Row<'_>, index: usize) -> Read<Date> {
    parsed(row, index, |text| text.parse().ok())
}

pub(crate) fn date_or_none(row: &Row<'_>, index: usize) -> Read<Option<Date>> {
    parsed_or_none(row, index, |text| text.parse().ok())
}

/// One of Stripe's instants: unix seconds.
pub(crate) fn stripe_time(row: &Row<'_>, index: usize) -> Read<Timestamp> {
    let seconds: i64 = row.get(index)?;
    Timestamp::from_second(seconds).map_err(|_| row.unfit(index, seconds))
}

/// The same, where the column may be NULL.
pub(crate) fn stripe_time_or_none(row: &Row<'_>, index: usize) -> Read<Option<Timestamp>> {
    match row.get::<Option<i64>>(index)? {
        Some(_) => stripe_time(row, index).map(Some),
        None => Ok(None),
    }
}

/// One of our instants: unix microseconds.
pub(crate) fn time(row: &Row<'_>, index: usize) -> Read<Timestamp> {
    let micros: i64 = row.get(index)?;
    Timestamp::from_microsecond(micros).map_err(|_| row.unfit(index, micros))
}

/// The same, where the column may be NULL.
pub(crate) fn time_or_none(row: &Row<'_>, index: usize) -> Read<Option<Timestamp>> {
    match row.get::<Option<i64>>(index)? {
        Some(_) => time(row, index).map(Some),
        None => Ok(None),
    }
}

/// A number that fits a narrower type.
pub(crate) fn narrow<T: TryFrom<i64>>(row: &Row<'_>, index: usize) -> Read<T> {
    let number: i64 = row.get(index)?;
    T::try_from(number).map_err(|_| row.unfit(index, number))
}

/// The same, where the column may be NULL.
pub(crate) fn narrow_or_none<T: TryFrom<i64>>(row: &Row<'_>, index: usize) -> Read<Option<T>> {
    match row.get::<Option<i64>>(index)? {
        Some(_) => narrow(row, index).map(Some),
        None => Ok(None),
    }
}

/// A JSON list.
pub(crate) fn json<T: serde::de::DeserializeOwned>(row: &Row<'_>, index: usize) -> Read<T> {
    parsed(row, index, |text| serde_json::from_str(text).ok())
}

/// A list as JSON text. Lists of texts and numbers always have one.
pub(crate) fn to_json<T: serde::Serialize>(list: &T) -> Result<String, StoreError> {
    serde_json::to_string(list).map_err(|error| StoreError::bad_row(format!("a list cannot be written as JSON: {error}")))
}

/// Columns read one after the other, so that a row's reader is the list of its columns.
pub(crate) struct Columns<'r, 'a> {
    pub(crate) row: &'r Row<'a>,
    next: usize,
}

impl<'r, 'a> Columns<'r, 'a> {
    pub(crate) fn new(row: &'r Row<'a>, first: usize) -> Self {
        Self { row, next: first }
    }

    fn step(&mut self) -> usize {
        let index = self.next;
        self.next += 1;
        index
    }

    pub(crate) fn get<T: FromSql>(&mut self) -> Read<T> {
        let index = self.step();
        self.row.get(index)
    }

    pub(crate) fn with<T>(&mut self, read: impl FnOnce(&Row<'_>, usize) -> Read<T>) -> Read<T> {
        let index = self.step();
        read(self.row, index)
    }

    pub(crate) fn id<T, E>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> Read<T> {
        self.with(|row, index| id(row, index, parse))
    }

    pub(crate) fn id_or_none<T, E>(&mut self, parse: impl FnOnce(&str) -> Result<T, E>) -> Read<Option<T>> {
        self.with(|row, index| id_or_none(row, index, parse))
    }

    pub(crate) fn word<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Read<T> {
        self.with(|row, index| parsed(row, index, parse))
    }

    pub(crate) fn word_or_none<T>(&mut self, parse: impl FnOnce(&str) -> Option<T>) -> Read<Option<T>> {
        self.with(|row, index| parsed_or_none(row, index, parse))
    }

    /// A foreign, open set of words.
    pub(crate) fn open_word<T>(&mut self, parse: impl FnOnce(&str) -> T) -> Read<T> {
        self.with(|row, index| parsed(row, index, |text| Some(parse(text))))
    }

    /// `currency` and then `…_minor`, in this order in every table.
    pub(crate) fn amount(&mut self) -> Read<Amount> {
        let currency = self.with(currency)?;
        Ok(Amount::new(self.get()?, currency))
    }
}

/// The columns that [`txn`] reads, of the table under the alias `t`.
pub(crate) const TXN: &str = "t.account, t.id, t.currency, t.amount_minor, t.fee_minor, t.net_minor, t.kind, t.reporting_category, \
     t.status, t.balance_type, t.created_at, t.available_on, t.description, t.source, t.source_object, t.exchange_rate";
/// How many columns [`TXN`] names.
pub(crate) const TXN_COLUMNS: usize = 16;

pub(crate) fn txn(row: &Row<'_>) -> Read<Txn> {
    let mut c = Columns::new(row, 0);
    Ok(Txn {
        account: c.id(facts::AccountId::parse)?,
        id: c.id(facts::TxnId::parse)?,
        amount: c.amount()?,
        fee_minor: c.get()?,
        net_minor: c.get()?,
        kind: c.get()?,
        reporting_category: c.get()?,
        status: c.open_word(facts::TxnStatus::from_word)?,
        balance_type: c.get()?,
        created_at: c.with(stripe_time)?,
        available_on: c.with(date)?,
        description: c.get()?,
        source: source(c.get()?, c.get()?),
        exchange_rate: c.get()?,
    })
}

fn source(id: Option<String>, object: Option<String>) -> Option<SourceRef> {
    id.map(|id| SourceRef { id, object })
}

/// The columns that [`payout`] reads, of the table under the alias `p`.
pub(crate) const PAYOUT: &str = "p.account, p.id, p.currency, p.amount_minor, p.arrives_on, p.created_at, p.status, p.automatic, \
     p.method, p.reconciliation_status, p.own_txn, p.failure_txn, p.failure_code, p.destination, p.statement_descriptor, \
     p.description, p.trace_status, p.trace_value, p.original_payout, p.reversed_by";
/// How many columns [`PAYOUT`] names.
pub(crate) const PAYOUT_COLUMNS: usize = 20;

pub(crate) fn payout(row: &Row<'_>) -> Read<Payout> {
    let mut c = Columns::new(row, 0);
    Ok(Payout {
        account: c.id(facts::AccountId::parse)?,
        id: c.id(facts::PayoutId::parse)?,
        amount: c.amount()?,
        arrives_on: c.with(date)?,
        created_at: c.with(stripe_time)?,
        status: c.open_word(facts::PayoutStatus::from_word)?,
        automatic: c.get()?,
        method: c.get()?,
        reconciliation_status: c.open_word(facts::ReconciliationStatus::from_word)?,
        own_txn: c.id_or_none(facts::TxnId::parse)?,
        failure_txn: c.id_or_none(facts::TxnId::parse)?,
        failure_code: c.get()?,
        destination: c.id_or_none(facts::DestinationId::parse)?,
        statement_descriptor: c.get()?,
        description: c.get()?,
        trace_id: trace(c.get()?, c.get()?),
        original_payout: c.id_or_none(facts::PayoutId::parse)?,
        reversed_by: c.id_or_none(facts::PayoutId::parse)?,
    })
}

fn trace(status: Option<String>, value: Option<String>) -> Option<TraceId> {
    status.map(|status| TraceId { status, value })
}

/// The columns that [`bank_line`] reads, of the table under the alias `l`.
pub(crate) const BANK_LINE: &str = "l.id, l.bank_account, l.date_on, l.value_on, l.currency, l.amount_minor, l.description, \
     l.counterparty, l.reference, l.other_references, l.balance_after_minor";
/// How many columns [`BANK_LINE`] names.
pub(crate) const BANK_LINE_COLUMNS: usize = 11;

pub(crate) fn bank_line(row: &Row<'_>) -> Read<BankLine> {
    let mut c = Columns::new(row, 0);
    Ok(BankLine {
        id: c.id(facts::BankLineId::parse)?,
        bank_account: c.id(BankAccountName::parse)?,
        date_on: c.with(date)?,
        value_on: c.with(date_or_none)?,
        amount: c.amount()?,
        description: c.get()?,
        counterparty: c.get()?,
        reference: c.get()?,
        other_references: c.with(json)?,
        balance_after_minor: c.get()?,
    })
}

/// The columns that [`verdict`] reads, of the table under the alias `v`.
pub(crate) const VERDICT: &str = "v.account, v.payout, v.bucket, v.composition, v.txn_count, v.sum_net_minor, \
     v.composition_difference_minor, v.deposit, v.deposit_difference_minor, v.decided_by, v.probability_ppm, v.due_on, \
     v.covered_until_on";

/// A verdict whose columns begin at `first`; its allocations come from another table.
pub(crate) fn verdict(row: &Row<'_>, first: usize, allocations: Vec<Allocation>) -> Read<PayoutVerdict> {
    let mut c = Columns::new(row, first);
    Ok(PayoutVerdict {
        account: c.id(facts::AccountId::parse)?,
        payout: c.id(facts::PayoutId::parse)?,
        bucket: c.word(facts::Bucket::from_word)?,
        composition: Composition {
            state: c.word(facts::CompositionState::from_word)?,
            txn_count: c.with(narrow)?,
            sum_net_minor: c.get()?,
            difference_minor: c.get()?,
        },
        deposit: Deposit {
            state: c.word(facts::DepositState::from_word)?,
            difference_minor: c.get()?,
            decided_by: c.word_or_none(facts::Decider::from_word)?,
            probability_ppm: c.with(narrow_or_none)?,
            due_on: c.with(date)?,
            covered_until_on: c.with(date_or_none)?,
            allocations,
        },
    })
}

/// The columns that [`match_`] reads, of the table under the alias `m`.
pub(crate) const MATCH: &str = "m.id, m.kind, m.state, m.account, m.currency, m.decided_by, m.probability_ppm, m.score, m.rivals, \
     m.difference_minor, m.evidence";

/// A match without its members, which come from another table.
pub(crate) fn match_(row: &Row<'_>) -> Read<Match> {
    let mut c = Columns::new(row, 0);
    Ok(Match {
        id: c.id(facts::MatchId::parse)?,
        kind: c.word(facts::MatchKind::from_word)?,
        state: c.word(facts::MatchState::from_word)?,
        account: c.id(facts::AccountId::parse)?,
        currency: c.with(currency)?,
        decided_by: c.word_or_none(facts::Decider::from_word)?,
        probability_ppm: c.with(narrow_or_none)?,
        score: c.with(narrow)?,
        rivals: c.with(narrow)?,
        difference_minor: c.get()?,
        evidence: c.with(json::<Vec<(String, String, i32)>>)?.into_iter().map(evidence).collect(),
        left: Vec::new(),
        right: Vec::new(),
    })
}

fn evidence((name, finding, weight): (String, String, i32)) -> Evidence {
    Evidence { name, finding, weight }
}

/// The columns that [`exception`] reads, of the table under the alias `e`.
pub(crate) const EXCEPTION: &str = "e.id, e.code, e.class, e.account, e.currency, e.amount_minor, e.explanation, e.remedy";
/// How many columns [`EXCEPTION`] names.
pub(crate) const EXCEPTION_COLUMNS: usize = 8;

/// An exception without its subjects, which come from another table.
pub(crate) fn exception(row: &Row<'_>) -> Read<Exception> {
    let mut c = Columns::new(row, 0);
    Ok(Exception {
        id: c.id(facts::ExceptionId::parse)?,
        code: c.word(facts::ExceptionCode::from_word)?,
        class: c.word(facts::Class::from_word)?,
        account: c.id_or_none(facts::AccountId::parse)?,
        currency: c.with(currency)?,
        amount_minor: c.with(narrow)?,
        subjects: Vec::new(),
        explanation: c.get()?,
        remedy: c.get()?,
    })
}

/// Every noun that a match or an exception can be about.
const SUBJECT_KINDS: &[&str] = &[
    "payout",
    "bank_line",
    "txn",
    "charge",
    "refund",
    "dispute",
    "transfer",
    "transfer_reversal",
    "application_fee",
    "account",
    "balance",
    "bank_account",
    "record",
    "source",
    "match",
    "exception",
];

/// The noun of a stored word.
pub(crate) fn subject_kind(word: &str) -> Option<&'static str> {
    SUBJECT_KINDS.iter().copied().find(|kind| *kind == word)
}
