//! A small merchant's database, filled through the store's own calls, and the real binary serving it on a loopback port.

#[path = "alerts.rs"]
pub mod alerts;
#[path = "schedules.rs"]
pub mod schedules;

use facts::{Fact, ObjectKind};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use facts::*;
use jiff::Timestamp;
use jiff::civil::Date;
use money::{Amount, Currency};
use sha2::{Digest, Sha256};
use store::{BalanceWrite, NoPoints, ObjectWrite, OutcomeWrite, PageWrite, RunState, StatementWrite, Store};

/// The instant that the pages are judged at.
pub const AS_OF: &str = "2026-10-05T08:00:00Z";

/// What a hostile customer could make a bank write.
pub const HOSTILE: &str = "STRIPE <script>alert(1)</script> \u{202e}gnp.exe\u{202c} \"quoted\" & 'single'";

/// Every kind of page, and a list in more than one state.
pub const PAGES: [&str; 40] = [
    "/",
    "/payouts",
    "/payouts?bucket=exceptions",
    "/payouts?text=nothing-like-it",
    "/payouts/po_tied",
    "/payouts/po_short",
    "/payouts/po_ambiguous",
    "/payouts/po_manual",
    "/payouts/po_failed",
    "/exceptions",
    "/exceptions/ex_deposit_missing",
    "/exceptions/ex_deposit_ambiguous",
    "/bank-lines",
    "/bank-lines/bl_unknown",
    "/bank-lines/bl_twin_a",
    "/known",
    "/known?account=acct_own",
    "/txns",
    "/txns?payout=po_tied&category=charge",
    "/txns/txn_converted",
    "/schedules",
    "/schedules/nightly",
    "/schedules/judge",
    "/schedules/bank",
    "/schedules/runs",
    "/scheduled-runs",
    "/scheduled-runs?state=failed&schedule=nightly",
    "/scheduled-runs/22",
    "/scheduled-runs/24",
    "/scheduled-runs/26",
    "/runs",
    "/runs?state=failed",
    "/runs/1",
    "/audit",
    "/audit?about=po_tied",
    "/audit/1",
    "/alerts",
    "/schedule-preview",
    "/schedule-preview?expr=30+2+*+*+*&tz=Europe/Berlin&from=2026-03-27T00:00:00Z",
    "/schedule-preview?expr=61+*+*+*+*&tz=Mars/Base&from=soon",
];

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

fn account_id(text: &str) -> AccountId {
    AccountId::parse(text).unwrap()
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// The pages of one database, served by the real binary until this is dropped.
pub struct Site {
    server: Child,
    /// Has the lease of schedules, so that nothing is run while the pages show how it stands.
    _held: Option<Store>,
    /// Where it listens.
    pub address: SocketAddr,
    _folder: tempfile::TempDir,
}

/// An answer of the server.
pub struct Answer {
    /// The status line's number.
    pub status: u16,
    /// Header lines as they came.
    pub head: String,
    /// The body.
    pub body: String,
}

impl Site {
    /// Serves a database that `fill` has filled; no file is made when it does nothing with the path.
    pub fn serve(fill: impl FnOnce(&Path)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("books.db");
        fill(&database);
        let held = schedules::hold(&database);
        let (server, address) = start(&database);
        Self { server, _held: held, address, _folder: folder }
    }

    /// Asks for a page as a browser on this machine would.
    pub fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &format!("Host: {}\r\n", self.address))
    }

    /// Asks with a method and header lines of the caller's.
    pub fn ask(&self, method: &str, path: &str, headers: &str) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        write!(stream, "{method} {path} HTTP/1.1\r\n{headers}Connection: close\r\n\r\n").unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8(bytes).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Answer { status, head: head.to_owned(), body: body.to_owned() }
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

fn start(database: &Path) -> (Child, SocketAddr) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_tieout"))
        .args(["--database", &format!("sqlite:{}", database.display()), "--as-of", AS_OF, "serve", "--listen", "127.0.0.1:0"])
        .env_remove("TIEOUT_CONFIG")
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(server.stderr.take().unwrap()).lines();
    let said = lines.find_map(|line| line.unwrap().split_once("http://").map(|(_, rest)| rest.to_owned())).unwrap();
    // Whatever else it says must not fill the pipe.
    std::thread::spawn(move || lines.for_each(drop));
    let address = said.split([' ', '/']).next().unwrap().parse().unwrap();
    (server, address)
}

