//! Itemised reports: one row for each txn. Payout reconciliation, balance change from activity and ending balance differ in
//! which txns they hold, and hardly in their columns.

use facts::{
    AccountId, ExportedPayout, ExportedTxn, Payout, PayoutId, PayoutStatus, ReconciliationStatus, SourceRef, Txn, TxnId,
};
use money::Amount;

use crate::cells::{self, Money, MoneyColumns};
use crate::columns::{Column, Columns};
use crate::error::{ReadError, quoted};
use crate::seen::Txns;
use crate::table::{Row, Table};
use crate::time::{self, TimeColumn};
use crate::{Export, Report, Source, status_on};

/// How Stripe's file name and its heading call the report that holds whole payouts.
const RECONCILIATION: &str = "payoutreconciliation";

struct Layout {
    id: Column,
    created: TimeColumn,
    available_on: TimeColumn,
    money: MoneyColumns,
    category: Column,
    source: Option<Column>,
    description: Option<Column>,
    payout: Option<Column>,
    payout_effective_at: Option<TimeColumn>,
    /// Whose balance a row of a platform's report is of.
    connected_account: Option<Column>,
}

impl Layout {
    fn of(columns: &Columns<'_>) -> Result<Self, ReadError> {
        let payout_effective_at = time::find(columns, "automatic_payout_effective_at")?;
        let payout = columns.find("automatic_payout_id")?;
        if payout_effective_at.is_some() && payout.is_none() {
            return Err(columns.missing("automatic_payout_id"));
        }
        Ok(Self {
            id: columns.need("balance_transaction_id")?,
            created: time::need(columns, "created")?,
            available_on: time::need(columns, "available_on")?,
            money: MoneyColumns::need(columns, "gross")?,
            category: columns.need("reporting_category")?,
            source: columns.find("source_id")?,
            description: columns.find("description")?,
            payout,
            payout_effective_at,
            connected_account: columns.find("connected_account")?,
        })
    }

    fn columns(&self) -> Vec<&Column> {
        let times = [Some(&self.created), Some(&self.available_on), self.payout_effective_at.as_ref()];
        let optional = [&self.source, &self.description, &self.payout, &self.connected_account];
        let times = times.into_iter().flatten().map(|time| &time.column);
        times.chain(optional.into_iter().flatten()).chain(self.money.all()).chain([&self.id, &self.category]).collect()
    }

    fn is_local(&self) -> bool {
        self.created.is_local() || self.available_on.is_local()
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
        zone_used: layout.is_local(),
    })
}

/// Whether the report is the one of whole payouts. Its columns may all stand in others too; but it alone begins with the payout,
/// and Stripe names its file for it.
fn holds_whole_payouts(layout: &Layout, file_name: &str) -> bool {
    let letters: String = file_name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let begins = layout.payout.as_ref().is_some_and(|payout| payout.at < layout.id.at);
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
    let Money { currency, gross_minor, fee_minor, net_minor } = layout.money.read(row)?;
    let payout = cells::id_or_none(row, layout.payout.as_ref(), PayoutId::parse)?;
    let available_on = layout.available_on.day(row, source.zone)?;
    let category = row.cell(layout.category.at);
    if category.is_empty() {
        let error = ReadError::new("nothing", "a reporting category such as charge");
        return Err(error.line(row.line).column(&layout.category.name));
    }
    let txn = Txn {
        id: cells::id(row, &layout.id, TxnId::parse)?,
        account: source.account.clone(),
        amount: Amount::new(gross_minor, currency),
        fee_minor,
        net_minor,
        kind: String::new(),
        reporting_category: category.to_owned(),
        status: status_on(available_on, payout.is_some(), source.today),
        balance_type: "payments".to_owned(),
        created_at: layout.created.instant(row, source.zone)?,
        available_on,
        description: cells::text(row, layout.description.as_ref()),
        source: cells::text(row, layout.source.as_ref()).map(|id| SourceRef { id, object: None }),
        exchange_rate: None,
    };
    Ok((txn, payout))
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
    let left = own.amount.checked_neg().map_err(|error| ReadError::new(error.to_string(), "less").line(row.line))?;
    let payout = Payout {
        id: id.clone(),
        account: source.account.clone(),
        amount: left,
        arrives_on: effective_at.day(row, source.zone)?,
        created_at: own.created_at,
        status: PayoutStatus::Unknown(String::new()),
        automatic: true,
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
    };
    Ok(Some(ExportedPayout { line: row.line, payout }))
}
