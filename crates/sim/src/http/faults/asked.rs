//! Which faults are asked for, read from text such as `0.1` or `reset,late-visible,has-more-lies:0.1`.

use std::str::FromStr;

use super::MILLION;
use super::kind::{Fault, HARMLESS, Kind, NAMES, Named, News};

/// The rate of a fault that is named without one: 0.05.
const DEFAULT_PER_MILLION: u32 = 50_000;

/// Which faults are wanted, each with its rate as a share of a million.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Faults {
    harmless: u32,
    requests: Vec<(Fault, u32)>,
    objects: Vec<(News, u32)>,
    reports: Option<u32>,
}

/// Why a text names no faults.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FaultsError {
    /// A rate that is none.
    #[error("`{given}` is not a share between 0 and 1 with up to six decimals, such as 0.1, and no fault's name")]
    Rate {
        /// What stood there.
        given: String,
    },
    /// A name that no fault has.
    #[error("no fault is called `{given}`{} The faults are {}", meant(*nearest), names())]
    Name {
        /// What stood there.
        given: String,
        /// The name that looks like it, if one does.
        nearest: Option<&'static str>,
    },
    /// The same fault, or a bare rate, a second time.
    #[error("`{given}` comes after another of its kind: each fault, and a bare rate, can stand there once")]
    Twice {
        /// What stood there.
        given: String,
    },
    /// More faults than requests.
    #[error("the rates add up to more than 1, and a request ends in one fault at most")]
    TooMany,
}

impl Faults {
    /// No faults at all.
    pub const NONE: Self = Self { harmless: 0, requests: Vec::new(), objects: Vec::new(), reports: None };

    /// Every name with its meaning, a line each.
    #[must_use]
    pub fn teach() -> String {
        NAMES.iter().map(|Named { name, meaning, .. }| format!("  {name}: {meaning}\n")).collect()
    }

    /// Whether no request ends in a fault.
    pub(super) fn spare_requests(&self) -> bool {
        self.harmless == 0 && self.requests.is_empty()
    }

    /// What is new about which share of a million objects.
    pub(super) fn news(&self) -> &[(News, u32)] {
        &self.objects
    }

    /// Which share of a million report runs fail.
    pub(in super::super) fn failed_reports(&self) -> u32 {
        self.reports.unwrap_or_default()
    }

    /// The fault that these dice mean. The bare rate has the lowest numbers, so that naming more faults moves none of it.
    pub(super) fn drawn(&self, dice: u64) -> Option<Fault> {
        let (mut share, rest) = (dice % u64::from(MILLION), dice / u64::from(MILLION));
        if share < u64::from(self.harmless) {
            let kind = usize::try_from(rest % (HARMLESS.len() as u64)).ok()?;
            return HARMLESS.get(kind).copied();
        }
        share -= u64::from(self.harmless);
        for (fault, rate) in &self.requests {
            match share.checked_sub(u64::from(*rate)) {
                Some(left) => share = left,
                None => return Some(*fault),
            }
        }
        None
    }

    /// Adds what one item of a list asks for.
    fn add(&mut self, item: &str) -> Result<(), FaultsError> {
        let (name, rate) = item.split_once(':').map_or((item, None), |(name, rate)| (name, Some(rate)));
        let twice = || FaultsError::Twice { given: item.to_owned() };
        let Some(named) = NAMES.iter().find(|named| named.name == name) else {
            if item.contains(|letter: char| letter.is_alphabetic()) {
                return Err(FaultsError::Name { given: name.to_owned(), nearest: nearest(name) });
            }
            let bare = std::mem::replace(&mut self.harmless, per_million(item)?);
            return if bare == 0 { Ok(()) } else { Err(twice()) };
        };
        let rate = rate.map_or(Ok(DEFAULT_PER_MILLION), per_million)?;
        let known = match named.kind {
            Kind::Request(fault) => put(&mut self.requests, fault, rate),
            Kind::Object(news) => put(&mut self.objects, news, rate),
            Kind::Report => self.reports.replace(rate).is_some(),
        };
        if known { Err(twice()) } else { Ok(()) }
    }
}

/// Puts a pair at the end; true when its name was there already.
fn put<T: PartialEq>(pairs: &mut Vec<(T, u32)>, name: T, rate: u32) -> bool {
    let known = pairs.iter().any(|(other, _)| *other == name);
    pairs.push((name, rate));
    known
}

/// Reads a list of names, each with an optional rate of its own, and at most one bare rate.
impl FromStr for Faults {
    type Err = FaultsError;

    fn from_str(given: &str) -> Result<Self, FaultsError> {
        let mut faults = Self::NONE;
        given.split(',').try_for_each(|item| faults.add(item.trim()))?;
        let sum = faults.requests.iter().fold(u64::from(faults.harmless), |sum, (_, rate)| sum + u64::from(*rate));
        if sum > u64::from(MILLION) { Err(FaultsError::TooMany) } else { Ok(faults) }
    }
}

