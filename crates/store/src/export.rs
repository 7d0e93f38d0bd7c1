//! Files that Stripe's Dashboard exports: the file as it came, and its txns and payouts where nobody said more yet.
//!
//! What Stripe's API said stays; an export only adds to it. Two exports of the same txn are laid over one another, in an order
//! that does not matter. An export that contradicts what is stored changes nothing at all.

mod merge;
mod payouts;
mod txns;

use std::collections::{BTreeSet, HashSet};

use facts::{AccountId, ExportedPayout, ExportedTxn, Mode, PayoutId};
use jiff::Timestamp;

use crate::audit::states;
use crate::database::{Connection, OptionalExtension, Read, Transaction, params};
use crate::sync::beginning::begins_at;
use crate::sync::{claim_mode, everything};
use crate::{AuditAct, Result, Store, StoreError, Touched, bump_revision, points, rows};

/// How many contradictions a refusal tells of; more would not be read.
const CONTRADICTIONS_TOLD: usize = 5;

/// So many of a file's txns and of its payouts are looked for in other accounts: a file of another account shares all of them.
const LOOKED_FOR_ELSEWHERE: usize = 5;

/// The largest sum of one file, in minor units: a thousandth of what 64 bits hold, so that a thousand such files still add up.
const SUM_MAX: i64 = i64::MAX / 1_000;

/// One export, read.
#[derive(Clone, Debug)]
pub struct ExportWrite<'a> {
    /// Whose; made here if it is new.
    pub account: &'a AccountId,
    /// The mode that the database must have, or gets.
    pub mode: Mode,
    /// The file's name, without its folder.
    pub file_name: &'a str,
    /// Which export it is, for example `payouts.itemized`.
    pub report: &'a str,
    /// Whether each payout that it names stands in it with all of its txns.
    pub holds_whole_payouts: bool,
    /// The time zone of its times; `None` where all are in UTC.
    pub time_zone: Option<&'a str>,
    /// The newest instant that it speaks of.
    pub until: Option<Timestamp>,
    /// How many rows it has.
    pub rows: u64,
    /// The file's bytes.
    pub bytes: &'a [u8],
    /// SHA-256 of `bytes`.
    pub sha256: [u8; 32],
    /// Its txns.
    pub txns: &'a [ExportedTxn],
    /// Its payouts.
    pub payouts: &'a [ExportedPayout],
    /// When it was imported; kept to the microsecond.
    pub imported_at: Timestamp,
}

/// What an import did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportOutcome {
    /// Of txns.
    pub txns: ExportCounts,
    /// Of payouts.
    pub payouts: ExportCounts,
    /// Whether these very bytes were imported for this account before.
    pub same_file: bool,
    /// Payouts whose txns are here and whose own amount no file has told.
    pub payouts_without_amount: u64,
    /// Payouts of which this file is not known to hold all txns, and whose txns do not add up to their amount yet.
    pub payouts_in_part: u64,
}

/// What became of the objects of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExportCounts {
    /// New to the database.
    pub added: u64,
    /// Known, and something was added to what is known of them.
    pub updated: u64,
    /// Known.
    pub already_there: u64,
}

/// One export that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportFile {
    /// Whose.
    pub account: AccountId,
    /// SHA-256 of the file's bytes.
    pub sha256: [u8; 32],
    /// The file's name, without its folder.
    pub file_name: String,
    /// Which export it is.
    pub report: String,
    /// The newest instant that it speaks of.
    pub until: Option<Timestamp>,
    /// How many rows it has.
    pub rows: u64,
    /// When it was first imported.
    pub imported_at: Timestamp,
}

const PUT_FILE: &str = "INSERT INTO export_file (account, sha256, file_name, report, time_zone, until_at, row_count, bytes, \
     imported_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (account, sha256) DO NOTHING";

const PUT_ROW: &str = "INSERT INTO export_row (account, kind, object_id, sha256, line) VALUES (?1, ?2, ?3, ?4, ?5) \
     ON CONFLICT (account, kind, object_id, sha256) DO NOTHING";

/// Of an account that nothing but its id is known of. Like whatever several exports tell of, it has the least of their hashes.
const PUT_ACCOUNT: &str = "INSERT INTO account (id, version, kind) VALUES (?1, ?2, 'own') ON CONFLICT (id) DO UPDATE \
     SET version = excluded.version WHERE account.version > excluded.version AND EXISTS (SELECT 1 FROM export_file f WHERE \
     f.account = account.id AND f.sha256 = account.version)";

/// A balance that was read before txns came by another way cannot be held against them; the next sync reads it again.
const BALANCE_IS_OLDER: &str = "UPDATE balance SET steady = 0 WHERE account = ?1";

const FILES: &str = "SELECT account, sha256, file_name, report, until_at, row_count, imported_at FROM export_file \
     ORDER BY imported_at DESC, account, sha256";

const PLACES: &str = "SELECT f.file_name, r.line, f.imported_at FROM export_row r JOIN export_file f ON f.account = r.account AND \
     f.sha256 = r.sha256 WHERE r.account = ?1 AND r.kind = ?2 AND r.object_id = ?3 ORDER BY f.imported_at, f.file_name, f.sha256";

