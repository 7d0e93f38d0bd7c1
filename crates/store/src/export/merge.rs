//! Two exports of one object, laid over one another: the same whichever came first. Nothing here contradicts; see the callers.
//! Where both say something that Stripe lets change, such as a description, the greater text stays: any rule would do that does
//! not ask which came first.

use facts::{Payout, PayoutStatus, Txn, TxnStatus};
use jiff::Timestamp;

/// What both say of a txn.
pub(super) fn txn(known: &Txn, said: &Txn) -> Txn {
    let available = [&known.status, &said.status].contains(&&TxnStatus::Available);
    Txn {
        kind: known.kind.clone().max(said.kind.clone()),
        reporting_category: known.reporting_category.clone().max(said.reporting_category.clone()),
        status: if available { TxnStatus::Available } else { known.status.clone() },
        created_at: created_at(known.created_at, said.created_at),
        available_on: known.available_on.min(said.available_on),
        description: known.description.clone().max(said.description.clone()),
        source: known.source.clone().or_else(|| said.source.clone()),
        ..known.clone()
    }
}

/// A list of the balance leaves the seconds out; a report of payouts tells when one took effect, which is later than it was made.
fn created_at(one: Timestamp, other: Timestamp) -> Timestamp {
    let minute = |at: Timestamp| at.as_second().div_euclid(60);
    if minute(one) == minute(other) { one.max(other) } else { one.min(other) }
}

/// What both say of a payout. The one that knows more of what became of it is the later one.
pub(super) fn payout(known: &Payout, said: &Payout) -> Payout {
    let (newer, older) = if step(&said.status) > step(&known.status) { (said, known) } else { (known, said) };
    let one_step = step(&newer.status) == step(&older.status);
    let traces = [&newer.trace_id, &older.trace_id].into_iter().flatten();
    Payout {
        arrives_on: if one_step { newer.arrives_on.max(older.arrives_on) } else { newer.arrives_on },
        created_at: newer.created_at.min(older.created_at),
        automatic: newer.automatic || older.automatic,
        own_txn: newer.own_txn.clone().or_else(|| older.own_txn.clone()),
        failure_txn: newer.failure_txn.clone().or_else(|| older.failure_txn.clone()),
        destination: newer.destination.clone().max(older.destination.clone()),
        description: newer.description.clone().max(older.description.clone()),
        trace_id: traces.max_by_key(|trace| (&trace.value, &trace.status)).cloned(),
        ..newer.clone()
    }
}

/// How far a payout has come; what nobody said comes before everything.
fn step(status: &PayoutStatus) -> (u8, &str) {
    let step = match status {
        PayoutStatus::Unknown(_) => 0,
        PayoutStatus::Pending => 1,
        PayoutStatus::InTransit => 2,
        PayoutStatus::Paid => 3,
        PayoutStatus::Failed | PayoutStatus::Canceled => 4,
    };
    (step, status.as_str())
}
