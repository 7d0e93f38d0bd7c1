//! `tieout db backup`: one new file with everything, as it stood at one instant.

use std::io::{ErrorKind, Write};
use std::path::Path;

use jiff::Timestamp;
use serde::Serialize;
use store::{Copied, Store, StoreError};

use super::{State, hexadecimal};
use crate::cli::{print, progress};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

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

/// Runs it. The file has its name only once it is whole, on the disk, and was read back.
///
/// # Errors
/// [`Exit::Failed`] when something stands at `file`, its folder is missing or it cannot be written; nothing is left then.
pub fn run(file: &Path, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    if outside.exists(file) {
        return Err(there(file));
    }
    if !outside.has_folder(file) {
        return Err(refused(file, "cannot be written: its folder does not exist").hint("make the folder, or mount its disk"));
    }
    let from = load::open(config)?;
    let unnamed = |error| refused(file, &format!("cannot be written: {error}"));
    let neighbour = outside.neighbour(file).map_err(unnamed)?;
    let put = |backup| match outside.put_in_place(&neighbour, file) {
        Ok(()) => Ok(backup),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(there(file)),
        Err(error) => Err(unnamed(error)),
    };
    let written = write(&from, (file, &neighbour), config, outside).and_then(put);
    if written.is_err() {
        // The first error is the one to tell; the name of what could not be removed says what it is.
        let _ = outside.remove_database(&neighbour);
    }
    show(&written?, config)
}

fn write(from: &Store, (file, neighbour): (&Path, &Path), config: &Config, outside: &Outside) -> Result<Backup, Failure> {
    let mut line = progress(config, "rows");
    let mut taken = || {
        let mut to = Store::open(neighbour, outside.points())?;
        let taken = from.at_one_instant(|from| {
            // The first read opens the view.
            let revision = from.revision()?;
            let taken_at = outside.now();
            let copied = from.copy_to(&mut to, &mut |rows| line.set(rows, None, ""))?;
            Ok::<_, StoreError>((copied, revision, taken_at))
        })?;
        let on_disk = to.close_as_backup()?;
        Ok((taken, on_disk))
    };
    let ((Copied { rows, content }, revision, taken_at), on_disk) = taken().map_err(store_failure)?;
    line.finish();
    if on_disk != content {
        return Err(refused(file, "reads differently than what was written, and was removed").hint("check its disk"));
    }
    let bytes = outside.file_size(neighbour).map_err(|error| refused(file, &format!("cannot be read back: {error}")))?;
    let of = State { rows: Some(rows), content: Some(hexadecimal(&content)), ..State::of(from)? };
    Ok(Backup { file: file.display().to_string(), bytes, taken_at, revision, of })
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

fn refused(file: &Path, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{} {why}", file.display()))
}

fn there(file: &Path) -> Failure {
    refused(file, "is there already and was left as it is").hint("a backup never overwrites: name a new file")
}
