//! A simulated merchant, its Stripe account and its bank, where the truth is known.
//!
//! Owns: a whole world made from [`Options`] (Stripe's objects, the bank's files and what is true of them), its export to a
//! folder and, in [`http`], Stripe's API over it. Refuses: clocks, system randomness and anything that decides what matches what.
//! The same options give the same bytes.

// The JSON of a charge has more fields than the default lets one macro call name.
#![recursion_limit = "256"]

mod bank;
mod books;
pub mod catalog;
mod export;
pub mod http;
mod json;
mod members;
mod options;
mod random;
pub mod truth;
mod world;

pub use catalog::{AccountObjects, Catalog, Members, ObjectKind, StripeObject, TxnIds};
pub use export::export;
pub use options::{BadDifficulty, Difficulty, Options, SimError};
pub use truth::Truth;
pub use world::{BankFile, World};
