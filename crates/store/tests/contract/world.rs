//! Small facts to test with, and short ways to store them.

use std::sync::Arc;

use facts::*;
use jiff::Timestamp;
use jiff::civil::{Date, date};
use money::{Amount, Currency};
use sha2::{Digest, Sha256};
use store::*;

use crate::database::Place;

/// An empty database that is gone when this value is.
pub struct Fresh {
    pub store: Store,
    pub place: Place,
}

pub fn fresh() -> Fresh {
    fresh_with(Arc::new(NoPoints))
}

pub fn fresh_with(points: Arc<dyn CommitPoints>) -> Fresh {
    let place = Place::new();
    let store = Store::open(place.location(), points).unwrap();
    Fresh { store, place }
}

pub fn own() -> AccountId {
    AccountId::parse("acct_own").unwrap()
}

pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_780_000_000 + seconds).unwrap()
}

pub fn day(day: i8) -> Date {
    date(2026, 7, day)
}

pub fn usd(minor: i64) -> Amount {
    Amount::new(minor, Currency::USD)
}

pub fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

/// One version of an object; its bytes are made from what it says.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: String,
    pub raw: Vec<u8>,
    pub fact: Fact,
}

fn object(id: &str, fact: Fact) -> Object {
    Object { id: id.to_owned(), raw: format!("{fact:?}").into_bytes(), fact }
}

impl From<Txn> for Object {
    fn from(txn: Txn) -> Self {
        object(txn.id.clone().as_str(), Fact::Txn(txn))
    }
}

impl From<Payout> for Object {
    fn from(payout: Payout) -> Self {
        object(payout.id.clone().as_str(), Fact::Payout(payout))
    }
}

impl From<Charge> for Object {
    fn from(charge: Charge) -> Self {
        object(charge.id.clone().as_str(), Fact::Charge(charge))
    }
}

impl From<Refund> for Object {
    fn from(refund: Refund) -> Self {
        object(refund.id.clone().as_str(), Fact::Refund(refund))
    }
}

impl From<Dispute> for Object {
    fn from(dispute: Dispute) -> Self {
        object(dispute.id.clone().as_str(), Fact::Dispute(dispute))
    }
}

impl From<Account> for Object {
    fn from(account: Account) -> Self {
        object(account.id.clone().as_str(), Fact::Account(account))
    }
}

pub fn refused(kind: ObjectKind, id: &str, reason: &str) -> Object {
    object(id, Fact::Refused { kind, object_id: id.to_owned(), cause: RefusalCause::Contradicts, reason: reason.to_owned() })
}

/// A page as a test holds it.
#[derive(Clone, Debug)]
pub struct Page {
    pub kind: ObjectKind,
    pub request: String,
    pub objects: Vec<Object>,
    pub member_of: Option<PayoutId>,
    pub last: bool,
    pub walk: Option<Walk>,
}

pub fn list(kind: ObjectKind, objects: Vec<Object>) -> Page {
    let first = objects.first().map_or("", |object| &object.id);
    let request = format!("/v1/{}?from={first}", kind.as_str());
    Page { kind, request, objects, member_of: None, last: false, walk: None }
}

pub fn members(payout: &str, objects: Vec<Object>, last: bool) -> Page {
    let member_of = Some(PayoutId::parse(payout).unwrap());
    let first = objects.first().map_or("", |object| &object.id);
    let request = format!("/v1/balance_transactions?payout={payout}&from={first}");
    Page { kind: ObjectKind::Txn, request, objects, member_of, last, walk: None }
}

pub fn put_all(store: &mut Store, pages: &[Page]) -> Result<Vec<PageOutcome>> {
    let account = own();
    let writes: Vec<PageWrite<'_>> = pages.iter().map(|page| write(&account, page)).collect();
    store.put_pages(&writes)
}

pub fn put(store: &mut Store, page: &Page) -> PageOutcome {
    put_all(store, std::slice::from_ref(page)).unwrap()[0]
}

