//! `tieout profile`: how a bank's CSV is read.

use std::io::Write;
use std::path::{Path, PathBuf};

use facts::BankAccountName;
use money::Currency;
use serde::Serialize;
use statements::{Profile, Source, Statement, dialects, propose_profile};

use crate::cli::print;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::import::{find_profile, profile_folder, read_bytes, refused, shown_name};
use crate::outside::Outside;

/// Lines of a test that are shown; the counts speak for the rest.
const LINES_SHOWN: usize = 10;

/// `tieout profile`
#[derive(clap::Args, Debug)]
pub struct Args {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(clap::Subcommand, Debug)]
#[command(after_long_help = HELP)]
enum Verb {
    /// Propose a profile from a file's content
    New {
        /// A CSV statement
        file: PathBuf,
        /// Where to write it; without it, it is printed
        #[arg(short, long, value_name = "PATH")]
        output: Option<PathBuf>,
    },
    /// The banks that are known, and where your own profiles lie
    List,
    /// Print a profile, to read or to copy
    Show {
        /// A known bank's name, or a file
        profile: String,
    },
    /// Read a file with a profile, and show its first lines
    Test {
        /// A known bank's name, or a profile's file
        profile: String,
        /// A CSV statement
        file: PathBuf,
        /// The currency, where neither the file nor the profile says it
        #[arg(long, value_name = "CODE", value_parser = parse_currency)]
        currency: Option<Currency>,
    },
}

const HELP: &str = "\
Examples:
  tieout profile new export.csv -o my-bank.toml     propose; then read the comments, correct, and try
  tieout profile test my-bank.toml export.csv
  tieout import bank export.csv --bank-account main --profile my-bank.toml
  tieout profile show chase";

fn parse_currency(text: &str) -> Result<Currency, String> {
    Currency::parse(text).map_err(|error| error.to_string())
}

/// Runs it.
///
/// # Errors
/// A file that cannot be read or written, a profile that is none, stdout that cannot be written.
pub fn run(args: Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    match args.verb {
        Verb::New { file, output } => run_new(&file, output.as_deref(), config, outside),
        Verb::List => run_list(config),
        Verb::Show { profile } => {
            let profile = find_profile(outside, config, &profile)?;
            show(&profile.to_toml(), config)
        }
        Verb::Test { profile, file, currency } => {
            let profile = find_profile(outside, config, &profile)?;
            run_test(&profile, &file, currency, config, outside)
        }
    }
}

fn run_new(file: &Path, to: Option<&Path>, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let bytes = read_bytes(outside, file)?;
    let proposal = propose_profile(&bytes, &shown_name(file)).map_err(refused)?;
    let Some(path) = to else { return show(&proposal.toml, config) };
    if outside.exists(path) {
        return Err(Failure::new(Exit::Failed, format!("{} exists already", path.display()))
            .hint("give another path, or remove it first"));
    }
    let unwritable = |error| Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()));
    outside.write_file(path, proposal.toml.as_bytes()).map_err(unwritable)?;
    let next = format!(
        "wrote {}; read its comments, then try: tieout profile test {} {}",
        path.display(),
        path.display(),
        file.display()
    );
    if !config.quiet {
        // When even stderr is gone there is nobody left to tell.
        let _ = writeln!(std::io::stderr(), "{next}");
    }
    Ok(Exit::Fine)
}

/// A profile as it stands in a file; with `--json` that text in an object.
fn show(toml: &str, config: &Config) -> Result<Exit, Failure> {
    print(|output| match config.json {
        true => Ok(output.json(&ProfileText { toml })?),
        false => Ok(output.write_all(toml.as_bytes())?),
    })
}

/// What `profile show --json` and `profile new --json` print.
#[derive(Serialize)]
struct ProfileText<'a> {
    toml: &'a str,
}

/// One element of `profile list --json`.
#[derive(Serialize)]
struct ProfileView {
    name: String,
    bank: String,
    by_header: bool,
}

fn run_list(config: &Config) -> Result<Exit, Failure> {
    let of = |known: &Profile| ProfileView { name: known.name.clone(), bank: known.bank.clone(), by_header: !known.headerless };
    let views: Vec<ProfileView> = dialects().iter().map(of).collect();
    print(|output| {
        if config.json {
            return Ok(output.json(&views)?);
        }
        for view in &views {
            writeln!(output, "{:<18} {}", view.name, view.bank)?;
        }
        if let Some(folder) = profile_folder(config) {
            writeln!(output, "Your own: NAME.toml in {}", folder.display())?;
        }
        Ok(())
    })
}

fn run_test(
    profile: &Profile,
    file: &Path,
    currency: Option<Currency>,
    config: &Config,
    outside: &Outside,
) -> Result<Exit, Failure> {
    let bytes = read_bytes(outside, file)?;
    let bank_account = BankAccountName::parse("test").map_err(|error| Failure::new(Exit::Failed, error.to_string()))?;
    let name = shown_name(file);
    let source = Source { bytes: &bytes, file_name: &name, bank_account: &bank_account, currency, profile: Some(profile) };
    let statement = statements::read(&source).map_err(refused)?;
    print(|output| {
        if config.json {
            return Ok(output.json(&statement.lines.iter().take(LINES_SHOWN).map(LineView::of).collect::<Vec<_>>())?);
        }
        writeln!(output, "{}", summary(&name, &statement))?;
        for line in statement.lines.iter().take(LINES_SHOWN) {
            let other = line.counterparty.as_deref().unwrap_or_default();
            let reference = line.reference.as_deref().unwrap_or("-");
            writeln!(output, "{}  {:>16}  {reference}  {other}  {}", line.date_on, line.amount.grouped(), line.description)?;
        }
        Ok(())
    })
}

fn summary(name: &str, statement: &Statement) -> String {
    let shown = statement.lines.len().min(LINES_SHOWN);
    format!(
        "{name}: {} lines in {}, {} rows left out, read as {}; the first {shown}:",
        statement.lines.len(),
        statement.currency.upper(),
        statement.left_out.len(),
        statement.format
    )
}

/// One element of `profile test --json`.
#[derive(Serialize)]
struct LineView<'a> {
    date_on: String,
    value_on: Option<String>,
    amount_minor: i64,
    currency: String,
    description: &'a str,
    counterparty: Option<&'a str>,
    reference: Option<&'a str>,
    balance_after_minor: Option<i64>,
}

impl<'a> LineView<'a> {
    fn of(line: &'a facts::BankLine) -> Self {
        Self {
            date_on: line.date_on.to_string(),
            value_on: line.value_on.map(|date| date.to_string()),
            amount_minor: line.amount.minor(),
            currency: line.amount.currency().as_str().to_owned(),
            description: &line.description,
            counterparty: line.counterparty.as_deref(),
            reference: line.reference.as_deref(),
            balance_after_minor: line.balance_after_minor,
        }
    }
}
