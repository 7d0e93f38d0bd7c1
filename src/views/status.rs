//! Are we tied out? What `status --json` prints, and the one verdict over all accounts.

use std::collections::{BTreeMap, BTreeSet};

use super::day_check::DayCheckView;
pub use super::verdict::{Reason, Verdict};
use facts::{AccountId, Mode};
use jiff::Timestamp;
use money::{Currency, MoneyError};
use serde::Serialize;
use store::{AccountStatus, BalanceCheck, BucketSums, Counted, Freshness, OpenCounts, PayoutCounts, Totals};

/// The verdict and what it rests on.
#[derive(Debug, Clone, Serialize)]
pub struct StatusView {
    /// The worst over all accounts.
    pub verdict: Verdict,
    /// One element per account, mode and currency.
    pub accounts: Vec<AccountStatusView>,
    /// Open true exceptions that cannot be laid to one account: money at the bank that no payout explains.
    #[serde(skip)]
    pub nobodys_exceptions: u64,
    /// How many accounts are not among these, where there are too many to tell of each: these are our own, those with most open true
    /// exceptions, and those that were read longest ago.
    #[serde(skip_serializing_if = "is_zero")]
    pub accounts_more: u64,
    /// How all stand together, where not all are among these.
    #[serde(skip)]
    pub together: Option<Together>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands over a reference")]
fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// How more accounts stand together than are told of one by one.
#[derive(Debug, Clone)]
pub struct Together {
    /// How many there are.
    pub accounts: u64,
    /// How many payouts are in which deposit state.
    pub payouts: PayoutCounts,
    /// Why the verdict over all is what it is.
    pub reasons: Vec<Reason>,
    /// Which of those that are told of are our own.
    pub own: BTreeSet<String>,
}

/// How one account stands in one currency.
#[derive(Debug, Clone, Serialize)]
pub struct AccountStatusView {
    /// Whose.
    pub account: String,
    /// `live` or `test`.
    pub mode: Option<&'static str>,
    /// In which currency.
    #[serde(serialize_with = "super::code")]
    pub currency: Currency,
    /// This account's own verdict in this currency.
    pub verdict: Verdict,
    /// When the last complete sync began to read; null before the first.
    pub synced_at: Option<Timestamp>,
    /// The newest instant that exports tell of, where the account was never read to the end and they are what is known of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exports_until_at: Option<Timestamp>,
    /// What became of the last past day of the account that was listed again, where one was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub day_check: Option<DayCheckView>,
    /// Stripe's balance beside the txns.
    pub balance: BalanceView,
    /// Where the payouts' money is; the parts sum to the total.
    pub buckets: BucketsView,
    /// How many payouts are in which deposit state.
    pub payouts: PayoutCountsView,
    /// Exceptions that are open, expected ones included.
    pub exceptions_open: u64,
    /// Why the verdict is worse than tied.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// Stripe's balance beside the sum of the txns.
#[derive(Debug, Clone, Serialize)]
pub struct BalanceView {
    /// Available + pending; null when it was not read, or moved while it was.
    pub stripe_minor: Option<i64>,
    /// Σ net of the txns.
    pub computed_minor: i64,
    /// Stripe's less ours; null when Stripe's is.
    pub difference_minor: Option<i64>,
}

/// Signed sums of payouts.
#[derive(Debug, Clone, Serialize)]
pub struct BucketsView {
    /// Found at the bank with difference zero.
    pub matched_minor: i64,
    /// Not due yet, or not judged yet.
    pub in_transit_minor: i64,
    /// A person may have to look.
    pub exceptions_minor: i64,
    /// Left out by a person.
    pub excluded_minor: i64,
    /// All payouts.
    pub total_minor: i64,
}

/// Counts of payouts.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutCountsView {
    /// All of them.
    pub total: u64,
    /// Found, and decided.
    pub matched: u64,
    /// Probably found.
    pub proposed: u64,
    /// Several lines could be it.
    pub ambiguous: u64,
    /// Not due yet, its bank account unknown, or not judged yet.
    pub awaiting: u64,
    /// Due and not there.
    pub missing: u64,
    /// Cancelled, failed or sent back.
    pub failed: u64,
}

/// What the database holds that a verdict depends on.
pub struct Facts {
    /// The mode of the database.
    pub mode: Option<Mode>,
    /// One a account and currency that has anything.
    pub statuses: Vec<AccountStatus>,
    /// Which accounts are our own.
    pub own: BTreeSet<AccountId>,
    /// Accounts without any money still have a freshness.
    pub accounts: Vec<(AccountId, Option<Currency>, Option<Timestamp>)>,
    /// Accounts whose last complete sync began before this instant may lack what the last sync did not read; `None` where that read
    /// everything.
    pub incomplete_before: Option<Timestamp>,
    /// Whether reconcile has ever run to its end.
    pub reconciled: bool,
    /// Accounts of which some kinds were not read to the end yet.
    pub unfinished: BTreeSet<AccountId>,
    /// The newest instant that exports tell of, of accounts that have some.
    pub exports: BTreeMap<AccountId, Timestamp>,
    /// What became of the last past day of each account that was listed again.
    pub day_checks: BTreeMap<AccountId, DayCheckView>,
    /// What a person has to look at, and what could not be checked.
    pub open: OpenItems,
    /// How fresh all accounts are and how they stand together, where not all are among these.
    pub together: Option<(Freshness, Totals)>,
}

/// What stands open, by account and currency.
#[derive(Default)]
pub struct OpenItems {
    true_exceptions: BTreeMap<(Option<AccountId>, Currency), u64>,
    members_missing: BTreeMap<(AccountId, Currency), u64>,
    bank_unknown: BTreeMap<(AccountId, Currency), u64>,
}

impl OpenItems {
    /// Lays them to the accounts and currencies that they are of.
    #[must_use]
    pub fn of(counts: impl IntoIterator<Item = OpenCounts>) -> Self {
        let mut items = Self::default();
        for OpenCounts { true_exceptions, members_missing, bank_unknown } in counts {
            items.true_exceptions.extend(true_exceptions.into_iter().map(|one| ((one.account, one.currency), one.count)));
            items.members_missing.extend(members_missing.into_iter().filter_map(of_an_account));
            items.bank_unknown.extend(bank_unknown.into_iter().filter_map(of_an_account));
        }
        items
    }
}

fn of_an_account(Counted { account, currency, count }: Counted) -> Option<((AccountId, Currency), u64)> {
    Some(((account?, currency), count))
}

impl Together {
    fn of(freshness: Freshness, totals: &Totals, facts: &Facts) -> Self {
        // Exports are of accounts of our own, which are told of one by one.
        let exports: Vec<Reason> =
            facts.statuses.iter().filter_map(|status| exports_until(status, facts)).map(Reason::FromExports).collect();
        // An account has one for each of its currencies.
        let exported: BTreeSet<&AccountId> =
            facts.statuses.iter().filter(|status| exports_until(status, facts).is_some()).map(|status| &status.account).collect();
        let is_stale = |until| freshness.never > 0 || freshness.oldest.is_some_and(|oldest| oldest < until);
        let told = [
            (freshness.never > exported.len() as u64, Reason::NeverSynced),
            (totals.balance_unknown, Reason::BalanceUnknown),
            (totals.payouts.unjudged > 0, Reason::Unjudged(totals.payouts.unjudged)),
            (!facts.reconciled && totals.payouts.unjudged == 0, Reason::NeverReconciled),
            (totals.bank_unknown > 0, Reason::BankUnknown(totals.bank_unknown)),
            (facts.incomplete_before.is_some_and(is_stale), Reason::SyncIncomplete),
            (!facts.unfinished.is_empty(), Reason::NotWhole),
            (totals.members_missing > 0, Reason::MembersMissing(totals.members_missing)),
            (totals.true_exceptions > 0, Reason::Exceptions(totals.true_exceptions)),
            (totals.payouts.proposed > 0, Reason::Proposals(totals.payouts.proposed)),
            (totals.ambiguous_unsaid > 0, Reason::Ambiguous(totals.ambiguous_unsaid)),
        ];
        let told = told.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason);
        let own = facts.own.iter().map(ToString::to_string).collect();
        Self { accounts: freshness.accounts, payouts: totals.payouts, reasons: told.chain(exports).collect(), own }
    }
}

