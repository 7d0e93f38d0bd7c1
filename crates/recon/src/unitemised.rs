//! What may have paid for a payout that Stripe does not itemise: a manual or an instant one.
//!
//! Stripe takes such a payout from the available balance and does not say from which txns. What can be said is arithmetic: what
//! was left over after the payout before it, what became available since, and what it took of both. Where it took all that there
//! was at some moment, the txns until then are proposed. It is a proposal, never Stripe's word, and no verdict stands on it.

use facts::Txn;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// What an account's history says around such a payout. Minor units of the payout's currency.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// What the payout took from the balance: its amount and its fee; positive.
    pub took_minor: i64,
    /// What was available once the payout before it had been taken; `None` where not all history is known.
    pub left_before_minor: Option<i64>,
    /// The txns that became available since then and until the payout, in that order.
    pub became_available: Vec<Txn>,
    /// The day, in UTC, on which it was made.
    pub made_on: Date,
}

/// What may have paid for it, with its arithmetic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proposal {
    /// What it took from the balance: its amount and its fee.
    pub took_minor: i64,
    /// What was left over by the payout before it; `None` where not all history is known.
    pub left_before_minor: Option<i64>,
    /// How many txns became available since.
    pub became_count: u64,
    /// Σ net of those.
    pub became_minor: i64,
    /// What it left: left before + became − took. Negative where the history does not explain it.
    pub left_after_minor: Option<i64>,
    /// The first so many of them, with what was left over, are exactly what it took: all that was available at that moment.
    pub exactly: Option<usize>,
}

/// Proposes what may have paid for a payout. `None` where nothing can have: it brings money instead of taking it, or a sum does not
/// fit 64 bits.
#[must_use]
pub fn propose(history: &History) -> Option<Proposal> {
    let History { took_minor, left_before_minor, became_available, made_on } = history;
    if *took_minor <= 0 {
        return None;
    }
    let mut sum = 0_i64;
    let mut exactly = None;
    // A history that does not reach back is taken to begin with nothing: what adds up even so is no accident.
    let wanted = took_minor.checked_sub(left_before_minor.unwrap_or(0))?;
    for (place, txn) in became_available.iter().enumerate() {
        sum = sum.checked_add(txn.net_minor)?;
        let rest = became_available.get(place + 1..).unwrap_or_default();
        if sum == wanted && rest.iter().all(|txn| is_of(txn, *made_on)) {
            exactly = Some(place + 1);
        }
    }
    if became_available.is_empty() && wanted == 0 {
        exactly = Some(0);
    }
    let left_after_minor = match left_before_minor {
        Some(before) => Some(before.checked_add(sum)?.checked_sub(*took_minor)?),
        None => None,
    };
    Some(Proposal {
        took_minor: *took_minor,
        left_before_minor: *left_before_minor,
        became_count: became_available.len() as u64,
        became_minor: sum,
        left_after_minor,
        exactly,
    })
}

/// Whether a txn became available on this day: it need not have been there yet when the payout was made. What was there for longer
/// and was left lying says that the payout did not take all.
fn is_of(txn: &Txn, day: Date) -> bool {
    txn.available_on.max(txn.created_at.to_zoned(TimeZone::UTC).date()) >= day
}

#[cfg(test)]
mod tests {
    use facts::{AccountId, TxnId, TxnStatus};
    use money::{Amount, Currency};

    use super::*;

    fn history(took_minor: i64, left_before_minor: Option<i64>, nets: &[i64]) -> History {
        let txn = |(place, net): (usize, &i64)| Txn {
            id: TxnId::parse(&format!("txn_{place}")).unwrap(),
            account: AccountId::parse("acct_1").unwrap(),
            amount: Amount::new(*net, Currency::USD),
            fee_minor: 0,
            net_minor: *net,
            kind: "charge".to_owned(),
            reporting_category: "charge".to_owned(),
            status: TxnStatus::Available,
            balance_type: "payments".to_owned(),
            created_at: jiff::Timestamp::UNIX_EPOCH,
            available_on: jiff::civil::date(2026, 1, 1),
            description: None,
            source: None,
            exchange_rate: None,
        };
        History {
            took_minor,
            left_before_minor,
            became_available: nets.iter().enumerate().map(txn).collect(),
            made_on: jiff::civil::date(2026, 1, 1),
        }
    }

    #[test]
    fn who_takes_all_that_is_there_is_paid_by_everything_since_the_last_time() {
        let proposal = propose(&history(900, Some(0), &[500, 600, -200])).unwrap();
        assert_eq!((proposal.exactly, proposal.left_after_minor, proposal.became_minor), (Some(3), Some(0), 900));
    }

    #[test]
    fn who_takes_all_in_the_middle_of_a_day_is_paid_by_what_was_there_by_then() {
        let proposal = propose(&history(1_100, Some(100), &[400, 600, 50])).unwrap();
        assert_eq!((proposal.exactly, proposal.left_after_minor), (Some(2), Some(50)));
    }

    #[test]
    fn a_round_sum_that_the_first_txns_happen_to_make_is_not_all_that_there_was() {
        let later = History { made_on: jiff::civil::date(2026, 1, 9), ..history(500, Some(0), &[500, 70, 90]) };
        assert_eq!(propose(&later).unwrap().exactly, None);
    }

    #[test]
    fn of_two_moments_with_the_same_balance_the_later_is_proposed() {
        assert_eq!(propose(&history(500, Some(0), &[500, 70, -70])).unwrap().exactly, Some(3));
    }

    #[test]
    fn a_round_sum_out_of_more_cannot_be_laid_to_any_txns() {
        let proposal = propose(&history(1_000, Some(300), &[400, 801])).unwrap();
        assert_eq!((proposal.exactly, proposal.left_after_minor), (None, Some(501)));
    }

    #[test]
    fn what_history_does_not_explain_is_negative_and_never_exact() {
        let proposal = propose(&history(1_000, Some(0), &[400])).unwrap();
        assert_eq!((proposal.exactly, proposal.left_after_minor), (None, Some(-600)));
    }

    #[test]
    fn without_all_history_only_what_adds_up_is_proposed_and_nothing_is_said_of_the_rest() {
        let proposal = propose(&history(400, None, &[400, 30])).unwrap();
        assert_eq!((proposal.exactly, proposal.left_before_minor, proposal.left_after_minor), (Some(1), None, None));
    }

    #[test]
    fn one_that_brings_money_is_paid_by_no_txns_and_sums_that_overflow_propose_nothing() {
        assert_eq!(propose(&history(-400, Some(0), &[400])), None);
        assert_eq!(propose(&history(1, Some(0), &[i64::MAX, 1])), None);
    }

    #[test]
    fn nothing_new_and_all_that_was_left_over_is_exact_too() {
        assert_eq!(propose(&history(70, Some(70), &[])).unwrap().exactly, Some(0));
        assert_eq!(propose(&history(60, Some(70), &[])).unwrap().exactly, None);
    }
}
