//! A payout from gross to net to the bank: groups, steps and bars that add up from top to bottom.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use facts::{BankLine, DepositState, Payout, PayoutVerdict, Txn};
use money::Currency;
use store::{Store, TxnFilter};

use crate::http::chart::Scale;
use crate::http::link::Href;
use crate::http::parts::line_href;
use crate::http::problem::Problem;
use crate::http::show;

/// The last row's class when nothing is left, when something is, and when nothing is but a person has not decided.
const TIED: &str = "end tied";
const OPEN: &str = "end open";
const UNDECIDED: &str = "end";

/// Where the same page lists a payout's txns.
const TXNS_BELOW: &str = "#txns";

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

/// The reporting categories of Stripe's that a filter offers; any other can stand in the address.
pub const CATEGORIES: [&str; 15] = [
    "charge",
    "charge_failure",
    "refund",
    "refund_failure",
    "partial_capture_reversal",
    "dispute",
    "dispute_reversal",
    "fee",
    "network_cost",
    "transfer",
    "transfer_reversal",
    "payout",
    "payout_reversal",
    "topup",
    "other_adjustment",
];

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
        "payout" => "Payouts",
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
    /// The row's class: empty, `total`, `end tied`, `end open`.
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
    /// From where to where.
    pub title: &'static str,
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
    /// Shown instead of the amount, where there is none.
    instead: Option<&'static str>,
    row: &'static str,
    class: &'static str,
}

/// The steps of one payout.
pub fn fall(payout: &Payout, groups: &Groups, verdict: Option<&PayoutVerdict>, lines: &[BankLine]) -> Fall {
    let mut moves = Vec::new();
    let itemised = groups.sum.count > 0;
    if itemised {
        from_gross_to_net(payout, groups, &mut moves);
    }
    to_the_payout(payout, groups, verdict, &mut moves);
    if let Some(verdict) = verdict {
        to_the_bank(payout, verdict, lines, &mut moves);
    }
    let scale = Scale::over(moves.iter().flat_map(|step| [step.from, step.to]));
    let currency = payout.amount.currency();
    let title = if itemised { "From gross to net to the bank" } else { "From the payout to the bank" };
    Fall { title, zero_x: scale.at(0), steps: moves.into_iter().map(|step| step.drawn(scale, currency)).collect() }
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
            Some(TXNS_BELOW.to_owned()),
            level,
            groups.sum.fee.saturating_neg(),
        );
    }
    let of = show::count(groups.sum.count, "transaction", "transactions");
    moves.push(Move { href: Some(TXNS_BELOW.to_owned()), ..total("Net of the transactions", of, level) });
}

/// What the transactions leave open, then the payout itself.
fn to_the_payout(payout: &Payout, groups: &Groups, verdict: Option<&PayoutVerdict>, moves: &mut Vec<Move>) {
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
    let href = payout.own_txn.as_ref().map(|txn| Href::record("/txns", txn.as_str()));
    moves.push(Move { href, ..total("Payout", format!("arrives {}", payout.arrives_on), amount) });
}

/// What the bank shows of the payout, and what is left to explain.
fn to_the_bank(payout: &Payout, verdict: &PayoutVerdict, lines: &[BankLine], moves: &mut Vec<Move>) {
    let amount = payout.amount.minor();
    let deposit = &verdict.deposit;
    let found = deposit.allocations.iter().fold(0_i64, |sum, part| sum.saturating_add(part.allocated_minor));
    let at_bank = |word: &str, of: String, minor| Move { class: "bank", href: lines_href(lines), ..total(word, of, minor) };
    let unknown = |word: &str, of: &str, instead| Move { instead: Some(instead), ..total(word, of.to_owned(), 0) };
    match deposit.state {
        DepositState::Matched => {
            moves.push(at_bank("At the bank", lines_say(lines), found));
            moves.push(end(amount, found, "found less expected"));
        }
        DepositState::Proposed => {
            moves.push(at_bank("At the bank, as proposed", lines_say(lines), found));
            let end = end(amount, found, "found less expected");
            let row = if end.row == TIED { UNDECIDED } else { OPEN };
            moves.push(Move { row, of: "if a person confirms it".to_owned(), ..end });
        }
        DepositState::Missing => {
            let reach = deposit.covered_until_on.map_or_else(String::new, |until| format!("no line until {until}"));
            moves.push(at_bank("At the bank", reach, 0));
            moves.push(end(amount, 0, "found less expected"));
        }
        DepositState::Ambiguous => {
            moves.push(unknown("At the bank", "one of the rivals below", "not decided"));
        }
        DepositState::Awaiting => {
            let known = if deposit.covered_until_on.is_some() { "not there yet" } else { "no statement yet" };
            moves.push(unknown("At the bank", &format!("due by {}", deposit.due_on), known));
        }
        DepositState::Failed => came_back(verdict, lines, found, moves),
    }
}

