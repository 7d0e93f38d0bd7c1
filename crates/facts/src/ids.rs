//! Identifiers, one type each, so that a charge can never stand where a payout belongs.

use std::fmt;

/// Stripe promises no more than this for its own ids; a bank account's name is held to it too.
pub const ID_BYTES_MAX: usize = 255;

/// The text cannot be an identifier: it is empty, longer than [`ID_BYTES_MAX`], or holds control characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadId {
    /// Which kind of id was expected, in the glossary's word.
    pub expected: &'static str,
    /// The text as it came, cut at 40 characters.
    pub text: String,
}

impl fmt::Display for BadId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "'{}' cannot be a {} id: expected 1 to {ID_BYTES_MAX} bytes of visible text",
            self.text.escape_debug(),
            self.expected
        )
    }
}

impl std::error::Error for BadId {}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $noun:literal) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Box<str>);

        impl $name {
            /// Takes any text that can be an id. Prefixes such as `po_` are hints and are never required.
            ///
            /// # Errors
            /// [`BadId`] when the text is empty, too long or holds control characters.
            pub fn parse(text: &str) -> Result<Self, BadId> {
                if text.is_empty() || text.len() > ID_BYTES_MAX || text.chars().any(char::is_control) {
                    return Err(BadId { expected: $noun, text: text.chars().take(40).collect() });
                }
                Ok(Self(text.into()))
            }

            /// The id as it was given.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(/// A Stripe account, own or connected (`acct_…`).
    AccountId, "account");
id!(/// A balance transaction (`txn_…`).
    TxnId, "txn");
id!(/// A payout (`po_…`).
    PayoutId, "payout");
id!(/// A charge (`ch_…`, `py_…`).
    ChargeId, "charge");
id!(/// A refund (`re_…`, `pyr_…`).
    RefundId, "refund");
id!(/// A dispute (`dp_…`, `du_…`).
    DisputeId, "dispute");
id!(/// The bank account or card at Stripe that a payout goes to (`ba_…`, `card_…`).
    DestinationId, "destination");
id!(/// The name a person gave a real bank account.
    BankAccountName, "bank account");
id!(/// One line of a bank statement; made from the line's content, so that the same line read twice is one.
    BankLineId, "bank line");
id!(/// A match between the two sides; made from its kind and first member.
    MatchId, "match");
id!(/// An exception; made from its code and first subject, so that the same disagreement keeps its id.
    ExceptionId, "exception");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_a_hint_and_never_required() {
        assert!(PayoutId::parse("payout-without-prefix").is_ok());
        for text in ["", "po_\n1", &"x".repeat(256)] {
            assert!(PayoutId::parse(text).is_err());
        }
    }

    #[test]
    fn a_refused_id_cannot_steer_a_terminal() {
        assert!(PayoutId::parse("po_\u{1b}[2J").unwrap_err().to_string().starts_with("'po_\\u{1b}[2J'"));
    }
}
