//! Connections to the database for readers: a few, each used by one page at a time, off the asynchronous threads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use store::{Location, Store};
use tokio::sync::Semaphore;

use super::problem::Problem;

/// Pages are made in milliseconds and the machine has few cores: more at once would only wait for each other.
const AT_ONCE: usize = 4;

/// Opens connections as they are needed and keeps them.
#[derive(Clone)]
pub struct Readers {
    database: Arc<Location>,
    idle: Arc<Mutex<Vec<Store>>>,
    /// Whether there was a database once: one that is not there any more is a fault, one that is not there yet is none.
    was_there: Arc<AtomicBool>,
    places: Arc<Semaphore>,
}

impl Readers {
    /// Readers of this database, which need not exist yet.
    pub fn new(database: Location) -> Self {
        Self {
            database: Arc::new(database),
            idle: Arc::default(),
            was_there: Arc::default(),
            places: Arc::new(Semaphore::new(AT_ONCE)),
        }
    }

    /// Runs `read` on a thread that may block, with a connection, or without one while there is no database.
    ///
    /// # Errors
    /// What `read` returns, [`Problem::Store`] when the database cannot be opened, and [`Problem::Gone`] when it was there before. The connection of a failed read is
    /// closed, so that a database that was replaced is seen afresh.
    pub async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(Option<&Store>) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        let closed = |what: &str| Problem::Internal(what.to_owned());
        let place = Arc::clone(&self.places).acquire_owned().await.map_err(|_| closed("the server is stopping"))?;
        let readers = self.clone();
        let work = move || {
            let _held = place;
            let store = readers.take()?;
            let answer = read(store.as_ref())?;
            readers.give(store);
            Ok(answer)
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| closed("its thread ended early"))?
    }

    fn take(&self) -> Result<Option<Store>, Problem> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        // What is read of a file that was moved or replaced meanwhile is of the past.
        let store = match idle.filter(Store::is_in_place) {
            Some(store) => Some(store),
            None => Store::open_existing(&*self.database)?,
        };
        match store {
            None if self.was_there.load(Ordering::Relaxed) => Err(Problem::Gone(self.database.to_string())),
            None => Ok(None),
            Some(store) => {
                self.was_there.store(true, Ordering::Relaxed);
                Ok(Some(store))
            }
        }
    }

    fn give(&self, store: Option<Store>) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).extend(store);
    }
}
