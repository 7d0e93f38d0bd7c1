//! `/payouts/{id}`: one payout from gross to net to the bank, and why we think so.

use askama::Template;
use facts::{BankLine, Payout, PayoutStatus, PayoutVerdict, Subject};
use money::Amount;
use store::{ExceptionFilter, MatchFilter, PayoutRow, Store};

use super::Answer;
use super::audit::AUDIT;
use super::evidence::MatchShown;
use super::txns::{self, TxnTable};
use super::waterfall::{self, Fall, Groups, category_word};
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{ExceptionShown, Link, Named, line_href, line_name, linked, name_of, named, some_accounts};
use crate::http::problem::Problem;
use crate::http::show::{self, Chip, Money};
use crate::views::payout::is_from_exports;
use crate::views::statements::why_awaited;
use crate::views::unitemised;

#[derive(Template)]
#[template(path = "payout.html")]
struct PayoutPage {
    frame: Frame,
    account: Link,
    id: String,
    status: Chip,
    sentence: String,
    /// What the audit trail says of it.
    history: String,
    exceptions: Vec<ExceptionShown>,
    code: String,
    fall: Fall,
    amount: Money,
    stripe: Vec<Named>,
    composition: CompositionShown,
    deposit: DepositShown,
    matches: Vec<MatchShown>,
    txns: TxnTable,
}

struct CompositionShown {
    chip: Chip,
    says: String,
    proposal: Option<Proposed>,
    groups: Vec<GroupRow>,
    gross: String,
    fee: String,
    net: String,
}

/// What may have paid for a payout that Stripe does not itemise.
struct Proposed {
    says: String,
    /// The proposed txns, the first [`PROPOSED_SHOWN`] of them.
    txns: Vec<Link>,
    /// How many more there are.
    more: usize,
}

/// A person looks at some; `payout show --json` lists all.
const PROPOSED_SHOWN: usize = 100;

struct GroupRow {
    href: String,
    word: String,
    count: u64,
    gross: String,
    fee: String,
    net: String,
}

struct DepositShown {
    chip: Chip,
    says: String,
    lines: Vec<LineShown>,
}

struct LineShown {
    href: String,
    reference: String,
    date_on: String,
    amount: Money,
    allocated: Option<Money>,
    bank_account: String,
    description: String,
}

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let missing = || Problem::NotFound { noun: "payout", id: ask.id.clone() };
    let row = store.payout(&ask.id)?.ok_or_else(missing)?;
    let PayoutRow { payout, verdict, bank_lines } = &row;
    let accounts = some_accounts(store, [&payout.account])?;
    let subject = Subject { kind: "payout", id: payout.id.to_string() };
    let exceptions = store.exceptions(&ExceptionFilter { subject: Some(subject.clone()), ..ExceptionFilter::default() })?;
    let matches = store.matches(&MatchFilter { member: Some(subject), ..MatchFilter::default() })?;
    let groups = Groups::read(store, payout)?;
    let fall = waterfall::fall(payout, &groups, verdict.as_ref(), bank_lines);
    let account = Href::to("/payouts").with("account", payout.account.as_str()).text();
    let page = PayoutPage {
        frame: Frame::new(ask, format!("Payout {}", payout.id), "/payouts"),
        account: Link::words(account, name_of(&payout.account, &accounts)),
        id: payout.id.to_string(),
        status: show::payout_status(&payout.status),
        sentence: sentence(payout, verdict.as_ref()),
        exceptions: exceptions.iter().map(|row| ExceptionShown::new(row, &accounts, ask.now)).collect(),
        code: payout.amount.currency().upper(),
        fall,
        amount: payout.amount.into(),
        history: Href::to(AUDIT).with("about", payout.id.as_str()).text(),
        stripe: at_stripe(payout),
        composition: composition(payout, verdict.as_ref(), &groups, proposed(store, payout)?),
        deposit: deposit(verdict.as_ref(), bank_lines, deposit_says(store, payout, verdict.as_ref())?),
        matches: matches.iter().map(|found| MatchShown::for_payout(store, found, &payout.id)).collect::<Result<_, _>>()?,
        txns: txns::of_payout(store, ask, payout, &groups.sum)?,
    };
    Ok(Answer::Html(page.render()?))
}

/// How a payout ended whose money is not to stay at the bank.
fn came_back(status: &PayoutStatus) -> &'static str {
    match status {
        PayoutStatus::Failed => "failed at Stripe, so that nothing is to stay at the bank",
        PayoutStatus::Canceled => "canceled at Stripe, so that nothing is to come to the bank",
        _ => "sent back, so that nothing is to stay at the bank",
    }
}

