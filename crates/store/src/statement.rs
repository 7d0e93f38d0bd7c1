//! Bank statements: the file as it came, its lines, and how far the bank account is covered.

mod undo;

use std::collections::{BTreeMap, BTreeSet, HashMap};

pub use undo::{StatementLine, Undone};

use audit::SHARED;
use facts::{BankAccount, BankAccountName, BankLine, Coverage, Payout, StatementSpan};
use jiff::Timestamp;
use money::Currency;

use crate::audit::states;
use crate::database::{Connection, Read, Transaction, params};
use crate::{AuditAct, Result, Store, StoreError, Touched, basis, bump_revision, points, rows};

/// One statement file, read.
#[derive(Clone, Debug)]
pub struct StatementWrite<'a> {
    /// Whose statement; made here if it is new.
    pub bank_account: &'a BankAccountName,
    /// Its currency; must be that of the bank account where it exists.
    pub currency: Currency,
    /// The file's name, without its folder.
    pub file_name: &'a str,
    /// What it was read as, for example `csv:chase` or `camt.053.001.08`.
    pub format: &'a str,
    /// The file's bytes.
    pub bytes: &'a [u8],
    /// SHA-256 of `bytes`.
    pub sha256: [u8; 32],
    /// Its lines, in the file's order.
    pub lines: &'a [BankLine],
    /// The days it speaks for.
    pub spans: &'a [StatementSpan],
    /// Whether a person said the days: they replace those that were noted when the file was imported before.
    pub days_are_told: bool,
    /// When it was imported; kept to the microsecond.
    pub imported_at: Timestamp,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOutcome {
    /// Lines new to the database.
    pub added: u64,
    /// Lines that an earlier file brought.
    pub already_there: u64,
    /// Whether these very bytes were imported into this bank account before.
    pub same_file: bool,
    /// Whether the bank account was made by this import.
    pub new_bank_account: bool,
}

const PUT_BANK_ACCOUNT: &str = "INSERT INTO bank_account (name, currency) VALUES (?1, ?2) ON CONFLICT (name) DO NOTHING";

/// ISO dates sort as text.
const WIDEN_COVERAGE: &str = "UPDATE bank_account SET \
     covered_from_on = CASE WHEN covered_from_on <= ?2 THEN covered_from_on ELSE ?2 END, \
     covered_until_on = CASE WHEN covered_until_on >= ?3 THEN covered_until_on ELSE ?3 END \
     WHERE name = ?1 AND (covered_from_on IS NULL OR covered_from_on > ?2 OR covered_until_on < ?3)";

const PUT_FILE: &str = "INSERT INTO statement_file (bank_account, sha256, file_name, format, bytes, line_count, imported_at) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (bank_account, sha256) DO NOTHING";

/// A file from before its lines were noted is noted when it comes again.
const NOTE_FILE: &str = "UPDATE statement_file SET noted = 1, covered_from_on = ?3, covered_until_on = ?4 \
     WHERE bank_account = ?1 AND sha256 = ?2 AND noted = 0";

/// What a person says of a file counts from then on.
const TELL_FILE: &str = "UPDATE statement_file SET noted = 1, covered_from_on = ?3, covered_until_on = ?4 \
     WHERE bank_account = ?1 AND sha256 = ?2 AND (noted = 0 OR covered_from_on IS NULL OR covered_from_on <> ?3 \
     OR covered_until_on <> ?4)";

const PUT_SPAN: &str = "INSERT INTO statement_span (bank_account, sha256, place, from_on, until_on, opening_minor, closing_minor) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

const NOTE_LINE: &str = "INSERT INTO statement_line (bank_account, sha256, line) VALUES (?1, ?2, ?3) ON CONFLICT (bank_account, sha256, line) DO NOTHING";

const PUT_LINE: &str = "INSERT INTO bank_line (id, bank_account, date_on, value_on, currency, amount_minor, description, \
     counterparty, reference, other_references, balance_after_minor) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11) ON CONFLICT (id) DO NOTHING";

const BANK_ACCOUNTS: &str = "SELECT name, currency, covered_from_on, covered_until_on FROM bank_account ORDER BY name";

const SPANS: &str = "SELECT bank_account, from_on, until_on, opening_minor, closing_minor FROM statement_span \
     ORDER BY bank_account, from_on, until_on, sha256, place";

const UNNOTED: &str =
    "SELECT bank_account, file_name FROM statement_file WHERE noted = 0 ORDER BY bank_account, imported_at, sha256";

