//! When a person is to be told, of what, and in which words.
//!
//! A look at something gives a [`Reading`]. [`next`] makes from it, and from how it stood before, how it stands now, and whether to tell.
//! Nothing that is not known ever reads as well: what was told of is called recovered only after a look that found it well.

mod condition;
mod message;
mod quiet;
mod rule;
mod state;
mod usual;

pub use condition::Condition;
pub use message::{Message, Told};
pub use quiet::{BadQuietHours, QuietHours};
pub use rule::{Rule, Severity, standard};
pub use state::{Notice, Reading, Standing, State, Timing, next};
pub use usual::{Usual, usual};
