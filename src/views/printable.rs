//! What others wrote, and hashes, as they can be printed.

/// Text from outside, without anything that could steer a terminal or end a line.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

/// A hash in hexadecimal digits.
#[must_use]
pub fn hexadecimal(hash: &[u8]) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