impl Store {
    /// Imports one export in one transaction: its bytes, where each object stands in it, and what it says of txns and payouts
    /// that nobody said yet. A file that was imported before changes nothing.
    ///
    /// # Errors
    /// [`StoreError::Contradicted`] when it says otherwise than what is stored, [`StoreError::OtherMode`]; then nothing changed.
    pub fn put_export(&mut self, export: &ExportWrite<'_>) -> Result<ExportOutcome> {
        self.write_noting((points::IMPORT_STRIPE, AuditAct::Import), |transaction, changes| {
            let outcome = write(transaction, export)?;
            if !outcome.same_file {
                let (account, file) = (export.account.as_str(), states::file_id(export.account.as_str(), &export.sha256));
                let state = states::export_file(transaction, account, &export.sha256)?;
                changes.add(account, ("export_file", &file), None, state);
            }
            Ok(outcome)
        })
    }

    /// What [`Self::put_export`] would do to each of `exports`, one after the other. Nothing is changed.
    ///
    /// # Errors
    /// Those of [`Self::put_export`], for each by itself.
    pub fn try_exports(&self, exports: &[ExportWrite<'_>]) -> Result<Vec<Result<ExportOutcome>>> {
        self.read(|connection| {
            let transaction = connection.begin_writing()?;
            exports.iter().map(|export| one_try(&transaction, export)).collect()
        })
    }

    /// Where a `txn` or `payout` stands in exports, the first imported first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn export_places(&self, account: &AccountId, kind: &str, object_id: &str) -> Result<Vec<ExportPlace>> {
        self.read(|connection| {
            let mut statement = connection.prepare(PLACES)?;
            let places = statement.query_map(params![account.as_str(), kind, object_id], |row| {
                let mut c = rows::Columns::new(row, 0);
                Ok(ExportPlace { file_name: c.get()?, line: c.with(rows::narrow)?, imported_at: c.with(rows::time)? })
            })?;
            Ok(places.collect::<Read<_>>()?)
        })
    }

    /// Every export, newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn exports(&self) -> Result<Vec<ExportFile>> {
        self.read(|connection| {
            let mut statement = connection.prepare(FILES)?;
            let files = statement.query_map(params![], |row| {
                let mut c = rows::Columns::new(row, 0);
                Ok(ExportFile {
                    account: c.id(AccountId::parse)?,
                    sha256: c.get()?,
                    file_name: c.get()?,
                    report: c.get()?,
                    until: c.with(rows::time_or_none)?,
                    rows: c.with(rows::narrow)?,
                    imported_at: c.with(rows::time)?,
                })
            })?;
            Ok(files.collect::<Read<_>>()?)
        })
    }
}

/// Where in which export an object stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportPlace {
    /// The file's name, without its folder.
    pub file_name: String,
    /// The line in it, from 1.
    pub line: u64,
    /// When the file was first imported.
    pub imported_at: Timestamp,
}

/// Everything that the writing of one export needs to know.
struct Writer<'w, 't> {
    transaction: &'t Transaction<'t>,
    export: &'w ExportWrite<'w>,
    /// The versions that come of exports; what has another was written by Stripe's API.
    files: HashSet<[u8; 32]>,
    contradictions: Vec<String>,
    /// Payouts about which the file says anything.
    touched: BTreeSet<PayoutId>,
}

/// Writes one of several that are tried; one that cannot be written leaves nothing to the next.
fn one_try(transaction: &Transaction<'_>, export: &ExportWrite<'_>) -> Result<Result<ExportOutcome>> {
    transaction.run("SAVEPOINT export")?;
    let outcome = write(transaction, export);
    if outcome.is_err() {
        transaction.run("ROLLBACK TO SAVEPOINT export")?;
    }
    transaction.run("RELEASE SAVEPOINT export")?;
    Ok(outcome)
}

fn write(transaction: &Transaction<'_>, export: &ExportWrite<'_>) -> Result<ExportOutcome> {
    claim_mode(transaction, export.mode)?;
    refuse_what_is_elsewhere(transaction, export)?;
    if !put_file(transaction, export)? {
        let known = |count: usize| ExportCounts { already_there: count as u64, ..ExportCounts::default() };
        let (txns, payouts) = (known(export.txns.len()), known(export.payouts.len()));
        return Ok(ExportOutcome { txns, payouts, same_file: true, ..ExportOutcome::default() });
    }
    transaction.execute(PUT_ACCOUNT, params![export.account.as_str(), &export.sha256[..]])?;
    let mut writer = Writer {
        transaction,
        export,
        files: files(transaction, export.account)?,
        contradictions: Vec::new(),
        touched: BTreeSet::new(),
    };
    let mut outcome = ExportOutcome { payouts: payouts::put(&mut writer)?, txns: txns::put(&mut writer)?, ..Default::default() };
    writer.refuse_contradictions()?;
    refuse_what_does_not_add_up(export)?;
    payouts::settle(&writer, &mut outcome)?;
    everything(transaction, Some(export.account))?;
    if outcome.txns.added > 0 {
        transaction.execute(BALANCE_IS_OLDER, params![export.account.as_str()])?;
    }
    bump_revision(transaction, Touched::Deposits([export.account.as_str()].into()))?;
    Ok(outcome)
}

