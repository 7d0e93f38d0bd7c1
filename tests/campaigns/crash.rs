//! `kill -9` at every write: whatever point the process dies at, running the command again ends in the same database content
//! as an undisturbed run. Run by `./campaign crash`.
//!
//! [`commits`] dies around every transaction, by name; [`writes`] at every call that reaches the disk, and half way through it.

mod commits;
mod writes;

use std::path::Path;
use std::process::Command;

use crate::shop::trail_holds;
use crate::world::World;
use store::Store;

/// One command under test, and the database that it starts from.
struct Stage {
    name: &'static str,
    before: &'static str,
    arguments: Vec<String>,
}

fn stages(world: &World) -> Vec<Stage> {
    let mut import: Vec<String> = ["import", "bank"].map(str::to_owned).into();
    let account = &world.truth.bank_accounts[0];
    import.extend(world.files(account));
    import.extend(["--bank-account", &account.name, "--currency", &account.currency].map(str::to_owned));
    vec![
        Stage { name: "sync", before: "", arguments: vec!["sync".to_owned()] },
        Stage { name: "import", before: "sync-whole", arguments: import },
        Stage { name: "reconcile", before: "import-whole", arguments: vec!["reconcile".to_owned()] },
    ]
}

fn words(stage: &Stage) -> Vec<&str> {
    stage.arguments.iter().map(String::as_str).collect()
}

fn copy(world: &World, from: &str, to: &str) {
    if from.is_empty() {
        return;
    }
    for suffix in ["", "-wal", "-shm"] {
        let (from, to) = (world.path(&format!("{from}{suffix}")), world.path(&format!("{to}{suffix}")));
        if from.exists() {
            std::fs::copy(&from, &to).expect("a copy of the database");
        }
    }
}

fn remove(world: &World, database: &str) {
    let removed =
        Command::new("rm").arg("-f").args(["", "-wal", "-shm"].map(|end| world.path(&format!("{database}{end}")))).status();
    assert!(removed.is_ok_and(|status| status.success()));
}

fn digest(path: &Path) -> [u8; 32] {
    let store = Store::open_existing(path).expect("a database").expect("a database");
    trail_holds(&store);
    store.content_digest().expect("a digest")
}
