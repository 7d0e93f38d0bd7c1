//! What is said to an SMTP server. Connecting and TLS are ours, so that both are as for requests, that nothing is believed that a
//! server, or somebody in between, said before TLS, and that a server that talks without end is hung up on. The rest is lettre's.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use lettre::address::Envelope;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream};
use lettre::transport::smtp::extension::ClientId;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use secrecy::{ExposeSecret as _, SecretString};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::server::{Security, SmtpServer};
use crate::failure::{Failure, causes, tame, told};

/// All that a server says to one mail to many recipients is some kilobytes, and lettre reads a long reply anew with each line.
const HEARD_BYTES_MAX: usize = 32 * 1024;

/// A reply before TLS is some lines; the greeting of a talkative server some more.
const REPLY_BYTES_MAX: usize = 16 * 1024;

/// The mail is taken by then; a goodbye is not worth waiting for.
const GOODBYE_TIMEOUT: Duration = Duration::from_secs(2);

/// What the server says after TLS in the place of a greeting, which it gave before and does not repeat. lettre waits for one.
const GREETED: &[u8] = b"220 encrypted\r\n";

trait Duplex: AsyncRead + AsyncWrite + Send + Sync + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Sync + Unpin> Duplex for T {}

/// A connection to a server, with or without TLS, from which only so much is read.
pub(super) struct Wire {
    inner: Box<dyn Duplex>,
    peer: Option<SocketAddr>,
    /// Read before what comes from the server.
    ahead: &'static [u8],
    left: usize,
}

impl Wire {
    pub(super) fn new(stream: TcpStream) -> Self {
        let peer = stream.peer_addr().ok();
        Self::over(stream, peer, &[])
    }

    fn over(inner: impl Duplex + 'static, peer: Option<SocketAddr>, ahead: &'static [u8]) -> Self {
        Self { inner: Box::new(inner), peer, ahead, left: HEARD_BYTES_MAX }
    }
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({:?})", self.peer)
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        if let Some((now, later)) =
            self.ahead.split_at_checked(self.ahead.len().min(buffer.remaining())).filter(|(now, _)| !now.is_empty())
        {
            buffer.put_slice(now);
            self.ahead = later;
            return Poll::Ready(Ok(()));
        }
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(context, buffer))?;
        let heard = buffer.filled().len().saturating_sub(before);
        let Some(left) = self.left.checked_sub(heard) else {
            return Poll::Ready(Err(io::Error::other("the server says more than a mail server has to say")));
        };
        self.left = left;
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Wire {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.inner).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(context)
    }
}

impl AsyncTokioStream for Wire {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.peer.ok_or_else(|| io::Error::from(io::ErrorKind::NotConnected))
    }
}

/// Whether these can be said to a server.
pub(super) fn can_log_in(user: &str, password: &SecretString) -> bool {
    let sayable = |text: &str| !text.is_empty() && !text.contains(char::is_control);
    sayable(user) && sayable(password.expose_secret())
}

/// TLS over the connection, at once or after the server was asked for it.
pub(super) async fn encrypt(
    mut stream: TcpStream,
    host: &str,
    tls: Arc<ClientConfig>,
    security: Security,
) -> Result<Wire, Failure> {
    let untrusted = |detail| Failure::Tls { host: host.to_owned(), detail };
    let name = ServerName::try_from(host.to_owned()).map_err(|error| untrusted(told(&error)))?;
    let peer = stream.peer_addr().ok();
    let ahead = match security {
        Security::StartTls => {
            ask_for_tls(&mut stream, host).await?;
            GREETED
        }
        Security::Tls | Security::None => &[],
    };
    let encrypted = TlsConnector::from(tls).connect(name, stream).await.map_err(|error| {
        let wrong = causes(&error).find_map(|cause| cause.downcast_ref::<rustls::Error>());
        wrong.map_or_else(|| Failure::Broken { host: host.to_owned(), detail: told(&error) }, |wrong| untrusted(told(wrong)))
    })?;
    Ok(Wire::over(encrypted, peer, ahead))
}

