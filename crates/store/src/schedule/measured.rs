//! What a try took in and gave out.

use crate::Result;
use crate::database::{Read, Row, Transaction, params};

/// What a try took in and gave out, as far as its job can tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Measured {
    /// Requests that were sent.
    pub requests: Option<u64>,
    /// Bytes that were read from others; of a backup, those that were written.
    pub bytes: Option<u64>,
    /// Rows, lines or conclusions that are new, or otherwise than before.
    pub changed: Option<u64>,
    /// A hash of what it worked on, in hexadecimal: two tries that worked on the same have the same.
    pub input_hash: Option<String>,
    /// A hash of what came of it, in hexadecimal.
    pub output_hash: Option<String>,
    /// What it said meanwhile, line by line.
    pub log: String,
}

const NOTE: &str = "UPDATE scheduled_try SET requests = ?3, bytes = ?4, changed = ?5, input_hash = ?6, output_hash = ?7, log = ?8 \
     WHERE run = ?1 AND number = ?2";

/// The columns, as [`measured`] reads them.
pub(super) const MEASURED: &str = "requests, bytes, changed, input_hash, output_hash, log";

/// Notes it of a try.
pub(super) fn note(transaction: &Transaction<'_>, (run, number): (i64, u32), measured: &Measured) -> Result<()> {
    let [requests, bytes, changed] =
        [measured.requests, measured.bytes, measured.changed].map(|number| number.and_then(|number| i64::try_from(number).ok()));
    let Measured { input_hash, output_hash, log, .. } = measured;
    transaction.execute(NOTE, params![run, number, requests, bytes, changed, input_hash, output_hash, log])?;
    Ok(())
}

/// Reads it, from a column on.
pub(super) fn measured(row: &Row<'_>, first: usize) -> Read<Measured> {
    let number = |index: usize| -> Read<Option<u64>> {
        Ok(row.get::<Option<i64>>(first + index)?.and_then(|number| u64::try_from(number).ok()))
    };
    Ok(Measured {
        requests: number(0)?,
        bytes: number(1)?,
        changed: number(2)?,
        input_hash: row.get(first + 3)?,
        output_hash: row.get(first + 4)?,
        log: row.get(first + 5)?,
    })
}
