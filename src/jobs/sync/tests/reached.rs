//! Payouts one by one, into a database that was reconciled: those that no bank line reaches are judged alone, the others with everything.

use facts::{
    AccountId, AccountKind, BankAccountName, BankLine, BankLineId, Coverage, DepositState, ExceptionCode, Fact, ObjectKind,
    Payout, PayoutStatus, ReconciliationStatus, StatementSpan, Txn, TxnId, TxnStatus,
};
use jiff::civil::{Date, date};
use money::{Amount, Currency};
use store::{ExceptionFilter, ExceptionState, ObjectWrite, PageWrite, StatementWrite};

use super::*;
use crate::jobs::reconcile::{ReconcileRequest, reconcile, reconcile_due};

struct Books {
    folder: tempfile::TempDir,
    config: Config,
    outside: Outside,
}

fn july(day: i8) -> Date {
    date(2026, 7, day)
}

fn at(day: i8) -> Timestamp {
    july(day).to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp()
}

fn own() -> AccountId {
    AccountId::parse("acct_own").unwrap()
}

fn hash(text: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    text.bytes().enumerate().for_each(|(index, byte)| hash[index % 32] = u8::wrapping_add(hash[index % 32], byte ^ index as u8));
    hash
}

impl Books {
    /// Of an account that is known until the day that is judged.
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut config = config("http://127.0.0.1:1", folder.path(), "rk_test_1");
        config.as_of = Some(at(28));
        let outside = Outside::real().unwrap();
        let books = Self { folder, config, outside };
        drop(Store::open(&books.config.database, books.outside.points()).unwrap());
        let account = facts::Account {
            id: own(),
            kind: AccountKind::Own,
            country: None,
            default_currency: Some(Currency::USD),
            time_zone: None,
            display_name: None,
        };
        books.put(ObjectKind::Account, Fact::Account(account), None);
        books.store().mark_synced(&own(), at(28)).unwrap();
        books
    }

    fn store(&self) -> Store {
        open(self.folder.path())
    }

    fn put(&self, kind: ObjectKind, fact: Fact, member_of: Option<&Payout>) {
        let (said, account) = (format!("{fact:?}{:?}", member_of.map(|payout| &payout.id)), own());
        let object = ObjectWrite { object_id: fact.object_id(), raw: said.as_bytes(), hash: hash(&said), fact: fact.clone() };
        let page = PageWrite {
            account: &account,
            kind,
            request: &said,
            request_id: None,
            body_hash: hash(&said),
            fetched_at: at(1),
            objects: vec![object],
            member_of: member_of.map(|payout| &payout.id),
            last_member_page: true,
            walk: None,
        };
        self.store().put_pages(&[page]).unwrap();
    }

    fn pay_out(&self, payout: &Payout) {
        self.put(ObjectKind::Payout, Fact::Payout(payout.clone()), None);
    }

    fn import(&self, name: &str, minor: i64, day: i8) {
        let bank_account = BankAccountName::parse("main").unwrap();
        let line = BankLine {
            id: BankLineId::parse(name).unwrap(),
            bank_account: bank_account.clone(),
            date_on: july(day),
            value_on: None,
            amount: Amount::new(minor, Currency::USD),
            description: "STRIPE TRANSFER".to_owned(),
            counterparty: None,
            reference: None,
            other_references: Vec::new(),
            balance_after_minor: None,
        };
        let write = StatementWrite {
            bank_account: &bank_account,
            currency: Currency::USD,
            file_name: name,
            format: "csv",
            bytes: name.as_bytes(),
            sha256: hash(name),
            lines: &[line],
            spans: &[StatementSpan {
                days: Coverage { from_on: july(1), until_on: july(31) },
                opening_minor: None,
                closing_minor: None,
            }],
            days_are_told: false,
            imported_at: at(1),
        };
        self.store().put_statement(&write).unwrap();
    }

    /// Whether only what changed was judged; in any case nothing is left to do.
    fn is_alone(&mut self) -> bool {
        let before = self.store().to_judge().unwrap().basis;
        reconcile_due(&self.outside, &self.config).unwrap();
        let request = ReconcileRequest { dry_run: true, ..ReconcileRequest::default() };
        let left = reconcile(&self.outside, &self.config, request).unwrap().plan;
        assert!(left.is_empty(), "{left:?}");
        before == self.store().to_judge().unwrap().basis
    }

    fn state(&self, payout: &Payout) -> DepositState {
        let verdicts = self.store().deposit_snapshot().unwrap().verdicts;
        verdicts.into_iter().find(|verdict| verdict.payout == payout.id).unwrap().deposit.state
    }

    fn open_codes(&self) -> Vec<ExceptionCode> {
        let filter = ExceptionFilter { state: Some(ExceptionState::Open), ..ExceptionFilter::default() };
        self.store().exceptions(&filter).unwrap().into_iter().map(|row| row.exception.code).collect()
    }
}

