//! Which column of a header is what.

use crate::error::{ReadError, quoted};

/// The columns of a file, found by their names: case, blanks and order do not matter.
pub(crate) struct Columns<'h> {
    header: &'h [String],
    keys: Vec<String>,
}

/// A column that is read.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    /// Its place, from 0.
    pub at: usize,
    /// Its name as the file writes it, for messages.
    pub name: String,
}

impl<'h> Columns<'h> {
    pub(crate) fn new(header: &'h [String]) -> Self {
        Self { header, keys: header.iter().map(|name| key(name)).collect() }
    }

    pub(crate) fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key == name)
    }

    pub(crate) fn has_all(&self, names: &[&str]) -> bool {
        names.iter().all(|name| self.has(name))
    }

    /// The column of this name, where the file has it.
    ///
    /// # Errors
    /// Two columns of the name: nobody can tell which one counts.
    pub(crate) fn find(&self, name: &str) -> Result<Option<Column>, ReadError> {
        let mut places = self.keys.iter().enumerate().filter(|(_, key)| *key == name).map(|(at, _)| at);
        let Some(at) = places.next() else { return Ok(None) };
        let written = self.header.get(at).cloned().unwrap_or_default();
        match places.next() {
            Some(_) => Err(ReadError::new("two columns of this name", "one").line(1).column(&written)),
            None => Ok(Some(Column { at, name: written })),
        }
    }

    /// The column of this name.
    ///
    /// # Errors
    /// As [`Self::find`], and where the file has none.
    pub(crate) fn need(&self, name: &str) -> Result<Column, ReadError> {
        self.find(name)?.ok_or_else(|| self.missing(name))
    }

    /// What to say where a column is missing that the file cannot be read without.
    pub(crate) fn missing(&self, name: &str) -> ReadError {
        let shown: Vec<String> = self.header.iter().take(12).map(|name| quoted(name)).collect();
        let more = if self.header.len() > shown.len() { ", …" } else { "" };
        ReadError::new(format!("the columns {}{more}", shown.join(", ")), format!("a column {name} as well"))
            .line(1)
            .hint(format!("export it again with all columns, or with {name} ticked under Columns"))
    }
}

/// A name as it is compared: lower case, and one `_` for whatever else stands between letters and digits.
fn key(name: &str) -> String {
    let mut key = String::with_capacity(name.len());
    for word in name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
        if !key.is_empty() {
            key.push('_');
        }
        key.extend(word.chars().flat_map(char::to_lowercase));
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_is_found_by_its_words_however_they_are_written() {
        for (name, expected) in [
            ("Available On (UTC)", "available_on_utc"),
            (" balance_transaction_id ", "balance_transaction_id"),
            ("payment_metadata[order id]", "payment_metadata_order_id"),
            ("", ""),
        ] {
            assert_eq!(key(name), expected);
        }
    }
}
