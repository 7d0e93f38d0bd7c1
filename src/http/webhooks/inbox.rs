//! The one writer of deliveries: as many as wait are kept in one transaction, and each sender hears once that is on disk.

use std::sync::Arc;

use store::{DeliveryWrite, Location, Store};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::outside::Outside;

/// Deliveries that may wait to be kept: at a megabyte each they fit in memory, and Stripe delivers again what is refused.
const WAITING_MAX: usize = 256;

/// Deliveries kept in one transaction.
const PER_COMMIT_MAX: usize = 128;

/// Why a delivery was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too many wait.
    Full,
    /// The database does not take it; the log says why.
    Store,
}

type Waiting = (DeliveryWrite, oneshot::Sender<Result<(), Refused>>);

/// Where deliveries are handed in.
#[derive(Clone)]
pub struct Inbox {
    sender: mpsc::Sender<Waiting>,
    taken: Arc<Notify>,
}

impl Inbox {
    /// Starts the writer, which ends when the last inbox is gone.
    pub fn new(outside: Outside, database: Location) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let taken = Arc::new(Notify::new());
        let told = Arc::clone(&taken);
        tokio::task::spawn_blocking(move || run(&outside, &database, receiver, &told));
        Self { sender, taken }
    }

    /// Keeps a delivery; it is on disk when this returns.
    ///
    /// # Errors
    /// [`Refused`]: then it is not.
    pub async fn keep(&self, delivery: DeliveryWrite) -> Result<(), Refused> {
        let (answer, kept) = oneshot::channel();
        self.sender.try_send((delivery, answer)).map_err(|_| Refused::Full)?;
        kept.await.unwrap_or(Err(Refused::Store))
    }

    /// Ends once deliveries were kept since the last time.
    pub async fn taken(&self) {
        self.taken.notified().await;
    }
}

fn run(outside: &Outside, database: &Location, mut receiver: mpsc::Receiver<Waiting>, taken: &Notify) {
    while let Some(first) = receiver.blocking_recv() {
        let mut group = vec![first];
        while group.len() < PER_COMMIT_MAX
            && let Ok(next) = receiver.try_recv()
        {
            group.push(next);
        }
        let (deliveries, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        // Opened for each group, so that what is acknowledged is in the file that stands there now, not in one that was
        // replaced or removed. Opening a file costs less than the commit; while a server's connection is made, more gather.
        let kept = Store::open(database, outside.points()).and_then(|mut store| store.take_deliveries(&deliveries));
        match &kept {
            Ok(()) => taken.notify_one(),
            Err(error) => tracing::error!("{} deliveries could not be kept: {error}", deliveries.len()),
        }
        for answer in answers {
            // A sender that hung up delivers again.
            let _ = answer.send(if kept.is_ok() { Ok(()) } else { Err(Refused::Store) });
        }
    }
}
