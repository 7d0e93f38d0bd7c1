//! What we concluded: verdicts, matches and exceptions. Made by `recon`, kept by `store`, shown by everything.

use jiff::civil::Date;
use money::Currency;

use crate::ids::{AccountId, BankLineId, ExceptionId, MatchId, PayoutId};

/// Everything said of one payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PayoutVerdict {
    /// Whose payout.
    pub account: AccountId,
    /// Which payout.
    pub payout: PayoutId,
    /// The one bucket it is counted in.
    pub bucket: Bucket,
    /// Against its txns.
    pub composition: Composition,
    /// Against the bank.
    pub deposit: Deposit,
}

/// The four ways a payout can be accounted for. Their sums are the total, always.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Bucket {
    /// Found at the bank with difference zero.
    Matched,
    /// Not due at the bank yet.
    InTransit,
    /// A person may have to look.
    Exceptions,
    /// Left out by a person, with a reason.
    Excluded,
}

/// A payout against its txns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Composition {
    /// What was found.
    pub state: CompositionState,
    /// How many txns it holds, its own left out.
    pub txn_count: u64,
    /// Σ net of those txns, minor units of the payout's currency.
    pub sum_net_minor: i64,
    /// `sum_net_minor` less what the payout took from the balance (its amount and, where it has one, its own fee).
    pub difference_minor: i64,
}

/// What composition can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CompositionState {
    /// The payout is exactly the sum of its txns.
    Tied,
    /// It is not; `difference_minor` says by how much.
    Gap,
    /// Stripe does not say which txns a manual or instant payout holds.
    Unitemised,
    /// Stripe is still making the list.
    Pending,
}

/// A payout against the bank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deposit {
    /// What was found.
    pub state: DepositState,
    /// Found − expected, minor units; zero unless matched or proposed.
    pub difference_minor: i64,
    /// Who decided; `None` where nothing is decided.
    pub decided_by: Option<Decider>,
    /// Parts per million; `None` where nothing is decided.
    pub probability_ppm: Option<u32>,
    /// The last day of grace: after it, unseen is missing.
    pub due_on: Date,
    /// How far its bank account's statements reach without a hole from the days on which it may be booked; `None` while the bank
    /// account is unknown, and where no statement was read of these days.
    pub covered_until_on: Option<Date>,
    /// The lines it arrived in, each with this payout's part of it.
    pub allocations: Vec<Allocation>,
}

/// This payout's part of a bank line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Allocation {
    /// The line.
    pub bank_line: BankLineId,
    /// How much of it belongs to this payout, signed as the line.
    pub allocated_minor: i64,
}

/// What the bank side can say of a payout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DepositState {
    /// Found, and decided.
    Matched,
    /// Probably found; a person should confirm.
    Proposed,
    /// Several lines could be it and nothing tells them apart.
    Ambiguous,
    /// Not due yet, or its bank account is unknown.
    Awaiting,
    /// Due, covered by statements, and not there.
    Missing,
    /// Cancelled, failed or sent back.
    Failed,
}

/// Who decided a match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Decider {
    /// A finding that is proof.
    Rule,
    /// A score above a threshold that evidence carries.
    Model,
    /// A person.
    Person,
}

/// A decided or proposed link between members of two sides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// Made from its kind and first left member.
    pub id: MatchId,
    /// Which two sides.
    pub kind: MatchKind,
    /// How far it is decided.
    pub state: MatchState,
    /// Whose payouts, charges or refunds are on the left.
    pub account: AccountId,
    /// The currency of both sides.
    pub currency: Currency,
    /// Who decided; `None` where nothing is decided.
    pub decided_by: Option<Decider>,
    /// Parts per million; `None` where nothing is decided.
    pub probability_ppm: Option<u32>,
    /// Hundredths of natural log-odds; the sum of the evidence's weights.
    pub score: i32,
    /// How many other right sides could stand here.
    pub rivals: u32,
    /// Stripe's side.
    pub left: Vec<Subject>,
    /// The other side. For an ambiguous match: every rival.
    pub right: Vec<Subject>,
    /// Found − expected, minor units.
    pub difference_minor: i64,
    /// Why, strongest first.
    pub evidence: Vec<Evidence>,
}

/// Which two sides a match links.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchKind {
    /// Payouts and bank lines.
    Deposit,
    /// Charges or refunds and records.
    Record,
    /// Payouts and records.
    Batch,
}

