//! What reconciling 1,000,000 txns, 20,000 payouts and 60,000 bank lines costs beside reading the same rows twice with SQL.
//! Prints one line a figure; nothing is asserted.

use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use facts::{
    AccountId, BankAccountName, BankLine, BankLineId, Coverage, DestinationId, Fact, ObjectKind, Payout, PayoutId, PayoutStatus,
    ReconciliationStatus, StatementSpan, Txn, TxnId, TxnStatus,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan};
use money::{Amount, Currency};
use rusqlite::Connection;
use sha2::{Digest, Sha256};
use store::{NoPoints, ObjectWrite, PageWrite, StatementWrite, Store};

use crate::cost;

const PAYOUTS: u32 = 20_000;
const TXNS_A_PAYOUT: u32 = 50;
const LINES_A_PAYOUT: u32 = 3;
/// Ten years of business: about eight payouts a business day.
const PAYOUTS_A_DAY: u32 = 8;
const START: Date = jiff::civil::date(2016, 1, 4);

/// Runs it and prints its figures.
pub fn run() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = folder.path().join("tieout.db");
    fill(&database);
    let read = read_twice(&database);

    let first = reconcile(&database);
    println!("payouts judged            {}, {} found at the bank", first.summary["payouts"], first.summary["matched"]);
    println!("reading every row twice   {}", cost::seconds(read));
    println!(
        "reconcile, first time     {} elapsed, {} of processor time, {} MiB at most",
        cost::seconds(first.elapsed),
        cost::seconds(first.cpu),
        cost::largest_child_mib()
    );
    println!("reconcile / reading twice {} (goal below 1.00)", cost::ratio(first.elapsed, read));

    add_a_payout(&database);
    let later = reconcile(&database);
    println!(
        "after one payout more     {} elapsed, {} of processor time",
        cost::seconds(later.elapsed),
        cost::seconds(later.cpu)
    );
    println!("of the first time         {}", cost::ratio(later.elapsed, first.elapsed));
}

struct Reconciled {
    elapsed: Duration,
    cpu: Duration,
    summary: serde_json::Value,
}

fn reconcile(database: &Path) -> Reconciled {
    let before = cost::children_cpu();
    let started = Instant::now();
    let output = Command::new(env!("CARGO_BIN_EXE_tieout"))
        .args(["reconcile", "--json", "--as-of", "2026-09-30", "--database", &format!("sqlite:{}", database.display())])
        .output()
        .expect("tieout starts");
    let elapsed = started.elapsed();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let summary = serde_json::from_slice(&output.stdout).expect("JSON");
    Reconciled { elapsed, cpu: cost::children_cpu() - before, summary }
}

/// One payout with its txns, as a delivery may bring it.
fn add_a_payout(database: &Path) {
    let mut store = Store::open(database, Arc::new(NoPoints)).expect("a database");
    put_payouts(&mut store, &account(), PAYOUTS..PAYOUTS + 1);
}

/// Elapsed time of stepping through every column of every txn, payout and bank line, twice.
fn read_twice(database: &Path) -> Duration {
    let connection = Connection::open(database).expect("the database");
    let started = Instant::now();
    let mut bytes = 0_usize;
    for table in ["txn", "payout", "bank_line"].iter().cycle().take(6) {
        let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).expect("a table");
        let columns = statement.column_count();
        let mut rows = statement.query([]).expect("rows");
        while let Some(row) = rows.next().expect("a row") {
            for column in 0..columns {
                bytes += row.get_ref(column).expect("a value").as_bytes().map_or(8, <[u8]>::len);
            }
        }
    }
    assert!(bytes > 0);
    started.elapsed()
}

fn fill(database: &Path) {
    let mut store = Store::open(database, Arc::new(NoPoints)).expect("a database");
    store.claim_mode(facts::Mode::Test).expect("a mode");
    for start in (0..PAYOUTS).step_by(100) {
        put_payouts(&mut store, &account(), start..start + 100);
    }
    put_lines(&mut store);
    // As a sync does when it holds txns against Stripe's balance.
    store.add_up_days(None).expect("sums");
}

fn account() -> AccountId {
    AccountId::parse("acct_bench").expect("an id")
}

fn put_payouts(store: &mut Store, account: &AccountId, range: Range<u32>) {
    let payouts: Vec<Payout> = range.clone().map(|at| payout(account, at)).collect();
    let named = payouts.iter().map(|it| (it.id.to_string(), Fact::Payout(it.clone())));
    put(store, account, ObjectKind::Payout, None, named);
    for (at, payout) in range.zip(&payouts) {
        let txns = (0..TXNS_A_PAYOUT).map(|nth| txn(account, at, nth, payout.amount.minor()));
        put(store, account, ObjectKind::Txn, Some(&payout.id), txns.map(|it| (it.id.to_string(), Fact::Txn(it))));
    }
}

