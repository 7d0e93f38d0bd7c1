//! A real PostgreSQL for tests: a cluster in a temporary folder, one for each test process, gone with it.
//!
//! Nothing that ships depends on this crate.

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::fs::{OpenOptionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Output, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Set where a test run must not go without PostgreSQL.
pub const REQUIRED: &str = "TIEOUT_POSTGRES_TESTS";

/// PostgreSQL refuses to run as root; every Debian has this user, `nobody`.
const NOBODY: u32 = 65_534;

/// Who owns the databases.
pub const OWNER: &str = "tieout";

/// Starts the server, and stops it and removes its folder when this process has ended, however it ended: then its standard
/// input is closed.
const KEEPER: &str = r#"
programs=$1 folder=$2
shift 2
"$programs/postgres" -D "$folder/data" -k "$folder" -c max_connections=200 "$@" >"$folder/log" 2>&1 &
server=$!
cat >/dev/null
kill -INT "$server"
wait "$server"
rm -rf "$folder"
"#;

/// What a server shows of itself, in PEM, and the key to it.
#[derive(Clone, Debug)]
pub struct Certificate {
    /// The certificate, and those that vouch for it.
    pub chain: String,
    /// Its private key.
    pub key: String,
}

impl Certificate {
    /// Where PostgreSQL looks for it; it takes no key that others may read.
    fn write(&self, data: &Path) -> io::Result<()> {
        for (name, text) in [("server.crt", &self.chain), ("server.key", &self.key)] {
            let path = data.join(name);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(text.as_bytes())?;
            if is_root() {
                chown(&path, Some(NOBODY), Some(NOBODY))?;
            }
        }
        Ok(())
    }
}

/// A running server.
#[derive(Debug)]
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    port: Option<u16>,
    made: AtomicU32,
    _keeper: Child,
    _alive: Option<ChildStdin>,
}

/// The cluster of this process; the first call starts it. Not synced to the disk, which tests do not need.
///
/// # Errors
/// In words, where PostgreSQL is not installed or does not start.
pub fn shared() -> Result<&'static Cluster, String> {
    static SHARED: OnceLock<Result<Cluster, String>> = OnceLock::new();
    SHARED.get_or_init(|| Cluster::start(false)).as_ref().map_err(Clone::clone)
}

impl Cluster {
    /// Makes a cluster and starts its server. With `durable`, what is committed survives a power cut, as in earnest.
    ///
    /// # Errors
    /// In words, where PostgreSQL is not installed or does not start.
    pub fn start(durable: bool) -> Result<Self, String> {
        let fsync = if durable { "fsync=on" } else { "fsync=off" };
        Self::start_with(&["listen_addresses=", fsync], None)
    }

