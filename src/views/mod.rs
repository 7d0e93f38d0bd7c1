//! What machines and pages see: the exact fields of the contract, made from facts and verdicts.
//!
//! Serialising happens here and in no other place. Money is integer `…_minor` plus lower-case `currency`; instants are
//! RFC 3339 in UTC (`…_at`), dates ISO (`…_on`). Fields are added, never renamed.

pub mod account;
pub mod alert;
pub mod audit;
pub mod bank_line;
pub mod day_check;
pub mod delivery;
pub mod exception;
pub mod job;
pub mod known;
pub mod load;
pub mod match_;
pub mod occurrence;
pub mod payout;
pub mod printable;
pub mod refusal;
pub mod run;
pub mod schedule;
pub mod standstill;
pub mod statements;
pub mod status;
pub mod txn;
pub mod unitemised;
mod verdict;

use std::borrow::Cow;

use facts::Subject;
use money::Currency;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// Something that a match or an exception is about.
#[derive(Debug, Clone, Serialize)]
pub struct SubjectView<'a> {
    /// The glossary's noun.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Its id.
    pub id: Cow<'a, str>,
}

impl<'a> SubjectView<'a> {
    fn of(subject: &'a Subject) -> Self {
        Self { kind: subject.kind, id: Cow::Borrowed(&subject.id) }
    }
}

/// A probability as the decimal number of the contract, made from parts per million without a float.
#[must_use]
pub fn probability(ppm: Option<u32>) -> Option<Box<RawValue>> {
    ppm.and_then(|ppm| RawValue::from_string(probability_text(ppm)).ok())
}

/// `0.998` for 998000 parts per million, `1` for the whole.
#[must_use]
pub fn probability_text(ppm: u32) -> String {
    const WHOLE: u32 = 1_000_000;
    let text = format!("{}.{:06}", ppm / WHOLE, ppm % WHOLE);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// A currency as its lower-case code.
fn code<S: Serializer>(currency: &Currency, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(currency.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_per_million_read_as_the_shortest_decimal() {
        for (ppm, text) in [(0, "0"), (1, "0.000001"), (998_000, "0.998"), (999_999, "0.999999"), (1_000_000, "1")] {
            assert_eq!(probability_text(ppm), text);
            assert_eq!(probability(Some(ppm)).expect("a JSON number").get(), text);
        }
        assert!(probability(None).is_none());
    }
}
