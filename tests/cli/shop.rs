//! A small shop's books, written through the store: one payout that was found, one missing, one awaited, one not judged.

use facts::{Fact, ObjectKind};
use std::path::Path;
use std::sync::Arc;

use facts::*;
use jiff::{Timestamp, civil::Date};
use money::{Amount, Currency};
use sha2::{Digest, Sha256};
use store::{BalanceWrite, DayCheck, DayFound, NoPoints, ObjectWrite, OutcomeWrite, PageWrite, RunState, StatementWrite, Store};

/// What the books hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// An account that was never synced, and nothing else.
    Empty,
    /// One payout, found.
    Tied,
    /// That, and one missing.
    Exception,
    /// As tied, and then a sync that did not read everything.
    SyncIncomplete,
    /// As with the exception, one more that is awaited, and one that was synced after the reconciliation.
    Unjudged,
    /// As tied, and Stripe's balance moved while it was read.
    BalanceMoved,
    /// As tied, and the list of the payout's txns was not read, though Stripe has finished it.
    MembersUnread,
    /// As tied, and the match waits for a person.
    Proposal,
    /// As tied but for the payout's bank account: no statement of it was read, though the payout was due long ago.
    BankUnknown,
    /// As tied, and the account was never read to its end.
    NeverSynced,
}

/// Everything at once.
pub fn fill(path: &Path) {
    fill_as(path, State::Unjudged);
}

/// A sync has listed a past day again and found two txns, and one before has read two days of refunds.
pub fn list_again(path: &Path) {
    let mut store = Store::open(path, Arc::new(NoPoints)).expect("a database");
    let account = account_id();
    let days = (at("2026-07-01T00:00:00Z"), at("2026-07-03T00:00:00Z"));
    let run = store.begin_run("sync", at("2026-07-31T00:00:00Z")).expect("a run");
    store.note_range(&account, ObjectKind::Refund, days, at("2026-07-31T08:00:00Z")).expect("kept");
    let check = DayCheck {
        day: on("2026-07-14"),
        from: at("2026-07-14T00:00:00Z"),
        until: at("2026-07-15T00:00:00Z"),
        at: at("2026-07-31T09:00:00Z"),
        run: None,
        found: Some(DayFound { listed: 213, missing: 2, extra: 0 }),
    };
    store.note_day_check(&account, &check).expect("kept");
    store.end_run(run, at("2026-07-31T00:00:00Z"), RunState::Incomplete, "{}").expect("ended");
}

/// A sync has read a charge without an amount.
pub fn refuse(path: &Path) {
    let mut store = Store::open(path, Arc::new(NoPoints)).expect("a database");
    store.begin_run("sync", at("2026-07-31T00:00:00Z")).expect("a run");
    let fact = Fact::Refused {
        kind: ObjectKind::Charge,
        object_id: "ch_bad".to_owned(),
        cause: RefusalCause::MissingField,
        reason: "it lacks what it must have: missing field `amount`".to_owned(),
    };
    let account = account_id();
    let page = PageWrite {
        account: &account,
        kind: ObjectKind::Charge,
        request: "/v1/charges",
        request_id: Some("req_bad"),
        body_hash: hash(b"bad"),
        fetched_at: at("2026-07-31T00:00:00Z"),
        objects: vec![ObjectWrite { object_id: "ch_bad", raw: b"{}", hash: hash(b"{}"), fact }],
        member_of: None,
        last_member_page: false,
        walk: None,
    };
    store.put_pages(&[page]).expect("kept");
}

/// The books of one state.
pub fn fill_as(path: &Path, state: State) {
    let mut store = Store::open(path, Arc::new(NoPoints)).expect("a database");
    store.claim_mode(Mode::Test).expect("a mode");
    put(&mut store, ObjectKind::Account, vec![("acct_shop", Fact::Account(account()))]);
    if state == State::Empty {
        return;
    }
    sync(&mut store, state);
    if state != State::BankUnknown {
        import(&mut store);
    }
    reconcile(&mut store, state);
}

