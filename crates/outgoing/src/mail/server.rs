//! The operator's SMTP server, and sending through it.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use lettre::address::Envelope;
use secrecy::SecretString;
use url::Host;

use super::conversation::{self, Wire};
use super::letter::{BadMail, Mail};
use crate::failure::{Failure, told};
use crate::guard::AllowedNetworks;
use crate::tls::Authorities;

/// A server that does not take a connection in this time is down.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// A recipient for whom the server did not take a mail.
#[derive(Debug, PartialEq, Eq)]
pub struct NotTaken {
    /// The address.
    pub to: String,
    /// Why.
    pub failure: Failure,
}

/// How the connection to a server is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    /// TLS from the first byte; port 465 as a rule.
    Tls,
    /// TLS before anything is said; port 587 as a rule. A server that does not offer it is not spoken to.
    StartTls,
    /// None: only to this machine and to networks that the operator listed.
    None,
}

/// An SMTP server, as an operator configures it.
#[derive(Clone)]
pub struct SmtpServer {
    /// A name, or an address (one of IPv6 without brackets).
    pub host: String,
    /// Mostly 465 or 587.
    pub port: u16,
    /// How the connection is protected.
    pub security: Security,
    /// User and password, where the server wants them.
    pub login: Option<(String, SecretString)>,
    /// Who may vouch for the server beside those whom this machine trusts.
    pub authorities: Authorities,
}

impl fmt::Debug for SmtpServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let login = if self.login.is_some() { "with" } else { "without" };
        write!(f, "SmtpServer({}:{} {:?}, {login} password)", self.host, self.port, self.security)
    }
}

/// Why a server cannot be used as it is configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadServer {
    /// Neither a name nor an address.
    #[error("`{0}` is no host of a mail server: write a name such as smtp.example.com, or an address")]
    Host(String),
    /// Port 0.
    #[error("a mail server's port is between 1 and 65535; 465 and 587 are usual")]
    Port,
    /// Control characters in the login, or no user.
    #[error("user or password of the mail server is empty or holds a control character")]
    Login,
}

/// Sends mail through one server.
#[derive(Debug)]
pub struct Mailer {
    server: SmtpServer,
    allowed: AllowedNetworks,
}

impl Mailer {
    /// Checks what can be checked without the network. `allowed` matters for [`Security::None`] only.
    ///
    /// # Errors
    /// When host, port or login cannot be right.
    pub fn new(server: SmtpServer, allowed: AllowedNetworks) -> Result<Self, BadServer> {
        if !is_host(&server.host) {
            return Err(BadServer::Host(server.host.chars().take(100).collect()));
        }
        if server.port == 0 {
            return Err(BadServer::Port);
        }
        if server.login.as_ref().is_some_and(|(user, password)| !conversation::can_log_in(user, password)) {
            return Err(BadServer::Login);
        }
        Ok(Self { server, allowed })
    }

    /// Sends the mail; it is dated `now`. `deadline` is for all of it. Returns the recipients for whom the server did not take it, where it
    /// took it for others.
    ///
    /// # Errors
    /// When the server was not reached, not believed, or did not take the mail. Where the connection broke or time ran out, the
    /// server may have taken it nonetheless: sent again, it has the same id.
    pub async fn send(&self, mail: &Mail, deadline: Duration, now: Timestamp) -> Result<Vec<NotTaken>, Failure> {
        let message = mail.written(now).map_err(|error| self.unwritable(&error))?;
        let sending = async {
            let bytes = message.formatted();
            match self.hand_over(message.envelope(), &bytes).await? {
                Ok(()) => Ok(Vec::new()),
                Err(refused @ Failure::Refused { code: Some(500..), .. }) if mail.has_several() => {
                    self.to_each(mail, &bytes, refused).await
                }
                Err(failure) => Err(failure),
            }
        };
        tokio::time::timeout(deadline, sending).await.map_err(|_| Failure::TimedOut { host: self.server.host.clone() })?
    }

    async fn hand_over(&self, envelope: &Envelope, mail: &[u8]) -> Result<Result<(), Failure>, Failure> {
        let wire = self.connect().await?;
        conversation::deliver(wire, &self.server, (envelope, mail)).await
    }

