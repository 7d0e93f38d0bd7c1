//! What the nouns say alike: a note on stderr, the fields of one thing, an explanation in sentences, an unknown id, and how a
//! line is broken.

use std::io::{self, Write};

use facts::AccountId;
use serde::Serialize;
use store::Store;
use tracing::level_filters::LevelFilter;

use super::{Output, print};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::views::load::store_failure;
pub use crate::views::printable::printable;

/// Sends what the jobs log to stderr: warnings, with `-v` more, with `--quiet` errors only.
pub fn listen(config: &Config) {
    let level = match config.verbose {
        0 if config.quiet => LevelFilter::ERROR,
        0 => LevelFilter::WARN,
        1 => LevelFilter::INFO,
        2 => LevelFilter::DEBUG,
        _ => LevelFilter::TRACE,
    };
    let lines = tracing_subscriber::fmt().with_writer(io::stderr).with_max_level(level).with_target(false).without_time();
    // Only a second call could fail, and there is none.
    let _ = lines.try_init();
}

/// A sentence on stderr, unless quiet was asked for.
pub fn note(config: &Config, text: &str) {
    if !config.quiet {
        // When even stderr is gone there is nobody left to tell.
        let _ = writeln!(io::stderr(), "{text}");
    }
}

/// The fields of one thing, one a line, values aligned.
pub fn fields(output: &mut Output, rows: &[(&str, String)]) -> io::Result<()> {
    let width = rows.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    rows.iter().try_for_each(|(name, value)| writeln!(output, "{name:<width$}  {}", printable(value)))
}

/// The width of a terminal that nobody made wider.
const COLUMNS: usize = 80;

/// Breaks a line between words so that none is wider than the page, but for a single word; what follows begins with `continued`.
pub fn wrap(text: &str, continued: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= COLUMNS => line.extend([" ", word]),
            Some(_) => lines.push(format!("{continued}{word}")),
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Where an object stands in Stripe's exports, as the last field of the object; no field where it stands in none.
///
/// # Errors
/// A database that fails.
pub fn in_exports(store: &Store, account: &AccountId, kind: &str, id: &str) -> Result<Vec<(&'static str, String)>, Failure> {
    let places = store.export_places(account, kind, id).map_err(store_failure)?;
    let shown: Vec<String> = places.iter().map(|place| format!("{}, line {}", place.file_name, place.line)).collect();
    Ok(if shown.is_empty() { Vec::new() } else { vec![("in exports", shown.join("; "))] })
}

/// What is not there reads as a dash.
pub fn or_dash(text: Option<&str>) -> String {
    text.unwrap_or("-").to_owned()
}

/// An id that the database does not hold.
pub fn unknown(noun: &str, id: &str, list: &str) -> Failure {
    Failure::new(Exit::Failed, format!("there is no {noun} '{}' in this database", printable(id)))
        .hint(format!("{list} shows what there is"))
}

#[derive(Serialize)]
struct Explanation<'a> {
    id: &'a str,
    explanation: &'a [String],
}

/// Sentences about one thing, one a line; with `--json` as a list of them.
///
/// # Errors
/// When stdout cannot be written.
pub fn explanation(config: &Config, id: &str, sentences: &[String]) -> Result<Exit, Failure> {
    print(|output| {
        if config.json {
            return Ok(output.json(&Explanation { id, explanation: sentences })?);
        }
        for sentence in sentences {
            writeln!(output, "{}", printable(sentence))?;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_is_broken_between_words_and_a_short_one_is_left_alone() {
        assert_eq!(wrap("  matched 1.00 = 1.00", "    "), ["  matched 1.00 = 1.00"]);
        let lines = wrap(&format!("Because:    {}", "something is open; ".repeat(9)), "    ");
        assert!(lines.len() > 1 && lines.iter().all(|line| line.chars().count() <= COLUMNS), "{lines:#?}");
        assert_eq!(lines.concat().matches("something").count(), 9);
    }
}