fn payout(id: &str, minor: i64, arrives: i8) -> Payout {
    Payout {
        id: PayoutId::parse(id).unwrap(),
        account: own(),
        amount: Amount::new(minor, Currency::USD),
        arrives_on: july(arrives),
        created_at: at(arrives - 2),
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

fn txn(id: &str, net_minor: i64, day: i8) -> Txn {
    Txn {
        id: TxnId::parse(id).unwrap(),
        account: own(),
        amount: Amount::new(net_minor, Currency::USD),
        fee_minor: 0,
        net_minor,
        kind: "charge".to_owned(),
        reporting_category: "charge".to_owned(),
        status: TxnStatus::Available,
        balance_type: "payments".to_owned(),
        created_at: at(day),
        available_on: july(day),
        description: None,
        source: None,
        exchange_rate: None,
    }
}

/// A payout was found at the bank, so that it is known where its route arrives.
fn books() -> Books {
    let mut books = Books::new();
    let first = payout("po_first", 300, 3);
    books.import("bl_first", 300, 3);
    books.pay_out(&first);
    books.put(ObjectKind::Txn, Fact::Txn(txn("txn_first", 300, 1)), Some(&first));
    assert!(!books.is_alone(), "nothing was judged before");
    assert_eq!(books.state(&first), DepositState::Matched);
    books
}

#[test]
fn a_payout_without_a_line_near_it_is_missing_then_failed_and_no_other_is_looked_at() {
    let mut books = books();
    let payout = payout("po_2", 555, 14);
    books.pay_out(&payout);
    assert!(books.is_alone());
    assert_eq!((books.state(&payout), books.open_codes()), (DepositState::Missing, vec![ExceptionCode::DepositMissing]));
    let failed = Payout { status: PayoutStatus::Failed, ..payout };
    books.pay_out(&failed);
    assert!(books.is_alone());
    assert_eq!((books.state(&failed), books.open_codes()), (DepositState::Failed, vec![ExceptionCode::PayoutFailed]));
}

#[test]
fn a_payout_whose_line_is_there_already_is_found_and_everything_is_judged_for_that() {
    let mut books = books();
    books.import("bl_2", 777, 21);
    assert!(!books.is_alone());
    let payout = payout("po_2", 777, 21);
    books.pay_out(&payout);
    assert!(!books.is_alone());
    assert_eq!(books.state(&payout), DepositState::Matched);
}

#[test]
fn what_changes_of_a_payout_that_was_found_and_not_of_its_deposit_is_judged_alone() {
    let mut books = books();
    let gone = Payout { description: Some("Another".to_owned()), status: PayoutStatus::InTransit, ..payout("po_first", 300, 3) };
    let runs = || books.store().runs(100).unwrap().len();
    let before = runs();
    books.pay_out(&gone);
    assert!(books.is_alone());
    assert_eq!(books.store().runs(100).unwrap().len(), before, "nothing came of it, and no run is kept");
    books.put(ObjectKind::Txn, Fact::Txn(txn("txn_more", 1, 1)), Some(&gone));
    assert!(books.is_alone());
    assert_eq!((books.state(&gone), books.open_codes()), (DepositState::Matched, vec![ExceptionCode::PayoutGap]));
}

#[test]
fn what_a_later_payout_passed_over_is_missed_by_the_accounts_own_payouts() {
    let mut books = books();
    let later = payout("po_2", 500, 21);
    books.pay_out(&later);
    books.put(ObjectKind::Txn, Fact::Txn(txn("txn_2", 500, 12)), Some(&later));
    assert!(books.is_alone());
    books.put(ObjectKind::Txn, Fact::Txn(txn("txn_left", 900, 10)), None);
    assert!(books.is_alone());
    assert!(books.open_codes().contains(&ExceptionCode::SettlementMissing), "{:?}", books.open_codes());
}
