//! The merchant's banks: what they book, how they write it, and what is true of it.

mod arrivals;
mod camt;
mod chances;
mod chase;
mod dial;
mod fates;
mod files;
mod form;
mod judge;
mod others;
mod pending;
mod sparkasse;
mod strangers;
mod strays;
mod tell;
mod topups;
mod wording;

use std::collections::BTreeMap;

use self::{
    dial::Dial,
    files::{Shown, Written},
};
use crate::{
    members::TxnIds,
    options::{Options, SimError},
    truth::{BankAccountTruth, DecoyTruth, LineTruth, PayoutTruth, PendingTruth, Planted, TopupTruth},
    world::{BankFile, calendar, merchant::Cast, payouts::Paid, rows::DAY, treasury::topups::Topup},
};

/// Whose money a line says it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Voice {
    /// Stripe's.
    Stripe,
    /// Somebody else's.
    Other,
    /// It does not say.
    Silent,
}

/// What kind of booking, as banks sort them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Booking {
    Credit,
    Debit,
    Card,
    Wire,
    Fee,
    Check,
}

/// Why a line is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Origin {
    /// One payout, several, or one coming back.
    Payouts,
    /// Stripe's words, and no payout.
    Unknown,
    /// Exactly this payout's amount; `true` for a customer's money, else another processor's.
    Decoy(usize, bool),
    /// The top-up at this place.
    Topup(usize),
    /// Everything else.
    Business,
}

/// One line of a statement.
#[derive(Clone, Debug)]
struct Line {
    bank: usize,
    day: i64,
    /// Signed.
    amount: i64,
    booking: Booking,
    voice: Voice,
    origin: Origin,
    /// The other side's name.
    who: String,
    /// What the bank writes; for a bank that writes one text, all of it. Broken where the bank wraps it.
    text: String,
    /// End-to-end reference.
    end_to_end: Option<String>,
    /// The payout whose bank reference stands in the line.
    traced: Option<usize>,
    /// The payouts in it and their parts.
    parts: Vec<(usize, i64)>,
    /// The single payments of a batch: name, text, amount. Empty for a single payment.
    batch: Vec<(String, String, i64)>,
    /// Position within its bank account, oldest first; gives the bank's own reference.
    serial: usize,
    /// From which day on it is shown as not booked yet.
    shown_on: Option<i64>,
}

impl Line {
    /// A single payment to or from `bank`, which pays no payout.
    fn of(bank: usize, day: i64, amount: i64, booking: Booking, origin: Origin, words: wording::Wording) -> Self {
        Self {
            bank,
            day,
            amount,
            booking,
            voice: words.voice,
            origin,
            who: words.who,
            text: words.text,
            end_to_end: words.end_to_end,
            traced: words.traced,
            parts: Vec::new(),
            batch: Vec::new(),
            serial: 0,
            shown_on: None,
        }
    }
}

/// A line, and how it is known again in its files.
type Known = (Line, LineTruth);

/// All that the banks hand out, and what is true of it.
pub(crate) struct Statements {
    pub(crate) files: Vec<BankFile>,
    pub(crate) accounts: Vec<BankAccountTruth>,
    pub(crate) planted: Vec<Planted>,
    pub(crate) unknown: Vec<LineTruth>,
    pub(crate) decoys: Vec<DecoyTruth>,
    pub(crate) pending: Vec<PendingTruth>,
    pub(crate) topups: Vec<TopupTruth>,
    /// Line truths by the line's place.
    lines: Vec<Known>,
    /// Last day of each bank account's files.
    reach: Vec<i64>,
    dial: Dial,
}

/// The banks' view of `paid`, from the first day to the last.
pub(crate) fn statements(
    options: &Options,
    cast: &Cast,
    paid: &[Paid],
    topups: &[Topup],
    first: i64,
    last: i64,
) -> Result<Statements, SimError> {
    let (seed, dial) = (options.seed, Dial::of(options.difficulty));
    let ends: Vec<i64> = (0..cast.banks.len()).map(|bank| files::end(seed, cast, bank, last)).collect();
    let mut arrived = arrivals::arrive(seed, dial, cast, paid, &ends);
    for (bank, end) in ends.iter().enumerate() {
        arrived.lines.extend(others::business(seed, cast, bank, first, *end));
    }
    arrived.lines.extend(topups::debits(seed, cast, topups, &ends));
    let Written { files: written, known: lines, pending } = files::write(seed, dial, cast, arrived.lines, first, &ends)?;
    let accounts = files::account_truths(cast, &written, &lines, &ends)?;
    let reach = accounts.iter().map(|account| calendar::number(account.reach_on)).collect::<Result<_, _>>()?;
    let unknown = lines.iter().filter(|(line, _)| line.origin == Origin::Unknown).map(|(_, truth)| truth.clone()).collect();
    let decoys = decoys(cast, paid, &lines);
    let mut planted: Vec<Planted> =
        arrived.planted.into_iter().map(|(kind, payout, amount)| plant(cast, paid, kind, payout, amount)).collect();
    planted.extend(lines.iter().filter(|(line, _)| line.origin == Origin::Unknown).map(|(line, truth)| Planted {
        kind: "unknown_deposit",
        subject: truth.bank_account.clone(),
        amount_minor: line.amount.abs(),
        currency: cast.banks.get(line.bank).map(|bank| bank.currency.to_string()).unwrap_or_default(),
    }));
    planted.extend(twins(cast, &lines));
    let pending: Vec<PendingTruth> = pending.into_iter().map(|row| pending_truth(cast, paid, row)).collect();
    planted.extend(pending.iter().map(pending_planted));
    planted.sort();
    let topups = topups::truths(cast, topups, &lines, calendar::midnight(last + 1) - 1);
    Ok(Statements { files: written, accounts, planted, unknown, decoys, pending, topups, lines, reach, dial })
}