fn write<'a>(account: &'a AccountId, page: &'a Page) -> PageWrite<'a> {
    let object = |object: &'a Object| ObjectWrite {
        object_id: &object.id,
        raw: &object.raw,
        hash: hash(&object.raw),
        fact: object.fact.clone(),
    };
    let body: Vec<u8> = page.objects.iter().flat_map(|object| object.raw.clone()).collect();
    PageWrite {
        account,
        kind: page.kind,
        request: &page.request,
        request_id: Some("req_1"),
        body_hash: hash(&body),
        fetched_at: at(0),
        objects: page.objects.iter().map(object).collect(),
        member_of: page.member_of.as_ref(),
        last_member_page: page.last,
        walk: page.walk.as_ref(),
    }
}

pub fn account() -> Account {
    Account {
        id: own(),
        kind: AccountKind::Own,
        country: Some("US".to_owned()),
        default_currency: Some(Currency::USD),
        time_zone: Some("America/New_York".to_owned()),
        display_name: None,
    }
}

pub fn txn(id: &str, net_minor: i64) -> Txn {
    Txn {
        id: TxnId::parse(id).unwrap(),
        account: own(),
        amount: usd(net_minor + 30),
        fee_minor: 30,
        net_minor,
        kind: "charge".to_owned(),
        reporting_category: "charge".to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: at(net_minor.rem_euclid(1_000)),
        available_on: day(3),
        description: None,
        source: None,
        exchange_rate: None,
    }
}

pub fn payout(id: &str, minor: i64) -> Payout {
    Payout {
        id: PayoutId::parse(id).unwrap(),
        account: own(),
        amount: usd(minor),
        arrives_on: day(4),
        created_at: at(50),
        status: PayoutStatus::Paid,
        automatic: true,
        method: "standard".to_owned(),
        reconciliation_status: ReconciliationStatus::Completed,
        own_txn: None,
        failure_txn: None,
        failure_code: None,
        destination: None,
        statement_descriptor: None,
        description: None,
        trace_id: None,
        original_payout: None,
        reversed_by: None,
    }
}

pub fn charge(id: &str, amount: Amount) -> Charge {
    Charge {
        id: ChargeId::parse(id).unwrap(),
        account: own(),
        amount,
        refunded_minor: 0,
        status: "succeeded".to_owned(),
        created_at: at(1),
        txn: None,
        payment_intent: None,
        customer: None,
        payment_method: None,
        description: None,
        disputed: false,
        metadata: vec![("order".to_owned(), "SO-1".to_owned())],
    }
}

pub fn bank() -> BankAccountName {
    BankAccountName::parse("main").unwrap()
}

pub fn line(id: &str, on: i8, minor: i64) -> BankLine {
    BankLine {
        id: BankLineId::parse(id).unwrap(),
        bank_account: bank(),
        date_on: day(on),
        value_on: None,
        amount: usd(minor),
        description: "STRIPE TRANSFER".to_owned(),
        counterparty: None,
        reference: None,
        other_references: Vec::new(),
        balance_after_minor: None,
    }
}

pub fn span(from: i8, until: i8) -> StatementSpan {
    let days = Coverage { from_on: day(from), until_on: day(until) };
    StatementSpan { days, opening_minor: Some(i64::from(from)), closing_minor: None }
}

pub fn import(store: &mut Store, bytes: &[u8], lines: &[BankLine], from: i8, until: i8) -> Result<ImportOutcome> {
    store.put_statement(&StatementWrite {
        bank_account: &bank(),
        currency: Currency::USD,
        file_name: "july.csv",
        format: "csv:chase",
        bytes,
        sha256: hash(bytes),
        lines,
        spans: &[span(from, until)],
        days_are_told: false,
        imported_at: at(0),
    })
}

pub fn subject(kind: &'static str, id: &str) -> Subject {
    Subject { kind, id: id.to_owned() }
}

