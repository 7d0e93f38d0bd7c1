//! `tieout db check|migrate|copy|backup|restore|reader`

mod backup;
mod reader;
mod restore;

use std::io::Write;
use std::path::PathBuf;

use audit::hex;
use serde::Serialize;
use store::{Location, Store};

use super::talk::note;
use super::{print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::copying;
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// `tieout db`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
enum Verb {
    /// Read every row, check the file, add up every transaction again, and name the hash of the content
    Check,
    /// Make the database, or bring an older one up to date; every command that writes does it by itself
    Migrate,
    /// Copy everything, as it stands at one instant, into an empty database of either kind; the content is compared
    Copy {
        /// Where to: sqlite:PATH or postgres://USER@HOST/NAME
        to: String,
    },
    /// Write everything, as it stands at one instant, into one new file that can be put away; the content is compared
    Backup {
        /// The file to write; one that is there is left as it is
        file: PathBuf,
    },
    /// Take a backup into the configured database, which must be empty or not there yet; the content is compared
    Restore {
        /// What tieout db backup wrote; it is left as it is
        file: PathBuf,
    },
    /// A role of the PostgreSQL server that may read the views and do nothing else: print how it is made, or make it
    Reader(reader::Args),
}

/// What is said of a database.
#[derive(Serialize)]
struct State {
    database: String,
    schema: i64,
    mode: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rows: Option<u64>,
    /// SHA-256 over what it knows, in hexadecimal digits; not over when and how that was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<String>,
}

impl State {
    fn of(store: &Store) -> Result<Self, Failure> {
        let mode = store.mode().map_err(store_failure)?.map(facts::Mode::as_str);
        let database = store.location().to_string();
        Ok(Self { database, schema: store.schema_version(), mode, rows: None, content: None })
    }

    fn show(&self, config: &Config, verb: &str) -> Result<Exit, Failure> {
        print(|output| {
            if config.json {
                return Ok(output.json(self)?);
            }
            writeln!(output, "{} {verb}: schema {}, {}.", self.database, self.schema, self.mode.unwrap_or("no mode yet"))?;
            if let Some(rows) = self.rows {
                writeln!(output, "{rows} rows.")?;
            }
            if let Some(content) = &self.content {
                writeln!(output, "Content {content}")?;
            }
            Ok(())
        })
    }
}

/// Runs it.
///
/// # Errors
/// No database, one that is damaged or in use, a target that holds something, a backup that is none, or a role that cannot be made.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::Check => check(config),
        Verb::Migrate => migrate(config, outside),
        Verb::Copy { to } => copy(&Config::location(&to)?, config, outside),
        Verb::Backup { file } => backup::run(&file, config, outside),
        Verb::Restore { file } => restore::run(&file, config, outside),
        Verb::Reader(args) => reader::run(&args, config, outside),
    }
}

fn check(config: &Config) -> Result<Exit, Failure> {
    let store = load::open(config)?;
    store.check().map_err(store_failure)?;
    store.check_sums().map_err(store_failure)?;
    let content = Some(hex(&store.content_digest().map_err(store_failure)?));
    State { content, ..State::of(&store)? }.show(config, "is sound")
}

fn migrate(config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    State::of(&store)?.show(config, "is up to date")
}

fn copy(to: &Location, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    if *to == config.database {
        return Err(Failure::new(Exit::Usage, "a database cannot be copied into itself").hint("name another one"));
    }
    let from = load::open(config)?;
    let mut target = Store::open(to, outside.points()).map_err(store_failure)?;
    let mut line = progress(config, "rows");
    let copied = from.copy_to(&mut target, &mut copying(outside, line.as_mut())).map_err(store_failure)?;
    line.finish();
    let state = State { rows: Some(copied.rows), content: Some(hex(&copied.content)), ..State::of(&target)? };
    let exit = state.show(config, "holds the same")?;
    note(config, &format!("to use it from now on: set TIEOUT_DATABASE to it; {} is left as it was", config.database));
    Ok(exit)
}