impl StatusView {
    /// Every reason of every account, once each, counts added, the worst first.
    #[must_use]
    pub fn reasons(&self) -> Vec<Reason> {
        let mut all: Vec<Reason> = Vec::new();
        let nobodys = (self.nobodys_exceptions > 0).then_some(Reason::Exceptions(self.nobodys_exceptions));
        let each = || self.accounts.iter().flat_map(|account| account.reasons.clone()).chain(nobodys).collect();
        let told: Vec<Reason> = self.together.as_ref().map_or_else(each, |together| together.reasons.clone());
        for reason in told {
            if !all.iter_mut().any(|known| known.absorb(&reason)) {
                all.push(reason);
            }
        }
        all.sort_by_key(|reason| std::cmp::Reverse(reason.verdict()));
        all
    }

    /// The accounts, worst first; where not all are told of, our own before all others.
    #[must_use]
    pub fn worst_first(&self) -> Vec<&AccountStatusView> {
        let is_own = |account: &AccountStatusView| self.together.as_ref().is_some_and(|all| all.own.contains(&account.account));
        let mut accounts: Vec<&AccountStatusView> = self.accounts.iter().collect();
        accounts.sort_by_key(|account| (!is_own(account), std::cmp::Reverse(account.verdict)));
        accounts
    }