/// Refuses what cannot be of this account: txns or payouts that another one has, and any export of an account whose history begins
/// with a day, because its times are not those of Stripe's API and would cross that day.
fn refuse_what_is_elsewhere(transaction: &Transaction<'_>, export: &ExportWrite<'_>) -> Result<()> {
    let refused = |detail: String| StoreError::Contradicted { file: export.file_name.to_owned(), detail };
    if let Some(at) = begins_at(transaction, export.account)? {
        return Err(refused(format!(
            "account {} begins at {at} in this database (sync --since), and an export's times are not those of Stripe's API: import it \
             into another database",
            export.account
        )));
    }
    let txns = export.txns.iter().map(|row| (row.line, row.txn.id.as_str())).take(LOOKED_FOR_ELSEWHERE);
    let payouts = export.payouts.iter().map(|row| (row.line, row.payout.id.as_str())).take(LOOKED_FOR_ELSEWHERE);
    for (table, named) in [("txn", txns.collect::<Vec<_>>()), ("payout", payouts.collect())] {
        for (line, id) in named {
            let sql = format!("SELECT account FROM {table} WHERE id = ?1 AND account <> ?2 ORDER BY account LIMIT 1");
            let mut statement = transaction.prepare(&sql)?;
            let holder = statement.query_row(params![id, export.account.as_str()], |row| row.get::<String>(0)).optional()?;
            if let Some(holder) = holder {
                return Err(refused(format!("line {line}: {table} {id} is of account {holder}, not of {}", export.account)));
            }
        }
    }
    Ok(())
}

/// Refuses amounts that are each a number and together none: every sum over this account would fail from then on.
fn refuse_what_does_not_add_up(export: &ExportWrite<'_>) -> Result<()> {
    let sum = |rows: &mut dyn Iterator<Item = i64>| rows.map(i128::from).map(i128::abs).sum::<i128>();
    let largest = [
        sum(&mut export.txns.iter().map(|row| row.txn.amount.minor())),
        sum(&mut export.txns.iter().map(|row| row.txn.net_minor)),
        sum(&mut export.txns.iter().map(|row| row.txn.fee_minor)),
        sum(&mut export.payouts.iter().map(|row| row.payout.amount.minor())),
    ];
    let too_large = largest.iter().any(|sum| *sum > i128::from(SUM_MAX));
    let detail = "its amounts are too large to be added up: is it an export of Stripe's, unchanged?".to_owned();
    match too_large {
        true => Err(StoreError::Contradicted { file: export.file_name.to_owned(), detail }),
        false => Ok(()),
    }
}

impl Writer<'_, '_> {
    fn account(&self) -> &str {
        self.export.account.as_str()
    }

    fn is_of_an_export(&self, version: &[u8; 32]) -> bool {
        self.files.contains(version)
    }

    /// Notes where in the file an object stands.
    fn place(&self, kind: &str, object_id: &str, line: u64) -> Result<()> {
        let line = i64::try_from(line).unwrap_or(i64::MAX);
        let row = params![self.account(), kind, object_id, &self.export.sha256[..], line];
        self.transaction.prepare(PUT_ROW)?.execute(row)?;
        Ok(())
    }

    fn contradiction(&mut self, line: u64, told: &str) {
        self.contradictions.push(format!("line {line}: {told}"));
    }

    fn refuse_contradictions(&self) -> Result<()> {
        let Some(more) = self.contradictions.len().checked_sub(1) else { return Ok(()) };
        let told = self.contradictions.iter().take(CONTRADICTIONS_TOLD).cloned().collect::<Vec<_>>().join("; ");
        let more = (more + 1).saturating_sub(CONTRADICTIONS_TOLD);
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        Err(StoreError::Contradicted { file: self.export.file_name.to_owned(), detail: format!("{told}{more}") })
    }
}

fn put_file(transaction: &Transaction<'_>, export: &ExportWrite<'_>) -> Result<bool> {
    let rows = transaction.execute(
        PUT_FILE,
        params![
            export.account.as_str(),
            &export.sha256[..],
            export.file_name,
            export.report,
            export.time_zone,
            export.until.map(Timestamp::as_microsecond),
            i64::try_from(export.rows).unwrap_or(i64::MAX),
            export.bytes,
            export.imported_at.as_microsecond(),
        ],
    )?;
    Ok(rows > 0)
}

fn files(connection: &Connection, account: &AccountId) -> Result<HashSet<[u8; 32]>> {
    let mut statement = connection.prepare("SELECT sha256 FROM export_file WHERE account = ?1")?;
    Ok(statement.query_map(params![account.as_str()], |row| row.get(0))?.collect::<Read<_>>()?)
}
