//! `payouts.itemized`: one row for each payout, and one more for each that came back.

use std::collections::HashMap;

use facts::{
    DestinationId, ExportedPayout, ExportedTxn, Payout, PayoutId, PayoutStatus, ReconciliationStatus, SourceRef, TraceId, Txn,
    TxnId,
};
use money::Amount;

use crate::cells::{self, Money, MoneyColumns};
use crate::columns::{Column, Columns};
use crate::error::{ReadError, quoted};
use crate::seen::Txns;
use crate::table::{Row, Table};
use crate::time::{self, TimeColumn};
use crate::{Export, Report, Source, status_on};

struct Layout {
    id: Column,
    status: Column,
    arrives_on: Column,
    effective_at: TimeColumn,
    money: MoneyColumns,
    category: Column,
    txn: Option<Column>,
    description: Option<Column>,
    payout_description: Option<Column>,
    destination: Option<Column>,
    trace_id: Option<Column>,
    trace_status: Option<Column>,
}

impl Layout {
    fn of(columns: &Columns<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            id: columns.need("payout_id")?,
            status: columns.need("payout_status")?,
            arrives_on: columns.need("payout_expected_arrival_date")?,
            effective_at: time::need(columns, "effective_at")?,
            money: MoneyColumns::need(columns, "gross")?,
            category: columns.need("reporting_category")?,
            txn: columns.find("balance_transaction_id")?,
            description: columns.find("description")?,
            payout_description: columns.find("payout_description")?,
            destination: columns.find("payout_destination_id")?,
            trace_id: columns.find("trace_id")?,
            trace_status: columns.find("trace_id_status")?,
        })
    }

    fn columns(&self) -> Vec<&Column> {
        let optional =
            [&self.txn, &self.description, &self.payout_description, &self.destination, &self.trace_id, &self.trace_status];
        let needed = [&self.id, &self.status, &self.arrives_on, &self.effective_at.column, &self.category];
        optional.into_iter().flatten().chain(needed).chain(self.money.all()).collect()
    }
}

/// Whether a row is the payout's leaving or its coming back.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Leg {
    Out,
    Back,
}

/// Reads all of it.
pub(crate) fn read(table: &mut Table<'_>, source: &Source<'_>) -> Result<Export, ReadError> {
    let header = table.header.clone();
    let layout = Layout::of(&Columns::new(&header))?;
    let (mut txns, mut payouts) = (Txns::default(), Payouts::default());
    let mut until = None;
    let rows = table.rows(|row| {
        let leg = leg(row, &layout)?;
        let seen_from_the_bank = layout.money.read(row)?;
        let txn = txn(row, &layout, source, seen_from_the_bank.turned(row)?)?;
        until = until.max(Some(layout.effective_at.instant(row, source.zone)?));
        payouts.add(row, payout(row, leg, &layout, source, &seen_from_the_bank)?)?;
        txn.map_or(Ok(()), |txn| txns.add(ExportedTxn { line: row.line, txn, payout: None }))
    })?;
    let read = layout.columns();
    table.ends_whole(|at| read.iter().any(|column| column.at == at))?;
    let zone_used = layout.effective_at.is_local();
    Ok(Export { report: Report::Payouts, rows, txns: txns.rows, payouts: payouts.rows, until, zone_used })
}

fn leg(row: &Row<'_>, layout: &Layout) -> Result<Leg, ReadError> {
    match row.cell(layout.category.at) {
        "payout" => Ok(Leg::Out),
        "payout_reversal" => Ok(Leg::Back),
        other => Err(ReadError::new(quoted(other), "payout or payout_reversal").line(row.line).column(&layout.category.name)),
    }
}

