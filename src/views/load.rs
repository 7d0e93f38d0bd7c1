//! Reading the database for views: opening it without making it, and what a view needs from several tables.

use std::collections::BTreeMap;

use facts::{AccountId, AccountKind, ObjectKind};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use money::Currency;
use store::{AccountStatus, Freshness, PayoutRow, Run, RunState, Store, StoreError, SyncedAccount, Totals};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::sync::Sweep;
use crate::views::day_check::DayCheckView;
use crate::views::payout::{CategorySum, PayoutShown, PayoutView};
use crate::views::status::{Facts, OpenItems, StatusView};
use crate::views::unitemised;

/// How many runs are looked through for the last one of a job; timers leave a few a day.
const RUNS_MAX: u64 = 1_000;

/// So many accounts are told of one by one; of more, only some are, and what holds of all together.
const ACCOUNTS_LISTED_MAX: u64 = 200;

/// So many of those are.
const ACCOUNTS_IN_VIEW: usize = 60;

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
        | StoreError::CalledOff
        | StoreError::Absent { .. } => Exit::Failed,
    };
    let is_busy = matches!(error, StoreError::Locked { .. });
    // The store's errors say what to do by themselves.
    Failure { is_busy, ..Failure::new(exit, error.to_string()) }
}

/// How everything stands at `now`.
///
/// # Errors
/// A database that fails, or a sum that does not fit 64 bits.
pub fn status(store: &Store, now: Timestamp) -> Result<StatusView, Failure> {
    Ok(standing(store, now)?.view)
}

/// How one account stands at `now`.
///
/// # Errors
/// A database that fails, or a sum that does not fit 64 bits.
pub fn status_of(store: &Store, account: &SyncedAccount, now: Timestamp) -> Result<StatusView, Failure> {
    let accounts = vec![account.clone()];
    let statuses = store.account_status_of(&accounts).map_err(store_failure)?;
    let today = now.to_zoned(TimeZone::UTC).date();
    let open = OpenItems::of([store.open_counts(Some(&account.account.id), today).map_err(store_failure)?]);
    Ok(Standing::of(store, accounts, statuses, open, None)?.view)
}

/// Accounts one by one: all of them, or of many those that are looked at first.
pub struct Standing {
    /// The accounts.
    pub accounts: Vec<SyncedAccount>,
    /// How each stands in each currency.
    pub statuses: Vec<AccountStatus>,
    /// What is made of it.
    pub view: StatusView,
}

/// How everything stands at `now`, and what is shown of it.
///
/// # Errors
/// A database that fails, or a sum that does not fit 64 bits.
pub fn standing(store: &Store, now: Timestamp) -> Result<Standing, Failure> {
    let today = now.to_zoned(TimeZone::UTC).date();
    let freshness = store.freshness().map_err(store_failure)?;
    if freshness.accounts <= ACCOUNTS_LISTED_MAX {
        let accounts = store.accounts().map_err(store_failure)?;
        let statuses = store.account_status().map_err(store_failure)?;
        let open = OpenItems::of([store.open_counts(None, today).map_err(store_failure)?]);
        return Standing::of(store, accounts, statuses, open, None);
    }
    let accounts = store.accounts_in_view(ACCOUNTS_IN_VIEW).map_err(store_failure)?;
    let statuses = store.account_status_of(&accounts).map_err(store_failure)?;
    let counts = accounts.iter().map(|known| store.open_counts(Some(&known.account.id), today));
    let open = OpenItems::of(counts.collect::<Result<Vec<_>, _>>().map_err(store_failure)?);
    let totals = store.totals(today).map_err(store_failure)?;
    Standing::of(store, accounts, statuses, open, Some((freshness, totals)))
}

impl Standing {
    fn of(
        store: &Store,
        accounts: Vec<SyncedAccount>,
        statuses: Vec<AccountStatus>,
        open: OpenItems,
        together: Option<(Freshness, Totals)>,
    ) -> Result<Self, Failure> {
        let told = |row: &SyncedAccount| (row.account.id.clone(), row.account.default_currency, row.synced_at);
        let facts = Facts {
            mode: store.mode().map_err(store_failure)?,
            own: accounts.iter().filter(|row| row.account.kind == AccountKind::Own).map(|row| row.account.id.clone()).collect(),
            accounts: accounts.iter().map(told).collect(),
            incomplete_before: last_run(store, "sync")?.and_then(|run| incomplete_before(&run)),
            reconciled: runs(store)?.iter().any(|run| run.job == "reconcile" && run.state == RunState::Done),
            unfinished: unfinished(store)?.into_iter().map(|(account, _)| account).collect(),
            exports: exports(store)?,
            day_checks: day_checks(store)?,
            statuses,
            open,
            together,
        };
        let overflow = |error| Failure::new(Exit::Failed, format!("the sums of the status: {error}"));
        let view = StatusView::of(&facts).map_err(overflow)?;
        Ok(Self { accounts, statuses: facts.statuses, view })
    }
}

