//! `tieout db backup`: one new file with everything, as it stood at one instant.

use std::io::Write;
use std::path::Path;

use audit::hex;
use jiff::Timestamp;
use serde::Serialize;

use super::State;
use crate::cli::{print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::backup::backup;
use crate::outside::Outside;
use crate::views::load;

/// What is said of a backup.
#[derive(Serialize)]
struct Backup {
    file: String,
    bytes: u64,
    /// When the view was opened that it holds.
    taken_at: Timestamp,
    /// How many transactions of sync and import had changed something by then.
    revision: i64,
    #[serde(flatten)]
    of: State,
}

/// Runs it.
///
/// # Errors
/// No database, or those of [`backup`].
pub fn run(file: &Path, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let from = load::open(config)?;
    let taken = backup(outside, &from, file, &mut *progress(config, "rows"))?;
    let (rows, content) = (Some(taken.copied.rows), Some(hex(&taken.copied.content)));
    let of = State { rows, content, ..State::of(&from)? };
    show(&Backup { file: file.display().to_string(), bytes: taken.bytes, taken_at: taken.taken_at, revision: taken.revision, of }, config)
}

fn show(backup: &Backup, config: &Config) -> Result<Exit, Failure> {
    print(|output| {
        if config.json {
            return Ok(output.json(backup)?);
        }
        let State { database, schema, mode, rows, content } = &backup.of;
        writeln!(output, "{} is a backup of {database}: schema {schema}, {}.", backup.file, mode.unwrap_or("no mode yet"))?;
        writeln!(output, "As it stood at {}, revision {}.", backup.taken_at, backup.revision)?;
        writeln!(output, "{} rows, {} bytes.", rows.unwrap_or_default(), backup.bytes)?;
        writeln!(output, "Content {}", content.as_deref().unwrap_or_default())?;
        Ok(())
    })
}
