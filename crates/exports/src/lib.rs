//! Files that Stripe's Dashboard exports to txns and payouts: what a person without a key has.
//!
//! A crate of its own: it knows one outside thing, Stripe's reports, whose columns, units and time zones are neither those of
//! its API (`stripe`) nor those of any bank (`statements`). Owns: telling which file it is, columns, major units, times. Refuses:
//! guessing, and a row that contradicts itself: then the whole file is refused with what, where and what to do.

mod balance;
mod cells;
mod columns;
mod error;
mod itemized;
pub mod limits;
mod payouts;
mod seen;
mod table;
mod time;
mod txn_columns;

use facts::{AccountId, ExportedPayout, ExportedTxn, TxnStatus};
use jiff::Timestamp;
use jiff::civil::Date;

pub use error::ReadError;
pub use time::Zone;

use columns::Columns;
use table::Table;

/// A file to read, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file's content.
    pub bytes: &'a [u8],
    /// Its name, for messages, and for the report that only its name may tell.
    pub file_name: &'a str,
    /// Whose export it is.
    pub account: &'a AccountId,
    /// The report's time zone, for columns that are not in UTC.
    pub zone: &'a Zone,
    /// The day in UTC on which it is read: what became available by then is available.
    pub today: Date,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Export {
    /// Which export it is.
    pub report: Report,
    /// Rows in the file, those that stand twice included.
    pub rows: u64,
    /// Its txns, in the file's order.
    pub txns: Vec<ExportedTxn>,
    /// Its payouts, in the file's order. `automatic` holds only where the file itself proves it.
    pub payouts: Vec<ExportedPayout>,
    /// The newest instant that it speaks of; `None` where it has no rows.
    pub until: Option<Timestamp>,
    /// Whether the time zone decided what any of its times is.
    pub zone_used: bool,
}

/// Which export a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Report {
    /// `payout_reconciliation.itemized` and `.by_id.itemized`: all txns of each payout that it names.
    PayoutReconciliation,
    /// `balance_change_from_activity.itemized`, `ending_balance_reconciliation.itemized`, and whatever else has their columns:
    /// txns by the day on which they were made. Of a payout it may hold only some.
    Txns,
    /// `payouts.itemized`.
    Payouts,
    /// The balance's own list, as the Dashboard exports it.
    Balance,
}

impl Report {
    /// The word in outputs and in the database.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PayoutReconciliation => "payout_reconciliation.itemized",
            Self::Txns => "balance_change.itemized",
            Self::Payouts => "payouts.itemized",
            Self::Balance => "balance",
        }
    }

    /// Whether every payout that it names stands in it with all of its txns, unless a person filtered it.
    #[must_use]
    pub const fn holds_whole_payouts(self) -> bool {
        matches!(self, Self::PayoutReconciliation)
    }
}

/// Reads an export: all of it, or nothing.
///
/// # Errors
/// [`ReadError`] says what, where, what was expected and what to do.
pub fn read(source: &Source<'_>) -> Result<Export, ReadError> {
    read_any(source).map_err(|error| error.in_file(source.file_name))
}

/// Whether this is one of Stripe's exports, readable or not. For whoever was handed it instead of something else.
#[must_use]
pub fn is_export(bytes: &[u8]) -> bool {
    let end = bytes.iter().position(|&byte| byte == b'\n').unwrap_or(bytes.len());
    let header = Table::open(bytes.get(..end).unwrap_or_default()).map(|table| table.header).unwrap_or_default();
    !matches!(Layout::of(&Columns::new(&header)), Layout::Other)
}

/// What a header tells.
enum Layout {
    Itemized,
    Payouts,
    Balance,
    /// A report that has no txns and no payouts.
    Summary,
    /// The Dashboard's list of payments: charges, without the txns that they made.
    Payments,
    Other,
}

impl Layout {
    fn of(columns: &Columns<'_>) -> Self {
        let any = |names: &[&str]| names.iter().any(|name| columns.has(name));
        let has_money = any(&["gross", "net"]) && columns.has("reporting_category");
        if columns.has("payout_id") && has_money {
            Self::Payouts
        } else if any(&ITEMIZED) && (has_money || columns.has("balance_transaction_id")) {
            Self::Itemized
        } else if columns.has_all(&["id", "type", "amount", "fee", "net", "currency"]) && any(&["created", "created_utc"]) {
            Self::Balance
        } else if columns.has_all(&["reporting_category", "currency"]) || columns.has_all(&["category", "currency", "net_amount"])
        {
            Self::Summary
        } else if columns.has_all(&["id", "amount", "amount_refunded", "currency"]) {
            Self::Payments
        } else {
            Self::Other
        }
    }
}

/// What stands in a report of single txns and in no summary.
const ITEMIZED: [&str; 7] =
    ["automatic_payout_id", "available_on", "available_on_utc", "balance_transaction_id", "created", "created_utc", "source_id"];

/// What is read, for whoever brings something else.
const READ_ARE: &str = "one of Stripe's itemised exports: payout reconciliation, balance change from activity, ending balance, \
     payouts, or the list of the balance";

fn read_any(source: &Source<'_>) -> Result<Export, ReadError> {
    let mut table = Table::open(source.bytes)?;
    let header = table.header.clone();
    let refused = |found: &str, hint: &str| Err(ReadError::new(found, READ_ARE).line(1).hint(hint));
    match Layout::of(&Columns::new(&header)) {
        Layout::Itemized => itemized::read(&mut table, source),
        Layout::Payouts => payouts::read(&mut table, source),
        Layout::Balance => balance::read(&mut table, source),
        Layout::Summary => {
            refused("a summary, without any single txn", "choose Itemized where the Dashboard offers the download")
        }
        Layout::Payments => refused(
            "the list of payments, which says nothing of the balance and its payouts",
            "in the Dashboard, open Reports, then Payout reconciliation, and download the itemised report",
        ),
        Layout::Other => refused(
            &format!("the columns {}", shown(&header)),
            "in the Dashboard, open Reports, then Payout reconciliation, and download the itemised report; a bank's file goes to \
             tieout import bank",
        ),
    }
}

fn shown(header: &[String]) -> String {
    let names: Vec<String> = header.iter().take(8).map(|name| error::quoted(name)).collect();
    format!("{}{}", names.join(", "), if header.len() > names.len() { ", …" } else { "" })
}

/// What was paid out is available, and so is what became available by the day on which the file is read.
fn status_on(available_on: Date, paid_out: bool, today: Date) -> TxnStatus {
    if paid_out || available_on <= today { TxnStatus::Available } else { TxnStatus::Pending }
}
