//! `tieout status`: are we tied out, what is open, how fresh it is, and what to type next. Fits 80 by 24.

use std::collections::BTreeSet;
use std::io::{self, Write};

use facts::{AccountId, BankAccount, ObjectKind};
use jiff::Timestamp;
use money::Amount;
use store::{Run, Store};

use super::talk::wrap;
use super::{Output, print};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::statements::Statements;
use crate::views::status::{AccountStatusView, Reason, StatusView, Verdict};

/// Two lines an account and currency; with more of them the page no longer fits 24 lines.
const ACCOUNTS_SHOWN: usize = 6;

/// Before a line that goes on from the one above.
const CONTINUED: &str = "            ";

/// `tieout status`
#[derive(clap::Args, Debug)]
pub struct Args {}

/// Runs it.
///
/// # Errors
/// No database, or a database that fails.
pub fn run(_args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let status = load::status(&store, outside.as_of(config.as_of))?;
    if config.json {
        return print(|output| Ok(output.json(&status)?));
    }
    print_for_people(&store, &status)
}

/// The page for people, on stdout; `demo` and `sync` end with it too.
///
/// # Errors
/// A database that fails, or stdout that cannot be written.
pub fn print_for_people(store: &Store, status: &StatusView) -> Result<Exit, Failure> {
    let banks = store.bank_accounts().map_err(store_failure)?;
    let freshness = Freshness {
        reconciled: load::last_run(store, "reconcile")?,
        synced: load::last_run(store, "sync")?,
        banks,
        statements: Statements::read(store).map_err(store_failure)?,
        unfinished: load::unfinished(store)?,
        accounts: store.freshness().map_err(store_failure)?,
    };
    print(|output| Ok(page(output, status, &freshness)?))
}

/// How old each side is.
struct Freshness {
    reconciled: Option<Run>,
    synced: Option<Run>,
    banks: Vec<BankAccount>,
    statements: Statements,
    unfinished: Vec<(AccountId, ObjectKind)>,
    accounts: store::Freshness,
}

fn page(output: &mut Output, status: &StatusView, freshness: &Freshness) -> io::Result<()> {
    let mut lines = vec![headline(status).to_owned(), found(status), String::new()];
    let worst_first = status.worst_first();
    for account in worst_first.iter().take(ACCOUNTS_SHOWN) {
        lines.extend(wrap(&account_line(account), CONTINUED));
        lines.extend(wrap(&format!("  {}", buckets(account)), CONTINUED));
    }
    if let Some(together) = &status.together {
        lines.push(format!("… and {} more accounts: tieout account list", together.accounts.saturating_sub(shown(&worst_first))));
    } else if worst_first.len() > ACCOUNTS_SHOWN {
        lines.push(format!("… and {} more: tieout status --json", worst_first.len() - ACCOUNTS_SHOWN));
    }
    lines.push(String::new());
    lines.extend(freshness.lines(status).iter().flat_map(|line| wrap(line, CONTINUED)));
    lines.push(format!("Next:       {}", next(status, freshness)));
    lines.iter().try_for_each(|line| writeln!(output, "{line}"))
}

const fn headline(status: &StatusView) -> &'static str {
    match status.verdict {
        Verdict::Tied => "Tied out: everything is read and accounted for.",
        Verdict::Open => "Open: everything is read, and a person has something to decide.",
        Verdict::Incomplete => "Incomplete: something is known not to have been read.",
        Verdict::Unknown => "Unknown: not everything could be checked.",
    }
}

fn found(status: &StatusView) -> String {
    let (found, all) = status.found();
    let noun = if all == 1 { "payout was" } else { "payouts were" };
    format!("{found} of {all} {noun} found at the bank.")
}

/// How many accounts are on the page; each stands there once a currency.
fn shown(worst_first: &[&AccountStatusView]) -> u64 {
    worst_first.iter().take(ACCOUNTS_SHOWN).map(|row| &row.account).collect::<BTreeSet<_>>().len() as u64
}

