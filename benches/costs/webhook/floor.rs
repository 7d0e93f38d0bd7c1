//! The floor: senders that each want a row on the disk, and plain SQL.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel, sync_channel};
use std::time::{Duration, Instant};

use futures_util::future::try_join_all;
use rusqlite::Connection;
use tokio_postgres::NoTls;

use super::SENDERS;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS plain (id TEXT NOT NULL PRIMARY KEY, received_at BIGINT NOT NULL, body";

/// As many as the product lets the log grow to: the floor is not to move it into the file more often.
const WAL_PAGES: i64 = 4_000;

pub struct Row {
    pub id: String,
    pub body: Vec<u8>,
}

type Waiting<'r> = (&'r Row, Sender<()>);

/// Keeps each row in a file: who hands one in hears once it is on the disk; one writer commits all that wait.
pub fn sqlite(path: &Path, rows: &[Row]) -> Duration {
    let file = Connection::open(path).expect("a file");
    file.pragma_update(None, "journal_mode", "WAL").expect("WAL");
    file.pragma_update(None, "synchronous", "FULL").expect("FULL");
    file.pragma_update(None, "wal_autocheckpoint", WAL_PAGES).expect("a number");
    file.execute_batch(&format!("{TABLE} BLOB NOT NULL)")).expect("a table");
    let started = Instant::now();
    std::thread::scope(|threads| {
        let (inbox, waiting) = sync_channel(SENDERS);
        for own in rows.chunks(rows.len().div_ceil(SENDERS)) {
            let inbox = inbox.clone();
            threads.spawn(move || {
                let (kept, hears) = channel();
                for row in own {
                    inbox.send((row, kept.clone())).expect("the writer lives");
                    hears.recv().expect("it is kept");
                }
            });
        }
        drop(inbox);
        write(&file, &waiting);
    });
    started.elapsed()
}

fn write(file: &Connection, waiting: &Receiver<Waiting<'_>>) {
    let mut insert = file.prepare("INSERT INTO plain VALUES (?1, ?2, ?3)").expect("SQL");
    while let Ok(first) = waiting.recv() {
        let group: Vec<Waiting<'_>> = std::iter::once(first).chain(waiting.try_iter()).collect();
        let transaction = file.unchecked_transaction().expect("a transaction");
        for (row, _) in &group {
            insert.execute((&row.id, 0, &row.body)).expect("a row");
        }
        transaction.commit().expect("a commit");
        for (_, kept) in group {
            kept.send(()).expect("the sender waits");
        }
    }
}

/// Keeps each row in a transaction of its own, over as many connections as there are senders.
pub fn postgres(address: &str, rows: &[Row]) -> Duration {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let clients = try_join_all((0..SENDERS).map(|_| async {
            let (client, connection) = tokio_postgres::connect(address, NoTls).await?;
            tokio::spawn(connection);
            Ok::<_, tokio_postgres::Error>(client)
        }));
        let clients = clients.await.expect("connections");
        clients[0].batch_execute(&format!("{TABLE} BYTEA NOT NULL)")).await.expect("a table");
        let started = Instant::now();
        let each = clients.iter().zip(rows.chunks(rows.len().div_ceil(SENDERS))).map(async |(client, own)| {
            let insert = client.prepare("INSERT INTO plain VALUES ($1, $2, $3)").await?;
            for row in own {
                client.execute(&insert, &[&row.id, &0_i64, &row.body]).await?;
            }
            Ok::<_, tokio_postgres::Error>(())
        });
        try_join_all(each).await.expect("rows");
        started.elapsed()
    })
}
