//! A payout as `payout list --json` prints it.

use facts::{Allocation, BankLine, Bucket, Composition, CompositionState, Deposit, DepositState, Payout, Txn};
use jiff::civil::Date;
use serde::Serialize;
use serde_json::value::RawValue;
use store::PayoutRow;

use super::probability;
use super::unitemised::ProposalView;

/// One payout, against its txns and against the bank.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutView {
    /// Its id.
    pub id: String,
    /// Whose balance paid.
    pub account: String,
    /// The currency of all amounts here.
    pub currency: String,
    /// What the bank should see; negative when Stripe debits the bank.
    pub amount_minor: i64,
    /// The day on which Stripe expects it at the bank.
    pub arrives_on: Date,
    /// Stripe's own word for where it stands.
    pub status: String,
    /// Made by the payout schedule.
    pub automatic: bool,
    /// The one bucket it is counted in.
    pub bucket: &'static str,
    /// Against its txns.
    pub composition: CompositionView,
    /// Against the bank.
    pub deposit: DepositView,
}

/// One payout with its txns added up: what `payout show --json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct PayoutShown {
    /// The fields of the list.
    #[serde(flatten)]
    pub payout: PayoutView,
    /// Its txns by reporting category, its own txn left out, in the alphabet's order.
    pub categories: Vec<CategorySum>,
    /// For a manual or instant payout, what may have paid for it; null for others, and where nothing can be said.
    pub proposal: Option<ProposalView>,
}

/// The txns of one reporting category in one payout, in the payout's currency.
#[derive(Debug, Clone, Serialize)]
pub struct CategorySum {
    /// Stripe's class.
    pub reporting_category: String,
    /// How many.
    pub txn_count: u64,
    /// Σ gross.
    pub amount_minor: i64,
    /// Σ fee, positive when charged.
    pub fee_minor: i64,
    /// Σ net.
    pub net_minor: i64,
}

/// A payout against its txns.
#[derive(Debug, Clone, Serialize)]
pub struct CompositionView {
    /// `tied`, `gap`, `unitemised` or `pending`.
    pub state: &'static str,
    /// How many txns it holds, its own left out.
    pub txn_count: u64,
    /// Σ net of those.
    pub sum_net_minor: i64,
    /// Σ net less what the payout took from the balance.
    pub difference_minor: i64,
}

/// A payout against the bank.
#[derive(Debug, Clone, Serialize)]
pub struct DepositView {
    /// `matched`, `proposed`, `ambiguous`, `awaiting`, `missing` or `failed`.
    pub state: &'static str,
    /// Found − expected.
    pub difference_minor: i64,
    /// `rule`, `model` or `person`; null where nothing is decided.
    pub decided_by: Option<&'static str>,
    /// Null where nothing is decided.
    pub probability: Option<Box<RawValue>>,
    /// The last day of grace; null until reconcile has judged the payout.
    pub due_on: Option<Date>,
    /// How far the bank account's statements reach; null while the bank account is unknown.
    pub covered_until_on: Option<Date>,
    /// The lines it arrived in.
    pub bank_lines: Vec<AllocationView>,
}

/// A bank line and this payout's part of it.
#[derive(Debug, Clone, Serialize)]
pub struct AllocationView {
    /// The line's id.
    pub id: String,
    /// The bank's own reference, else the end-to-end or customer's reference.
    pub reference: Option<String>,
    /// The day the bank booked it.
    pub date_on: Option<Date>,
    /// The whole line.
    pub amount_minor: Option<i64>,
    /// This payout's part of it.
    pub allocated_minor: i64,
}

impl PayoutView {
    /// The view of a payout and what was concluded of it.
    ///
    /// Before reconcile has judged it, its composition is pending and its deposit awaiting: nothing is known of its bank
    /// account yet, which is what awaiting means, and awaiting counts as in transit. Its `due_on` is null then, and the
    /// verdict of `status` is unknown.
    #[must_use]
    pub fn of(row: &PayoutRow) -> Self {
        let PayoutRow { payout, verdict, bank_lines } = row;
        let verdict = verdict.as_ref();
        Self {
            id: payout.id.to_string(),
            account: payout.account.to_string(),
            currency: payout.amount.currency().to_string(),
            amount_minor: payout.amount.minor(),
            arrives_on: payout.arrives_on,
            status: payout.status.as_str().to_owned(),
            automatic: payout.automatic,
            bucket: verdict.map_or(Bucket::InTransit, |verdict| verdict.bucket).as_str(),
            composition: verdict
                .map_or_else(|| unjudged_composition(payout), |verdict| CompositionView::of(&verdict.composition)),
            deposit: verdict.map_or_else(unjudged_deposit, |verdict| DepositView::of(&verdict.deposit, bank_lines)),
        }
    }
}

impl CategorySum {
    /// No txn of this category yet.
    #[must_use]
    pub fn empty(reporting_category: &str) -> Self {
        Self { reporting_category: reporting_category.to_owned(), txn_count: 0, amount_minor: 0, fee_minor: 0, net_minor: 0 }
    }

    /// Adds a txn; `None` when a sum does not fit 64 bits.
    pub fn add(&mut self, txn: &Txn) -> Option<()> {
        self.txn_count += 1;
        self.amount_minor = self.amount_minor.checked_add(txn.amount.minor())?;
        self.fee_minor = self.fee_minor.checked_add(txn.fee_minor)?;
        self.net_minor = self.net_minor.checked_add(txn.net_minor)?;
        Some(())
    }
}

impl CompositionView {
    fn of(composition: &Composition) -> Self {
        Self {
            state: composition.state.as_str(),
            txn_count: composition.txn_count,
            sum_net_minor: composition.sum_net_minor,
            difference_minor: composition.difference_minor,
        }
    }
}

impl DepositView {
    fn of(deposit: &Deposit, lines: &[BankLine]) -> Self {
        Self {
            state: deposit.state.as_str(),
            difference_minor: deposit.difference_minor,
            decided_by: deposit.decided_by.map(facts::Decider::as_str),
            probability: probability(deposit.probability_ppm),
            due_on: Some(deposit.due_on),
            covered_until_on: deposit.covered_until_on,
            bank_lines: deposit.allocations.iter().map(|allocation| AllocationView::of(allocation, lines)).collect(),
        }
    }
}

impl AllocationView {
    fn of(allocation: &Allocation, lines: &[BankLine]) -> Self {
        let line = lines.iter().find(|line| line.id == allocation.bank_line);
        Self {
            id: allocation.bank_line.to_string(),
            reference: line.and_then(|line| line.reference.clone()),
            date_on: line.map(|line| line.date_on),
            amount_minor: line.map(|line| line.amount.minor()),
            allocated_minor: allocation.allocated_minor,
        }
    }
}

fn unjudged_composition(payout: &Payout) -> CompositionView {
    // Stripe itemises automatic payouts only; that needs no judging.
    let state = if payout.automatic { CompositionState::Pending } else { CompositionState::Unitemised };
    CompositionView { state: state.as_str(), txn_count: 0, sum_net_minor: 0, difference_minor: 0 }
}

fn unjudged_deposit() -> DepositView {
    DepositView {
        state: DepositState::Awaiting.as_str(),
        difference_minor: 0,
        decided_by: None,
        probability: None,
        due_on: None,
        covered_until_on: None,
        bank_lines: Vec::new(),
    }
}

/// Whether Stripe's API never told of the payout, so that exports are all that is known of it: the API always says whether it
/// lists a payout's txns, and no export does.
#[must_use]
pub fn is_from_exports(payout: &Payout) -> bool {
    payout.reconciliation_status.as_str().is_empty()
}
