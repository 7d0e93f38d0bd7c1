//! Verifying the whole trail: each entry, each chain, and what stands in the tables against it.

use std::ops::ControlFlow;

use audit::{Anchor, Entry, Fault, Hash, Walk};
use jiff::Timestamp;

use super::{COLUMNS, entry, heads, states};
use crate::database::{Connection, params};
use crate::{Result, Store, StoreError};

/// So many faults are told one by one; where there are more, the trail is lost, and the first say where it begins to be.
const FAULTS_TOLD: usize = 100;

/// How often progress is told, in entries.
const ENTRIES_TOLD: i64 = 500;

/// What verifying found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditReport {
    /// The number of the newest entry.
    pub entries: i64,
    /// How many chains there are.
    pub chains: usize,
    /// How many things that stand in the tables were held against the trail.
    pub things: u64,
    /// How many anchors it was held against.
    pub anchors: u64,
    /// One hash of the ends of all chains.
    pub root: Hash,
    /// How much is wrong.
    pub fault_count: u64,
    /// The first of it.
    pub faults: Vec<Fault>,
}

/// What came of verifying, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditCheck {
    /// When; kept to the microsecond.
    pub checked_at: Timestamp,
    /// The number of the newest entry then.
    pub entries: i64,
    /// One hash of the ends of all chains then.
    pub root: Hash,
    /// How many anchors it was held against.
    pub anchors: u64,
    /// How much was wrong.
    pub faults: u64,
    /// The first of it, in a sentence.
    pub first_fault: Option<String>,
}

impl AuditReport {
    /// What is kept of it.
    #[must_use]
    pub fn check(&self, checked_at: Timestamp) -> AuditCheck {
        AuditCheck {
            checked_at,
            entries: self.entries,
            root: self.root,
            anchors: self.anchors,
            faults: self.fault_count,
            first_fault: self.faults.first().map(ToString::to_string),
        }
    }
}

/// What is wrong, the first of it one by one.
#[derive(Default)]
struct Faults {
    count: u64,
    first: Vec<Fault>,
}

impl Faults {
    fn add(&mut self, fault: Fault) {
        self.count += 1;
        if self.first.len() < FAULTS_TOLD {
            self.first.push(fault);
        }
    }
}

impl Store {
    /// Walks along the whole trail, as it stands at one instant, holds it against anchors that were kept elsewhere, and what stands in the
    /// tables against it. `progress` hears how many entries were walked along.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::CalledOff`] where `progress` says not to go on. A trail with faults is no error.
    pub fn verify_audit(&self, anchors: &[Anchor], progress: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Result<AuditReport> {
        self.view(|connection| {
            let (mut walk, mut faults) = (Walk::new(anchors), Faults::default());
            each_entry(connection, progress, &mut |entry| walk.step(entry, &mut |fault| faults.add(fault)))?;
            let noted = heads(connection)?;
            walk.ends(&noted, &mut |fault| faults.add(fault));
            let (entries, chains, root) = (walk.newest(), walk.heads().0.len(), walk.heads().root());
            let mut things = 0;
            // What stood in the database before there was a trail is noted with its first entry.
            if entries > 0 || !noted.0.is_empty() {
                things = hold(connection, walk, progress, &mut faults)?;
            }
            let anchors = anchors.len() as u64;
            Ok(AuditReport { entries, chains, things, anchors, root, fault_count: faults.count, faults: faults.first })
        })
    }
}

/// Holds what stands in the tables against a trail that was walked along.
fn hold(
    connection: &Connection,
    mut walk: Walk,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    faults: &mut Faults,
) -> Result<u64> {
    let mut things = 0;
    states::each(connection, &mut |chain, noun, id, state| {
        things += 1;
        walk.holds((chain, noun, id), &state, &mut |fault| faults.add(fault));
    })?;
    if let Some(mut left) = walk.left() {
        each_entry(connection, progress, &mut |entry| left.name(entry, &mut |fault| faults.add(fault)))?;
    }
    Ok(things)
}

fn each_entry(
    connection: &Connection,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    each: &mut dyn FnMut(&Entry),
) -> Result<()> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM audit_entry ORDER BY id"))?;
    let mut count = 0;
    statement.stream(params![], |row| {
        each(&entry(row)?);
        count += 1;
        if count % ENTRIES_TOLD == 0 && progress(count.unsigned_abs()).is_break() {
            return Err(StoreError::CalledOff);
        }
        Ok(ControlFlow::Continue(()))
    })
}
