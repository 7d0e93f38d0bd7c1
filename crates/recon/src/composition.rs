//! A payout against its txns.

use facts::{Composition, CompositionState, ReconciliationStatus, Txn};
use money::Amount;

use crate::snapshot::{GapContext, Members, PayoutItem, PayoutTxns};

/// How many likely causes are named; more would not help a person choose.
pub const CAUSES_MAX: usize = 5;

/// Whether the payout is exactly the sum of its txns.
///
/// The payout's own txn is left out, by id: earlier payouts' `payout_failure` rows belong to it and stay in. What it took from
/// the balance is its amount plus the fee on its own txn, so that is what its txns must add up to.
///
/// Source: Stripe, "Payout reconciliation", <https://docs.stripe.com/payouts/reconciliation>.
#[must_use]
pub fn judge(item: &PayoutItem) -> Composition {
    let members = match &item.txns {
        PayoutTxns::Added(members) => members,
        PayoutTxns::Kept(composition) => return *composition,
    };
    let unjudged =
        |state| Composition { state, txn_count: members.txn_count, sum_net_minor: members.sum_net_minor, difference_minor: 0 };
    if !item.payout.automatic {
        return unjudged(CompositionState::Unitemised);
    }
    if item.payout.reconciliation_status == ReconciliationStatus::InProgress || !item.complete {
        return unjudged(CompositionState::Pending);
    }
    let fee_minor = members.own.map_or(0, |own| own.fee_minor);
    let expected_minor = item.payout.amount.minor().saturating_add(fee_minor);
    let difference_minor = members.sum_net_minor.saturating_sub(expected_minor);
    let tied = difference_minor == 0 && members.other_currency_count == 0;
    let state = if tied { CompositionState::Tied } else { CompositionState::Gap };
    Composition { state, txn_count: members.txn_count, sum_net_minor: members.sum_net_minor, difference_minor }
}

/// What may explain a gap, likeliest first, in sentences for people. At least one sentence.
#[must_use]
pub fn likely_causes(item: &PayoutItem, composition: Composition, context: Option<&GapContext>) -> Vec<String> {
    let currency = item.payout.amount.currency();
    let gap = composition.difference_minor;
    let mut causes = Vec::new();
    if let PayoutTxns::Added(Members { other_currency_count: count @ 1.., .. }) = item.txns {
        causes.push(format!("{count} of its txns are not in {}.", currency.upper()));
    }
    if composition.txn_count == 0 {
        causes.push("Stripe lists no txns for it: the list may not have been readable when it was asked for.".to_owned());
    }
    if let Some(context) = context {
        let missing = context.unassigned.iter().filter(|txn| gap.checked_add(txn.net_minor) == Some(0));
        causes.extend(missing.map(|txn| sentence(txn, "is in no payout and would close the gap")));
        let extra = context.members.iter().filter(|txn| txn.net_minor == gap);
        causes.extend(extra.map(|txn| sentence(txn, "is exactly the gap: it may be listed here by mistake")));
        let fee = context.members.iter().filter(|txn| txn.fee_minor != 0 && txn.fee_minor.checked_abs() == gap.checked_abs());
        causes.extend(fee.map(|txn| sentence(txn, "has a fee of exactly the gap: gross may have been paid for net")));
    }
    if causes.is_empty() {
        let direction = if gap > 0 { "more" } else { "less" };
        let size = Amount::new(gap.saturating_abs(), currency);
        causes.push(format!(
            "Its txns add up to {size} {direction} than it took from the balance, and no single txn explains that."
        ));
    }
    causes.truncate(CAUSES_MAX);
    causes
}

fn sentence(txn: &Txn, what: &str) -> String {
    let net = Amount::new(txn.net_minor, txn.amount.currency());
    format!("{} ({}, net {net}) {what}.", txn.id, txn.reporting_category)
}
