//! A job that exports tables into a folder, each into the file of its name. They are replaced once all new ones are whole.

use std::path::Path;

use store::{Measured, Store, StoreError, TABLES, Table};

use super::JobEnd;
use super::hash::hash_of;
use super::log::RunLog;
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::jobs::export::{ExportRequest, Exported, Format, Ready, export_file, file_in};
use crate::outside::Outside;
use crate::views::load::{self, store_failure};

/// Exports tables by their names; none means all. All show one instant.
///
/// # Errors
/// No database, a table that this version does not know, a folder that cannot be written, a database that fails.
pub fn run(
    outside: &Outside,
    config: &Config,
    (folder, names, format): (&Path, &[String], Format),
    log: &mut RunLog,
) -> Result<JobEnd, Failure> {
    let known =
        |name: &String| Table::of(name).ok_or_else(|| Failure::new(Exit::Usage, format!("there is no table '{name}' to export")));
    let tables = if names.is_empty() { TABLES.to_vec() } else { names.iter().map(known).collect::<Result<_, _>>()? };
    let store = load::open(config)?;
    let at_once = |store: &Store| Ok::<_, StoreError>(write(outside, store, (folder, &tables, format), log));
    let (revision, ready) = store.at_one_instant(at_once).map_err(store_failure)??;
    outside.goes_on()?;
    let written = place(outside, ready)?;
    let rows = written.iter().map(|(_, exported)| exported.rows).sum();
    let told: serde_json::Map<_, _> = written.iter().map(|(name, exported)| ((*name).to_owned(), exported.rows.into())).collect();
    let measured = Measured {
        bytes: Some(written.iter().map(|(_, exported)| exported.bytes).sum()),
        input_hash: Some(hash_of([revision.to_string().as_bytes()])),
        output_hash: Some(hash_of(written.iter().map(|(_, exported)| &exported.sha256[..]))),
        ..Measured::default()
    };
    let folder = folder.display().to_string();
    Ok(JobEnd::done(Some(rows), serde_json::json!({ "folder": folder, "rows": told })).measuring(measured))
}

/// Gives all of them their names. A folder that lets some be replaced and others not is told with what is new in it already.
fn place(outside: &Outside, ready: Written) -> Result<Vec<(&'static str, Exported)>, Failure> {
    let mut placed = Vec::new();
    for (name, file) in ready {
        match file.put_in_place(outside) {
            Ok(exported) => placed.push((name, exported)),
            Err(failure) if placed.is_empty() => return Err(failure),
            Err(failure) => {
                let new: Vec<&str> = placed.iter().map(|(name, _)| *name).collect();
                return Err(Failure { message: format!("{}; new already: {}", failure.message, new.join(", ")), ..failure });
            }
        }
    }
    Ok(placed)
}

/// Tables by their names, on the disk and not in their places.
type Written = Vec<(&'static str, Ready)>;

/// Writes each table; with them the revision that they show. One that cannot be written leaves all others as they were.
fn write(
    outside: &Outside,
    store: &Store,
    (folder, tables, format): (&Path, &[Table], Format),
    log: &mut RunLog,
) -> Result<(i64, Written), Failure> {
    let revision = store.revision().map_err(store_failure)?;
    let mut written = Vec::new();
    for &table in tables {
        outside.goes_on()?;
        let request = ExportRequest { table, format, days: (None, None) };
        let file = file_in(folder, table, format);
        let ready = export_file(outside, store, &request, (&file, true), log)?;
        log.say(&format!("{}: {} rows, {} bytes", table.name, ready.exported().rows, ready.exported().bytes));
        written.push((table.name, ready));
    }
    Ok((revision, written))
}
