//! An amount of money, and the only arithmetic allowed on it.

use std::fmt;

use crate::Currency;

/// An amount in minor units of its currency (cents, yen, fils). Its sign is the caller's: see the field that holds it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Amount {
    minor: i64,
    currency: Currency,
}

/// Why an amount could not be read or computed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MoneyError {
    /// Two currencies met in one operation.
    CurrencyMismatch {
        /// The currency of the left side.
        left: Currency,
        /// The currency of the right side.
        right: Currency,
    },
    /// The result does not fit 64 bits.
    Overflow,
    /// The text is not a plain decimal number, or has more decimals than the currency has.
    NotAnAmount {
        /// The text as it came.
        text: String,
        /// Whose decimals were expected.
        currency: Currency,
    },
}

impl Amount {
    /// `minor` units of `currency`.
    #[must_use]
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// The integer count of minor units, signed.
    #[must_use]
    pub const fn minor(self) -> i64 {
        self.minor
    }

    /// The currency that the minor units are of.
    #[must_use]
    pub const fn currency(self) -> Currency {
        self.currency
    }

    /// The sum of both.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor.checked_add(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// This less the other.
    ///
    /// # Errors
    /// [`MoneyError::CurrencyMismatch`] or [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        self.minor.checked_sub(other.minor).map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// The amount with its sign turned.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] for the one number that has no opposite.
    pub fn checked_neg(self) -> Result<Self, MoneyError> {
        self.minor.checked_neg().map(|minor| Self { minor, ..self }).ok_or(MoneyError::Overflow)
    }

    /// Reads plain decimal text in major units: an optional sign, digits, and after a `.` at most as many decimals as the
    /// currency has (more are accepted only when they are zeros). Neither grouping nor blanks nor rounding.
    ///
    /// # Errors
    /// [`MoneyError::NotAnAmount`] or [`MoneyError::Overflow`].
    ///
    /// ```
    /// use money::{Amount, Currency};
    /// assert_eq!(Amount::from_major("-12.5", Currency::USD).map(Amount::minor), Ok(-1250));
    /// assert!(Amount::from_major("12.345", Currency::USD).is_err());
    /// ```
    pub fn from_major(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let refused = || MoneyError::NotAnAmount { text: text.to_owned(), currency };
        let (negative, digits) = match text.as_bytes().first() {
            Some(b'-') => (true, &text[1..]),
            Some(b'+') => (false, &text[1..]),
            _ => (false, text),
        };
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
        if whole.is_empty() && fraction.is_empty() || !all_digits(whole) || !all_digits(fraction) {
            return Err(refused());
        }
        let places = currency.exponent() as usize;
        let (kept, rest) = fraction.split_at(fraction.len().min(places));
        if rest.bytes().any(|byte| byte != b'0') {
            return Err(refused());
        }
        let padding = std::iter::repeat_n(b'0', places - kept.len());
        let mut minor: i64 = 0;
        for byte in whole.bytes().chain(kept.bytes()).chain(padding) {
            let digit = i64::from(byte - b'0');
            let signed = if negative { -digit } else { digit };
            minor = minor.checked_mul(10).and_then(|n| n.checked_add(signed)).ok_or(MoneyError::Overflow)?;
        }
        Ok(Self { minor, currency })
    }

    /// Decimal text in major units without grouping or code: `-1234.50`. What [`Amount::from_major`] reads back.
    #[must_use]
    pub fn to_major(self) -> String {
        let (whole, fraction) = self.major_parts();
        let sign = if self.minor < 0 { "-" } else { "" };
        if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }

    /// Text for people, grouped, without the code, with a true minus sign: `−1,234.50`.
    #[must_use]
    pub fn grouped(self) -> String {
        let (whole, fraction) = self.major_parts();
        let mut text = String::from(if self.minor < 0 { "\u{2212}" } else { "" });
        for (at, digit) in whole.chars().enumerate() {
            if at > 0 && (whole.len() - at).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if !fraction.is_empty() {
            text.push('.');
            text.push_str(&fraction);
        }
        text
    }

    fn major_parts(self) -> (String, String) {
        let places = self.currency.exponent() as usize;
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = places + 1);
        let (whole, fraction) = digits.split_at(digits.len() - places);
        (whole.to_owned(), fraction.to_owned())
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::CurrencyMismatch { left: self.currency, right: other.currency })
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.grouped(), self.currency.upper())
    }
}

impl fmt::Display for MoneyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CurrencyMismatch { left, right } => write!(f, "amounts in {left} and {right} cannot be combined"),
            Self::Overflow => f.write_str("the amount does not fit 64 bits"),
            Self::NotAnAmount { text, currency } => write!(
                f,
                "'{text}' is not an amount in {currency}; expected digits with at most {} decimals",
                currency.exponent()
            ),
        }
    }
}

impl std::error::Error for MoneyError {}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn currencies() -> impl Strategy<Value = Currency> {
        prop_oneof![Just("usd"), Just("jpy"), Just("kwd")].prop_map(|code| Currency::parse(code).expect("a code"))
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(minor: i64, currency in currencies()) {
            let amount = Amount::new(minor, currency);
            prop_assert_eq!(Amount::from_major(&amount.to_major(), currency), Ok(amount));
        }

        #[test]
        fn any_text_gets_an_answer(text: String, currency in currencies()) {
            let _ = Amount::from_major(&text, currency);
        }
    }

    #[test]
    fn a_fraction_of_a_cent_is_refused_and_trailing_zeros_are_not() {
        assert!(Amount::from_major("0.001", Currency::USD).is_err());
        assert_eq!(Amount::from_major("1.5000", Currency::USD).map(Amount::minor), Ok(150));
        assert!(Amount::from_major("1.5", Currency::JPY).is_err());
        for text in ["", ".", "-", "1,5", "1 5", "1e3", "--1", "1.2.3", "٣"] {
            assert!(Amount::from_major(text, Currency::USD).is_err(), "{text}");
        }
    }

    #[test]
    fn overflow_is_an_error_not_a_number() {
        let most = Amount::new(i64::MAX, Currency::USD);
        assert_eq!(most.checked_add(Amount::new(1, Currency::USD)), Err(MoneyError::Overflow));
        assert_eq!(Amount::new(i64::MIN, Currency::USD).checked_neg(), Err(MoneyError::Overflow));
        assert_eq!(Amount::from_major("99999999999999999999", Currency::USD), Err(MoneyError::Overflow));
    }

    #[test]
    fn dollars_and_euros_do_not_add() {
        let sum = Amount::new(1, Currency::USD).checked_add(Amount::new(1, Currency::EUR));
        assert_eq!(sum, Err(MoneyError::CurrencyMismatch { left: Currency::USD, right: Currency::EUR }));
    }

    #[test]
    fn people_read_groups_and_the_code() {
        assert_eq!(Amount::new(-123_456_789, Currency::USD).to_string(), "\u{2212}1,234,567.89 USD");
        assert_eq!(Amount::new(5, Currency::USD).to_string(), "0.05 USD");
        assert_eq!(Amount::new(1_000, Currency::JPY).to_string(), "1,000 JPY");
    }
}
