//! A lease: the right to do what one process at a time may do on a database.
//!
//! Every taking has a token, one higher than the last. Whoever writes under a lease looks in the same transaction whether its
//! token still is the latest: a process that stood still while another took over wakes up and changes nothing.
//!
//! Two signs tell that a holder is gone. A lock that the system or the server keeps for it ([`guard`]) is free at once when its
//! process ends, however it does. And its beat stands still when the process was stopped, or its machine has lost the server;
//! then the lock may be held for ever, and who takes over does without. No sign is a time of day, so that clocks may differ.
//!
//! Who has the lock of a file beats in that file: a database in which nothing happens is not written, and wakes nobody who watches it.
//! All others beat in the lease's row.

mod pulse;

use std::time::{Duration, Instant};

use pulse::{BeatsIn, Pulse};

use crate::database::guard::{self, Guard};
use crate::database::{Connection, OptionalExtension, params};
use crate::{Location, Result, StoreError};

/// What a lease is the right to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LeaseName {
    /// To read from Stripe. Of two that did so side by side, one would read a changed object again and note its event as done, and
    /// the other then write a page that it had asked for before: nothing would tell of the change any more.
    Sync,
    /// To run what is scheduled. Of two that did so side by side, both would run the same occurrence.
    Schedule,
    /// To write what was concluded. Of two that did so side by side, one could write what it had concluded the day before.
    Reconcile,
}

impl LeaseName {
    /// The word in columns and file names.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sync => "sync",
            Self::Reconcile => "reconcile",
            Self::Schedule => "schedule",
        }
    }
}

/// How fast a lease beats, and how long others wait for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Between two beats of a holder.
    pub beat: Duration,
    /// A holder whose beat stood still for so long was stopped. A few beats: one waits for others' writes.
    pub still: Duration,
    /// How long to wait for a holder that lives. Who works off deliveries gives its lease back every few seconds.
    pub patience: Duration,
}

impl Pace {
    /// The pace of all processes on one database: who beats more slowly than others expect is overtaken.
    pub const STANDARD: Self =
        Self { beat: Duration::from_secs(3), still: Duration::from_secs(15), patience: Duration::from_secs(20) };
}

/// How often to look whether a lease is free.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// Who may write within this time has not waited for another who writes.
const AT_ONCE: Duration = Duration::from_millis(200);

const READ: &str = "SELECT token, beat, held FROM lease WHERE name = ?1";

const MAKE: &str = "INSERT INTO lease (name, token, beat, held) VALUES (?1, 1, 0, ?2) ON CONFLICT (name) DO NOTHING";

const TAKE: &str = "UPDATE lease SET token = token + 1, beat = 0, held = ?2 WHERE name = ?1 AND token = ?3 AND beat = ?4";

/// A lease that this process has taken. Dropped, it is given back.
pub(crate) struct Lease {
    name: LeaseName,
    token: i64,
    _guard: Option<Guard>,
    _pulse: Pulse,
}

impl Lease {
    pub(crate) fn name(&self) -> LeaseName {
        self.name
    }

    /// Refuses to write for who has been overtaken. `transaction` is one that writes, so that nobody can take over before it ends.
    ///
    /// # Errors
    /// [`StoreError::Overtaken`].
    pub(crate) fn check(&self, transaction: &Connection) -> Result<()> {
        let held = read(transaction, self.name)?;
        if held.is_some_and(|held| held.token == self.token) {
            Ok(())
        } else {
            Err(StoreError::Overtaken { lease: self.name.as_str() })
        }
    }
}

/// Takes a lease; waits for whoever has it, and takes over from who stands still.
///
/// # Errors
/// [`StoreError::Leased`] when another keeps it.
pub(crate) fn take(connection: &Connection, location: &Location, name: LeaseName, pace: Pace) -> Result<Lease> {
    let began = Instant::now();
    let mut watched = Watched { held: read_at(connection, location, name)?, since: began };
    loop {
        let guard = guard::try_lock(connection, location, name)?;
        watched.look(read_at(connection, location, name)?);
        if let Some(ground) = ground(guard.is_some(), watched.held.as_ref(), watched.since.elapsed() >= pace.still) {
            if let Some(token) = put(connection, name, &watched, (ground, guard.is_some()))? {
                let beats_in = if guard.as_ref().is_some_and(Guard::takes_beats) { BeatsIn::LockFile } else { BeatsIn::Row };
                let pulse = Pulse::start(location.clone(), (name, token), (pace.beat, beats_in), guard.is_none());
                return Ok(Lease { name, token, _guard: guard, _pulse: pulse });
            }
            watched.since = Instant::now();
        }
        if let Some(guard) = guard {
            guard.unlock(connection, name)?;
        }
        if began.elapsed() >= pace.patience {
            return Err(StoreError::Leased { place: String::new(), lease: name.as_str() });
        }
        std::thread::sleep(LOOK_AGAIN);
    }
}

