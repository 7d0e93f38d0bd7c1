//! The beat of a lease: a thread of its own, so that it goes on while its holder waits for Stripe or thinks, and stops with it.

use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use super::{LeaseName, Sign};
use crate::database::guard;
use crate::database::{Connection, params};
use crate::{Location, Result};

const BEAT: &str = "UPDATE lease SET beat = beat + 1 WHERE name = ?1 AND token = ?2";

const GIVE_BACK: &str = "UPDATE lease SET held = ?3 WHERE name = ?1 AND token = ?2";

/// Where a beat is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BeatsIn {
    /// In the file of the lock.
    LockFile,
    /// In the lease's row.
    Row,
}

/// Beats until it is dropped.
pub(super) struct Pulse {
    stop: Option<Sender<()>>,
    /// The thread of a lease that nothing but its beat tells of: it has to say that it is given back.
    giving_back: Option<JoinHandle<()>>,
}

impl Pulse {
    /// Begins to beat, after one beat's time. `gives_back` is for a lease without a lock.
    ///
    /// Where the system has no thread left, nothing beats, and after a while another takes over.
    pub(super) fn start(
        location: Location,
        lease: (LeaseName, i64),
        (beat, beats_in): (Duration, BeatsIn),
        gives_back: bool,
    ) -> Self {
        let (stop, stopped) = mpsc::channel();
        let beating = move || {
            let (mut connection, mut number) = (None, 0);
            while stopped.recv_timeout(beat) == Err(RecvTimeoutError::Timeout) {
                number += 1;
                let beaten = on_its_own(&location, &mut connection, |connection| match beats_in {
                    BeatsIn::LockFile => note(connection, &location, lease, number),
                    BeatsIn::Row => write(connection, BEAT, lease, None),
                });
                match beaten {
                    Ok(true) | Err(_) => {}
                    // Another has taken over.
                    Ok(false) => return,
                }
            }
            if gives_back {
                let word = Some(Sign::Nothing.as_str());
                // Where this fails, others see the beat stand still.
                let _ = on_its_own(&location, &mut connection, |connection| write(connection, GIVE_BACK, lease, word));
            }
        };
        let thread = Builder::new().name("lease".to_owned()).spawn(beating).ok();
        Self { stop: Some(stop), giving_back: thread.filter(|_| gives_back) }
    }
}

impl Drop for Pulse {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.giving_back.take() {
            // It does not panic; and if it did, others would see the beat stand still.
            let _ = thread.join();
        }
    }
}

/// Does something with a connection that no other thread uses, opened at its first use and after each failure.
fn on_its_own<T>(
    location: &Location,
    connection: &mut Option<Connection>,
    act: impl FnOnce(&Connection) -> Result<T>,
) -> Result<T> {
    let own = match connection.take() {
        Some(own) => own,
        None => location.connect()?,
    };
    let done = act(&own)?;
    *connection = Some(own);
    Ok(done)
}

/// Notes a beat in the file of the lock. Whether the lease still is what it was taken as.
fn note(connection: &Connection, location: &Location, (name, token): (LeaseName, i64), number: i64) -> Result<bool> {
    let is_held = super::read(connection, name)?.is_some_and(|held| held.token == token);
    if is_held {
        guard::note_beat(location, name, (token, number))?;
    }
    Ok(is_held)
}

/// Whether the lease still is what it was taken as.
fn write(connection: &Connection, sql: &str, (name, token): (LeaseName, i64), word: Option<&str>) -> Result<bool> {
    let transaction = connection.begin_writing()?;
    let rows = match word {
        None => transaction.execute(sql, params![name.as_str(), token])?,
        Some(word) => transaction.execute(sql, params![name.as_str(), token, word])?,
    };
    transaction.commit()?;
    Ok(rows == 1)
}
