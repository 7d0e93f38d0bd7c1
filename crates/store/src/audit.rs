//! The audit trail in the database: every change of state has an entry, written in the transaction that makes it.

mod act;
pub(crate) mod states;
mod verify;

use std::collections::BTreeMap;

use audit::{Change, Entry, Hash, Heads, hex};
use jiff::Timestamp;

pub use act::AuditAct;
pub use verify::{AuditCheck, AuditReport};

use crate::database::{Connection, Read, Row, Transaction, dynamic, params};
use crate::points::Write;
use crate::read::query::{Query, text};
use crate::{Acting, Result, RunId, RunTrigger, Store, StoreError, points, rows};

/// More than this one entry does not hold: it is read as a whole by whoever looks at it.
const CHANGES_MAX: usize = 1_000;

const ADD: &str = "INSERT INTO audit_entry (id, chain, position, written_at, actor, who, run, act, changes, previous, hash) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

const PUT_HEAD: &str = "INSERT INTO audit_head (chain, position, hash) VALUES (?1, ?2, ?3) \
     ON CONFLICT (chain) DO UPDATE SET position = excluded.position, hash = excluded.hash";

const COLUMNS: &str = "id, chain, position, written_at, actor, who, run, act, changes, previous, hash";

/// What one transaction changes, by chain.
#[derive(Debug, Default)]
pub(crate) struct Changes {
    chains: BTreeMap<String, Vec<Change>>,
}

impl Changes {
    /// Something stands otherwise than before. What stands as it did is no change.
    pub(crate) fn add(&mut self, chain: &str, (noun, id): (&str, &str), from: Option<String>, to: Option<String>) {
        if from != to {
            let change = Change { noun: noun.to_owned(), id: id.to_owned(), from, to };
            self.chains.entry(chain.to_owned()).or_default().push(change);
        }
    }

    /// Something that stood so in one chain stands so now, perhaps in another: it may turn out whose it is.
    pub(crate) fn replace(&mut self, thing: (&str, &str), stood: Option<(&str, String)>, stands: (&str, String)) {
        match stood {
            Some((chain, from)) if chain == stands.0 => self.add(chain, thing, Some(from), Some(stands.1)),
            Some((chain, from)) => {
                self.add(chain, thing, Some(from), None);
                self.add(stands.0, thing, None, Some(stands.1));
            }
            None => self.add(stands.0, thing, None, Some(stands.1)),
        }
    }

    /// Something is done about a thing whose state is not followed.
    pub(crate) fn note(&mut self, chain: &str, (noun, id): (&str, &str)) {
        let change = Change { noun: noun.to_owned(), id: id.to_owned(), from: None, to: None };
        self.chains.entry(chain.to_owned()).or_default().push(change);
    }
}

/// Which entries.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Only this chain's.
    pub chain: Option<String>,
    /// Only what was done so.
    pub act: Option<AuditAct>,
    /// Only on behalf of this one.
    pub by: Option<RunTrigger>,
    /// Only what is about this id.
    pub about: Option<String>,
    /// Only this instant and later.
    pub from_at: Option<Timestamp>,
    /// Only before this instant.
    pub before_at: Option<Timestamp>,
    /// Only those with lower numbers: the next page.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: Option<u64>,
}

impl Store {
    /// As [`Store::write`], with an entry for what `writes` says that it changes.
    pub(crate) fn write_noting<T>(
        &mut self,
        (write, act): (Write, AuditAct),
        writes: impl FnOnce(&Transaction<'_>, &mut Changes) -> Result<T>,
    ) -> Result<T> {
        let (acting, run) = (self.points.acting(), self.run);
        self.write(write, |transaction| {
            begin(transaction, &acting)?;
            let mut changes = Changes::default();
            let result = writes(transaction, &mut changes)?;
            append(transaction, (&acting, run, act), changes)?;
            Ok(result)
        })
    }

    /// Entries, the newest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_entries(&self, filter: &AuditFilter) -> Result<Vec<Entry>> {
        let mut query = Query::new(format!("SELECT {COLUMNS} FROM audit_entry"));
        query.when("chain = $", text(filter.chain.as_deref()));
        query.when("act = $", text(filter.act.map(AuditAct::as_str)));
        query.when("actor = $", text(filter.by.map(RunTrigger::as_str)));
        query.when("written_at >= $", filter.from_at.map(Timestamp::as_microsecond));
        query.when("written_at < $", filter.before_at.map(Timestamp::as_microsecond));
        query.when("id < $", filter.before);
        query.contains_any("changes", &filter.about.as_deref().map(about).transpose()?.unwrap_or_default());
        let (sql, parameters) = query.order("id DESC", filter.limit);
        self.read(|connection| Ok(connection.prepare(&sql)?.query_map(&dynamic(&parameters), entry)?.collect::<Read<_>>()?))
    }

