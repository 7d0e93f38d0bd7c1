//! Sparkasse's CSV-CAMT: Windows-1252, semicolons, decimal commas, German dates with two-digit years, newest first.

use super::{
    Booking,
    files::{Entry, Extract},
};
use crate::{options::SimError, world::calendar::date};

const HEADER: &str = "\"Auftragskonto\";\"Buchungstag\";\"Valutadatum\";\"Buchungstext\";\"Verwendungszweck\";\"Glaeubiger ID\";\"Mandatsreferenz\";\
\"Kundenreferenz (End-to-End)\";\"Sammlerreferenz\";\"Lastschrift Ursprungsbetrag\";\"Auslagenersatz Ruecklastschrift\";\
\"Beguenstigter/Zahlungspflichtiger\";\"Kontonummer/IBAN\";\"BIC (SWIFT-Code)\";\"Betrag\";\"Waehrung\";\"Info\"\r\n";

pub(super) fn write(extract: &Extract<'_>) -> Result<Vec<u8>, SimError> {
    let mut text = String::from(HEADER);
    for Entry { line, day, balance } in extract.entries(true) {
        let on = date(day)?;
        let on = format!("{:02}.{:02}.{:02}", on.day(), on.month(), on.year() % 100);
        let kind = match (line.booking, line.amount < 0) {
            (Booking::Card, true) => "KARTENZAHLUNG",
            (Booking::Fee, true) => "ENTGELTABSCHLUSS",
            (Booking::Check, true) => "SCHECKEINREICHUNG",
            (Booking::Debit, true) => "FOLGELASTSCHRIFT",
            (_, true) => "UEBERWEISUNG",
            (_, false) => "GUTSCHR. UEBERWEISUNG",
        };
        let reference = line.end_to_end.as_deref().unwrap_or(if line.amount < 0 { "" } else { "NOTPROVIDED" });
        let amount = extract.money(line.amount).replace('.', ",");
        let currency = extract.bank.currency.upper();
        let fields = [
            extract.bank.number.as_str(),
            &on,
            &on,
            kind,
            &line.text.replace('\n', " "),
            "",
            "",
            reference,
            "",
            "",
            "",
            &line.who,
            "",
            "",
            &amount,
            &currency,
            if balance.is_some() { "Umsatz gebucht" } else { "Umsatz vorgemerkt" },
        ];
        let row: Vec<String> = fields.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
        text.push_str(&row.join(";"));
        text.push_str("\r\n");
    }
    Ok(windows_1252(&text))
}

/// The letters that our texts use; what Windows-1252 lacks becomes a question mark, as at the bank.
fn windows_1252(text: &str) -> Vec<u8> {
    text.chars()
        .map(|letter| match letter {
            '€' => 0x80,
            _ => u8::try_from(u32::from(letter)).unwrap_or(b'?'),
        })
        .collect()
}