    /// How many payouts were found at the bank, and how many there are.
    #[must_use]
    pub fn found(&self) -> (u64, u64) {
        if let Some(Together { payouts, .. }) = &self.together {
            return (payouts.matched, payouts.total);
        }
        let counts = self.accounts.iter().map(|account| &account.payouts);
        counts.fold((0, 0), |(found, all), counts| (found + counts.matched, all + counts.total))
    }

    /// The verdict over everything in a database.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] when a sum does not fit 64 bits.
    pub fn of(facts: &Facts) -> Result<Self, MoneyError> {
        let moneyless = moneyless(facts);
        let statuses = facts.statuses.iter().chain(&moneyless);
        let accounts = statuses.map(|status| AccountStatusView::of(status, facts)).collect::<Result<Vec<_>, _>>()?;
        let nobodys = facts.open.true_exceptions.iter().filter(|((account, _), _)| account.is_none());
        let nobodys_exceptions = nobodys.map(|(_, count)| count).sum();
        let floor = if nobodys_exceptions > 0 { Verdict::Open } else { Verdict::Tied };
        // No account at all is no proof of anything.
        let mut worst = accounts.iter().map(|account| account.verdict).max().unwrap_or(Verdict::Unknown);
        let together = facts.together.as_ref().map(|(freshness, totals)| Together::of(*freshness, totals, facts));
        worst = together.iter().flat_map(|together| &together.reasons).map(Reason::verdict).fold(worst, Verdict::max);
        let more = |together: &Together| together.accounts.saturating_sub(facts.accounts.len() as u64);
        let accounts_more = together.as_ref().map_or(0, more);
        Ok(Self { verdict: worst.max(floor), accounts, nobodys_exceptions, accounts_more, together })
    }
}

/// Accounts that have neither txns nor payouts: they are read or not, and that is all.
fn moneyless(facts: &Facts) -> Vec<AccountStatus> {
    let seen: BTreeSet<&AccountId> = facts.statuses.iter().map(|status| &status.account).collect();
    let others = facts.accounts.iter().filter(|(id, ..)| !seen.contains(id));
    others.filter_map(|(id, currency, synced_at)| currency.map(|currency| no_money(id, currency, *synced_at))).collect()
}

/// An account that was read to its end and holds nothing has a balance of zero, which needs no reading.
fn no_money(account: &AccountId, currency: Currency, synced_at: Option<Timestamp>) -> AccountStatus {
    let balance = BalanceCheck {
        account: account.clone(),
        currency,
        stripe_minor: None,
        computed_minor: 0,
        steady: synced_at.is_some(),
        read_at: synced_at,
    };
    AccountStatus {
        account: account.clone(),
        currency,
        synced_at,
        balance,
        buckets: BucketSums::default(),
        payouts: PayoutCounts::default(),
        exceptions_open: 0,
    }
}

