//! An export: a table as a file that spreadsheets, BI tools and auditors take as it is. The same content makes the same bytes.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use serde::ser::SerializeMap;
use serde::{Deserialize, Serialize, Serializer};
use sha2::{Digest, Sha256};
use store::{Cell, Store, StoreError, Table};

use super::{Progress, copying};
use crate::exit::{Exit, Failure};
use crate::outside::{FileInMaking, Outside};
use crate::views::load::store_failure;

/// How often progress is told, in rows.
const ROWS_TOLD: u64 = 500;

/// With one of these a spreadsheet takes a text for a formula and runs it, also in their full width.
const FORMULA_SIGNS: [char; 12] = ['=', '+', '-', '@', '\t', '\r', '\n', '\0', '＝', '＋', '－', '＠'];

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// RFC 4180, with a header. A text that a spreadsheet would run as a formula begins with an apostrophe.
    Csv,
    /// One array of objects.
    Json,
    /// One object a line.
    Jsonl,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Csv, Self::Json, Self::Jsonl];

    /// The word in flags, and how names of files end.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Json => "json",
            Self::Jsonl => "jsonl",
        }
    }
}

/// Which table, and of which days.
#[derive(Clone, Copy, Debug)]
pub struct ExportRequest {
    /// The table.
    pub table: Table,
    /// Its form.
    pub format: Format,
    /// Only rows of these days: from the first to the last.
    pub days: (Option<Date>, Option<Date>),
}

/// A file that was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exported {
    /// Rows in it.
    pub rows: u64,
    /// Of the file.
    pub bytes: u64,
    /// SHA-256 of the file.
    pub sha256: [u8; 32],
}

/// Writes a table to anything that takes bytes. Returns how many rows it has.
///
/// # Errors
/// A database that fails; what `to` cannot take; [`Exit::Failed`] where it is called off.
pub fn export(
    outside: &Outside,
    store: &Store,
    request: &ExportRequest,
    to: &mut dyn Write,
    progress: &mut dyn Progress,
) -> Result<u64, ExportError> {
    let columns = store.table_columns(request.table).map_err(ExportError::store)?;
    let mut rows = Rows::begin(request.format, &columns, to)?;
    let (mut count, mut failed) = (0, None);
    let mut goes_on = copying(outside, progress);
    let streamed = store.stream_table(request.table, request.days, &mut |cells| {
        failed = rows.add(cells).err();
        count += 1;
        if failed.is_some() || (count % ROWS_TOLD == 0 && goes_on(count).is_break()) {
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    drop(goes_on);
    match (failed, streamed) {
        (Some(error), _) => Err(ExportError::Output(error)),
        (None, Err(error)) => Err(ExportError::store(error)),
        (None, Ok(())) => {
            rows.end()?;
            progress.set(count, None, "");
            Ok(count)
        }
    }
}

/// A table that was written, whole and on the disk, beside its place. Dropped, nothing is left of it.
pub struct Ready {
    file: FileInMaking,
    path: PathBuf,
    replaces: bool,
    exported: Exported,
}

impl Ready {
    /// What was written.
    #[must_use]
    pub const fn exported(&self) -> &Exported {
        &self.exported
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// [`Exit::Failed`] where something stands there that is not to be replaced, or the disk fails.
    pub fn put_in_place(self, outside: &Outside) -> Result<Exported, Failure> {
        let Self { file, path, replaces, exported } = self;
        file.put_in_place(outside, replaces).map_err(|error| unwritten(&path, &error))?;
        Ok(exported)
    }
}

/// Writes a table into a file, which has no name before [`Ready::put_in_place`].
///
/// # Errors
/// [`Exit::Failed`] where something stands there that is not to be replaced, or the disk fails; the database's own.
pub fn export_file(
    outside: &Outside,
    store: &Store,
    request: &ExportRequest,
    (path, replaces): (&Path, bool),
    progress: &mut dyn Progress,
) -> Result<Ready, Failure> {
    if !replaces && outside.exists(path) {
        return Err(unwritten(path, &io::ErrorKind::AlreadyExists.into()));
    }
    let file = outside.begin_file(path).map_err(|error| unwritten(path, &error))?;
    let mut counted = Counted { to: file, bytes: 0, hash: Sha256::new() };
    let rows = export(outside, store, request, &mut counted, progress).map_err(|error| match error {
        ExportError::Output(error) => unwritten(path, &error),
        ExportError::Failure(failure) => failure,
    })?;
    progress.finish();
    let Counted { to: mut file, bytes, hash } = counted;
    file.sync().map_err(|error| unwritten(path, &error))?;
    let exported = Exported { rows, bytes, sha256: hash.finalize().into() };
    Ok(Ready { file, path: path.to_owned(), replaces, exported })
}

fn unwritten(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::AlreadyExists => {
            Failure::new(Exit::Failed, format!("{} is there already and was left as it is", path.display()))
                .hint("name another file, or replace it with --replace")
        }
        _ => Failure::new(Exit::Failed, format!("{} cannot be written: {error}", path.display()))
            .hint("make the folder, or check its permissions and its disk"),
    }
}

/// The file of a table in a folder: always the same, so that whoever reads it need not look for it.
#[must_use]
pub fn file_in(folder: &Path, table: Table, format: Format) -> PathBuf {
    folder.join(format!("{}.{}", table.name, format.as_str()))
}

/// Why a table was not written.
#[derive(Debug)]
pub enum ExportError {
    /// Where it is written to fails.
    Output(io::Error),
    /// Anything else.
    Failure(Failure),
}

impl ExportError {
    fn store(error: StoreError) -> Self {
        Self::Failure(store_failure(error))
    }
}

impl From<io::Error> for ExportError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

/// Rows on their way into a file.
enum Rows<'a> {
    Csv(Box<csv::Writer<&'a mut dyn Write>>),
    Json { to: &'a mut dyn Write, columns: &'a [String], is_array: bool, is_first: bool },
}

impl<'a> Rows<'a> {
    fn begin(format: Format, columns: &'a [String], to: &'a mut dyn Write) -> io::Result<Self> {
        Ok(match format {
            Format::Csv => {
                let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(to);
                writer.write_record(columns)?;
                Self::Csv(Box::new(writer))
            }
            Format::Json => {
                to.write_all(b"[")?;
                Self::Json { to, columns, is_array: true, is_first: true }
            }
            Format::Jsonl => Self::Json { to, columns, is_array: false, is_first: true },
        })
    }

    fn add(&mut self, cells: &[Cell<'_>]) -> io::Result<()> {
        match self {
            Self::Csv(writer) => {
                cells.iter().try_for_each(|cell| match cell {
                    Cell::Empty => writer.write_field(""),
                    Cell::Number(number) => writer.write_field(number.to_string()),
                    Cell::Text(text) if is_formula(text) => writer.write_field(format!("'{text}")),
                    Cell::Text(text) => writer.write_field(text),
                })?;
                Ok(writer.write_record(None::<&[u8]>)?)
            }
            Self::Json { to, columns, is_array, is_first } => {
                if *is_array {
                    to.write_all(if *is_first { b"\n" } else { b",\n" })?;
                }
                *is_first = false;
                serde_json::to_writer(&mut *to, &Object { columns, cells })?;
                if *is_array { Ok(()) } else { to.write_all(b"\n") }
            }
        }
    }

    fn end(self) -> io::Result<()> {
        match self {
            Self::Csv(mut writer) => writer.flush(),
            Self::Json { to, is_array: true, is_first, .. } => to.write_all(if is_first { b"]\n" } else { b"\n]\n" }),
            Self::Json { .. } => Ok(()),
        }
    }
}

fn is_formula(text: &str) -> bool {
    text.starts_with(FORMULA_SIGNS)
}

/// A row, its columns in their order.
struct Object<'r> {
    columns: &'r [String],
    cells: &'r [Cell<'r>],
}

impl Serialize for Object<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, cell) in self.columns.iter().zip(self.cells) {
            match cell {
                Cell::Empty => map.serialize_entry(column, &())?,
                Cell::Number(number) => map.serialize_entry(column, number)?,
                Cell::Text(text) => map.serialize_entry(column, text)?,
            }
        }
        map.end()
    }
}

