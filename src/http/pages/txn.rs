//! `/txns/{id}`: one movement of a Stripe balance and the object behind it.

use facts::{Charge, Dispute, Refund, TxnStatus};
use money::Amount;
use store::{Store, TxnRow};

use super::Answer;
use super::exception::{Record, Sheet};
use super::txns::conversion;
use super::waterfall::category_word;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::link::Href;
use crate::http::parts::{Link, Named, linked, name_of, named, some_accounts};
use crate::http::problem::Problem;
use crate::http::show::{self, chip};

/// The page.
pub fn page(store: &Store, ask: &Ask) -> Result<Answer, Problem> {
    let missing = || Problem::NotFound { noun: "transaction", id: ask.id.clone() };
    let row = store.txn(&ask.id)?.ok_or_else(missing)?;
    let txn = &row.txn;
    let accounts = some_accounts(store, [&txn.account])?;
    let net = Amount::new(txn.net_minor, txn.amount.currency());
    let whose = name_of(&txn.account, &accounts);
    let mut sheets = vec![money(&row), times(&row, whose.clone())];
    sheets.extend(source(store, &row)?);
    let page = Record {
        frame: Frame::new(ask, format!("Transaction {}", txn.id), "/txns"),
        crumb: Link::words("/txns", "Transactions"),
        noun: "Transaction",
        id: txn.id.to_string(),
        chip: Some(match &txn.status {
            TxnStatus::Available => chip("off", "tick", "Available"),
            TxnStatus::Pending => chip("wait", "clock", "Pending"),
            TxnStatus::Unknown(_) => chip("off", "question", "Unknown state"),
        }),
        sentence: format!("{net} net on the balance of {whose}, counted under {}.", category_word(&txn.reporting_category)),
        remedy: None,
        exceptions: Vec::new(),
        sheets,
        matches: Vec::new(),
    };
    page.answer()
}

fn money(row: &TxnRow) -> Sheet {
    let txn = &row.txn;
    let amount = |minor: i64| Amount::new(minor, txn.amount.currency()).to_string();
    let mut facts = vec![
        named("Gross", amount(txn.amount.minor())),
        named("Fee", amount(txn.fee_minor)),
        named("Net", amount(txn.net_minor)),
    ];
    facts.extend(conversion(row).map(|text| named("Charged", text)));
    facts.push(match &row.payout {
        Some(payout) => linked("Payout", payout.as_str(), Href::record("/payouts", payout.as_str())).id(),
        None => named("Payout", "in none that Stripe has listed"),
    });
    Sheet { title: "Money", facts }
}

fn times(row: &TxnRow, whose: String) -> Sheet {
    let txn = &row.txn;
    let mut facts = vec![
        linked("Account", whose, Href::to("/txns").with("account", txn.account.as_str()).text()),
        named("Type", &txn.kind),
        named("Category", &txn.reporting_category),
        named("Created", format!("{} UTC", show::minute(txn.created_at))),
        named("Available on", txn.available_on.to_string()),
        named("Balance", &txn.balance_type),
    ];
    facts.extend(txn.description.iter().map(|text| named("Description", text)));
    Sheet { title: "At Stripe", facts }
}

/// The object that caused the txn, where it was read.
fn source(store: &Store, row: &TxnRow) -> Result<Option<Sheet>, Problem> {
    let Some(source) = &row.txn.source else { return Ok(None) };
    if let Some(charge) = store.charge(&source.id)? {
        return Ok(Some(charge_sheet(&charge)));
    }
    if let Some(refund) = store.refund(&source.id)? {
        return Ok(Some(refund_sheet(&refund)));
    }
    if let Some(dispute) = store.dispute(&source.id)? {
        return Ok(Some(dispute_sheet(&dispute)));
    }
    let href = if store.payout(&source.id)?.is_some() { Some(Href::record("/payouts", &source.id)) } else { None };
    Ok(Some(Sheet { title: "Source", facts: vec![Named { href, ..named("Id", &source.id).id() }] }))
}

fn charge_sheet(charge: &Charge) -> Sheet {
    let mut facts = vec![
        siblings("Id", charge.id.as_str()),
        named("Charged", charge.amount.to_string()),
        named("Refunded", Amount::new(charge.refunded_minor, charge.amount.currency()).to_string()),
        named("Status", &charge.status),
        named("Created", format!("{} UTC", show::minute(charge.created_at))),
        named("Disputed", if charge.disputed { "yes" } else { "no" }),
    ];
    facts.extend(charge.payment_method.iter().map(|method| named("Method", method.replace('_', " "))));
    facts.extend(charge.payment_intent.iter().map(|id| named("Payment intent", id).id()));
    facts.extend(charge.customer.iter().map(|id| named("Customer", id).id()));
    facts.extend(charge.description.iter().map(|text| named("Description", text)));
    facts.extend(charge.metadata.iter().map(|(name, value)| named(name, value)));
    Sheet { title: "Charge", facts }
}

fn refund_sheet(refund: &Refund) -> Sheet {
    let mut facts = vec![siblings("Id", refund.id.as_str()), named("Refunded", refund.amount.to_string())];
    facts.extend(refund.reason.iter().map(|reason| named("Reason", reason.replace('_', " "))));
    facts.extend(refund.status.iter().map(|status| named("Status", status.replace('_', " "))));
    facts.push(named("Created", format!("{} UTC", show::minute(refund.created_at))));
    facts.extend(refund.charge.iter().map(|charge| siblings("Of charge", charge.as_str())));
    facts.extend(refund.metadata.iter().map(|(name, value)| named(name, value)));
    Sheet { title: "Refund", facts }
}

fn dispute_sheet(dispute: &Dispute) -> Sheet {
    let facts = vec![
        siblings("Id", dispute.id.as_str()),
        named("Disputed", dispute.amount.to_string()),
        named("Reason", dispute.reason.replace('_', " ")),
        named("Status", dispute.status.replace('_', " ")),
        named("Opened", format!("{} UTC", show::minute(dispute.created_at))),
        siblings("Charge", dispute.charge.as_str()),
    ];
    Sheet { title: "Dispute", facts }
}

/// Every txn of one object of Stripe's.
fn siblings(name: &str, id: &str) -> Named {
    linked(name, id, Href::to("/txns").with("source", id).text()).id()
}