    /// One entry, by its number among all.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_entry(&self, id: i64) -> Result<Option<Entry>> {
        self.read(|connection| {
            let mut statement = connection.prepare(&format!("SELECT {COLUMNS} FROM audit_entry WHERE id = ?1"))?;
            Ok(statement.query_map(params![id], entry)?.next().transpose()?)
        })
    }

    /// The number of the newest entry, 0 where there is none, and the ends of all chains, as they are noted.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_heads(&self) -> Result<(i64, Heads)> {
        self.view(|connection| Ok((newest(connection)?, heads(connection)?)))
    }
}

fn newest(connection: &Connection) -> Result<i64> {
    Ok(connection.query_row("SELECT COALESCE(MAX(id), 0) FROM audit_entry", params![], |row| row.get(0))?)
}

fn heads(connection: &Connection) -> Result<Heads> {
    let mut statement = connection.prepare("SELECT chain, position, hash FROM audit_head")?;
    let rows = statement.query_map(params![], |row| Ok((row.get(0)?, (row.get(1)?, hash(row, 2)?))))?;
    Ok(Heads(rows.collect::<Read<_>>()?))
}

/// How an id stands in the changes of an entry, as JSON: as it is; behind what an exception or a match says of it; and as whose a file is.
/// One that ends with an ellipsis was cut.
fn about(id: &str) -> Result<Vec<String>> {
    let quoted = rows::to_json(&id.strip_suffix('…').unwrap_or(id))?;
    let bare = quoted.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or_default();
    if id.ends_with('…') {
        return Ok(vec![format!("\"{bare}")]);
    }
    Ok(vec![quoted.clone(), format!(":{bare}\""), format!("\"{bare}/")])
}

/// What stood in the database before there was a trail gets its entries before anything else does.
fn begin(transaction: &Transaction<'_>, acting: &Acting) -> Result<()> {
    if newest(transaction)? > 0 {
        return Ok(());
    }
    let mut changes = Changes::default();
    states::each(transaction, &mut |chain, noun, id, state| changes.add(chain, (noun, id), None, Some(state)))?;
    append(transaction, (acting, None, AuditAct::Adopt), changes)
}

/// Notes that something was done about a thing whose state is not followed, in a transaction that is not one of [`Store::write_noting`].
pub(crate) fn note(transaction: &Transaction<'_>, acting: &Acting, act: AuditAct, thing: (&str, &str)) -> Result<()> {
    begin(transaction, acting)?;
    let mut changes = Changes::default();
    changes.note(audit::SHARED, thing);
    append(transaction, (acting, None, act), changes)
}

fn append(transaction: &Transaction<'_>, (acting, run, act): (&Acting, Option<RunId>, AuditAct), changes: Changes) -> Result<()> {
    if changes.chains.is_empty() {
        return Ok(());
    }
    let mut heads = Heads::default();
    let chains: Vec<&str> = changes.chains.keys().map(String::as_str).collect();
    transaction.query_each("SELECT chain, position, hash FROM audit_head WHERE chain = ?1", params![], &chains, |row| {
        heads.0.insert(row.get(0)?, (row.get(1)?, hash(row, 2)?));
        Ok(())
    })?;
    let (mut add, mut put_head) = (transaction.many(ADD)?, transaction.many(PUT_HEAD)?);
    let mut id = newest(transaction)?;
    for (chain, changes) in changes.chains {
        let (mut position, mut previous) = heads.0.get(&chain).copied().unwrap_or_default();
        for part in changes.chunks(CHANGES_MAX) {
            (id, position) = (after(id)?, after(position)?);
            let entry = seal(Entry {
                id,
                chain: chain.clone(),
                position,
                at: acting.at,
                by: acting.by.as_str().to_owned(),
                who: acting.who.clone(),
                run: run.map(|run| run.0),
                act: act.as_str().to_owned(),
                changes: rows::to_json(&part)?,
                previous,
                hash: Hash::default(),
            });
            previous = entry.hash;
            add_entry(&mut add, &entry)?;
        }
        put_head.add(params![chain, position, hex(&previous)])?;
    }
    add.send()?;
    put_head.send()?;
    Ok(())
}

/// The number after one that stands in the database.
fn after(number: i64) -> Result<i64> {
    number.checked_add(1).ok_or_else(|| StoreError::bad_row("the audit trail cannot count further"))
}

fn seal(entry: Entry) -> Entry {
    Entry { hash: entry.sealed(), ..entry }
}

fn add_entry(add: &mut crate::database::Many<'_>, entry: &Entry) -> Result<()> {
    let at = entry.at.as_microsecond();
    let (previous, hash) = (hex(&entry.previous), hex(&entry.hash));
    add.add(params![
        entry.id,
        entry.chain,
        entry.position,
        at,
        entry.by,
        entry.who,
        entry.run,
        entry.act,
        entry.changes,
        previous,
        hash
    ])?;
    Ok(())
}

