//! Reconcile: load a snapshot, let the core conclude, apply what changed if the data has not moved meanwhile.

mod accounts;

use std::collections::HashMap;

pub use accounts::reconcile_due;
use facts::{AccountId, CompositionState, Reach, SettlementWindow, Txn};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use money::Currency;
use recon::settlement::NEVER_LATE;
use recon::{GapContext, Members, Outcomes, PayoutItem, Plan, Rules, Snapshot, Unsettled};
use store::{
    AccountBasis, Applied, Basis, DepositSnapshot, Judged, LeaseName, MemberTally, OutcomeWrite, Pace, PayoutMembers, RunState,
    RunTrigger, Store, StoreError,
};

use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{store_failure, zone};

/// A sync or an import may land between reading and applying; after this many times somebody is writing all the time, and
/// the person who asked should know.
const PLANS_MAX: u32 = 5;

/// Who judges: another version may conclude otherwise from the same facts, so that it judges everything anew.
fn program() -> String {
    format!("{}, conclusions {}", env!("CARGO_PKG_VERSION"), recon::CONCLUSIONS)
}

/// The policy of every reconciliation.
const RULES: Rules = Rules::standard();

/// Payouts that do not tie are few; the surroundings of more than this many are not searched for causes.
const GAPS_EXPLAINED_MAX: usize = 200;

/// So many txns of one account and currency that no payout took are looked at; one exception tells of all of them.
const UNSETTLED_MAX: u64 = 10_000;

/// So many transfers, as many reversals and as many application fees whose sides disagree are raised, the oldest first. Where there
/// are more, their cause is one and the same.
const LEGS_MAX: u32 = 1_000;

/// What is asked of a reconciliation.
#[derive(Clone, Copy, Debug, Default)]
pub struct ReconcileRequest {
    /// Say what would change, and change nothing.
    pub dry_run: bool,
    /// Add up every txn again, also where nothing has changed since it was added up. Not of a dry run, which keeps nothing.
    pub recount: bool,
    /// Who asks.
    pub trigger: RunTrigger,
}

/// What a reconciliation did, or with `dry_run` would do.
#[derive(Clone, Debug)]
pub struct ReconcileReport {
    /// The business day that it judged.
    pub today: Date,
    /// The revision of the database that it judged.
    pub revision: i64,
    /// Everything that holds.
    pub outcomes: Outcomes,
    /// What had to change.
    pub plan: Plan,
    /// What was written; `None` for a dry run.
    pub applied: Option<Applied>,
}

/// Brings every verdict, match and exception up to what the facts say.
///
/// # Errors
/// [`Exit::Conflict`] when the data kept moving; whatever [`store_failure`] makes of the database's own.
pub fn reconcile(outside: &Outside, config: &Config, request: ReconcileRequest) -> Result<ReconcileReport, Failure> {
    if request.dry_run {
        return Ok(plan_once(outside, config, &crate::views::load::open(config)?)?.report);
    }
    let mut store = open_alone(outside, config)?;
    reconcile_all(outside, config, &mut store, request)
}

/// Reconciles everything, as a run.
fn reconcile_all(
    outside: &Outside,
    config: &Config,
    store: &mut Store,
    request: ReconcileRequest,
) -> Result<ReconcileReport, Failure> {
    let run = store.begin_run_by(request.trigger, "reconcile", outside.now()).map_err(store_failure)?;
    let result = add_up(store, request).and_then(|()| plan_and_apply(outside, config, store));
    let (state, summary) = match &result {
        Ok(report) => (RunState::Done, summary(report)),
        Err(failure) => (RunState::Failed, serde_json::json!({ "error": failure.message }).to_string()),
    };
    store.end_run(run, outside.now(), state, &summary).map_err(store_failure)?;
    result
}

/// Adds up the days whose txns have changed, so that whoever asks next need not.
fn add_up(store: &mut Store, request: ReconcileRequest) -> Result<(), Failure> {
    if request.recount {
        store.forget_sums().map_err(store_failure)?;
    }
    store.add_up_days(None).map_err(store_failure)
}

fn plan_and_apply(outside: &Outside, config: &Config, store: &mut Store) -> Result<ReconcileReport, Failure> {
    for _ in 0..PLANS_MAX {
        let Planned { report, basis, accounts } = plan_once(outside, config, store)?;
        outside.goes_on()?;
        let revision = basis.revision;
        let write = write_of(&report.plan, Judged::Everything(basis, accounts), outside.as_of(config.as_of));
        match store.apply(&write, revision) {
            Ok(applied) => return Ok(ReconcileReport { applied: Some(applied), ..report }),
            Err(StoreError::Moved { .. }) => {}
            Err(error) => return Err(store_failure(error)),
        }
    }
    Err(moved_too_often())
}