/// Only a schema and a mode: a sync that has just begun.
pub fn empty(path: &Path) {
    Store::open(path, Arc::new(NoPoints)).unwrap().claim_mode(Mode::Test).unwrap();
}

/// A merchant in every state that a page can show.
pub fn merchant(path: &Path) {
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    store.claim_mode(Mode::Test).unwrap();
    let run = store.begin_run("sync", at("2026-10-05T06:00:00Z")).unwrap();
    own_account(&mut store);
    connected_account(&mut store);
    store.end_run(run, at("2026-10-05T06:02:00Z"), RunState::Done, "{}").unwrap();
    statements(&mut store);
    let run = store.begin_run("reconcile", at("2026-10-05T06:05:00Z")).unwrap();
    outcomes(&mut store);
    store.end_run(run, at("2026-10-05T06:05:02Z"), RunState::Done, "{}").unwrap();
    schedules::fill(&mut store);
}

/// A platform with more accounts than are drawn one by one.
pub fn platform(path: &Path) {
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    store.claim_mode(Mode::Test).unwrap();
    for number in 0..8 {
        let id = account_id(&format!("acct_{number}"));
        let account = account(&id, &format!("Shop {number}"));
        write(&mut store, &id, ObjectKind::Account, vec![(id.to_string(), Fact::Account(account))]);
        let payout = payout(id.as_str(), &format!("po_{number}"), 100 * (number + 1), Currency::USD, "2026-09-14");
        write(&mut store, &id, ObjectKind::Payout, vec![(payout.id.to_string(), Fact::Payout(payout))]);
    }
}

/// A sync could not list a past day of this account again.
pub fn list_again(path: &Path, account: &str) {
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    store.begin_run("sync", at("2026-09-10T06:00:00Z")).unwrap();
    let check = store::DayCheck {
        day: "2026-09-01".parse().unwrap(),
        from: at("2026-09-01T00:00:00Z"),
        until: at("2026-09-02T00:00:00Z"),
        at: at("2026-09-10T06:00:00Z"),
        run: None,
        found: None,
    };
    store.note_day_check(&account_id(account), &check).unwrap();
}

/// A merchant with so many payouts of one dollar each, none of them judged.
pub fn payouts_only(path: &Path, count: u32) {
    let mut store = Store::open(path, Arc::new(NoPoints)).unwrap();
    store.claim_mode(Mode::Live).unwrap();
    let own = account_id("acct_own");
    write(&mut store, &own, ObjectKind::Account, vec![(own.to_string(), Fact::Account(account(&own, "Northwind Books")))]);
    let payouts = (0..count).map(|n| {
        let payout = Payout {
            amount: Amount::new(100, Currency::USD),
            ..payout("acct_own", &format!("po_{n:05}"), 100, Currency::USD, "2026-09-01")
        };
        (payout.id.to_string(), Fact::Payout(payout))
    });
    write(&mut store, &own, ObjectKind::Payout, payouts.collect());
}

fn write(store: &mut Store, account: &AccountId, kind: ObjectKind, facts: Vec<(String, Fact)>) {
    members(store, account, kind, facts, None);
}

fn members(store: &mut Store, account: &AccountId, kind: ObjectKind, facts: Vec<(String, Fact)>, member_of: Option<&PayoutId>) {
    let raws: Vec<Vec<u8>> =
        facts.iter().map(|(id, _)| format!("{{\"id\":\"{id}\",\"of\":\"{account}\"}}").into_bytes()).collect();
    let objects =
        facts.iter().zip(&raws).map(|((id, fact), raw)| ObjectWrite { object_id: id, raw, hash: hash(raw), fact: fact.clone() });
    let request = format!("/v1/{}?of={:?}", kind.as_str(), member_of);
    let page = PageWrite {
        account,
        kind,
        request: &request,
        request_id: Some("req_1"),
        body_hash: hash(request.as_bytes()),
        fetched_at: at("2026-10-05T06:00:00Z"),
        objects: objects.collect(),
        member_of,
        last_member_page: member_of.is_some(),
        walk: None,
    };
    store.put_pages(&[page]).unwrap();
}

