//! What ends a wait before its time: a file that somebody writes, and a clock that is set.
//!
//! Of both Linux itself tells (inotify, timerfd), and rustix asks it, which looks at the disk too.

use std::path::Path;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use rustix::fd::OwnedFd;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use rustix::time::{Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create, timerfd_settime};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

use super::Outside;

/// How long to sleep at once where the system does not tell that its clock was set.
const PIECE: Duration = Duration::from_secs(1);

/// More than one event of a file takes. Equal ones in a row are one.
const EVENTS_BYTES: usize = 4_096;

/// Watches a file, as long as it lives.
pub struct Watch {
    events: AsyncFd<OwnedFd>,
    /// When to say so: it was written.
    say_at: Option<Instant>,
}

impl Watch {
    /// Watches the file at `path` from now on; `None` where there is none, or the system has no watch left.
    fn on(path: &Path) -> Option<Self> {
        let events = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC).ok()?;
        // A commit may count only long after its last byte was written: who then ends closes the file.
        inotify::add_watch(&events, path, WatchFlags::MODIFY | WatchFlags::CLOSE_WRITE).ok()?;
        Some(Self { events: readable(events)?, say_at: None })
    }

    /// Returns once the file was written at least `wait` ago: so much is gathered, and what is written meanwhile is said again. Who stops
    /// waiting loses nothing.
    pub async fn written(&mut self, outside: &Outside, wait: Duration) {
        let at = match self.say_at {
            Some(at) => at,
            None => {
                let Ok(mut ready) = self.events.readable().await else { return std::future::pending().await };
                let mut events = [0; EVENTS_BYTES];
                while rustix::io::read(&self.events, &mut events).is_ok_and(|read| read > 0) {}
                ready.clear_ready();
                let now = Instant::now();
                *self.say_at.insert(now.checked_add(outside.clock.wait(wait)).unwrap_or(now))
            }
        };
        tokio::time::sleep_until(at.into()).await;
        self.say_at = None;
    }
}

impl Outside {
    /// A watch on the log that SQLite keeps beside a database that is open: every commit is written there first, and only where all who
    /// write are on this machine, so that no writer is overlooked. `None` where there is none.
    #[must_use]
    pub fn watch_commits(&self, database: &Path) -> Option<Watch> {
        let mut log = std::fs::canonicalize(database).ok()?.into_os_string();
        log.push("-wal");
        Watch::on(Path::new(&log))
    }

    /// Returns after `duration` by the clock, or before it when the clock is set. A usual timer counts neither the time for which the machine
    /// was asleep nor that by which its clock was put forward, and would come too late by it.
    pub async fn sleep_by_clock(&self, duration: Duration) {
        if self.clock.is_set() {
            return self.sleep(duration).await;
        }
        match alarm(duration) {
            // Once it is over, or is called off because the clock was set.
            Some(alarm) => drop(alarm.readable().await),
            None => self.sleep(duration.min(PIECE)).await,
        }
    }
}

/// What can be read after `duration`, or when the machine's clock is set.
fn alarm(duration: Duration) -> Option<AsyncFd<OwnedFd>> {
    let at = Timestamp::now().checked_add(duration).ok()?;
    let alarm = timerfd_create(TimerfdClockId::Realtime, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC).ok()?;
    let none = Timespec { tv_sec: 0, tv_nsec: 0 };
    let at = Timespec { tv_sec: at.as_second(), tv_nsec: at.subsec_nanosecond().into() };
    let flags = TimerfdTimerFlags::ABSTIME | TimerfdTimerFlags::CANCEL_ON_SET;
    timerfd_settime(&alarm, flags, &Itimerspec { it_interval: none, it_value: at }).ok()?;
    readable(alarm)
}

#[expect(
    deprecated,
    reason = "what is to take its place is unsafe, for descriptors that others may close; an owned one stays open"
)]
fn readable(descriptor: OwnedFd) -> Option<AsyncFd<OwnedFd>> {
    AsyncFd::with_interest(descriptor, Interest::READABLE).ok()
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rusqlite::Connection;

    use super::*;

    const HOUR: Duration = Duration::from_secs(3_600);

    /// Whether it ends, given a while to.
    async fn ends(wait: impl Future<Output = ()>) -> bool {
        tokio::time::timeout(Duration::from_millis(50), wait).await.is_ok()
    }

    #[tokio::test]
    async fn a_commit_of_another_connection_ends_a_wait_and_reading_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let (outside, path) = (Outside::real().unwrap(), folder.path().join("a.db"));
        assert!(outside.watch_commits(&path).is_none(), "there is no database");
        let [open, other] = [(), ()].map(|()| Connection::open(&path).unwrap());
        assert!(outside.watch_commits(&path).is_none(), "it has no log");
        open.execute_batch("PRAGMA journal_mode = WAL; CREATE TABLE a (b)").unwrap();
        let mut watch = outside.watch_commits(&path).unwrap();
        open.query_row("SELECT COUNT(*) FROM a", [], |_| Ok(())).unwrap();
        assert!(!ends(watch.written(&outside, Duration::ZERO)).await);
        other.execute_batch("INSERT INTO a VALUES (1)").unwrap();
        tokio::time::timeout(HOUR / 60, watch.written(&outside, Duration::ZERO)).await.unwrap();
        assert!(!ends(watch.written(&outside, Duration::ZERO)).await, "it was said");
    }

    #[tokio::test]
    async fn what_is_written_is_gathered_and_who_stops_waiting_hears_of_it_the_next_time() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        let (outside, mut watch) = (Outside::real().unwrap(), Watch::on(file.path()).unwrap());
        file.write_all(b"a").unwrap();
        for _ in 0..20 {
            assert!(!ends(watch.written(&outside, HOUR)).await);
        }
        assert!(watch.say_at.replace(Instant::now()).is_some());
        watch.written(&outside, HOUR).await;
    }

    #[tokio::test]
    async fn a_wait_by_the_clock_ends_once_it_is_over_and_not_before() {
        let outside = Outside::real().unwrap();
        let (began, wait) = (Timestamp::now(), Duration::from_millis(30));
        outside.sleep_by_clock(wait).await;
        assert!(Timestamp::now().duration_since(began).unsigned_abs() >= wait);
        assert!(!ends(outside.sleep_by_clock(HOUR)).await);
    }
}