/// Reads a share such as `0.1`, exactly.
fn per_million(given: &str) -> Result<u32, FaultsError> {
    let refusal = || FaultsError::Rate { given: given.to_owned() };
    let (whole, decimals) = given.split_once('.').unwrap_or((given, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(decimals) || decimals.len() > 6 {
        return Err(refusal());
    }
    let whole: u32 = whole.parse().map_err(|_| refusal())?;
    let decimals: u32 = format!("{decimals:0<6}").parse().map_err(|_| refusal())?;
    let rate = whole.checked_mul(MILLION).and_then(|whole| whole.checked_add(decimals)).ok_or_else(refusal)?;
    if rate > MILLION { Err(refusal()) } else { Ok(rate) }
}

fn names() -> String {
    NAMES.iter().map(|named| named.name).collect::<Vec<_>>().join(", ")
}

/// How the sentence about an unknown name ends.
fn meant(nearest: Option<&str>) -> String {
    nearest.map_or_else(|| ".".to_owned(), |name| format!("; did you mean `{name}`?"))
}

/// The name with the fewest letters to change, if most letters stay.
fn nearest(given: &str) -> Option<&'static str> {
    let near = |name: &&str| distance(given, name) * 2 < name.len();
    NAMES.iter().map(|named| named.name).filter(near).min_by_key(|name| distance(given, name))
}

/// How many letters have to be put in, taken out or changed to make one text of the other (Levenshtein), a row at a time.
fn distance(one: &str, other: &str) -> usize {
    let first: Vec<usize> = (0..=other.chars().count()).collect();
    let last = one.chars().enumerate().fold(first, |above, (row, letter)| {
        let mut line = vec![row + 1];
        for (pair, known) in above.windows(2).zip(other.chars()) {
            let (diagonal, over) = (pair.first().copied().unwrap_or(row), pair.last().copied().unwrap_or(row));
            let left = line.last().copied().unwrap_or(row);
            line.push((diagonal + usize::from(known != letter)).min(over + 1).min(left + 1));
        }
        line
    });
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::super::kind::PageLie;
    use super::*;

    fn read(given: &str) -> Result<Faults, FaultsError> {
        given.parse()
    }

    #[test]
    fn a_bare_rate_is_read_exactly() {
        let harmless = |rate: u32| Ok(Faults { harmless: rate, ..Faults::NONE });
        assert_eq!(read("0.1"), harmless(100_000));
        assert_eq!(read("1"), harmless(MILLION));
        assert_eq!(read("0"), Ok(Faults::NONE));
        for given in ["", ".", "1.1", "-0.1", "2", "0.1234567", "0.1,0.2", "1e-1", "99999999999", "0.1,", "504"] {
            assert!(read(given).is_err(), "{given}");
        }
    }

    #[test]
    fn names_stand_alone_with_a_rate_or_beside_a_bare_one() {
        let faults = read("reset, late-visible:0.1,0.2,new-field:1").unwrap();
        assert_eq!(faults.harmless, 200_000);
        assert_eq!(faults.requests, [(Fault::Reset, 50_000), (Fault::Page(PageLie::LateVisible), 100_000)]);
        assert_eq!(faults.objects, [(News::Field, MILLION)]);
        assert_eq!(read("429").unwrap().requests.len(), 1, "a name, not a rate");
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_what_can() {
        let refusal = read("resett:0.1").unwrap_err().to_string();
        assert!(refusal.contains("did you mean `reset`?") && refusal.contains("first-byte-timeout"), "{refusal}");
        assert!(matches!(read("has-more-lie"), Err(FaultsError::Name { nearest: Some("has-more-lies"), .. })));
        assert!(matches!(read("help"), Err(FaultsError::Name { nearest: None, .. })));
        assert!(matches!(read("reset:2"), Err(FaultsError::Rate { .. })));
        assert!(matches!(read("reset,500,reset"), Err(FaultsError::Twice { .. })));
        assert_eq!(read("0.6,reset:0.5"), Err(FaultsError::TooMany));
        assert!(read("0.5,reset:0.5").is_ok());
    }

    #[test]
    fn every_name_is_taught_and_asks_for_its_own() {
        let taught = Faults::teach();
        for Named { name, kind, .. } in &NAMES {
            assert!(taught.contains(&format!("  {name}: ")), "{name}");
            let faults = read(name).unwrap();
            match kind {
                Kind::Request(fault) => assert_eq!(faults.requests, [(*fault, DEFAULT_PER_MILLION)], "{name}"),
                Kind::Object(news) => assert_eq!(faults.objects, [(*news, DEFAULT_PER_MILLION)], "{name}"),
                Kind::Report => assert_eq!(faults.reports, Some(DEFAULT_PER_MILLION), "{name}"),
            }
        }
    }

    #[test]
    fn each_fault_has_its_own_share_of_the_dice() {
        let faults = read("0.1,reset:0.2,500:0.3").unwrap();
        assert!(faults.drawn(99_999).is_some_and(|fault| HARMLESS.contains(&fault)));
        assert_eq!(faults.drawn(100_000), Some(Fault::Reset));
        assert_eq!(faults.drawn(299_999), Some(Fault::Reset));
        assert!(matches!(faults.drawn(300_000), Some(Fault::Broken(_))));
        assert_eq!(faults.drawn(600_000), None);
    }
}