fn account(id: &AccountId, name: &str) -> Account {
    Account {
        id: id.clone(),
        kind: if id.as_str() == "acct_own" { AccountKind::Own } else { AccountKind::Connected },
        country: Some("US".to_owned()),
        default_currency: Some(Currency::USD),
        time_zone: Some("Etc/UTC".to_owned()),
        display_name: Some(name.to_owned()),
    }
}

fn payout(account: &str, id: &str, minor: i64, currency: Currency, arrives_on: &str) -> Payout {
    Payout {
        id: PayoutId::parse(id).unwrap(),
        account: account_id(account),
        amount: Amount::new(minor, currency),
        arrives_on: day(arrives_on),
        created_at: day(arrives_on).yesterday().unwrap().to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp(),
        status: PayoutStatus::Paid,
        automatic: true,
        method: "standard".to_owned(),
        reconciliation_status: ReconciliationStatus::Completed,
        own_txn: None,
        failure_txn: None,
        failure_code: None,
        destination: Some(DestinationId::parse("ba_1").unwrap()),
        statement_descriptor: Some("NORTHWIND".to_owned()),
        description: Some("STRIPE PAYOUT".to_owned()),
        trace_id: Some(TraceId {
            status: "supported".to_owned(),
            value: Some(format!("TRACE{}", id.trim_start_matches("po_").to_uppercase())),
        }),
        original_payout: None,
        reversed_by: None,
    }
}

fn txn(account: &str, id: &str, category: &str, gross: i64, fee: i64, currency: Currency, source: &str) -> Txn {
    Txn {
        id: TxnId::parse(id).unwrap(),
        account: account_id(account),
        amount: Amount::new(gross, currency),
        fee_minor: fee,
        net_minor: gross - fee,
        kind: if category == "fee" { "stripe_fee" } else { category }.to_owned(),
        reporting_category: category.to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: at("2026-09-12T14:03:09Z"),
        available_on: day("2026-09-14"),
        description: None,
        source: Some(SourceRef { id: source.to_owned(), object: None }),
        exchange_rate: None,
    }
}

fn charge(id: &str, amount: Amount, txn: &str, order: &str) -> Charge {
    Charge {
        id: ChargeId::parse(id).unwrap(),
        account: account_id("acct_own"),
        amount,
        refunded_minor: 0,
        status: "succeeded".to_owned(),
        created_at: at("2026-09-12T14:03:09Z"),
        txn: Some(TxnId::parse(txn).unwrap()),
        payment_intent: Some("pi_1".to_owned()),
        customer: Some("cus_1".to_owned()),
        payment_method: Some("card".to_owned()),
        description: None,
        disputed: false,
        metadata: vec![("order_id".to_owned(), order.to_owned())],
    }
}

/// Every payout of the own account: id, amount, arrival.
const OWN_PAYOUTS: [(&str, i64, &str); 9] = [
    ("po_tied", 588_803, "2026-09-14"),
    ("po_short", 125_000, "2026-09-15"),
    ("po_gap", 90_010, "2026-09-16"),
    ("po_proposed", 41_500, "2026-09-17"),
    ("po_ambiguous", 20_000, "2026-09-18"),
    ("po_missing", 77_777, "2026-09-21"),
    ("po_failed", 31_000, "2026-09-22"),
    ("po_manual", 200_000, "2026-09-23"),
    ("po_awaiting", 64_550, "2026-10-06"),
];

