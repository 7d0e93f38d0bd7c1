//! `tieout db restore`: a backup becomes the configured database.

use std::path::Path;

use store::{AuditAct, Store, StoreError};

use super::State;
use crate::cli::progress;
use crate::cli::talk::note;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::copying;
use crate::outside::Outside;
use crate::views::load::store_failure;
use crate::views::printable::hexadecimal;

/// Runs it.
///
/// # Errors
/// A file that is no whole backup of a schema that is known; a database that holds something. Nothing is restored then.
pub fn run(file: &Path, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let unusable = |why: String| Failure::new(Exit::Failed, why).hint("name a file that tieout db backup FILE wrote");
    if !outside.exists(file) {
        return Err(unusable(format!("there is no file {}", file.display())));
    }
    let scratch = outside.neighbour(file).map_err(|error| unusable(format!("{}: {error}", file.display())))?;
    let restored = restore(file, &scratch, config, outside);
    // The first error is the one to tell; the name of what could not be removed says what it is.
    let _ = outside.remove_database(&scratch);
    let exit = restored?.show(config, "is restored")?;
    note(config, "tieout sync goes on where the backup ends");
    Ok(exit)
}

fn restore(file: &Path, scratch: &Path, config: &Config, outside: &Outside) -> Result<State, Failure> {
    let from = Store::open_backup(file, scratch).map_err(|error| {
        store_failure(error).hint(format!("nothing was restored; {} is as it was", config.database))
    })?;
    let mut target = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    let mut line = progress(config, "rows");
    let copied = from.copy_to(&mut target, &mut copying(outside, line.as_mut())).map_err(|error| match error {
        StoreError::NotEmpty { .. } => store_failure(error)
            .hint("a backup is never mixed with what is there: name an empty one with --database or TIEOUT_DATABASE"),
        _ => store_failure(error),
    })?;
    line.finish();
    target.note_act(AuditAct::Restore, "database", "").map_err(store_failure)?;
    Ok(State { rows: Some(copied.rows), content: Some(hexadecimal(&copied.content)), ..State::of(&target)? })
}