fn account_id() -> AccountId {
    AccountId::parse("acct_shop").expect("an id")
}

fn at(text: &str) -> Timestamp {
    text.parse().expect("an instant")
}

fn on(text: &str) -> Date {
    text.parse().expect("a day")
}

fn usd(minor: i64) -> Amount {
    Amount::new(minor, Currency::USD)
}

fn hash(bytes: &[u8]) -> [u8; 32] {
    Sha256::digest(bytes).into()
}

fn account() -> Account {
    Account {
        id: account_id(),
        kind: AccountKind::Own,
        country: Some("US".to_owned()),
        default_currency: Some(Currency::USD),
        time_zone: Some("Etc/UTC".to_owned()),
        display_name: Some("Shop".to_owned()),
    }
}

fn put(store: &mut Store, kind: ObjectKind, facts: Vec<(&str, Fact)>) {
    put_page(store, kind, facts, None);
}

fn put_page(store: &mut Store, kind: ObjectKind, facts: Vec<(&str, Fact)>, member_of: Option<&PayoutId>) {
    let account = account_id();
    let object =
        |(object_id, fact)| ObjectWrite { object_id, raw: str::as_bytes(object_id), hash: hash(str::as_bytes(object_id)), fact };
    let request = format!("{}?payout={}", kind.as_str(), member_of.map_or("", PayoutId::as_str));
    let page = PageWrite {
        account: &account,
        kind,
        request: &request,
        request_id: None,
        body_hash: hash(request.as_bytes()),
        fetched_at: at("2026-07-31T00:00:00Z"),
        objects: facts.into_iter().map(object).collect(),
        member_of,
        last_member_page: member_of.is_some(),
        walk: None,
    };
    store.put_pages(&[page]).expect("kept");
}

fn payout(id: &str, minor: i64, arrives_on: &str, own_txn: Option<&str>) -> (String, Payout) {
    let payout = Payout {
        id: PayoutId::parse(id).expect("an id"),
        account: account_id(),
        amount: usd(minor),
        arrives_on: on(arrives_on),
        created_at: at("2026-07-01T12:00:00Z"),
        status: PayoutStatus::Paid,
        automatic: true,
        method: "standard".to_owned(),
        reconciliation_status: ReconciliationStatus::Completed,
        own_txn: own_txn.map(|id| TxnId::parse(id).expect("an id")),
        failure_txn: None,
        failure_code: None,
        destination: Some(DestinationId::parse("ba_1").expect("an id")),
        statement_descriptor: Some("SHOP".to_owned()),
        description: None,
        trace_id: Some(TraceId { status: "supported".to_owned(), value: Some("HB0000012".to_owned()) }),
        original_payout: None,
        reversed_by: None,
    };
    (id.to_owned(), payout)
}

fn txn(id: &str, minor: i64, fee_minor: i64, category: &str, source: &str, exchange_rate: Option<&str>) -> Txn {
    Txn {
        id: TxnId::parse(id).expect("an id"),
        account: account_id(),
        amount: usd(minor),
        fee_minor,
        net_minor: minor - fee_minor,
        kind: category.to_owned(),
        reporting_category: category.to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: at("2026-07-01T10:00:00Z"),
        available_on: on("2026-07-03"),
        description: None,
        source: Some(SourceRef { id: source.to_owned(), object: None }),
        exchange_rate: exchange_rate.map(str::to_owned),
    }
}

fn charge() -> Charge {
    Charge {
        id: ChargeId::parse("ch_euro").expect("an id"),
        account: account_id(),
        amount: Amount::new(10_000, Currency::EUR),
        refunded_minor: 0,
        status: "succeeded".to_owned(),
        created_at: at("2026-07-01T10:00:00Z"),
        txn: Some(TxnId::parse("txn_euro").expect("an id")),
        payment_intent: None,
        customer: None,
        payment_method: Some("card".to_owned()),
        description: None,
        disputed: false,
        metadata: vec![("order".to_owned(), "SO-1".to_owned())],
    }
}

