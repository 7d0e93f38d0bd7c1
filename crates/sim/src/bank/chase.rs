//! Chase's CSV of a deposit account: US dates, signed amounts, running balance, newest first, and in every row one comma more
//! than in the header.

use super::{
    Booking,
    files::{Entry, Extract},
};
use crate::{options::SimError, world::calendar::date};

pub(super) fn write(extract: &Extract<'_>) -> Result<Vec<u8>, SimError> {
    let mut text = String::from("Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #\n");
    for Entry { line, day, balance } in extract.entries(true) {
        let on = date(day)?;
        // A row that is not booked yet has no balance.
        let balance = balance.map_or_else(|| " ".to_owned(), |balance| extract.money(balance));
        let (details, kind) = match (line.booking, line.amount < 0) {
            (Booking::Wire, false) => ("CREDIT", "WIRE_INCOMING"),
            (Booking::Card, true) => ("DEBIT", "DEBIT_CARD"),
            (Booking::Fee, true) => ("DEBIT", "FEE_TRANSACTION"),
            (Booking::Check, true) => ("CHECK", "CHECK_PAID"),
            (_, true) => ("DEBIT", "ACH_DEBIT"),
            (_, false) => ("CREDIT", "ACH_CREDIT"),
        };
        let check = if line.booking == Booking::Check { line.text.rsplit(' ').next().unwrap_or("") } else { "" };
        text.push_str(&format!(
            "{details},{:02}/{:02}/{:04},{},{},{kind},{},{check},\n",
            on.month(),
            on.day(),
            on.year(),
            quoted(&line.text),
            extract.money(line.amount),
            balance,
        ));
    }
    Ok(text.into_bytes())
}

/// Texts are quoted, as Chase does; a quote is doubled. An empty text stays empty.
fn quoted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\"{}\"", text.replace('"', "\"\"")) }
}
