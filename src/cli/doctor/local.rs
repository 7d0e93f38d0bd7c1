//! What can be checked on this machine: settings, database, bank statements, disk.

use std::path::Path;

use jiff::{Unit, civil::Date, tz::TimeZone};
use secrecy::ExposeSecret;
use store::Store;

use super::Finding;
use crate::cli::talk::printable;
use crate::config::Config;
use crate::exit::Exit;
use crate::outside::Outside;
use crate::views::statements::Statements;

/// A quarter of a large merchant takes less than this; below it a sync may not end.
const FREE_BYTES_WARN: u64 = 2 * 1024 * 1024 * 1024;

/// Below this SQLite's own journal may not fit.
const FREE_BYTES_FAIL: u64 = 128 * 1024 * 1024;

/// Bank statements come monthly at the latest; older ones keep payouts awaiting.
const STATEMENT_DAYS_MAX: i32 = 35;

/// Nobody tries all secrets of this length; `openssl rand -hex 32` makes four times as much.
const SECRET_BYTES_WARN: usize = 16;

/// The findings, in the order in which they are shown.
pub fn check(config: &Config, outside: &Outside) -> Vec<Finding> {
    let mut findings = vec![settings(config), sync_endpoint(config)];
    let today = outside.as_of(config.as_of).to_zoned(TimeZone::UTC).date();
    match Store::open_existing(&config.database) {
        Ok(None) => findings.push(Finding::ok(
            "database",
            format!("none yet at {} ({}); the first sync makes it", config.database, config.database_origin),
        )),
        Ok(Some(store)) => {
            findings.push(database(&store, config));
            findings.extend(banks(&store, today));
        }
        Err(error) => {
            findings.push(Finding::fail(Exit::Failed, "database", error.to_string(), "nothing can be read until it opens"))
        }
    }
    findings.extend(config.database.file().map(|file| disk(file, outside)));
    findings
}

fn settings(config: &Config) -> Finding {
    let file = config.file.as_ref().map_or_else(|| "no file, which is fine".to_owned(), |path| path.display().to_string());
    let zone = config.time_zone.as_deref().unwrap_or("the Stripe account's");
    Finding::ok("settings", format!("{file}; time zone: {zone}"))
}

/// Whether a scheduler may call; the secret is never shown.
fn sync_endpoint(config: &Config) -> Finding {
    match &config.sync_secret {
        None => Finding::ok("sync endpoint", "off: TIEOUT_SYNC_SECRET is not set"),
        Some(secret) if secret.expose_secret().len() < SECRET_BYTES_WARN => {
            Finding::warn("sync endpoint", "TIEOUT_SYNC_SECRET is short enough to be guessed", "make one: openssl rand -hex 32")
        }
        Some(_) => Finding::ok("sync endpoint", "on: TIEOUT_SYNC_SECRET is set"),
    }
}

fn database(store: &Store, config: &Config) -> Finding {
    let damaged =
        |why: String| Finding::fail(Exit::Failed, "database", why, "restore a copy, or sync and import again into a new file");
    if let Err(error) = store.check() {
        return damaged(error.to_string());
    }
    let mode = match store.mode() {
        Ok(mode) => mode.map_or("no mode yet", facts::Mode::as_str),
        Err(error) => return damaged(error.to_string()),
    };
    Finding::ok("database", format!("{} ({}), {mode}, sound", config.database, config.database_origin))
}

fn banks(store: &Store, today: Date) -> Vec<Finding> {
    let accounts = match store.bank_accounts() {
        Ok(accounts) => accounts,
        Err(error) => return vec![Finding::fail(Exit::Failed, "bank", error.to_string(), "see the database's line")],
    };
    if accounts.is_empty() {
        let import = "tieout import bank FILE --bank-account NAME";
        return vec![Finding::warn("bank", "no statement was imported, so every payout stays awaiting", import)];
    }
    match Statements::read(store) {
        Ok(statements) => accounts.iter().map(|account| bank(account, &statements, today)).collect(),
        Err(error) => vec![Finding::fail(Exit::Failed, "bank", error.to_string(), "see the database's line")],
    }
}

fn bank(account: &facts::BankAccount, statements: &Statements, today: Date) -> Finding {
    let Some(coverage) = account.coverage else {
        return Finding::warn("bank", format!("{} has no lines", account.name), "import a statement that has some");
    };
    let told =
        format!("{} ({}) reaches from {} to {}", account.name, account.currency.upper(), coverage.from_on, coverage.until_on);
    let holes: Vec<String> =
        statements.holes(&account.name).map(|(until, from)| format!("between {until} and {from}")).collect();
    if !holes.is_empty() {
        let mend = "import the statements of these days, or the files beside them once more with --from and --to where they tell of \
                    these days: a payout due then can neither be found nor called missing";
        return Finding::warn("bank", format!("{told}, with no statement {}", holes.join(", ")), mend);
    }
    if let Some(file) = statements.unnoted(&account.name) {
        let mend = "import it once more: an earlier version did not note its days, so that no hole between statements is seen";
        return Finding::warn("bank", format!("{told}; of {} nobody knows which days", printable(file)), mend);
    }
    let days = coverage.until_on.until((Unit::Day, today)).map_or(i32::MAX, |span| span.get_days());
    if days > STATEMENT_DAYS_MAX {
        return Finding::warn("bank", told, "import a newer statement: nothing after that day can be found, or called missing");
    }
    Finding::ok("bank", told)
}

fn disk(database: &Path, outside: &Outside) -> Finding {
    // The database's folder may not exist yet; then its nearest ancestor is on the same disk.
    let free = database.ancestors().skip(1).find_map(|folder| {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        outside.room(folder).ok().map(|room| room.free)
    });
    let Some(free) = free else {
        return Finding::warn("disk", "how much is free could not be told", "see that the database's folder can be reached");
    };
    let told = format!("{} MiB free where the database is", free / (1024 * 1024));
    let remedy = "free some space, or put the database elsewhere with --database";
    match free {
        ..FREE_BYTES_FAIL => Finding::fail(Exit::Failed, "disk", told, remedy),
        FREE_BYTES_FAIL..FREE_BYTES_WARN => Finding::warn("disk", told, remedy),
        _ => Finding::ok("disk", told),
    }
}
