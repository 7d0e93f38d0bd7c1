//! What makes a bank line the same line when it is read again.

use std::collections::HashMap;
use std::fmt::Write as _;

use facts::{BankLine, BankLineId};
use sha2::{Digest, Sha256};

use crate::error::{ReadError, Trouble};

/// Gives every line its id: `bl_` and 32 hex digits of a SHA-256 over all that the line says and its place among lines that say
/// the same in this file. So a line read again from an overlapping file keeps its id, and two true twins have two.
///
/// The place is counted within identical content only: files that hold whole days agree on it wherever they begin and end.
pub(crate) fn give_ids(lines: &mut [BankLine]) {
    let mut seen: HashMap<[u8; 32], u64> = HashMap::with_capacity(lines.len());
    for line in lines {
        let content = content_hash(line);
        let place = seen.entry(content).or_insert(0);
        let mut hash = Sha256::new();
        hash.update(content);
        hash.update(place.to_be_bytes());
        *place += 1;
        let digest: [u8; 32] = hash.finalize().into();
        if let Ok(id) = BankLineId::parse(&hex_id(&digest)) {
            line.id = id;
        }
    }
}

fn hex_id(digest: &[u8; 32]) -> String {
    let mut id = String::from("bl_");
    for byte in digest.iter().take(16) {
        let _ = write!(id, "{byte:02x}");
    }
    id
}

fn content_hash(line: &BankLine) -> [u8; 32] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    let date = |date: jiff::civil::Date| [date.year().to_be_bytes(), [date.month() as u8, date.day() as u8]].concat();
    part(line.bank_account.as_str().as_bytes());
    part(&date(line.date_on));
    part(&line.value_on.map(date).unwrap_or_default());
    part(&line.amount.minor().to_be_bytes());
    part(line.amount.currency().as_str().as_bytes());
    part(line.description.as_bytes());
    part(line.counterparty.as_deref().unwrap_or_default().as_bytes());
    part(line.reference.as_deref().unwrap_or_default().as_bytes());
    part(&(line.other_references.len() as u64).to_be_bytes());
    line.other_references.iter().for_each(|reference| part(reference.as_bytes()));
    part(&line.balance_after_minor.map(i64::to_be_bytes).map_or(Vec::new(), Vec::from));
    hash.finalize().into()
}

/// A place for the id until all lines are read.
pub(crate) fn unnamed() -> Result<BankLineId, ReadError> {
    BankLineId::parse("bl_").map_err(|error| ReadError::new(Trouble::Line, error.to_string(), "an id"))
}
