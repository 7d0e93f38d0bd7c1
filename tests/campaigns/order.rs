//! The same facts in any order give the same database, by one hash. Run by `./campaign order`.

use crate::shop::trail_holds;
use crate::world::{World, whole_or};
use store::Store;

#[test]
#[ignore = "a campaign: ./campaign order"]
fn files_and_pages_in_any_order_give_one_answer() {
    for seed in 1..=whole_or(1, 10) {
        let mut world = World::start(seed, whole_or(45, 90), 2, "0");
        world.tie_out("in-order");
        let expected = digest(&world, "in-order");

        import(&world, "bank-first", seed);
        world.run("bank-first", &["sync"]);
        world.run("bank-first", &["reconcile"]);
        assert_eq!(digest(&world, "bank-first"), expected, "seed {seed}: bank files before Stripe, shuffled");

        world.tie_out("twice");
        world.tie_out("twice");
        assert_eq!(digest(&world, "twice"), expected, "seed {seed}: everything twice");

        world.serve_again("0.3");
        world.run("disturbed", &["sync"]);
        import(&world, "disturbed", seed.rotate_left(3));
        world.run("disturbed", &["reconcile"]);
        assert_eq!(digest(&world, "disturbed"), expected, "seed {seed}: pages in the order that faults leave");
        println!("seed {seed}: {}", expected.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
    }
}

/// Every bank file by a command of its own, accounts interleaved, in an order made from `seed`.
fn import(world: &World, database: &str, seed: u64) {
    let mut files: Vec<(String, String, String)> = Vec::new();
    for account in &world.truth.bank_accounts {
        files.extend(world.files(account).into_iter().map(|file| (file, account.name.clone(), account.currency.clone())));
    }
    files.sort_by_key(|(file, ..)| {
        file.bytes().fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3).rotate_left(17))
    });
    for (file, name, currency) in &files {
        world.run(database, &["import", "bank", file, "--bank-account", name, "--currency", currency]);
    }
}

fn digest(world: &World, database: &str) -> [u8; 32] {
    let store = Store::open_existing(&world.path(database)).expect("a database").expect("a database");
    trail_holds(&store);
    store.content_digest().expect("a digest")
}
