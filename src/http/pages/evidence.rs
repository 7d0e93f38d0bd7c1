//! Why a deposit is thought to be one: findings, weights, rivals.

use facts::{Match, MatchState};
use money::Amount;
use store::Store;

use crate::http::parts::{Link, line_href, line_name};
use crate::http::problem::Problem;
use crate::http::show;

/// More rivals than this help nobody to decide.
const CANDIDATES_SHOWN: usize = 20;

/// A match as pages show it.
pub struct MatchShown {
    /// Whether it is in force.
    pub decided: bool,
    /// Who decided and how sure that is.
    pub says: String,
    /// Strongest first.
    pub evidence: Vec<Finding>,
    /// What else could stand here.
    pub rivals: String,
    /// The weights' sum.
    pub score: String,
    /// What the members on the other side are called here.
    pub candidates_title: &'static str,
    /// The members on the other side.
    pub candidates: Vec<Link>,
}

/// One finding.
pub struct Finding {
    /// Its kind.
    pub name: String,
    /// In a sentence.
    pub finding: String,
    /// Signed.
    pub weight: String,
}

impl MatchShown {
    /// Seen from a payout: the bank lines are the other side. A single line is shown in full elsewhere on its page.
    pub fn for_payout(store: &Store, found: &Match) -> Result<Self, Problem> {
        let ambiguous = found.state == MatchState::Ambiguous;
        let title = if ambiguous { "Bank lines that could each be it" } else { "Bank lines" };
        let mut candidates = Vec::new();
        for subject in found.right.iter().filter(|_| ambiguous || found.right.len() > 1).take(CANDIDATES_SHOWN) {
            candidates.push(match store.bank_line(&subject.id)? {
                Some(row) => Link::words(line_href(&row.line.id), line_name(&row.line))
                    .note(format!("{} · {} · {}", row.line.date_on, row.line.amount, row.line.bank_account)),
                None => Link::subject(subject),
            });
        }
        Ok(Self::new(found, title, candidates))
    }

    /// Seen from a bank line: the payouts are the other side.
    pub fn for_bank_line(found: &Match) -> Self {
        let title = if found.left.len() > 1 { "Payouts in this line" } else { "Payout" };
        Self::new(found, title, found.left.iter().take(CANDIDATES_SHOWN).map(Link::subject).collect())
    }

    fn new(found: &Match, candidates_title: &'static str, candidates: Vec<Link>) -> Self {
        let findings = found.evidence.iter().map(|evidence| Finding {
            name: evidence.name.replace('_', " "),
            finding: evidence.finding.clone(),
            weight: show::weight(evidence.weight),
        });
        Self {
            decided: found.state == MatchState::Accepted,
            says: says(found),
            evidence: findings.collect(),
            rivals: match found.rivals {
                0 => "nothing else could stand here".to_owned(),
                rivals => format!("{} could stand here too", show::count(u64::from(rivals), "rival", "rivals")),
            },
            score: show::weight(found.score),
            candidates_title,
            candidates,
        }
    }
}

fn says(found: &Match) -> String {
    let by = match found.decided_by {
        Some(facts::Decider::Rule) => " by rule",
        Some(facts::Decider::Model) => " by model",
        Some(facts::Decider::Person) => " by a person",
        None => "",
    };
    let sure = found.probability_ppm.map(|ppm| format!(", {} certain", show::percent(ppm))).unwrap_or_default();
    let difference = match found.difference_minor {
        0 => ", difference 0".to_owned(),
        minor => format!(", difference {}", Amount::new(minor, found.currency)),
    };
    format!("{}{by}{sure}{difference}", show::match_state(found.state).word)
}
