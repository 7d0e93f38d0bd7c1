//! `tieout match list|show|explain`

use std::collections::BTreeSet;

use facts::{Match, MatchState};
use money::Amount;
use store::{MatchFilter, PayoutFilter, Store};

use super::narrow::{Narrow, words};
use super::{print, print_list};
use super::table::{Align, Table};
use super::talk::{explanation, fields, note, or_dash, unknown};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::match_::MatchView;
use crate::views::probability_text;

/// `tieout match`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every match, newest decisions last; --from and --to are the days on which its payouts arrive
    List(List),
    /// All that is known of one
    Show {
        /// The match's id
        id: String,
    },
    /// Why it is one, in words
    Explain {
        /// The match's id
        id: String,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those in this state
    #[arg(long, value_parser = words(MatchState::ALL, MatchState::as_str))]
    state: Option<MatchState>,
    #[command(flatten)]
    narrow: Narrow,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown id, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    let find = |id: &str| store.match_(id).map_err(store_failure)?.ok_or_else(|| unknown("match", id, "tieout match list"));
    match args.verb {
        Verb::List(list) => list.run(&store, config),
        Verb::Show { id } => show(&find(&id)?, config),
        Verb::Explain { id } => explanation(config, &id, &sentences(&find(&id)?)),
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let matches = self.matches(store)?;
        if config.json {
            return print_list(&matches, MatchView::of);
        }
        if matches.is_empty() {
            note(
                config,
                "no matches: tieout reconcile finds them, once tieout sync and tieout import bank have brought both sides",
            );
        }
        let mut table = Table::new(&[
            ("id", Align::Left),
            ("state", Align::Left),
            ("decided by", Align::Left),
            ("score", Align::Right),
            ("difference", Align::Right),
            ("payouts", Align::Left),
            ("bank lines", Align::Left),
        ]);
        matches.iter().for_each(|link| table.row(row(link)));
        print(|output| Ok(table.write(output)?))
    }

    fn matches(&self, store: &Store) -> Result<Vec<Match>, Failure> {
        let days = &self.narrow.days;
        let limit = if days.from.is_none() && days.to.is_none() { days.limit } else { None };
        let filter = MatchFilter { state: self.state, account: self.narrow.account.clone(), limit, ..MatchFilter::default() };
        let mut matches = store.matches(&filter).map_err(store_failure)?;
        if days.from.is_some() || days.to.is_some() {
            let arriving = PayoutFilter { from_on: days.from, to_on: days.to, ..PayoutFilter::default() };
            let rows = store.payouts(&arriving).map_err(store_failure)?;
            let ids: BTreeSet<&str> = rows.iter().map(|row| row.payout.id.as_str()).collect();
            matches.retain(|link| link.left.iter().any(|subject| ids.contains(subject.id.as_str())));
            matches.truncate(days.limit.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(usize::MAX));
        }
        Ok(matches)
    }
}

fn row(link: &Match) -> [String; 7] {
    let ids = |subjects: &[facts::Subject]| subjects.iter().map(|subject| subject.id.as_str()).collect::<Vec<_>>().join(" ");
    [
        link.id.to_string(),
        link.state.as_str().to_owned(),
        or_dash(link.decided_by.map(facts::Decider::as_str)),
        link.score.to_string(),
        Amount::new(link.difference_minor, link.currency).to_string(),
        ids(&link.left),
        ids(&link.right),
    ]
}

fn show(link: &Match, config: &Config) -> Result<Exit, Failure> {
    if config.json {
        return print(|output| Ok(output.json(&MatchView::of(link))?));
    }
    let [id, state, decided_by, score, difference, left, right] = row(link);
    let rows = [
        ("id", id),
        ("kind", link.kind.as_str().to_owned()),
        ("state", state),
        ("account", link.account.to_string()),
        ("decided by", decided_by),
        ("probability", or_dash(link.probability_ppm.map(probability_text).as_deref())),
        ("score", score),
        ("rivals", link.rivals.to_string()),
        ("difference", difference),
        ("payouts", left),
        ("bank lines", right),
    ];
    print(|output| {
        fields(output, &rows)?;
        Ok(evidence(link).write(output)?)
    })
}

/// The findings with their weights, which sum to the score.
pub fn evidence(link: &Match) -> Table {
    let mut table = Table::new(&[("weight", Align::Right), ("evidence", Align::Left), ("finding", Align::Left)]);
    for finding in &link.evidence {
        table.row([finding.weight.to_string(), finding.name.clone(), finding.finding.clone()]);
    }
    table.row([
        link.score.to_string(),
        "score".to_owned(),
        "the sum of the weights, in hundredths of natural log-odds".to_owned(),
    ]);
    table
}

/// What was matched with what, why, and what to do.
pub fn sentences(link: &Match) -> Vec<String> {
    let ids = |subjects: &[facts::Subject]| {
        subjects.iter().map(|subject| format!("{} {}", noun(subject.kind), subject.id)).collect::<Vec<_>>()
    };
    let (left, right) = (ids(&link.left).join(" and "), ids(&link.right));
    let mut told = vec![match link.state {
        MatchState::Accepted => format!("{left} arrived in {}{}.", right.join(" and "), decided(link)),
        MatchState::Proposed => format!("{left} probably arrived in {}; a person should confirm it.", right.join(" and ")),
        MatchState::Ambiguous => {
            format!("{left} could have arrived in any of {}, and nothing tells them apart.", right.join(", "))
        }
        MatchState::Rejected => format!("A person said that {left} did not arrive in {}.", right.join(" and ")),
        MatchState::Undone => format!("{left} was matched to {}, and a person took it back.", right.join(" and ")),
    }];
    if link.difference_minor != 0 {
        let difference = Amount::new(link.difference_minor, link.currency);
        told.push(format!("The bank shows a difference of {difference} (found less expected)."));
    }
    for finding in &link.evidence {
        told.push(format!("  {:>6}  {}: {}", finding.weight, finding.name, finding.finding));
    }
    told.push(format!("  {:>6}  is the score, the sum of these weights; {} other candidates.", link.score, link.rivals));
    told
}

fn decided(link: &Match) -> String {
    link.decided_by.map_or_else(String::new, |decider| match decider {
        facts::Decider::Rule => ", decided by rule: the evidence is proof".to_owned(),
        facts::Decider::Model => ", decided by the model".to_owned(),
        facts::Decider::Person => ", decided by a person".to_owned(),
    })
}

fn noun(kind: &str) -> String {
    kind.replace('_', " ")
}