fn txn(row: &Row<'_>, layout: &Layout, source: &Source<'_>, money: Money) -> Result<Option<Txn>, ReadError> {
    let Some(id) = cells::id_or_none(row, layout.txn.as_ref(), TxnId::parse)? else { return Ok(None) };
    let available_on = layout.effective_at.day(row, source.zone)?;
    Ok(Some(Txn {
        id,
        account: source.account.clone(),
        amount: Amount::new(money.gross_minor, money.currency),
        fee_minor: money.fee_minor,
        net_minor: money.net_minor,
        kind: String::new(),
        reporting_category: row.cell(layout.category.at).to_owned(),
        status: status_on(available_on, false, source.today),
        balance_type: "payments".to_owned(),
        created_at: layout.effective_at.instant(row, source.zone)?,
        available_on,
        description: cells::text(row, layout.description.as_ref()),
        source: Some(SourceRef { id: row.cell(layout.id.at).to_owned(), object: None }),
        exchange_rate: None,
    }))
}

fn payout(row: &Row<'_>, leg: Leg, layout: &Layout, source: &Source<'_>, money: &Money) -> Result<Payout, ReadError> {
    let arrives_on = time::plain_day(row, &layout.arrives_on)?;
    let txn = cells::id_or_none(row, layout.txn.as_ref(), TxnId::parse)?;
    let (amount_minor, own_txn, failure_txn) = match leg {
        Leg::Out => (money.gross_minor, txn, None),
        Leg::Back => (money.turned(row)?.gross_minor, None, txn),
    };
    let trace = cells::text(row, layout.trace_id.as_ref());
    let trace_status = cells::text(row, layout.trace_status.as_ref());
    let status = trace_status.or_else(|| trace.as_ref().map(|_| "supported".to_owned()));
    Ok(Payout {
        id: cells::id(row, &layout.id, PayoutId::parse)?,
        account: source.account.clone(),
        amount: Amount::new(amount_minor, money.currency),
        arrives_on,
        created_at: layout.effective_at.instant(row, source.zone)?,
        status: PayoutStatus::from_word(&row.cell(layout.status.at).to_lowercase()),
        automatic: false,
        method: String::new(),
        reconciliation_status: ReconciliationStatus::Unknown(String::new()),
        own_txn,
        failure_txn,
        failure_code: None,
        destination: cells::id_or_none(row, layout.destination.as_ref(), DestinationId::parse)?,
        statement_descriptor: None,
        description: cells::text(row, layout.payout_description.as_ref()),
        trace_id: status.map(|status| TraceId { status, value: trace }),
        original_payout: None,
        reversed_by: None,
    })
}

/// The payouts of a file, each made of its one or two rows.
#[derive(Default)]
struct Payouts {
    rows: Vec<ExportedPayout>,
    places: HashMap<PayoutId, usize>,
}

impl Payouts {
    fn add(&mut self, row: &Row<'_>, said: Payout) -> Result<(), ReadError> {
        let known = self.places.get(&said.id).copied().and_then(|place| self.rows.get_mut(place));
        let Some(known) = known else {
            self.places.insert(said.id.clone(), self.rows.len());
            self.rows.push(ExportedPayout { line: row.line, payout: said });
            return Ok(());
        };
        let same = (&known.payout.amount, known.payout.arrives_on, &known.payout.status)
            == (&said.amount, said.arrives_on, &said.status);
        let kept = &mut known.payout;
        let taken = |kept: &Option<TxnId>, said: &Option<TxnId>| kept.is_some() && said.is_some() && kept != said;
        if !same || taken(&kept.own_txn, &said.own_txn) || taken(&kept.failure_txn, &said.failure_txn) {
            let found = format!("payout {} a second time, and it says something else than on line {}", said.id, known.line);
            return Err(ReadError::new(found, "a payout and at most its reversal, of one amount").line(row.line));
        }
        kept.created_at = kept.created_at.min(said.created_at);
        kept.own_txn = kept.own_txn.take().or(said.own_txn);
        kept.failure_txn = kept.failure_txn.take().or(said.failure_txn);
        Ok(())
    }
}
