//! Backups in a folder, of which the newest stay.

use std::path::{Path, PathBuf};
use std::time::Duration;

use store::Measured;

use super::JobEnd;
use super::hash::hash_of;
use super::log::RunLog;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::backup::backup;
use crate::outside::Outside;
use crate::views::load;

/// What stands before the instant in the name of a backup.
const PREFIX: &str = "tieout-";

/// What stands after it.
const SUFFIX: &str = ".db";

/// The instant in the name: names in their order are instants in theirs.
const STAMP: &str = "%Y%m%dT%H%M%S%.3fZ";

/// A backup writes all the time: what nobody has written to for so long has died, with its process or its machine.
const DIED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

/// Takes a backup into a folder, and removes those that were taken there before, but for `keep`.
///
/// # Errors
/// No database; a folder that is not there or cannot be written.
pub fn run(outside: &Outside, config: &Config, folder: &Path, keep: usize, log: &mut RunLog) -> Result<JobEnd, Failure> {
    let from = load::open(config)?;
    let file = folder.join(format!("{PREFIX}{}{SUFFIX}", outside.now().strftime(STAMP)));
    let taken = backup(outside, &from, &file, log)?;
    let removed = remove_old(outside, folder, keep.max(1)).map_err(|error| {
        Failure::new(Exit::Failed, format!("an old backup in {} cannot be removed: {error}", folder.display()))
            .hint("remove it by hand, or check the folder's permissions")
    })?;
    let told = serde_json::json!({
        "file": file.display().to_string(),
        "bytes": taken.bytes,
        "rows": taken.copied.rows,
        "removed": removed,
    });
    let measured = Measured {
        bytes: Some(taken.bytes),
        input_hash: Some(hash_of([taken.revision.to_string().as_bytes()])),
        output_hash: Some(hash_of([&taken.copied.content[..]])),
        ..Measured::default()
    };
    Ok(JobEnd::done(Some(taken.bytes), told).measuring(measured))
}

fn remove_old(outside: &Outside, folder: &Path, keep: usize) -> std::io::Result<Vec<String>> {
    let names = outside.whole_files(folder, Duration::ZERO)?.into_iter().filter_map(|path| {
        let name = path.file_name()?.to_string_lossy().into_owned();
        is_ours(&name).then_some(name)
    });
    let names: Vec<String> = names.collect();
    let old = names.len().saturating_sub(keep);
    let old: Vec<String> = names.into_iter().take(old).collect();
    old.iter().try_for_each(|name| outside.remove_file(&folder.join(name)))?;
    remove_dead(outside, folder, DIED_AFTER)?;
    Ok(old)
}

/// Removes what a backup has left that died before it was whole.
fn remove_dead(outside: &Outside, folder: &Path, since: Duration) -> std::io::Result<()> {
    let left = outside.left_parts(folder, since)?;
    let ours = |path: &&PathBuf| {
        let name = path.file_name().map(|name| name.to_string_lossy());
        name.is_some_and(|name| name.match_indices(SUFFIX).any(|(at, _)| name.get(..at + SUFFIX.len()).is_some_and(is_ours)))
    };
    left.iter().filter(ours).try_for_each(|path| outside.remove_file(path))
}

/// A name that [`run`] gives: nothing else in the folder is ever removed.
fn is_ours(name: &str) -> bool {
    let stamp = name.strip_prefix(PREFIX).and_then(|rest| rest.strip_suffix(SUFFIX));
    stamp.is_some_and(|stamp| jiff::civil::DateTime::strptime(STAMP, stamp).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_backups_go_and_nothing_that_a_person_put_there() {
        let folder = tempfile::tempdir().unwrap();
        let names = ["tieout-20260102T070000.000Z.db", "tieout-20251231T070000.120Z.db", "tieout-20260101T070000.001Z.db"];
        let kept = ["tieout-before-the-move.db", "tieout-20250101.db", "books.db"];
        for name in names.iter().chain(&kept) {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let removed = remove_old(&Outside::real().unwrap(), folder.path(), 2).unwrap();
        assert_eq!(removed, ["tieout-20251231T070000.120Z.db"]);
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5);
    }

    #[test]
    fn a_backup_that_died_leaves_its_part_only_until_the_next() {
        let folder = tempfile::tempdir().unwrap();
        let dead =
            ["tieout-20260102T070000.000Z.db.0123456789abcdef.part", "tieout-20260102T070000.000Z.db.0123456789abcdef.part-wal"];
        let kept = ["books.db.0123456789abcdef.part", "tieout-20260102T070000.000Z.db"];
        for name in dead.iter().chain(&kept) {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let outside = Outside::real().unwrap();
        remove_dead(&outside, folder.path(), DIED_AFTER).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 4, "another may be writing it");
        remove_dead(&outside, folder.path(), Duration::ZERO).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, kept);
    }
}
