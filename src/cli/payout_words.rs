//! One payout in words: what was expected, what was found, why, and what to do.

use facts::{BankLine, CompositionState, Deposit, DepositState, Payout, PayoutVerdict, ReconciliationStatus, Subject};
use money::Amount;
use store::{ExceptionFilter, ExceptionState, MatchFilter, PayoutRow, Store};

use super::{exception, match_};
use crate::exit::Failure;
use crate::views::load::store_failure;
use crate::views::payout::is_from_exports;
use crate::views::statements::why_awaited;
use crate::views::unitemised;

/// The sentences, in the order in which a person asks.
pub fn sentences(store: &Store, row: &PayoutRow) -> Result<Vec<String>, Failure> {
    let mut told = vec![expected(&row.payout)];
    let Some(verdict) = &row.verdict else {
        told.push(
            "It was synced after the last reconciliation, so nothing is claimed of it yet. Run tieout reconcile.".to_owned(),
        );
        return Ok(told);
    };
    told.push(composition(&row.payout, verdict));
    let proposal = unitemised::proposal(store, &row.payout)?;
    told.extend(proposal.map(|proposal| unitemised::words(&proposal, row.payout.amount.currency(), "txn")));
    told.push(match (verdict.deposit.state, verdict.deposit.covered_until_on) {
        (DepositState::Awaiting, None) => why_awaited(store, &row.payout).map_err(store_failure)?,
        _ => deposit(row, verdict),
    });
    let subject = || Some(Subject { kind: "payout", id: row.payout.id.to_string() });
    let matches = store.matches(&MatchFilter { member: subject(), ..MatchFilter::default() }).map_err(store_failure)?;
    told.extend(matches.iter().flat_map(match_::sentences));
    let open = ExceptionFilter { subject: subject(), state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
    let exceptions = store.exceptions(&open).map_err(store_failure)?;
    told.extend(exceptions.iter().flat_map(exception::sentences));
    told.push(format!("It is counted in the bucket {}.", verdict.bucket.as_str().replace('_', " ")));
    Ok(told)
}

fn expected(payout: &Payout) -> String {
    let made = if payout.automatic { "automatic" } else { "manual or instant" };
    let direction = if payout.amount.minor() < 0 { "takes from the bank" } else { "pays to the bank" };
    format!(
        "{} is an {made} payout of {} that {direction}; Stripe expects it there on {} and says {}.",
        payout.id,
        payout.amount,
        payout.arrives_on,
        payout.status.as_str()
    )
    .replace(" an manual", " a manual")
}

fn composition(payout: &Payout, verdict: &PayoutVerdict) -> String {
    let money = |minor| Amount::new(minor, payout.amount.currency());
    let composition = verdict.composition;
    match composition.state {
        CompositionState::Tied => {
            format!("It is exactly the sum of its {} txns, {}.", composition.txn_count, money(composition.sum_net_minor))
        }
        CompositionState::Gap => format!(
            "Its {} txns sum to {}, which leaves a gap of {} to what it took from the balance.",
            composition.txn_count,
            money(composition.sum_net_minor),
            money(composition.difference_minor)
        ),
        CompositionState::Unitemised if is_from_exports(payout) => "No export names txns of it: Stripe tells none of a manual \
             or instant payout, and those of an automatic one in the itemised report Payout reconciliation."
            .to_owned(),
        CompositionState::Unitemised => {
            "Stripe does not say which txns a manual or instant payout holds, so its composition is not judged.".to_owned()
        }
        CompositionState::Pending if payout.reconciliation_status == ReconciliationStatus::Completed => {
            "Stripe has listed its txns, and they were not all read yet. Run tieout sync.".to_owned()
        }
        CompositionState::Pending if is_from_exports(payout) => format!(
            "Exports name txns of it that do not add up to it, and none of them is known to hold all. Import the itemised \
             report Payout reconciliation of {}.",
            payout.arrives_on
        ),
        CompositionState::Pending => "Stripe is still listing its txns; nothing is claimed until it has finished.".to_owned(),
    }
}

fn deposit(row: &PayoutRow, verdict: &PayoutVerdict) -> String {
    let deposit = &verdict.deposit;
    let found: Vec<String> = row.bank_lines.iter().map(|line| arrival(line, deposit)).collect();
    let found = found.join(" and ");
    match deposit.state {
        DepositState::Matched => format!("It was found at the bank: {found}."),
        DepositState::Proposed => format!("It was probably found at the bank: {found}. A person should confirm it."),
        DepositState::Ambiguous => "Several bank lines could be it, and nothing tells them apart.".to_owned(),
        DepositState::Awaiting => {
            let reach = deposit
                .covered_until_on
                .map_or_else(String::new, |until| format!(", and the statements of its bank account reach to {until}"));
            format!("It is awaited: it is due by {}{reach}.", deposit.due_on)
        }
        DepositState::Missing => {
            let until = deposit.covered_until_on.map_or_else(String::new, |until| format!(", which reach to {until}"));
            format!("It was due by {} and does not stand in the statements of its bank account{until}.", deposit.due_on)
        }
        DepositState::Failed => {
            let code = row.payout.failure_code.as_ref().map_or_else(String::new, |code| format!(" ({code})"));
            format!("It did not stay at the bank: cancelled, failed or sent back{code}.")
        }
    }
}

/// `120.00 USD on 2026-07-04 (line_1)`, or this payout's part of it.
fn arrival(line: &BankLine, deposit: &Deposit) -> String {
    let allocation = deposit.allocations.iter().find(|allocation| allocation.bank_line == line.id);
    let part = allocation.map(|allocation| Amount::new(allocation.allocated_minor, line.amount.currency()));
    let of = part.filter(|part| *part != line.amount).map_or_else(String::new, |part| format!("{part} of "));
    format!("{of}{} on {} ({})", line.amount, line.date_on, line.id)
}