fn moved_too_often() -> Failure {
    let message = format!("the data changed {PLANS_MAX} times while it was being reconciled");
    Failure::new(Exit::Conflict, message).hint("let the running sync or import end, then run tieout reconcile again")
}

/// What holds, what must change for that, and what it was made from.
struct Planned {
    report: ReconcileReport,
    basis: Basis,
    accounts: Vec<AccountBasis>,
}

fn plan_once(outside: &Outside, config: &Config, store: &Store) -> Result<Planned, Failure> {
    let as_of = outside.as_of(config.as_of);
    let zone = zone(config, store)?;
    let today = as_of.to_zoned(zone.clone()).date();
    let loaded = store.deposit_snapshot().map_err(store_failure)?;
    let mut basis = Basis {
        revision: loaded.revision,
        day: today,
        zone: name_of(&zone),
        program: program(),
        first_arrivals: HashMap::new(),
        reach: Reach::default(),
    };
    let known_until = known_until(&loaded, as_of, &zone, today);
    let (mut snapshot, kept) = snapshot_of(loaded);
    snapshot.gap_contexts = gap_contexts(store, &snapshot)?;
    let windows = recon::settlement::windows(&snapshot.payouts, &known_until);
    snapshot.unsettled = unsettled(store, windows.iter())?;
    basis.first_arrivals = recon::first_arrivals(&snapshot.payouts);
    snapshot.unknown_types = store.unknown_types(None).map_err(store_failure)?;
    snapshot.legs = store.open_legs(LEGS_MAX).map_err(store_failure)?;
    let outcomes = recon::conclude(&snapshot, &RULES, today);
    let plan = recon::difference(&outcomes, kept);
    basis.reach = outcomes.reach.clone();
    let report = ReconcileReport { today, revision: basis.revision, outcomes, plan, applied: None };
    Ok(Planned { report, basis, accounts: by_account(known_until, windows) })
}

/// Opens the database with the lease of a reconciliation; waits for whoever has it.
fn open_alone(outside: &Outside, config: &Config) -> Result<Store, Failure> {
    // Reconciling what does not exist is a mistake to name, not a database to make.
    drop(crate::views::load::open(config)?);
    let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    store.lease(LeaseName::Reconcile, Pace::STANDARD).map_err(store_failure)?;
    Ok(store)
}

/// The store's view as the core's snapshot, and what is kept.
fn snapshot_of(loaded: DepositSnapshot) -> (Snapshot, Outcomes) {
    let kept = Outcomes {
        verdicts: loaded.verdicts,
        matches: loaded.matches,
        exceptions: loaded.exceptions_open,
        ..Outcomes::default()
    };
    let snapshot = Snapshot {
        payouts: loaded.payouts.into_iter().map(item_of).collect(),
        bank_accounts: loaded.bank_accounts,
        bank_lines: loaded.bank_lines,
        own_names: loaded.own_names,
        balances: loaded.balances.into_iter().filter_map(balance_check).collect(),
        refusals: loaded.refusals.into_iter().map(refusal).collect(),
        gap_contexts: Vec::new(),
        unsettled: Vec::new(),
        unknown_types: Vec::new(),
        legs: Vec::new(),
    };
    (snapshot, kept)
}

fn item_of(loaded: PayoutMembers) -> PayoutItem {
    let txns = match loaded.txns {
        store::PayoutTxns::Stands(composition) => recon::PayoutTxns::Kept(composition),
        store::PayoutTxns::Added(MemberTally { txn_count, sum_net_minor, other_currency_count, own_txn }) => {
            let own = own_txn.map(|own| recon::OwnTxn { amount_minor: own.amount_minor, fee_minor: own.fee_minor });
            recon::PayoutTxns::Added(Members { txn_count, sum_net_minor, other_currency_count, own })
        }
    };
    PayoutItem { payout: loaded.payout, complete: loaded.members_complete, txns }
}

/// Only a balance that stood still while it was read can be compared.
fn balance_check(loaded: store::BalanceCheck) -> Option<recon::BalanceCheck> {
    let store::BalanceCheck { account, currency, stripe_minor, computed_minor, steady, read_at: _ } = loaded;
    let stripe_minor = stripe_minor.filter(|_| steady)?;
    Some(recon::BalanceCheck { account, currency, stripe_minor, computed_minor })
}

