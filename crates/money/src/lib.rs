//! Amounts in integer minor units with their currency, by Stripe's exponents.
//!
//! Owns: [`Currency`], [`Amount`], exact decimal text in and out. Refuses: floats, silent rounding, silent overflow and
//! arithmetic across currencies.

mod amount;
mod currency;

pub use amount::{Amount, MoneyError};
pub use currency::{BadCurrency, Currency};
