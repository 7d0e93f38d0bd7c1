//! Money that is missing, unexplained or about to be lost.

use alerts::{Condition, Rule};
use facts::{Class, Dispute, ExceptionCode};
use money::Amount;
use store::{ExceptionFilter, ExceptionRow, ExceptionState};

use super::{FINDINGS_MAX, Finding, Look, unread};
use crate::exit::Failure;

impl Look<'_> {
    /// Open true exceptions, each by the rule of its code; those without one by age or amount.
    pub(super) fn exceptions(&self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        for code in ExceptionCode::ALL.iter().copied().filter(|code| condition_of(*code) == rule.condition) {
            let limit = Some(FINDINGS_MAX as u64 + 1);
            let before_at = rule.age.and_then(|age| self.now.checked_sub(age).ok()).filter(|_| rule.at_least.is_none());
            let filter = ExceptionFilter {
                state: Some(ExceptionState::Open),
                code: Some(code),
                limit,
                before_at,
                ..ExceptionFilter::default()
            };
            let rows = self.store.exceptions(&filter).map_err(unread)?;
            found.extend(rows.iter().filter(|row| row.exception.class == Class::True && is_enough(row, rule)).map(finding));
        }
        Ok(found)
    }

    /// Disputes whose evidence is due soon and was not given.
    pub(super) fn due_disputes(&self, rule: &Rule) -> Result<Vec<Finding>, Failure> {
        let mut found = Vec::new();
        for (dispute, body) in self.store.disputes_to_answer().map_err(unread)? {
            let due = due_by(&body).filter(|due| rule.age.is_some_and(|age| due.duration_since(self.now) <= age));
            let Some(due) = due else { continue };
            found.push(dispute_due(&dispute, due));
        }
        Ok(found)
    }
}

/// By which rule an exception is told of.
const fn condition_of(code: ExceptionCode) -> Condition {
    match code {
        ExceptionCode::DepositMissing => Condition::DepositMissing,
        ExceptionCode::SettlementMissing => Condition::SettlementMissing,
        ExceptionCode::BalanceDrift | ExceptionCode::PayoutGap | ExceptionCode::DepositUnknown => Condition::MoneyUnexplained,
        _ => Condition::ExceptionOpen,
    }
}

fn is_enough(row: &ExceptionRow, rule: &Rule) -> bool {
    rule.at_least
        .as_ref()
        .is_none_or(|(least, currency)| row.exception.currency.as_str() == currency && row.exception.amount_minor >= *least)
}

fn finding(row: &ExceptionRow) -> Finding {
    let exception = &row.exception;
    let amount = i64::try_from(exception.amount_minor).ok().map(|minor| Amount::new(minor, exception.currency).to_string());
    let what = format!("{}: {}", exception.code.as_str(), exception.explanation);
    let link = format!("/exceptions/{}", exception.id);
    Finding { how_much: amount, ..Finding::bad(exception.id.to_string(), what, exception.remedy.clone()).at(link) }
}

/// When the evidence of a dispute is due, in Stripe's words: `evidence_details.due_by`, unix seconds.
fn due_by(body: &[u8]) -> Option<jiff::Timestamp> {
    let body: serde_json::Value = serde_json::from_slice(body).ok()?;
    jiff::Timestamp::from_second(body.get("evidence_details")?.get("due_by")?.as_i64()?).ok()
}

fn dispute_due(dispute: &Dispute, due: jiff::Timestamp) -> Finding {
    let what = format!("The evidence for the dispute {} ({}) is due on {due}", dispute.id, dispute.reason);
    let to_do = "answer it in Stripe's Dashboard; without an answer the money is lost";
    Finding { how_much: Some(dispute.amount.to_string()), ..Finding::bad(dispute.id.as_str(), what, to_do) }
}
