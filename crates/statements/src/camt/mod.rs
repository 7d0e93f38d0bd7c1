//! CAMT.053, ISO 20022's bank-to-customer statement, in every version whose elements have the same shape (02 to 13).

mod entry;
mod tree;

use std::borrow::Cow;

use facts::{BankLine, Coverage, StatementSpan};
use jiff::civil::Date;
use money::{Amount, Currency};

use self::tree::{Node, Step, Walker};
use crate::csv::rows::other_currency;
use crate::encoding;
use crate::error::{ReadError, Trouble, quoted};
use crate::{LeftOut, LeftOutReason, Source, Statement, identity, text};

/// Whether the file is XML by its first sign.
pub(crate) fn is_xml(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| !matches!(byte, 0xEF | 0xBB | 0xBF | 0xFF | 0xFE | 0) && !byte.is_ascii_whitespace();
    bytes.iter().take(64).find(|byte| plain(byte)) == Some(&b'<')
}

/// Reads a CAMT.053 file: every statement in it, all of one bank account.
///
/// # Errors
/// See [`ReadError`].
pub(crate) fn read(source: &Source<'_>) -> Result<Statement, ReadError> {
    let text = decode(source.bytes)?;
    refuse_declarations(&text)?;
    let mut walker = Walker::new(&text);
    let version = root(&mut walker)?;
    let mut whole = Whole::default();
    let mut statements = 0_usize;
    loop {
        match walker.step()? {
            Step::Open { name, empty, .. } if name == "Stmt" && walker.depth == 3 && !empty => {
                let statement = statement(&mut walker, source)?;
                whole.take(statement, walker.line())?;
                statements += 1;
            }
            Step::Open { name, currency, empty, .. } => _ = walker.tree(name, currency, empty)?,
            Step::Close | Step::Text(_) => {}
            Step::End => break,
        }
    }
    if statements == 0 {
        return Err(ReadError::new(Trouble::Format, "no statement in the file", "at least one Stmt element"));
    }
    whole.finish(version, source)
}

fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, ReadError> {
    let start = String::from_utf8_lossy(bytes.get(..200).unwrap_or(bytes));
    let declared = start
        .split_once("encoding=")
        .and_then(|(before, after)| (!before.contains("?>")).then_some(after))
        .and_then(|after| after.get(1..)?.split(['"', '\'']).next().map(str::to_owned));
    match (encoding::sniff(bytes), declared) {
        (Ok(encoding::Sniffed::Text(text)), _) => Ok(text),
        (Ok(encoding::Sniffed::Legacy), Some(name)) if !name.eq_ignore_ascii_case("utf-8") => {
            let encoding = encoding::by_name(&name).ok_or_else(|| {
                ReadError::new(Trouble::Encoding, format!("the encoding {}", quoted(&name)), "a known encoding").line(1)
            })?;
            encoding::decode(bytes, encoding)
        }
        (Ok(encoding::Sniffed::Legacy), _) => {
            Err(ReadError::new(Trouble::Encoding, "bytes that are not UTF-8", "UTF-8, which the file says it is")
                .hint("download the file again; it was saved in another encoding"))
        }
        (Err(error), _) => Err(error),
    }
}

/// `<!DOCTYPE`, `<!ENTITY` and their like are refused before anything is parsed: no statement needs them, and attacks do.
fn refuse_declarations(text: &str) -> Result<(), ReadError> {
    let declared = text
        .match_indices("<!")
        .map(|(at, _)| text.split_at(at))
        .find(|(_, rest)| !rest.starts_with("<!--") && !rest.starts_with("<![CDATA["));
    let Some((before, rest)) = declared else { return Ok(()) };
    let word: String = rest.chars().skip(2).take_while(char::is_ascii_alphabetic).take(16).collect();
    Err(ReadError::new(Trouble::Forbidden, format!("a <!{word}> declaration"), "a statement without DOCTYPE and entities")
        .line(before.matches('\n').count() as u64 + 1)
        .hint("no bank writes this; do not trust the file, and download it again from the bank"))
}

/// The root elements; the version from the namespace.
fn root(walker: &mut Walker<'_>) -> Result<String, ReadError> {
    let mut version = None;
    loop {
        match walker.step()? {
            Step::Open { name, namespace, empty: false, .. } => {
                version = version.or(namespace);
                match name.as_str() {
                    "Document" => {}
                    "BkToCstmrStmt" if walker.depth == 2 => return Ok(format_name(version.as_deref())),
                    "BkToCstmrAcctRpt" => return Err(other_message("camt.052, a report within the day").line(walker.line())),
                    "BkToCstmrDbtCdtNtfctn" => return Err(other_message("camt.054, a notification").line(walker.line())),
                    other => return Err(other_message(&format!("the element <{other}>")).line(walker.line())),
                }
            }
            Step::Open { name, .. } => return Err(other_message(&format!("the empty element <{name}>"))),
            Step::Text(text) if text.trim().is_empty() => {}
            Step::Text(text) => return Err(other_message(&quoted(text.trim()))),
            Step::Close | Step::End => return Err(other_message("the end of the file")),
        }
    }
}

