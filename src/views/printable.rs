//! What others wrote, as it can be printed.

/// Text from outside, without anything that could steer a terminal or end a line.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}
