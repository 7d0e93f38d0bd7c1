//! What may have paid for a payout that Stripe does not itemise: a proposal, with its arithmetic.

use facts::{Payout, PayoutStatus};
use jiff::tz::TimeZone;
use money::{Amount, Currency};
use recon::unitemised::{History, Proposal, propose};
use serde::Serialize;
use store::{Around, Store};

use super::load::store_failure;
use crate::exit::Failure;

/// So many txns since the payout before are looked at. Where there are more, nobody could check the list.
const TXNS_MAX: u32 = 10_000;

/// A proposal as `payout show --json` prints it. Minor units of the payout's currency.
#[derive(Debug, Clone, Serialize)]
pub struct ProposalView {
    /// What the payout took from the balance: its amount and its fee.
    pub took_minor: i64,
    /// What the payout before it left over; null where not all history is known.
    pub left_before_minor: Option<i64>,
    /// How many txns became available since.
    pub became_count: u64,
    /// The sum of their nets.
    pub became_minor: i64,
    /// What it left over; null where not all history is known.
    pub left_after_minor: Option<i64>,
    /// The txns that are exactly what it took, with what was left over; null where no such set can be told.
    pub txns: Option<Vec<String>>,
}

/// What may have paid for a payout; `None` for an itemised one, for one that gave its money back, and where nothing can be said.
///
/// # Errors
/// A database that fails.
pub fn proposal(store: &Store, payout: &Payout) -> Result<Option<ProposalView>, Failure> {
    // What failed or was canceled gave its money back: nothing has paid for it.
    let came_back = matches!(payout.status, PayoutStatus::Failed | PayoutStatus::Canceled) || payout.failure_txn.is_some();
    if payout.automatic || came_back {
        return Ok(None);
    }
    let around = store.around_payout(payout, TXNS_MAX).map_err(store_failure)?;
    let around = around.filter(|around| u32::try_from(around.became_available.len()).is_ok_and(|found| found <= TXNS_MAX));
    let Some(Around { took_minor, left_before_minor, made_at, became_available }) = around else { return Ok(None) };
    let made_on = made_at.to_zoned(TimeZone::UTC).date();
    let history = History { took_minor, left_before_minor, became_available, made_on };
    Ok(propose(&history).map(|proposal| view(&history, &proposal)))
}

fn view(history: &History, proposal: &Proposal) -> ProposalView {
    let ids = |count| history.became_available.iter().take(count).map(|txn| txn.id.to_string()).collect();
    ProposalView {
        took_minor: proposal.took_minor,
        left_before_minor: proposal.left_before_minor,
        became_count: proposal.became_count,
        became_minor: proposal.became_minor,
        left_after_minor: proposal.left_after_minor,
        txns: proposal.exactly.map(ids),
    }
}

/// The proposal in words; `noun` is what a txn is called there.
#[must_use]
pub fn words(view: &ProposalView, currency: Currency, noun: &str) -> String {
    let money = |minor| Amount::new(minor, currency);
    let took = money(view.took_minor);
    let left_before = view.left_before_minor.filter(|minor| *minor != 0);
    let over = left_before.map(|minor| format!("{} left over by the payout before it", money(minor)));
    let there_was = |count: usize, minor: i64| {
        let since = match count {
            0 => None,
            1 => Some(format!("1 {noun} of {} since", money(minor))),
            _ => Some(format!("{count} {noun}s of {} since", money(minor))),
        };
        let parts: Vec<String> = over.iter().cloned().chain(since).collect();
        if parts.is_empty() { "nothing".to_owned() } else { parts.join(" and ") }
    };
    if let Some(ids) = &view.txns {
        let all = there_was(ids.len(), view.took_minor.saturating_sub(left_before.unwrap_or(0)));
        // Where not all history is here, something may have been left over that nobody knows.
        return match view.left_before_minor {
            Some(_) => format!("Proposed from history, not said by Stripe: it took all that was available, {took}: {all}."),
            None => format!("Proposed from history, not said by Stripe: it took {took}, exactly {all} the payout before it."),
        };
    }
    let had = there_was(usize::try_from(view.became_count).unwrap_or(usize::MAX), view.became_minor);
    match view.left_after_minor {
        Some(left) if left >= 0 => {
            format!("From history: of {had} it took {took} and left {}. Which {noun}s it paid cannot be told.", money(left))
        }
        Some(short) => format!(
            "From history: it took {took}, and {had} do not explain {}. Run tieout sync: something older may be missing.",
            money(short.saturating_neg())
        ),
        None => format!("From history: {had}; it took {took}. What was there before is not known here."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_case_says_what_was_there_what_it_took_and_what_is_claimed() {
        let view = |left_before_minor, became_count, became_minor, left_after_minor, txns: Option<usize>| ProposalView {
            took_minor: 90_000,
            left_before_minor,
            became_count,
            became_minor,
            left_after_minor,
            txns: txns.map(|count| vec!["txn".to_owned(); count]),
        };
        let told = |view| words(&view, Currency::USD, "txn");
        assert_eq!(
            told(view(Some(0), 2, 90_000, Some(0), Some(2))),
            "Proposed from history, not said by Stripe: it took all that was available, 900.00 USD: 2 txns of 900.00 USD since."
        );
        assert_eq!(
            told(view(Some(10_000), 1, 80_000, Some(0), Some(1))),
            "Proposed from history, not said by Stripe: it took all that was available, 900.00 USD: 100.00 USD left over by the \
             payout before it and 1 txn of 800.00 USD since."
        );
        assert_eq!(
            told(view(Some(0), 3, 120_000, Some(30_000), None)),
            "From history: of 3 txns of 1,200.00 USD since it took 900.00 USD and left 300.00 USD. Which txns it paid cannot be told."
        );
        assert!(told(view(Some(0), 1, 40_000, Some(-50_000), None)).contains("do not explain 500.00 USD"));
        assert_eq!(
            told(view(None, 2, 90_000, None, Some(2))),
            "Proposed from history, not said by Stripe: it took 900.00 USD, exactly 2 txns of 900.00 USD since the payout before it."
        );
        assert!(told(view(None, 1, 40_000, None, None)).ends_with("What was there before is not known here."));
    }
}
