//! Empty databases in files.

use std::sync::atomic::{AtomicBool, Ordering};

use store::Location;
use tempfile::TempDir;

/// Cases of a property.
pub const CASES: u32 = 48;

/// Where a test's database is; gone when this value is.
pub struct Place {
    folder: TempDir,
    changed: AtomicBool,
}

/// Whatever a test has done: what stands in the tables is what the audit trail says, but for a test that reached behind its back.
impl Drop for Place {
    fn drop(&mut self) {
        if !self.was_changed() {
            crate::contract::audit::holds(&self.location());
        }
    }
}

impl Place {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), changed: AtomicBool::new(false) }
    }

    pub fn location(&self) -> Location {
        Location::File(self.folder.path().join("tieout.db"))
    }

    /// Changes it past the store.
    pub fn change(&self, sql: &str) {
        self.changed.store(true, Ordering::Relaxed);
        rusqlite::Connection::open(self.folder.path().join("tieout.db")).unwrap().execute_batch(sql).unwrap();
    }

    /// Whether it was changed past the store.
    pub fn was_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// What a query says, read past the store: the first row, its values separated by bars.
    pub fn ask(&self, sql: &str) -> String {
        let connection = rusqlite::Connection::open(self.folder.path().join("tieout.db")).unwrap();
        let mut statement = connection.prepare(sql).unwrap();
        let columns = statement.column_count();
        let row = |row: &rusqlite::Row<'_>| {
            (0..columns)
                .map(|index| match row.get::<_, rusqlite::types::Value>(index)? {
                    rusqlite::types::Value::Integer(number) => Ok(number.to_string()),
                    rusqlite::types::Value::Text(text) => Ok(text),
                    other => Ok(format!("{other:?}")),
                })
                .collect::<rusqlite::Result<Vec<_>>>()
        };
        statement.query_row([], row).unwrap().join("|")
    }

    /// The views and their columns, in their order.
    pub fn views(&self) -> Vec<(String, Vec<String>)> {
        let connection = rusqlite::Connection::open(self.folder.path().join("tieout.db")).unwrap();
        let listed = |sql: &str| -> Vec<String> {
            let mut statement = connection.prepare(sql).unwrap();
            statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
        };
        let views = listed("SELECT name FROM sqlite_master WHERE type = 'view' ORDER BY name");
        let columns = |view: &String| listed(&format!("SELECT name FROM pragma_table_info('{view}') ORDER BY cid"));
        views.iter().map(|view| (view.clone(), columns(view))).collect()
    }
}
