//! A currency code and the number of decimals Stripe gives it.

use std::fmt;

/// A three-letter currency code, lower case as Stripe's API writes it.
///
/// Any three ASCII letters are accepted: a currency that we do not know is kept, not refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

/// The text is not three ASCII letters. It is kept cut at 40 characters, and shown with control characters
/// escaped: it comes from outside and ends on terminals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadCurrency(pub String);

/// More of a text that is no code would not explain better.
const SHOWN_CHARS_MAX: usize = 40;

/// Amounts in these currencies are whole units: one minor unit is one major unit.
///
/// Source: Stripe, "Zero-decimal currencies", <https://docs.stripe.com/currencies>. MGA has two decimals in ISO 4217 and
/// none at Stripe. ISK and UGX are logically whole too, but Stripe's API writes them with two decimals.
const ZERO_DECIMAL: [&[u8; 3]; 15] =
    [b"bif", b"clp", b"djf", b"gnf", b"jpy", b"kmf", b"krw", b"mga", b"pyg", b"rwf", b"vnd", b"vuv", b"xaf", b"xof", b"xpf"];

/// One major unit of these is a thousand minor units.
const THREE_DECIMAL: [&[u8; 3]; 5] = [b"bhd", b"jod", b"kwd", b"omr", b"tnd"];

impl Currency {
    /// Euro, dollar, pound and yen: the ones that examples and tests use.
    pub const EUR: Self = Self(*b"eur");
    /// United States dollar.
    pub const USD: Self = Self(*b"usd");
    /// Pound sterling.
    pub const GBP: Self = Self(*b"gbp");
    /// Japanese yen, without decimals.
    pub const JPY: Self = Self(*b"jpy");

    /// Reads a code in either case, surrounding blanks ignored.
    ///
    /// # Errors
    /// [`BadCurrency`] when the text is not exactly three ASCII letters.
    pub fn parse(text: &str) -> Result<Self, BadCurrency> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|byte| byte.is_ascii_alphabetic()) => {
                Ok(Self([a.to_ascii_lowercase(), b.to_ascii_lowercase(), c.to_ascii_lowercase()]))
            }
            _ => Err(BadCurrency(text.chars().take(SHOWN_CHARS_MAX).collect())),
        }
    }

    /// The number of decimals between minor and major units, by Stripe's table: 0, 2 or 3.
    #[must_use]
    pub fn exponent(self) -> u32 {
        if ZERO_DECIMAL.contains(&&self.0) {
            0
        } else if THREE_DECIMAL.contains(&&self.0) {
            3
        } else {
            2
        }
    }

    /// The code in lower case, as in every machine output.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("xxx")
    }

    /// The code in upper case, as people read it.
    #[must_use]
    pub fn upper(self) -> String {
        self.as_str().to_ascii_uppercase()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for BadCurrency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}' is not a currency code; expected three letters, such as usd", self.0.escape_debug())
    }
}

impl std::error::Error for BadCurrency {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stripe_decides_the_decimals_not_iso() {
        for (code, exponent) in [("usd", 2), ("JPY", 0), ("mga", 0), ("isk", 2), ("ugx", 2), ("huf", 2), ("kwd", 3)] {
            assert_eq!(Currency::parse(code).map(Currency::exponent), Ok(exponent), "{code}");
        }
    }

    #[test]
    fn a_code_is_three_letters() {
        for text in ["", "us", "usdx", "u$d", "€", "12a"] {
            assert!(Currency::parse(text).is_err(), "{text}");
        }
        assert_eq!(Currency::parse(" Eur "), Ok(Currency::EUR));
    }

    #[test]
    fn a_refused_code_is_shown_short_and_cannot_steer_a_terminal() {
        let told = Currency::parse(&format!("\u{1b}[2J{}", "x".repeat(100_000))).unwrap_err().to_string();
        assert!(told.starts_with("'\\u{1b}[2Jxx") && told.len() < 200, "{told}");
    }
}