/// Whether somebody has a lease, without disturbing who has it or takes it.
pub(crate) fn is_held(connection: &Connection, location: &Location, name: LeaseName) -> Result<bool> {
    match read(connection, name)?.map(|held| held.by) {
        None | Some(Sign::Nothing) => Ok(false),
        Some(Sign::Beat) => Ok(true),
        Some(Sign::Lock) => guard::is_locked(connection, location, name),
    }
}

/// By what its holder is known to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Sign {
    /// Its lock is held, and its beat goes on.
    Lock,
    /// Its beat goes on: the lock is another's, who stands still.
    Beat,
    /// It was given back.
    Nothing,
}

impl Sign {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Beat => "beat",
            Self::Nothing => "nothing",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [Self::Lock, Self::Beat, Self::Nothing].into_iter().find(|sign| sign.as_str() == word)
    }
}

/// A lease as it stands in its row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    token: i64,
    /// In the row.
    beat: i64,
    /// In the file of the lock, where its holder beats there.
    beat_in_file: Option<i64>,
    by: Sign,
}

/// A lease as it was last seen, and since when it has looked so.
struct Watched {
    held: Option<Held>,
    since: Instant,
}

impl Watched {
    fn look(&mut self, held: Option<Held>) {
        if held != self.held {
            *self = Self { held, since: Instant::now() };
        }
    }
}

/// Why a lease may be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ground {
    /// Nobody has it.
    Free,
    /// Its holder stands still.
    Still,
}

/// Whether a lease may be taken by one who has its lock, or has not, and has seen its beat stand still for long, or has not.
fn ground(locked: bool, held: Option<&Held>, stands_still: bool) -> Option<Ground> {
    let free = match held.map(|held| held.by) {
        None | Some(Sign::Lock) => locked,
        Some(Sign::Beat) => false,
        Some(Sign::Nothing) => true,
    };
    if free { Some(Ground::Free) } else { stands_still.then_some(Ground::Still) }
}

/// Takes the lease as it was seen; `None` where it has moved since. A beat may only have waited for the same writer as this does:
/// after such a wait, standing still means nothing.
fn put(connection: &Connection, name: LeaseName, watched: &Watched, (ground, locked): (Ground, bool)) -> Result<Option<i64>> {
    let waiting = Instant::now();
    let transaction = connection.begin_writing()?;
    if ground == Ground::Still && waiting.elapsed() >= AT_ONCE {
        return Ok(None);
    }
    let next = watched.held.map_or(Some(1), |held| held.token.checked_add(1));
    let next = next.ok_or_else(|| StoreError::bad_row(format!("lease.token of {} cannot count further", name.as_str())))?;
    let by = if locked { Sign::Lock } else { Sign::Beat };
    let taken = match &watched.held {
        None => transaction.execute(MAKE, params![name.as_str(), by.as_str()])?,
        Some(held) => transaction.execute(TAKE, params![name.as_str(), by.as_str(), held.token, held.beat])?,
    };
    transaction.commit()?;
    Ok((taken == 1).then_some(next))
}

fn read(connection: &Connection, name: LeaseName) -> Result<Option<Held>> {
    let held = connection.query_row(READ, params![name.as_str()], |row| {
        let by = crate::rows::parsed(row, 2, Sign::from_word)?;
        Ok(Held { token: row.get(0)?, beat: row.get(1)?, beat_in_file: None, by })
    });
    Ok(held.optional()?)
}

/// As [`read`], with the beat of whoever has the lock of a file.
fn read_at(connection: &Connection, location: &Location, name: LeaseName) -> Result<Option<Held>> {
    let held = read(connection, name)?;
    Ok(held.map(|held| Held { beat_in_file: guard::beat(location, name, held.token), ..held }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_free_by_its_lock_or_its_word_and_otherwise_only_once_it_stands_still() {
        let held = |by| Held { token: 7, beat: 3, beat_in_file: None, by };
        for (locked, by, still, expected) in [
            (true, None, false, Some(Ground::Free)),
            (false, None, false, None),
            (false, None, true, Some(Ground::Still)),
            (true, Some(Sign::Lock), false, Some(Ground::Free)),
            (false, Some(Sign::Lock), false, None),
            (false, Some(Sign::Lock), true, Some(Ground::Still)),
            (true, Some(Sign::Beat), false, None),
            (true, Some(Sign::Beat), true, Some(Ground::Still)),
            (false, Some(Sign::Beat), true, Some(Ground::Still)),
            (false, Some(Sign::Nothing), false, Some(Ground::Free)),
        ] {
            assert_eq!(ground(locked, by.map(held).as_ref(), still), expected, "locked {locked}, {by:?}, still {still}");
        }
    }
}