/// The payouts of a state, found, missing, awaited and not judged.
fn payouts(state: State) -> Vec<(String, Payout)> {
    let mut payouts = vec![payout("po_found", 12_345, "2026-07-03", Some("txn_payout"))];
    if matches!(state, State::Exception | State::Unjudged) {
        payouts.push(payout("po_missing", 5_000, "2026-07-06", None));
    }
    if state == State::Unjudged {
        payouts.push(payout("po_awaited", 1_000, "2026-07-30", None));
        payouts.push(payout("po_new", 100, "2026-07-31", None));
    }
    payouts
}

fn sync(store: &mut Store, state: State) {
    let payouts = payouts(state);
    put(store, ObjectKind::Payout, payouts.iter().map(|(id, payout)| (id.as_str(), Fact::Payout(payout.clone()))).collect());
    put(store, ObjectKind::Charge, vec![("ch_euro", Fact::Charge(charge()))]);
    let txns = [
        txn("txn_euro", 11_000, 655, "charge", "ch_euro", Some("1.1")),
        txn("txn_plain", 2_000, 0, "charge", "ch_plain", None),
        txn("txn_payout", -12_345, 0, "payout", "po_found", None),
    ];
    let found = PayoutId::parse("po_found").expect("an id");
    let facts = txns.iter().map(|txn| (txn.id.as_str(), Fact::Txn(txn.clone()))).collect();
    put_page(store, ObjectKind::Txn, facts, Some(&found));
    let balance = Balance { account: account_id(), available: usd(0), pending: usd(0) };
    let read_at = at("2026-07-31T00:00:00Z");
    let write = BalanceWrite {
        account: &account_id(),
        balances: vec![balance],
        raw: b"{}",
        hash: hash(b"{}"),
        read_at,
        steady: state != State::BalanceMoved,
    };
    store.put_balance(&write).expect("kept");
    if state != State::NeverSynced {
        store.mark_synced(&account_id(), read_at).expect("kept");
    }
    run(store, "sync", if state == State::SyncIncomplete { RunState::Incomplete } else { RunState::Done });
}

fn run(store: &mut Store, job: &str, state: RunState) {
    let run = store.begin_run(job, at("2026-07-31T00:00:00Z")).expect("a run");
    store.end_run(run, at("2026-07-31T00:00:01Z"), state, "{}").expect("its end");
}

fn line(id: &str, day: &str, minor: i64, description: &str, reference: Option<&str>) -> BankLine {
    BankLine {
        id: BankLineId::parse(id).expect("an id"),
        bank_account: BankAccountName::parse("operating").expect("a name"),
        date_on: on(day),
        value_on: None,
        amount: usd(minor),
        description: description.to_owned(),
        counterparty: None,
        reference: reference.map(str::to_owned),
        other_references: Vec::new(),
        balance_after_minor: None,
    }
}

fn import(store: &mut Store) {
    let lines = [
        line("line_1", "2026-07-04", 12_345, "STRIPE TRANSFER", Some("HB0000012")),
        line("line_2", "2026-07-05", -90_000, "RENT JULY", None),
    ];
    let write = StatementWrite {
        bank_account: &BankAccountName::parse("operating").expect("a name"),
        currency: Currency::USD,
        file_name: "july.csv",
        format: "csv",
        bytes: b"july",
        sha256: hash(b"july"),
        lines: &lines,
        spans: &[StatementSpan {
            days: Coverage { from_on: on("2026-07-01"), until_on: on("2026-07-31") },
            opening_minor: None,
            closing_minor: None,
        }],
        days_are_told: false,
        imported_at: at("2026-07-31T00:00:00Z"),
    };
    store.put_statement(&write).expect("kept");
}

