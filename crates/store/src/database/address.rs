//! Where a database is: a file, or a server's address.

use std::fmt;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

/// How long a connection to a server may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// What the server's own list of connections calls us.
const APPLICATION_NAME: &str = "tieout";

/// PostgreSQL's usual port.
const PORT: u16 = 5432;

/// Where a database is. Shown without a password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// A SQLite file.
    File(PathBuf),
    /// A database of a PostgreSQL server.
    Server(Box<Server>),
}

impl Location {
    /// The file; `None` where it is a server's.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self {
            Self::File(path) => Some(path),
            Self::Server(_) => None,
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Server(server) => server.fmt(f),
        }
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Self {
        Self::File(path.to_owned())
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Self {
        Self::File(path.clone())
    }
}

impl From<&Self> for Location {
    fn from(location: &Self) -> Self {
        location.clone()
    }
}

/// A database of a PostgreSQL server, and how to reach it.
#[derive(Clone, PartialEq, Eq)]
pub struct Server {
    pub(super) config: Config,
    pub(super) trust: Trust,
}

/// What a server's certificate is held against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// The connection is not encrypted.
    Unencrypted,
    /// What this machine trusts.
    System,
    /// The authorities of this file, in PEM.
    File(PathBuf),
}

impl Server {
    /// Reads an address: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or `?host=/FOLDER` for a socket on this machine.
    ///
    /// A connection to another machine is always encrypted and the server's certificate verified, unless `sslmode=disable`
    /// says not to; `sslrootcert=FILE` names authorities that this machine does not know.
    ///
    /// # Errors
    /// In words, and without repeating the address, which may hold a password.
    pub fn parse(url: &str) -> Result<Self, String> {
        if authority(url).matches('@').count() > 1 {
            // What follows the first one would be taken for the host, and shown.
            return Err("it holds more than one @: write those of the password as %40".to_owned());
        }
        let (url, mode, root) = without_trust(url)?;
        let mut config: Config = url.parse().map_err(|error| format!("it cannot be read: {}", reason(&error)))?;
        if config.get_hosts().is_empty() {
            return Err("it names no host".to_owned());
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_TIMEOUT);
        }
        if config.get_application_name().is_none() {
            config.application_name(APPLICATION_NAME);
        }
        let local = config.get_hosts().iter().all(is_local);
        let trust = trust(mode.as_deref(), root, local)?;
        config.ssl_mode(if trust == Trust::Unencrypted { SslMode::Disable } else { SslMode::Require });
        Ok(Self { config, trust })
    }

    /// The same, with this password where the address holds none.
    #[must_use]
    pub fn or_password(mut self, password: Option<&str>) -> Self {
        if let Some(password) = password.filter(|_| !self.has_password()) {
            self.config.password(password);
        }
        self
    }

    /// Whether a password stands in the address.
    #[must_use]
    pub fn has_password(&self) -> bool {
        self.config.get_password().is_some()
    }
}

/// Name, password and host.
fn authority(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split('?').next().unwrap_or_default()
}

/// The address without the parameters that say what is trusted, and those two.
fn without_trust(url: &str) -> Result<(String, Option<String>, Option<PathBuf>), String> {
    let Some((address, query)) = url.split_once('?') else { return Ok((url.to_owned(), None, None)) };
    let (mut mode, mut root, mut rest) = (None, None, Vec::new());
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some(("sslmode", value)) => mode = Some(value.to_owned()),
            Some(("sslrootcert", value)) if value.contains('%') => {
                return Err("sslrootcert takes a path as it is, without %".to_owned());
            }
            Some(("sslrootcert", value)) => root = Some(PathBuf::from(value)),
            _ => rest.push(pair),
        }
    }
    let address = if rest.is_empty() { address.to_owned() } else { format!("{address}?{}", rest.join("&")) };
    Ok((address, mode, root))
}

fn trust(mode: Option<&str>, root: Option<PathBuf>, local: bool) -> Result<Trust, String> {
    match (mode, root) {
        (Some("disable"), None) => Ok(Trust::Unencrypted),
        (Some("disable"), Some(_)) => Err("sslmode=disable and sslrootcert contradict each other".to_owned()),
        (None | Some("require" | "verify-full"), Some(root)) => Ok(Trust::File(root)),
        (Some("require" | "verify-full"), None) => Ok(Trust::System),
        (None, None) => Ok(if local { Trust::Unencrypted } else { Trust::System }),
        (Some(_), _) => Err("sslmode is disable or require; require always verifies the server's certificate".to_owned()),
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The innermost reason: the outer ones only say that a configuration is invalid.
fn reason(error: &dyn std::error::Error) -> String {
    error.source().map_or_else(|| error.to_string(), reason)
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://")?;
        if let Some(user) = self.config.get_user() {
            write!(f, "{user}@")?;
        }
        let ports = self.config.get_ports();
        for (index, host) in self.config.get_hosts().iter().enumerate() {
            let port = ports.get(index).or(ports.first()).copied().unwrap_or(PORT);
            f.write_str(if index > 0 { "," } else { "" })?;
            match host {
                Host::Tcp(name) if name.contains(':') => write!(f, "[{name}]:{port}")?,
                Host::Tcp(name) => write!(f, "{name}:{port}")?,
                #[cfg(unix)]
                Host::Unix(folder) => write!(f, "{}:{port}", folder.display())?,
            }
        }
        write!(f, "/{}", self.config.get_dbname().or(self.config.get_user()).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn server(url: &str) -> Server {
        Server::parse(url).unwrap()
    }

    #[test]
    fn an_address_is_shown_without_its_password() {
        let shown = server("postgres://ada:s3cret@db.example.com:6432/books");
        assert_eq!(shown.to_string(), "postgres://ada@db.example.com:6432/books");
        assert_eq!(format!("{shown:?}"), "postgres://ada@db.example.com:6432/books");
        assert!(shown.has_password());
        assert_eq!(server("postgresql://ada@[::1]/").to_string(), "postgres://ada@[::1]:5432/ada");
        assert_eq!(server("postgres://ada@/books?host=/run/pg").to_string(), "postgres://ada@/run/pg:5432/books");
    }

    #[test]
    fn another_machine_must_prove_who_it_is_unless_that_is_waived() {
        assert_eq!(server("postgres://a@db.example.com/b").trust, Trust::System);
        assert_eq!(server("postgres://a@db.example.com/b?sslmode=disable").trust, Trust::Unencrypted);
        assert_eq!(server("postgres://a@db.example.com/b?sslrootcert=/ca.pem").trust, Trust::File("/ca.pem".into()));
        for local in ["postgres://a@localhost/b", "postgres://a@127.0.0.1/b", "postgres://a@/b?host=/run/pg"] {
            assert_eq!(server(local).trust, Trust::Unencrypted, "{local}");
        }
        assert_eq!(server("postgres://a@localhost/b?sslmode=require").trust, Trust::System);
    }

    #[test]
    fn a_bad_address_is_refused_without_being_repeated() {
        for bad in [
            "postgres://a:s3cret@h:99999999/b",
            "postgres://a:s3cret@h/b?sslmode=prefer",
            "postgres://a:s3cret@h/b?nonsense=1",
            "postgres://a:s3cret@h/b?sslmode=disable&sslrootcert=/x",
        ] {
            let refused = Server::parse(bad).unwrap_err();
            assert!(!refused.contains("s3cret"), "{refused}");
        }
    }
}
