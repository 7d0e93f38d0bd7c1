//! Every limit of this crate, each with its reason.

/// The largest file that is read: 256 MiB. With every column, a row of a report has some 800 bytes: 300,000 txns.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Rows in one file. A row costs some 500 bytes of memory however short it is.
pub const FILE_ROWS_MAX: u64 = 2_000_000;

/// Columns in one file. A report has at most some 90, and one for each key of metadata, of which an object has at most 50.
pub const COLUMNS_MAX: usize = 1_000;

/// Bytes in one field. Stripe's longest, a description or a value of metadata, has under 1,000; more is a quote that was never closed.
pub const FIELD_BYTES_MAX: usize = 64 * 1024;

/// Characters of a file's own text that a message repeats. Longer ones hide the message.
pub const QUOTED_CHARS_MAX: usize = 60;
