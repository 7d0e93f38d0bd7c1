//! `tieout schedule history|cancel|retry`: what was run.

use std::io::Write;

use store::{Measured, ScheduledRunFilter, ScheduledRun, Store, StoreError};

use super::{absent, asked};
use crate::cli::{Output, print, print_list};
use crate::cli::table::{Align, Table};
use crate::cli::talk::{note, or_dash};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};
use crate::views::schedule::ScheduledRunView;

/// `tieout schedule history`
#[derive(clap::Args, Debug)]
pub struct History {
    /// Only this schedule's; a number names one run, with each try
    #[arg(value_name = "NAME|RUN")]
    of: Option<String>,
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50)]
    limit: u64,
}

/// One run, by its number.
#[derive(clap::Args, Debug)]
pub struct Numbered {
    /// Its number, as tieout schedule history shows it
    #[arg(value_name = "RUN")]
    id: i64,
}

impl History {
    /// Shows it.
    ///
    /// # Errors
    /// No database, no such schedule or run, or a database that fails.
    pub fn run(&self, config: &Config) -> Result<Exit, Failure> {
        let store = load::open(config)?;
        if let Some(id) = self.of.as_deref().and_then(|of| of.parse().ok()) {
            let run = store.scheduled_run(id).map_err(store_failure)?.ok_or_else(|| no_run(id))?;
            return one(config, &store, &run);
        }
        let filter = ScheduledRunFilter { schedule: self.of.clone(), limit: Some(self.limit), before: None };
        let runs = store.scheduled_runs(&filter).map_err(store_failure)?;
        if let (Some(name), true) = (&self.of, runs.is_empty())
            && store.schedule(name).map_err(store_failure)?.is_none()
        {
            return Err(absent(name));
        }
        if config.json {
            return print_list(&runs, ScheduledRunView::of);
        }
        if runs.is_empty() {
            note(config, "nothing was run yet");
        }
        table(&runs)
    }
}

fn table(runs: &[ScheduledRun]) -> Result<Exit, Failure> {
    let mut table = Table::new(&[
        ("run", Align::Right),
        ("schedule", Align::Left),
        ("trigger", Align::Left),
        ("due", Align::Left),
        ("state", Align::Left),
        ("tries", Align::Right),
        ("took", Align::Right),
        ("volume", Align::Right),
        ("note", Align::Left),
    ]);
    for run in runs {
        let view = ScheduledRunView::of(run);
        table.row([
            run.id.to_string(),
            run.schedule.clone(),
            run.trigger.as_str().to_owned(),
            run.due_at.strftime("%Y-%m-%d %H:%MZ").to_string(),
            run.state.as_str().to_owned(),
            run.attempts.to_string(),
            or_dash(view.took().as_deref()),
            or_dash(run.volume.map(|volume| volume.to_string()).as_deref()),
            view.note(),
        ]);
    }
    print(|output| Ok(table.write(output)?))
}

/// One run with its tries.
fn one(config: &Config, store: &Store, run: &ScheduledRun) -> Result<Exit, Failure> {
    let tries = store.scheduled_tries(run.id).map_err(store_failure)?;
    let view = ScheduledRunView::of(run).with_tries(&tries);
    if config.json {
        return print(|output| Ok(output.json(&view)?));
    }
    print(|output| {
        writeln!(output, "Run {} of '{}': {}, due {}, by {}.", run.id, run.schedule, run.state.as_str(), run.due_at, run.trigger.as_str())?;
        if let Some(again) = run.repeats {
            writeln!(output, "It does once more what run {again} was to do.")?;
        }
        writeln!(output, "Job {}", run.job)?;
        for tried in &tries {
            let took = tried.ended_at.map_or_else(|| "goes on".to_owned(), |ended| format!("until {ended}"));
            writeln!(output, "Try {}: {} from {} {took}, version {}.", tried.number, tried.state, tried.started_at, tried.version)?;
            if let Some(error) = &tried.error {
                writeln!(output, "  {error}")?;
            }
            measured(output, &tried.measured)?;
        }
        writeln!(output, "Summary {}", run.summary)?;
        Ok(())
    })
}

/// What a try took in and gave out, as far as its job could tell.
fn measured(output: &mut Output, measured: &Measured) -> std::io::Result<()> {
    let Measured { requests, bytes, changed, input_hash, output_hash, log } = measured;
    let counts = [("requests", requests), ("bytes", bytes), ("changed", changed)];
    let counts = counts.iter().filter_map(|(name, number)| Some(format!("{name} {}", number.as_ref()?)));
    let hashes = [("input", input_hash), ("output", output_hash)];
    let hashes = hashes.iter().filter_map(|(name, hash)| Some(format!("{name} {}", hash.as_ref()?)));
    let told: Vec<String> = counts.chain(hashes).collect();
    if !told.is_empty() {
        writeln!(output, "  {}", told.join(", "))?;
    }
    log.lines().try_for_each(|line| writeln!(output, "  | {line}"))
}

impl Numbered {
    /// Calls it off.
    ///
    /// # Errors
    /// No database, no such run that is not over, or a database that fails.
    pub fn cancel(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        self.write(config, outside)?.cancel_scheduled(self.id, outside.now()).map_err(|error| self.failed(error, "is over"))?;
        note(config, &format!("run {} is called off; what it has read stays", self.id));
        Ok(Exit::Fine)
    }

    /// Asks for one that does the same.
    ///
    /// # Errors
    /// No database, no such run that is over, or a database that fails.
    pub fn retry(&self, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
        let id = self.write(config, outside)?.repeat_run(self.id, outside.now()).map_err(|error| self.failed(error, "is not over"))?;
        asked(config, id)
    }

    fn write(&self, config: &Config, outside: &Outside) -> Result<Store, Failure> {
        // Neither makes a database, nor answers for a run that there never was.
        load::open(config)?.scheduled_run(self.id).map_err(store_failure)?.ok_or_else(|| no_run(self.id))?;
        Store::open(&config.database, outside.points()).map_err(store_failure)
    }

    fn failed(&self, error: StoreError, why: &str) -> Failure {
        match error {
            StoreError::Absent { .. } => Failure::new(Exit::Usage, format!("run {} {why}", self.id)),
            other => store_failure(other),
        }
    }
}

fn no_run(id: i64) -> Failure {
    Failure::new(Exit::Usage, format!("there is no run {id}")).hint("tieout schedule history shows those that there are")
}
