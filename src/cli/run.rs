//! `tieout run list|show`: each execution of a job, whoever asked for it.

use store::{RUN_JOBS, Run, RunFilter, RunId, RunState, RunTrigger, Store};

use super::narrow::words;
use super::{print, print_list};
use super::table::{Align, Table};
use super::talk::{fields, note, or_dash, unknown};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::run::RunView;

/// `tieout run`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Every run, the newest first: by a person, a schedule, the sync endpoint or a webhook
    List(List),
    /// All that is known of one
    Show {
        /// Its number
        #[arg(value_name = "RUN")]
        id: i64,
    },
}

#[derive(clap::Args, Debug)]
struct List {
    /// Only this job's
    #[arg(long, value_parser = words(RUN_JOBS, |job| job))]
    job: Option<&'static str>,
    /// Only those in this state
    #[arg(long, value_parser = words(&RunState::ALL, RunState::as_str))]
    state: Option<RunState>,
    /// Only those that were asked for so
    #[arg(long, value_parser = words(&RunTrigger::ALL, RunTrigger::as_str))]
    trigger: Option<RunTrigger>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
}

/// Runs it.
///
/// # Errors
/// No database, an unknown number, or a database that fails.
pub fn run(args: Args, config: &Config, _outside: &Outside) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    match args.verb {
        Verb::List(list) => list.run(&store, config),
        Verb::Show { id } => {
            let found = store.run(RunId(id)).map_err(store_failure)?;
            show(&found.ok_or_else(|| unknown("run", &id.to_string(), "tieout run list"))?, config)
        }
    }
}

impl List {
    fn run(&self, store: &Store, config: &Config) -> Result<Exit, Failure> {
        let filter = RunFilter {
            job: self.job.map(str::to_owned),
            state: self.state,
            trigger: self.trigger,
            before: None,
            limit: Some(self.limit),
        };
        let runs = store.runs_of(&filter).map_err(store_failure)?;
        if config.json {
            return print_list(&runs, RunView::of);
        }
        if runs.is_empty() {
            note(config, "no such run: what is scheduled shows in tieout schedule list");
        }
        table(&runs)
    }
}

fn table(runs: &[Run]) -> Result<Exit, Failure> {
    let mut table = Table::new(&[
        ("run", Align::Right),
        ("job", Align::Left),
        ("trigger", Align::Left),
        ("state", Align::Left),
        ("started", Align::Left),
        ("took", Align::Right),
        ("note", Align::Left),
    ]);
    for run in runs {
        let view = RunView::of(run);
        table.row([
            run.id.0.to_string(),
            run.job.clone(),
            or_dash(view.trigger),
            view.state.to_owned(),
            run.started_at.strftime("%Y-%m-%d %H:%MZ").to_string(),
            or_dash(view.took().as_deref()),
            view.note(),
        ]);
    }
    print(|output| Ok(table.write(output)?))
}

fn show(run: &Run, config: &Config) -> Result<Exit, Failure> {
    let view = RunView::of(run);
    if config.json {
        return print(|output| Ok(output.json(&view)?));
    }
    let rows = [
        ("run", run.id.0.to_string()),
        ("job", run.job.clone()),
        ("trigger", or_dash(view.trigger)),
        ("state", view.state.to_owned()),
        ("started at", run.started_at.to_string()),
        ("ended at", or_dash(run.ended_at.map(|at| at.to_string()).as_deref())),
        ("took", or_dash(view.took().as_deref())),
        ("summary", run.summary.clone()),
    ];
    print(|output| Ok(fields(output, &rows)?))
}