impl AccountStatusView {
    fn of(status: &AccountStatus, facts: &Facts) -> Result<Self, MoneyError> {
        let reasons = reasons(status, facts);
        Ok(Self {
            account: status.account.to_string(),
            mode: facts.mode.map(Mode::as_str),
            currency: status.currency,
            verdict: reasons.iter().map(Reason::verdict).max().unwrap_or(Verdict::Tied),
            synced_at: status.synced_at,
            exports_until_at: exports_until(status, facts),
            day_check: facts.day_checks.get(&status.account).cloned(),
            balance: BalanceView::of(&status.balance)?,
            buckets: BucketsView::of(&status.buckets)?,
            payouts: PayoutCountsView::of(&status.payouts),
            exceptions_open: status.exceptions_open,
            reasons,
        })
    }
}

fn reasons(status: &AccountStatus, facts: &Facts) -> Vec<Reason> {
    let key = (status.account.clone(), status.currency);
    let members_missing = facts.open.members_missing.get(&key).copied().unwrap_or(0);
    let bank_unknown = facts.open.bank_unknown.get(&key).copied().unwrap_or(0);
    let exceptions = facts.open.true_exceptions.get(&(Some(key.0), key.1)).copied().unwrap_or(0);
    let PayoutCounts { unjudged, proposed, ambiguous, .. } = status.payouts;
    let exports_until = exports_until(status, facts);
    let told = [
        (status.synced_at.is_none(), exports_until.map_or(Reason::NeverSynced, Reason::FromExports)),
        // No export tells a balance: that it is unknown goes without saying.
        (known_balance(&status.balance).is_none() && exports_until.is_none(), Reason::BalanceUnknown),
        (unjudged > 0, Reason::Unjudged(unjudged)),
        (!facts.reconciled && unjudged == 0, Reason::NeverReconciled),
        (bank_unknown > 0, Reason::BankUnknown(bank_unknown)),
        (facts.incomplete_before.is_some_and(|until| status.synced_at.is_none_or(|at| at < until)), Reason::SyncIncomplete),
        (facts.unfinished.contains(&status.account), Reason::NotWhole),
        (members_missing > 0, Reason::MembersMissing(members_missing)),
        (exceptions > 0, Reason::Exceptions(exceptions)),
        (proposed > 0, Reason::Proposals(proposed)),
        // An ambiguous payout has an exception, which is told; without one it is no less open.
        (ambiguous > 0 && exceptions == 0, Reason::Ambiguous(ambiguous)),
    ];
    told.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| reason).collect()
}

/// Until when exports tell of an account of which Stripe's API does not.
fn exports_until(status: &AccountStatus, facts: &Facts) -> Option<Timestamp> {
    facts.exports.get(&status.account).copied().filter(|_| status.synced_at.is_none())
}

/// Stripe's balance, where it can be compared. Stripe names no currency in which an account holds nothing.
fn known_balance(balance: &BalanceCheck) -> Option<i64> {
    match balance.stripe_minor {
        Some(minor) if balance.steady => Some(minor),
        None if balance.steady && balance.read_at.is_some() => Some(0),
        _ => None,
    }
}

impl BalanceView {
    fn of(balance: &BalanceCheck) -> Result<Self, MoneyError> {
        let stripe_minor = known_balance(balance);
        let less_ours = |minor: i64| minor.checked_sub(balance.computed_minor).ok_or(MoneyError::Overflow);
        Ok(Self {
            stripe_minor,
            computed_minor: balance.computed_minor,
            difference_minor: stripe_minor.map(less_ours).transpose()?,
        })
    }
}

impl BucketsView {
    fn of(sums: &BucketSums) -> Result<Self, MoneyError> {
        Ok(Self {
            matched_minor: sums.matched_minor,
            // A payout without a verdict reads awaiting, and awaiting is in transit: see PayoutView::of.
            in_transit_minor: sums.in_transit_minor.checked_add(sums.unjudged_minor).ok_or(MoneyError::Overflow)?,
            exceptions_minor: sums.exceptions_minor,
            excluded_minor: sums.excluded_minor,
            total_minor: sums.total_minor,
        })
    }
}

