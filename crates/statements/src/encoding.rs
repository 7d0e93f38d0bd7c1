//! Bytes to text, in the one encoding that the file can be in.

use std::borrow::Cow;

use encoding_rs::{Encoding, SHIFT_JIS, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1250, WINDOWS_1252};

use crate::error::{ReadError, Trouble};

/// The encodings that a profile may name.
pub(crate) const NAMES: [&str; 6] = ["utf-8", "utf-16le", "utf-16be", "windows-1252", "windows-1250", "shift_jis"];

/// Single-byte and East Asian encodings that bytes cannot tell apart by themselves: only a known header does.
pub(crate) const LEGACY: [&Encoding; 3] = [WINDOWS_1252, WINDOWS_1250, SHIFT_JIS];

/// What the bytes say by themselves.
pub(crate) enum Sniffed<'a> {
    /// Text, without doubt.
    Text(Cow<'a, str>),
    /// Text in one of [`LEGACY`]; the header or a profile has to say which.
    Legacy,
}

/// Looks at byte order marks and at whether the bytes are UTF-8.
///
/// # Errors
/// [`Trouble::Encoding`] for binary content, UTF-16 without a mark and broken UTF-8; [`Trouble::CutOff`] where the file ends
/// inside a character.
pub(crate) fn sniff(bytes: &[u8]) -> Result<Sniffed<'_>, ReadError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let rest = bytes.get(length..).unwrap_or_default();
        return decode(rest, encoding).map(Sniffed::Text);
    }
    if let Some(at) = bytes.iter().position(|&byte| byte == 0) {
        return Err(ReadError::new(
            Trouble::Encoding,
            format!("a zero byte at offset {at}"),
            "text: UTF-8, UTF-16 with a mark, or Windows-1252",
        )
        .line(line_at(bytes, at))
        .hint("export the file as CSV in UTF-8; a spreadsheet (.xlsx), a PDF or UTF-16 without its mark cannot be read"));
    }
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(Sniffed::Text(Cow::Borrowed(text))),
        Err(error) => {
            let (good, rest) = bytes.split_at_checked(error.valid_up_to()).unwrap_or((bytes, &[]));
            let line = line_at(bytes, good.len());
            if error.error_len().is_none() && (!good.is_ascii() || rest.len() > 1) {
                return Err(ReadError::new(Trouble::CutOff, "the end of the file inside a character", "a whole file")
                    .line(line)
                    .hint("download the file again"));
            }
            if good.is_ascii() {
                return Ok(Sniffed::Legacy);
            }
            Err(ReadError::new(Trouble::Encoding, "UTF-8 text and bytes that are not UTF-8", "one encoding over the whole file")
                .line(line)
                .hint("save the file again in UTF-8; two files in different encodings may have been joined"))
        }
    }
}

/// Reads the bytes in a named encoding, every byte of it.
///
/// # Errors
/// [`Trouble::Encoding`] where a byte means nothing in that encoding.
pub(crate) fn decode<'a>(bytes: &'a [u8], encoding: &'static Encoding) -> Result<Cow<'a, str>, ReadError> {
    let bytes = if encoding == UTF_8 { bytes.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(bytes) } else { bytes };
    let odd_tail = (encoding == UTF_16LE || encoding == UTF_16BE) && !bytes.len().is_multiple_of(2);
    match encoding.decode_without_bom_handling_and_without_replacement(bytes) {
        Some(text) if !odd_tail && !text.contains(['\0', '\u{81}', '\u{8d}', '\u{8f}', '\u{90}', '\u{9d}']) => Ok(text),
        _ => Err(ReadError::new(
            Trouble::Encoding,
            format!("bytes that mean nothing in {}", encoding.name()),
            "text in one encoding",
        )
        .hint("export the file in UTF-8, or name its encoding in a profile")),
    }
}

/// The encoding of a name in [`NAMES`] or of any label that the web knows.
pub(crate) fn by_name(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.trim().as_bytes())
}

fn line_at(bytes: &[u8], at: usize) -> u64 {
    bytes.iter().take(at).filter(|&&byte| byte == b'\n').count() as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(bytes: &[u8]) -> Option<String> {
        match sniff(bytes) {
            Ok(Sniffed::Text(text)) => Some(text.into_owned()),
            _ => None,
        }
    }

    #[test]
    fn a_mark_decides_and_is_not_text() {
        assert_eq!(text_of(b"\xEF\xBB\xBFa").as_deref(), Some("a"));
        assert_eq!(text_of(b"\xFF\xFEa\0b\0").as_deref(), Some("ab"));
        assert_eq!(text_of(b"\xFE\xFF\0a\0b").as_deref(), Some("ab"));
    }

    #[test]
    fn bytes_that_are_not_text_are_refused() {
        for bytes in [&b"a\0b\0"[..], b"\xFF\xFEa\0b", b"ok \xC3\xA4 then \xE4 bad", b"caf\xC3\xA9 \xC3"] {
            assert!(sniff(bytes).is_err(), "{bytes:?}");
        }
        assert!(matches!(sniff(b"W\xE4hrung"), Ok(Sniffed::Legacy)));
    }
}
