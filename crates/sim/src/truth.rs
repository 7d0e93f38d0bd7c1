//! What is true of a world, apart from what can be seen of it. Written to `truth.json`.

use jiff::civil::Date;
use serde::Serialize;

use crate::{members::TxnIds, options::Difficulty};

/// What is true of a world.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct Truth {
    /// The options it was made from.
    pub options: TruthOptions,
    /// The company's own accounts, where there are several, in the order of their keys.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub owners: Vec<OwnerTruth>,
    /// The world's end, RFC 3339.
    pub as_of: String,
    /// Every payout of every account, by id.
    pub payouts: Vec<PayoutTruth>,
    /// Every error and look-alike that was planted on purpose.
    pub planted: Vec<Planted>,
    /// What each account holds per currency; available + pending = Σ net of its txns.
    pub balances: Vec<BalanceTruth>,
    /// Every bank account and how far its files reach.
    pub bank_accounts: Vec<BankAccountTruth>,
    /// Bank lines with Stripe's words that no payout explains. Each must read `deposit_unknown`.
    pub unknown_deposits: Vec<LineTruth>,
    /// Bank lines of exactly a payout's amount near its day that are somebody else's money. None may be matched.
    pub decoys: Vec<DecoyTruth>,
    /// Every row that stands in a file as not booked yet. None is a deposit; one that is booked later stands again in a later file.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub pending_rows: Vec<PendingTruth>,
    /// Every invoice of every account at the world's end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invoices: Vec<InvoiceTruth>,
    /// The monthly recurring revenue of every account that bills, at each month's end.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub recurring: Vec<RecurringTruth>,
    /// Every top-up of the platform's balance, in a rich world.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub topups: Vec<TopupTruth>,
    /// Every charge that a retry made twice, in a rich world. Equal orders that are not named here are two orders.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub doubled_charges: Vec<DoubledTruth>,
}

/// One of a company's own accounts. None of them is connected to another, and all pay out into the same bank accounts.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct OwnerTruth {
    /// Its id.
    pub account: String,
    /// How the keys begin that read it.
    pub key: String,
}

/// A row that is not booked yet in the file in which it stands.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PendingTruth {
    /// The bank account.
    pub bank_account: String,
    /// The file.
    pub file: String,
    /// The day that the file gives it.
    pub shown_on: Date,
    /// The day on which it is booked, where the files reach that far.
    pub booked_on: Option<Date>,
    /// Minor units, signed.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: String,
    /// The payouts that it pays once it is booked; empty for other people's money.
    pub payouts: Vec<String>,
}

/// What is true of one top-up.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct TopupTruth {
    /// Its id.
    pub id: String,
    /// Whose.
    pub account: String,
    /// Its currency.
    pub currency: String,
    /// What the bank should lose, minor units, positive.
    pub amount_minor: i64,
    /// Stripe's word for it at the world's end.
    pub status: String,
    /// The debit of the bank account and, when it was taken back, the credit. Only lines that stand in a file.
    pub bank_lines: Vec<LineTruth>,
}

/// A charge that a retry made twice.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct DoubledTruth {
    /// Whose.
    pub account: String,
    /// The charge that was meant.
    pub first: String,
    /// The one too many.
    pub second: String,
    /// The refund that makes it good, where there is one.
    pub refund: Option<String>,
}

/// The options a world was made from.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct TruthOptions {
    /// Where all randomness came from.
    pub seed: u64,
    /// Days.
    pub days: u32,
    /// The last day.
    pub until_on: Date,
    /// Charges a day and account.
    pub per_day: u32,
    /// Accounts, the platform included.
    pub accounts: u32,
    /// The company's own accounts; one is left out.
    #[serde(skip_serializing_if = "is_one")]
    pub owners: u32,
    /// How hard the books are; without books left out.
    #[serde(skip_serializing_if = "Option::is_none", serialize_with = "named")]
    pub difficulty: Option<Difficulty>,
    /// Customers with subscriptions for each account that has any.
    #[serde(skip_serializing_if = "is_zero")]
    pub subscriptions: u32,
    /// Whether it is a rich world.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub rich: bool,
}

fn named<S: serde::Serializer>(difficulty: &Option<Difficulty>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&difficulty.map(|difficulty| difficulty.to_string()).unwrap_or_default())
}

const fn is_one(number: &u32) -> bool {
    *number == 1
}

const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// What is true of one invoice.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct InvoiceTruth {
    /// Its id.
    pub id: String,
    /// Whose.
    pub account: String,
    /// Its currency.
    pub currency: String,
    /// Stripe's word for it.
    pub status: &'static str,
    /// How many lines it has.
    pub lines: usize,
    /// What its lines come to, less discounts, with taxes on top; minor units, signed.
    pub total_minor: i64,
    /// What of it was paid, minor units.
    pub paid_minor: i64,
    /// The part of that which Stripe did not move.
    pub paid_off_stripe_minor: i64,
    /// What credit notes took off it or gave back.
    pub credited_minor: i64,
}