fn refusal(loaded: store::Refusal) -> recon::Refusal {
    let store::Refusal { account, kind, object_id, cause, reason } = loaded;
    recon::Refusal { account, kind: kind.as_str(), object_id, cause, reason, currency: None }
}

/// Until which day each account is completely known.
fn known_until(loaded: &DepositSnapshot, as_of: Timestamp, zone: &TimeZone, today: Date) -> HashMap<AccountId, Date> {
    let known = |(account, at): (&AccountId, &Timestamp)| (account.clone(), last_known_day(*at, as_of, zone, today));
    loaded.synced.iter().map(known).collect()
}

/// The day of an account's last complete sync, and not beyond the day that is judged.
fn last_known_day(synced_at: Timestamp, as_of: Timestamp, zone: &TimeZone, today: Date) -> Date {
    synced_at.min(as_of).to_zoned(zone.clone()).date().min(today)
}

fn by_account(known_until: HashMap<AccountId, Date>, windows: Vec<SettlementWindow>) -> Vec<AccountBasis> {
    let mut by_account: HashMap<AccountId, Vec<SettlementWindow>> = HashMap::new();
    windows.into_iter().for_each(|window| by_account.entry(window.account.clone()).or_default().push(window));
    let basis = |(account, until): (AccountId, Date)| {
        let windows = by_account.remove(&account).unwrap_or_default();
        AccountBasis { account, known_until: Some(until), windows }
    };
    known_until.into_iter().map(basis).collect()
}

/// The zone's name in the database of time zones; all that [`zone`] returns have one.
fn name_of(zone: &TimeZone) -> String {
    zone.iana_name().unwrap_or_default().to_owned()
}

/// Txns that should be in a payout by now and are in none.
fn unsettled<'w>(store: &Store, windows: impl Iterator<Item = &'w SettlementWindow>) -> Result<Vec<Unsettled>, Failure> {
    let mut all = Vec::new();
    for window in windows {
        let (account, currency) = (&window.account, window.currency);
        let txns = store
            .unsettled_txns(account, currency, window.created_after, window.available_until, &NEVER_LATE, UNSETTLED_MAX)
            .map_err(store_failure)?;
        if !txns.is_empty() {
            all.push(Unsettled { window: window.clone(), txns });
        }
    }
    Ok(all)
}

/// What lies around the payouts that do not tie.
fn gap_contexts(store: &Store, snapshot: &Snapshot) -> Result<Vec<GapContext>, Failure> {
    let gaps = snapshot.payouts.iter().filter(|item| recon::composition::judge(item).state == CompositionState::Gap);
    let mut unassigned: HashMap<(AccountId, Currency), Vec<Txn>> = HashMap::new();
    let mut contexts = Vec::new();
    for item in gaps.take(GAPS_EXPLAINED_MAX) {
        let (account, currency) = (&item.payout.account, item.payout.amount.currency());
        let key = (account.clone(), currency);
        if !unassigned.contains_key(&key) {
            let rows = store.unassigned_txns(account, currency).map_err(store_failure)?;
            unassigned.insert(key.clone(), rows.into_iter().map(|row| row.txn).collect());
        }
        let members = store.payout_txns(account, &item.payout.id).map_err(store_failure)?;
        let members = members.into_iter().map(|row| row.txn).filter(|txn| Some(&txn.id) != item.payout.own_txn.as_ref());
        let gap = recon::composition::judge(item).difference_minor;
        let closing = unassigned.get(&key).into_iter().flatten().filter(|txn| gap.checked_add(txn.net_minor) == Some(0));
        contexts.push(GapContext {
            payout: item.payout.id.clone(),
            members: members.collect(),
            unassigned: closing.take(recon::composition::CAUSES_MAX).cloned().collect(),
        });
    }
    Ok(contexts)
}

fn write_of(plan: &Plan, judged: Judged, as_of: Timestamp) -> OutcomeWrite {
    OutcomeWrite {
        verdicts: plan.verdicts.clone(),
        matches: plan.matches.clone(),
        matches_gone: plan.matches_gone.clone(),
        exceptions_open: plan.exceptions_open.clone(),
        exceptions_resolved: plan.exceptions_resolved.clone(),
        judged,
        as_of,
    }
}

fn summary(report: &ReconcileReport) -> String {
    let plan = &report.plan;
    serde_json::json!({
        "verdicts": plan.verdicts.len(),
        "matches": plan.matches.len(),
        "matches_gone": plan.matches_gone.len(),
        "exceptions_opened": plan.exceptions_open.len(),
        "exceptions_resolved": plan.exceptions_resolved.len(),
    })
    .to_string()
}