fn own_account(store: &mut Store) {
    let own = account_id("acct_own");
    write(store, &own, ObjectKind::Account, vec![(own.to_string(), Fact::Account(account(&own, "Northwind Books")))]);
    let payouts = OWN_PAYOUTS.map(|(id, minor, arrives_on)| {
        let mut payout = payout("acct_own", id, minor, Currency::USD, arrives_on);
        if id == "po_failed" {
            payout.status = PayoutStatus::Failed;
            payout.failure_code = Some("account_closed".to_owned());
        }
        if id == "po_manual" {
            payout.automatic = false;
            payout.reconciliation_status = ReconciliationStatus::NotApplicable;
        }
        if id == "po_awaiting" {
            payout.status = PayoutStatus::InTransit;
            payout.trace_id = Some(TraceId { status: "pending".to_owned(), value: None });
        }
        (id.to_owned(), Fact::Payout(payout))
    });
    write(store, &own, ObjectKind::Payout, payouts.to_vec());
    sources(store, &own);
    let mut balance = 0;
    for (id, minor, _) in OWN_PAYOUTS.iter().filter(|(id, ..)| *id != "po_manual") {
        let txns = payout_txns(id, if *id == "po_gap" { minor - 1_010 } else { *minor });
        balance += txns.iter().map(|txn| txn.net_minor).sum::<i64>();
        let facts = txns.into_iter().map(|txn| (txn.id.to_string(), Fact::Txn(txn))).collect();
        members(store, &own, ObjectKind::Txn, facts, Some(&PayoutId::parse(id).unwrap()));
    }
    let available = Amount::new(balance, Currency::USD);
    let raw = b"{\"object\":\"balance\"}";
    let balances = vec![Balance { account: own.clone(), available, pending: Amount::new(0, Currency::USD) }];
    let read_at = at("2026-10-05T06:01:00Z");
    store.put_balance(&BalanceWrite { account: &own, balances, raw, hash: hash(raw), read_at, steady: true }).unwrap();
    store.mark_synced(&own, at("2026-10-05T06:00:00Z")).unwrap();
}

/// `po_tied` holds one txn of every sort; the others a charge each.
fn payout_txns(id: &str, net: i64) -> Vec<Txn> {
    if id != "po_tied" {
        return vec![txn("acct_own", &format!("txn_{id}"), "charge", net + 500, 500, Currency::USD, &format!("ch_{id}"))];
    }
    let converted = Txn {
        exchange_rate: Some("1.08415".to_owned()),
        ..txn("acct_own", "txn_converted", "charge", 108_415, 3_500, Currency::USD, "ch_converted")
    };
    let fee = Txn {
        description: Some("Billing - usage fee (2026-09-12)".to_owned()),
        ..txn("acct_own", "txn_fee", "fee", -1_200, 0, Currency::USD, "fee_1")
    };
    let mut txns = vec![
        converted,
        txn("acct_own", "txn_refund", "refund", -24_900, 0, Currency::USD, "re_asked"),
        txn("acct_own", "txn_dispute", "dispute", -15_000, 1_500, Currency::USD, "dp_fraud"),
        fee,
    ];
    let rest = net - txns.iter().map(|txn| txn.net_minor).sum::<i64>() + 16_030;
    txns.insert(0, txn("acct_own", "txn_plain", "charge", rest, 16_030, Currency::USD, "ch_plain"));
    txns
}

fn sources(store: &mut Store, own: &AccountId) {
    let charges = [
        charge("ch_plain", Amount::new(541_518, Currency::USD), "txn_plain", "SO-10044"),
        charge("ch_converted", Amount::new(100_000, Currency::EUR), "txn_converted", "SO-10045"),
    ];
    write(store, own, ObjectKind::Charge, charges.map(|charge| (charge.id.to_string(), Fact::Charge(charge))).to_vec());
    let refund = Refund {
        id: RefundId::parse("re_asked").unwrap(),
        account: own.clone(),
        amount: Amount::new(24_900, Currency::USD),
        charge: Some(ChargeId::parse("ch_plain").unwrap()),
        reason: Some("requested_by_customer".to_owned()),
        status: Some("succeeded".to_owned()),
        created_at: at("2026-09-12T14:03:09Z"),
        txn: Some(TxnId::parse("txn_refund").unwrap()),
        failure_txn: None,
        metadata: Vec::new(),
    };
    write(store, own, ObjectKind::Refund, vec![("re_asked".to_owned(), Fact::Refund(refund))]);
    let dispute = Dispute {
        id: DisputeId::parse("dp_fraud").unwrap(),
        account: own.clone(),
        amount: Amount::new(15_000, Currency::USD),
        charge: ChargeId::parse("ch_plain").unwrap(),
        reason: "fraudulent".to_owned(),
        status: "needs_response".to_owned(),
        created_at: at("2026-09-12T14:03:09Z"),
        txns: vec![TxnId::parse("txn_dispute").unwrap()],
    };
    write(store, own, ObjectKind::Dispute, vec![("dp_fraud".to_owned(), Fact::Dispute(dispute))]);
}

