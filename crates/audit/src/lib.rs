//! The audit trail: what has changed its state, when, and on whose behalf.
//!
//! Entries stand in chains, one for each account and one for what belongs to none. Each holds the hash of the one before it in its chain,
//! so that nothing in the middle can be changed, left out, added or exchanged unseen. What a chain alone cannot show, which is that its
//! end was cut off or all of it was written anew, an [`Anchor`] shows that was kept elsewhere.
//!
//! [docs/AUDIT.md](../../../docs/AUDIT.md) says the same to an auditor, with the bytes that are hashed.

mod anchor;
mod entry;
mod walk;

pub use anchor::{Anchor, Heads};
pub use entry::{Change, Entry, Hash, SHARED, hex, unhex};
pub use walk::{Fault, Left, Walk};
