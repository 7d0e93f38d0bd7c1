//! What a day's sync costs where 100,000 txns are stored and where 5,000,000 are: requests, processor time, and on PostgreSQL the
//! rows that the server reads for it. Prints one line a figure; nothing is asserted.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cluster::Cluster;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rusqlite::Connection;

use crate::{cost, server, world};

/// How many older txns are stored, the smaller first.
const STORED: [u64; 2] = [100_000, 5_000_000];

/// The first day that is measured. What came before is read, and everything has been added up once.
const FROM: Date = jiff::civil::date(2026, 9, 20);

/// How many days are measured: one alone may hold a payday or a Sunday.
const DAYS: i64 = 7;

const DAY_SECONDS: i64 = 86_400;

/// Every account has older txns until the world begins, as many a day as fit into five years.
const OLDER: &str = "WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < COUNT_) \
     INSERT INTO txn (account, id, version, currency, amount_minor, fee_minor, net_minor, kind, reporting_category, status, \
     balance_type, created_at, available_on, source, payout, payout_reading) \
     SELECT a.id, 'txn_old_' || n.i, (SELECT version FROM txn LIMIT 1), 'usd', 1000 * (1 - 2 * (n.i % 2)), 0, \
     1000 * (1 - 2 * (n.i % 2)), 'charge', 'charge', 'available', 'payments', BEGIN_ - 1 - CAST(n.i AS BIGINT) * 157680000 / COUNT_, \
     '2020-01-01', 'ch_old_' || n.i, 'po_old_' || (n.i / 1000), 1 FROM n, (SELECT MIN(id) AS id FROM account WHERE kind = 'own') a";

/// What holds a thousand of them each.
const OLDER_PAYOUTS: &str = "INSERT INTO payout (account, id, version, currency, amount_minor, arrives_on, created_at, status, automatic, \
     method, reconciliation_status, members_complete, member_reading) SELECT account, payout, \
     (SELECT version FROM txn LIMIT 1), 'usd', 0, '2020-01-01', MIN(created_at), 'paid', 1, 'standard', 'completed', 1, 1 \
     FROM txn WHERE payout LIKE 'po_old_%' GROUP BY account, payout";

const OLDER_DAYS: &str = "INSERT INTO txn_day (account, day) SELECT DISTINCT account, created_at / 86400 FROM txn WHERE 1 = 1 \
     ON CONFLICT (account, day) DO UPDATE SET sums = NULL";

/// Rows that the server has read, in tables and in indexes.
const READ: &str =
    "SELECT (SELECT SUM(seq_tup_read) FROM pg_stat_user_tables) + (SELECT SUM(idx_tup_read) FROM pg_stat_user_indexes)";

/// What the measured days cost.
#[derive(Clone, Copy, Default)]
struct Days {
    requests: u64,
    client: Duration,
    server: Duration,
    rows: u64,
}

/// Runs it and prints its figures; without PostgreSQL it leaves that out.
pub fn run() {
    let [small, large] = STORED.map(on_sqlite);
    print("on SQLite", small, large);
    match Cluster::start(true) {
        Ok(cluster) => {
            let [small, large] = STORED.map(|stored| on_postgres(&cluster, stored));
            print("on PostgreSQL", small, large);
        }
        Err(missing) => println!("PostgreSQL is left out: {missing}"),
    }
}

fn print(whose: &str, small: Days, large: Days) {
    println!("{DAYS} days' syncs {whose}, {} and {} older txns stored", STORED[0], STORED[1]);
    println!("requests                  {}, {}", small.requests, large.requests);
    let [of_small, of_large] = [small, large].map(|days| days.client + days.server);
    println!(
        "processor time            {}, {} (of the client {}, {})",
        cost::seconds(of_small),
        cost::seconds(of_large),
        cost::seconds(small.client),
        cost::seconds(large.client)
    );
    println!("large / small             {} (goal at most 1.20)", cost::ratio(of_large, of_small));
    if small.rows > 0 {
        println!("rows read                 {}, {}", small.rows, large.rows);
    }
}

fn on_sqlite(stored: u64) -> Days {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("tieout.db");
    let world = begin(&format!("sqlite:{}", file.display()));
    fill(&file, &world, stored);
    measure(&world, &|work| {
        work();
        (Duration::ZERO, 0)
    })
}

fn on_postgres(cluster: &Cluster, stored: u64) -> Days {
    let database = cluster.database().expect("a database");
    let world = begin(&cluster.address(&database));
    for sql in older(&world, stored) {
        cluster.run(&database, &sql).expect("SQL");
    }
    cluster.run(&database, "ANALYZE").expect("statistics");
    let rows = || cluster.run(&database, READ).expect("SQL").parse::<u64>().expect("a number");
    measure(&world, &|work| {
        let before = rows();
        let server = server::cpu(cluster, work);
        (server, rows() - before)
    })
}

/// A simulated Stripe whose time is set, and the database that is synced with it.
struct World {
    base: String,
    now: Arc<AtomicI64>,
    begins: i64,
    database: String,
}

fn begin(database: &str) -> World {
    let now = Arc::new(AtomicI64::new(second(FROM)));
    let (base, begins) = world::serve_at(Arc::clone(&now));
    let world = World { base, now, begins, database: database.to_owned() };
    sync(&world);
    world
}

fn second(day: Date) -> i64 {
    day.to_zoned(TimeZone::UTC).expect("midnight").timestamp().as_second()
}

fn older(world: &World, stored: u64) -> [String; 3] {
    let txns = OLDER.replace("COUNT_", &stored.to_string()).replace("BEGIN_", &world.begins.to_string());
    [txns, OLDER_PAYOUTS.to_owned(), OLDER_DAYS.to_owned()]
}

fn fill(file: &Path, world: &World, stored: u64) {
    let connection = Connection::open(file).expect("the database");
    for sql in older(world, stored) {
        connection.execute_batch(&sql).expect("SQL");
    }
}

/// Runs a day's sync, and says what it cost the server and how many rows that read.
type Served<'s> = &'s dyn Fn(&mut dyn FnMut()) -> (Duration, u64);

/// One sync adds up what was filled in; the days after it are measured.
fn measure(world: &World, served: Served<'_>) -> Days {
    sync(world);
    let (before, requests) = (cost::children_cpu(), world::requests(&world.base));
    let mut days = Days::default();
    for _ in 0..DAYS {
        world.now.fetch_add(DAY_SECONDS, Ordering::SeqCst);
        let (server, rows) = served(&mut || sync(world));
        days.server += server;
        days.rows += rows;
    }
    days.client = cost::children_cpu() - before;
    days.requests = world::requests(&world.base) - requests;
    days
}

fn sync(world: &World) {
    let synced = Command::new(env!("CARGO_BIN_EXE_tieout"))
        .args(["sync", "--json", "--database", &world.database])
        .env("STRIPE_API_BASE", &world.base)
        .env("STRIPE_API_KEY", "rk_test_bench")
        .output()
        .expect("tieout starts");
    // Exit code 5 would be a sync that is incomplete, and then reads again what a complete one does not.
    assert!(synced.status.success(), "{}", String::from_utf8_lossy(&synced.stderr));
}
