//! Bytes to rows of fields, one at a time.

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::error::{ReadError, quoted};
use crate::limits::{COLUMNS_MAX, FIELD_BYTES_MAX, FILE_BYTES_MAX, FILE_ROWS_MAX};

/// A file whose header was read.
pub(crate) struct Table<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    /// The columns as the header names them.
    pub header: Vec<String>,
    rows: u64,
}

/// One row of the file.
pub(crate) struct Row<'t> {
    /// The line in the file, from 1, on which it begins.
    pub line: u64,
    /// Its fields as they stand; as many as the header has.
    cells: &'t StringRecord,
}

impl<'t> Row<'t> {
    /// A field without the blanks around it.
    pub(crate) fn cell(&self, at: usize) -> &'t str {
        self.cells.get(at).unwrap_or_default().trim()
    }
}

impl<'a> Table<'a> {
    /// Reads the header.
    pub(crate) fn open(bytes: &'a [u8]) -> Result<Self, ReadError> {
        let text = text_of(bytes)?;
        let mut reader = ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
        let mut record = StringRecord::new();
        let found = reader.read_record(&mut record).map_err(|error| ReadError::new(error.to_string(), "a header"))?;
        if !found {
            return Err(ReadError::new("an empty file", "a header and rows"));
        }
        check(&record, 1)?;
        let header = record.iter().map(|name| name.trim().to_owned()).collect();
        Ok(Self { text, reader, header, rows: 0 })
    }

    /// Hands every row to `each`; how many there were. Empty lines are passed over.
    pub(crate) fn rows(&mut self, mut each: impl FnMut(&Row<'_>) -> Result<(), ReadError>) -> Result<u64, ReadError> {
        let mut record = StringRecord::new();
        while self.reader.read_record(&mut record).map_err(|error| ReadError::new(error.to_string(), "a row of fields"))? {
            let line = line_of(self.text, &record);
            check(&record, line)?;
            if record.len() != self.header.len() {
                let found = format!("{} fields", record.len());
                return Err(ReadError::new(found, format!("{}, as in the header", self.header.len())).line(line));
            }
            self.rows += 1;
            if self.rows > FILE_ROWS_MAX {
                return Err(ReadError::new(format!("more than {FILE_ROWS_MAX} rows"), "fewer").hint(SPLIT));
            }
            each(&Row { line, cells: &record })?;
        }
        Ok(self.rows)
    }

    /// A file that ends in the middle of its last field, where that is one that is read, would give a shorter id or amount.
    pub(crate) fn ends_whole(&self, is_read: impl Fn(usize) -> bool) -> Result<(), ReadError> {
        if self.text.ends_with(['\n', '\r']) || !is_read(self.header.len().saturating_sub(1)) {
            return Ok(());
        }
        let last = self.text.lines().last().unwrap_or_default();
        let tail: Vec<char> = last.chars().rev().take(20).collect();
        Err(ReadError::new(quoted(&tail.into_iter().rev().collect::<String>()), "a line break at the end of the file")
            .hint("the file may be cut off: download it again; if it is whole, end its last line with a line break"))
    }
}

const SPLIT: &str = "export shorter stretches of time and import the parts; rows that overlap count once";

/// UTF-8 text, whole quotes, no binary.
fn text_of(bytes: &[u8]) -> Result<&str, ReadError> {
    if bytes.len() as u64 > FILE_BYTES_MAX {
        return Err(ReadError::new(format!("{} bytes", bytes.len()), format!("at most {FILE_BYTES_MAX}")).hint(SPLIT));
    }
    let bytes = bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes);
    let line_at = |at: usize| bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() as u64 + 1;
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(ReadError::new("a zero byte", "CSV in UTF-8, as Stripe exports it").line(line_at(at)));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        ReadError::new("bytes that are not UTF-8", "CSV in UTF-8, as Stripe exports it").line(line_at(error.valid_up_to()))
    })?;
    if !bytes.iter().filter(|&&byte| byte == b'"').count().is_multiple_of(2) {
        return Err(ReadError::new("a quote that is opened and never closed", "a whole file"));
    }
    Ok(text)
}

/// The line on which a row begins: the csv reader's position lies before the empty lines that it passed over.
fn line_of(text: &str, record: &StringRecord) -> u64 {
    let Some(position) = record.position() else { return 0 };
    let at = usize::try_from(position.byte()).unwrap_or(usize::MAX);
    let empty = text.as_bytes().iter().skip(at).take_while(|byte| matches!(byte, b'\n' | b'\r'));
    position.line() + empty.filter(|byte| **byte == b'\n').count() as u64
}

fn check(record: &StringRecord, line: u64) -> Result<(), ReadError> {
    if record.len() > COLUMNS_MAX {
        return Err(ReadError::new(format!("{} fields", record.len()), format!("at most {COLUMNS_MAX}")).line(line));
    }
    match record.iter().map(str::len).max() {
        Some(longest) if longest > FIELD_BYTES_MAX => {
            let error = ReadError::new(format!("a field of {longest} bytes"), format!("at most {FIELD_BYTES_MAX}"));
            Err(error.line(line).hint("a quote that is opened and never closed swallows the lines behind it; look at this line"))
        }
        _ => Ok(()),
    }
}
