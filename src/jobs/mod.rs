//! The jobs: each loads what it needs, lets the core think, and applies the answer. One file a job.

pub mod backup;
pub mod import;
pub mod import_stripe;
pub mod inbox;
pub mod reconcile;
pub mod sync;

/// Where a job tells how far it is. Silent unless somebody watches.
pub trait Progress: Send {
    /// `done` of `total` (where the total is known), and what is being done, in a few words.
    fn set(&mut self, done: u64, total: Option<u64>, note: &str);

    /// The job has ended; the line can go.
    fn finish(&mut self);
}

/// Nobody watches.
pub struct Unwatched;

impl Progress for Unwatched {
    fn set(&mut self, _done: u64, _total: Option<u64>, _note: &str) {}

    fn finish(&mut self) {}
}
