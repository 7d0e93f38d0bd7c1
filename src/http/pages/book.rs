//! One account in one currency: its verdict, where the payouts' money is, and whether the balance agrees.

use facts::{Bucket, DepositState};
use jiff::Timestamp;
use money::Currency;
use store::{AccountStatus, SyncedAccount};

use crate::http::chart::{self, Stretch};
use crate::http::link::Href;
use crate::http::parts::name_of;
use crate::http::show::{self, Chip, chip};
use crate::views::status::{AccountStatusView, Reason, Verdict};

/// One account in one currency.
pub struct Book {
    /// Whose.
    pub name: String,
    /// Upper-case code.
    pub code: String,
    /// How it stands.
    pub chip: Chip,
    /// How it stands, with what that rests on.
    pub sentence: String,
    /// Where the money is, drawn.
    pub bar: Bar,
    /// Where the money is; the rows sum to the total.
    pub buckets: Vec<BucketRow>,
    /// All payouts.
    pub total: BucketRow,
    /// How many payouts are in which deposit state.
    pub states: Vec<StateCount>,
    /// Stripe's balance beside the txns.
    pub balance: Check,
}

/// The buckets side by side.
pub struct Bar {
    /// What it shows.
    pub title: String,
    /// The same in words.
    pub desc: String,
    /// From left to right.
    pub segments: Vec<Segment>,
}

/// One bucket of the bar.
pub struct Segment {
    /// The bucket's word.
    pub class: &'static str,
    /// Left end.
    pub x: i128,
    /// On the scale of [`chart::WIDTH`].
    pub width: i128,
}

/// One bucket as a row.
pub struct BucketRow {
    /// The bucket's word.
    pub class: &'static str,
    /// Its name.
    pub word: &'static str,
    /// Grouped.
    pub amount: String,
    /// Shown softer.
    pub zero: bool,
    /// The list that sums to it.
    pub href: String,
}

/// How many payouts are in one state.
pub struct StateCount {
    /// Exactly those.
    pub href: String,
    /// Count and word.
    pub text: String,
}

/// Stripe's balance beside the sum of the txns.
pub struct Check {
    /// Available + pending.
    pub stripe: String,
    /// Σ net.
    pub computed: String,
    /// Stripe's less ours.
    pub difference: String,
    /// Whether they are known to disagree.
    pub differs: bool,
    /// Whether they agree.
    pub chip: Chip,
    /// The txns.
    pub href: String,
}

/// Everything is accounted for.
pub const TIED: Chip = chip("ok", "tick", "Tied");
/// Something needs a person.
pub const OPEN: Chip = chip("open", "bang", "Open");
/// Something was not read.
pub const INCOMPLETE: Chip = chip("bad", "half", "Incomplete");
/// A check could not run.
pub const UNKNOWN: Chip = chip("off", "question", "Unknown");

const fn verdict_chip(verdict: Verdict) -> Chip {
    match verdict {
        Verdict::Tied => TIED,
        Verdict::Open => OPEN,
        Verdict::Incomplete => INCOMPLETE,
        Verdict::Unknown => UNKNOWN,
    }
}

/// The book of an account and currency.
pub fn book(status: &AccountStatus, view: &AccountStatusView, accounts: &[SyncedAccount], now: Timestamp) -> Book {
    let currency = status.currency;
    let to = || Href::to("/payouts").with("account", status.account.as_str()).with("currency", currency.as_str());
    let parts = [
        (Bucket::Matched, view.buckets.matched_minor),
        (Bucket::InTransit, view.buckets.in_transit_minor),
        (Bucket::Exceptions, view.buckets.exceptions_minor),
        (Bucket::Excluded, view.buckets.excluded_minor),
    ];
    let row = |bucket: Bucket, minor: i64| BucketRow {
        class: bucket.as_str(),
        word: show::bucket(bucket),
        amount: show::grouped(minor, currency),
        zero: minor == 0,
        href: to().with("bucket", bucket.as_str()).text(),
    };
    let total = view.buckets.total_minor;
    Book {
        name: name_of(&status.account, accounts),
        code: currency.upper(),
        chip: verdict_chip(view.verdict),
        sentence: sentence(view, currency, now),
        bar: bar(&parts, total, currency),
        buckets: parts.iter().map(|(bucket, minor)| row(*bucket, *minor)).collect(),
        total: BucketRow {
            class: "total",
            word: "Total",
            amount: show::grouped(total, currency),
            zero: total == 0,
            href: to().text(),
        },
        states: states(view, &to),
        balance: check(status, view),
    }
}

