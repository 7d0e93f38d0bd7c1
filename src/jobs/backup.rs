//! A backup: one new file with everything, as it stood at one instant.

use std::io::ErrorKind;
use std::path::Path;

use jiff::Timestamp;
use store::{Copied, Store, StoreError};

use super::{Progress, copying};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// A backup that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Of the file.
    pub bytes: u64,
    /// When the view was opened that it holds.
    pub taken_at: Timestamp,
    /// How many transactions of sync and import had changed something by then.
    pub revision: i64,
    /// How many rows it holds, and the hash of what they say, as they were read back.
    pub copied: Copied,
}

/// Takes one of `from`. The file has its name only once it is whole, on the disk, and was read back.
///
/// # Errors
/// [`Exit::Failed`] when something stands at `file`, its folder is missing or it cannot be written; nothing is left then.
pub fn backup(outside: &Outside, from: &Store, file: &Path, progress: &mut dyn Progress) -> Result<Backup, Failure> {
    if outside.exists(file) {
        return Err(there(file));
    }
    if !outside.has_folder(file) {
        return Err(refused(file, "cannot be written: its folder does not exist").hint("make the folder, or mount its disk"));
    }
    let unnamed = |error| refused(file, &format!("cannot be written: {error}"));
    let neighbour = outside.neighbour(file).map_err(unnamed)?;
    let put = |backup| match outside.put_in_place(&neighbour, file) {
        Ok(()) => Ok(backup),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Err(there(file)),
        Err(error) => Err(unnamed(error)),
    };
    let written = write(outside, from, (file, &neighbour), progress).and_then(put);
    if written.is_err() {
        // The first error is the one to tell; the name of what could not be removed says what it is.
        let _ = outside.remove_database(&neighbour);
    }
    written
}

fn write(
    outside: &Outside,
    from: &Store,
    (file, neighbour): (&Path, &Path),
    progress: &mut dyn Progress,
) -> Result<Backup, Failure> {
    let mut taken = || {
        let mut to = Store::open(neighbour, outside.points())?;
        let taken = from.at_one_instant(|from| {
            // The first read opens the view.
            let revision = from.revision()?;
            let taken_at = outside.now();
            let copied = from.copy_to(&mut to, &mut copying(outside, progress))?;
            Ok::<_, StoreError>((copied, revision, taken_at))
        })?;
        let on_disk = to.close_as_backup()?;
        Ok((taken, on_disk))
    };
    let ((copied, revision, taken_at), on_disk) = taken().map_err(store_failure)?;
    progress.finish();
    if on_disk != copied.content {
        return Err(refused(file, "reads differently than what was written, and was removed").hint("check its disk"));
    }
    let bytes = outside.file_size(neighbour).map_err(|error| refused(file, &format!("cannot be read back: {error}")))?;
    Ok(Backup { bytes, taken_at, revision, copied })
}

/// Hands a backup, which is left as it is, to who reads it. Where an older version made it, a copy beside it is read, and goes then.
///
/// # Errors
/// [`Exit::Failed`] where there is no such file or it is no whole backup of a schema that is known; what `read` returns.
pub fn read_backup<T>(outside: &Outside, file: &Path, read: impl FnOnce(Store) -> Result<T, Failure>) -> Result<T, Failure> {
    let unusable = |why: String| Failure::new(Exit::Failed, why).hint("name a file that tieout db backup FILE wrote");
    if !outside.exists(file) {
        return Err(unusable(format!("there is no file {}", file.display())));
    }
    let scratch = outside.neighbour(file).map_err(|error| unusable(format!("{}: {error}", file.display())))?;
    let read = Store::open_backup(file, &scratch).map_err(store_failure).and_then(read);
    // The first error is the one to tell; the name of what could not be removed says what it is.
    let _ = outside.remove_database(&scratch);
    read
}

fn refused(file: &Path, why: &str) -> Failure {
    Failure::new(Exit::Failed, format!("{} {why}", file.display()))
}

fn there(file: &Path) -> Failure {
    refused(file, "is there already and was left as it is").hint("a backup never overwrites: name a new file")
}
