//! Imports, newest first.

use facts::BankAccountName;
use jiff::Timestamp;

use crate::database::{Read, params};
use crate::{Result, Store, rows};

/// One statement file that was imported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    /// Into which bank account.
    pub bank_account: BankAccountName,
    /// SHA-256 of the file's bytes.
    pub sha256: [u8; 32],
    /// The file's name, without its folder.
    pub file_name: String,
    /// What it was read as.
    pub format: String,
    /// How many lines it holds, known before or not.
    pub lines: u64,
    /// When it was first imported.
    pub imported_at: Timestamp,
}

const IMPORTS: &str = "SELECT bank_account, sha256, file_name, format, line_count, imported_at FROM statement_file \
     ORDER BY imported_at DESC, bank_account, sha256";

impl Store {
    /// Every statement file, newest first.
    ///
    /// # Errors
    /// [`crate::StoreError`].
    pub fn imports(&self) -> Result<Vec<Import>> {
        self.read(|connection| {
            let mut statement = connection.prepare(IMPORTS)?;
            let imports = statement.query_map(params![], |row| {
                let mut c = rows::Columns::new(row, 0);
                Ok(Import {
                    bank_account: c.id(BankAccountName::parse)?,
                    sha256: c.get()?,
                    file_name: c.get()?,
                    format: c.get()?,
                    lines: c.with(rows::narrow)?,
                    imported_at: c.with(rows::time)?,
                })
            })?;
            Ok(imports.collect::<Read<_>>()?)
        })
    }
}