/// The currencies in which any account has anything.
///
/// # Errors
/// A database that fails, or a sum that does not fit 64 bits.
pub fn currencies(store: &Store) -> Result<Vec<Currency>, StoreError> {
    if store.freshness()?.accounts > ACCOUNTS_LISTED_MAX {
        return store.currencies();
    }
    Ok(store.account_status()?.into_iter().map(|status| status.currency).collect())
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
    Ok(zone_of(config.time_zone.as_deref(), &store.own_accounts().map_err(store_failure)?))
}

/// The zone that was configured, else that of the first own account; `accounts` in the order of their ids.
#[must_use]
pub fn zone_of(configured: Option<&str>, accounts: &[SyncedAccount]) -> TimeZone {
    let own = || accounts.iter().find(|row| row.account.kind == AccountKind::Own);
    let name = configured.or_else(|| own().and_then(|row| row.account.time_zone.as_deref()));
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use facts::{Account, Fact, Payout, PayoutId, PayoutStatus};
    use jiff::civil::date;
    use money::Amount;
    use store::{Location, NoPoints, ObjectWrite, PageWrite};

    use super::*;

    const CONNECTED: usize = 3_000;

    fn id(at: usize) -> AccountId {
        AccountId::parse(&format!("acct_{at:05}")).unwrap()
    }

    fn account(at: usize) -> Fact {
        Fact::Account(Account {
            id: id(at),
            kind: if at == 9 { AccountKind::Own } else { AccountKind::Connected },
            country: None,
            default_currency: Some(Currency::USD),
            time_zone: None,
            display_name: None,
        })
    }

    fn payout(at: usize) -> Fact {
        Fact::Payout(Payout {
            id: PayoutId::parse(&format!("po_{at:05}")).unwrap(),
            account: id(at),
            amount: Amount::new(500, Currency::USD),
            arrives_on: date(2026, 7, 2),
            created_at: Timestamp::UNIX_EPOCH,
            status: PayoutStatus::Paid,
            automatic: true,
            method: "standard".to_owned(),
            reconciliation_status: facts::ReconciliationStatus::Completed,
            own_txn: None,
            failure_txn: None,
            failure_code: None,
            destination: None,
            statement_descriptor: None,
            description: None,
            trace_id: None,
            original_payout: None,
            reversed_by: None,
        })
    }

    fn platform(folder: &std::path::Path) -> Store {
        let mut store = Store::open(Location::File(folder.join("tieout.db")), Arc::new(NoPoints)).unwrap();
        let ids: Vec<AccountId> = (0..CONNECTED).map(id).collect();
        let facts: Vec<(usize, Fact, String)> =
            (0..CONNECTED).flat_map(|at| [account(at), payout(at)].map(|fact| (at, fact.clone(), format!("{fact:?}")))).collect();
        let hash = |at: usize, kind: u8| {
            let mut hash = [kind; 32];
            hash.iter_mut().zip(at.to_be_bytes()).for_each(|(byte, of)| *byte = of);
            hash
        };
        let pages: Vec<PageWrite<'_>> = facts
            .iter()
            .map(|(at, fact, said)| {
                let hash = hash(*at, u8::from(matches!(fact, Fact::Payout(_))) + 1);
                let object = ObjectWrite { object_id: fact.object_id(), raw: said.as_bytes(), hash, fact: fact.clone() };
                PageWrite {
                    account: &ids[*at],
                    kind: fact.kind(),
                    request: said,
                    request_id: None,
                    body_hash: hash,
                    fetched_at: Timestamp::UNIX_EPOCH,
                    objects: vec![object],
                    member_of: None,
                    last_member_page: false,
                    walk: None,
                }
            })
            .collect();
        store.put_pages(&pages).unwrap();
        (0..CONNECTED).step_by(2).for_each(|at| store.mark_synced(&ids[at], Timestamp::UNIX_EPOCH).unwrap());
        store
    }

    #[test]
    fn of_some_thousand_accounts_few_are_told_one_by_one_and_the_verdict_is_that_over_all() {
        let folder = tempfile::tempdir().unwrap();
        let store = platform(folder.path());
        let now: Timestamp = "2026-07-31T12:00:00Z".parse().unwrap();
        let seen = standing(&store, now).unwrap();
        assert_eq!((seen.accounts.len(), seen.statuses.len(), seen.view.accounts.len()), (60, 60, 60));
        assert_eq!(seen.view.accounts_more, 2_940);
        assert_eq!(seen.view.worst_first()[0].account, "acct_00009", "its own comes first");
        assert!(seen.accounts.iter().any(|known| known.account.kind == AccountKind::Own));
        let open = OpenItems::of([store.open_counts(None, now.to_zoned(TimeZone::UTC).date()).unwrap()]);
        let all = Standing::of(&store, store.accounts().unwrap(), store.account_status().unwrap(), open, None).unwrap().view;
        assert_eq!((seen.view.verdict, seen.view.found()), (all.verdict, all.found()));
        let told = |view: &StatusView| view.reasons().iter().map(|reason| format!("{reason:?}")).collect::<BTreeSet<_>>();
        assert_eq!(told(&seen.view), told(&all));
        let json = serde_json::to_value(&seen.view).unwrap();
        assert_eq!(json["accounts_more"], 2_940);
        assert!(serde_json::to_value(&all).unwrap().get("accounts_more").is_none());
    }
}
