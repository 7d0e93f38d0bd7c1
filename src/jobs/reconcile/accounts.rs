//! Reconciling single accounts: where no bank line and no account's name has changed since everything was judged, only the accounts
//! that have changed are judged again, and of their payouts those that have. It costs what changed, not history, whichever process
//! judged everything. Where a bank line may reach one of these payouts, everything is judged. Money between accounts waits for that too: a side that has not come is missed
//! only after its account's sync.

use std::collections::{HashMap, HashSet};

use facts::{AccountId, BankLine, Exception, Payout, PayoutId, PayoutVerdict, SettlementWindow};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use recon::{ACCOUNT_CODES, Alone, Beside, DuePayout, Kin, Outcomes, PayoutItem, Plan, Snapshot};
use store::{AccountBasis, AccountSnapshot, Basis, Judged, RunState, RunTrigger, Store, StoreError, ToJudge};

use super::{
    PLANS_MAX, RULES, ReconcileRequest, balance_check, gap_contexts, item_of, last_known_day, moved_too_often, name_of,
    open_alone, program, reconcile_all, refusal, unsettled, write_of,
};
use crate::config::Config;
use crate::exit::Failure;
use crate::outside::Outside;
use crate::views::load::{store_failure, zone};

/// Where more accounts than this have changed, everything is judged at once.
const ACCOUNTS_MAX: usize = 500;

/// Reconciles what has changed: single accounts where what everything was last judged from still stands, and else everything. Where
/// nothing has changed, nothing is done and no run is kept.
///
/// # Errors
/// Those of [`super::reconcile`].
pub fn reconcile_due(outside: &Outside, config: &Config) -> Result<(), Failure> {
    let mut store = open_alone(outside, config)?;
    if !of_accounts(outside, config, &mut store)? {
        reconcile_all(outside, config, &mut store, ReconcileRequest::default())?;
    }
    Ok(())
}

/// The business day, and the zone that it is meant in.
struct Today {
    as_of: Timestamp,
    zone: TimeZone,
    day: Date,
}

impl Today {
    fn of(outside: &Outside, config: &Config, store: &Store) -> Result<Self, Failure> {
        let (as_of, zone) = (outside.as_of(config.as_of), zone(config, store)?);
        let day = as_of.to_zoned(zone.clone()).date();
        Ok(Self { as_of, zone, day })
    }

    /// What everything was last judged from, where single accounts may be judged beside it.
    fn standing<'d>(&self, due: &'d ToJudge) -> Option<&'d Basis> {
        let same = |basis: &Basis| {
            (basis.day, basis.zone.as_str(), basis.program.as_str()) == (self.day, &name_of(&self.zone), program().as_str())
        };
        due.basis
            .as_ref()
            .filter(|basis| same(basis) && due.deposit_revision <= basis.revision && due.accounts.len() <= ACCOUNTS_MAX)
    }
}

/// Judges the accounts that are due; `false` where that is not enough.
fn of_accounts(outside: &Outside, config: &Config, store: &mut Store) -> Result<bool, Failure> {
    let today = Today::of(outside, config, store)?;
    let due = store.to_judge().map_err(store_failure)?;
    if today.standing(&due).is_none() {
        return Ok(false);
    }
    if due.accounts.is_empty() {
        return Ok(true);
    }
    for account in &due.accounts {
        store.add_up_days(Some(account)).map_err(store_failure)?;
    }
    for _ in 0..PLANS_MAX {
        let due = store.to_judge().map_err(store_failure)?;
        let Some(basis) = today.standing(&due) else { return Ok(false) };
        let Some(Slice { plan, accounts }) = Slice::of(store, &due, basis, &today)? else { return Ok(false) };
        // What changes nothing is no run that anybody would look for.
        let run = if plan.is_empty() {
            None
        } else {
            Some(store.begin_run_by(RunTrigger::Webhook, "reconcile", outside.now()).map_err(store_failure)?)
        };
        let applied = store.apply(&write_of(&plan, Judged::Accounts(accounts), today.as_of), due.revision);
        if let Some(run) = run {
            let state = if applied.is_ok() { RunState::Done } else { RunState::Failed };
            store.end_run(run, outside.now(), state, &summary(&due, &plan)).map_err(store_failure)?;
        }
        match applied {
            Ok(_) => return Ok(true),
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(store_failure(error)),
        }
    }
    Err(moved_too_often())
}