impl Store {
    /// Imports one statement file: its bytes, its lines and the days it covers, in one transaction. Makes the bank account
    /// when it is new. A line whose id is known adds nothing.
    ///
    /// # Errors
    /// [`StoreError::OtherCurrency`] when the bank account exists in another currency, or a line is in another than its file.
    pub fn put_statement(&mut self, import: &StatementWrite<'_>) -> Result<ImportOutcome> {
        self.write_noting((points::IMPORT_STATEMENT, AuditAct::Import), |transaction, changes| {
            let mut outcome = ImportOutcome { new_bank_account: put_bank_account(transaction, import)?, ..Default::default() };
            if outcome.new_bank_account {
                let currency = Some(import.currency.as_str().to_owned());
                changes.add(SHARED, ("bank_account", import.bank_account.as_str()), None, currency);
            }
            let state = || states::statement_file(transaction, import.bank_account.as_str(), &import.sha256);
            let stood = state()?;
            outcome.same_file = !put_file(transaction, import)?;
            let newly_noted = note_file(transaction, import)?;
            for line in import.lines {
                if put_line(transaction, import, line)? {
                    outcome.added += 1;
                } else {
                    outcome.already_there += 1;
                }
            }
            widen(transaction, import)?;
            let file = states::file_id(import.bank_account.as_str(), &import.sha256);
            changes.add(SHARED, ("statement_file", &file), stood, state()?);
            // What a file speaks for may fill a hole, though it brings nothing else.
            if outcome.new_bank_account || outcome.added > 0 || newly_noted {
                bump_revision(transaction, Touched::Deposits(BTreeSet::new()))?;
            }
            Ok(outcome)
        })
    }

    /// Every bank account, by name.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn bank_accounts(&self) -> Result<Vec<BankAccount>> {
        self.read(bank_accounts)
    }

    /// The stretches of days without a hole that the statements of each bank account speak for, as they were found when everything was
    /// last judged. `None` where statements were imported or taken back since.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn statement_stretches(&self) -> Result<Option<BTreeMap<BankAccountName, Vec<Coverage>>>> {
        self.view(|connection| {
            let sql = "SELECT EXISTS (SELECT 1 FROM basis b, meta m WHERE m.deposit_revision > b.revision)";
            let is_stale: bool = connection.query_row(sql, params![], |row| row.get(0))?;
            if is_stale { Ok(None) } else { basis::stretches(connection).map(Some) }
        })
    }

    /// The first file of each bank account of which is not known for which days it speaks, where there is one: it was imported before
    /// that was noted, and all days between the first and the last count as covered.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn statements_unnoted(&self) -> Result<BTreeMap<BankAccountName, String>> {
        self.read(unnoted)
    }

    /// Where payouts such as this one arrived when everything was last judged; `None` where nothing told.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn bank_account_of(&self, payout: &Payout) -> Result<Option<BankAccountName>> {
        self.read(|connection| basis::route(connection, payout))
    }
}

fn put_bank_account(transaction: &Transaction<'_>, import: &StatementWrite<'_>) -> Result<bool> {
    let name = import.bank_account.as_str();
    if transaction.execute(PUT_BANK_ACCOUNT, params![name, import.currency.as_str()])? > 0 {
        return Ok(true);
    }
    let sql = "SELECT currency FROM bank_account WHERE name = ?1";
    let holds = transaction.query_row(sql, params![name], |row| rows::currency(row, 0))?;
    same_currency(import, holds, import.currency).map(|()| false)
}

fn same_currency(import: &StatementWrite<'_>, holds: Currency, given: Currency) -> Result<()> {
    if holds == given {
        return Ok(());
    }
    Err(StoreError::OtherCurrency { bank_account: import.bank_account.to_string(), holds, given })
}

fn put_file(transaction: &Transaction<'_>, import: &StatementWrite<'_>) -> Result<bool> {
    let rows = transaction.execute(
        PUT_FILE,
        params![
            import.bank_account.as_str(),
            &import.sha256[..],
            import.file_name,
            import.format,
            import.bytes,
            i64::try_from(import.lines.len()).unwrap_or(i64::MAX),
            import.imported_at.as_microsecond(),
        ],
    )?;
    Ok(rows > 0)
}

