//! `tieout refusal list`

use facts::RefusalCause;
use store::{RefusalFilter, Store};

use super::narrow::{Narrow, words};
use super::{print, print_list};
use super::table::{Align, Table};
use super::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::refusal::RefusalView;

/// `tieout refusal`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every object that could not be taken; --from and --to are the days on which it was first refused
    List(List),
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only those for this cause
    #[arg(long, value_parser = words(RefusalCause::ALL, RefusalCause::as_str))]
    cause: Option<RefusalCause>,
    #[command(flatten)]
    narrow: Narrow,
}

const NOTHING: &str = "nothing is refused: every object that was read could be taken";

/// Runs it.
///
/// # Errors
/// No database, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let Verb::List(list) = args.verb;
    list.run(&load::open(config)?, config)
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let (from_at, before_at) = self.narrow.days.instants(&load::zone(config, store)?)?;
        let filter = RefusalFilter {
            account: self.narrow.account.clone(),
            cause: self.cause,
            from_at,
            before_at,
            limit: self.narrow.days.limit,
        };
        let rows = store.refusals(&filter).map_err(store_failure)?;
        if config.json {
            return print_list(&rows, RefusalView::of);
        }
        if rows.is_empty() {
            let any = store.refusals(&RefusalFilter { limit: Some(1), ..RefusalFilter::default() }).map_err(store_failure)?;
            note(config, if any.is_empty() { NOTHING } else { "no refused object matches; those of before dates were noted have none" });
        }
        let columns = ["account", "kind", "object", "cause", "since", "run", "request", "reason", "remedy"];
        let mut table = Table::new(&columns.map(|name| (name, Align::Left)));
        rows.iter().for_each(|row| table.row(cells(&RefusalView::of(row))));
        print(|output| Ok(table.write(output)?))
    }
}

fn cells(view: &RefusalView<'_>) -> [String; 9] {
    [
        view.account.to_owned(),
        view.kind.to_owned(),
        view.object_id.to_owned(),
        view.cause.to_owned(),
        or_dash(view.since_at.map(|at| at.to_string()).as_deref()),
        or_dash(view.run.map(|run| run.to_string()).as_deref()),
        or_dash(view.request_id),
        view.reason.to_owned(),
        view.remedy.to_owned(),
    ]
}
