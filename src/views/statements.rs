//! Of which days the statements of each bank account do not tell, though they do of days before and after.

use std::collections::BTreeMap;

use facts::{BankAccountName, Coverage};
use store::Store;

/// The stretches of days that the statements of each bank account speak for, as the last reconciliation found them.
pub struct Statements(BTreeMap<BankAccountName, Vec<Coverage>>);

impl Statements {
    /// Reads them.
    ///
    /// # Errors
    /// A database that fails.
    pub fn read(store: &Store) -> Result<Self, store::StoreError> {
        store.statement_stretches().map(Self)
    }

    /// The days between the statements that no statement speaks for, in words: the newest, and how many holes more there are. `None`
    /// where there is no hole.
    #[must_use]
    pub fn hole(&self, bank_account: &BankAccountName) -> Option<String> {
        let stretches = self.0.get(bank_account)?;
        let newest = stretches.windows(2).rev().find_map(|pair| match pair {
            [one, next] => Some((one.until_on.tomorrow().ok()?, next.from_on.yesterday().ok()?)),
            _ => None,
        })?;
        let more = match stretches.len().saturating_sub(2) {
            0 => String::new(),
            more => format!(", and {more} more such stretch{}", if more == 1 { "" } else { "es" }),
        };
        Some(format!("{} to {}{more}", newest.0, newest.1))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_newest_hole_is_named_and_how_many_more_there_are() {
        let name = BankAccountName::parse("main").unwrap();
        let july = |from, until| Coverage { from_on: date(2026, 7, from), until_on: date(2026, 7, until) };
        let said = |stretches: &[Coverage]| Statements([(name.clone(), stretches.to_vec())].into()).hole(&name);
        assert_eq!(said(&[july(1, 9)]), None);
        assert_eq!(said(&[july(1, 9), july(20, 30)]).unwrap(), "2026-07-10 to 2026-07-19");
        assert_eq!(said(&[july(1, 2), july(9, 10), july(20, 30)]).unwrap(), "2026-07-11 to 2026-07-19, and 1 more such stretch");
    }
}