fn payout_id(cast: &Cast, paid: &Paid) -> String {
    cast.merchants.get(paid.merchant).map(|merchant| merchant.stamp.payout_id(paid.row.serial)).unwrap_or_default()
}

fn plant(cast: &Cast, paid: &[Paid], kind: &'static str, payout: usize, amount: i64) -> Planted {
    let of = paid.get(payout);
    let subject = of.map(|paid| payout_id(cast, paid)).unwrap_or_default();
    let currency = of.map(|paid| paid.row.currency.to_string()).unwrap_or_default();
    Planted { kind, subject, amount_minor: amount.abs(), currency }
}

fn decoys(cast: &Cast, paid: &[Paid], lines: &[Known]) -> Vec<DecoyTruth> {
    let of = |(line, truth): &Known| match line.origin {
        Origin::Decoy(payout, customer) => Some(DecoyTruth {
            payout: paid.get(payout).map(|paid| payout_id(cast, paid)).unwrap_or_default(),
            whose: if customer { "customer" } else { "processor" },
            line: truth.clone(),
        }),
        Origin::Payouts | Origin::Unknown | Origin::Topup(_) | Origin::Business => None,
    };
    lines.iter().filter_map(of).collect()
}

/// What is true of a row that is not booked yet. It pays the payouts that its line will pay.
fn pending_truth(cast: &Cast, paid: &[Paid], Shown { file, line, bank_account, shown_on, booked_on }: Shown) -> PendingTruth {
    let payouts = line.parts.iter().filter_map(|(place, _)| paid.get(*place)).map(|paid| payout_id(cast, paid)).collect();
    let currency = cast.banks.get(line.bank).map(|bank| bank.currency.to_string()).unwrap_or_default();
    PendingTruth { bank_account, file, shown_on, booked_on, amount_minor: line.amount, currency, payouts }
}

fn pending_planted(row: &PendingTruth) -> Planted {
    let subject = row.payouts.first().unwrap_or(&row.bank_account).clone();
    Planted { kind: "pending_row", subject, amount_minor: row.amount_minor.abs(), currency: row.currency.clone() }
}

/// Two lines of one day that say the same, both of them real.
fn twins(cast: &Cast, lines: &[Known]) -> Vec<Planted> {
    let mut seen: BTreeMap<(usize, i64, i64, &str, &str), u32> = BTreeMap::new();
    let mut found = Vec::new();
    for (line, truth) in lines {
        let count = seen.entry((line.bank, line.day, line.amount, &line.who, &line.text)).or_default();
        *count += 1;
        if *count == 2 {
            let currency = cast.banks.get(line.bank).map(|bank| bank.currency.to_string()).unwrap_or_default();
            let subject = truth.bank_account.clone();
            found.push(Planted { kind: "twin_lines", subject, amount_minor: line.amount.abs(), currency });
        }
    }
    found
}

/// What is true of every payout, sorted by id.
pub(crate) fn payout_truths(cast: &Cast, paid: &[Paid], statements: &Statements) -> Result<Vec<PayoutTruth>, SimError> {
    let judged = judge::judge(cast, paid, &statements.lines, &statements.reach, statements.dial);
    let mut truths = Vec::new();
    for (paid, judged) in paid.iter().zip(judged) {
        let Some(merchant) = cast.merchants.get(paid.merchant) else { continue };
        truths.push(PayoutTruth {
            id: payout_id(cast, paid),
            account: merchant.stamp.account.clone(),
            currency: paid.row.currency.to_string(),
            amount_minor: paid.row.amount,
            arrives_on: calendar::date(paid.row.arrival.div_euclid(DAY))?,
            status: paid.status.as_str().to_owned(),
            automatic: paid.row.kind == crate::world::rows::PayoutKind::Automatic,
            members: TxnIds::of(&merchant.stamp, paid.members.clone()),
            members_listed_completely: paid.listed_completely,
            composition: judge::composition(paid),
            bank_account: cast.banks.get(paid.bank).map(|bank| bank.name.clone()).unwrap_or_default(),
            bank_lines: judged.bank_lines,
            verdict: judged.verdict,
            difference_minor: judged.difference,
            distinguishable: judged.distinguishable,
            rivals: judged.rivals,
            exceptions: judged.exceptions,
        });
    }
    truths.sort_by(|a, b| a.id.cmp(&b.id));
    Ok(truths)
}
