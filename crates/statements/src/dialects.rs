//! The banks that are known by their header.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::profile::Profile;

#[derive(Deserialize)]
struct Book {
    dialect: Vec<Profile>,
}

/// Headers and habits: public samples of each bank's export, as collected in the project's notes on bank inputs.
static BOOK: LazyLock<Vec<Profile>> =
    LazyLock::new(|| toml::from_str::<Book>(include_str!("dialects.toml")).map(|book| book.dialect).unwrap_or_default());

/// Every built-in profile, in the order of its country.
#[must_use]
pub fn dialects() -> &'static [Profile] {
    &BOOK
}

/// The built-in profile of a name.
#[must_use]
pub fn dialect(name: &str) -> Option<&'static Profile> {
    BOOK.iter().find(|profile| profile.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_book_is_read_and_every_dialect_is_a_profile_by_itself() {
        toml::from_str::<Book>(include_str!("dialects.toml")).expect("TOML");
        assert!(dialects().len() >= 25);
        for known in dialects() {
            assert_eq!(Profile::parse(&known.to_toml(), "x").as_ref(), Ok(known), "{}", known.name);
            assert_eq!(known.headerless, known.header.is_empty(), "{}", known.name);
        }
    }
}
