//! Every limit of this crate, each with its reason.

/// The largest statement file that is read: 256 MiB. A bank's year of a busy account is under 100 MB; more is a mistake or an attack.
pub const FILE_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Rows in one CSV. The year of a busy account has a million; a row costs some 300 bytes of memory however short it is, so that
/// [`FILE_BYTES_MAX`] of two-byte rows would take 36 GB.
pub const FILE_ROWS_MAX: usize = 2_000_000;

/// Fields in one line. The widest known export has 40; a thousand commas in a row are not a statement.
pub const LINE_FIELDS_MAX: usize = 256;

/// Bytes in one field or one XML text. SWIFT allows a few hundred; more is a quote that was never closed.
pub const FIELD_BYTES_MAX: usize = 64 * 1024;

/// Rows searched for a header. The longest known preamble (UBS) has 10 rows.
pub const HEADER_ROWS_MAX: usize = 40;

/// How deep XML elements may nest. CAMT's schema reaches 15.
pub const XML_DEPTH_MAX: usize = 64;

/// Elements in one CAMT entry. A batch of 50,000 transactions with 20 elements each fits.
pub const XML_ENTRY_NODES_MAX: usize = 1_000_000;

/// Bytes in a profile. The longest built-in one has under 2 KB.
pub const PROFILE_BYTES_MAX: usize = 64 * 1024;

/// Rows from which a profile is proposed. More rows would not change what the columns are.
pub const PROPOSAL_ROWS_MAX: usize = 2_000;

/// Characters of a file's own text that a message repeats. Longer ones hide the message.
pub const QUOTED_CHARS_MAX: usize = 60;
