//! Verifying the whole trail: each entry, each chain, and what stands in the tables against it.

use std::ops::ControlFlow;

use audit::{Anchor, Entry, Fault, Hash, Walk};
use jiff::Timestamp;

use super::{COLUMNS, audit_check, entry, heads, states};
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
    /// How many anchors it was held against that speak of any entry.
    pub anchors: u64,
    /// The number of the newest entry that the newest of them speaks of; 0: none.
    pub anchored: i64,
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
    /// How many anchors it was held against that speak of any entry.
    pub anchors: u64,
    /// The number of the newest entry that the newest of them speaks of; 0: none.
    pub anchored: i64,
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
            anchored: self.anchored,
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

    /// What cannot be read because of what stands there is a fault; what the disk or the server does is none.
    fn unreadable(&mut self, error: StoreError) -> Result<()> {
        match error {
            StoreError::BadRow { .. } | StoreError::Refused { .. } | StoreError::Overflow { .. } => {
                self.add(Fault::Unreadable { what: error.to_string() });
                Ok(())
            }
            other => Err(other),
        }
    }
}

impl Store {
    /// Walks along the whole trail, as it stands at one instant, holds it against anchors that were kept elsewhere and against what it was
    /// when nothing was wrong with it last, and what stands in the tables against it. `progress` hears how many entries were walked along.
    ///
    /// # Errors
    /// [`StoreError`] of the disk or the server; [`StoreError::CalledOff`] where `progress` says not to go on. A trail with faults is no
    /// error, and neither is one that cannot be read: that is a fault.
    pub fn verify_audit(&self, anchors: &[Anchor], progress: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Result<AuditReport> {
        self.view(|connection| {
            let mut faults = Faults::default();
            let anchors: Vec<Anchor> = anchors.iter().filter(|anchor| anchor.entries > 0).cloned().collect();
            let known = or_fault(&mut faults, when_whole(connection))?.flatten();
            let mut walk = Walk::new(&anchors.iter().cloned().chain(known).collect::<Vec<_>>());
            each_entry(connection, progress, &mut |entry| match entry {
                Ok(entry) => walk.step(&entry, &mut |fault| faults.add(fault)),
                Err(what) => faults.add(Fault::Unreadable { what }),
            })
            .or_else(|error| faults.unreadable(error))?;
            let noted = or_fault(&mut faults, heads(connection))?.unwrap_or_default();
            walk.ends(&noted, &mut |fault| faults.add(fault));
            let mut report = AuditReport {
                entries: walk.newest(),
                chains: walk.heads().0.len(),
                things: 0,
                anchors: anchors.len() as u64,
                anchored: anchors.iter().map(|anchor| anchor.entries).max().unwrap_or_default(),
                root: walk.heads().root(),
                fault_count: 0,
                faults: Vec::new(),
            };
            // What stood in the database before there was a trail is noted with its first entry.
            let is_begun = report.entries > 0 || !noted.0.is_empty();
            report.things = hold(connection, is_begun.then_some(walk), progress, &mut faults)?;
            Ok(AuditReport { fault_count: faults.count, faults: faults.first, ..report })
        })
    }
}

/// What the trail was when nothing was wrong with it last, as an anchor: somebody may have forgotten that it stands here too.
fn when_whole(connection: &Connection) -> Result<Option<Anchor>> {
    let known = audit_check(connection)?.filter(|known| known.whole_entries > 0);
    Ok(known.map(|known| Anchor { entries: known.whole_entries, root: known.whole_root, taken_at: known.check.checked_at }))
}

/// What was read; what cannot be read by its content is a fault, and `None`.
fn or_fault<T>(faults: &mut Faults, read: Result<T>) -> Result<Option<T>> {
    read.map(Some).or_else(|error| faults.unreadable(error).map(|()| None))
}

/// Holds what stands in the tables against a trail that was walked along, where there is one. Returns how many things there are.
fn hold(
    connection: &Connection,
    mut walk: Option<Walk>,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    faults: &mut Faults,
) -> Result<u64> {
    let mut things = 0;
    let held = states::each(connection, &mut |chain, noun, id, state| {
        things += 1;
        if let Some(walk) = &mut walk {
            walk.holds((chain, noun, id), &state, &mut |fault| faults.add(fault));
        }
    });
    // What could not be looked at is not called gone.
    if or_fault(faults, held)?.is_some()
        && let Some(mut left) = walk.and_then(Walk::left)
    {
        each_entry(connection, progress, &mut |entry| {
            if let Ok(entry) = entry {
                left.name(&entry, &mut |fault| faults.add(fault));
            }
        })?;
    }
    Ok(things)
}

/// Hands over each entry in the order of their numbers; of one that cannot be read, why.
fn each_entry(
    connection: &Connection,
    progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
    each: &mut dyn FnMut(std::result::Result<Entry, String>),
) -> Result<()> {
    let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM audit_entry ORDER BY id"))?;
    let mut count = 0;
    statement.stream(params![], |row| {
        let named = |error| format!("entry {}: {}", row.get::<i64>(0).unwrap_or_default(), StoreError::from(error));
        each(entry(row).map_err(named));
        count += 1;
        if count % ENTRIES_TOLD == 0 && progress(count.unsigned_abs()).is_break() {
            return Err(StoreError::CalledOff);
        }
        Ok(ControlFlow::Continue(()))
    })
}
