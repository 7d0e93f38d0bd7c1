//! Where the txns of an account do not add up to the balance that Stripe says it has.

use std::collections::BTreeMap;

use facts::AccountId;
use jiff::Timestamp;
use money::Currency;

use super::beginning;
use crate::database::{Connection, Read, params};
use crate::{Result, Store, StoreError, points, rows, sums};

/// A balance in one currency, against the txns that are here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apart {
    /// The currency of all amounts.
    pub currency: Currency,
    /// Available + pending as Stripe says, minor units.
    pub stripe_minor: i64,
    /// Σ net of the account's txns of balance type `payments`, and its opening balance, minor units.
    pub computed_minor: i64,
    /// What is known of this difference from earlier syncs.
    pub before: Option<ApartBefore>,
}

/// A difference that stayed after all history was read again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ApartBefore {
    /// Computed less Stripe's, minor units.
    pub minor: i64,
    /// How many readings of all history, one after the other, ended with it.
    pub readings: u32,
    /// When the last of them ended.
    pub at: Timestamp,
}

impl Apart {
    /// Computed less Stripe's, minor units; saturating, since it is only told and compared with zero.
    #[must_use]
    pub const fn minor(&self) -> i64 {
        self.computed_minor.saturating_sub(self.stripe_minor)
    }
}

const BALANCES: &str = "SELECT currency, available_minor, pending_minor, apart_minor, apart_readings, apart_at FROM balance \
     WHERE account = ?1 AND steady = 1 ORDER BY currency";

const NOTE: &str = "UPDATE balance SET apart_minor = ?3, apart_readings = ?4, apart_at = ?5 WHERE account = ?1 AND currency = ?2";

impl Store {
    /// Each balance of the account that can be compared and that its txns do not add up to, by currency. One that does again is
    /// forgotten as one that did not.
    ///
    /// # Errors
    /// [`StoreError::Overflow`] when a sum does not fit 64 bits.
    pub fn balances_apart(&mut self, account: &AccountId) -> Result<Vec<Apart>> {
        self.add_up_days(Some(account))?;
        let balances = self.view(|connection| balances(connection, account))?;
        let (apart, equal): (Vec<_>, Vec<_>) = balances.into_iter().partition(|balance| balance.minor() != 0);
        if equal.iter().any(|balance| balance.before.is_some()) {
            self.write(points::SYNC_BALANCE, |transaction| {
                for balance in &equal {
                    let nothing = params![account.as_str(), balance.currency.as_str(), None::<i64>, 0_i64, None::<i64>];
                    transaction.prepare(NOTE)?.execute(nothing)?;
                }
                Ok(())
            })?;
        }
        Ok(apart)
    }

    /// Notes that these differences stayed after all history was read again at `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub fn note_apart(&mut self, account: &AccountId, apart: &[Apart], at: Timestamp) -> Result<()> {
        self.write(points::SYNC_BALANCE, |transaction| {
            for balance in apart {
                let stayed = balance.before.filter(|before| before.minor == balance.minor());
                let readings = stayed.map_or(0, |before| before.readings).saturating_add(1);
                transaction.prepare(NOTE)?.execute(params![
                    account.as_str(),
                    balance.currency.as_str(),
                    balance.minor(),
                    i64::from(readings),
                    at.as_microsecond(),
                ])?;
            }
            Ok(())
        })
    }
}

fn balances(connection: &Connection, account: &AccountId) -> Result<Vec<Apart>> {
    let mut sums: BTreeMap<Currency, i64> = BTreeMap::new();
    let too_much = || StoreError::Overflow { what: format!("the balance of {account}") };
    let added_up = sums::payments(connection, Some(account))?;
    for ((_, currency), minor) in added_up.into_iter().chain(beginning::carried(connection, Some(account))?) {
        let currency = Currency::parse(&currency).map_err(|error| StoreError::bad_row(error.to_string()))?;
        let sum = sums.entry(currency).or_default();
        *sum = sum.checked_add(minor).ok_or_else(too_much)?;
    }
    let mut statement = connection.prepare(BALANCES)?;
    let balances = statement.query_map(params![account.as_str()], |row| {
        let (minor, at): (Option<i64>, _) = (row.get(3)?, rows::time_or_none(row, 5)?);
        let readings = rows::narrow(row, 4)?;
        let before = minor.zip(at).map(|(minor, at)| ApartBefore { minor, readings, at });
        Ok((rows::currency(row, 0)?, row.get::<i64>(1)?, row.get::<i64>(2)?, before))
    })?;
    let compared = |(currency, available, pending, before): (Currency, i64, i64, Option<ApartBefore>)| {
        let stripe_minor = available.checked_add(pending).ok_or_else(too_much)?;
        Ok(Apart { currency, stripe_minor, computed_minor: sums.get(&currency).copied().unwrap_or_default(), before })
    };
    balances.collect::<Read<Vec<_>>>()?.into_iter().map(compared).collect()
}
