//! One entry of a statement to one bank line, or to one a transaction.

use facts::BankLine;
use jiff::civil::{Date, DateTime};
use money::{Amount, Currency};

use super::tree::Node;
use crate::error::{ReadError, Trouble, quoted};
use crate::{Source, identity, text};

/// A money element and its sign as a signed amount.
///
/// # Errors
/// [`Trouble::Line`] for what is no amount, no currency or no direction.
pub(crate) fn amount(node: &Node, indicator: Option<&str>) -> Result<Amount, ReadError> {
    let code = node.currency.as_deref().unwrap_or_default();
    let currency = Currency::parse(code).map_err(|_| {
        ReadError::new(Trouble::Line, format!("the currency {}", quoted(code)), "three letters in Amt/@Ccy").field("Amt")
    })?;
    let wrong = |found: String| {
        ReadError::new(Trouble::Line, found, format!("an amount in {} without sign, such as 1234.50", currency.upper()))
            .field("Amt")
    };
    let digits = node.text.trim();
    if digits.starts_with(['-', '+']) {
        return Err(wrong(quoted(digits)));
    }
    let amount = Amount::from_major(digits, currency).map_err(|error| wrong(error.to_string()))?;
    match indicator {
        Some("CRDT") => Ok(amount),
        Some("DBIT") => amount.checked_neg().map_err(|error| wrong(error.to_string())),
        other => Err(ReadError::new(Trouble::Line, quoted(other.unwrap_or("nothing")), "CRDT or DBIT").field("CdtDbtInd")),
    }
}

/// A date element: a date, or the date part of a time, with or without a zone.
pub(crate) fn date(node: &Node) -> Result<Date, ReadError> {
    let written = node.text_at("Dt").or_else(|| node.text_at("DtTm")).unwrap_or(node.text.trim());
    let wrong = || ReadError::new(Trouble::Line, quoted(written), "a date such as 2026-07-31").field(node.name.as_str());
    let day = written.get(..10).ok_or_else(wrong)?;
    let rest = written.get(10..).unwrap_or_default();
    let date: Date = day.parse().map_err(|_| wrong())?;
    let time = rest.strip_prefix('T').map(|time| time.split(['Z', '+', '-']).next().unwrap_or_default());
    let timed = time.is_some_and(|time| format!("{day}T{time}").parse::<DateTime>().is_ok());
    (rest.is_empty() || timed || rest == "Z" || rest.starts_with(['+', '-'])).then_some(date).ok_or_else(wrong)
}

/// The lines of one booked entry: one, or one a transaction where the transactions carry amounts that sum up to the entry's.
/// Money is never counted twice: where they do not, the entry stays whole and shows every transaction's text.
pub(crate) fn lines(entry: &Node, source: &Source<'_>) -> Result<Vec<BankLine>, ReadError> {
    let indicator = entry.text_at("CdtDbtInd");
    let whole = amount(entry.child("Amt").ok_or_else(|| missing("Amt"))?, indicator)?;
    let booked = entry.child("BookgDt").or_else(|| entry.child("ValDt")).ok_or_else(|| missing("BookgDt"))?;
    let dates = (date(booked)?, entry.child("ValDt").map(date).transpose()?);
    let details: Vec<&Node> = entry.all("NtryDtls").flat_map(|details| details.all("TxDtls")).collect();
    if let Some(parts) = parts(&details, indicator, whole) {
        return details.iter().zip(parts).map(|(part, amount)| line(entry, &[part], amount, dates, source)).collect();
    }
    Ok(vec![line(entry, &details, whole, dates, source)?])
}

fn missing(name: &str) -> ReadError {
    ReadError::new(Trouble::Line, format!("an entry without {name}"), format!("{name} in every entry")).field("Ntry")
}

