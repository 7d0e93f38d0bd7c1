//! NetSuite: a saved search of transactions, and the GL's detail.

use super::{COMMA, GROUPED, base, local_dates};
use crate::{
    books::{
        layout::{Cell, Layout},
        row::{Account, Book, Role},
    },
    world::calendar::Region,
};

const INVOICES: &[(&str, Cell)] = &[
    ("Type", Cell::Type),
    ("Document Number", Cell::Number),
    ("Date", Cell::Date),
    ("Name", Cell::Name),
    ("Email", Cell::Email),
    ("PO/Check Number", Cell::Reference),
    ("Memo", Cell::Memo),
    ("Currency", Cell::ForeignCurrency),
    ("Amount (Foreign Currency)", Cell::Foreign),
    ("Exchange Rate", Cell::Rate),
    ("Base Currency", Cell::Currency),
    ("Amount (Net)", Cell::Net),
    ("Amount (Tax)", Cell::Tax),
    ("Amount", Cell::Signed),
    ("Status", Cell::Fixed("Paid In Full")),
];

const PAYMENTS: &[(&str, Cell)] = &[
    ("Internal ID", Cell::Number),
    ("Type", Cell::Type),
    ("Date", Cell::Date),
    ("Customer", Cell::Name),
    ("Payment Method", Cell::Fixed("Stripe")),
    ("Reference No.", Cell::Reference),
    ("Memo (Main)", Cell::Memo),
    ("Currency", Cell::Currency),
    ("Amount", Cell::Signed),
    ("Account", Cell::Account),
];

const JOURNAL: &[(&str, Cell)] = &[
    ("Document Number", Cell::Number),
    ("Date", Cell::Date),
    ("Type", Cell::Type),
    ("Account", Cell::Account),
    ("Name", Cell::Name),
    ("External ID", Cell::Reference),
    ("Memo", Cell::Memo),
    ("Currency", Cell::Currency),
    ("Amount (Debit)", Cell::Debit),
    ("Amount (Credit)", Cell::Credit),
    ("Subsidiary", Cell::Fixed("Parent Company")),
];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    let columns = match book {
        Book::Orders | Book::Transactions | Book::Invoices => INVOICES,
        Book::Payments => PAYMENTS,
        Book::Journal => JOURNAL,
    };
    let amounts = if region == Region::Eu { COMMA } else { GROUPED };
    Layout { dates: local_dates(region), amounts, account, ..base(columns, region, word) }
}

pub(super) fn number(role: Role, count: u64) -> String {
    match role {
        Role::Sale | Role::Invoice => format!("INV{}", 10_000 + count),
        Role::Return | Role::CreditMemo => format!("CM{}", 1_000 + count),
        Role::Payment => format!("PYMT{}", 20_000 + count),
        Role::Refund => format!("CREF{}", 3_000 + count),
        Role::Deposit => format!("DEP{}", 500 + count),
        Role::Clearing | Role::Counter => format!("JE{}", 40_000 + count),
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Sale | Role::Invoice => "Invoice",
        Role::Return | Role::CreditMemo => "Credit Memo",
        Role::Payment => "Payment",
        Role::Refund => "Customer Refund",
        Role::Deposit => "Deposit",
        Role::Clearing | Role::Counter => "Journal",
    }
}

const fn account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "1090 Stripe Clearing",
        Account::Sales => "4000 Sales",
        Account::Refunds => "4900 Returns & Allowances",
        Account::Fees => "6150 Merchant Fees",
        Account::Bank => "1000 Checking",
    }
}
