//! A world as files: what the bank hands out, what Stripe holds, and what is true.

mod lines;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{BufWriter, Write},
    path::Path,
};

use crate::{
    books,
    catalog::{AccountObjects, TxnIds},
    options::SimError,
    world::World,
};

const README: &str = "\
A simulated world, made by `tieout sim export`. The same options give the same bytes.

bank/          the bank's files, as each bank writes them; the names begin with the bank account's name
stripe/        one folder an account: account.json, balance.json, members.json (which balance transactions Stripe lists for
               which automatic payout at the world's end) and one file of JSON lines a kind of object, newest first
books/         only with a difficulty: one folder an account with the files of its order system, its ERP and its ledger
truth-books/   what is true of them: books.json (systems, files, rates), and as JSON lines each row, what it stands for, in rows;
               each charge, refund, fee and payout, where it stands in each book, in subjects; each damage in planted
truth.json     what is true: for each payout its members, its bank lines and what became of it; what was planted; balances

Amounts are integers in minor units, signed as in Stripe's API and at the bank. Days are ISO dates, instants RFC 3339 in UTC.
";

/// Writes `world` into the folder `dir`, which is made where it is missing and has to be empty where it is not.
///
/// # Errors
/// [`SimError::NotEmpty`] before anything is written, [`SimError::Write`] or [`SimError::Json`], naming the file.
pub fn export(world: &World, dir: &Path) -> Result<(), SimError> {
    if fs::read_dir(dir).is_ok_and(|mut entries| entries.next().is_some()) {
        return Err(SimError::NotEmpty { path: dir.to_owned() });
    }
    put(&dir.join("README.txt"), README.as_bytes())?;
    for file in &world.bank_files {
        put(&dir.join("bank").join(&file.name), &file.bytes)?;
    }
    for (id, objects) in &world.catalog.accounts {
        export_account(objects, world.catalog.now, &dir.join("stripe").join(id))?;
    }
    if let Some(difficulty) = world.truth.options.difficulty {
        books::write(&world.catalog, world.truth.options.seed, difficulty, dir)?;
    }
    json(&dir.join("truth.json"), &world.truth)
}

fn export_account(objects: &AccountObjects, now: i64, dir: &Path) -> Result<(), SimError> {
    json(&dir.join("account.json"), &objects.account.body(now))?;
    json(&dir.join("balance.json"), &objects.balance.body(now))?;
    let members: BTreeMap<&str, TxnIds> = objects.members.iter().map(|(id, of)| (id.as_str(), of.listed(now))).collect();
    json(&dir.join("members.json"), &members)?;
    for (kind, list) in &objects.objects {
        let path = dir.join(format!("{}.jsonl", kind.as_str()));
        let failed = |source| SimError::Write { path: path.clone(), source };
        let mut out = BufWriter::new(File::create(&path).map_err(failed)?);
        lines::write(list, now, &mut out).map_err(failed)?;
        out.flush().map_err(failed)?;
    }
    Ok(())
}

pub(crate) fn json(path: &Path, value: &impl serde::Serialize) -> Result<(), SimError> {
    let failed = |source| SimError::Write { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    let mut out = BufWriter::new(File::create(path).map_err(failed)?);
    serde_json::to_writer_pretty(&mut out, value).map_err(|source| SimError::Json { path: path.to_owned(), source })?;
    out.write_all(b"\n").and_then(|()| out.flush()).map_err(failed)
}

fn put(path: &Path, bytes: &[u8]) -> Result<(), SimError> {
    let failed = |source| SimError::Write { path: path.to_owned(), source };
    if let Some(parent) = path.parent() {
        fs::create_dir_all(parent).map_err(failed)?;
    }
    fs::write(path, bytes).map_err(failed)
}