/// Counts and hashes what goes through.
struct Counted<W> {
    to: W,
    bytes: u64,
    hash: Sha256,
}

impl<W: Write> Write for Counted<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.to.write(bytes)?;
        self.bytes += written as u64;
        self.hash.update(bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(format: Format, rows: &[&[Cell<'_>]]) -> String {
        let (columns, mut to) = (["id", "amount_minor"].map(str::to_owned), Vec::new());
        let mut writing = Rows::begin(format, &columns, &mut to).unwrap();
        rows.iter().for_each(|row| writing.add(row).unwrap());
        writing.end().unwrap();
        String::from_utf8(to).unwrap()
    }

    #[test]
    fn each_format_holds_the_same_rows_and_none_where_there_are_none() {
        let rows: [&[Cell<'_>]; 2] = [&[Cell::Text("a \"b\", c"), Cell::Number(-5)], &[Cell::Text("d\ne"), Cell::Empty]];
        assert_eq!(written(Format::Csv, &rows), "id,amount_minor\r\n\"a \"\"b\"\", c\",-5\r\n\"d\ne\",\r\n");
        assert_eq!(
            written(Format::Jsonl, &rows),
            "{\"id\":\"a \\\"b\\\", c\",\"amount_minor\":-5}\n{\"id\":\"d\\ne\",\"amount_minor\":null}\n"
        );
        let array: serde_json::Value = serde_json::from_str(&written(Format::Json, &rows)).unwrap();
        assert_eq!(array[0]["amount_minor"], -5);
        let none = Format::ALL.map(|format| written(format, &[]));
        assert_eq!(none, ["id,amount_minor\r\n", "[]\n", ""]);
    }

    #[test]
    fn no_text_of_others_is_run_by_a_spreadsheet_and_amounts_stay_numbers() {
        for sign in FORMULA_SIGNS {
            let hostile = format!("{sign}cmd|' /C calc'!A0");
            let row: &[Cell<'_>] = &[Cell::Text(&hostile), Cell::Number(-1)];
            let mut read = csv::ReaderBuilder::new().from_reader(written(Format::Csv, &[row]).into_bytes().leak() as &[u8]);
            let record = read.records().next().unwrap().unwrap();
            assert_eq!((record.get(0), record.get(1)), (Some(format!("'{hostile}").as_str()), Some("-1")));
            assert!(written(Format::Jsonl, &[row]).contains(&serde_json::to_string(&hostile).unwrap()), "JSON runs nothing");
        }
    }
}
