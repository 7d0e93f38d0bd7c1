//! Two exports of one object, laid over one another: the same whichever came first. Nothing here contradicts; see the callers.

use facts::{Payout, PayoutStatus, Txn, TxnStatus};
use jiff::Timestamp;

/// What both say of a txn.
pub(super) fn txn(known: &Txn, said: &Txn) -> Txn {
    let word = |known: &str, said: &str| if known.is_empty() { said.to_owned() } else { known.to_owned() };
    let available = [&known.status, &said.status].contains(&&TxnStatus::Available);
    Txn {
        kind: word(&known.kind, &said.kind),
        reporting_category: word(&known.reporting_category, &said.reporting_category),
        status: if available { TxnStatus::Available } else { known.status.clone() },
        created_at: created_at(known.created_at, said.created_at),
        available_on: known.available_on.min(said.available_on),
        description: known.description.clone().or_else(|| said.description.clone()),
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
    let (known_step, said_step) = (step(&known.status), step(&said.status));
    let (newer, older) = if said_step > known_step { (said, known) } else { (known, said) };
    let arrives_on = if said_step == known_step { known.arrives_on.max(said.arrives_on) } else { newer.arrives_on };
    Payout {
        arrives_on,
        created_at: known.created_at.min(said.created_at),
        automatic: known.automatic || said.automatic,
        own_txn: newer.own_txn.clone().or_else(|| older.own_txn.clone()),
        failure_txn: newer.failure_txn.clone().or_else(|| older.failure_txn.clone()),
        destination: newer.destination.clone().or_else(|| older.destination.clone()),
        description: newer.description.clone().or_else(|| older.description.clone()),
        trace_id: [&newer.trace_id, &older.trace_id].into_iter().flatten().max_by_key(|trace| trace.value.is_some()).cloned(),
        ..newer.clone()
    }
}

/// How far a payout has come; what nobody said comes before everything.
fn step(status: &PayoutStatus) -> u8 {
    match status {
        PayoutStatus::Unknown(word) if word.is_empty() => 0,
        PayoutStatus::Unknown(_) => 1,
        PayoutStatus::Pending => 2,
        PayoutStatus::InTransit => 3,
        PayoutStatus::Paid => 4,
        PayoutStatus::Failed | PayoutStatus::Canceled => 5,
    }
}
