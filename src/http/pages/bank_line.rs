//! `/bank-lines/{id}`: one line of a statement and the payouts in it.

use facts::{BankLine, Match, MatchState, PayoutVerdict, Subject};
use money::Amount;
use store::{ExceptionFilter, Store};

use super::Answer;
use super::evidence::MatchShown;
use super::exception::{Record, Sheet};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{ExceptionShown, Link, linked, named, some_accounts};
use crate::http::problem::Problem;
use crate::http::show;

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let missing = || Problem::NotFound { noun: "bank line", id: ask.id.clone() };
    let row = store.bank_line(&ask.id)?.ok_or_else(missing)?;
    let subject = Subject { kind: "bank_line", id: row.line.id.to_string() };
    let exceptions = store.exceptions(&ExceptionFilter { subject: Some(subject), ..ExceptionFilter::default() })?;
    let accounts = some_accounts(store, exceptions.iter().filter_map(|row| row.exception.account.as_ref()))?;
    let standing = row.matches.iter().find(|found| found.state == MatchState::Accepted).or_else(|| row.matches.first());
    let mut sheets = vec![at_the_bank(&row.line)];
    sheets.extend(payouts(store, &row.line, &row.matches)?);
    let page = Record {
        frame: Frame::new(ask, format!("Bank line of {}", row.line.date_on), "/bank-lines"),
        crumb: Link::words("/bank-lines", "Bank lines"),
        noun: "Bank line",
        id: row.line.reference.clone().unwrap_or_else(|| row.line.date_on.to_string()),
        chip: standing.map(|found| show::match_state(found.state)),
        sentence: sentence(&row.line, standing),
        remedy: None,
        exceptions: exceptions.iter().map(|row| ExceptionShown::new(row, &accounts, ask.now)).collect(),
        sheets,
        matches: row.matches.iter().map(|found| MatchShown::for_bank_line(store, found)).collect::<Result<_, _>>()?,
    };
    page.answer()
}

fn sentence(line: &BankLine, standing: Option<&Match>) -> String {
    let deposit = match standing.map(|found| found.state) {
        Some(MatchState::Accepted) => "a payout's deposit",
        Some(MatchState::Proposed) => "probably a payout's deposit, which a person should confirm",
        Some(MatchState::Ambiguous) => "the deposit of one of several payouts, or of none",
        _ => "not matched with any payout",
    };
    format!("{} on {} in {}: {deposit}.", line.amount, line.date_on, line.bank_account)
}

fn at_the_bank(line: &BankLine) -> Sheet {
    let bank = Href::to("/bank-lines").with("bank_account", line.bank_account.as_str()).text();
    let mut facts = vec![
        named("Amount", line.amount.to_string()),
        named("Booked on", line.date_on.to_string()),
        linked("Bank account", line.bank_account.as_str(), bank),
    ];
    facts.extend(line.value_on.map(|date| named("Value date", date.to_string())));
    facts.extend(line.counterparty.iter().map(|name| named("Counterparty", name)));
    facts.extend(line.reference.iter().map(|reference| named("Reference", reference)));
    facts.extend(line.other_references.iter().map(|reference| named("Also", reference)));
    let after = line.balance_after_minor.map(|minor| Amount::new(minor, line.amount.currency()));
    facts.extend(after.map(|balance| named("Balance after", balance.to_string())));
    let text = if line.description.is_empty() { "the bank wrote nothing" } else { &line.description };
    facts.push(named("Text", text));
    facts.push(named("Id", line.id.as_str()).id());
    Sheet { title: "At the bank", facts }
}

/// What of the line belongs to which payout.
fn payouts(store: &Store, line: &BankLine, matches: &[Match]) -> Result<Option<Sheet>, Problem> {
    let decided = matches.iter().filter(|found| matches!(found.state, MatchState::Accepted | MatchState::Proposed));
    let mut facts = Vec::new();
    for subject in decided.flat_map(|found| &found.left) {
        let Some(row) = store.payout(&subject.id)? else { continue };
        let part = row.verdict.as_ref().and_then(|verdict| allocated(verdict, line));
        let said = match part {
            Some(minor) => format!("{} of {}", Amount::new(minor, line.amount.currency()), row.payout.amount),
            None => row.payout.amount.to_string(),
        };
        let link = linked("Payout", row.payout.id.as_str(), Href::record("/payouts", row.payout.id.as_str()));
        facts.push(link.id().note(said));
    }
    Ok((!facts.is_empty()).then_some(Sheet { title: "Payouts in this line, each with its part", facts }))
}

fn allocated(verdict: &PayoutVerdict, line: &BankLine) -> Option<i64> {
    verdict.deposit.allocations.iter().find(|part| part.bank_line == line.id).map(|part| part.allocated_minor)
}
