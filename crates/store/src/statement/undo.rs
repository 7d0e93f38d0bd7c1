//! Taking back a statement file: what it alone has brought goes, what another file says too stays.

use std::collections::BTreeSet;

use audit::{SHARED, hex};
use facts::{BankAccountName, BankLine};
use jiff::Timestamp;

use crate::announcement::Announcer;
use crate::audit::{Changes, states};
use crate::database::{Connection, OptionalExtension, Read, ToSql, Transaction, params};
use crate::outcome::Writer;
use crate::{AuditAct, Result, Store, StoreError, Touched, bump_revision, points, rows};

/// A line of a statement file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatementLine {
    /// The line.
    pub line: BankLine,
    /// Whether another file of the bank account holds it too.
    pub elsewhere: bool,
}

/// What went with a statement file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Undone {
    /// Lines that no other file holds.
    pub lines_gone: u64,
    /// Lines that another file holds too.
    pub lines_kept: u64,
    /// Payouts that were found in a line that is gone, or perhaps: the next reconciliation judges them anew.
    pub payouts: u64,
    /// Whether the bank account went with its last file.
    pub bank_account_gone: bool,
}

/// Whether another file holds the line of `s`, too.
const ELSEWHERE: &str = "EXISTS (SELECT 1 FROM statement_line o WHERE o.line = s.line AND o.sha256 <> s.sha256)";

const NOTED: &str = "SELECT noted FROM statement_file WHERE bank_account = ?1 AND sha256 = ?2";

const UNNOTED: &str =
    "SELECT file_name FROM statement_file WHERE bank_account = ?1 AND noted = 0 ORDER BY imported_at, sha256 LIMIT 1";

/// The file's own lines that no other file holds.
fn own_lines() -> String {
    format!("SELECT s.line FROM statement_line s WHERE s.bank_account = ?1 AND s.sha256 = ?2 AND NOT {ELSEWHERE} ORDER BY s.line")
}

/// All lines of a bank account: with its last file they go, whatever was noted of it.
const ALL_LINES: &str = "SELECT id FROM bank_line WHERE bank_account = ?1 ORDER BY id";

const COVER_AGAIN: &str = "UPDATE bank_account SET \
     covered_from_on = (SELECT MIN(covered_from_on) FROM statement_file WHERE bank_account = ?1), \
     covered_until_on = (SELECT MAX(covered_until_on) FROM statement_file WHERE bank_account = ?1) WHERE name = ?1";

impl Store {
    /// The lines of a statement file, by day and id; `None` where they were not noted when it was imported.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is no such file.
    pub fn statement_lines(&self, bank_account: &BankAccountName, sha256: &[u8; 32]) -> Result<Option<Vec<StatementLine>>> {
        self.view(|connection| {
            if !is_noted(connection, bank_account, sha256)? {
                return Ok(None);
            }
            let sql = format!(
                "SELECT {}, {ELSEWHERE} FROM statement_line s JOIN bank_line l ON l.id = s.line \
                 WHERE s.bank_account = ?1 AND s.sha256 = ?2 ORDER BY l.date_on, l.id",
                rows::BANK_LINE
            );
            let mut statement = connection.prepare(&sql)?;
            let lines = statement.query_map(params![bank_account.as_str(), &sha256[..]], |row| {
                Ok(StatementLine { line: rows::bank_line(row)?, elsewhere: row.get(rows::BANK_LINE_COLUMNS)? })
            })?;
            Ok(Some(lines.collect::<Read<_>>()?))
        })
    }

    /// What [`Self::undo_statement`] would take.
    ///
    /// # Errors
    /// The same.
    pub fn would_undo_statement(&self, bank_account: &BankAccountName, sha256: &[u8; 32]) -> Result<Undone> {
        self.view(|connection| {
            is_noted(connection, bank_account, sha256)?;
            let gone = lines_that_go(connection, bank_account, sha256)?;
            let held = "SELECT COUNT(*) FROM statement_line WHERE bank_account = ?1 AND sha256 = ?2";
            let held: u64 =
                connection.query_row(held, params![bank_account.as_str(), &sha256[..]], |row| rows::narrow(row, 0))?;
            let mut payouts = BTreeSet::new();
            for line in &gone {
                payouts.extend(payouts_of(connection, line)?);
            }
            let lines_gone = count(gone.len());
            Ok(Undone {
                lines_gone,
                lines_kept: held.saturating_sub(lines_gone),
                payouts: count(payouts.len()),
                bank_account_gone: !has_others(connection, bank_account, sha256)?,
            })
        })
    }