    /// Makes a cluster whose server also listens on a port of this machine, with a certificate where there is one.
    ///
    /// # Errors
    /// In words, where PostgreSQL is not installed or does not start.
    pub fn start_on_port(certificate: Option<&Certificate>) -> Result<Self, String> {
        let free = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr());
        let port = free.map_err(|error| format!("a free port: {error}"))?.port();
        let port_setting = format!("port={port}");
        let mut settings = vec!["listen_addresses=127.0.0.1", "fsync=off", &port_setting];
        if certificate.is_some() {
            settings.push("ssl=on");
        }
        Self::start_with(&settings, certificate)
    }

    fn start_with(settings: &[&str], certificate: Option<&Certificate>) -> Result<Self, String> {
        let programs = programs().ok_or("PostgreSQL is not installed (Debian: postgresql)")?;
        let failed = |what: &str, error: io::Error| format!("{what}: {error}");
        let folder = tempfile::Builder::new().prefix("tieout-pg").tempdir().map_err(|error| failed("a folder", error))?.keep();
        if is_root() {
            chown(&folder, Some(NOBODY), Some(NOBODY)).map_err(|error| failed("its folder's owner", error))?;
        }
        let data = folder.join("data");
        let made = as_nobody(&mut Command::new(programs.join("initdb")))
            .args(["--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync", "--username", OWNER, "-D"])
            .arg(&data)
            .output();
        succeeded("initdb", made)?;
        if let Some(certificate) = certificate {
            certificate.write(&data).map_err(|error| failed("its certificate", error))?;
        }
        let mut keeper = as_nobody(&mut Command::new("sh"))
            .args(["-c", KEEPER, "keeper"])
            .args([&programs, &folder])
            .args(settings.iter().flat_map(|setting| ["-c", setting]))
            .stdin(Stdio::piped())
            .spawn()
            .map_err(|error| failed("sh", error))?;
        let alive = keeper.stdin.take();
        let port = settings.iter().find_map(|setting| setting.strip_prefix("port=")?.parse().ok());
        let cluster = Self { folder, programs, port, made: AtomicU32::new(0), _keeper: keeper, _alive: alive };
        cluster.wait()?;
        Ok(cluster)
    }

    /// Waits until the server answers.
    fn wait(&self) -> Result<(), String> {
        for _ in 0..STARTING_TRIES {
            if self.run("postgres", "SELECT 1").is_ok() {
                return Ok(());
            }
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        let log = std::fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL does not start: {log}"))
    }

    /// The name of a new, empty database.
    ///
    /// # Errors
    /// In words.
    pub fn database(&self) -> Result<String, String> {
        let name = self.name();
        self.run("postgres", &format!("CREATE DATABASE {name}"))?;
        Ok(name)
    }

    /// The name of a new, empty schema in the database `postgres`: made a hundred times faster than a database.
    ///
    /// # Errors
    /// In words.
    pub fn schema(&self) -> Result<String, String> {
        let name = self.name();
        self.run("postgres", &format!("CREATE SCHEMA {name}"))?;
        Ok(name)
    }

    fn name(&self) -> String {
        format!("test_{}", self.made.fetch_add(1, Ordering::Relaxed))
    }

    /// The address of a database, of its schema `public`.
    #[must_use]
    pub fn address(&self, database: &str) -> String {
        let port = self.port.map(|port| format!("&port={port}")).unwrap_or_default();
        format!("postgres://{OWNER}@/{database}?host={}{port}", self.folder.display())
    }

    /// The address of a database for who comes over the network to `host`, which is a name of this machine; `None` where the server
    /// listens on no port.
    #[must_use]
    pub fn address_by_network(&self, host: &str, database: &str) -> Option<String> {
        self.port.map(|port| format!("postgres://{OWNER}@{host}:{port}/{database}"))
    }

    /// The address of a schema of the database `postgres`.
    #[must_use]
    pub fn address_of_schema(&self, schema: &str) -> String {
        format!("{}&options=-csearch_path%3D{schema}", self.address("postgres"))
    }

    /// Runs SQL in a database, as a person would at its prompt; returns what it printed, values separated by bars.
    ///
    /// # Errors
    /// What PostgreSQL said.
    pub fn run(&self, database: &str, sql: &str) -> Result<String, String> {
        self.run_as(OWNER, database, sql)
    }

    /// The same as another role.
    ///
    /// # Errors
    /// What PostgreSQL said.
    pub fn run_as(&self, role: &str, database: &str, sql: &str) -> Result<String, String> {
        let said = Command::new(self.programs.join("psql"))
            .args(["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-U", role, "-h"])
            .arg(&self.folder)
            .args(self.port.iter().flat_map(|port| ["-p".to_owned(), port.to_string()]))
            .args(["-d", database, "-c", sql])
            .output();
        succeeded("psql", said)
    }
}

/// How often a starting server is asked, 50 ms apart: ten seconds.
const STARTING_TRIES: u32 = 200;

fn succeeded(what: &str, output: io::Result<Output>) -> Result<String, String> {
    let output = output.map_err(|error| format!("{what}: {error}"))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned());
    }
    Err(format!("{what}: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn as_nobody(command: &mut Command) -> &mut Command {
    if is_root() {
        command.uid(NOBODY).gid(NOBODY).current_dir("/");
    }
    command
}

/// The folder that holds `postgres` and `initdb`: Debian keeps them out of the path.
fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let on_path = std::env::split_paths(&path).filter_map(|folder| folder.join("postgres").canonicalize().ok());
    let debian = std::fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    let debian = debian.map(|version| version.path().join("bin/postgres"));
    on_path.chain(debian).filter_map(|program| program.parent().map(Path::to_owned)).find(|bin| bin.join("initdb").exists())
}