fn other_message(found: &str) -> ReadError {
    ReadError::new(Trouble::Format, found, "a camt.053 statement (Document/BkToCstmrStmt)")
        .hint("export the account's statement as camt.053, or as CSV")
}

fn format_name(namespace: Option<&str>) -> String {
    let version = namespace.and_then(|name| name.get(name.find("camt.053")?..));
    let clean = version.filter(|name| name.len() <= 20 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'.'));
    clean.unwrap_or("camt.053").to_owned()
}

/// One `Stmt`.
#[derive(Default)]
struct Part {
    account: Option<String>,
    currency: Option<Currency>,
    opening: Option<(Amount, Option<Date>)>,
    closing: Option<(Amount, Option<Date>)>,
    span: Option<(Date, Date)>,
    lines: Vec<BankLine>,
    left_out: Vec<LeftOut>,
    from_line: u64,
}

fn statement(walker: &mut Walker<'_>, source: &Source<'_>) -> Result<Part, ReadError> {
    let mut part = Part { from_line: walker.line(), ..Part::default() };
    loop {
        match walker.step()? {
            Step::Open { name, currency, empty, .. } => {
                let line = walker.line();
                let node = walker.tree(name, currency, empty)?;
                part.take(&node, line, source).map_err(|error| error.line(line))?;
            }
            Step::Close => break,
            Step::Text(_) => {}
            Step::End => return Err(ReadError::new(Trouble::CutOff, "the end of the file", "the rest of the statement")),
        }
    }
    part.check()?;
    Ok(part)
}

impl Part {
    fn take(&mut self, node: &Node, line: u64, source: &Source<'_>) -> Result<(), ReadError> {
        match node.name.as_str() {
            "Acct" => {
                self.account = node
                    .text_at("Id/IBAN")
                    .or_else(|| node.text_at("Id/Othr/Id"))
                    .or_else(|| node.text_at("Id/PrtryAcct/Id"))
                    .map(str::to_owned);
                if let Some(code) = node.text_at("Ccy") {
                    let currency = Currency::parse(code)
                        .map_err(|_| ReadError::new(Trouble::Line, quoted(code), "a currency code").field("Acct/Ccy"))?;
                    self.meet(currency)?;
                }
            }
            "FrToDt" => {
                let end = |name: &str| node.child(name).map(entry::date).transpose();
                self.span = end("FrDtTm")?.or(end("FrDt")?).zip(end("ToDtTm")?.or(end("ToDt")?));
            }
            "Bal" => self.balance(node)?,
            "Ntry" => self.entry(node, line, source)?,
            _ => {}
        }
        Ok(())
    }

    fn meet(&mut self, currency: Currency) -> Result<(), ReadError> {
        match self.currency {
            Some(first) if first != currency => Err(two_currencies(currency, first)),
            _ => {
                self.currency = Some(currency);
                Ok(())
            }
        }
    }

    fn balance(&mut self, node: &Node) -> Result<(), ReadError> {
        let kind = node.text_at("Tp/CdOrPrtry/Cd").or_else(|| node.text_at("Tp/CdOrPrtry/Prtry")).unwrap_or_default();
        let interim = node.at("Tp/SubTp").is_some();
        if interim || !matches!(kind, "OPBD" | "PRCD" | "CLBD") {
            return Ok(());
        }
        let Some(money) = node.child("Amt") else {
            return Err(ReadError::new(Trouble::Line, "a balance without Amt", "an amount").field("Bal"));
        };
        let amount = entry::amount(money, node.text_at("CdtDbtInd"))?;
        self.meet(amount.currency())?;
        let on = node.child("Dt").map(entry::date).transpose()?;
        match kind {
            "OPBD" => self.opening = Some((amount, on)),
            "PRCD" => self.opening = self.opening.or(Some((amount, on))),
            _ => self.closing = Some((amount, on)),
        }
        Ok(())
    }