pub fn verdict(payout: &str, allocations: Vec<Allocation>) -> PayoutVerdict {
    PayoutVerdict {
        account: own(),
        payout: PayoutId::parse(payout).unwrap(),
        bucket: Bucket::Matched,
        composition: Composition { state: CompositionState::Tied, txn_count: 2, sum_net_minor: 300, difference_minor: 0 },
        deposit: Deposit {
            state: DepositState::Matched,
            difference_minor: 0,
            decided_by: Some(Decider::Rule),
            probability_ppm: Some(999_000),
            due_on: day(8),
            covered_until_on: Some(day(31)),
            allocations,
        },
    }
}

pub fn allocation(line: &str, minor: i64) -> Allocation {
    Allocation { bank_line: BankLineId::parse(line).unwrap(), allocated_minor: minor }
}

pub fn match_of(id: &str, payout: &str, line: &str) -> Match {
    Match {
        id: MatchId::parse(id).unwrap(),
        kind: MatchKind::Deposit,
        state: MatchState::Accepted,
        account: own(),
        currency: Currency::USD,
        decided_by: Some(Decider::Rule),
        probability_ppm: Some(999_000),
        score: 1430,
        rivals: 0,
        left: vec![subject("payout", payout)],
        right: vec![subject("bank_line", line)],
        difference_minor: 0,
        evidence: vec![Evidence {
            name: "trace".to_owned(),
            finding: "the trace id stands in the line".to_owned(),
            weight: 1430,
        }],
    }
}

pub fn exception(id: &str, payout: &str) -> Exception {
    Exception {
        id: ExceptionId::parse(id).unwrap(),
        code: ExceptionCode::DepositMissing,
        class: Class::True,
        account: Some(own()),
        currency: Currency::USD,
        amount_minor: 300,
        subjects: vec![subject("payout", payout)],
        explanation: "due on 8 July and not at the bank".to_owned(),
        remedy: "ask the bank".to_owned(),
    }
}

pub fn outcome(seconds: i64) -> OutcomeWrite {
    OutcomeWrite {
        verdicts: Vec::new(),
        matches: Vec::new(),
        matches_gone: Vec::new(),
        exceptions_open: Vec::new(),
        exceptions_resolved: Vec::new(),
        judged: store::Judged::Everything(store::Basis::default(), Vec::new()),
        as_of: at(seconds),
    }
}

pub fn balance_write<'a>(account: &'a AccountId, raw: &'a [u8], available: i64) -> BalanceWrite<'a> {
    BalanceWrite {
        account,
        balances: vec![Balance { account: account.clone(), available: usd(available), pending: usd(5) }],
        raw,
        hash: hash(raw),
        read_at: at(9),
        steady: true,
    }
}

pub fn all_txns(store: &Store, filter: &TxnFilter) -> Vec<TxnRow> {
    let mut rows = Vec::new();
    store
        .txns(filter, &mut |row| {
            rows.push(row);
            std::ops::ControlFlow::Continue(())
        })
        .unwrap();
    rows
}

/// A delivery that says that a payout of the key's own account was paid.
pub fn delivery(id: &str, payout: &str) -> DeliveryWrite {
    DeliveryWrite {
        id: id.to_owned(),
        event_id: id.to_owned(),
        account: None,
        mode: Mode::Test,
        event_type: "payout.paid".to_owned(),
        subject: Some((ObjectKind::Payout, payout.to_owned())),
        body: format!(r#"{{"id":"{id}"}}"#).into_bytes(),
        received_at: at(1),
    }
}

/// What became of a delivery.
pub fn settled(id: &str, state: DeliveryState) -> Settled {
    Settled { id: id.to_owned(), state, problem: None, account: None, gone: None }
}

/// An export without rows.
pub fn export_write<'a>(account: &'a AccountId, bytes: &'a [u8]) -> ExportWrite<'a> {
    ExportWrite {
        account,
        mode: Mode::Test,
        file_name: "payouts.csv",
        report: "payouts.itemized",
        holds_whole_payouts: false,
        time_zone: None,
        until: Some(at(5)),
        rows: 0,
        bytes,
        sha256: hash(bytes),
        txns: &[],
        payouts: &[],
        imported_at: at(9),
    }
}
