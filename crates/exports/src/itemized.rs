//! Itemised reports: one row for each txn. Payout reconciliation, balance change from activity and ending balance differ in
//! which txns they hold, and hardly in their columns.

use facts::{AccountId, ExportedPayout, ExportedTxn, Payout, PayoutId, Txn};

use crate::columns::{Column, Columns};
use crate::error::{ReadError, quoted};
use crate::seen::Txns;
use crate::table::{Row, Table};
use crate::time::{self, TimeColumn};
use crate::txn_columns::{Names, TxnColumns, payout_of};
use crate::{Export, Report, Source};

const NAMES: Names = Names { id: "balance_transaction_id", gross: "gross", source: "source_id", payout: "automatic_payout_id" };

/// How Stripe's file name and its heading call the report that holds whole payouts.
const RECONCILIATION: &str = "payoutreconciliation";

struct Layout {
    txn: TxnColumns,
    category: Column,
    payout_effective_at: Option<TimeColumn>,
    /// Whose balance a row of a platform's report is of.
    connected_account: Option<Column>,
}

impl Layout {
    fn of(columns: &Columns<'_>) -> Result<Self, ReadError> {
        let layout = Self {
            txn: TxnColumns::need(columns, &NAMES)?,
            category: columns.need("reporting_category")?,
            payout_effective_at: time::find(columns, "automatic_payout_effective_at")?,
            connected_account: columns.find("connected_account")?,
        };
        match (&layout.payout_effective_at, &layout.txn.payout) {
            (Some(_), None) => Err(columns.missing(NAMES.payout)),
            _ => Ok(layout),
        }
    }

    fn columns(&self) -> Vec<&Column> {
        let effective_at = self.payout_effective_at.iter().map(|time| &time.column);
        self.txn.all().chain([&self.category]).chain(effective_at).chain(&self.connected_account).collect()
    }
}

/// Reads all of it.
pub(crate) fn read(table: &mut Table<'_>, source: &Source<'_>) -> Result<Export, ReadError> {
    let header = table.header.clone();
    let layout = Layout::of(&Columns::new(&header))?;
    let (mut txns, mut payouts) = (Txns::default(), Vec::new());
    let mut all_settled = true;
    let rows = table.rows(|row| {
        check_account(row, &layout, source.account)?;
        let (txn, payout) = txn(row, &layout, source)?;
        all_settled &= payout.is_some();
        let own = payout.as_ref().filter(|payout| is_own(&txn, payout));
        payouts.extend(own.map(|id| own_payout(row, &layout, source, &txn, id)).transpose()?.flatten());
        let payout = if own.is_some() { None } else { payout };
        txns.add(ExportedTxn { line: row.line, txn, payout })
    })?;
    let read = layout.columns();
    table.ends_whole(|at| read.iter().any(|column| column.at == at))?;
    let whole = all_settled && rows > 0 && holds_whole_payouts(&layout, source.file_name);
    let until = txns.rows.iter().map(|row| row.txn.created_at).max();
    Ok(Export {
        report: if whole { Report::PayoutReconciliation } else { Report::Txns },
        rows,
        txns: txns.rows,
        payouts,
        until,
        zone_used: layout.txn.is_local(),
    })
}

/// Whether the report is the one of whole payouts. Its columns may all stand in others too; but it alone begins with the payout,
/// and Stripe names its file for it.
fn holds_whole_payouts(layout: &Layout, file_name: &str) -> bool {
    let letters: String = file_name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let begins = layout.txn.payout.as_ref().is_some_and(|payout| payout.at < layout.txn.id.at);
    begins || letters.contains(RECONCILIATION)
}

fn check_account(row: &Row<'_>, layout: &Layout, account: &AccountId) -> Result<(), ReadError> {
    let Some(column) = &layout.connected_account else { return Ok(()) };
    let cell = row.cell(column.at);
    if cell.is_empty() || cell == account.as_str() {
        return Ok(());
    }
    Err(ReadError::new(quoted(cell), format!("rows of {account} alone"))
        .line(row.line)
        .column(&column.name)
        .hint("export the report of one connected account at a time, and name it with --account"))
}

fn txn(row: &Row<'_>, layout: &Layout, source: &Source<'_>) -> Result<(Txn, Option<PayoutId>), ReadError> {
    let (txn, payout) = layout.txn.read(row, source)?;
    let category = row.cell(layout.category.at);
    if category.is_empty() {
        let error = ReadError::new("nothing", "a reporting category such as charge");
        return Err(error.line(row.line).column(&layout.category.name));
    }
    Ok((Txn { reporting_category: category.to_owned(), ..txn }, payout))
}

/// Whether the txn is the payout's own, with which it left the balance.
fn is_own(txn: &Txn, payout: &PayoutId) -> bool {
    txn.reporting_category == "payout" && txn.source.as_ref().is_some_and(|source| source.id == payout.as_str())
}

/// The payout itself, where its own txn stands in its list and the report says when it arrives.
fn own_payout(
    row: &Row<'_>,
    layout: &Layout,
    source: &Source<'_>,
    own: &Txn,
    id: &PayoutId,
) -> Result<Option<ExportedPayout>, ReadError> {
    let Some(effective_at) = &layout.payout_effective_at else { return Ok(None) };
    let arrives_on = effective_at.day(row, source.zone)?;
    let payout = Payout { automatic: true, ..payout_of(own, id.clone(), arrives_on, row.line)? };
    Ok(Some(ExportedPayout { line: row.line, payout }))
}
