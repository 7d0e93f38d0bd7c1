//! Reading the database for views: opening it without making it, and what a view needs from several tables.

use std::collections::BTreeMap;

use facts::{AccountId, AccountKind, CompositionState, DepositState, ObjectKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use store::{ExceptionFilter, ExceptionState, PayoutFilter, PayoutRow, Run, RunState, Store, StoreError, SyncedAccount};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::sync::Sweep;
use crate::views::day_check::DayCheckView;
use crate::views::payout::{CategorySum, PayoutShown, PayoutView};
use crate::views::status::{Facts, OpenItems, StatusView};
use crate::views::unitemised;

/// How many runs are looked through for the last one of a job; timers leave a few a day.
const RUNS_MAX: u64 = 1_000;

/// So many kinds of which all history was not read yet are looked at. Where there are more, a first sync is still running.
const UNFINISHED_MAX: u32 = 10_000;

/// The database, for reading. Reading never makes one.
///
/// # Errors
/// [`Exit::Failed`] when there is none yet; what [`store_failure`] makes of anything else.
pub fn open(config: &Config) -> Result<Store, Failure> {
    let missing = || {
        let message = format!("there is no database at {} ({})", config.database, config.database_origin);
        Failure::new(Exit::Failed, message).hint("run tieout demo to see it work, or tieout sync to read your Stripe account")
    };
    Store::open_existing(&config.database).map_err(store_failure)?.ok_or_else(missing)
}

/// What a command ends with when the database fails it.
pub fn store_failure(error: StoreError) -> Failure {
    let exit = match &error {
        StoreError::OtherMode { .. } => Exit::Authentication,
        StoreError::Locked { .. }
        | StoreError::Leased { .. }
        | StoreError::Overtaken { .. }
        | StoreError::Moved { .. }
        | StoreError::NotEmpty { .. } => Exit::Conflict,
        StoreError::NotOurs { .. }
        | StoreError::Corrupt { .. }
        | StoreError::Full { .. }
        | StoreError::Unwritable { .. }
        | StoreError::Newer { .. }
        | StoreError::Io { .. }
        | StoreError::BadRow { .. }
        | StoreError::Refused { .. }
        | StoreError::OtherCurrency { .. }
        | StoreError::LinesUnknown { .. }
        | StoreError::Contradicted { .. }
        | StoreError::Overflow { .. }
        | StoreError::SumsApart { .. }
        | StoreError::Absent { .. } => Exit::Failed,
    };
    // The store's errors say what to do by themselves.
    Failure::new(exit, error.to_string())
}

/// How everything stands at `now`.
///
/// # Errors
/// A database that fails, or a sum that does not fit 64 bits.
pub fn status(store: &Store, now: Timestamp) -> Result<StatusView, Failure> {
    let open = ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
    let pending = PayoutFilter { composition: Some(CompositionState::Pending), ..PayoutFilter::default() };
    let exceptions = store.exceptions(&open).map_err(store_failure)?;
    let awaiting = PayoutFilter { deposit: Some(DepositState::Awaiting), ..PayoutFilter::default() };
    let pending = store.payouts(&pending).map_err(store_failure)?;
    let awaiting = store.payouts(&awaiting).map_err(store_failure)?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let accounts = store.accounts().map_err(store_failure)?;
    let facts = Facts {
        mode: store.mode().map_err(store_failure)?,
        statuses: store.account_status().map_err(store_failure)?,
        accounts: accounts.into_iter().map(|row| (row.account.id, row.account.default_currency, row.synced_at)).collect(),
        incomplete_before: last_run(store, "sync")?.and_then(|run| incomplete_before(&run)),
        reconciled: runs(store)?.iter().any(|run| run.job == "reconcile" && run.state == RunState::Done),
        unfinished: unfinished(store)?.into_iter().map(|(account, _)| account).collect(),
        exports: exports(store)?,
        day_checks: day_checks(store)?,
        open: OpenItems::of(&exceptions, &pending, &awaiting, today),
    };
    StatusView::of(&facts).map_err(|error| Failure::new(Exit::Failed, format!("the sums of the status: {error}")))
}

/// Accounts that were last read to the end before this instant are not known to be complete after this sync; `None` where it read
/// everything. One that only left connected accounts over took those first that were stale, and read all others.
fn incomplete_before(sync: &Run) -> Option<Timestamp> {
    #[derive(serde::Deserialize, Default)]
    struct Summary {
        #[serde(default)]
        connected: Connected,
    }
    #[derive(serde::Deserialize, Default)]
    struct Connected {
        #[serde(default)]
        all_else_read: bool,
    }
    if sync.state == RunState::Done {
        return None;
    }
    let summary: Summary = serde_json::from_str(&sync.summary).unwrap_or_default();
    let stale = || sync.started_at.checked_sub(Sweep::default().stale_after).unwrap_or(Timestamp::UNIX_EPOCH);
    Some(if summary.connected.all_else_read { stale() } else { Timestamp::MAX })
}

/// What became of the past days that were listed again.
fn day_checks(store: &Store) -> Result<BTreeMap<AccountId, DayCheckView>, Failure> {
    let checks = store.day_checks().map_err(store_failure)?;
    Ok(checks.into_iter().map(|(account, check)| (account.clone(), DayCheckView::of(&account, &check))).collect())
}

/// The newest instant that the exports of each account tell of.
fn exports(store: &Store) -> Result<BTreeMap<AccountId, Timestamp>, Failure> {
    let mut newest: BTreeMap<AccountId, Timestamp> = BTreeMap::new();
    for file in store.exports().map_err(store_failure)? {
        if let Some(until) = file.until {
            let known = newest.entry(file.account).or_insert(until);
            *known = until.max(*known);
        }
    }
    Ok(newest)
}

/// Kinds of which all history was not read yet, each with whose they are.
///
/// # Errors
/// A database that fails.
pub fn unfinished(store: &Store) -> Result<Vec<(AccountId, ObjectKind)>, Failure> {
    store.unfinished(UNFINISHED_MAX).map_err(store_failure)
}

/// The newest run of a job.
///
/// # Errors
/// A database that fails.
pub fn last_run(store: &Store, job: &str) -> Result<Option<Run>, Failure> {
    Ok(runs(store)?.into_iter().find(|run| run.job == job))
}

fn runs(store: &Store) -> Result<Vec<Run>, Failure> {
    store.runs(RUNS_MAX).map_err(store_failure)
}

/// The business time zone: the one that was set, else that of the first account of our own by id, else UTC.
///
/// # Errors
/// A database that fails.
pub fn zone(config: &Config, store: &Store) -> Result<TimeZone, Failure> {
    Ok(zone_of(config, &store.own_accounts().map_err(store_failure)?))
}

/// The same, of accounts in the order of their ids.
#[must_use]
pub fn zone_of(config: &Config, accounts: &[SyncedAccount]) -> TimeZone {
    let own = || accounts.iter().find(|row| row.account.kind == AccountKind::Own);
    let name = config.time_zone.as_deref().or_else(|| own().and_then(|row| row.account.time_zone.as_deref()));
    name.and_then(|name| TimeZone::get(name).ok()).unwrap_or(TimeZone::UTC)
}

/// One payout with its txns by category. Txns in another currency are in no sum; the composition counts them.
///
/// # Errors
/// A database that fails, or a sum that does not fit 64 bits.
pub fn payout(store: &Store, row: &PayoutRow) -> Result<PayoutShown, Failure> {
    let overflow = || Failure::new(Exit::Failed, format!("the txns of {} do not fit 64 bits", row.payout.id));
    let mut sums: BTreeMap<String, CategorySum> = BTreeMap::new();
    let txns = store.payout_txns(&row.payout.account, &row.payout.id).map_err(store_failure)?;
    let own = |txn: &facts::Txn| row.payout.own_txn.as_ref() == Some(&txn.id);
    let counted = txns.iter().map(|member| &member.txn).filter(|txn| !own(txn));
    for txn in counted.filter(|txn| txn.amount.currency() == row.payout.amount.currency()) {
        let sum = sums.entry(txn.reporting_category.clone()).or_insert_with(|| CategorySum::empty(&txn.reporting_category));
        sum.add(txn).ok_or_else(overflow)?;
    }
    let proposal = unitemised::proposal(store, &row.payout)?;
    Ok(PayoutShown { payout: PayoutView::of(row), categories: sums.into_values().collect(), proposal })
}
