//! `import bank`: statement files into the database. All files are read before any is written.

use std::collections::BTreeSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use facts::{BankAccountName, BankLine, Coverage, StatementSpan};
use money::Currency;
use sha2::{Digest, Sha256};
use statements::limits::{FILE_BYTES_MAX, PROFILE_BYTES_MAX};
use statements::{LeftOutReason, Profile, ReadError, Source, Statement, dialect};
use store::{BankLineFilter, StatementWrite, Store};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// What to import, and where.
#[derive(Clone, Debug)]
pub struct ImportRequest {
    /// The files, in any order.
    pub files: Vec<PathBuf>,
    /// What was read already.
    pub given: Vec<GivenFile>,
    /// The bank account's name; a new one is made.
    pub bank_account: String,
    /// The currency, where the files do not say it.
    pub currency: Option<Currency>,
    /// A built-in profile's name, one of the configuration folder's, or a file.
    pub profile: Option<String>,
    /// The days that the file speaks for, where a person says them: then there is one file.
    pub days: Option<Coverage>,
    /// Read and compare, and write nothing.
    pub dry_run: bool,
}

/// The content of a file that no path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFile {
    /// What it is called, for messages and for the database.
    pub name: String,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What came of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportReport {
    /// The file's name, without its folder.
    pub file_name: String,
    /// What it was read as.
    pub format: String,
    /// Into which bank account.
    pub bank_account: BankAccountName,
    /// Of every line.
    pub currency: Currency,
    /// The days it speaks for.
    pub coverage: Option<Coverage>,
    /// Lines in the file.
    pub lines: u64,
    /// Lines new to the database.
    pub added: u64,
    /// Lines that were known.
    pub already_there: u64,
    /// Rows that the bank has not booked yet.
    pub pending: u64,
    /// Rows that were declined or cancelled.
    pub failed: u64,
    /// Rows that are the bank's own words.
    pub not_lines: u64,
    /// Of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

/// A file that was read.
struct Read {
    name: String,
    bytes: Vec<u8>,
    statement: Statement,
}

/// Reads every file, then writes each in a transaction of its own. A file that cannot be read changes nothing, nor do the others.
///
/// # Errors
/// [`Exit::Usage`] for a name or a currency that cannot be, [`Exit::Failed`] for a file that is refused, and what
/// [`store_failure`] makes of the database's own.
pub fn import_bank(outside: &Outside, config: &Config, request: &ImportRequest) -> Result<Vec<ImportReport>, Failure> {
    let bank_account = BankAccountName::parse(&request.bank_account).map_err(|error| {
        Failure::new(Exit::Usage, error.to_string()).hint("name it with --bank-account, for example --bank-account checking")
    })?;
    let currency = known_currency(config, &bank_account, request.currency)?;
    let profile = request.profile.as_deref().map(|name| find_profile(outside, config, name)).transpose()?;
    let mut read = read_all(outside, request, &bank_account, currency, profile.as_ref())?;
    if let Some(days) = request.days {
        tell_days(&mut read, days)?;
    }
    if request.dry_run {
        return compare(config, &bank_account, &read);
    }
    let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    let told = request.days.is_some();
    read.iter().map(|file| write(&mut store, outside, (&bank_account, told), file)).collect()
}

/// Lets the file speak for the days that a person says. An export of a month in which nothing happened says none itself.
fn tell_days(read: &mut [Read], days: Coverage) -> Result<(), Failure> {
    let told = format!("{} to {}", days.from_on, days.until_on);
    let [Read { name, statement, .. }] = read else {
        let message = format!("{} files cannot all speak for {told}; nothing was changed", read.len());
        return Err(Failure::new(Exit::Usage, message).hint("import each file with its own --from and --to"));
    };
    let is_outside = |line: &&BankLine| !(days.from_on..=days.until_on).contains(&line.date_on);
    if let Some(line) = statement.lines.iter().find(is_outside) {
        let message = format!("{name} holds a line of {}, which is not within {told}; nothing was changed", line.date_on);
        return Err(Failure::new(Exit::Usage, message).hint("--from and --to are the first and the last day of the export"));
    }
    let first = statement.spans.first().filter(|_| statement.spans.len() == 1);
    let (opening_minor, closing_minor) = first.map_or((None, None), |span| (span.opening_minor, span.closing_minor));
    statement.spans = vec![StatementSpan { days, opening_minor, closing_minor }];
    Ok(())
}

/// The bank account's currency where it exists, else what was asked for.
fn known_currency(config: &Config, name: &BankAccountName, asked: Option<Currency>) -> Result<Option<Currency>, Failure> {
    let Some(store) = Store::open_existing(&config.database).map_err(store_failure)? else { return Ok(asked) };
    let accounts = store.bank_accounts().map_err(store_failure)?;
    let Some(account) = accounts.into_iter().find(|account| account.name == *name) else { return Ok(asked) };
    match asked {
        Some(asked) if asked != account.currency => {
            let message = format!("the bank account '{name}' is in {}, not in {}", account.currency.upper(), asked.upper());
            Err(Failure::new(Exit::Usage, message).hint("a bank account's currency never changes: give another --bank-account"))
        }
        _ => Ok(Some(account.currency)),
    }
}

fn read_all(
    outside: &Outside,
    request: &ImportRequest,
    bank_account: &BankAccountName,
    currency: Option<Currency>,
    profile: Option<&Profile>,
) -> Result<Vec<Read>, Failure> {
    let files = request
        .files
        .iter()
        .map(|path| Ok((shown_name(path), read_bytes(outside, path)?)))
        .chain(request.given.iter().map(|GivenFile { name, bytes }| Ok((name.clone(), bytes.clone()))))
        .collect::<Result<Vec<_>, Failure>>()?;
    let try_read = |name: &str, bytes: &[u8], currency| {
        statements::read(&Source { bytes, file_name: name, bank_account, currency, profile })
    };
    if profile.is_none() {
        files.iter().try_for_each(|(name, bytes)| no_export(name, bytes))?;
    }
    // A file that does not say its currency may stand before one that does: the order of files must not matter.
    let said = files.iter().find_map(|(name, bytes)| currency.or_else(|| Some(try_read(name, bytes, None).ok()?.currency)));
    let read = |(name, bytes): (String, Vec<u8>)| {
        let statement = try_read(&name, &bytes, said).map_err(refused)?;
        Ok(Read { name, bytes, statement })
    };
    files.into_iter().map(read).collect()
}

/// Refuses what Stripe exported: as a statement it would make lines of charges.
fn no_export(name: &str, bytes: &[u8]) -> Result<(), Failure> {
    if !exports::is_export(bytes) {
        return Ok(());
    }
    let message = format!("{name} is an export of Stripe's and no bank statement; nothing was changed");
    Err(Failure::new(Exit::Failed, message).hint(format!("tieout import stripe {name}")))
}

/// The content of a file of a size that a statement can have.
///
/// # Errors
/// [`Exit::Failed`] for what cannot be read: a folder, no file, no permission, too large.
pub fn read_bytes(outside: &Outside, path: &Path) -> Result<Vec<u8>, Failure> {
    outside.read_file(path, FILE_BYTES_MAX).map_err(|error| {
        let failure = Failure::new(Exit::Failed, format!("{} cannot be read: {error}; nothing was changed", path.display()));
        match error.kind() {
            ErrorKind::IsADirectory => failure.hint(format!("name the files in it: {}", path.join("*.csv").display())),
            ErrorKind::FileTooLarge => {
                failure.hint("split the file by month and import the parts; lines that overlap count once")
            }
            ErrorKind::NotFound => failure.hint("check the path"),
            _ => failure.hint("check its permissions"),
        }
    })
}

/// The file's name without its folder, for messages and for the database.
pub fn shown_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}