    /// To each recipient alone, after the server has refused all of them together: one that nobody has any more must not keep an alert
    /// from the others.
    async fn to_each(&self, mail: &Mail, bytes: &[u8], refused: Failure) -> Result<Vec<NotTaken>, Failure> {
        let (mut not_taken, mut count) = (Vec::new(), 0);
        for (to, envelope) in mail.each() {
            count += 1;
            let envelope = envelope.map_err(|error| self.unwritable(&error))?;
            if let Err(failure) | Ok(Err(failure)) = self.hand_over(&envelope, bytes).await {
                not_taken.push(NotTaken { to, failure });
            }
        }
        if not_taken.len() == count { Err(refused) } else { Ok(not_taken) }
    }

    fn unwritable(&self, error: &BadMail) -> Failure {
        Failure::Refused { host: self.server.host.clone(), code: None, detail: error.to_string() }
    }

    async fn connect(&self) -> Result<Wire, Failure> {
        let SmtpServer { host, port, security, authorities, .. } = &self.server;
        let tls = match security {
            Security::None => None,
            Security::Tls | Security::StartTls => Some(Arc::new(authorities.client_config().map_err(Failure::NoTls)?)),
        };
        let unresolved = |detail| Failure::Resolve { host: host.clone(), detail };
        let found = tokio::net::lookup_host((host.as_str(), *port)).await.map_err(|error| unresolved(told(&error)))?;
        let found = found.collect::<Vec<_>>();
        if tls.is_none() && !found.iter().all(|address| self.may_hear(address.ip())) {
            return Err(Failure::Unencrypted { host: host.clone() });
        }
        let unreached = |detail| Failure::Connect { host: host.clone(), detail };
        let stream = tokio::time::timeout(CONNECT_TIMEOUT, first_of(&found)).await;
        let stream = stream.map_err(|_| Failure::TimedOut { host: host.clone() })?.map_err(|error| unreached(told(&error)))?;
        match tls {
            None => Ok(Wire::new(stream)),
            Some(tls) => conversation::encrypt(stream, host, tls, *security).await,
        }
    }

    /// Whether it may hear mail and password that are not encrypted.
    fn may_hear(&self, address: IpAddr) -> bool {
        address.to_canonical().is_loopback() || self.allowed.lists(address)
    }
}

/// Connects to the first that answers.
async fn first_of(addresses: &[SocketAddr]) -> std::io::Result<tokio::net::TcpStream> {
    tokio::net::TcpStream::connect(addresses).await
}

fn is_host(text: &str) -> bool {
    let name = || {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        text.len() <= 253 && !text.is_empty() && text.bytes().all(known) && Host::parse(text).is_ok()
    };
    text.parse::<IpAddr>().is_ok() || name()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(host: &str, port: u16, login: Option<(&str, &str)>) -> Result<Mailer, BadServer> {
        let login = login.map(|(user, password)| (user.to_owned(), SecretString::from(password)));
        let server =
            SmtpServer { host: host.to_owned(), port, security: Security::Tls, login, authorities: Authorities::default() };
        Mailer::new(server, AllowedNetworks::none())
    }

    #[test]
    fn a_server_that_cannot_be_one_is_refused_before_it_is_needed() {
        for host in ["smtp.example.com", "localhost", "10.0.0.5", "fd12::25", "mail_1.example.com"] {
            assert!(server(host, 465, Some(("user", "päss word"))).is_ok(), "{host}");
        }
        for host in ["", "smtp example", "smtp://a", "a:25", "[::1]", "a/b", "ä\r\nb", "user@host"] {
            assert_eq!(server(host, 465, None).unwrap_err(), BadServer::Host(host.to_owned()));
        }
        assert_eq!(server("a.example", 0, None).unwrap_err(), BadServer::Port);
        for login in [("", "x"), ("x", ""), ("a\r\nb", "x"), ("a", "x\0y")] {
            assert_eq!(server("a.example", 465, Some(login)).unwrap_err(), BadServer::Login, "{login:?}");
        }
    }

    #[test]
    fn the_password_is_not_shown() {
        let shown = format!("{:?}", server("a.example", 465, Some(("user", "s3cret"))).unwrap());
        assert!(shown.contains("a.example:465") && !shown.contains("s3cret"), "{shown}");
    }
}