/// Two matched payouts in one line, in yen: everything tied.
fn connected_account(store: &mut Store) {
    let connected = account_id("acct_cafe");
    write(
        store,
        &connected,
        ObjectKind::Account,
        vec![(connected.to_string(), Fact::Account(account(&connected, "Harbour Café")))],
    );
    for (id, minor) in [("po_cafe_1", 120_000), ("po_cafe_2", 80_500)] {
        let payout = payout("acct_cafe", id, minor, Currency::JPY, "2026-09-14");
        write(store, &connected, ObjectKind::Payout, vec![(id.to_owned(), Fact::Payout(payout.clone()))]);
        let txn = txn("acct_cafe", &format!("txn_{id}"), "charge", minor + 400, 400, Currency::JPY, &format!("ch_{id}"));
        members(store, &connected, ObjectKind::Txn, vec![(txn.id.to_string(), Fact::Txn(txn))], Some(&payout.id));
    }
    let (available, pending) = (Amount::new(200_500, Currency::JPY), Amount::new(0, Currency::JPY));
    let raw = b"{\"object\":\"balance\",\"of\":\"cafe\"}";
    let balances = vec![Balance { account: connected.clone(), available, pending }];
    let read_at = at("2026-10-05T06:01:30Z");
    store.put_balance(&BalanceWrite { account: &connected, balances, raw, hash: hash(raw), read_at, steady: true }).unwrap();
    store.mark_synced(&connected, at("2026-10-05T06:01:00Z")).unwrap();
}

/// Id, day, amount, description, reference.
fn usd_lines() -> Vec<BankLine> {
    let long = format!("{HOSTILE} {}", "long ".repeat(2_000));
    let rows = [
        ("bl_tied", "2026-09-14", 588_803, "STRIPE TRANSFER ST-TIED NORTHWIND", Some("HB0000012")),
        ("bl_short", "2026-09-15", 123_500, "STRIPE TRANSFER LESS CHARGES", Some("HB0000013")),
        ("bl_gap", "2026-09-16", 90_010, "STRIPE", Some("HB0000014")),
        ("bl_proposed", "2026-09-18", 41_500, "TRANSFER", None),
        ("bl_twin_a", "2026-09-18", 20_000, "STRIPE", Some("HB0000016")),
        ("bl_twin_b", "2026-09-18", 20_000, "STRIPE", Some("HB0000017")),
        ("bl_manual", "2026-09-23", 200_000, "STRIPE INSTANT", Some("HB0000018")),
        ("bl_salary", "2026-09-30", -1_450_000, "SALARIES SEPTEMBER", Some("HB0000019")),
        ("bl_unknown", "2026-10-02", 12_345, long.as_str(), Some("<b>HB</b>")),
    ];
    rows.map(|(id, date, minor, text, reference)| line("Harbour Bank USD", Currency::USD, id, date, minor, text, reference))
        .to_vec()
}

fn line(bank: &str, currency: Currency, id: &str, date: &str, minor: i64, text: &str, reference: Option<&str>) -> BankLine {
    BankLine {
        id: BankLineId::parse(id).unwrap(),
        bank_account: BankAccountName::parse(bank).unwrap(),
        date_on: day(date),
        value_on: None,
        amount: Amount::new(minor, currency),
        description: text.to_owned(),
        counterparty: Some("STRIPE PAYMENTS".to_owned()),
        reference: reference.map(str::to_owned),
        other_references: Vec::new(),
        balance_after_minor: None,
    }
}

fn statements(store: &mut Store) {
    let run = store.begin_run("import", at("2026-10-05T06:03:00Z")).unwrap();
    let yen = vec![line("Minato Yen", Currency::JPY, "bl_cafe", "2026-09-15", 200_500, "STRIPE JAPAN", Some("MT77"))];
    for (bank, currency, lines) in [("Harbour Bank USD", Currency::USD, usd_lines()), ("Minato Yen", Currency::JPY, yen)] {
        let name = BankAccountName::parse(bank).unwrap();
        let import = StatementWrite {
            bank_account: &name,
            currency,
            file_name: "september.csv",
            format: "csv:plain",
            bytes: bank.as_bytes(),
            sha256: hash(bank.as_bytes()),
            lines: &lines,
            spans: &[StatementSpan {
                days: Coverage { from_on: day("2026-09-01"), until_on: day("2026-10-02") },
                opening_minor: None,
                closing_minor: None,
            }],
            days_are_told: false,
            imported_at: at("2026-10-05T06:03:00Z"),
        };
        store.put_statement(&import).unwrap();
    }
    store.end_run(run, at("2026-10-05T06:03:01Z"), RunState::Done, "{}").unwrap();
}