fn entry(row: &Row<'_>) -> Read<Entry> {
    Ok(Entry {
        id: row.get(0)?,
        chain: row.get(1)?,
        position: row.get(2)?,
        at: rows::time(row, 3)?,
        by: row.get(4)?,
        who: row.get(5)?,
        run: row.get(6)?,
        act: row.get(7)?,
        changes: row.get(8)?,
        previous: hash(row, 9)?,
        hash: hash(row, 10)?,
    })
}

/// A hash as it is written; one that is none is another than every hash.
fn hash(row: &Row<'_>, index: usize) -> Read<Hash> {
    Ok(audit::unhex(&row.get::<String>(index)?).unwrap_or([0xff; 32]))
}

impl Store {
    /// Keeps what came of verifying the trail. What anchors have shown is not called well by a look at less than they speak of: only by one at
    /// as much, or by a person, see [`Store::accept_audit`].
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn put_audit_check(&mut self, check: &AuditCheck) -> Result<()> {
        self.write(points::AUDIT_CHECK, |transaction| {
            let known = audit_check(transaction)?;
            if known.as_ref().is_some_and(|known| known.check.faults > 0 && known.check.anchored > check.anchored) {
                return Ok(());
            }
            put_check(transaction, check, known.as_ref())
        })
    }

    /// Notes that a person knows what is wrong with the trail: it is not told of any more until it is verified again. What only anchors have
    /// shown is forgotten by that.
    ///
    /// # Errors
    /// [`StoreError::Absent`] where nothing was wrong when it was verified last.
    pub fn accept_audit(&mut self) -> Result<AuditCheck> {
        self.write_noting((points::AUDIT_CHECK, AuditAct::AuditAccept), |transaction, changes| {
            let known = audit_check(transaction)?.map(|known| known.check).filter(|check| check.faults > 0);
            let known = known.ok_or_else(|| StoreError::Absent { noun: "fault of the audit trail", id: "known".to_owned() })?;
            changes.note(audit::SHARED, ("audit_trail", &format!("{} faults", known.faults)));
            transaction.execute("DELETE FROM audit_check", params![])?;
            Ok(known)
        })
    }

    /// What came of verifying the trail last; `None`: it never was.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn audit_check(&self) -> Result<Option<AuditCheck>> {
        self.read(|connection| Ok(audit_check(connection)?.map(|known| known.check)))
    }
}

/// What came of verifying last, with what the trail was when nothing was wrong with it last.
struct KeptCheck {
    check: AuditCheck,
    whole_entries: i64,
    whole_root: Hash,
}

fn put_check(transaction: &Transaction<'_>, check: &AuditCheck, known: Option<&KeptCheck>) -> Result<()> {
    let (whole_entries, whole_root) = match known {
        _ if check.faults == 0 => (check.entries, check.root),
        Some(known) => (known.whole_entries, known.whole_root),
        None => (0, Hash::default()),
    };
    let sql = "INSERT INTO audit_check (one, checked_at, entries, root, anchors, anchored, faults, first_fault, whole_entries, whole_root) \
         VALUES (1, ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT (one) DO UPDATE SET checked_at = excluded.checked_at, \
         entries = excluded.entries, root = excluded.root, anchors = excluded.anchors, anchored = excluded.anchored, \
         faults = excluded.faults, first_fault = excluded.first_fault, whole_entries = excluded.whole_entries, \
         whole_root = excluded.whole_root";
    let [anchors, faults] = [check.anchors, check.faults].map(|count| i64::try_from(count).unwrap_or(i64::MAX));
    let (at, root, whole_root) = (check.checked_at.as_microsecond(), hex(&check.root), hex(&whole_root));
    let row = params![at, check.entries, root, anchors, check.anchored, faults, check.first_fault, whole_entries, whole_root];
    transaction.execute(sql, row)?;
    Ok(())
}

fn audit_check(connection: &Connection) -> Result<Option<KeptCheck>> {
    let sql = "SELECT checked_at, entries, root, anchors, anchored, faults, first_fault, whole_entries, whole_root FROM audit_check \
         WHERE one = 1";
    let check = |row: &Row<'_>| {
        let check = AuditCheck {
            checked_at: rows::time(row, 0)?,
            entries: row.get(1)?,
            root: hash(row, 2)?,
            anchors: rows::narrow(row, 3)?,
            anchored: row.get(4)?,
            faults: rows::narrow(row, 5)?,
            first_fault: row.get(6)?,
        };
        Ok(KeptCheck { check, whole_entries: row.get(7)?, whole_root: hash(row, 8)? })
    };
    let mut statement = connection.prepare(sql)?;
    Ok(statement.query_map(params![], check)?.next().transpose()?)
}
