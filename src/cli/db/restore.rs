//! `tieout db restore`: a backup becomes the configured database.

use std::path::Path;

use audit::hex;
use store::{Store, StoreError};

use super::State;
use crate::cli::progress;
use crate::cli::talk::note;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::backup::read_backup;
use crate::jobs::copying;
use crate::outside::Outside;
use crate::views::load::store_failure;

/// Runs it.
///
/// # Errors
/// A file that is no whole backup of a schema that is known; a database that holds something. Nothing is restored then.
pub fn run(file: &Path, config: &Config, outside: &Outside) -> Result<Exit, Failure> {
    let restored = read_backup(outside, file, |from| restore(&from, config, outside));
    let exit = restored.map_err(|failure| as_it_was(failure, config))?.show(config, "is restored")?;
    note(config, "tieout sync goes on where the backup ends");
    Ok(exit)
}

/// What a failure leaves behind, where it does not say what to do.
fn as_it_was(failure: Failure, config: &Config) -> Failure {
    match failure.hint {
        Some(_) => failure,
        None => failure.hint(format!("nothing was restored; {} is as it was", config.database)),
    }
}

fn restore(from: &Store, config: &Config, outside: &Outside) -> Result<State, Failure> {
    let mut target = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    let mut line = progress(config, "rows");
    let copied = from.restore_to(&mut target, &mut copying(outside, line.as_mut())).map_err(|error| match error {
        StoreError::NotEmpty { .. } => store_failure(error)
            .hint("a backup is never mixed with what is there: name an empty one with --database or TIEOUT_DATABASE"),
        _ => store_failure(error),
    })?;
    line.finish();
    Ok(State { rows: Some(copied.rows), content: Some(hex(&copied.content)), ..State::of(&target)? })
}
