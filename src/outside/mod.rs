//! The one seam to the world: clock, randomness, timers, sockets and files. Everything else is told what these say.
//!
//! The store opens its own database file; nothing else outside this folder touches the machine. Whoever wants to drive
//! the whole program by one seed replaces what is behind this type.

mod acting;
mod browser;
mod called_off;
mod clock;
mod command;
mod disk;
mod file_limit;
mod going;
mod http;
mod manager;
mod mishap;
mod points;
mod random;
mod socket;
mod space;
#[cfg(target_os = "linux")]
mod wake;
#[cfg(not(target_os = "linux"))]
#[path = "wake_elsewhere.rs"]
mod wake;

use std::sync::Arc;

pub use called_off::CallOff;
pub use command::{NotRun, Ran};
pub use disk::FileInMaking;
pub use file_limit::fail_instead_of_dying;
use jiff::Timestamp;
pub use mishap::{Mishap, Seen};
use store::CommitPoints;
pub use wake::Watch;

use crate::exit::Failure;

/// The real world. Cheap to clone; all clones share connections, crash points and mishaps.
#[derive(Clone)]
pub struct Outside {
    http: Arc<http::Http>,
    points: Arc<points::Points>,
    clock: clock::Clock,
    mishaps: Arc<mishap::Mishaps>,
    going: going::Going,
    called_off: Option<tokio::sync::watch::Receiver<bool>>,
    behalf: acting::Behalf,
}

impl Outside {
    /// The world of this process.
    ///
    /// # Errors
    /// [`crate::exit::Exit::Usage`] when a switch for tests, such as `TIEOUT_CRASH_AT` or `TIEOUT_CLOCK`, cannot be read.
    pub fn real() -> Result<Self, Failure> {
        Ok(Self {
            http: Arc::new(http::Http::new()),
            points: Arc::new(points::Points::from_environment()?),
            clock: clock::Clock::from_environment()?,
            mishaps: Arc::default(),
            going: going::Going::default(),
            called_off: None,
            behalf: acting::Behalf::of_process(),
        })
    }

    /// The instant to judge at: the one that was given, else the clock's.
    #[must_use]
    pub fn as_of(&self, given: Option<Timestamp>) -> Timestamp {
        given.unwrap_or_else(|| self.now())
    }

    /// Posts a body to an address on this machine; the status of the answer, `None` where there was none.
    pub async fn post_here(&self, url: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Option<u16> {
        self.http.post_here(url, headers, body).await
    }

    /// Where the store reports its commits, and asks on whose behalf they are; see [`points`] and [`acting`].
    #[must_use]
    pub fn points(&self) -> Arc<dyn CommitPoints> {
        Arc::new(self.clone())
    }
}

impl CommitPoints for Outside {
    fn reach(&self, point: &'static str) {
        self.points.reach(point);
    }

    fn acting(&self) -> store::Acting {
        self.acts()
    }
}

impl stripe::Outside for Outside {
    fn now(&self) -> Timestamp {
        Self::now(self)
    }

    fn random(&self) -> u64 {
        Self::random(self)
    }

    fn sleep(&self, duration: std::time::Duration) -> impl Future<Output = ()> + Send {
        Self::sleep(self, duration)
    }

    async fn get(&self, request: &stripe::Request) -> Result<stripe::Response, stripe::TransportError> {
        let answered = self.http.get(request).await;
        self.mind_try(request, &answered);
        answered
    }
}
