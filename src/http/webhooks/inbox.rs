//! The one writer of deliveries: as many as wait are kept in one transaction, and each sender hears once that is on disk.

use std::sync::Arc;

use store::{DeliveryWrite, Location, Store, StoreError};
use tokio::sync::{Notify, mpsc, oneshot};

use crate::outside::{Mishap, Outside};

/// Deliveries that may wait to be kept: at a megabyte each they fit in memory, and Stripe delivers again what is refused.
const WAITING_MAX: usize = 256;

/// Deliveries kept in one transaction.
const PER_COMMIT_MAX: usize = 128;

/// Why a delivery was not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// Too many wait, or the database is held by somebody else for too long.
    Full,
    /// The database does not take it; the log says why.
    Store,
}

type Waiting = (DeliveryWrite, oneshot::Sender<Result<(), Refused>>);

/// Where deliveries are handed in.
#[derive(Clone)]
pub struct Inbox {
    outside: Outside,
    sender: mpsc::Sender<Waiting>,
    taken: Arc<Notify>,
}

impl Inbox {
    /// Starts the writer, which ends when the last inbox is gone.
    pub fn new(outside: Outside, database: Location) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let taken = Arc::new(Notify::new());
        let (writing, told) = (outside.clone(), Arc::clone(&taken));
        tokio::task::spawn_blocking(move || run(&writing, &database, receiver, &told));
        Self { outside, sender, taken }
    }

    /// Keeps a delivery; it is on disk when this returns.
    ///
    /// # Errors
    /// [`Refused`]: then it is not.
    pub async fn keep(&self, delivery: DeliveryWrite) -> Result<(), Refused> {
        let (answer, kept) = oneshot::channel();
        self.sender.try_send((delivery, answer)).map_err(|_| {
            self.outside.mishap(Mishap::DeliveryUnkept, &format!("a delivery was turned away: {WAITING_MAX} wait to be kept"));
            Refused::Full
        })?;
        kept.await.unwrap_or(Err(Refused::Store))
    }

    /// Ends once deliveries were kept since the last time.
    pub async fn taken(&self) {
        self.taken.notified().await;
    }
}

fn run(outside: &Outside, database: &Location, mut receiver: mpsc::Receiver<Waiting>, taken: &Notify) {
    let mut connected = None;
    while let Some(first) = receiver.blocking_recv() {
        let mut group = vec![first];
        while group.len() < PER_COMMIT_MAX
            && let Ok(next) = receiver.try_recv()
        {
            group.push(next);
        }
        let (deliveries, answers): (Vec<_>, Vec<_>) = group.into_iter().unzip();
        let kept = keep(outside, database, &mut connected, &deliveries);
        match &kept {
            Ok(()) => taken.notify_one(),
            Err(error) => {
                let told = format!("{} deliveries could not be kept: {error}", deliveries.len());
                outside.mishap(Mishap::DeliveryUnkept, &told);
            }
        }
        for answer in answers {
            // A sender that hung up delivers again.
            let _ = answer.send(kept.as_ref().map(|_| ()).map_err(refused));
        }
    }
}

fn refused(error: &StoreError) -> Refused {
    match error {
        StoreError::Locked { .. } => Refused::Full,
        _ => Refused::Store,
    }
}

/// Keeps a group. The connection is kept for the next one: closing the only one to a file moves its whole log into it. It is made
/// again where it has ended, and what was written twice for that is kept once; and where another file stands there now, or none, so
/// that what is acknowledged is in that.
fn keep(
    outside: &Outside,
    database: &Location,
    connected: &mut Option<Store>,
    deliveries: &[DeliveryWrite],
) -> Result<(), StoreError> {
    if let Some(mut store) = connected.take().filter(Store::is_in_place) {
        let kept = store.take_deliveries(deliveries);
        // Another connection would only wait once more for whoever holds the database.
        if matches!(kept, Ok(()) | Err(StoreError::Locked { .. })) {
            *connected = Some(store);
            return kept;
        }
    }
    let mut store = Store::open(database, outside.points())?;
    store.take_deliveries(deliveries)?;
    *connected = Some(store);
    Ok(())
}

#[cfg(test)]
mod tests {
    use store::{DeliveryFilter, NoPoints};

    use super::*;

    fn delivery(id: &str) -> DeliveryWrite {
        DeliveryWrite {
            id: id.to_owned(),
            event_id: id.to_owned(),
            account: None,
            mode: facts::Mode::Test,
            event_type: "charge.updated".to_owned(),
            subject: None,
            body: b"{}".to_vec(),
            received_at: jiff::Timestamp::UNIX_EPOCH,
        }
    }

    #[test]
    fn a_database_that_somebody_holds_is_no_failure_and_the_sender_comes_again() {
        assert_eq!(refused(&StoreError::Locked { place: String::new() }), Refused::Full);
        assert_eq!(refused(&StoreError::Full { place: String::new() }), Refused::Store);
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_server_that_has_ended_its_connections_is_connected_to_again_and_loses_nothing() {
        let server = match cluster::shared() {
            Ok(server) => server,
            Err(missing) => return assert!(std::env::var_os(cluster::REQUIRED).is_none(), "{missing}"),
        };
        let name = server.database().unwrap();
        let database = Location::Server(Box::new(store::Server::parse(&server.address(&name)).unwrap()));
        let inbox = Inbox::new(Outside::real().unwrap(), database.clone());
        inbox.keep(delivery("evt_1")).await.unwrap();
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() \
                   AND pid <> pg_backend_pid()";
        server.run(&name, end).unwrap();
        inbox.keep(delivery("evt_2")).await.unwrap();
        let store = Store::open(&database, Arc::new(NoPoints)).unwrap();
        assert_eq!(store.deliveries(&DeliveryFilter::default()).unwrap().len(), 2);
    }
}
