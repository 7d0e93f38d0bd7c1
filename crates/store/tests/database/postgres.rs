//! Empty databases on a server of this process's own.

use std::io::Write;
use std::sync::atomic::{AtomicBool, Ordering};

use cluster::Cluster;
use store::{Location, Server};

/// Cases of a property: each makes tables of its own, which takes a third of a second.
pub const CASES: u32 = 8;

/// Where a test's tables are; gone with the server.
pub struct Place {
    address: String,
    database: String,
    schema: String,
    changed: AtomicBool,
}

/// Whatever a test has done: what stands in the tables is what the audit trail says, but for a test that reached behind its back.
impl Drop for Place {
    fn drop(&mut self) {
        if !self.was_changed() {
            crate::contract::audit::holds(&self.location());
        }
    }
}

impl Place {
    /// A schema of its own.
    pub fn new() -> Self {
        let schema = server().schema().unwrap();
        Self {
            address: server().address_of_schema(&schema),
            database: "postgres".to_owned(),
            schema,
            changed: AtomicBool::new(false),
        }
    }

    /// A database of its own, for what concerns a whole one.
    pub fn alone() -> Self {
        let database = server().database().unwrap();
        Self { address: server().address(&database), database, schema: "public".to_owned(), changed: AtomicBool::new(false) }
    }

    pub fn location(&self) -> Location {
        Location::Server(Box::new(Server::parse(&self.address).unwrap()))
    }

    /// Changes it past the store.
    pub fn change(&self, sql: &str) {
        self.changed.store(true, Ordering::Relaxed);
        self.ask(sql);
    }

    /// Whether it was changed past the store.
    pub fn was_changed(&self) -> bool {
        self.changed.load(Ordering::Relaxed)
    }

    /// What SQL says, read past the store: a line for each row, its values separated by bars.
    pub fn ask(&self, sql: &str) -> String {
        server().run(&self.database, &format!("SET search_path = {}; {sql}", self.schema)).unwrap()
    }

    /// The views and their columns, in their order.
    pub fn views(&self) -> Vec<(String, Vec<String>)> {
        let listed = self.ask(
            "SELECT table_name, string_agg(column_name, ',' ORDER BY ordinal_position) FROM information_schema.columns \
             JOIN information_schema.views USING (table_schema, table_name) WHERE table_schema = current_schema() \
             GROUP BY table_name ORDER BY table_name",
        );
        let view = |line: &str| {
            let (name, columns) = line.split_once('|').unwrap();
            (name.to_owned(), columns.split(',').map(str::to_owned).collect())
        };
        listed.lines().map(view).collect()
    }
}

/// The server. Where there is none, the tests that need one end here, all of them, and say so.
pub fn server() -> &'static Cluster {
    match cluster::shared() {
        Ok(server) => server,
        Err(missing) => {
            let required = std::env::var_os(cluster::REQUIRED).is_some();
            // Past the capture of the test harness, so that it is seen.
            std::io::stderr().write_all(format!("POSTGRESQL TESTS SKIPPED: {missing}\n").as_bytes()).unwrap();
            std::process::exit(i32::from(required))
        }
    }
}
