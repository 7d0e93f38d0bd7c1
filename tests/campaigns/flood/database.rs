//! The database that deliveries are kept in, as somebody beside the server sees it and stops it.

use std::time::Duration;

use cluster::Cluster;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use rusqlite::Connection;

use crate::shop::Shop;

/// The first process is the parent of all others, and writes its number into this file.
const FIRST: &str = "SELECT SPLIT_PART(PG_READ_FILE('postmaster.pid'), CHR(10), 1)";

/// Every one of its processes that has a number of its own.
const OTHERS: &str = "SELECT pid FROM pg_stat_activity";

/// How long to wait for the lock of a file whose server writes all the time.
const LOCK_WAIT: Duration = Duration::from_secs(60);

pub enum Database {
    /// The shop's own file.
    File,
    /// A database of a server that syncs to the disk.
    Server { cluster: Box<Cluster>, name: String },
}

impl Database {
    /// `sqlite` or `postgres`.
    pub fn make(kind: &str) -> Self {
        if kind == "sqlite" {
            return Self::File;
        }
        let cluster = Box::new(Cluster::start(true).expect("PostgreSQL"));
        let name = cluster.database().expect("a database");
        Self::Server { cluster, name }
    }

    /// Its address, where it is not the shop's own.
    pub fn address(&self) -> Option<String> {
        match self {
            Self::File => None,
            Self::Server { cluster, name } => Some(cluster.address(name)),
        }
    }

    /// A query's only column, as text.
    pub fn column(&self, shop: &Shop, sql: &str) -> Vec<String> {
        match self {
            Self::File => {
                let file = Connection::open(shop.file()).expect("the file");
                let as_text = format!("WITH told(it) AS ({sql}) SELECT CAST(it AS TEXT) FROM told");
                let mut query = file.prepare(&as_text).expect("SQL");
                query.query_map([], |row| row.get(0)).expect("rows").collect::<rusqlite::Result<_>>().expect("texts")
            }
            Self::Server { cluster, name } => cluster.run(name, sql).expect("SQL").lines().map(str::to_owned).collect(),
        }
    }

    /// Nothing can be written for so long: somebody holds the file's lock, or the server's processes are stopped.
    pub fn stand_still(&self, shop: &Shop, pause: Duration) {
        match self {
            Self::File => {
                let file = Connection::open(shop.file()).expect("the file");
                file.busy_timeout(LOCK_WAIT).expect("a wait");
                file.execute_batch("BEGIN IMMEDIATE").expect("the lock");
                std::thread::sleep(pause);
                file.execute_batch("COMMIT").expect("the lock is given back");
            }
            Self::Server { cluster, name } => {
                let ask = |sql: &str| cluster.run(name, sql).expect("SQL");
                let numbers = format!("{}\n{}", ask(FIRST), ask(OTHERS));
                let processes: Vec<Pid> = numbers.lines().map(|pid| Pid::from_raw(pid.parse().expect("a number"))).collect();
                let tell = |signal: Signal| {
                    for process in &processes {
                        // One that has ended meanwhile was that of the question.
                        let _ = kill(*process, signal);
                    }
                };
                tell(Signal::SIGSTOP);
                std::thread::sleep(pause);
                tell(Signal::SIGCONT);
            }
        }
    }
}
