//! Text to rows of fields.

use csv::{ReaderBuilder, StringRecord};

use crate::error::{ReadError, Trouble};
use crate::limits::{FIELD_BYTES_MAX, LINE_FIELDS_MAX};

/// The signs that may stand between fields, the commonest first.
pub(crate) const DELIMITERS: [u8; 4] = [b',', b';', b'\t', b'|'];

/// One row of the file.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// The line in the file, from 1, on which the row begins.
    pub line: u64,
    /// Its fields as they stand.
    pub cells: StringRecord,
}

impl Row {
    /// A field without the blanks around it; empty where the row is too short.
    pub(crate) fn cell(&self, at: usize) -> &str {
        self.cells.get(at).unwrap_or_default().trim()
    }

    /// How many fields there are up to the last one that is not empty.
    pub(crate) fn filled(&self) -> usize {
        (0..self.cells.len()).rev().find(|at| !self.cell(*at).is_empty()).map_or(0, |at| at + 1)
    }
}

/// Splits the text into rows, at most `limit` of them. Empty lines are passed over.
///
/// # Errors
/// [`Trouble::Line`] for a row over a limit, [`Trouble::CutOff`] for a quote that is never closed.
pub(crate) fn rows(text: &str, delimiter: u8, limit: usize) -> Result<Vec<Row>, ReadError> {
    let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut record = StringRecord::new();
    let mut last = 0;
    while rows.len() < limit {
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => {
                closed(text, last, &rows, delimiter)?;
                break;
            }
            Err(error) => return Err(ReadError::new(Trouble::Line, error.to_string(), "a line of fields")),
        }
        let (at, line) = start(text, &record);
        check(&record, line)?;
        last = at;
        rows.push(Row { line, cells: record.clone() });
    }
    Ok(rows)
}

/// Splits the whole text into rows.
///
/// # Errors
/// As [`rows`], and [`Trouble::TooLarge`] where there are more than `most`.
pub(crate) fn all_rows(text: &str, delimiter: u8, most: usize) -> Result<Vec<Row>, ReadError> {
    let rows = rows(text, delimiter, most.saturating_add(1))?;
    match rows.get(most) {
        Some(over) => Err(ReadError::new(Trouble::TooLarge, format!("more than {most} rows"), format!("at most {most} rows"))
            .line(over.line)
            .hint("split the file by month and import the parts; lines that overlap count once")),
        None => Ok(rows),
    }
}

/// Where a row begins: the csv reader's position lies before the empty lines that it passed over.
fn start(text: &str, record: &StringRecord) -> (usize, u64) {
    let Some(position) = record.position() else { return (0, 0) };
    let mut at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let mut line = position.line();
    while let Some(byte @ (b'\n' | b'\r')) = text.as_bytes().get(at) {
        line += u64::from(*byte == b'\n');
        at += 1;
    }
    (at, line)
}

fn check(record: &StringRecord, line: u64) -> Result<(), ReadError> {
    if record.len() > LINE_FIELDS_MAX {
        return Err(ReadError::new(
            Trouble::Line,
            format!("{} fields", record.len()),
            format!("at most {LINE_FIELDS_MAX} in a line"),
        )
        .line(line));
    }
    match record.iter().map(str::len).max() {
        Some(longest) if longest > FIELD_BYTES_MAX => {
            let found = format!("a field of {longest} bytes");
            Err(ReadError::new(Trouble::Line, found, format!("at most {FIELD_BYTES_MAX} in a field"))
                .line(line)
                .hint("a quote that is opened and never closed swallows the lines behind it; look at this line"))
        }
        _ => Ok(()),
    }
}

/// The csv reader takes the end of the file for the end of a quoted field; a statement cut off there must not pass for whole.
fn closed(text: &str, last: usize, rows: &[Row], delimiter: u8) -> Result<(), ReadError> {
    let tail = text.get(last..).unwrap_or_default();
    let opens = tail.starts_with('"') || tail.contains(&format!("{}\"", char::from(delimiter)));
    if opens && !tail.matches('"').count().is_multiple_of(2) {
        let line = rows.last().map_or(1, |row| row.line);
        return Err(ReadError::new(Trouble::CutOff, "a quote that is opened and never closed", "a whole last line")
            .line(line)
            .hint("the file ends in the middle of a line; download it again"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_rows_than_fit_in_memory_are_refused_and_as_many_as_fit_are_read() {
        let text = "Date,Description,Amount\na\n\na\n";
        assert_eq!(all_rows(text, b',', 3).unwrap().len(), 3);
        let error = all_rows(text, b',', 2).unwrap_err();
        assert_eq!((error.trouble, error.line), (Trouble::TooLarge, Some(4)), "{error}");
    }
}