fn subject(kind: &'static str, id: &str) -> Subject {
    Subject { kind, id: id.to_owned() }
}

fn verdict(payout: &Payout, state: State) -> PayoutVerdict {
    let covered_until_on = (state != State::BankUnknown).then(|| on("2026-07-31"));
    let composition = if state == State::MembersUnread { CompositionState::Pending } else { CompositionState::Tied };
    let (bucket, state) = match payout.id.as_str() {
        "po_found" if state == State::Proposal => (Bucket::Exceptions, DepositState::Proposed),
        "po_found" if state == State::BankUnknown => (Bucket::InTransit, DepositState::Awaiting),
        "po_found" => (Bucket::Matched, DepositState::Matched),
        "po_missing" => (Bucket::Exceptions, DepositState::Missing),
        _ => (Bucket::InTransit, DepositState::Awaiting),
    };
    let found = state == DepositState::Matched;
    let allocation =
        Allocation { bank_line: BankLineId::parse("line_1").expect("an id"), allocated_minor: payout.amount.minor() };
    PayoutVerdict {
        account: payout.account.clone(),
        payout: payout.id.clone(),
        bucket,
        composition: Composition { state: composition, txn_count: 2, sum_net_minor: payout.amount.minor(), difference_minor: 0 },
        deposit: Deposit {
            state,
            difference_minor: 0,
            decided_by: found.then_some(Decider::Rule),
            probability_ppm: found.then_some(998_000),
            due_on: on("2026-07-09"),
            covered_until_on,
            allocations: found.then_some(allocation).into_iter().collect(),
        },
    }
}

fn link() -> Match {
    let finding = |name: &str, finding: &str, weight| Evidence { name: name.to_owned(), finding: finding.to_owned(), weight };
    Match {
        id: MatchId::parse("deposit-po_found").expect("an id"),
        kind: MatchKind::Deposit,
        state: MatchState::Accepted,
        account: account_id(),
        currency: Currency::USD,
        decided_by: Some(Decider::Rule),
        probability_ppm: Some(998_000),
        score: 1_430,
        rivals: 0,
        left: vec![subject("payout", "po_found")],
        right: vec![subject("bank_line", "line_1")],
        difference_minor: 0,
        evidence: vec![
            finding("trace", "HB0000012 is the line's reference", 910),
            finding("amount", "12,345 cents, exactly", 520),
        ],
    }
}

fn missing() -> Exception {
    Exception {
        id: ExceptionId::parse("deposit_missing-po_missing").expect("an id"),
        code: ExceptionCode::DepositMissing,
        class: Class::True,
        account: Some(account_id()),
        currency: Currency::USD,
        amount_minor: 5_000,
        subjects: vec![subject("payout", "po_missing")],
        explanation: "It was due by 2026-07-09 and is not at the bank.".to_owned(),
        remedy: "Ask the bank with the trace id.".to_owned(),
    }
}

fn reconcile(store: &mut Store, state: State) {
    let judged: Vec<Payout> =
        payouts(state).into_iter().map(|(_, payout)| payout).filter(|payout| payout.id.as_str() != "po_new").collect();
    let outcomes = OutcomeWrite {
        verdicts: judged.iter().map(|payout| verdict(payout, state)).collect(),
        matches: if state == State::BankUnknown { Vec::new() } else { vec![link()] },
        matches_gone: Vec::new(),
        exceptions_open: judged.iter().filter(|payout| payout.id.as_str() == "po_missing").map(|_| missing()).collect(),
        exceptions_resolved: Vec::new(),
        // The verdicts say more than the few txns of this shop come to: none of them stands.
        judged: store::Judged::Accounts(Vec::new()),
        as_of: at("2026-07-31T00:00:00Z"),
    };
    let revision = store.revision().expect("a revision");
    store.apply(&outcomes, revision).expect("applied");
    run(store, "reconcile", RunState::Done);
}
