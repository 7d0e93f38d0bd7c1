//! `import stripe`: what the Dashboard exports, into the same txns and payouts that a sync writes. Every file is read before any
//! is written; then each is a transaction of its own.

use std::path::PathBuf;

use exports::{Export, Report, Source, Zone};
use facts::{AccountId, Mode};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use sha2::{Digest, Sha256};
use store::{ExportCounts, ExportOutcome, ExportWrite, Store, StoreError, SyncedAccount};

use super::import::{read_bytes, shown_name};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// How many accounts a message names.
const ACCOUNTS_NAMED: usize = 5;

/// What to import, and what the files do not say themselves.
#[derive(Clone, Debug)]
pub struct StripeImportRequest {
    /// The files, in any order.
    pub files: Vec<PathBuf>,
    /// Whose they are; may be left out where the database holds one account.
    pub account: Option<String>,
    /// The time zone of their times, where a column is not in UTC.
    pub zone: Option<String>,
    /// Whether the money is real; may be left out where the database knows, and is live else.
    pub mode: Option<Mode>,
    /// Read and compare, and write nothing.
    pub dry_run: bool,
}

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripeImportReport {
    /// The file's name, without its folder.
    pub file_name: String,
    /// Which export it is.
    pub report: &'static str,
    /// Whose.
    pub account: AccountId,
    /// Of the database.
    pub mode: Mode,
    /// In which zone its times are, and who said so; `None` where all are in UTC.
    pub zone: Option<(String, &'static str)>,
    /// Rows in the file.
    pub rows: u64,
    /// The newest instant that it speaks of.
    pub until: Option<Timestamp>,
    /// What it did, or with a dry run would do.
    pub outcome: ExportOutcome,
}

/// What holds for all files of one import.
struct Setting {
    account: AccountId,
    mode: Mode,
    zone: Zone,
    zone_said_by: &'static str,
}

/// A file that was read.
struct File {
    name: String,
    bytes: Vec<u8>,
    export: Export,
}

/// Imports the files. Where one cannot be read, none is written, and every such file is told of; a file that contradicts what is
/// stored is left out, and the others are taken.
///
/// # Errors
/// [`Exit::Usage`] for an account, zone or mode that cannot be, [`Exit::Failed`] for files that are refused, and what
/// [`store_failure`] makes of the database's own. In the answer: why a file was left out.
pub fn import_stripe(
    outside: &Outside,
    config: &Config,
    request: &StripeImportRequest,
) -> Result<Vec<Result<StripeImportReport, Failure>>, Failure> {
    let existing = Store::open_existing(&config.database).map_err(store_failure)?;
    let setting = setting(config, existing.as_ref(), request)?;
    let mut files = read_all(outside, config, &setting, &request.files)?;
    // Payouts first, so that what is said of a payout's txns can be held against it.
    files.sort_by_key(|file| !matches!(file.export.report, Report::Payouts | Report::Balance));
    let at = outside.now();
    let writes: Vec<ExportWrite<'_>> = files.iter().map(|file| write_of(file, &setting, at)).collect();
    let outcomes = match (request.dry_run, existing) {
        (true, Some(_)) => open(outside, config)?.try_exports(&writes).map_err(store_failure)?,
        (true, None) => writes.iter().map(|write| Ok(all_new(write))).collect(),
        (false, _) => {
            let mut store = open(outside, config)?;
            writes.iter().map(|write| store.put_export(write)).collect()
        }
    };
    files.iter().zip(outcomes).map(|(file, outcome)| told(file, &setting, outcome)).collect()
}

fn open(outside: &Outside, config: &Config) -> Result<Store, Failure> {
    Store::open(&config.database, outside.points()).map_err(store_failure)
}

/// A file that contradicts what is stored is its own trouble; a database that fails is everybody's.
fn told(
    file: &File,
    setting: &Setting,
    outcome: Result<ExportOutcome, StoreError>,
) -> Result<Result<StripeImportReport, Failure>, Failure> {
    match outcome {
        Ok(outcome) => Ok(Ok(StripeImportReport {
            file_name: file.name.clone(),
            report: file.export.report.as_str(),
            account: setting.account.clone(),
            mode: setting.mode,
            zone: file.export.zone_used.then(|| (setting.zone.name.clone(), setting.zone_said_by)),
            rows: file.export.rows,
            until: file.export.until,
            outcome,
        })),
        Err(error @ StoreError::Contradicted { .. }) => Ok(Err(store_failure(error).hint(
            "what was stored first stays. Is it the export of this account and mode, as it was downloaded? Then tieout sync \
             with a key tells which of the two is right",
        ))),
        Err(error) => Err(store_failure(error)),
    }
}

fn setting(config: &Config, existing: Option<&Store>, request: &StripeImportRequest) -> Result<Setting, Failure> {
    let accounts = existing.map_or(Ok(Vec::new()), Store::accounts).map_err(store_failure)?;
    let holds = existing.map_or(Ok(None), Store::mode).map_err(store_failure)?;
    let account = account(&accounts, request.account.as_deref())?;
    let mode = mode(holds, request.mode)?;
    let (zone, zone_said_by) = zone(config, &accounts, &account, request.zone.as_deref())?;
    Ok(Setting { account, mode, zone, zone_said_by })
}

/// The account that was named, else the only one there is. An export does not say whose it is.
fn account(accounts: &[SyncedAccount], named: Option<&str>) -> Result<AccountId, Failure> {
    let where_to_look = "the Dashboard shows the account's id under Settings, then Business, then Account details: \
                         --account acct_…";
    if let Some(named) = named {
        let id = AccountId::parse(named).ok().filter(|id| id.as_str().starts_with("acct_"));
        let refused = || Failure::new(Exit::Usage, format!("'{}' is not an account's id", named.escape_debug()));
        return id.ok_or_else(|| refused().hint(where_to_look));
    }
    match accounts {
        [only] => Ok(only.account.id.clone()),
        [] => Err(Failure::new(Exit::Usage, "an export does not say whose it is, and the database holds no account yet")
            .hint(where_to_look)),
        several => {
            let ids: Vec<&str> = several.iter().take(ACCOUNTS_NAMED).map(|row| row.account.id.as_str()).collect();
            let more = if several.len() > ids.len() { ", …" } else { "" };
            let message = format!("an export does not say whose it is, and the database holds {} accounts", several.len());
            Err(Failure::new(Exit::Usage, message).hint(format!("name one of them with --account: {}{more}", ids.join(", "))))
        }
    }
}

/// The mode of the database, else the one that was asked for, else live: an export does not say.
fn mode(holds: Option<Mode>, asked: Option<Mode>) -> Result<Mode, Failure> {
    match (holds, asked) {
        (Some(holds), Some(asked)) if holds != asked => {
            let message = format!("this database holds {} data, not {}", holds.as_str(), asked.as_str());
            Err(Failure::new(Exit::Usage, message).hint("import into another database: --database sqlite:PATH"))
        }
        (holds, asked) => Ok(holds.or(asked).unwrap_or(Mode::Live)),
    }
}

/// The report's time zone, and who says so.
fn zone(
    config: &Config,
    accounts: &[SyncedAccount],
    account: &AccountId,
    asked: Option<&str>,
) -> Result<(Zone, &'static str), Failure> {
    let of_account = accounts.iter().find(|row| row.account.id == *account).and_then(|row| row.account.time_zone.as_deref());
    let (name, said_by) = match (asked, config.time_zone.as_deref(), of_account) {
        (Some(name), _, _) => (name, "--zone"),
        (None, Some(name), _) => (name, "the configuration"),
        (None, None, Some(name)) => (name, "the account"),
        (None, None, None) => return Ok((Zone { zone: TimeZone::UTC, name: "UTC".to_owned() }, "default")),
    };
    let zone = TimeZone::get(name).map_err(|_| {
        Failure::new(Exit::Usage, format!("'{}' is no time zone that this machine knows", name.escape_debug()))
            .hint("give the one that the report was made in by its IANA name: --zone America/New_York")
    })?;
    Ok((Zone { zone, name: name.to_owned() }, said_by))
}

fn read_all(outside: &Outside, config: &Config, setting: &Setting, paths: &[PathBuf]) -> Result<Vec<File>, Failure> {
    let today = TimeZone::UTC.to_datetime(outside.as_of(config.as_of)).date();
    let read = |path: &PathBuf| {
        let (name, bytes) = (shown_name(path), read_bytes(outside, path)?);
        let source = Source { bytes: &bytes, file_name: &name, account: &setting.account, zone: &setting.zone, today };
        let export = exports::read(&source).map_err(|error| {
            let hint = error.hint.to_string();
            Failure::new(Exit::Failed, format!("{error}; nothing was changed")).hint(hint)
        })?;
        Ok(File { name, bytes, export })
    };
    let (mut files, mut refused) = (Vec::new(), Vec::new());
    for file in paths.iter().map(read) {
        match file {
            Ok(file) => files.push(file),
            Err(failure) => refused.push(failure),
        }
    }
    Failure::of_several(refused).map_or(Ok(files), Err)
}

fn write_of<'a>(file: &'a File, setting: &'a Setting, at: Timestamp) -> ExportWrite<'a> {
    let export = &file.export;
    ExportWrite {
        account: &setting.account,
        mode: setting.mode,
        file_name: &file.name,
        report: export.report.as_str(),
        holds_whole_payouts: export.report.holds_whole_payouts(),
        time_zone: export.zone_used.then_some(setting.zone.name.as_str()),
        until: export.until,
        rows: export.rows,
        bytes: &file.bytes,
        sha256: Sha256::digest(&file.bytes).into(),
        txns: &export.txns,
        payouts: &export.payouts,
        imported_at: at,
    }
}

/// What a dry run says where there is no database yet, and none is made.
fn all_new(write: &ExportWrite<'_>) -> ExportOutcome {
    let new = |count: usize| ExportCounts { added: count as u64, ..ExportCounts::default() };
    ExportOutcome { txns: new(write.txns.len()), payouts: new(write.payouts.len()), ..ExportOutcome::default() }
}
