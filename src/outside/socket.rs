//! Listening.

use std::io;
use std::net::SocketAddr;

use tokio::net::TcpListener;

use super::Outside;

impl Outside {
    /// Listens on `address`; port 0 takes a free one.
    ///
    /// # Errors
    /// What the system says: the port is taken, or may not be used.
    pub async fn bind(&self, address: SocketAddr) -> io::Result<TcpListener> {
        TcpListener::bind(address).await
    }
}
