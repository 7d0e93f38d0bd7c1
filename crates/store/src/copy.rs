//! A whole database into another, of either kind.

use std::ops::ControlFlow;

use crate::database::{Connection, Read, ToSql, Transaction, params};
use crate::digest::{self, LEFT_OUT, PARTS};
use crate::{AuditAct, Location, Result, Store, StoreError, audit, points};

/// How often progress is told, in rows.
const ROWS_TOLD: u64 = 500;

/// What a copy holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Rows of all tables together.
    pub rows: u64,
    /// What [`Store::content_digest`] says of both.
    pub content: [u8; 32],
}

impl Store {
    /// Copies everything, as it stands at one instant, into an empty database, in one transaction. `progress` hears how many
    /// rows were copied so far. The copy is read back and compared before it counts.
    ///
    /// # Errors
    /// [`StoreError::NotEmpty`] when the other holds anything, [`StoreError::Corrupt`] when what was written reads differently;
    /// then the other stays empty.
    pub fn copy_to(&self, other: &mut Self, progress: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Result<Copied> {
        self.copied(other, progress, |_| Ok(()))
    }

    /// The same, of a backup that becomes a database again: its audit trail goes on with that.
    ///
    /// # Errors
    /// Those of [`Store::copy_to`].
    pub fn restore_to(&self, other: &mut Self, progress: &mut dyn FnMut(u64) -> ControlFlow<()>) -> Result<Copied> {
        let acting = other.points.acting();
        self.copied(other, progress, |to| audit::note(to, &acting, AuditAct::Restore, ("database", "")))
    }

    /// Copies everything, and does what is to be done `then` in the same transaction.
    fn copied(
        &self,
        other: &mut Self,
        progress: &mut dyn FnMut(u64) -> ControlFlow<()>,
        then: impl FnOnce(&Transaction<'_>) -> Result<()>,
    ) -> Result<Copied> {
        let target = other.location.clone();
        self.view(|from| {
            other.write(points::DB_COPY, |to| {
                to.may_stand_still()?;
                refuse_any(to)?;
                to.execute("DELETE FROM meta", params![])?;
                let mut rows = 0;
                for (table, order) in tables() {
                    let mut copied = |more| {
                        rows += more;
                        progress(rows)
                    };
                    // What is not said to be the target's failure is the source's.
                    copy_table(from, (to, &target), table, order, &mut copied).map_err(|error| error.at(&self.location))?;
                }
                let content = digest::of_all(from).map_err(|error| error.at(&self.location))?;
                if digest::of_all(to)? != content {
                    return Err(StoreError::corrupt("what was written reads differently".to_owned()));
                }
                then(to)?;
                Ok(Copied { rows, content })
            })
        })
    }
}

/// Every table and the order of its rows; what others refer to comes first.
fn tables() -> impl Iterator<Item = (&'static str, Option<&'static str>)> {
    let content = PARTS.iter().map(|part| (part.table, Some(part.key)));
    content.chain(LEFT_OUT.iter().map(|&table| (table, None)))
}

fn refuse_any(to: &Connection) -> Result<()> {
    let filled = tables()
        .filter(|(table, _)| *table != "meta")
        .map(|(table, _)| to.query_row(&format!("SELECT EXISTS (SELECT 1 FROM {table})"), params![], |row| row.get::<bool>(0)));
    for any in filled {
        if any? {
            return Err(StoreError::NotEmpty { place: String::new() });
        }
    }
    Ok(())
}

fn copy_table(
    from: &Connection,
    (to, target): (&Transaction<'_>, &Location),
    table: &str,
    order: Option<&str>,
    copied: &mut dyn FnMut(u64) -> ControlFlow<()>,
) -> Result<()> {
    let order = order.map(|key| format!(" ORDER BY {key}")).unwrap_or_default();
    let mut read = from.prepare(&format!("SELECT * FROM {table}{order}"))?;
    let columns = read.columns();
    let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let insert = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    let of_target = |error| StoreError::from(error).at(target);
    let mut write = to.many(&insert).map_err(of_target)?;
    let mut waiting = 0;
    read.stream(params![], |row| {
        let values = (0..columns.len()).map(|index| row.value(index)).collect::<Read<Vec<_>>>()?;
        let values: Vec<&dyn ToSql> = values.iter().map(|value| value as &dyn ToSql).collect();
        write.add(&values).map_err(of_target)?;
        waiting += 1;
        if waiting >= ROWS_TOLD && copied(std::mem::take(&mut waiting)).is_break() {
            return Err(StoreError::CalledOff);
        }
        Ok::<_, StoreError>(ControlFlow::Continue(()))
    })?;
    write.send().map_err(of_target)?;
    if copied(waiting).is_break() { Err(StoreError::CalledOff) } else { Ok(()) }
}