/// Each transaction's amount, where all have one in the entry's currency and their sum is the entry's amount.
fn parts(details: &[&Node], indicator: Option<&str>, whole: Amount) -> Option<Vec<Amount>> {
    if details.len() < 2 {
        return None;
    }
    let part = |node: &&Node| {
        let own = node.child("Amt").filter(|amount| amount.currency.as_deref() == Some(&whole.currency().upper()));
        let money = own.or_else(|| node.at("AmtDtls/TxAmt/Amt"))?;
        amount(money, node.text_at("CdtDbtInd").or(indicator)).ok().filter(|amount| amount.currency() == whole.currency())
    };
    let parts: Vec<Amount> = details.iter().map(part).collect::<Option<_>>()?;
    let sum = parts.iter().try_fold(Amount::new(0, whole.currency()), |sum, part| sum.checked_add(*part)).ok()?;
    (sum == whole).then_some(parts)
}

fn line(
    entry: &Node,
    details: &[&Node],
    amount: Amount,
    (date_on, value_on): (Date, Option<Date>),
    source: &Source<'_>,
) -> Result<BankLine, ReadError> {
    let mut references = references(entry, details).into_iter();
    Ok(BankLine {
        id: identity::unnamed()?,
        bank_account: source.bank_account.clone(),
        date_on,
        value_on,
        amount,
        description: description(entry, details),
        counterparty: details.iter().find_map(|part| counterparty(part, amount.minor() < 0)),
        reference: references.next(),
        other_references: references.collect(),
        balance_after_minor: None,
    })
}

/// The bank's own references first, then what travelled with the payment, then the structured remittance.
fn references(entry: &Node, details: &[&Node]) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut keep = |text: Option<&str>| {
        if let Some(reference) = text.and_then(text::reference).filter(|reference| !found.contains(reference)) {
            found.push(reference);
        }
    };
    let refs = |path: &str| details.iter().filter_map(|part| part.text_at(path)).collect::<Vec<_>>();
    refs("Refs/AcctSvcrRef").into_iter().for_each(|text| keep(Some(text)));
    keep(entry.text_at("AcctSvcrRef"));
    keep(entry.text_at("NtryRef"));
    for path in [
        "Refs/EndToEndId",
        "Refs/UETR",
        "Refs/TxId",
        "Refs/InstrId",
        "Refs/ClrSysRef",
        "Refs/MndtId",
        "Refs/PmtInfId",
        "Refs/ChqNb",
        "Refs/Prtry/Ref",
    ] {
        refs(path).into_iter().for_each(|text| keep(Some(text)));
    }
    for part in details {
        for structured in part.all("RmtInf").flat_map(|info| info.all("Strd")) {
            keep(structured.text_at("CdtrRefInf/Ref"));
        }
    }
    found
}

fn description(entry: &Node, details: &[&Node]) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in details {
        let remittance = part.all("RmtInf").flat_map(|info| info.all("Ustrd")).chain(part.all("AddtlTxInf"));
        parts.extend(remittance.map(|node| node.text.trim()));
        for structured in part.all("RmtInf").flat_map(|info| info.all("Strd")).flat_map(|strd| strd.all("AddtlRmtInf")) {
            parts.push(structured.text.trim());
        }
    }
    parts.extend(entry.all("AddtlNtryInf").map(|node| node.text.trim()));
    let reversal = entry.text_at("RvslInd").is_some_and(|flag| matches!(flag, "true" | "1"));
    text::joined(parts.into_iter().chain(reversal.then_some("(reversal)")))
}

/// The other side's name: the debtor of money in, the creditor of money out; directly (v02) or in `Pty` (v08).
fn counterparty(part: &Node, out: bool) -> Option<String> {
    let parties = part.child("RltdPties")?;
    let (first, second) =
        if out { (["Cdtr", "UltmtCdtr"], ["Dbtr", "UltmtDbtr"]) } else { (["Dbtr", "UltmtDbtr"], ["Cdtr", "UltmtCdtr"]) };
    let name = |role: &&str| {
        let party = parties.child(role)?;
        party.text_at("Nm").or_else(|| party.text_at("Pty/Nm")).or_else(|| party.text_at("Agt/FinInstnId/Nm")).map(text::squeeze)
    };
    first.iter().find_map(name).or_else(|| second.iter().find_map(name))
}
