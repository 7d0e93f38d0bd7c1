//! What does not agree within an account, whatever the bank says.

use std::collections::HashMap;

use facts::{CompositionState, Exception, ExceptionCode, PayoutId};

use crate::exception::{class_of, exception_id, remedy_of};
use crate::plan::payout_subject;
use crate::snapshot::{GapContext, PayoutItem, Snapshot};
use crate::{composition, settlement, tie_out};

/// What [`account_exceptions`] raises.
pub const ACCOUNT_CODES: [ExceptionCode; 5] = [
    ExceptionCode::PayoutGap,
    ExceptionCode::BalanceDrift,
    ExceptionCode::FactRefused,
    ExceptionCode::TypeUnknown,
    ExceptionCode::SettlementMissing,
];

/// What does not agree within accounts, whatever the bank says: it follows from the payouts with a gap, the balances, the refusals,
/// the types and the txns of the snapshot alone, and for each account from its own. In a fixed order.
#[must_use]
pub fn account_exceptions(snapshot: &Snapshot) -> Vec<Exception> {
    let contexts: HashMap<&PayoutId, &GapContext> =
        snapshot.gap_contexts.iter().map(|context| (&context.payout, context)).collect();
    let gap = |item: &PayoutItem| gap(item, contexts.get(&item.payout.id).copied());
    let mut exceptions: Vec<Exception> = snapshot.payouts.iter().filter_map(gap).collect();
    exceptions.extend(tie_out::balance_drifts(&snapshot.balances));
    exceptions.extend(tie_out::refusals(&snapshot.refusals));
    exceptions.extend(tie_out::unknown_types(&snapshot.unknown_types));
    exceptions.extend(settlement::missing(&snapshot.unsettled));
    exceptions.sort_unstable_by(|a, b| a.id.cmp(&b.id));
    exceptions
}

/// A `payout_gap` for a payout that is not the sum of its txns.
fn gap(item: &PayoutItem, context: Option<&GapContext>) -> Option<Exception> {
    let composition = composition::judge(item);
    if composition.state != CompositionState::Gap {
        return None;
    }
    let code = ExceptionCode::PayoutGap;
    let subject = payout_subject(&item.payout.id);
    Some(Exception {
        id: exception_id(code, &subject)?,
        code,
        class: class_of(code),
        account: Some(item.payout.account.clone()),
        currency: item.payout.amount.currency(),
        amount_minor: composition.difference_minor.unsigned_abs(),
        subjects: vec![subject],
        explanation: composition::likely_causes(item, composition, context).join(" "),
        remedy: remedy_of(code).to_owned(),
    })
}