/// Greeting, EHLO and STARTTLS. Nothing of what is said here counts later, and nothing that came too early is kept.
async fn ask_for_tls(stream: &mut TcpStream, host: &str) -> Result<(), Failure> {
    let broken = |error: &io::Error| Failure::Broken { host: host.to_owned(), detail: told(error) };
    let refused = |code, text: &str| Failure::Refused { host: host.to_owned(), code: Some(code), detail: tame(text) };
    let hello = format!("EHLO {}\r\n", ClientId::default());
    for (said, expected) in [("", 220), (hello.as_str(), 250), ("STARTTLS\r\n", 220)] {
        stream.write_all(said.as_bytes()).await.map_err(|error| broken(&error))?;
        let (code, text) = reply(stream).await.map_err(|error| broken(&error))?;
        let offers = text.lines().any(|line| line.get(4..).is_some_and(|word| word.trim().eq_ignore_ascii_case("STARTTLS")));
        if code != expected {
            return Err(refused(code, &text));
        }
        if expected == 250 && !offers {
            let detail = "it does not offer STARTTLS, and nothing is said without encryption".to_owned();
            return Err(Failure::Refused { host: host.to_owned(), code: None, detail });
        }
    }
    Ok(())
}

/// A reply of one or more lines, of which the last has a blank behind its code. Read byte by byte: what stands behind it is TLS, or
/// somebody's who wants it taken for TLS.
async fn reply(stream: &mut TcpStream) -> io::Result<(u16, String)> {
    let mut heard = Vec::new();
    let mut line = 0;
    while heard.len() < REPLY_BYTES_MAX {
        heard.push(stream.read_u8().await?);
        if !heard.ends_with(b"\n") {
            continue;
        }
        let text = String::from_utf8_lossy(heard.get(line..).unwrap_or_default()).into_owned();
        line = heard.len();
        let code = text.get(..3).and_then(|code| code.parse::<u16>().ok());
        let code = code.ok_or_else(|| io::Error::other("it does not speak SMTP"))?;
        if text.as_bytes().get(3) != Some(&b'-') {
            return Ok((code, String::from_utf8_lossy(&heard).into_owned()));
        }
    }
    Err(io::Error::other("the server says more than a mail server has to say"))
}

/// Logs in and hands the mail over, to the recipients of the envelope. The inner failure is what the server said to the mail itself.
pub(super) async fn deliver(
    wire: Wire,
    server: &SmtpServer,
    (envelope, mail): (&Envelope, &[u8]),
) -> Result<Result<(), Failure>, Failure> {
    let host = &server.host;
    let refused = |error: SmtpError| failed(host, &error, true);
    let mut connection =
        AsyncSmtpConnection::connect_with_transport(Box::new(wire), &ClientId::default()).await.map_err(refused)?;
    if let Some((user, password)) = &server.login {
        let credentials = Credentials::new(user.clone(), password.expose_secret().to_owned());
        let answer = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials).await;
        // Some servers repeat what they did not understand, and that would be the password: the code must do.
        answer.map_err(|error| failed(host, &error, false))?;
    }
    let taken = connection.send(envelope, mail).await;
    if taken.is_ok() {
        let _ = tokio::time::timeout(GOODBYE_TIMEOUT, connection.quit()).await;
    }
    Ok(taken.map(drop).map_err(refused))
}

fn failed(host: &str, error: &SmtpError, tell: bool) -> Failure {
    let host = host.to_owned();
    let code = error.status().map(u16::from);
    let detail = match std::error::Error::source(error) {
        _ if !tell && code.is_some() => "user and password were not accepted".to_owned(),
        Some(source) => told(source),
        None => "it gave no reason".to_owned(),
    };
    if code.is_some() || error.is_client() { Failure::Refused { host, code, detail } } else { Failure::Broken { host, detail } }
}
