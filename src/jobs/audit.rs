//! Verifying the audit trail, against anchors that were kept elsewhere where there are some, and making one.

use std::path::Path;

use audit::Anchor;
use jiff::Timestamp;
use store::{AuditReport, Store};

use super::{Progress, copying};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// An anchor has 150 bytes; one an hour for a hundred years is less than this.
const ANCHORS_MAX: u64 = 256 << 20;

/// Verifies the whole trail of a database. A trail with faults is no failure. Nothing is written.
///
/// # Errors
/// A file of anchors that cannot be read or holds none, a database that fails, or that it was called off.
pub fn verify(
    outside: &Outside,
    store: &Store,
    anchors: Option<&Path>,
    progress: &mut dyn Progress,
) -> Result<AuditReport, Failure> {
    let anchors = anchors.map_or(Ok(Vec::new()), |path| read_anchors(outside, path))?;
    let report = store.verify_audit(&anchors, &mut copying(outside, progress)).map_err(store_failure);
    progress.finish();
    report
}

/// Keeps what came of verifying, which alerts and pages look at.
///
/// # Errors
/// A database that cannot be written.
pub fn keep(outside: &Outside, config: &Config, report: &AuditReport) -> Result<(), Failure> {
    let mut store = Store::open(&config.database, outside.points()).map_err(store_failure)?;
    store.put_audit_check(&report.check(outside.now())).map_err(store_failure)
}

/// The trail as it is now, as one line for a file that is kept elsewhere.
///
/// # Errors
/// A database that fails.
pub fn anchor(store: &Store, now: Timestamp) -> Result<Anchor, Failure> {
    let (entries, heads) = store.audit_heads().map_err(store_failure)?;
    Ok(Anchor { entries, root: heads.root(), taken_at: now })
}

/// Adds an anchor to a file of them; makes the file where there is none.
///
/// # Errors
/// [`Exit::Failed`] where it cannot be written.
pub fn keep_anchor(outside: &Outside, path: &Path, anchor: &Anchor) -> Result<(), Failure> {
    outside.append_line(path, &line_of(anchor)?).map_err(|error| {
        Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
            .hint("make its folder, or check its permissions and its disk")
    })
}

/// An anchor as a line, without its end.
///
/// # Errors
/// None that is known.
pub fn line_of(anchor: &Anchor) -> Result<String, Failure> {
    serde_json::to_string(anchor).map_err(|error| Failure::new(Exit::Failed, format!("an anchor cannot be written: {error}")))
}

/// Anchors, one a line.
fn read_anchors(outside: &Outside, path: &Path) -> Result<Vec<Anchor>, Failure> {
    let bytes = outside.read_file(path, ANCHORS_MAX).map_err(|error| {
        Failure::new(Exit::Failed, format!("the anchors in {} cannot be read: {error}", path.display()))
            .hint("name the file that they were kept in; tieout audit anchor >> FILE begins one")
    })?;
    let text = String::from_utf8_lossy(&bytes);
    let lines = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
    let read = lines.map(|(index, line)| {
        serde_json::from_str(line).map_err(|error| {
            Failure::new(Exit::Failed, format!("{}, line {} is no anchor: {error}", path.display(), index + 1))
                .hint("expected lines as tieout audit anchor prints them; put one that was torn aside, with the reason")
        })
    });
    let anchors: Vec<Anchor> = read.collect::<Result<_, _>>()?;
    if anchors.is_empty() {
        return Err(Failure::new(Exit::Failed, format!("{} holds no anchor: nothing could be held against it", path.display()))
            .hint("name the file that they were kept in; tieout audit anchor >> FILE begins one"));
    }
    Ok(anchors)
}
