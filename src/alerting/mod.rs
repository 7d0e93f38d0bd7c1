//! Alerts: all that is watched is looked at, what is not well is kept with the messages that tell of it, and these are sent until they were
//! taken.
//!
//! Whoever has the lease of schedules looks. A look that fails is told of too: what is not known never reads as well.

mod announce;
mod compose;
mod held;
mod judge;
pub mod look;
pub mod post;
mod rules;

pub use announce::{announce, listen};
pub use judge::look_at_everything;
pub use rules::{StoredRule, rules};
