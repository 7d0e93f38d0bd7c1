//! The jobs: each loads what it needs, lets the core think, and applies the answer. One file a job.

pub mod audit;
pub mod backup;
pub mod export;
pub mod import;
pub mod import_stripe;
pub mod inbox;
pub mod reconcile;
pub mod sync;

use std::ops::ControlFlow;

use crate::outside::Outside;

/// Where a job tells how far it is. Silent unless somebody watches.
pub trait Progress: Send {
    /// `done` of `total` (where the total is known), and what is being done, in a few words.
    fn set(&mut self, done: u64, total: Option<u64>, note: &str);

    /// The job has ended; the line can go.
    fn finish(&mut self);
}

/// Tells how many rows were copied, and says whether to go on.
pub fn copying<'a>(outside: &'a Outside, progress: &'a mut dyn Progress) -> impl FnMut(u64) -> ControlFlow<()> + 'a {
    |rows| {
        progress.set(rows, None, "");
        if outside.is_called_off() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    }
}

/// Nobody watches.
pub struct Unwatched;

impl Progress for Unwatched {
    fn set(&mut self, _done: u64, _total: Option<u64>, _note: &str) {}

    fn finish(&mut self) {}
}
