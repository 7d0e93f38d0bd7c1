//! A payout from gross to net to the bank: groups, steps and bars that add up from top to bottom.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use facts::{DepositState, Payout, PayoutVerdict, Txn};
use money::Currency;
use store::{Store, TxnFilter};

use crate::http::chart::Scale;
use crate::http::link::Href;
use crate::http::problem::Problem;
use crate::http::show;

/// What the last step says when a person need not look.
const TIED: &str = "tied to the cent";

/// One reporting category of a payout's txns.
#[derive(Clone, Debug, Default)]
pub struct Group {
    /// How many txns.
    pub count: u64,
    /// Σ amount, minor units of the payout's currency.
    pub gross: i64,
    /// Σ fee, positive when charged.
    pub fee: i64,
    /// Σ net.
    pub net: i64,
}

/// A payout's txns by reporting category, its own txn and other currencies left out.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    /// By Stripe's word, in the order of [`rank`].
    pub by_category: Vec<(String, Group)>,
    /// All of them.
    pub sum: Group,
}

impl Groups {
    /// Reads and adds up the payout's txns.
    pub fn read(store: &Store, payout: &Payout) -> Result<Self, Problem> {
        let filter = TxnFilter { account: Some(payout.account.clone()), payout: Some(payout.id.clone()), ..TxnFilter::default() };
        let mut groups: BTreeMap<(u8, String), Group> = BTreeMap::new();
        let mut sum = Group::default();
        let mut fits = true;
        store.txns(&filter, &mut |row| {
            if row.txn.amount.currency() == payout.amount.currency() && payout.own_txn.as_ref() != Some(&row.txn.id) {
                let category = row.txn.reporting_category.clone();
                fits &= groups.entry((rank(&category), category)).or_default().add(&row.txn) && sum.add(&row.txn);
            }
            if fits { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        if !fits {
            return Err(Problem::Internal("the sum of the payout's transactions does not fit 64 bits".to_owned()));
        }
        let by_category = groups.into_iter().map(|((_, category), group)| (category, group)).collect();
        Ok(Self { by_category, sum })
    }
}

impl Group {
    /// Adds a txn; false when a sum does not fit.
    pub fn add(&mut self, txn: &Txn) -> bool {
        let sums = (
            self.gross.checked_add(txn.amount.minor()),
            self.fee.checked_add(txn.fee_minor),
            self.net.checked_add(txn.net_minor),
        );
        let (Some(gross), Some(fee), Some(net)) = sums else { return false };
        *self = Self { count: self.count + 1, gross, fee, net };
        true
    }
}

/// What comes in before what goes out, what Stripe bills last; a category that we do not know between them.
fn rank(category: &str) -> u8 {
    match category {
        "charge" => 0,
        "charge_failure" => 1,
        "refund" => 2,
        "refund_failure" | "partial_capture_reversal" => 3,
        "dispute" => 4,
        "dispute_reversal" => 5,
        "fee" | "network_cost" => 9,
        _ => 7,
    }
}

/// A reporting category in plain words; one that we do not know in its own.
pub fn category_word(category: &str) -> String {
    let word = match category {
        "charge" => "Charges",
        "charge_failure" => "Failed charges",
        "refund" => "Refunds",
        "refund_failure" => "Failed refunds",
        "partial_capture_reversal" => "Partial capture reversals",
        "dispute" => "Disputes",
        "dispute_reversal" => "Disputes won back",
        "fee" => "Stripe's own fees",
        "network_cost" => "Network costs",
        "transfer" => "Transfers",
        "transfer_reversal" => "Transfer reversals",
        "platform_earning" => "Platform earnings",
        "platform_earning_refund" => "Platform earnings refunded",
        "payout_reversal" => "Payouts that came back",
        "topup" => "Top-ups",
        "other_adjustment" => "Other adjustments",
        "" => "No category",
        other => return other.replace('_', " "),
    };
    word.to_owned()
}

/// One bar and its row.
pub struct Step {
    /// What it is.
    pub word: String,
    /// Of how many, or of what.
    pub of: String,
    /// The txns or the line behind it.
    pub href: Option<String>,
    /// In the currency of the heading.
    pub amount: String,
    /// What the bar shows, in words.
    pub desc: String,
    /// Whether it is the proof that all ties.
    pub tied: bool,
    /// The row's class: empty, `total`, `end`.
    pub row: &'static str,
    /// The bar's class.
    pub class: &'static str,
    /// The bar's left end.
    pub x: i128,
    /// The bar's width.
    pub width: i128,
}

/// The steps and where zero lies.
pub struct Fall {
    /// From top to bottom.
    pub steps: Vec<Step>,
    /// On the bars' scale.
    pub zero_x: i128,
}

/// A step before it is drawn: from one level to another.
struct Move {
    word: String,
    of: String,
    href: Option<String>,
    from: i64,
    to: i64,
    shown: i64,
    row: &'static str,
    class: &'static str,
}

/// The steps of one payout.
pub fn fall(payout: &Payout, groups: &Groups, verdict: Option<&PayoutVerdict>) -> Fall {
    let mut moves = Vec::new();
    if payout.automatic || groups.sum.count > 0 {
        from_gross_to_net(payout, groups, &mut moves);
    }
    to_the_bank(payout, groups, verdict, &mut moves);
    let scale = Scale::over(moves.iter().flat_map(|step| [step.from, step.to]));
    let currency = payout.amount.currency();
    Fall { zero_x: scale.at(0), steps: moves.into_iter().map(|step| step.drawn(scale, currency)).collect() }
}

fn from_gross_to_net(payout: &Payout, groups: &Groups, moves: &mut Vec<Move>) {
    let mut level = 0;
    for (category, group) in &groups.by_category {
        let href = txns_href(payout, category);
        let of = show::count(group.count, "transaction", "transactions");
        level = push(moves, category_word(category), of, Some(href), level, group.gross);
    }
    if groups.sum.fee != 0 {
        level = push(
            moves,
            "Stripe's fees on these".to_owned(),
            "taken from each".to_owned(),
            None,
            level,
            groups.sum.fee.saturating_neg(),
        );
    }
    moves.push(total(
        "Net of the transactions".to_owned(),
        show::count(groups.sum.count, "transaction", "transactions"),
        level,
        "total",
    ));
}

/// The payout itself, then what the bank shows of it.
fn to_the_bank(payout: &Payout, groups: &Groups, verdict: Option<&PayoutVerdict>, moves: &mut Vec<Move>) {
    let amount = payout.amount.minor();
    let gap = amount.saturating_sub(groups.sum.net);
    if !moves.is_empty() && gap != 0 {
        let explained = verdict.is_some_and(|verdict| verdict.composition.difference_minor == 0);
        let word = if explained { "The payout's own fee" } else { "Not in any transaction" };
        moves.push(Move {
            class: if explained { "down" } else { "gap" },
            ..step(word.to_owned(), String::new(), None, groups.sum.net, gap)
        });
    }
    moves.push(total("Payout".to_owned(), format!("arrives on {}", payout.arrives_on), amount, "total"));
    let Some(verdict) = verdict else { return };
    let allocations = &verdict.deposit.allocations;
    if allocations.is_empty() {
        return;
    }
    let found = allocations.iter().fold(0_i64, |sum, part| sum.saturating_add(part.allocated_minor));
    let lines = show::count(allocations.len() as u64, "bank line", "bank lines");
    let href = allocations.first().map(|part| crate::http::parts::line_href(&part.bank_line));
    let decided = verdict.deposit.state == DepositState::Matched;
    let word = if decided { "At the bank" } else { "Perhaps at the bank" };
    moves.push(Move { class: "bank", href, ..total(word.to_owned(), lines, found, "total") });
    let difference = found.saturating_sub(amount);
    let of = if decided && difference == 0 { TIED } else { "found less expected" };
    let end = step("Difference".to_owned(), of.to_owned(), None, amount, difference);
    moves.push(Move { class: "gap", row: "end", ..end });
}

fn push(moves: &mut Vec<Move>, word: String, of: String, href: Option<String>, level: i64, by: i64) -> i64 {
    moves.push(step(word, of, href, level, by));
    level.saturating_add(by)
}

fn step(word: String, of: String, href: Option<String>, from: i64, by: i64) -> Move {
    Move { word, of, href, from, to: from.saturating_add(by), shown: by, row: "", class: if by < 0 { "down" } else { "up" } }
}

fn total(word: String, of: String, level: i64, row: &'static str) -> Move {
    Move { word, of, href: None, from: 0, to: level, shown: level, row, class: "total" }
}

fn txns_href(payout: &Payout, category: &str) -> String {
    Href::to("/txns").with("payout", payout.id.as_str()).with("category", category).text()
}

impl Move {
    fn drawn(self, scale: Scale, currency: Currency) -> Step {
        let bar = scale.between(self.from, self.to);
        let money = |minor: i64| show::grouped(minor, currency);
        let desc = if self.row != "total" {
            format!("from {} by {} to {} {}", money(self.from), money(self.shown), money(self.to), currency.upper())
        } else {
            format!("{} {}", money(self.to), currency.upper())
        };
        Step {
            tied: self.of == TIED,
            word: self.word,
            of: self.of,
            href: self.href,
            amount: money(self.shown),
            desc,
            row: self.row,
            class: self.class,
            x: bar.x,
            width: bar.width,
        }
    }
}
