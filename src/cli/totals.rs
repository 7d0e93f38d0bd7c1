//! Sums for people at the end of a list, one a currency.

use std::collections::BTreeMap;
use std::io::{self, Write};

use money::{Amount, Currency, MoneyError};

use super::Output;
use crate::exit::{Exit, Failure};

/// Counts and sums by currency.
#[derive(Default)]
pub struct Totals {
    by_currency: BTreeMap<Currency, (u64, Amount)>,
}

impl Totals {
    /// Counts one amount.
    ///
    /// # Errors
    /// When the sum does not fit 64 bits.
    pub fn add(&mut self, amount: Amount) -> Result<(), Failure> {
        let zero = Amount::new(0, amount.currency());
        let (count, sum) = self.by_currency.entry(amount.currency()).or_insert((0, zero));
        *count += 1;
        *sum = sum.checked_add(amount).map_err(|error: MoneyError| Failure::new(Exit::Failed, format!("the total: {error}")))?;
        Ok(())
    }

    /// Writes the line, where there is something to count.
    pub fn write(&self, output: &mut Output, one: &str, many: &str) -> io::Result<()> {
        if self.by_currency.is_empty() { Ok(()) } else { writeln!(output, "\n{}", self.line(one, many)) }
    }

    /// `214 payouts: 1,234.50 EUR (120), 99.00 USD (94)`
    fn line(&self, one: &str, many: &str) -> String {
        let count: u64 = self.by_currency.values().map(|(count, _)| count).sum();
        let noun = if count == 1 { one } else { many };
        let sums: Vec<String> = match self.by_currency.len() {
            1 => self.by_currency.values().map(|(_, sum)| sum.to_string()).collect(),
            _ => self.by_currency.values().map(|(count, sum)| format!("{sum} ({count})")).collect(),
        };
        format!("{count} {noun}: {}", sums.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn currencies_are_never_added_together() {
        let mut totals = Totals::default();
        for (minor, currency) in [(100, Currency::USD), (-30, Currency::USD), (7, Currency::JPY)] {
            totals.add(Amount::new(minor, currency)).expect("small");
        }
        assert_eq!(totals.line("payout", "payouts"), "3 payouts: 7 JPY (1), 0.70 USD (2)");
    }

    #[test]
    fn a_sum_that_does_not_fit_is_an_error() {
        let mut totals = Totals::default();
        totals.add(Amount::new(i64::MAX, Currency::USD)).expect("fits");
        assert!(totals.add(Amount::new(1, Currency::USD)).is_err());
    }
}
