//! Reconciling single accounts: where no payout, bank line or account has changed since everything was judged, deposits stand, and
//! only what does not agree within the accounts that have changed is judged again. It costs what changed, not history. Money between
//! accounts waits for the next reconciliation of everything: a side that has not come is missed only after its account's sync.

use std::collections::HashMap;

use facts::{AccountId, Exception};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use recon::settlement::SettlementWindow;
use recon::{ACCOUNT_CODES, Outcomes, Plan, Snapshot};
use store::{AccountSnapshot, Judged, RunId, RunState, Store, StoreError, ToJudge};

use super::{
    PLANS_MAX, ReconcileRequest, balance_check, gap_contexts, item_of, last_known_day, moved_too_often, open_alone,
    reconcile_all, refusal, unsettled, write_of,
};
use crate::config::Config;
use crate::exit::Failure;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Where more accounts than this have changed, everything is judged at once.
const ACCOUNTS_MAX: usize = 500;

/// What everything was judged from, and what a reconciliation of single accounts relies on.
#[derive(Clone, Debug)]
pub struct Basis {
    /// The revision of the data.
    pub(super) revision: i64,
    /// The business day.
    pub(super) today: Date,
    /// The zone in which days are meant.
    pub(super) zone: TimeZone,
    /// Until which day each account was completely known.
    pub(super) known_until: HashMap<AccountId, Date>,
    /// Which txns must be in a payout by now.
    pub(super) windows: Vec<SettlementWindow>,
    /// The last reconciliation that stood on it, and when it began.
    pub(super) last: Option<(RunId, Timestamp)>,
}

/// Reconciles what has changed: single accounts where `basis` still stands, and else everything, which makes a new one. Where
/// nothing has changed, nothing is done and no run is kept.
///
/// # Errors
/// Those of [`super::reconcile`].
pub fn reconcile_due(outside: &Outside, config: &Config, basis: &mut Option<Basis>) -> Result<(), Failure> {
    let mut store = open_alone(outside, config)?;
    if let Some(basis) = basis.as_mut().filter(|basis| basis.today == today(outside, config, basis))
        && of_accounts(outside, config, &mut store, basis)?
    {
        return Ok(());
    }
    let (_, made) = reconcile_all(outside, config, &mut store, ReconcileRequest::default())?;
    *basis = Some(made);
    Ok(())
}

/// The last reconciliation that ran on this database, whoever asked for it.
pub(super) fn last(store: &Store) -> Result<Option<(RunId, Timestamp)>, Failure> {
    store.last_run("reconcile").map_err(store_failure)
}

fn today(outside: &Outside, config: &Config, basis: &Basis) -> Date {
    outside.as_of(config.as_of).to_zoned(basis.zone.clone()).date()
}

/// Judges the accounts that are due; `false` where that is not enough.
fn of_accounts(outside: &Outside, config: &Config, store: &mut Store, basis: &mut Basis) -> Result<bool, Failure> {
    let due = store.to_judge().map_err(store_failure)?;
    // Somebody may have reconciled as of another day, or put another database in this one's place.
    if basis.last.is_none() || last(store)? != basis.last || due.revision < basis.revision {
        return Ok(false);
    }
    if due.deposit_revision > basis.revision || due.accounts.len() > ACCOUNTS_MAX {
        return Ok(false);
    }
    if due.accounts.is_empty() {
        return Ok(true);
    }
    for account in &due.accounts {
        store.add_up_days(Some(account)).map_err(store_failure)?;
    }
    let as_of = outside.as_of(config.as_of);
    for _ in 0..PLANS_MAX {
        let due = store.to_judge().map_err(store_failure)?;
        if due.deposit_revision > basis.revision {
            return Ok(false);
        }
        let Some(plan) = plan(store, &due, basis, as_of)? else { return Ok(false) };
        // What changes nothing is no run that anybody would look for.
        let run = if plan.is_empty() { None } else { Some(store.begin_run("reconcile", outside.now()).map_err(store_failure)?) };
        let write = write_of(&plan, Judged::Accounts(due.accounts.clone()), as_of);
        let applied = store.apply(&write, due.revision);
        if let Some(run) = run {
            let state = if applied.is_ok() { RunState::Done } else { RunState::Failed };
            store.end_run(run, outside.now(), state, &summary(&due, &plan)).map_err(store_failure)?;
            basis.last = last(store)?;
        }
        match applied {
            Ok(_) => return Ok(true),
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(store_failure(error)),
        }
    }
    Err(moved_too_often())
}

/// What must change so that the exceptions of these accounts hold; `None` where one of them is known further than it was, from which
/// other txns may follow to be late.
fn plan(store: &Store, due: &ToJudge, basis: &Basis, as_of: Timestamp) -> Result<Option<Plan>, Failure> {
    let (mut wanted, mut kept) = (Outcomes::default(), Outcomes::default());
    for account in &due.accounts {
        let loaded = store.account_snapshot(account).map_err(store_failure)?;
        let known_until = loaded.synced_at.map(|at| last_known_day(at, as_of, &basis.zone, basis.today));
        if known_until.as_ref() != basis.known_until.get(account) {
            return Ok(None);
        }
        kept.exceptions.extend(loaded.exceptions_open.iter().filter(|open| ACCOUNT_CODES.contains(&open.code)).cloned());
        wanted.exceptions.extend(exceptions(store, account, loaded, basis)?);
    }
    Ok(Some(recon::difference(&wanted, kept)))
}

fn exceptions(store: &Store, account: &AccountId, loaded: AccountSnapshot, basis: &Basis) -> Result<Vec<Exception>, Failure> {
    let mut snapshot = Snapshot {
        payouts: loaded.gaps.into_iter().map(item_of).collect(),
        balances: loaded.balances.into_iter().filter_map(balance_check).collect(),
        refusals: loaded.refusals.into_iter().map(refusal).collect(),
        unsettled: unsettled(store, basis.windows.iter().filter(|window| window.account == *account))?,
        unknown_types: store.unknown_types(Some(account)).map_err(store_failure)?,
        ..Snapshot::default()
    };
    snapshot.gap_contexts = gap_contexts(store, &snapshot)?;
    Ok(recon::account_exceptions(&snapshot))
}

fn summary(due: &ToJudge, plan: &Plan) -> String {
    serde_json::json!({
        "accounts": due.accounts.len(),
        "exceptions_opened": plan.exceptions_open.len(),
        "exceptions_resolved": plan.exceptions_resolved.len(),
    })
    .to_string()
}