/// Payout, bucket, composition, deposit, difference, lines with this payout's part.
type Said = (&'static str, Bucket, CompositionState, DepositState, i64, &'static [(&'static str, i64)]);

const SAID: [Said; 9] = [
    ("po_tied", Bucket::Matched, CompositionState::Tied, DepositState::Matched, 0, &[("bl_tied", 588_803)]),
    ("po_short", Bucket::Exceptions, CompositionState::Tied, DepositState::Matched, -1_500, &[("bl_short", 123_500)]),
    ("po_gap", Bucket::Matched, CompositionState::Gap, DepositState::Matched, 0, &[("bl_gap", 90_010)]),
    ("po_proposed", Bucket::Exceptions, CompositionState::Tied, DepositState::Proposed, 0, &[("bl_proposed", 41_500)]),
    ("po_ambiguous", Bucket::Exceptions, CompositionState::Tied, DepositState::Ambiguous, 0, &[]),
    ("po_missing", Bucket::Exceptions, CompositionState::Tied, DepositState::Missing, 0, &[]),
    ("po_failed", Bucket::Exceptions, CompositionState::Tied, DepositState::Failed, 0, &[]),
    ("po_manual", Bucket::Matched, CompositionState::Unitemised, DepositState::Matched, 0, &[("bl_manual", 200_000)]),
    ("po_awaiting", Bucket::InTransit, CompositionState::Tied, DepositState::Awaiting, 0, &[]),
];

fn outcomes(store: &mut Store) {
    let revision = store.deposit_snapshot().unwrap().revision;
    let mut verdicts: Vec<PayoutVerdict> = SAID.iter().map(own_verdict).collect();
    for (id, minor) in [("po_cafe_1", 120_000), ("po_cafe_2", 80_500)] {
        let said = (id, Bucket::Matched, CompositionState::Tied, DepositState::Matched, 0, &[("bl_cafe", minor)][..]);
        verdicts.push(verdict("acct_cafe", said, minor));
    }
    let write = OutcomeWrite {
        verdicts,
        matches: matches(),
        matches_gone: Vec::new(),
        exceptions_open: exceptions(),
        judged: store::Judged::Everything(store::Basis::default(), Vec::new()),
        exceptions_resolved: Vec::new(),
        as_of: at("2026-10-02T06:05:00Z"),
    };
    store.apply(&write, revision).unwrap();
}

fn own_verdict(said: &Said) -> PayoutVerdict {
    let minor = OWN_PAYOUTS.iter().find(|(id, ..)| *id == said.0).unwrap().1;
    let (id, bucket, composition, deposit, difference, lines) = *said;
    verdict("acct_own", (id, bucket, composition, deposit, difference, lines), minor)
}

fn verdict(
    account: &str,
    (id, bucket, composition, deposit, difference, lines): (&str, Bucket, CompositionState, DepositState, i64, &[(&str, i64)]),
    minor: i64,
) -> PayoutVerdict {
    let gap = if composition == CompositionState::Gap { -1_010 } else { 0 };
    let decided = deposit == DepositState::Matched;
    PayoutVerdict {
        account: account_id(account),
        payout: PayoutId::parse(id).unwrap(),
        bucket,
        composition: Composition {
            state: composition,
            txn_count: if id == "po_tied" { 5 } else { 1 },
            sum_net_minor: minor + gap,
            difference_minor: gap,
        },
        deposit: Deposit {
            state: deposit,
            difference_minor: difference,
            decided_by: decided.then_some(Decider::Rule),
            probability_ppm: decided.then_some(998_000),
            due_on: day("2026-09-25"),
            covered_until_on: Some(day("2026-10-02")),
            allocations: lines
                .iter()
                .map(|(line, minor)| Allocation { bank_line: BankLineId::parse(line).unwrap(), allocated_minor: *minor })
                .collect(),
        },
    }
}

fn subject(kind: &'static str, id: &str) -> Subject {
    Subject { kind, id: id.to_owned() }
}

fn evidence(name: &str, finding: &str, weight: i32) -> Evidence {
    Evidence { name: name.to_owned(), finding: finding.to_owned(), weight }
}

fn matches() -> Vec<Match> {
    let decided = |id: &str, account: &str, currency, left: &[&str], line: &str, difference_minor| Match {
        id: MatchId::parse(id).unwrap(),
        kind: MatchKind::Deposit,
        state: MatchState::Accepted,
        account: account_id(account),
        currency,
        decided_by: Some(Decider::Rule),
        probability_ppm: Some(998_000),
        score: 1_430,
        rivals: 0,
        left: left.iter().map(|id| subject("payout", id)).collect(),
        right: vec![subject("bank_line", line)],
        difference_minor,
        evidence: vec![
            evidence("trace", "trace id TRACETIED stands in the line's reference", 910),
            evidence("amount", "the line is the payout to the cent", 420),
            evidence("date", "booked on the day of arrival", 145),
            evidence("descriptor", "the line names Stripe in one of its own ways", -45),
        ],
    };
    let usd = Currency::USD;
    vec![
        decided("m_tied", "acct_own", usd, &["po_tied"], "bl_tied", 0),
        decided("m_short", "acct_own", usd, &["po_short"], "bl_short", -1_500),
        decided("m_gap", "acct_own", usd, &["po_gap"], "bl_gap", 0),
        decided("m_manual", "acct_own", usd, &["po_manual"], "bl_manual", 0),
        Match {
            state: MatchState::Proposed,
            decided_by: None,
            ..decided("m_proposed", "acct_own", usd, &["po_proposed"], "bl_proposed", 0)
        },
        Match {
            state: MatchState::Ambiguous,
            decided_by: None,
            probability_ppm: None,
            rivals: 1,
            right: vec![subject("bank_line", "bl_twin_a"), subject("bank_line", "bl_twin_b")],
            ..decided("m_ambiguous", "acct_own", usd, &["po_ambiguous"], "bl_twin_a", 0)
        },
        decided("m_cafe", "acct_cafe", Currency::JPY, &["po_cafe_1", "po_cafe_2"], "bl_cafe", 0),
    ]
}

fn exceptions() -> Vec<Exception> {
    let raised = |code: ExceptionCode, amount_minor: u64, subjects: Vec<Subject>, explanation: &str, remedy: &str| Exception {
        id: ExceptionId::parse(&format!("ex_{}", code.as_str())).unwrap(),
        code,
        class: Class::True,
        account: Some(account_id("acct_own")),
        currency: Currency::USD,
        amount_minor,
        subjects,
        explanation: explanation.to_owned(),
        remedy: remedy.to_owned(),
    };
    let payout = |id: &str| vec![subject("payout", id)];
    vec![
        raised(
            ExceptionCode::DepositMissing,
            77_777,
            payout("po_missing"),
            "777.77 USD was due at the bank by 2026-09-25; the statements reach 2026-10-02 and no line explains it.",
            "Ask the bank for the trace id, then ask Stripe whether the payout came back.",
        ),
        raised(
            ExceptionCode::DepositShort,
            1_500,
            vec![subject("payout", "po_short"), subject("bank_line", "bl_short")],
            "The bank shows 1,235.00 USD of 1,250.00 USD.",
            "Look for a bank fee of 15.00 USD, and book it.",
        ),
        raised(
            ExceptionCode::PayoutGap,
            1_010,
            payout("po_gap"),
            "The transactions sum to 890.00 USD, the payout is 900.10 USD.",
            "Run tieout sync --full for this account, then look for a transaction of 10.10 USD.",
        ),
        raised(
            ExceptionCode::DepositAmbiguous,
            20_000,
            payout("po_ambiguous"),
            "Two lines of 200.00 USD could be it.",
            "Compare the bank's own references.",
        ),
        raised(
            ExceptionCode::PayoutFailed,
            31_000,
            payout("po_failed"),
            "Stripe says: account closed.",
            "Correct the bank account at Stripe.",
        ),
        Exception {
            account: None,
            ..raised(
                ExceptionCode::DepositUnknown,
                12_345,
                vec![subject("bank_line", "bl_unknown")],
                "A line of 123.45 USD names Stripe and no payout explains it.",
                "See whether it belongs to an account that is not synced here.",
            )
        },
    ]
}