/// The verdict in one sentence, with what it rests on.
fn sentence(view: &AccountStatusView, currency: Currency, now: Timestamp) -> String {
    let counts = &view.payouts;
    let due = counts.total.saturating_sub(counts.awaiting);
    let found =
        format!("{} of {} found at the bank", show::thousands(counts.matched), show::count(due, "due payout", "due payouts"));
    let transit = match counts.awaiting {
        0 => String::new(),
        waiting => format!(
            ", {} in transit ({} {})",
            show::thousands(waiting),
            show::grouped(view.buckets.in_transit_minor, currency),
            currency.upper()
        ),
    };
    let reasons: Vec<String> = view.reasons.iter().map(reason).collect();
    let rest = if reasons.is_empty() { "nothing unexplained".to_owned() } else { reasons.join("; ") };
    let through = view.synced_at.map(|at| format!("Through {}: ", at.min(now).strftime("%-d %b %Y"))).unwrap_or_default();
    format!("{through}{found}{transit}; {rest}.")
}

fn reason(reason: &Reason) -> String {
    match reason {
        Reason::NeverSynced => "never read to the end, run tieout sync".to_owned(),
        Reason::FromExports(at) => format!("known from exports alone, until {}; they tell no balance", at.strftime("%-d %b %Y")),
        Reason::BalanceUnknown => "Stripe's balance could not be compared, run tieout sync again".to_owned(),
        Reason::Unjudged(count) => format!("{} not judged yet, run tieout reconcile", show::count(*count, "payout", "payouts")),
        Reason::NeverReconciled => "nothing was reconciled yet, run tieout reconcile".to_owned(),
        Reason::BankUnknown(count) => {
            format!("no statement says whether {} arrived", show::count(*count, "due payout", "due payouts"))
        }
        Reason::SyncIncomplete => "the last sync did not read everything".to_owned(),
        Reason::NotWhole => "all history of some kinds was not read yet".to_owned(),
        Reason::MembersMissing(count) => {
            format!("the transactions of {} are still to be read", show::count(*count, "payout", "payouts"))
        }
        Reason::Exceptions(count) => show::count(*count, "exception needs a person", "exceptions need a person"),
        Reason::Proposals(count) => show::count(*count, "proposed deposit to confirm", "proposed deposits to confirm"),
        Reason::Ambiguous(count) => {
            format!("several bank lines could be {}", show::count(*count, "payout", "payouts"))
        }
    }
}

fn bar(parts: &[(Bucket, i64)], total: i64, currency: Currency) -> Bar {
    let minors: Vec<i64> = parts.iter().map(|(_, minor)| *minor).collect();
    let stretches = chart::shares(&minors);
    let segments = parts.iter().zip(stretches).filter(|(_, stretch)| stretch.width > 0);
    let said: Vec<String> =
        parts.iter().map(|(bucket, minor)| format!("{} {}", show::bucket(*bucket), show::grouped(*minor, currency))).collect();
    Bar {
        title: format!("Where {} {} of payouts are", show::grouped(total, currency), currency.upper()),
        desc: said.join(", "),
        segments: segments.map(|((bucket, _), Stretch { x, width })| Segment { class: bucket.as_str(), x, width }).collect(),
    }
}

/// How many payouts are in each state; each count leads to exactly those.
fn states(view: &AccountStatusView, to: &impl Fn() -> Href) -> Vec<StateCount> {
    let counts = &view.payouts;
    let all = [
        (DepositState::Matched, counts.matched),
        (DepositState::Proposed, counts.proposed),
        (DepositState::Ambiguous, counts.ambiguous),
        (DepositState::Awaiting, counts.awaiting),
        (DepositState::Missing, counts.missing),
        (DepositState::Failed, counts.failed),
    ];
    let some = all.into_iter().filter(|(_, count)| *count > 0);
    some.map(|(state, count)| StateCount {
        href: to().with("deposit", state.as_str()).text(),
        text: format!("{} {}", show::thousands(count), state.as_str()),
    })
    .collect()
}

fn check(status: &AccountStatus, view: &AccountStatusView) -> Check {
    let currency = status.currency;
    let money = |minor: i64| show::grouped(minor, currency);
    let unread = || "not known".to_owned();
    Check {
        stripe: view.balance.stripe_minor.map_or_else(unread, money),
        computed: money(view.balance.computed_minor),
        difference: view.balance.difference_minor.map_or_else(unread, money),
        differs: view.balance.difference_minor.is_some_and(|minor| minor != 0),
        chip: match view.balance.difference_minor {
            Some(0) => chip("ok", "tick", "Equal"),
            Some(_) => chip("bad", "bang", "Differs"),
            None => UNKNOWN,
        },
        href: Href::to("/txns").with("account", status.account.as_str()).with("currency", currency.as_str()).text(),
    }
}