/// What single accounts come to.
struct Slice {
    plan: Plan,
    /// What they were judged from.
    accounts: Vec<AccountBasis>,
}

impl Slice {
    /// `None` where single accounts are not enough: one of them is known further than it was, from which txns of others may follow to
    /// be late, or a bank line may reach one of the payouts that have changed.
    fn of(store: &Store, due: &ToJudge, basis: &Basis, today: &Today) -> Result<Option<Self>, Failure> {
        let (mut wanted, mut kept) = (Outcomes::default(), Outcomes::default());
        let (mut accounts, mut lines) = (Vec::new(), Lines::default());
        for account in &due.accounts {
            let mut loaded = store.account_snapshot(account).map_err(store_failure)?;
            let known_until = loaded.synced_at.map(|at| last_known_day(at, today.as_of, &today.zone, today.day));
            let before = loaded.basis.take().unwrap_or_else(|| never_judged(account));
            if known_until != before.known_until {
                return Ok(None);
            }
            let has_due = !loaded.due.is_empty();
            let (snapshot, judged) = snapshot_of(loaded);
            let Some(alone) = alone(store, &snapshot, &judged, (basis, today.day), &mut lines)? else { return Ok(None) };
            // Without payouts that are due not all of them were read, and none has changed.
            let windows = if has_due { windows(account, known_until, &snapshot) } else { before.windows };
            let is_judged = |open: &Exception| ACCOUNT_CODES.contains(&open.code) || alone.judges(open);
            kept.exceptions.extend(judged.exceptions_open.iter().filter(|open| is_judged(open)).cloned());
            kept.verdicts.extend(judged.verdicts.into_values());
            wanted.exceptions.extend(exceptions(store, account, snapshot, windows.iter())?);
            wanted.exceptions.extend(alone.exceptions);
            wanted.verdicts.extend(alone.verdicts);
            accounts.push(AccountBasis { account: account.clone(), known_until, windows });
        }
        Ok(Some(Self { plan: recon::difference(&wanted, kept), accounts }))
    }
}

fn never_judged(account: &AccountId) -> AccountBasis {
    AccountBasis { account: account.clone(), known_until: None, windows: Vec::new() }
}

/// Which txns of the account must be in a payout by the day until which it is known.
fn windows(account: &AccountId, known_until: Option<Date>, snapshot: &Snapshot) -> Vec<SettlementWindow> {
    let until = known_until.into_iter().map(|until| (account.clone(), until)).collect();
    recon::settlement::windows(&snapshot.payouts, &until)
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
    (basis, today): (&Basis, Date),
    lines: &mut Lines,
) -> Result<Option<Alone>, Failure> {
    let JudgedBefore { due, before, verdicts, .. } = judged;
    let (changed, others): (Vec<&PayoutItem>, Vec<&PayoutItem>) =
        snapshot.payouts.iter().partition(|item| due.contains(&item.payout.id));
    let due_payout = |item| DuePayout { item, before: before.get(&item.payout.id), verdict: verdicts.get(&item.payout.id) };
    let changed: Vec<DuePayout<'_>> = changed.into_iter().map(due_payout).collect();
    let kin: Vec<Kin<'_>> = others.into_iter().filter_map(|item| Some((&item.payout, verdicts.get(&item.payout.id)?))).collect();
    let needed = recon::lines_from(&changed);
    let beside = Beside::new(lines.from(store, needed)?, (&basis.first_arrivals, &basis.reach), &RULES, today);
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