/// How far a match is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum MatchState {
    /// In force.
    Accepted,
    /// Waiting for a person.
    Proposed,
    /// Several right sides, indistinguishable.
    Ambiguous,
    /// A person said no.
    Rejected,
    /// Was in force; a person took it back.
    Undone,
}

/// One named finding and what it weighs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// The kind of finding: `trace`, `reference`, `amount`, `date`, `descriptor`, `rivals` …
    pub name: String,
    /// What was found, in a sentence for people.
    pub finding: String,
    /// Hundredths of natural log-odds; positive speaks for the match.
    pub weight: i32,
}

/// A disagreement that a person may have to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// Made from its code and first subject.
    pub id: ExceptionId,
    /// What kind of disagreement.
    pub code: ExceptionCode,
    /// Expected variance or true exception.
    pub class: Class,
    /// Whose; `None` for money at the bank that cannot be laid to one account.
    pub account: Option<AccountId>,
    /// The currency of `amount_minor`.
    pub currency: Currency,
    /// How much is in question, unsigned.
    pub amount_minor: u64,
    /// What it is about.
    pub subjects: Vec<Subject>,
    /// What was expected, what was seen, in a sentence or two.
    pub explanation: String,
    /// What to do about it.
    pub remedy: String,
}

/// Something that a match or an exception is about.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Subject {
    /// The glossary's noun: `payout`, `bank_line`, `charge`, `refund`, `txn`, `account`, `record`, `transfer`,
    /// `transfer_reversal`, `application_fee`.
    pub kind: &'static str,
    /// Its id.
    pub id: String,
}

/// Expected variance or true exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Class {
    /// Explained by how Stripe and banks work; needs a glance.
    Expected,
    /// Needs a person.
    True,
}

macro_rules! words {
    ($name:ident: $($variant:ident = $word:literal),+ $(,)?) => {
        impl $name {
            /// Every value, in the order of its definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in machine outputs and columns.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The value of a word that [`Self::as_str`] gave.
            #[must_use]
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

/// Every way the sides can disagree. A code, once published, keeps its word and its meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ExceptionCode {
    /// A payout is not the sum of its txns.
    PayoutGap,
    /// Stripe says that a payout failed or was cancelled.
    PayoutFailed,
    /// A payout is due and not at the bank.
    DepositMissing,
    /// The bank shows less than the payout.
    DepositShort,
    /// The bank shows more than the payout.
    DepositOver,
    /// Stripe's money at the bank that no payout explains.
    DepositUnknown,
    /// Several bank lines could be the payout.
    DepositAmbiguous,
    /// The bank shows a payout arriving and leaving again.
    DepositReturned,
    /// Money has been available for longer than the account's payouts explain, and is in none of them.
    SettlementMissing,
    /// One side of money between a platform and a connected account is not in its ledger.
    LegMissing,
    /// The two sides of money between a platform and a connected account say different amounts.
    LegDiffers,
    /// Stripe moved the balance in a way that is not understood yet.
    TypeUnknown,
    /// Σ net of the txns is not the balance that Stripe reports.
    BalanceDrift,
    /// Stripe sent an object that contradicts itself or lacks what it must have.
    FactRefused,
}

words!(ExceptionCode:
    PayoutGap = "payout_gap",
    PayoutFailed = "payout_failed",
    DepositMissing = "deposit_missing",
    DepositShort = "deposit_short",
    DepositOver = "deposit_over",
    DepositUnknown = "deposit_unknown",
    DepositAmbiguous = "deposit_ambiguous",
    DepositReturned = "deposit_returned",
    SettlementMissing = "settlement_missing",
    LegMissing = "leg_missing",
    LegDiffers = "leg_differs",
    TypeUnknown = "type_unknown",
    BalanceDrift = "balance_drift",
    FactRefused = "fact_refused",
);
words!(Bucket: Matched = "matched", InTransit = "in_transit", Exceptions = "exceptions", Excluded = "excluded");
words!(CompositionState: Tied = "tied", Gap = "gap", Unitemised = "unitemised", Pending = "pending");
words!(DepositState:
    Matched = "matched",
    Proposed = "proposed",
    Ambiguous = "ambiguous",
    Awaiting = "awaiting",
    Missing = "missing",
    Failed = "failed",
);
words!(Decider: Rule = "rule", Model = "model", Person = "person");
words!(MatchKind: Deposit = "deposit", Record = "record", Batch = "batch");
words!(MatchState:
    Accepted = "accepted",
    Proposed = "proposed",
    Ambiguous = "ambiguous",
    Rejected = "rejected",
    Undone = "undone",
);
words!(Class: Expected = "expected", True = "true");