fn account_line(account: &AccountStatusView) -> String {
    let money = |minor| Amount::new(minor, account.currency).grouped();
    let balance = match (account.balance.stripe_minor, account.balance.difference_minor) {
        (Some(minor), Some(0)) => format!("balance {} agrees with Stripe", money(minor)),
        (Some(_), Some(difference)) => format!("balance is {} off Stripe's", money(difference)),
        _ => "balance not known".to_owned(),
    };
    format!("{} {}  {}; {balance}", account.account, account.currency.upper(), word(account.verdict))
}

/// `matched 1,000.00 + in transit 20.00 + exceptions 3.00 = 1,023.00`
fn buckets(account: &AccountStatusView) -> String {
    let money = |minor| Amount::new(minor, account.currency).grouped();
    let sums = &account.buckets;
    let excluded = if sums.excluded_minor == 0 { String::new() } else { format!(" + excluded {}", money(sums.excluded_minor)) };
    format!(
        "matched {} + in transit {} + exceptions {}{excluded} = {}",
        money(sums.matched_minor),
        money(sums.in_transit_minor),
        money(sums.exceptions_minor),
        money(sums.total_minor)
    )
}

/// How an account stands in one currency, in a sentence.
pub fn sentence(account: &AccountStatusView) -> String {
    let reasons: Vec<String> = account.reasons.iter().map(reason).collect();
    let because = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join("; ")) };
    format!("In {} it is {}{because}: {}.", account.currency.upper(), word(account.verdict), buckets(account))
}

const fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Tied => "tied",
        Verdict::Open => "open",
        Verdict::Incomplete => "incomplete",
        Verdict::Unknown => "unknown",
    }
}

fn reason(reason: &Reason) -> String {
    let count = |n: u64, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    match reason {
        Reason::NeverSynced => "never completely synced".to_owned(),
        Reason::FromExports(at) => format!("known from exports alone, until {}; they tell no balance", day(*at)),
        Reason::BalanceUnknown => "Stripe's balance was not read while it stood still".to_owned(),
        Reason::Unjudged(n) => count(*n, "payout is not judged yet", "payouts are not judged yet"),
        Reason::NeverReconciled => "nothing was reconciled yet".to_owned(),
        Reason::BankUnknown(n) => {
            let one = "payout is due, and no statement of its bank account and days was read";
            count(*n, one, "payouts are due, and no statement of their bank account and days was read")
        }
        Reason::SyncIncomplete => "the last sync did not read everything".to_owned(),
        Reason::NotWhole => "all history of some kinds was not read yet".to_owned(),
        Reason::MembersMissing(n) => count(*n, "payout lacks its list of txns", "payouts lack their lists of txns"),
        Reason::Exceptions(n) => count(*n, "open exception", "open exceptions"),
        Reason::Proposals(n) => count(*n, "proposal to confirm", "proposals to confirm"),
        Reason::Ambiguous(n) => count(*n, "payout that several bank lines could be", "payouts that several bank lines could be"),
    }
}

impl Freshness {
    fn lines(&self, status: &StatusView) -> Vec<String> {
        let mut lines = Vec::new();
        let open: Vec<String> = status.reasons().iter().map(reason).collect();
        if !open.is_empty() {
            lines.push(format!("Because:    {}", open.join("; ")));
        }
        let oldest = match status.together {
            Some(_) => self.accounts.oldest.filter(|_| self.accounts.never == 0),
            None => status.accounts.iter().map(|account| account.synced_at).min().flatten(),
        };
        let exports = status.accounts.iter().filter_map(|account| account.exports_until_at).min();
        let synced = match (oldest, exports) {
            (Some(at), _) => format!("all until {}", minute(at)),
            (None, Some(at)) => format!("never; from exports, until {}", day(at)),
            (None, None) => self.never_synced(),
        };
        lines.push(format!("Synced:     {synced}"));
        lines.extend(self.gaps());
        lines.extend(listed_again(status));
        lines.push(format!("Statements: {}", self.statements()));
        let reconciled = self.reconciled.as_ref().map_or_else(|| "never".to_owned(), |run| minute(run.started_at));
        lines.push(format!("Reconciled: {reconciled}{}", if self.is_behind() { ", before the last sync or import" } else { "" }));
        lines
    }