/// Both checks in one sentence.
fn sentence(payout: &Payout, verdict: Option<&PayoutVerdict>) -> String {
    let subject = format!("{} for {}", payout.amount, payout.arrives_on);
    let Some(verdict) = verdict else { return format!("{subject}. Not judged yet: run tieout reconcile.") };
    let held = match verdict.composition.state {
        facts::CompositionState::Tied => "exactly the sum of its transactions",
        facts::CompositionState::Gap => "not the sum of its transactions",
        facts::CompositionState::Unitemised => "not itemised by Stripe",
        facts::CompositionState::Pending if is_from_exports(payout) => "not wholly told by the exports that name it",
        facts::CompositionState::Pending => "still being itemised by Stripe",
    };
    let found = match verdict.deposit.state {
        facts::DepositState::Matched if verdict.deposit.difference_minor == 0 => "found at the bank in full",
        facts::DepositState::Matched => "found at the bank with a difference",
        facts::DepositState::Proposed => "probably found at the bank, which a person should confirm",
        facts::DepositState::Ambiguous => "not told apart from its rivals at the bank",
        facts::DepositState::Awaiting if verdict.deposit.covered_until_on.is_none() => "told of by no bank statement yet",
        facts::DepositState::Awaiting => "not due at the bank yet",
        facts::DepositState::Missing => "missing at the bank",
        facts::DepositState::Failed => came_back(&payout.status),
    };
    format!("{subject}: {held}, and {found}.")
}

fn at_stripe(payout: &Payout) -> Vec<Named> {
    let made = if payout.automatic { "automatic" } else { "manual" };
    let mut facts = vec![
        named("Created", format!("{} UTC", show::minute(payout.created_at))),
        named("Arrives on", payout.arrives_on.to_string()),
        named("Status", payout.status.as_str().replace('_', " ")),
        named("Made", format!("{made}, {}", payout.method)),
        named("Itemisation", payout.reconciliation_status.as_str().replace('_', " ")),
        named("Trace id", trace(payout)),
    ];
    facts.extend(payout.statement_descriptor.iter().map(|text| named("Descriptor", text)));
    facts.extend(payout.description.iter().map(|text| named("Description", text)));
    facts.extend(payout.destination.iter().map(|id| named("Destination", id.as_str()).id()));
    facts.extend(payout.failure_code.iter().map(|code| named("Failed because", code.replace('_', " "))));
    let own = payout.own_txn.iter().map(|txn| linked("Own transaction", txn.as_str(), Href::record("/txns", txn.as_str())).id());
    facts.extend(own);
    let back = payout.failure_txn.iter().map(|txn| linked("Put back by", txn.as_str(), Href::record("/txns", txn.as_str())).id());
    facts.extend(back);
    let original =
        payout.original_payout.iter().map(|id| linked("Takes back", id.as_str(), Href::record("/payouts", id.as_str())).id());
    facts.extend(original);
    let reversed =
        payout.reversed_by.iter().map(|id| linked("Taken back by", id.as_str(), Href::record("/payouts", id.as_str())).id());
    facts.extend(reversed);
    facts
}

fn trace(payout: &Payout) -> String {
    match &payout.trace_id {
        None => "Stripe names none".to_owned(),
        Some(trace) => match &trace.value {
            Some(value) => format!("{value} ({})", trace.status),
            None => format!("none yet ({})", trace.status),
        },
    }
}

fn proposed(store: &Store, payout: &Payout) -> Result<Option<Proposed>, Problem> {
    let proposal = unitemised::proposal(store, payout).map_err(|failure| Problem::Internal(failure.message))?;
    Ok(proposal.map(|proposal| {
        let ids = proposal.txns.as_deref().unwrap_or_default();
        let link = |id: &String| Link::words(Href::record("/txns", id), id.clone());
        Proposed {
            says: unitemised::words(&proposal, payout.amount.currency(), "transaction"),
            txns: ids.iter().take(PROPOSED_SHOWN).map(link).collect(),
            more: ids.len().saturating_sub(PROPOSED_SHOWN),
        }
    }))
}