    fn entry(&mut self, node: &Node, line: u64, source: &Source<'_>) -> Result<(), ReadError> {
        let status = node.text_at("Sts/Cd").or_else(|| node.text_at("Sts/Prtry")).or_else(|| node.text_at("Sts"));
        match status {
            Some("BOOK") | None => {
                let lines = entry::lines(node, source)?;
                for currency in lines.iter().map(|line| line.amount.currency()) {
                    self.meet(currency)?;
                }
                self.lines.extend(lines);
            }
            Some("PDNG" | "INFO" | "FUTR") => {
                let shown = [node.text_at("Amt"), node.text_at("AcctSvcrRef"), node.text_at("AddtlNtryInf")];
                self.left_out.push(LeftOut {
                    line,
                    reason: LeftOutReason::Pending,
                    text: text::joined(shown.into_iter().flatten()),
                });
            }
            Some(other) => return Err(ReadError::new(Trouble::Line, quoted(other), "BOOK, PDNG or INFO").field("Ntry/Sts")),
        }
        Ok(())
    }

    /// Opening balance + booked entries = closing balance.
    fn check(&self) -> Result<(), ReadError> {
        let (Some((opening, _)), Some((closing, _))) = (self.opening, self.closing) else { return Ok(()) };
        let sum = self.lines.iter().try_fold(opening, |sum, line| sum.checked_add(line.amount));
        if sum == Ok(closing) {
            return Ok(());
        }
        let expected = sum.map_or_else(|error| error.to_string(), Amount::to_major);
        let found = format!("a closing balance of {}", closing.to_major());
        let expected = format!("{expected}, the opening balance of {} and {} booked lines", opening.to_major(), self.lines.len());
        Err(ReadError::new(Trouble::Balance, found, expected)
            .line(self.from_line)
            .field("Stmt")
            .hint("entries are missing, doubled or altered; download the statement again"))
    }
}

fn two_currencies(second: Currency, first: Currency) -> ReadError {
    ReadError::new(Trouble::Currency, format!("amounts in {} and in {}", first.upper(), second.upper()), "one currency in a file")
        .hint("export each currency by itself and import each into a bank account of its own")
}

/// All statements of the file.
#[derive(Default)]
struct Whole {
    first: Option<Part>,
    opening: Option<Amount>,
    closing: Option<Amount>,
    spans: Vec<StatementSpan>,
    lines: Vec<BankLine>,
    left_out: Vec<LeftOut>,
}

impl Whole {
    fn take(&mut self, mut part: Part, line: u64) -> Result<(), ReadError> {
        if let Some(first) = &self.first {
            if let (Some(one), Some(other)) = (&first.account, &part.account)
                && one != other
            {
                return Err(ReadError::new(
                    Trouble::Accounts,
                    format!("statements of the accounts {} and {}", quoted(one), quoted(other)),
                    "statements of one bank account",
                )
                .line(line)
                .hint("export each account by itself and import each with its own `--bank-account NAME`"));
            }
            if let (Some(one), Some(other)) = (first.currency, part.currency)
                && one != other
            {
                return Err(two_currencies(other, one).line(line));
            }
        }
        self.opening = self.opening.or(part.opening.map(|(amount, _)| amount));
        self.closing = part.closing.map(|(amount, _)| amount).or(self.closing);
        self.spans.extend(part.speaks_for());
        self.lines.append(&mut part.lines);
        self.left_out.append(&mut part.left_out);
        self.first = self.first.take().or(Some(part));
        Ok(())
    }

    fn finish(mut self, format: String, source: &Source<'_>) -> Result<Statement, ReadError> {
        let first = self.first.unwrap_or_default();
        let currency = match (first.currency, source.currency) {
            (Some(file), Some(asked)) if file != asked => return Err(other_currency(file, asked, source)),
            (Some(currency), _) | (None, Some(currency)) => currency,
            (None, None) => {
                return Err(ReadError::new(Trouble::Currency, "no currency in the file", "one currency")
                    .hint("say it with `--currency CODE`, for example `--currency eur`"));
            }
        };
        identity::give_ids(&mut self.lines);
        Ok(Statement {
            format,
            currency,
            lines: self.lines,
            left_out: self.left_out,
            spans: self.spans,
            opening: self.opening,
            closing: self.closing,
            account_number: first.account,
        })
    }
}

impl Part {
    /// What the statement speaks for: from the first to the last day of its balances, else of its period, else of its lines.
    fn speaks_for(&self) -> Option<StatementSpan> {
        let opening = self.opening.and_then(|(_, on)| on);
        let closing = self.closing.and_then(|(_, on)| on);
        let booked = || self.lines.iter().map(|line| line.date_on);
        let from = opening.or(self.span.map(|(from, _)| from)).or_else(|| booked().min());
        let until = closing.or(self.span.map(|(_, to)| to)).or_else(|| booked().max());
        let (from, until) = (from.or(until)?, until.or(from)?);
        let days = Coverage { from_on: from.min(until), until_on: until.max(from) };
        let minor = |balance: Option<(Amount, Option<Date>)>| balance.map(|(amount, _)| amount.minor());
        Some(StatementSpan { days, opening_minor: minor(self.opening), closing_minor: minor(self.closing) })
    }
}
