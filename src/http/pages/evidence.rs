//! Why a deposit is thought to be one: findings, weights, rivals.

use facts::{Match, MatchState, PayoutId, Subject};
use store::Store;

use crate::http::parts::{Link, line_href, line_name, payout_link};
use crate::http::problem::Problem;
use crate::http::show;

/// More rivals than this help nobody to decide.
const CANDIDATES_SHOWN: usize = 20;

/// How to read the numbers of a match without rivals.
const WEIGHTS_SAY: &str = "positive weights speak for it, negative ones against";

/// A match as pages show it.
pub struct MatchShown {
    /// What is weighed here.
    pub title: String,
    /// Who decided and how sure that is.
    pub says: String,
    /// Strongest first.
    pub evidence: Vec<Finding>,
    /// How the weights are read, and what else could stand here.
    pub rivals: String,
    /// The weights' sum.
    pub score: String,
    /// What the list below is of.
    pub candidates_title: &'static str,
    /// What shares the match or rivals it.
    pub candidates: Vec<Candidate>,
}

/// One that shares the match or rivals it.
pub struct Candidate {
    /// It.
    pub link: Link,
    /// Those that it could belong to as well.
    pub also: Vec<Link>,
}

impl From<Link> for Candidate {
    fn from(link: Link) -> Self {
        Self { link, also: Vec::new() }
    }
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
    /// Seen from a payout. What is decided stands in full elsewhere on its page; here are the lines that it could be, each
    /// with the payouts that it could be instead, or the payouts that share its lines.
    pub fn for_payout(store: &Store, found: &Match, payout: &PayoutId) -> Result<Self, Problem> {
        let ambiguous = found.state == MatchState::Ambiguous;
        let title = match found.state {
            MatchState::Accepted => "Why this is the deposit",
            MatchState::Proposed => "Why this may be the deposit",
            _ => "What speaks for each of these lines",
        };
        if ambiguous {
            let lines = found.right.iter().take(CANDIDATES_SHOWN);
            let rivals = lines.map(|line| rival_line(store, line, payout)).collect::<Result<_, _>>()?;
            return Ok(Self::new(found, title.to_owned(), "Bank lines that could be it", rivals));
        }
        let others = found.left.iter().filter(|subject| subject.id != payout.as_str()).take(CANDIDATES_SHOWN);
        let others = others.map(|subject| payout_of(store, subject).map(Candidate::from)).collect::<Result<_, _>>()?;
        Ok(Self::new(found, title.to_owned(), "Decided together with these payouts", others))
    }

    /// Seen from a bank line: the payouts that it could be, unless they are decided and stand elsewhere on its page.
    pub fn for_bank_line(store: &Store, found: &Match) -> Result<Self, Problem> {
        let ambiguous = found.state == MatchState::Ambiguous;
        let title = match found.state {
            MatchState::Accepted => "Why this is the deposit".to_owned(),
            MatchState::Proposed => "Why this may be the deposit".to_owned(),
            _ => format!("Why this could be {}", found.left.first().map(|subject| subject.id.as_str()).unwrap_or_default()),
        };
        let payouts = found.left.iter().filter(|_| ambiguous).take(CANDIDATES_SHOWN);
        let payouts = payouts.map(|subject| payout_of(store, subject).map(Candidate::from)).collect::<Result<_, _>>()?;
        Ok(Self::new(found, title, "Could be the deposit of", payouts))
    }

    fn new(found: &Match, title: String, candidates_title: &'static str, candidates: Vec<Candidate>) -> Self {
        let findings = found.evidence.iter().map(|evidence| Finding {
            name: name(&evidence.name),
            finding: evidence.finding.clone(),
            weight: show::weight(evidence.weight),
        });
        Self {
            title,
            says: says(found),
            evidence: findings.collect(),
            rivals: match found.rivals {
                0 => WEIGHTS_SAY.to_owned(),
                rivals => format!("{} could stand here too", show::count(u64::from(rivals), "rival", "rivals")),
            },
            score: show::weight(found.score),
            candidates_title,
            candidates,
        }
    }
}

/// A line that a payout could be, with the other payouts that it could be.
fn rival_line(store: &Store, line: &Subject, payout: &PayoutId) -> Result<Candidate, Problem> {
    let Some(row) = store.bank_line(&line.id)? else { return Ok(Link::subject(line).into()) };
    let note = format!("{} \u{b7} {} \u{b7} {}", row.line.date_on, row.line.amount, row.line.bank_account);
    let mut others: Vec<&Subject> = row.matches.iter().flat_map(|found| &found.left).collect();
    others.retain(|subject| subject.id != payout.as_str());
    others.sort_unstable();
    others.dedup();
    let also = others.into_iter().take(CANDIDATES_SHOWN).map(|subject| payout_of(store, subject));
    Ok(Candidate {
        link: Link::words(line_href(&row.line.id), line_name(&row.line)).note(note),
        also: also.collect::<Result<_, _>>()?,
    })
}

fn payout_of(store: &Store, subject: &Subject) -> Result<Link, Problem> {
    let row = store.payout(&subject.id)?;
    Ok(row.map_or_else(|| Link::subject(subject), |row| payout_link(&row.payout)))
}

/// A finding's kind in the words of people who do not write rules.
fn name(kind: &str) -> String {
    let word = match kind {
        "trace" => "Trace id",
        "reference" => "Reference",
        "amount" => "Amount",
        "date" => "Day",
        "descriptor" => "Bank's wording",
        "rivals" => "Rivals",
        "group" => "Equal ones",
        "prior" => "Before any evidence",
        other => return other.replace('_', " "),
    };
    word.to_owned()
}

fn says(found: &Match) -> String {
    let by = match found.decided_by {
        Some(facts::Decider::Rule) => " by a rule",
        Some(facts::Decider::Model) => " by its score",
        Some(facts::Decider::Person) => " by a person",
        None => "",
    };
    let sure = found.probability_ppm.map(|ppm| format!(", {} certain", show::percent(ppm))).unwrap_or_default();
    format!("{}{by}{sure}", show::match_state(found.state).word)
}