fn composition(
    payout: &Payout,
    verdict: Option<&PayoutVerdict>,
    groups: &Groups,
    proposal: Option<Proposed>,
) -> CompositionShown {
    let currency = payout.amount.currency();
    let money = |minor: i64| show::grouped(minor, currency);
    let rows = groups.by_category.iter().map(|(category, group)| GroupRow {
        href: Href::to("/txns").with("payout", payout.id.as_str()).with("category", category).text(),
        word: category_word(category),
        count: group.count,
        gross: money(group.gross),
        fee: money(group.fee),
        net: money(group.net),
    });
    CompositionShown {
        chip: show::composition(verdict),
        says: composition_says(payout, verdict),
        proposal,
        groups: rows.collect(),
        gross: money(groups.sum.gross),
        fee: money(groups.sum.fee),
        net: money(groups.sum.net),
    }
}

fn composition_says(payout: &Payout, verdict: Option<&PayoutVerdict>) -> String {
    let Some(PayoutVerdict { composition, .. }) = verdict else { return "Not judged yet: run tieout reconcile.".to_owned() };
    let money = |minor: i64| Amount::new(minor, payout.amount.currency()).to_string();
    match composition.state {
        facts::CompositionState::Tied => {
            format!(
                "The sum of {} is the payout. Difference {}.",
                show::count(composition.txn_count, "transaction", "transactions"),
                money(0)
            )
        }
        facts::CompositionState::Gap => {
            format!(
                "The transactions sum to {}; {} is not explained.",
                money(composition.sum_net_minor),
                money(composition.difference_minor)
            )
        }
        facts::CompositionState::Unitemised if is_from_exports(payout) => {
            "No export names transactions of it: Stripe tells none of a manual or instant payout, and those of an automatic one \
             in the itemised report Payout reconciliation."
                .to_owned()
        }
        facts::CompositionState::Unitemised => {
            "Stripe does not say which transactions a manual or instant payout holds.".to_owned()
        }
        facts::CompositionState::Pending if is_from_exports(payout) => {
            "Exports name transactions of it that do not add up to it, and none of them is known to hold all.".to_owned()
        }
        facts::CompositionState::Pending => "Stripe is still making the list, or it was not read to its end yet.".to_owned(),
    }
}

fn deposit(verdict: Option<&PayoutVerdict>, bank_lines: &[BankLine], says: String) -> DepositShown {
    let lines = bank_lines.iter().map(|line| {
        let parts = verdict.iter().flat_map(|verdict| &verdict.deposit.allocations);
        let part = parts.clone().find(|part| part.bank_line == line.id).map(|part| part.allocated_minor);
        let shared = part.filter(|minor| *minor != line.amount.minor());
        LineShown {
            href: line_href(&line.id),
            reference: line_name(line),
            date_on: line.date_on.to_string(),
            amount: line.amount.into(),
            allocated: shared.map(|minor| Amount::new(minor, line.amount.currency()).into()),
            bank_account: line.bank_account.to_string(),
            description: line.description.clone(),
        }
    });
    DepositShown { chip: show::deposit(verdict), says, lines: lines.collect() }
}

fn deposit_says(store: &Store, payout: &Payout, verdict: Option<&PayoutVerdict>) -> Result<String, Problem> {
    let Some(PayoutVerdict { deposit, .. }) = verdict else { return Ok("Not judged yet: run tieout reconcile.".to_owned()) };
    let reach =
        deposit.covered_until_on.map_or_else(String::new, |until| format!("; its bank account's statements reach {until}"));
    Ok(match deposit.state {
        facts::DepositState::Matched | facts::DepositState::Proposed => {
            let difference = Amount::new(deposit.difference_minor, payout.amount.currency());
            let sure = deposit.probability_ppm.map(|ppm| format!(", {} certain", show::percent(ppm))).unwrap_or_default();
            let by = match deposit.decided_by {
                Some(facts::Decider::Rule) => " by a rule",
                Some(facts::Decider::Model) => " by its score",
                Some(facts::Decider::Person) => " by a person",
                None => "",
            };
            let word = if deposit.state == facts::DepositState::Matched { "Decided" } else { "Proposed" };
            format!("{word}{by}{sure}. Difference {difference}.")
        }
        facts::DepositState::Ambiguous => {
            "Nothing tells the rivals apart; they are listed below with what speaks for them.".to_owned()
        }
        facts::DepositState::Awaiting if deposit.covered_until_on.is_none() => why_awaited(store, payout)?,
        facts::DepositState::Awaiting => {
            format!("Due by {}{reach}. It reads missing only when statements reach past that day.", deposit.due_on)
        }
        facts::DepositState::Missing => format!("Was due by {}{reach}.", deposit.due_on),
        facts::DepositState::Failed => match payout.failure_txn {
            Some(_) => "The money is back on the Stripe balance; nothing is expected to stay here.".to_owned(),
            None => "Nothing is expected to stay here.".to_owned(),
        },
    })
}
