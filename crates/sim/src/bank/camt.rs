//! CAMT.053, versions 02 and 08: opening and closing balance that add up, single entries and batches.

use super::{
    Booking, Line,
    files::{Entry, Extract},
};
use crate::{
    options::SimError,
    world::{calendar::date, merchant::BankFormat},
};

/// The bank's own reference of a line, unique in the world.
pub(super) fn reference(place: usize, line: &Line) -> String {
    format!("HB{place:02}{:07}", line.serial + 1)
}

pub(super) fn write(extract: &Extract<'_>) -> Result<Vec<u8>, SimError> {
    let newer = extract.bank.format == BankFormat::Camt08;
    let version = if newer { "08" } else { "02" };
    let (first, last) = (date(extract.first)?, date(extract.last)?);
    let id = format!("{}-{:04}", extract.bank.name.to_ascii_uppercase(), extract.number);
    let currency = extract.bank.currency.upper();
    let mut text = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Document xmlns=\"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version}\">\n<BkToCstmrStmt>\n\
<GrpHdr><MsgId>{id}</MsgId><CreDtTm>{last}T22:00:00Z</CreDtTm></GrpHdr>\n<Stmt>\n<Id>{id}</Id><ElctrncSeqNb>{}</ElctrncSeqNb>\
<CreDtTm>{last}T22:00:00Z</CreDtTm><FrToDt><FrDtTm>{first}T00:00:00Z</FrDtTm><ToDtTm>{last}T23:59:59Z</ToDtTm></FrToDt>\n\
<Acct><Id><IBAN>{}</IBAN></Id><Ccy>{currency}</Ccy><Ownr><Nm>{}</Nm></Ownr></Acct>\n",
        extract.number,
        extract.bank.number,
        escape(&extract.bank.holder),
    );
    text.push_str(&balance(extract, "OPBD", extract.opening, &first.to_string()));
    text.push_str(&balance(extract, "CLBD", extract.closing(), &last.to_string()));
    for entry in extract.entries(false) {
        text.push_str(&written(extract, &entry, newer)?);
    }
    text.push_str("</Stmt>\n</BkToCstmrStmt>\n</Document>\n");
    Ok(text.into_bytes())
}

fn amount(extract: &Extract<'_>, minor: i64) -> String {
    format!("<Amt Ccy=\"{}\">{}</Amt>", extract.bank.currency.upper(), extract.money(minor.abs()))
}

const fn indicator(minor: i64) -> &'static str {
    if minor < 0 { "<CdtDbtInd>DBIT</CdtDbtInd>" } else { "<CdtDbtInd>CRDT</CdtDbtInd>" }
}

fn balance(extract: &Extract<'_>, code: &str, minor: i64, on: &str) -> String {
    format!(
        "<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>{}{}<Dt><Dt>{on}</Dt></Dt></Bal>\n",
        amount(extract, minor),
        indicator(minor)
    )
}

fn written(extract: &Extract<'_>, entry: &Entry<'_>, newer: bool) -> Result<String, SimError> {
    let (line, on) = (entry.line, date(entry.day)?);
    let word = if entry.balance.is_some() { "BOOK" } else { "PDNG" };
    let status = if newer { format!("<Sts><Cd>{word}</Cd></Sts>") } else { format!("<Sts>{word}</Sts>") };
    let (family, kind) = match (line.booking, line.amount < 0) {
        (Booking::Card, _) => ("CCRD", "POSD"),
        (Booking::Fee, _) => ("MDOP", "CHRG"),
        (Booking::Check, _) => ("ICHQ", "CCHQ"),
        (_, true) => ("ICDT", "ESCT"),
        (_, false) => ("RCDT", "ESCT"),
    };
    // What is not booked yet has neither the bank's reference nor a booking day.
    let reference =
        entry.balance.map(|_| format!("<AcctSvcrRef>{}</AcctSvcrRef>", reference(extract.place, line))).unwrap_or_default();
    let booked = entry.balance.map(|_| format!("<BookgDt><Dt>{on}</Dt></BookgDt>")).unwrap_or_default();
    let info = if line.batch.is_empty() { String::new() } else { format!("<AddtlNtryInf>{}</AddtlNtryInf>", escape(&line.text)) };
    Ok(format!(
        "<Ntry>{}{}{status}{booked}<ValDt><Dt>{on}</Dt></ValDt>{reference}\
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>{family}</Cd><SubFmlyCd>{kind}</SubFmlyCd></Fmly></Domn></BkTxCd><NtryDtls>{}</NtryDtls>{info}</Ntry>\n",
        amount(extract, line.amount),
        indicator(line.amount),
        details(extract, line, newer),
    ))
}

fn details(extract: &Extract<'_>, line: &Line, newer: bool) -> String {
    if line.batch.is_empty() {
        let reference = line.end_to_end.as_deref().unwrap_or("NOTPROVIDED");
        return detail(reference, "", line.amount, &line.who, &line.text, newer);
    }
    let mut text = format!("<Btch><NbOfTxs>{}</NbOfTxs></Btch>", line.batch.len());
    for (number, (who, purpose, minor)) in line.batch.iter().enumerate() {
        let reference = format!("BATCH-{:07}-{number}", line.serial);
        let own = if newer {
            format!("{}{}", amount(extract, *minor), indicator(*minor))
        } else {
            format!("<AmtDtls><TxAmt>{}</TxAmt></AmtDtls>", amount(extract, *minor))
        };
        text.push_str(&detail(&reference, &own, *minor, who, purpose, newer));
    }
    text
}

fn detail(reference: &str, own_amount: &str, minor: i64, who: &str, purpose: &str, newer: bool) -> String {
    let side = if minor < 0 { "Cdtr" } else { "Dbtr" };
    let party = match (who.is_empty(), newer) {
        (true, _) => String::new(),
        (false, true) => format!("<RltdPties><{side}><Pty><Nm>{}</Nm></Pty></{side}></RltdPties>", escape(who)),
        (false, false) => format!("<RltdPties><{side}><Nm>{}</Nm></{side}></RltdPties>", escape(who)),
    };
    // A wrapped text is several lines of remittance.
    let rows: String = purpose.lines().map(|row| format!("<Ustrd>{}</Ustrd>", escape(row))).collect();
    let purpose = if rows.is_empty() { rows } else { format!("<RmtInf>{rows}</RmtInf>") };
    format!("<TxDtls><Refs><EndToEndId>{reference}</EndToEndId></Refs>{own_amount}{party}{purpose}</TxDtls>")
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