/// Notes what a file speaks for; whether that was not noted before.
fn note_file(transaction: &Transaction<'_>, import: &StatementWrite<'_>) -> Result<bool> {
    let (name, sha256) = (import.bank_account.as_str(), &import.sha256[..]);
    let days = Coverage::over(import.spans).map(|days| (days.from_on.to_string(), days.until_on.to_string()));
    let (from_on, until_on) = days.unzip();
    let sql = if import.days_are_told { TELL_FILE } else { NOTE_FILE };
    if transaction.execute(sql, params![name, sha256, from_on, until_on])? == 0 {
        return Ok(false);
    }
    transaction.execute("DELETE FROM statement_span WHERE bank_account = ?1 AND sha256 = ?2", params![name, sha256])?;
    for (place, span) in (0_i64..).zip(import.spans) {
        let (from_on, until_on) = (span.days.from_on.to_string(), span.days.until_on.to_string());
        transaction.execute(PUT_SPAN, params![name, sha256, place, from_on, until_on, span.opening_minor, span.closing_minor])?;
    }
    Ok(true)
}

fn put_line(transaction: &Transaction<'_>, import: &StatementWrite<'_>, line: &BankLine) -> Result<bool> {
    same_currency(import, import.currency, line.amount.currency())?;
    let rows = transaction.prepare(PUT_LINE)?.execute(params![
        line.id.as_str(),
        import.bank_account.as_str(),
        line.date_on.to_string(),
        line.value_on.map(|date| date.to_string()),
        line.amount.currency().as_str(),
        line.amount.minor(),
        line.description,
        line.counterparty,
        line.reference,
        rows::to_json(&line.other_references)?,
        line.balance_after_minor,
    ])?;
    transaction.prepare(NOTE_LINE)?.execute(params![import.bank_account.as_str(), &import.sha256[..], line.id.as_str()])?;
    Ok(rows > 0)
}

fn widen(transaction: &Transaction<'_>, import: &StatementWrite<'_>) -> Result<()> {
    let Some(coverage) = Coverage::over(import.spans) else { return Ok(()) };
    let days = params![import.bank_account.as_str(), coverage.from_on.to_string(), coverage.until_on.to_string()];
    transaction.execute(WIDEN_COVERAGE, days)?;
    Ok(())
}

pub(crate) fn bank_accounts(connection: &Connection) -> Result<Vec<BankAccount>> {
    let mut statement = connection.prepare(BANK_ACCOUNTS)?;
    let accounts = statement.query_map(params![], |row| {
        let mut c = rows::Columns::new(row, 0);
        let (name, currency) = (c.id(BankAccountName::parse)?, c.with(rows::currency)?);
        Ok(BankAccount { name, currency, coverage: coverage(&mut c)?, spans: Vec::new() })
    })?;
    let mut accounts = accounts.collect::<Read<Vec<_>>>()?;
    let mut spans = spans(connection)?;
    let unnoted = unnoted(connection)?;
    for account in &mut accounts {
        let whole = account.coverage.map(|days| StatementSpan { days, opening_minor: None, closing_minor: None });
        let own = spans.remove(&account.name).unwrap_or_default();
        account.spans = if unnoted.contains_key(&account.name) { whole.into_iter().collect() } else { own };
    }
    Ok(accounts)
}

fn spans(connection: &Connection) -> Result<HashMap<BankAccountName, Vec<StatementSpan>>> {
    let mut statement = connection.prepare(SPANS)?;
    let rows = statement.query_map(params![], |row| {
        let days = Coverage { from_on: rows::date(row, 1)?, until_on: rows::date(row, 2)? };
        let span = StatementSpan { days, opening_minor: row.get(3)?, closing_minor: row.get(4)? };
        Ok((rows::id(row, 0, BankAccountName::parse)?, span))
    })?;
    let mut spans: HashMap<BankAccountName, Vec<StatementSpan>> = HashMap::new();
    for row in rows {
        let (name, span) = row?;
        spans.entry(name).or_default().push(span);
    }
    Ok(spans)
}

/// The first file of each bank account whose days were never noted, where there is one.
pub(crate) fn unnoted(connection: &Connection) -> Result<BTreeMap<BankAccountName, String>> {
    let mut statement = connection.prepare(UNNOTED)?;
    let rows = statement.query_map(params![], |row| Ok((rows::id(row, 0, BankAccountName::parse)?, row.get(1)?)))?;
    let mut files: BTreeMap<BankAccountName, String> = BTreeMap::new();
    for row in rows {
        let (name, file) = row?;
        files.entry(name).or_insert(file);
    }
    Ok(files)
}

fn coverage(c: &mut rows::Columns<'_, '_>) -> Read<Option<Coverage>> {
    let days = (c.with(rows::date_or_none)?, c.with(rows::date_or_none)?);
    Ok(match days {
        (Some(from_on), Some(until_on)) => Some(Coverage { from_on, until_on }),
        _ => None,
    })
}
