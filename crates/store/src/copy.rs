//! A whole database into another, of either kind.

use std::ops::ControlFlow;

use crate::database::{Connection, Transaction, Value, params};
use crate::digest::{self, LEFT_OUT, PARTS};
use crate::{Location, Result, Store, StoreError, points};

/// Rows sent together: what is on its way stays far below a megabyte but for rows that are larger by themselves.
const ROWS_AT_ONCE: usize = 500;

/// The same in bytes.
const BYTES_AT_ONCE: usize = 512 * 1024;

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
    pub fn copy_to(&self, other: &mut Self, progress: &mut dyn FnMut(u64)) -> Result<Copied> {
        let target = other.location.clone();
        self.view(|from| {
            other.write(points::DB_COPY, |to| {
                refuse_any(to)?;
                to.execute("DELETE FROM meta", params![])?;
                let mut rows = 0;
                for (table, order) in tables() {
                    let mut copied = |more| {
                        rows += more;
                        progress(rows);
                    };
                    // What is not said to be the target's failure is the source's.
                    copy_table(from, (to, &target), table, order, &mut copied).map_err(|error| error.at(&self.location))?;
                }
                let content = digest::of_all(from).map_err(|error| error.at(&self.location))?;
                if digest::of_all(to)? != content {
                    return Err(StoreError::corrupt("what was written reads differently".to_owned()));
                }
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
    copied: &mut dyn FnMut(u64),
) -> Result<()> {
    let order = order.map(|key| format!(" ORDER BY {key}")).unwrap_or_default();
    let mut read = from.prepare(&format!("SELECT * FROM {table}{order}"))?;
    let columns = read.columns();
    let places: Vec<String> = (1..=columns.len()).map(|number| format!("?{number}")).collect();
    let insert = format!("INSERT INTO {table} ({}) VALUES ({})", columns.join(", "), places.join(", "));
    let of_target = |error| StoreError::from(error).at(target);
    let mut write = to.prepare(&insert).map_err(of_target)?;
    let (mut rows, mut bytes): (Vec<Vec<Value>>, usize) = (Vec::new(), 0);
    let mut send = |rows: &mut Vec<Vec<Value>>| -> Result<()> {
        write.execute_each(rows).map_err(of_target)?;
        copied(rows.len() as u64);
        rows.clear();
        Ok(())
    };
    read.stream(params![], |row| {
        let values = (0..columns.len()).map(|index| Ok(row.value(index)?.into())).collect::<Result<Vec<Value>>>()?;
        bytes += values.iter().map(Value::size).sum::<usize>();
        rows.push(values);
        if rows.len() >= ROWS_AT_ONCE || bytes >= BYTES_AT_ONCE {
            send(&mut rows)?;
            bytes = 0;
        }
        Ok::<_, StoreError>(ControlFlow::Continue(()))
    })?;
    send(&mut rows)
}
