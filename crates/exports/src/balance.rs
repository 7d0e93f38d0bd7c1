//! The list of the balance that the Dashboard exports: `id,Type,Source,Amount,Fee,Net,Currency,Created (UTC),…`. It alone names
//! Stripe's type of a txn, and it holds payouts among all others.

use std::collections::HashMap;

use facts::{ExportedPayout, ExportedTxn, Payout, PayoutId, PayoutStatus, Txn, TxnId};
use jiff::civil::Date;

use crate::columns::{Column, Columns};
use crate::error::ReadError;
use crate::seen::Txns;
use crate::table::{Row, Table};
use crate::time::{self, TimeColumn};
use crate::txn_columns::{Names, TxnColumns, payout_of};
use crate::{Export, Report, Source};

const NAMES: Names = Names { id: "id", gross: "amount", source: "source", payout: "transfer" };

struct Layout {
    txn: TxnColumns,
    kind: Column,
    payout_arrives: Option<TimeColumn>,
}

impl Layout {
    fn of(columns: &Columns<'_>) -> Result<Self, ReadError> {
        Ok(Self {
            txn: TxnColumns::need(columns, &NAMES)?,
            kind: columns.need("type")?,
            payout_arrives: time::find(columns, "transfer_date")?,
        })
    }

    fn columns(&self) -> Vec<&Column> {
        let arrives = self.payout_arrives.iter().map(|time| &time.column);
        self.txn.all().chain([&self.kind]).chain(arrives).collect()
    }
}

/// What the rows of other txns say of payouts.
#[derive(Default)]
struct Told {
    arrives_on: HashMap<PayoutId, Date>,
    came_back: HashMap<PayoutId, (PayoutStatus, TxnId)>,
}

/// Reads all of it.
pub(crate) fn read(table: &mut Table<'_>, source: &Source<'_>) -> Result<Export, ReadError> {
    let header = table.header.clone();
    let layout = Layout::of(&Columns::new(&header))?;
    let (mut txns, mut payouts, mut told) = (Txns::default(), Vec::new(), Told::default());
    let rows = table.rows(|row| {
        let (txn, payout) = txn(row, &layout, source)?;
        if let Some(payout) = &payout {
            arrival(row, &layout, source, payout, &mut told)?;
        }
        let own = own_of(&txn)?;
        match (txn.kind.as_str(), own) {
            ("payout", Some(id)) => payouts.push(own_payout(row, &txn, id)?),
            ("payout_failure", Some(id)) => {
                told.came_back.insert(id, (PayoutStatus::Failed, txn.id.clone()));
            }
            ("payout_cancel", Some(id)) => {
                told.came_back.insert(id, (PayoutStatus::Canceled, txn.id.clone()));
            }
            _ => {}
        }
        let is_own =
            txn.kind == "payout" && payout.as_ref().map(PayoutId::as_str) == txn.source.as_ref().map(|source| &*source.id);
        txns.add(ExportedTxn { line: row.line, txn, payout: payout.filter(|_| !is_own) })
    })?;
    let read = layout.columns();
    table.ends_whole(|at| read.iter().any(|column| column.at == at))?;
    // Only Stripe knows when it expects a payout at the bank: one without that day waits for the report of payouts.
    payouts.retain_mut(|ExportedPayout { payout, .. }| match told.arrives_on.get(&payout.id) {
        Some(day) => {
            payout.arrives_on = *day;
            true
        }
        None => false,
    });
    for ExportedPayout { payout, .. } in &mut payouts {
        if let Some((status, txn)) = told.came_back.remove(&payout.id) {
            (payout.status, payout.failure_txn) = (status, Some(txn));
        }
    }
    let until = txns.rows.iter().map(|row| row.txn.created_at).max();
    let zone_used = layout.txn.is_local();
    Ok(Export { report: Report::Balance, rows, txns: txns.rows, payouts, until, zone_used })
}

fn txn(row: &Row<'_>, layout: &Layout, source: &Source<'_>) -> Result<(Txn, Option<PayoutId>), ReadError> {
    let (txn, payout) = layout.txn.read(row, source)?;
    let kind = row.cell(layout.kind.at).to_lowercase().replace(' ', "_");
    if kind.is_empty() {
        return Err(ReadError::new("nothing", "a type such as charge").line(row.line).column(&layout.kind.name));
    }
    Ok((Txn { kind, ..txn }, payout))
}

/// The payout that a payout's txn is of.
fn own_of(txn: &Txn) -> Result<Option<PayoutId>, ReadError> {
    let is_of_a_payout = matches!(txn.kind.as_str(), "payout" | "payout_failure" | "payout_cancel");
    let id = txn.source.as_ref().filter(|_| is_of_a_payout).map(|source| PayoutId::parse(&source.id));
    id.transpose().map_err(|error| ReadError::new(error.to_string(), "a payout id"))
}

fn arrival(row: &Row<'_>, layout: &Layout, source: &Source<'_>, payout: &PayoutId, told: &mut Told) -> Result<(), ReadError> {
    let Some(column) = &layout.payout_arrives else { return Ok(()) };
    if row.cell(column.column.at).is_empty() {
        return Ok(());
    }
    let day = column.day(row, source.zone)?;
    match told.arrives_on.insert(payout.clone(), day) {
        Some(other) if other != day => Err(ReadError::new(
            format!("{day} for payout {payout}, which another row gives as {other}"),
            "one day for each payout",
        )
        .line(row.line)
        .column(&column.column.name)),
        _ => Ok(()),
    }
}

/// The payout itself. Whether it is automatic, and when it arrives, is told by the rows that name it.
fn own_payout(row: &Row<'_>, own: &Txn, id: PayoutId) -> Result<ExportedPayout, ReadError> {
    let description = own.description.clone();
    let payout = Payout { description, ..payout_of(own, id, own.available_on, row.line)? };
    Ok(ExportedPayout { line: row.line, payout })
}