/// What a refused file ends a command with.
pub fn refused(error: ReadError) -> Failure {
    let hint = error.hint.to_string();
    Failure::new(Exit::Failed, format!("{error}; nothing was changed")).hint(hint)
}

/// A profile by name: built in, in the configuration folder's `profiles/`, or a file.
///
/// # Errors
/// [`Exit::Usage`] where there is none, [`Exit::Failed`] where it is not a profile.
pub fn find_profile(outside: &Outside, config: &Config, name: &str) -> Result<Profile, Failure> {
    let own = profile_folder(config).map(|folder| folder.join(format!("{name}.toml"))).filter(|path| outside.exists(path));
    let path = match (own, dialect(name)) {
        (Some(path), _) => path,
        (None, Some(known)) => return Ok(known.clone()),
        (None, None) => PathBuf::from(name),
    };
    let bytes = outside.read_file(&path, PROFILE_BYTES_MAX as u64).map_err(|error| {
        Failure::new(Exit::Usage, format!("there is no profile '{name}': {error}"))
            .hint("`tieout profile list` shows the known ones; `tieout profile new FILE -o my-bank.toml` makes one")
    })?;
    let text =
        String::from_utf8(bytes).map_err(|_| Failure::new(Exit::Failed, format!("{} is not UTF-8 text", path.display())))?;
    Profile::parse(&text, &shown_name(&path)).map_err(refused)
}