    /// Where some account was never read to the end: how many, and how old the others are.
    fn never_synced(&self) -> String {
        match self.accounts {
            store::Freshness { accounts, never, oldest: Some(at) } => {
                format!("never completely: {never} of {accounts} accounts; the others until {}", minute(at))
            }
            store::Freshness { .. } => "never completely".to_owned(),
        }
    }

    /// Of what all history was not read yet.
    fn gaps(&self) -> Option<String> {
        let (account, _) = self.unfinished.first()?;
        let kinds: Vec<&str> = self.unfinished.iter().filter(|(of, _)| of == account).map(|(_, kind)| kind.as_str()).collect();
        let more = if self.unfinished.iter().any(|(of, _)| of != account) { ", and of others" } else { "" };
        Some(format!("Not whole:  {} of {account}{more}; tieout account show {account}", kinds.join(", ")))
    }

    fn statements(&self) -> String {
        let reach = |bank: &BankAccount| match (bank.coverage, self.statements.hole(&bank.name)) {
            (Some(coverage), None) => format!("{} to {}", bank.name, coverage.until_on),
            (Some(coverage), Some(hole)) => format!("{} to {}, {hole}", bank.name, coverage.until_on),
            (None, _) => format!("{} without lines", bank.name),
        };
        if self.banks.is_empty() {
            "none imported".to_owned()
        } else {
            self.banks.iter().map(reach).collect::<Vec<_>>().join("; ")
        }
    }

    /// Whether a sync began, or statements were imported or taken back, after the last reconciliation.
    fn is_behind(&self) -> bool {
        let started = |run: &Option<Run>| run.as_ref().map(|run| run.id);
        let is_older = started(&self.reconciled) < started(&self.synced) || self.statements.are_newer();
        started(&self.reconciled).is_some() && is_older
    }
}

/// What the past days said that were listed again: the worst of them. Nothing where none was yet, which proves nothing.
fn listed_again(status: &StatusView) -> Option<String> {
    let checks = status.accounts.iter().filter_map(|account| account.day_check.as_ref());
    let worst = checks.min_by_key(|check| (check.rank(), check.checked_at))?;
    Some(format!("Listed:     again on {}, of {}: {}", day(worst.checked_at), worst.account, worst.words()))
}

/// An instant for people, in UTC.
fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// The day of an instant, in UTC.
fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// What to type next.
fn next(status: &StatusView, freshness: &Freshness) -> &'static str {
    let reasons = status.reasons();
    let some = |wanted: fn(&Reason) -> bool| reasons.iter().any(wanted);
    let unread = |reason: &Reason| {
        matches!(
            reason,
            Reason::NeverSynced
                | Reason::BalanceUnknown
                | Reason::SyncIncomplete
                | Reason::NotWhole
                | Reason::MembersMissing(_)
        )
    };
    if status.accounts.is_empty() || some(unread) {
        "tieout sync"
    } else if freshness.banks.is_empty() {
        "tieout import bank FILE --bank-account NAME"
    } else if some(|reason| matches!(reason, Reason::Unjudged(_) | Reason::NeverReconciled)) || freshness.reconciled.is_none() || freshness.is_behind() {
        "tieout reconcile"
    } else if some(|reason| matches!(reason, Reason::Proposals(_))) {
        "tieout match list --state proposed"
    } else if some(|reason| matches!(reason, Reason::Exceptions(_))) {
        "tieout exception list --state open"
    } else if some(|reason| matches!(reason, Reason::BankUnknown(_))) {
        // Banks give out the last months only: what lies before the first statement may never come.
        "tieout import bank FILE --bank-account NAME"
    } else if status.verdict == Verdict::Open {
        "tieout exception list --state open"
    } else if some(|reason| matches!(reason, Reason::FromExports(_))) {
        "tieout exception list; with a key, tieout sync proves the balance too"
    } else {
        "nothing; tieout payout list shows every payout"
    }
}
