//! An exception as `exception list --json` prints it.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use store::ExceptionRow;

use super::SubjectView;

/// A disagreement that a person may have to look at.
#[derive(Debug, Clone, Serialize)]
pub struct ExceptionView<'a> {
    /// Its id.
    pub id: &'a str,
    /// What kind of disagreement.
    pub code: &'static str,
    /// `expected` or `true`.
    pub class: &'static str,
    /// Null until a model exists.
    pub probability: Option<Box<RawValue>>,
    /// Whose; null for money that cannot be laid to one account.
    pub account: Option<&'a str>,
    /// The currency of `amount_minor`.
    pub currency: String,
    /// How much is in question, unsigned.
    pub amount_minor: u64,
    /// What it is about.
    pub subjects: Vec<SubjectView<'a>>,
    /// The as-of instant of the run that first found it.
    pub opened_at: Timestamp,
    /// When it went away; null while open.
    pub resolved_at: Option<Timestamp>,
    /// `open` or `resolved`.
    pub state: &'static str,
    /// What was expected, what was seen.
    pub explanation: &'a str,
    /// What to do about it.
    pub remedy: &'a str,
}

impl<'a> ExceptionView<'a> {
    /// The view of an exception.
    #[must_use]
    pub fn of(row: &'a ExceptionRow) -> Self {
        let exception = &row.exception;
        Self {
            id: exception.id.as_str(),
            code: exception.code.as_str(),
            class: exception.class.as_str(),
            probability: None,
            account: exception.account.as_ref().map(facts::AccountId::as_str),
            currency: exception.currency.to_string(),
            amount_minor: exception.amount_minor,
            subjects: exception.subjects.iter().map(SubjectView::of).collect(),
            opened_at: row.opened_at,
            resolved_at: row.resolved_at,
            state: row.state.as_str(),
            explanation: &exception.explanation,
            remedy: &exception.remedy,
        }
    }
}
