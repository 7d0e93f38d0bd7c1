//! How many deliveries a second the webhook keeps, beside durable commits of a row each in plain SQL, which the database gathers
//! as it can: SQLite has one writer that commits what waits, PostgreSQL does it by itself. Prints one line a figure.

mod floor;
mod sender;

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use cluster::Cluster;

use self::floor::Row;
use crate::cost;

/// Rows of a round; of 4 kB each, as an event of a charge has.
const ROWS: usize = 20_000;
const BODY: usize = 4_000;

/// Rounds, turn by turn, so that a disk that is slow for a while is slow for both.
const ROUNDS: usize = 3;

/// Senders that wait for their commit, each with one row: as many for the one as for the other, and fewer than may wait.
pub const SENDERS: usize = 64;

const SECRET: &str = "whsec_bench";

/// Runs it and prints its figures; without PostgreSQL it says so.
pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let (books, plain) = (folder.path().join("books.db"), folder.path().join("plain.db"));
    compare("SQLite", &format!("sqlite:{}", books.display()), |rows| floor::sqlite(&plain, rows));
    match Cluster::start(true) {
        Ok(cluster) => {
            let (books, plain) = (cluster.database().expect("a database"), cluster.database().expect("a database"));
            let plain = cluster.address(&plain);
            compare("PostgreSQL", &cluster.address(&books), |rows| floor::postgres(&plain, rows));
        }
        Err(missing) => println!("PostgreSQL left out: {missing}"),
    }
}

fn compare(name: &str, database: &str, floor: impl Fn(&[Row]) -> Duration) {
    let server = Server::start(database);
    let (mut bare, mut kept) = (Duration::ZERO, Duration::ZERO);
    for round in 0..ROUNDS {
        let rows: Vec<Row> = (round * ROWS..(round + 1) * ROWS).map(row).collect();
        bare += floor(&rows);
        let requests = sender::written(&server.address, SECRET, &rows);
        let started = Instant::now();
        sender::send(&server.address, &requests);
        kept += started.elapsed();
    }
    let rows = ROUNDS * ROWS;
    let a_second = |took: Duration| rows as u128 * 1_000_000 / took.as_micros().max(1);
    println!("{name:<11} commits of a row   {} a second", a_second(bare));
    println!("{name:<11} webhook            {} a second", a_second(kept));
    println!("{name:<11} commits / webhook  {} (goal at most 2.00)", cost::ratio(kept, bare));
}

fn row(number: usize) -> Row {
    let id = format!("evt_{number:08}");
    let filling = "filling ".repeat(BODY / 8);
    let object = serde_json::json!({ "id": format!("ch_{number}"), "object": "charge", "description": filling });
    let event = serde_json::json!({ "id": id, "object": "event", "type": "charge.updated", "livemode": false, "data": { "object": object } });
    Row { id, body: event.to_string().into_bytes() }
}

/// A server without a key, so that it keeps deliveries and does nothing else.
struct Server {
    process: Child,
    address: String,
}

impl Server {
    fn start(database: &str) -> Self {
        let mut process = Command::new(env!("CARGO_BIN_EXE_tieout"))
            .args(["serve", "--listen", "127.0.0.1:0", "--database", database])
            .env_remove("STRIPE_API_KEY")
            .env("STRIPE_WEBHOOK_SECRET", SECRET)
            .current_dir(Path::new("/"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("tieout starts");
        let mut talk = BufReader::new(process.stderr.take().expect("piped"));
        let mut line = String::new();
        talk.read_line(&mut line).expect("it says where");
        let address = line.split_once("http://").and_then(|(_, address)| address.split_whitespace().next());
        let address = address.expect("an address").to_owned();
        std::thread::spawn(move || std::io::copy(&mut talk, &mut std::io::sink()));
        Self { process, address }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It has done its work; what is left of it goes with its folder.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