    /// Takes a statement file back, in one transaction: the file, the lines that no other file holds, and the days that only it spoke
    /// for. What was concluded from such a line is withdrawn, `at` this instant. With its last file a bank account goes too.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where there is no such file; [`StoreError::LinesUnknown`] where it is not known what it or another file of
    /// the bank account holds.
    pub fn undo_statement(&mut self, bank_account: &BankAccountName, sha256: &[u8; 32], at: Timestamp) -> Result<Undone> {
        let now = self.points.acting().at;
        self.write_noting((points::UNDO_STATEMENT, AuditAct::ImportUndo), |transaction, changes| {
            is_noted(transaction, bank_account, sha256)?;
            let stood = states::statement_file(transaction, bank_account.as_str(), sha256)?;
            let file = params![bank_account.as_str(), &sha256[..]];
            let gone = lines_that_go(transaction, bank_account, sha256)?;
            let held = transaction.execute("DELETE FROM statement_line WHERE bank_account = ?1 AND sha256 = ?2", file)?;
            transaction.execute("DELETE FROM statement_span WHERE bank_account = ?1 AND sha256 = ?2", file)?;
            transaction.execute("DELETE FROM statement_file WHERE bank_account = ?1 AND sha256 = ?2", file)?;
            let file = states::file_id(bank_account.as_str(), sha256);
            changes.add(SHARED, ("statement_file", &file), stood, None);
            let mut payouts = BTreeSet::new();
            let announcer = Announcer::new(transaction, now)?;
            let mut writer = Writer { transaction, announcer: &announcer, changes };
            for line in &gone {
                withdraw(&mut writer, line, at, &mut payouts)?;
                transaction.prepare("DELETE FROM bank_line WHERE id = ?1")?.execute(params![line])?;
            }
            let bank_account_gone = forget_or_cover(transaction, changes, bank_account)?;
            bump_revision(transaction, Touched::Deposits(BTreeSet::new()))?;
            Ok(Undone {
                lines_gone: count(gone.len()),
                lines_kept: count(held.saturating_sub(gone.len())),
                payouts: count(payouts.len()),
                bank_account_gone,
            })
        })
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

fn is_noted(connection: &Connection, bank_account: &BankAccountName, sha256: &[u8; 32]) -> Result<bool> {
    let noted = connection.query_row(NOTED, params![bank_account.as_str(), &sha256[..]], |row| row.get(0)).optional()?;
    noted.ok_or_else(|| StoreError::Absent { noun: "imported file", id: hex(sha256) })
}

fn refuse_unnoted(connection: &Connection, bank_account: &BankAccountName) -> Result<()> {
    let unnoted = connection.query_row(UNNOTED, params![bank_account.as_str()], |row| row.get(0)).optional()?;
    unnoted.map_or(Ok(()), |file| Err(StoreError::LinesUnknown { file, bank_account: bank_account.to_string() }))
}

fn has_others(connection: &Connection, bank_account: &BankAccountName, sha256: &[u8; 32]) -> Result<bool> {
    let others = "SELECT EXISTS (SELECT 1 FROM statement_file WHERE bank_account = ?1 AND sha256 <> ?2)";
    Ok(connection.query_row(others, params![bank_account.as_str(), &sha256[..]], |row| row.get(0))?)
}

fn lines_that_go(connection: &Connection, bank_account: &BankAccountName, sha256: &[u8; 32]) -> Result<Vec<String>> {
    if !has_others(connection, bank_account, sha256)? {
        return strings(connection, ALL_LINES, params![bank_account.as_str()]);
    }
    refuse_unnoted(connection, bank_account)?;
    strings(connection, &own_lines(), params![bank_account.as_str(), &sha256[..]])
}

fn strings(connection: &Connection, sql: &str, parameters: &[&dyn ToSql]) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    let found = statement.query_map(parameters, |row| row.get(0))?;
    Ok(found.collect::<Read<_>>()?)
}

/// Exceptions that are open about a line.
const OPEN: &str = "SELECT e.id FROM exception_subject s JOIN exception e ON e.id = s.exception_id \
     WHERE s.kind = 'bank_line' AND s.subject_id = ?1 AND e.resolved_at IS NULL ORDER BY e.id";

/// Matches with a line.
const MATCHES: &str = "SELECT DISTINCT match_id FROM match_member WHERE kind = 'bank_line' AND member_id = ?1";

/// The payouts that a line has to do with: found in it, or perhaps.
const PAYOUTS: &str = "SELECT account, payout FROM deposit_line WHERE bank_line = ?1 \
     UNION SELECT m.account, p.member_id FROM match_member l JOIN \"match\" m ON m.id = l.match_id \
     JOIN match_member p ON p.match_id = l.match_id AND p.kind = 'payout' WHERE l.kind = 'bank_line' AND l.member_id = ?1";

fn payouts_of(connection: &Connection, line: &str) -> Result<Vec<(String, String)>> {
    let mut statement = connection.prepare(PAYOUTS)?;
    let found = statement.query_map(params![line], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(found.collect::<Read<_>>()?)
}

/// Withdraws what was concluded from a line: the verdicts of payouts that it has to do with, matches with it, and what is open about it.
fn withdraw(writer: &mut Writer<'_, '_>, line: &str, at: Timestamp, payouts: &mut BTreeSet<(String, String)>) -> Result<()> {
    let about = payouts_of(writer.transaction, line)?;
    writer.drop_verdicts(&about)?;
    payouts.extend(about);
    let matches = strings(writer.transaction, MATCHES, params![line])?;
    writer.drop_matches(matches.iter().map(String::as_str))?;
    let open = strings(writer.transaction, OPEN, params![line])?;
    writer.resolve(open.iter().map(String::as_str), at)?;
    Ok(())
}

/// Covers the days of the files that are left; without any, the bank account goes.
fn forget_or_cover(transaction: &Transaction<'_>, changes: &mut Changes, bank_account: &BankAccountName) -> Result<bool> {
    let name = params![bank_account.as_str()];
    let is_left: bool =
        transaction.query_row("SELECT EXISTS (SELECT 1 FROM statement_file WHERE bank_account = ?1)", name, |row| row.get(0))?;
    if !is_left {
        let sql = "SELECT currency FROM bank_account WHERE name = ?1";
        let currency: String = transaction.query_row(sql, name, |row| row.get(0))?;
        changes.add(SHARED, ("bank_account", bank_account.as_str()), Some(currency), None);
    }
    let sql = if is_left { COVER_AGAIN } else { "DELETE FROM bank_account WHERE name = ?1" };
    transaction.execute(sql, name)?;
    Ok(!is_left)
}