impl PayoutCountsView {
    fn of(counts: &PayoutCounts) -> Self {
        Self {
            total: counts.total,
            matched: counts.matched,
            proposed: counts.proposed,
            ambiguous: counts.ambiguous,
            awaiting: counts.awaiting + counts.unjudged,
            missing: counts.missing,
            failed: counts.failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(payouts: PayoutCounts, reconciled: bool) -> Facts {
        let (account, at) = (AccountId::parse("acct_1").unwrap(), Timestamp::UNIX_EPOCH);
        let status = AccountStatus { payouts, ..no_money(&account, Currency::USD, Some(at)) };
        Facts {
            mode: Some(Mode::Test),
            own: BTreeSet::new(),
            statuses: vec![status],
            accounts: vec![(account, Some(Currency::USD), Some(at))],
            incomplete_before: None,
            reconciled,
            unfinished: BTreeSet::new(),
            exports: BTreeMap::new(),
            day_checks: BTreeMap::new(),
            open: OpenItems::default(),
            together: None,
        }
    }

    #[test]
    fn books_that_were_never_reconciled_are_not_called_tied() {
        let view = |reconciled| StatusView::of(&facts(PayoutCounts::default(), reconciled)).unwrap();
        assert_eq!((view(true).verdict, view(true).reasons()), (Verdict::Tied, vec![]));
        assert_eq!((view(false).verdict, view(false).reasons()), (Verdict::Unknown, vec![Reason::NeverReconciled]));
    }

    #[test]
    fn an_account_with_a_gap_in_its_history_is_incomplete_whatever_the_last_sync_read() {
        let unfinished = BTreeSet::from([AccountId::parse("acct_1").unwrap()]);
        let view = StatusView::of(&Facts { unfinished, ..facts(PayoutCounts::default(), true) }).unwrap();
        assert_eq!((view.verdict, view.reasons()), (Verdict::Incomplete, vec![Reason::NotWhole]));
    }

    #[test]
    fn exports_in_two_currencies_of_one_account_hide_no_other_that_was_never_synced() {
        let (account, until) = (AccountId::parse("acct_1").unwrap(), "2026-06-30T09:00:00Z".parse().unwrap());
        let is_said = |never| {
            let freshness = Freshness { accounts: 300, never, oldest: Some(until) };
            let all = Facts {
                exports: BTreeMap::from([(account.clone(), until)]),
                statuses: [Currency::USD, Currency::EUR].map(|currency| no_money(&account, currency, None)).into(),
                together: Some((freshness, Totals::default())),
                ..facts(PayoutCounts::default(), true)
            };
            StatusView::of(&all).unwrap().reasons().contains(&Reason::NeverSynced)
        };
        assert!(!is_said(1));
        assert!(is_said(2));
    }

    #[test]
    fn an_account_that_only_exports_tell_of_is_never_called_synced_and_says_until_when_they_reach() {
        let (account, until) = (AccountId::parse("acct_1").unwrap(), "2026-06-30T09:00:00Z".parse().unwrap());
        let exports = BTreeMap::from([(account, until)]);
        let mut only = Facts { exports, ..facts(PayoutCounts::default(), true) };
        only.statuses[0].synced_at = None;
        let view = StatusView::of(&only).unwrap();
        assert_eq!((view.verdict, view.reasons()[0].clone()), (Verdict::Unknown, Reason::FromExports(until)));
        assert_eq!((view.accounts[0].synced_at, view.accounts[0].exports_until_at), (None, Some(until)));
        only.statuses[0].synced_at = Some(until);
        let view = StatusView::of(&only).unwrap();
        assert_eq!((view.verdict, view.accounts[0].exports_until_at), (Verdict::Tied, None), "a sync says more");
    }

    #[test]
    fn proposed_and_ambiguous_payouts_are_open_even_without_an_exception() {
        let proposed = PayoutCounts { total: 1, proposed: 1, ..PayoutCounts::default() };
        let ambiguous = PayoutCounts { total: 1, ambiguous: 1, ..PayoutCounts::default() };
        for (counts, reason) in [(proposed, Reason::Proposals(1)), (ambiguous, Reason::Ambiguous(1))] {
            let view = StatusView::of(&facts(counts, true)).unwrap();
            assert_eq!((view.verdict, view.reasons()), (Verdict::Open, vec![reason]));
        }
    }
}