/// Where a person's own profiles lie: beside the configuration file.
pub fn profile_folder(config: &Config) -> Option<PathBuf> {
    Some(config.file.as_ref()?.parent()?.join("profiles"))
}

fn write(
    store: &mut Store,
    outside: &Outside,
    (bank_account, days_are_told): (&BankAccountName, bool),
    file: &Read,
) -> Result<ImportReport, Failure> {
    let outcome = store
        .put_statement(&StatementWrite {
            bank_account,
            currency: file.statement.currency,
            file_name: &file.name,
            format: &file.statement.format,
            bytes: &file.bytes,
            sha256: Sha256::digest(&file.bytes).into(),
            lines: &file.statement.lines,
            spans: &file.statement.spans,
            days_are_told,
            imported_at: outside.now(),
        })
        .map_err(store_failure)?;
    Ok(report(bank_account, file, outcome.added, outcome.already_there))
}

/// What a dry run says: the same counts, without a write.
fn compare(config: &Config, bank_account: &BankAccountName, read: &[Read]) -> Result<Vec<ImportReport>, Failure> {
    let mut known: BTreeSet<String> = BTreeSet::new();
    if let Some(store) = Store::open_existing(&config.database).map_err(store_failure)? {
        let filter = BankLineFilter { bank_account: Some(bank_account.clone()), ..BankLineFilter::default() };
        known.extend(store.bank_lines(&filter).map_err(store_failure)?.iter().map(|row| row.line.id.as_str().to_owned()));
    }
    let count = |file: &Read| {
        let added = file.statement.lines.iter().filter(|line| known.insert(line.id.as_str().to_owned())).count() as u64;
        report(bank_account, file, added, file.statement.lines.len() as u64 - added)
    };
    Ok(read.iter().map(count).collect())
}

fn report(bank_account: &BankAccountName, file: &Read, added: u64, already_there: u64) -> ImportReport {
    let left_out = |reason| file.statement.left_out_count(reason) as u64;
    ImportReport {
        file_name: file.name.clone(),
        format: file.statement.format.clone(),
        bank_account: bank_account.clone(),
        currency: file.statement.currency,
        coverage: file.statement.coverage(),
        lines: file.statement.lines.len() as u64,
        added,
        already_there,
        pending: left_out(LeftOutReason::Pending),
        failed: left_out(LeftOutReason::Failed),
        not_lines: left_out(LeftOutReason::NotALine),
        bytes: file.bytes.len() as u64,
        sha256: Sha256::digest(&file.bytes).into(),
    }
}
