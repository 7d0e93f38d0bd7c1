//! Everything that one plan looks at, as it stood when it was read.

use facts::legs::OpenLeg;
use facts::txn_types::UnknownType;
use facts::{AccountId, BankAccount, BankLine, Composition, Payout, PayoutId, RefusalCause, SettlementWindow, Txn};
use money::Currency;

/// What a plan is made from. The order of the lists does not matter.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// Every payout known, with what Stripe says it holds.
    pub payouts: Vec<PayoutItem>,
    /// Every bank account, with how far its statements reach.
    pub bank_accounts: Vec<BankAccount>,
    /// Every bank line.
    pub bank_lines: Vec<BankLine>,
    /// The merchant's own names (account display names), which say nothing about who paid.
    pub own_names: Vec<String>,
    /// Stripe's balances beside our sums.
    pub balances: Vec<BalanceCheck>,
    /// Objects that could not be taken as facts.
    pub refusals: Vec<Refusal>,
    /// For payouts that do not tie: what could explain it.
    pub gap_contexts: Vec<GapContext>,
    /// For each window of [`crate::settlement::windows`] that holds any: txns that no payout took.
    pub unsettled: Vec<Unsettled>,
    /// Txns of types that are not understood.
    pub unknown_types: Vec<UnknownType>,
    /// Money between platforms and connected accounts whose sides disagree.
    pub legs: Vec<OpenLeg>,
}

/// Txns that should be in a payout by now and are in none, one account and currency.
#[derive(Clone, Debug)]
pub struct Unsettled {
    /// Which they are.
    pub window: SettlementWindow,
    /// The oldest of them.
    pub txns: Vec<Txn>,
}

/// A payout and what its txns come to.
#[derive(Clone, Debug)]
pub struct PayoutItem {
    /// The payout.
    pub payout: Payout,
    /// Whether all pages of its list of txns were read after Stripe called it complete.
    pub complete: bool,
    /// What its txns come to.
    pub txns: PayoutTxns,
}

/// What the txns of a payout come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayoutTxns {
    /// They were added up for this plan.
    Added(Members),
    /// Neither they nor the payout have changed since an earlier plan concluded this, which is not a gap: of a gap it is also to
    /// be said where it may come from.
    Kept(Composition),
}

/// The txns that Stripe lists for a payout, summed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Members {
    /// How many, the payout's own left out.
    pub txn_count: u64,
    /// Σ net of those in the payout's currency, its own left out.
    pub sum_net_minor: i64,
    /// How many are in another currency, which must not happen.
    pub other_currency_count: u64,
    /// The payout's own txn, where it is known.
    pub own: Option<OwnTxn>,
}

/// The txn that took a payout from the balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnTxn {
    /// Gross; the payout's amount with the sign turned.
    pub amount_minor: i64,
    /// What Stripe charged for paying out; instant payouts have one.
    pub fee_minor: i64,
}

/// Stripe's balance beside the sum of our txns, one account and currency. Only of balances that stood still while they were
/// read: of others nothing is claimed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BalanceCheck {
    /// Whose balance.
    pub account: AccountId,
    /// In which currency.
    pub currency: Currency,
    /// What Stripe says: available + pending.
    pub stripe_minor: i64,
    /// Σ net of our txns of balance type `payments`.
    pub computed_minor: i64,
}

/// An object that Stripe sent and that we could not take as a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Whose object.
    pub account: AccountId,
    /// The glossary's noun.
    pub kind: &'static str,
    /// Its id.
    pub object_id: String,
    /// What is wrong with it, in one word.
    pub cause: RefusalCause,
    /// What contradicts what, in words.
    pub reason: String,
    /// Its currency, where that could be read.
    pub currency: Option<Currency>,
}

/// What lies around a payout that does not tie.
#[derive(Clone, Debug)]
pub struct GapContext {
    /// The payout.
    pub payout: PayoutId,
    /// Its txns as we know them, its own left out.
    pub members: Vec<Txn>,
    /// Txns of the same account and currency that no payout holds; those that would not close the gap may be left out.
    pub unassigned: Vec<Txn>,
}
