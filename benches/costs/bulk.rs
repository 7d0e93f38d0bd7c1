//! What a first sync into PostgreSQL costs client and server beside the server's own `COPY` of the same rows: each object as
//! `jsonb`, its typed columns, their indexes. Prints one line a figure; nothing is asserted.

use std::process::Command;
use std::time::{Duration, Instant};

use cluster::Cluster;

use crate::{cost, server, world};

/// How many charges the world has, about.
const CHARGES: u32 = 100_000;

/// The same rows once more, as `COPY` reads them. The server writes the file itself, so that no client takes part.
const WRITE_FILE: &str = "COPY (SELECT c.*, convert_from(v.raw, 'UTF8') FROM charge c \
     JOIN object_version v ON v.hash = c.version AND v.account = c.account ORDER BY c.created_at DESC) TO";

const MAKE_FLOOR: &str = "CREATE TABLE floor (LIKE charge INCLUDING ALL, raw JSONB NOT NULL)";

const FLOOR: &str = "COPY floor FROM";

const COUNT: &str = "SELECT COUNT(*) FROM charge";

const BYTES: &str = "SELECT SUM(LENGTH(raw)) / COUNT(*) FROM object_version WHERE kind = 'charge'";

const STORED: &str = "SELECT (pg_total_relation_size('charge') + pg_total_relation_size('object_version')) / COUNT(*), \
     pg_total_relation_size('floor') / COUNT(*) FROM charge";

/// Runs it and prints its figures; without PostgreSQL it says so.
pub fn run() {
    let cluster = match Cluster::start(true) {
        Ok(cluster) => cluster,
        Err(missing) => return println!("left out: {missing}"),
    };
    let database = cluster.database().expect("a database");
    let ask = |sql: &str| cluster.run(&database, sql).expect("SQL");
    let base = world::serve(CHARGES, world::Layout::Stripes);
    let sync = || {
        let before = (cost::children_cpu(), Instant::now());
        let served = server::cpu(&cluster, || sync(&base, &cluster.address(&database)));
        (cost::children_cpu().saturating_sub(before.0), served, before.1.elapsed())
    };

    let first = sync();
    let peak = cost::largest_child_mib();
    let again = sync();
    let file = format!("'{}/charges'", ask("SHOW data_directory"));
    ask(&format!("{WRITE_FILE} {file}"));
    ask(MAKE_FLOOR);
    let floor = server::cpu(&cluster, || drop(ask(&format!("{FLOOR} {file}"))));

    println!("charges                   {} of {} bytes", ask(COUNT), ask(BYTES));
    println!("COPY of the same rows     {} of the server's processor time", cost::seconds(floor));
    print_sync("first sync                ", first);
    println!("peak memory               {peak} MiB of the client at most");
    println!("first sync / COPY         {} (goal at most 1.50)", cost::ratio(first.0 + first.1, floor));
    println!("its client / COPY         {} (goal at most 0.25)", cost::ratio(first.0, floor));
    print_sync("all read again            ", again);
    println!("bytes a charge, COPY's    {}", ask(STORED).replace('|', ", "));
}

fn print_sync(name: &str, (client, server, elapsed): (Duration, Duration, Duration)) {
    let [client, server, elapsed] = [client, server, elapsed].map(cost::seconds);
    println!("{name}{client} of the client, {server} of the server, {elapsed} elapsed");
}

fn sync(base: &str, database: &str) {
    let synced = Command::new(env!("CARGO_BIN_EXE_tieout"))
        .args(["sync", "--json", "--full", "--only", "charge", "--database", database])
        .env("STRIPE_API_BASE", base)
        .env("STRIPE_API_KEY", "rk_test_bench")
        .output()
        .expect("tieout starts");
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
}
