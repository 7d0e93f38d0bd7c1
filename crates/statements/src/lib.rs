//! Bank statement files to bank lines: CSV dialects, profiles, CAMT.053.
//!
//! Owns: detection, encodings, headers, dates, amounts, balances, and the identity of a line. Refuses: guessing. A file that has
//! two readings, or a line that has none, is refused as a whole with a message that says what, where and what to do.

mod camt;
pub mod csv;
mod dialects;
mod encoding;
mod error;
mod identity;
pub mod limits;
mod profile;
mod propose;
mod text;

use facts::{BankAccountName, BankLine, Coverage, StatementSpan};
use money::{Amount, Currency};

pub use crate::csv::date::DateOrder;
pub use dialects::{dialect, dialects};
pub use error::{ReadError, Trouble};
pub use profile::{Column, Columns, Profile, Sign};
pub use propose::{Finding, Proposal, propose_profile};

/// A file to read, and what is known of it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The file's content.
    pub bytes: &'a [u8],
    /// Its name, for messages.
    pub file_name: &'a str,
    /// Whose statement it is.
    pub bank_account: &'a BankAccountName,
    /// The bank account's currency where it is known, else what the person said.
    pub currency: Option<Currency>,
    /// How to read it, where a person said so.
    pub profile: Option<&'a Profile>,
}

/// What a file says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Statement {
    /// How it was read: `csv:chase`, `csv:synonyms`, `camt.053.001.08` …
    pub format: String,
    /// Of every line.
    pub currency: Currency,
    /// In the file's order.
    pub lines: Vec<BankLine>,
    /// Rows that are no booked lines.
    pub left_out: Vec<LeftOut>,
    /// What its statements speak for, each; none where it holds neither lines nor balances.
    pub spans: Vec<StatementSpan>,
    /// The balance before the first line, in time's order, where the file says it.
    pub opening: Option<Amount>,
    /// The balance after the last line, in time's order, where the file says it.
    pub closing: Option<Amount>,
    /// The bank's number of the account, where the file says it.
    pub account_number: Option<String>,
}

/// A row that is no booked line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The line in the file, from 1.
    pub line: u64,
    /// Why it does not count.
    pub reason: LeftOutReason,
    /// What it says.
    pub text: String,
}

/// Why a row does not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeftOutReason {
    /// Not booked yet; it will come again when it is.
    Pending,
    /// Declined, cancelled or sent back before it was booked.
    Failed,
    /// The bank's own words, or a balance, before, between or behind the lines.
    NotALine,
}

impl LeftOutReason {
    /// The word in outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Failed => "failed",
            Self::NotALine => "not_a_line",
        }
    }
}

impl Statement {
    /// From the first to the last day that the file speaks for; `None` where it holds neither lines nor balances.
    #[must_use]
    pub fn coverage(&self) -> Option<Coverage> {
        Coverage::over(&self.spans)
    }

    /// How many rows were left out for this reason.
    #[must_use]
    pub fn left_out_count(&self, reason: LeftOutReason) -> usize {
        self.left_out.iter().filter(|row| row.reason == reason).count()
    }
}

/// Reads a statement: CAMT where the file is XML, else CSV. All of it, or nothing.
///
/// # Errors
/// [`ReadError`] says what, where, what was expected and what to do.
pub fn read(source: &Source<'_>) -> Result<Statement, ReadError> {
    read_any(source).map_err(|error| error.in_file(source.file_name))
}

fn read_any(source: &Source<'_>) -> Result<Statement, ReadError> {
    check_size(source.bytes)?;
    if camt::is_xml(source.bytes) { camt::read(source) } else { csv::read(source) }
}

pub(crate) fn check_size(bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.len() as u64 > limits::FILE_BYTES_MAX {
        return Err(ReadError::new(
            Trouble::TooLarge,
            format!("{} bytes", bytes.len()),
            format!("at most {} bytes", limits::FILE_BYTES_MAX),
        )
        .hint("split the file by month and import the parts; lines that overlap count once"));
    }
    if bytes.iter().all(u8::is_ascii_whitespace) {
        return Err(ReadError::new(Trouble::Format, "an empty file", "a statement").hint("download the file again"));
    }
    Ok(())
}
