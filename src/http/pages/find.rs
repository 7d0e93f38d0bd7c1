//! `/find`: any id leads to its page; any other text to the list that holds it.

use facts::{AccountId, ExceptionCode};
use store::{BankLineFilter, PayoutFilter, Store};

use super::Answer;
use crate::http::ask::Ask;
use crate::http::link::Href;
use crate::http::problem::Problem;

/// Where the text leads.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let Some(text) = ask.query.get("q") else { return Ok(Answer::Elsewhere("/".to_owned())) };
    let found = match by_id(store, text)? {
        Some(href) => Some(href),
        None => by_text(store, text)?,
    };
    let missing = || Problem::NotFound { noun: "record", id: text.chars().take(80).collect() };
    found.map(Answer::Elsewhere).ok_or_else(missing)
}

/// Ids first, whatever their prefix.
fn by_id(store: &Store, id: &str) -> Result<Option<String>, Problem> {
    if store.payout(id)?.is_some() {
        return Ok(Some(Href::record("/payouts", id)));
    }
    if store.txn(id)?.is_some() {
        return Ok(Some(Href::record("/txns", id)));
    }
    if store.bank_line(id)?.is_some() {
        return Ok(Some(Href::record("/bank-lines", id)));
    }
    if store.exception(id)?.is_some() {
        return Ok(Some(Href::record("/exceptions", id)));
    }
    if let Some(found) = store.match_(id)? {
        return Ok(found.left.first().map(|subject| crate::http::parts::Link::subject(subject).href));
    }
    by_source(store, id)
}

/// Charges, refunds and disputes have no page of their own: their txn's shows them. Several txns are a list.
fn by_source(store: &Store, id: &str) -> Result<Option<String>, Problem> {
    let txns = if let Some(charge) = store.charge(id)? {
        charge.txn.into_iter().collect()
    } else if let Some(refund) = store.refund(id)? {
        refund.txn.into_iter().collect()
    } else if let Some(dispute) = store.dispute(id)? {
        dispute.txns
    } else {
        return by_account(store, id);
    };
    Ok(Some(match txns.as_slice() {
        [txn] => Href::record("/txns", txn.as_str()),
        _ => Href::to("/txns").with("source", id).text(),
    }))
}

fn by_account(store: &Store, id: &str) -> Result<Option<String>, Problem> {
    if let Ok(account) = AccountId::parse(id)
        && store.account(&account)?.is_some()
    {
        return Ok(Some(Href::to("/payouts").with("account", id).text()));
    }
    Ok(ExceptionCode::from_word(id).map(|code| Href::to("/exceptions").with("code", code.as_str()).text()))
}

/// Trace ids and descriptors of payouts, then whatever the bank wrote.
fn by_text(store: &Store, text: &str) -> Result<Option<String>, Problem> {
    let payouts = PayoutFilter { search: Some(text.to_owned()), limit: Some(1), ..PayoutFilter::default() };
    if !store.payouts(&payouts)?.is_empty() {
        return Ok(Some(Href::to("/payouts").with("text", text).text()));
    }
    let lines = BankLineFilter { search: Some(text.to_owned()), limit: Some(1), ..BankLineFilter::default() };
    Ok((!store.bank_lines(&lines)?.is_empty()).then(|| Href::to("/bank-lines").with("text", text).text()))
}
