//! QuickBooks: reports under a title of three lines, dates with the month first, account names without numbers.

use super::{GROUPED, base};
use crate::{
    books::{
        layout::{Cell, Dates, Layout},
        row::{Account, Book, Role},
    },
    world::calendar::Region,
};

const TRANSACTIONS: &[(&str, Cell)] = &[
    ("Date", Cell::Date),
    ("Transaction Type", Cell::Type),
    ("Num", Cell::Number),
    ("Customer", Cell::Name),
    ("Email", Cell::Email),
    ("Memo/Description", Cell::Memo),
    ("Ref No.", Cell::Reference),
    ("Posting", Cell::Fixed("Yes")),
    ("Account", Cell::Account),
    ("Currency", Cell::Currency),
    ("Amount", Cell::Signed),
];

const JOURNAL: &[(&str, Cell)] = &[
    ("Date", Cell::Date),
    ("Transaction Type", Cell::Type),
    ("Num", Cell::Number),
    ("Name", Cell::Name),
    ("Memo/Description", Cell::Memo),
    ("Ref No.", Cell::Reference),
    ("Account", Cell::Account),
    ("Currency", Cell::Currency),
    ("Debit", Cell::Debit),
    ("Credit", Cell::Credit),
];

const TITLE: &[&str] = &["Transaction List by Date", "All Dates", ""];
const JOURNAL_TITLE: &[&str] = &["Journal", "All Dates", ""];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    let (columns, preamble) = if book == Book::Journal { (JOURNAL, JOURNAL_TITLE) } else { (TRANSACTIONS, TITLE) };
    Layout { dates: Dates::MonthFirst, amounts: GROUPED, preamble, account, ..base(columns, region, word) }
}

pub(super) fn number(role: Role, count: u64) -> String {
    match role {
        Role::Return | Role::CreditMemo => format!("C{}", 1_001 + count),
        Role::Refund => format!("R{}", 1_001 + count),
        Role::Deposit => format!("D{}", 101 + count),
        Role::Payment => format!("P{}", 1_001 + count),
        _ => format!("{}", 1_001 + count),
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Sale | Role::Invoice => "Invoice",
        Role::Return | Role::CreditMemo => "Credit Memo",
        Role::Payment => "Payment",
        Role::Refund => "Refund",
        Role::Deposit => "Deposit",
        Role::Clearing | Role::Counter => "Journal Entry",
    }
}

const fn account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "Stripe Clearing",
        Account::Sales => "Sales of Product Income",
        Account::Refunds => "Discounts & Refunds Given",
        Account::Fees => "Merchant Account Fees",
        Account::Bank => "Business Checking",
    }
}
