//! A match as `match list --json` prints it.

use facts::{Evidence, Match};
use serde::Serialize;
use serde_json::value::RawValue;

use super::{SubjectView, probability};

/// A decided or proposed link.
#[derive(Debug, Clone, Serialize)]
pub struct MatchView<'a> {
    /// Its id.
    pub id: &'a str,
    /// `deposit`, `record` or `batch`.
    pub kind: &'static str,
    /// `accepted`, `proposed`, `ambiguous`, `rejected` or `undone`.
    pub state: &'static str,
    /// `rule`, `model` or `person`; null where nothing is decided.
    pub decided_by: Option<&'static str>,
    /// Null where nothing is decided.
    pub probability: Option<Box<RawValue>>,
    /// Hundredths of natural log-odds.
    pub score: i32,
    /// How many other right sides could stand here.
    pub rivals: u32,
    /// The evidence that carries automation; null until a policy exists.
    pub certificate: Option<&'a str>,
    /// Whose payouts are on the left.
    pub account: &'a str,
    /// The currency of both sides.
    pub currency: String,
    /// Stripe's side.
    pub left: Vec<SubjectView<'a>>,
    /// The other side; for an ambiguous match every rival.
    pub right: Vec<SubjectView<'a>>,
    /// Found − expected.
    pub difference_minor: i64,
    /// Why, strongest first.
    pub evidence: Vec<EvidenceView<'a>>,
}

/// One finding and its weight.
#[derive(Debug, Clone, Serialize)]
pub struct EvidenceView<'a> {
    /// The kind of finding.
    pub name: &'a str,
    /// What was found, in a sentence.
    pub finding: &'a str,
    /// Hundredths of natural log-odds.
    pub weight: i32,
}

impl<'a> MatchView<'a> {
    /// The view of a match.
    #[must_use]
    pub fn of(link: &'a Match) -> Self {
        Self {
            id: link.id.as_str(),
            kind: link.kind.as_str(),
            state: link.state.as_str(),
            decided_by: link.decided_by.map(facts::Decider::as_str),
            probability: probability(link.probability_ppm),
            score: link.score,
            rivals: link.rivals,
            certificate: None,
            account: link.account.as_str(),
            currency: link.currency.to_string(),
            left: link.left.iter().map(SubjectView::of).collect(),
            right: link.right.iter().map(SubjectView::of).collect(),
            difference_minor: link.difference_minor,
            evidence: link.evidence.iter().map(EvidenceView::of).collect(),
        }
    }
}

impl<'a> EvidenceView<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        Self { name: &evidence.name, finding: &evidence.finding, weight: evidence.weight }
    }
}