fn put(
    store: &mut Store,
    account: &AccountId,
    kind: ObjectKind,
    member_of: Option<&PayoutId>,
    facts: impl Iterator<Item = (String, Fact)>,
) {
    let facts: Vec<(String, Fact)> = facts.collect();
    let objects = facts.iter().map(|(id, fact)| ObjectWrite {
        object_id: id,
        raw: id.as_bytes(),
        hash: Sha256::digest(id.as_bytes()).into(),
        fact: fact.clone(),
    });
    let request = member_of.map_or_else(|| format!("/{}", facts[0].0), |payout| format!("/members/{payout}"));
    let page = PageWrite {
        account,
        kind,
        request: &request,
        request_id: None,
        body_hash: Sha256::digest(request.as_bytes()).into(),
        fetched_at: Timestamp::UNIX_EPOCH,
        objects: objects.collect(),
        member_of,
        last_member_page: member_of.is_some(),
        walk: None,
    };
    store.put_pages(&[page]).expect("a page");
}

/// Different enough that most amounts are met once, with some collisions, as a shop's are.
fn minor(at: u32) -> i64 {
    100_000 + i64::from(at.wrapping_mul(2_654_435_761) % 900_000)
}

fn day(at: u32) -> Date {
    recon::add_business_days(START, 0).checked_add(i64::from(at / PAYOUTS_A_DAY * 7 / 5).days()).expect("a date")
}

/// The instant at which a payout's day begins.
fn made_at(at: u32) -> Timestamp {
    day(at).to_zoned(jiff::tz::TimeZone::UTC).expect("midnight").timestamp()
}

fn payout(account: &AccountId, at: u32) -> Payout {
    Payout {
        id: PayoutId::parse(&format!("po_{at:08}")).expect("an id"),
        account: account.clone(),
        amount: Amount::new(minor(at), Currency::USD),
        arrives_on: day(at),
        created_at: Timestamp::UNIX_EPOCH,
        status: PayoutStatus::Paid,
        automatic: true,
        method: "standard".to_owned(),
        reconciliation_status: ReconciliationStatus::Completed,
        own_txn: None,
        failure_txn: None,
        failure_code: None,
        destination: Some(DestinationId::parse("ba_bench").expect("an id")),
        statement_descriptor: None,
        description: None,
        trace_id: None,
        original_payout: None,
        reversed_by: None,
    }
}

/// The txns of a payout: equal parts, the first one with the remainder.
fn txn(account: &AccountId, at: u32, nth: u32, total: i64) -> Txn {
    let parts = i64::from(TXNS_A_PAYOUT);
    let net = total / parts + if nth == 0 { total % parts } else { 0 };
    Txn {
        id: TxnId::parse(&format!("txn_{at:08}{nth:04}")).expect("an id"),
        account: account.clone(),
        amount: Amount::new(net + 30, Currency::USD),
        fee_minor: 30,
        net_minor: net,
        kind: "charge".to_owned(),
        reporting_category: "charge".to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: made_at(at),
        available_on: day(at),
        description: None,
        source: None,
        exchange_rate: None,
    }
}

fn put_lines(store: &mut Store) {
    let name = BankAccountName::parse("bench").expect("a name");
    let lines: Vec<BankLine> = (0..PAYOUTS * LINES_A_PAYOUT).map(|at| line(&name, at)).collect();
    let statement = StatementWrite {
        bank_account: &name,
        currency: Currency::USD,
        file_name: "bench.csv",
        format: "csv:bench",
        bytes: b"bench",
        sha256: Sha256::digest(b"bench").into(),
        lines: &lines,
        spans: &[StatementSpan {
            days: Coverage { from_on: START, until_on: jiff::civil::date(2026, 9, 30) },
            opening_minor: None,
            closing_minor: None,
        }],
        days_are_told: false,
        imported_at: Timestamp::UNIX_EPOCH,
    };
    store.put_statement(&statement).expect("a statement");
}

/// Every third line is a payout's deposit, the others are rents, salaries and customers.
fn line(name: &BankAccountName, at: u32) -> BankLine {
    let payout = at / LINES_A_PAYOUT;
    let (amount, description) = match at % LINES_A_PAYOUT {
        0 => (minor(payout), format!("ORIG CO NAME:STRIPE CO ENTRY DESCR:TRANSFER TRACE#:{at:015}")),
        1 => (-minor(payout) / 3, format!("SUPPLIER {at} INVOICE")),
        _ => (minor(payout) / 7, format!("CUSTOMER {at} THANK YOU")),
    };
    BankLine {
        id: BankLineId::parse(&format!("bl_{at:08}")).expect("an id"),
        bank_account: name.clone(),
        date_on: day(payout),
        value_on: None,
        amount: Amount::new(amount, Currency::USD),
        description,
        counterparty: None,
        reference: Some(format!("REF{at:010}")),
        other_references: Vec::new(),
        balance_after_minor: None,
    }
}
