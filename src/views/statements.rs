//! Of which days the statements of each bank account do not tell, though they do of days before and after.

use std::collections::BTreeMap;

use facts::{BankAccountName, Coverage, Payout};
use jiff::civil::Date;
use recon::{Rules, booked_within};
use store::{Store, StoreError};

/// What is known of the statements of each bank account.
pub struct Statements {
    /// The stretches of days that they speak for, as the last reconciliation found them; `None` where they have changed since.
    stretches: Option<BTreeMap<BankAccountName, Vec<Coverage>>>,
    /// A file of each of which nobody knows for which days it speaks.
    unnoted: BTreeMap<BankAccountName, String>,
}

impl Statements {
    /// Reads it.
    ///
    /// # Errors
    /// A database that fails.
    pub fn read(store: &Store) -> Result<Self, StoreError> {
        Ok(Self { stretches: store.statement_stretches()?, unnoted: store.statements_unnoted()? })
    }

    /// Whether statements were imported or taken back since the last reconciliation.
    #[must_use]
    pub const fn are_newer(&self) -> bool {
        self.stretches.is_none()
    }

    /// The days of each hole between the statements of a bank account: the last that is told of before it, and the first after it.
    pub fn holes(&self, bank_account: &BankAccountName) -> impl Iterator<Item = (Date, Date)> + '_ {
        let stretches = self.stretches.as_ref().and_then(|all| all.get(bank_account));
        stretches.into_iter().flat_map(|stretches| stretches.windows(2)).filter_map(|pair| match pair {
            [one, next] => Some((one.until_on, next.from_on)),
            _ => None,
        })
    }

    /// The newest hole in words, and how many more there are; `None` where there is none.
    #[must_use]
    pub fn hole(&self, bank_account: &BankAccountName) -> Option<String> {
        let (until, from) = self.holes(bank_account).last()?;
        let more = match self.holes(bank_account).count().saturating_sub(1) {
            0 => String::new(),
            1 => ", and in 1 hole more".to_owned(),
            more => format!(", and in {more} holes more"),
        };
        Some(format!("nothing between {until} and {from}{more}"))
    }

    /// The file to be imported once more so that holes can be seen; `None` where there is none.
    #[must_use]
    pub fn unnoted(&self, bank_account: &BankAccountName) -> Option<&str> {
        self.unnoted.get(bank_account).map(String::as_str)
    }
}

/// Why a payout is awaited of whose days no statement tells.
///
/// # Errors
/// A database that fails.
pub fn why_awaited(store: &Store, payout: &Payout) -> Result<String, StoreError> {
    let Some(name) = store.bank_account_of(payout)? else {
        return Ok(
            "Its bank account is not known yet, so it is awaited. Import that account's statements: tieout import bank FILE \
                   --bank-account NAME."
                .to_owned(),
        );
    };
    let Coverage { from_on, until_on } = booked_within(payout, &Rules::standard());
    Ok(format!(
        "It is awaited: it may be booked from {from_on} to {until_on}, and no statement of {name} was read that speaks for all of these \
         days. Import what is missing: tieout import bank FILE --bank-account {name}."
    ))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_newest_hole_is_named_and_how_many_more_there_are() {
        let name = BankAccountName::parse("main").unwrap();
        let july = |from, until| Coverage { from_on: date(2026, 7, from), until_on: date(2026, 7, until) };
        let said = |stretches: &[Coverage]| {
            let stretches = Some([(name.clone(), stretches.to_vec())].into());
            Statements { stretches, unnoted: BTreeMap::new() }.hole(&name)
        };
        assert_eq!(said(&[july(1, 9)]), None);
        assert_eq!(said(&[july(1, 9), july(20, 30)]).unwrap(), "nothing between 2026-07-09 and 2026-07-20");
        assert_eq!(
            said(&[july(1, 2), july(9, 10), july(11, 30)]).unwrap(),
            "nothing between 2026-07-10 and 2026-07-11, and in 1 hole more"
        );
    }
}