/// A payout that failed or was sent back: each line that came or went, and that nothing stayed.
fn came_back(verdict: &PayoutVerdict, lines: &[BankLine], found: i64, moves: &mut Vec<Move>) {
    let mut level = 0;
    for part in &verdict.deposit.allocations {
        let line = lines.iter().find(|line| line.id == part.bank_line);
        let of = line.map(|line| line.date_on.to_string()).unwrap_or_default();
        let word = if part.allocated_minor < 0 { "Left the bank" } else { "Came to the bank" };
        level = push(moves, word.to_owned(), of, Some(line_href(&part.bank_line)), level, part.allocated_minor);
    }
    moves.push(Move { class: "bank", ..total("Stays at the bank", "nothing is expected to".to_owned(), found) });
    moves.push(end(0, found, "found less expected"));
}

/// The one line, or the place on the page where all of them are.
fn lines_href(lines: &[BankLine]) -> Option<String> {
    match lines {
        [] => None,
        [line] => Some(line_href(&line.id)),
        _ => Some("#at-bank".to_owned()),
    }
}

fn lines_say(lines: &[BankLine]) -> String {
    match lines {
        [line] => match &line.reference {
            Some(reference) => format!("{}, {reference}", line.date_on),
            None => line.date_on.to_string(),
        },
        _ => show::count(lines.len() as u64, "bank line", "bank lines"),
    }
}

/// The last row: what is found less what is expected.
fn end(expected: i64, found: i64, of: &str) -> Move {
    let difference = found.saturating_sub(expected);
    let (row, of) = if difference == 0 { (TIED, "ties exactly") } else { (OPEN, of) };
    Move { class: "gap", row, ..step("Difference".to_owned(), of.to_owned(), None, expected, difference) }
}

fn push(moves: &mut Vec<Move>, word: String, of: String, href: Option<String>, level: i64, by: i64) -> i64 {
    moves.push(step(word, of, href, level, by));
    level.saturating_add(by)
}

fn step(word: String, of: String, href: Option<String>, from: i64, by: i64) -> Move {
    Move {
        word,
        of,
        href,
        from,
        to: from.saturating_add(by),
        shown: by,
        instead: None,
        row: "",
        class: if by < 0 { "down" } else { "up" },
    }
}

fn total(word: &str, of: String, level: i64) -> Move {
    Move { word: word.to_owned(), of, href: None, from: 0, to: level, shown: level, instead: None, row: "total", class: "total" }
}

fn txns_href(payout: &Payout, category: &str) -> String {
    Href::to("/txns").with("payout", payout.id.as_str()).with("category", category).text()
}

impl Move {
    fn drawn(self, scale: Scale, currency: Currency) -> Step {
        let bar = scale.between(self.from, self.to);
        let money = |minor: i64| show::grouped(minor, currency);
        let desc = if let Some(instead) = self.instead {
            instead.to_owned()
        } else if self.row != "total" {
            format!("from {} by {} to {} {}", money(self.from), money(self.shown), money(self.to), currency.upper())
        } else {
            format!("{} {}", money(self.to), currency.upper())
        };
        Step {
            tied: self.row == TIED,
            word: self.word,
            of: self.of,
            href: self.href,
            amount: self.instead.map_or_else(|| money(self.shown), str::to_owned),
            desc,
            row: self.row,
            class: self.class,
            x: bar.x,
            width: bar.width,
        }
    }
}
