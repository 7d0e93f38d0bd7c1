//! Backups in a folder, of which the newest stay.

use std::path::Path;
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
    // What a dead backup has left may be the room that this one lacks. Where that fails, the backup says what is wrong with the folder.
    let dead = remove_dead(outside, folder, DIED_AFTER).unwrap_or_default();
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
        "dead_removed": dead,
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
    Ok(old)
}

/// Removes what backups have left that died before they were whole; returns the names.
fn remove_dead(outside: &Outside, folder: &Path, since: Duration) -> std::io::Result<Vec<String>> {
    let left = outside.left_parts(folder, since)?;
    let names = left.iter().filter_map(|path| Some(path.file_name()?.to_string_lossy().into_owned()));
    let ours: Vec<String> = names.filter(|name| is_part_of_ours(name)).collect();
    ours.iter().try_for_each(|name| outside.remove_file(&folder.join(name)))?;
    Ok(ours)
}

/// A name of ours with one word of the file in the making behind it, as [`Outside::left_parts`] tells: `tieout-….db.0123456789abcdef.part`.
fn is_part_of_ours(name: &str) -> bool {
    let Some((file, _)) = name.rsplit_once(".part") else { return false };
    file.rsplit_once('.').is_some_and(|(file, _)| is_ours(file))
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
        let kept = [
            "books.db.0123456789abcdef.part",
            "tieout-20260102T070000.000Z.db",
            "tieout-20260102T070000.000Z.db.keep.0123456789abcdef.part",
        ];
        for name in dead.iter().chain(&kept) {
            std::fs::write(folder.path().join(name), b"").unwrap();
        }
        let outside = Outside::real().unwrap();
        remove_dead(&outside, folder.path(), DIED_AFTER).unwrap();
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 5, "another may be writing it");
        remove_dead(&outside, folder.path(), Duration::ZERO).unwrap();
        let mut left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, kept);
    }
}
