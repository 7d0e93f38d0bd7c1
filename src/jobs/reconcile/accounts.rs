//! Reconciling single accounts: where no bank line and no account's name has changed since everything was judged, only the accounts
//! that have changed are judged again, and of their payouts those that have. It costs what changed, not history. Where a bank line
//! may reach one of these payouts, everything is judged. Money between accounts waits for that too: a side that has not come is missed
//! only after its account's sync.

use std::collections::{HashMap, HashSet};

use facts::{AccountId, BankLine, Exception, Payout, PayoutId, PayoutVerdict};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Currency;
use recon::settlement::SettlementWindow;
use recon::{ACCOUNT_CODES, Alone, Beside, DuePayout, Kin, Outcomes, PayoutItem, Plan, Snapshot};
use store::{AccountSnapshot, Judged, RunId, RunState, Store, StoreError, ToJudge};

use super::{
    PLANS_MAX, RULES, ReconcileRequest, balance_check, gap_contexts, item_of, last_known_day, moved_too_often, open_alone,
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
    /// Which txns of each account must be in a payout by now.
    pub(super) windows: HashMap<AccountId, Vec<SettlementWindow>>,
    /// The day on which the first payout of each currency arrives.
    pub(super) first_arrivals: HashMap<Currency, Date>,
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
        let Some(Slice { plan, windows }) = Slice::of(store, &due, basis, as_of)? else { return Ok(false) };
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
            Ok(_) => {
                basis.windows.extend(windows);
                return Ok(true);
            }
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(store_failure(error)),
        }
    }
    Err(moved_too_often())
}

/// What single accounts come to.
struct Slice {
    plan: Plan,
    /// Which of their txns must be in a payout by now, of accounts whose payouts have changed.
    windows: HashMap<AccountId, Vec<SettlementWindow>>,
}

impl Slice {
    /// `None` where single accounts are not enough: one of them is known further than it was, from which txns of others may follow to
    /// be late, or a bank line may reach one of the payouts that have changed.
    fn of(store: &Store, due: &ToJudge, basis: &Basis, as_of: Timestamp) -> Result<Option<Self>, Failure> {
        let (mut wanted, mut kept) = (Outcomes::default(), Outcomes::default());
        let (mut windows, mut lines) = (HashMap::new(), Lines::default());
        for account in &due.accounts {
            let loaded = store.account_snapshot(account).map_err(store_failure)?;
            let known_until = loaded.synced_at.map(|at| last_known_day(at, as_of, &basis.zone, basis.today));
            if known_until.as_ref() != basis.known_until.get(account) {
                return Ok(None);
            }
            let has_due = !loaded.due.is_empty();
            let (snapshot, judged) = snapshot_of(loaded);
            let Some(alone) = alone(store, &snapshot, &judged, basis, &mut lines)? else { return Ok(None) };
            if has_due {
                let until = known_until.into_iter().map(|until| (account.clone(), until)).collect();
                windows.insert(account.clone(), recon::settlement::windows(&snapshot.payouts, &until));
            }
            let own_windows = windows.get(account).or_else(|| basis.windows.get(account));
            let is_judged = |open: &Exception| ACCOUNT_CODES.contains(&open.code) || alone.judges(open);
            kept.exceptions.extend(judged.exceptions_open.iter().filter(|open| is_judged(open)).cloned());
            kept.verdicts.extend(judged.verdicts.into_values());
            wanted.exceptions.extend(exceptions(store, account, snapshot, own_windows.into_iter().flatten())?);
            wanted.exceptions.extend(alone.exceptions);
            wanted.verdicts.extend(alone.verdicts);
        }
        Ok(Some(Self { plan: recon::difference(&wanted, kept), windows }))
    }
}

/// What was concluded of an account before, and which of its payouts have changed since.
struct JudgedBefore {
    due: HashSet<PayoutId>,
    before: HashMap<PayoutId, Payout>,
    verdicts: HashMap<PayoutId, PayoutVerdict>,
    exceptions_open: Vec<Exception>,
}

fn snapshot_of(loaded: AccountSnapshot) -> (Snapshot, JudgedBefore) {
    let snapshot = Snapshot {
        payouts: loaded.payouts.into_iter().map(item_of).collect(),
        balances: loaded.balances.into_iter().filter_map(balance_check).collect(),
        refusals: loaded.refusals.into_iter().map(refusal).collect(),
        ..Snapshot::default()
    };
    let judged = JudgedBefore {
        due: loaded.due.into_iter().collect(),
        before: loaded.before.into_iter().map(|payout| (payout.id.clone(), payout)).collect(),
        verdicts: loaded.verdicts.into_iter().map(|verdict| (verdict.payout.clone(), verdict)).collect(),
        exceptions_open: loaded.exceptions_open,
    };
    (snapshot, judged)
}

/// What an account's payouts that are due come to; `None` where everything is to be judged.
fn alone(
    store: &Store,
    snapshot: &Snapshot,
    judged: &JudgedBefore,
    basis: &Basis,
    lines: &mut Lines,
) -> Result<Option<Alone>, Failure> {
    let JudgedBefore { due, before, verdicts, .. } = judged;
    let (changed, others): (Vec<&PayoutItem>, Vec<&PayoutItem>) =
        snapshot.payouts.iter().partition(|item| due.contains(&item.payout.id));
    let due_payout = |item| DuePayout { item, before: before.get(&item.payout.id), verdict: verdicts.get(&item.payout.id) };
    let changed: Vec<DuePayout<'_>> = changed.into_iter().map(due_payout).collect();
    let kin: Vec<Kin<'_>> = others.into_iter().filter_map(|item| Some((&item.payout, verdicts.get(&item.payout.id)?))).collect();
    let needed = recon::lines_from(&changed);
    let beside = Beside::new(lines.from(store, needed)?, &basis.first_arrivals, &RULES, basis.today);
    Ok(recon::judge_alone(&changed, &kin, &beside))
}

/// The bank lines that were needed so far: all from one day on.
#[derive(Default)]
struct Lines {
    from: Option<Date>,
    lines: Vec<BankLine>,
}

impl Lines {
    fn from(&mut self, store: &Store, needed: Option<Date>) -> Result<&[BankLine], Failure> {
        let Some(needed) = needed else { return Ok(&[]) };
        if self.from.is_none_or(|from| needed < from) {
            self.lines = store.bank_lines_from(needed).map_err(store_failure)?;
            self.from = Some(needed);
        }
        Ok(&self.lines)
    }
}

fn exceptions<'w>(
    store: &Store,
    account: &AccountId,
    mut snapshot: Snapshot,
    windows: impl Iterator<Item = &'w SettlementWindow>,
) -> Result<Vec<Exception>, Failure> {
    snapshot.unsettled = unsettled(store, windows)?;
    snapshot.unknown_types = store.unknown_types(Some(account)).map_err(store_failure)?;
    snapshot.gap_contexts = gap_contexts(store, &snapshot)?;
    Ok(recon::account_exceptions(&snapshot))
}

fn summary(due: &ToJudge, plan: &Plan) -> String {
    serde_json::json!({
        "accounts": due.accounts.len(),
        "verdicts": plan.verdicts.len(),
        "exceptions_opened": plan.exceptions_open.len(),
        "exceptions_resolved": plan.exceptions_resolved.len(),
    })
    .to_string()
}
