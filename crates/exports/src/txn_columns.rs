//! What every list of txns tells alike, whatever its columns are called.

use facts::{Payout, PayoutId, PayoutStatus, ReconciliationStatus, SourceRef, Txn, TxnId};
use jiff::civil::Date;
use money::Amount;

use crate::cells::{self, Money, MoneyColumns};
use crate::columns::{Column, Columns};
use crate::error::ReadError;
use crate::table::Row;
use crate::time::{self, TimeColumn};
use crate::{Source, status_on};

/// How a list calls the columns whose names differ.
pub(crate) struct Names {
    pub(crate) id: &'static str,
    pub(crate) gross: &'static str,
    pub(crate) source: &'static str,
    pub(crate) payout: &'static str,
}

pub(crate) struct TxnColumns {
    pub(crate) id: Column,
    money: MoneyColumns,
    created: TimeColumn,
    available_on: TimeColumn,
    source: Option<Column>,
    description: Option<Column>,
    /// The payout that settles the txn.
    pub(crate) payout: Option<Column>,
}

impl TxnColumns {
    pub(crate) fn need(columns: &Columns<'_>, names: &Names) -> Result<Self, ReadError> {
        Ok(Self {
            id: columns.need(names.id)?,
            money: MoneyColumns::need(columns, names.gross)?,
            created: time::need(columns, "created")?,
            available_on: time::need(columns, "available_on")?,
            source: columns.find(names.source)?,
            description: columns.find("description")?,
            payout: columns.find(names.payout)?,
        })
    }

    /// Those that are there.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Column> {
        let optional = [&self.source, &self.description, &self.payout].into_iter().flatten();
        self.money.all().into_iter().chain(optional).chain([&self.id, &self.created.column, &self.available_on.column])
    }

    /// Whether a time is in the report's zone.
    pub(crate) fn is_local(&self) -> bool {
        self.created.is_local() || self.available_on.is_local()
    }

    /// A row's txn, without its type and reporting category, and the payout that settles it.
    pub(crate) fn read(&self, row: &Row<'_>, source: &Source<'_>) -> Result<(Txn, Option<PayoutId>), ReadError> {
        let Money { currency, gross_minor, fee_minor, net_minor } = self.money.read(row)?;
        let payout = cells::id_or_none(row, self.payout.as_ref(), PayoutId::parse)?;
        let available_on = self.available_on.day(row, source.zone)?;
        let txn = Txn {
            id: cells::id(row, &self.id, TxnId::parse)?,
            account: source.account.clone(),
            amount: Amount::new(gross_minor, currency),
            fee_minor,
            net_minor,
            kind: String::new(),
            reporting_category: String::new(),
            status: status_on(available_on, payout.is_some(), source.today),
            balance_type: "payments".to_owned(),
            created_at: self.created.instant(row, source.zone)?,
            available_on,
            description: cells::text(row, self.description.as_ref()),
            source: cells::text(row, self.source.as_ref()).map(|id| SourceRef { id, object: None }),
            exchange_rate: None,
        };
        Ok((txn, payout))
    }
}

/// A payout of which no more is known than the txn with which it left the balance, on `line`, and the day of its arrival.
pub(crate) fn payout_of(own: &Txn, id: PayoutId, arrives_on: Date, line: u64) -> Result<Payout, ReadError> {
    let amount = own.amount.checked_neg().map_err(|error| ReadError::new(error.to_string(), "less").line(line))?;
    Ok(Payout {
        id,
        account: own.account.clone(),
        amount,
        arrives_on,
        created_at: own.created_at,
        status: PayoutStatus::Unknown(String::new()),
        automatic: false,
        method: String::new(),
        reconciliation_status: ReconciliationStatus::Unknown(String::new()),
        own_txn: Some(own.id.clone()),
        failure_txn: None,
        failure_code: None,
        destination: None,
        statement_descriptor: None,
        description: None,
        trace_id: None,
        original_payout: None,
        reversed_by: None,
    })
}
