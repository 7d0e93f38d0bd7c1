//! The service manager that may watch over the server: systemd's notify protocol. Without one nothing is said.

use std::net::{SocketAddr, TcpListener};

use sd_notify::NotifyState;

use super::Outside;

impl Outside {
    /// It serves: what waited for it may begin.
    pub fn tell_ready(&self, address: SocketAddr) {
        tell(&[NotifyState::Ready, NotifyState::Status(&format!("Serving on http://{address}"))]);
    }

    /// It reads its settings again.
    pub fn tell_reloading(&self) {
        let states = NotifyState::monotonic_usec_now().map(|now| [NotifyState::Reloading, now]);
        if let Ok(states) = states {
            tell(&states);
        }
    }

    /// It was told to stop, and lets what runs end.
    pub fn tell_stopping(&self) {
        tell(&[NotifyState::Stopping]);
    }

    /// A second handle of a socket that is listened on: whoever connects between two servers of one process waits, and is not refused.
    ///
    /// # Errors
    /// What the system says.
    pub fn share(&self, listener: &TcpListener) -> std::io::Result<tokio::net::TcpListener> {
        let shared = listener.try_clone()?;
        shared.set_nonblocking(true)?;
        tokio::net::TcpListener::from_std(shared)
    }
}

fn tell(states: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!("the service manager was not told: {error}");
    }
}