/// Monthly recurring revenue: what the subscriptions that are active or past due bill in a month. Trials, metered usage, taxes
/// and discounts are left out; a year's price counts a twelfth, each item to the nearest minor unit.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct RecurringTruth {
    /// Whose.
    pub account: String,
    /// The subscriptions' currency.
    pub currency: String,
    /// The last day of the month; what counts is its last second, UTC.
    pub on: Date,
    /// Minor units.
    pub mrr_minor: i64,
    /// How many subscriptions it is the sum of.
    pub subscriptions: u32,
}

/// What is true of one payout.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct PayoutTruth {
    /// Its id.
    pub id: String,
    /// Whose.
    pub account: String,
    /// Settlement currency.
    pub currency: String,
    /// What the bank should see; negative is a debit.
    pub amount_minor: i64,
    /// The day Stripe promises.
    pub arrives_on: Date,
    /// Stripe's word for it at the world's end.
    pub status: String,
    /// Made by the schedule.
    pub automatic: bool,
    /// The txns it is made of, its own left out; empty for manual and instant ones.
    pub members: TxnIds,
    /// Whether Stripe lists all of them at the world's end; `false` too for manual and instant ones.
    pub members_listed_completely: bool,
    /// What composition should say: `tied`, `unitemised` or `pending`.
    pub composition: &'static str,
    /// The bank account it goes to.
    pub bank_account: String,
    /// The lines it arrived in (and left again in, when returned). Only lines that stand in a file.
    pub bank_lines: Vec<LineTruth>,
    /// What became of it at the bank, as far as the files reach.
    pub verdict: Verdict,
    /// Found − expected, minor units, for short and over.
    pub difference_minor: i64,
    /// Whether the verdict can be told from what is visible.
    pub distinguishable: Distinguishable,
    /// For all but `yes`: every line that is a possible reading of this payout, its own included.
    pub rivals: Vec<LineTruth>,
    /// The exception codes that must be open for it, sorted. For `distinguishable: no`, what would be right if it could be told.
    pub exceptions: Vec<&'static str>,
}

/// What became of a payout at the bank.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Arrived in full, alone or as part of a line.
    Matched,
    /// Arrived less a bank's fee.
    Short,
    /// Arrived with something on top.
    Over,
    /// Due within the files' reach, and not there.
    Missing,
    /// Not there, and not due within the files' reach.
    Awaiting,
    /// Failed or cancelled at Stripe; the bank never saw it.
    Failed,
    /// Arrived and was sent back; failed at Stripe.
    Returned,
}

/// Whether something can be told from visible fields alone.
#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
#[serde(rename_all = "snake_case")]
pub enum Distinguishable {
    /// Every other reading is out of the question: together less than one in ten thousand.
    Yes,
    /// Another reading is possible, if unlikely: to leave it open is honest, and to claim the true line is right.
    Likely,
    /// k equal payouts and k equal lines: certain as a group, any pairing is right.
    Group,
    /// Another reading is nearly as good, at least one in a hundred: must read ambiguous.
    No,
}

/// A bank line, found again by its reference where the format has one, else by account, day, amount and text.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineTruth {
    /// The bank account.
    pub bank_account: String,
    /// The files it stands in (statements overlap).
    pub files: Vec<String>,
    /// The bank's own reference, unique; `None` where the format has none for this line.
    pub reference: Option<String>,
    /// The booking day.
    pub date_on: Date,
    /// The whole line, signed.
    pub amount_minor: i64,
    /// This payout's part of it; for lines that belong to no payout, zero.
    pub allocated_minor: i64,
    /// The text that stands in the file, runs of blanks as the bank wrote them; may be empty.
    pub description: String,
}

/// Something planted on purpose.
#[derive(Clone, Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
pub struct Planted {
    /// What: `missing`, `fee_taken`, `over`, `late`, `merged`, `decoy_processor`, `decoy_customer`, `empty_description` …
    pub kind: &'static str,
    /// The payout's id, or the bank account of a line that has no payout.
    pub subject: String,
    /// How much is in question, unsigned, minor units.
    pub amount_minor: i64,
    /// Its currency.
    pub currency: String,
}

/// What an account holds in one currency.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BalanceTruth {
    /// Whose.
    pub account: String,
    /// Settlement currency.
    pub currency: String,
    /// Σ net of txns that are available.
    pub available_minor: i64,
    /// Σ net of txns that are pending.
    pub pending_minor: i64,
}

/// A bank account.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct BankAccountTruth {
    /// The name to import its files under.
    pub name: String,
    /// Its currency.
    pub currency: String,
    /// `csv:chase`, `csv:sparkasse`, `camt.053.001.02` or `camt.053.001.08`.
    pub format: &'static str,
    /// Its files, oldest first.
    pub files: Vec<String>,
    /// How many bookings its files hold; a batch of several payments is one, and one in two files is one.
    pub line_count: usize,
    /// The last day the files speak for: closing-balance date, else the last line's.
    pub reach_on: Date,
    /// The Stripe accounts that pay into it.
    pub stripe_accounts: Vec<String>,
}

/// A look-alike.
#[derive(Clone, Debug, Serialize, PartialEq, Eq)]
pub struct DecoyTruth {
    /// The payout it looks like.
    pub payout: String,
    /// `processor` or `customer`.
    pub whose: &'static str,
    /// The line.
    pub line: LineTruth,
}
