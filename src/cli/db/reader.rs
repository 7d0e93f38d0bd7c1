//! `tieout db reader`: a role for BI tools, which may read and do nothing else.

use std::io::Write;

use serde::Serialize;
use store::{Reader, Store};

use crate::cli::print;
use crate::cli::talk::note;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// Letters of a role's name; PostgreSQL cuts longer ones.
const NAME_MAX: usize = 63;

/// `tieout db reader`
#[derive(clap::Args, Debug)]
pub struct Args {
    /// The role's name: lower-case letters, digits and _
    #[arg(value_parser = name)]
    name: String,
    /// It may read all tables, and not the views alone
    #[arg(long)]
    all_tables: bool,
    /// Make the role; without this, the statements are printed and nothing is done
    #[arg(long)]
    apply: bool,
}

/// What is said of a role.
#[derive(Serialize)]
struct Role<'a> {
    role: &'a str,
    database: String,
    applied: bool,
    statements: &'a [String],
}

/// Runs it.
///
/// # Errors
/// [`Exit::Usage`] when the database is a file or the role is Tieout's own; what the server says to the statements.
pub fn run(args: &Args, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let found = load::open(config)?.reader(&args.name, args.all_tables).map_err(store_failure)?;
    let statements = match found {
        Reader::Statements(statements) => statements,
        Reader::NoServer => {
            let message = format!("{} is a file, and files have no roles; expected a database of a server", config.database);
            let hint = "let the tool open a copy (tieout db backup), or move to a server: docs/POSTGRES.md";
            return Err(Failure::new(Exit::Usage, message).hint(hint));
        }
        Reader::Ours => {
            let message = format!("the role {} may do all that Tieout may; it is not made a reader", args.name);
            return Err(Failure::new(Exit::Usage, message).hint("name another role, or one that is not there yet"));
        }
    };
    if args.apply {
        let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
        store.make_reader(&statements).map_err(|error| {
            store_failure(error).hint("print the statements without --apply, and let an administrator of the server run them")
        })?;
    }
    let exit = show(&Role { role: &args.name, database: config.database.to_string(), applied: args.apply, statements: &statements }, config)?;
    note(config, &format!("the role is made without a password; to set one, in psql: \\password {}", args.name));
    Ok(exit)
}

fn show(role: &Role<'_>, config: &Config) -> Result<Exit, Failure> {
    print(|output| {
        if config.json {
            return Ok(output.json(role)?);
        }
        if role.applied {
            writeln!(output, "The role {} may read {} and do nothing else in it.", role.role, role.database)?;
            return Ok(());
        }
        for statement in role.statements {
            writeln!(output, "{statement};")?;
        }
        Ok(())
    })
}

/// A name that needs no quotes wherever a person types it.
fn name(text: &str) -> Result<String, String> {
    let begins = text.starts_with(|letter: char| letter.is_ascii_lowercase() || letter == '_');
    let fits = text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_');
    let reserved = text.starts_with("pg_") || ["public", "none"].contains(&text);
    if begins && fits && !reserved && text.len() <= NAME_MAX {
        return Ok(text.to_owned());
    }
    Err(format!("expected a new role's name: lower-case letters, digits and _, {NAME_MAX} at most, not PostgreSQL's own"))
}
