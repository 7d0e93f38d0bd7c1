//! Xero: sales invoices, account transactions and the general ledger's detail.

use super::{GROUPED, POINT, base};
use crate::{
    books::{
        layout::{Cell, Dates, Layout},
        row::{Account, Book, Role},
    },
    world::calendar::Region,
};

const INVOICES: &[(&str, Cell)] = &[
    ("ContactName", Cell::Name),
    ("EmailAddress", Cell::Email),
    ("InvoiceNumber", Cell::Number),
    ("Reference", Cell::Reference),
    ("InvoiceDate", Cell::Date),
    ("DueDate", Cell::Date),
    ("Total", Cell::Signed),
    ("TaxTotal", Cell::Tax),
    ("InvoiceAmountPaid", Cell::Signed),
    ("InvoiceAmountDue", Cell::Fixed("0.00")),
    ("Description", Cell::Memo),
    ("Currency", Cell::Currency),
    ("Type", Cell::Type),
    ("Status", Cell::Fixed("Paid")),
];

const PAYMENTS: &[(&str, Cell)] = &[
    ("Date", Cell::Date),
    ("Source", Cell::Type),
    ("Contact", Cell::Name),
    ("Transaction ID", Cell::Number),
    ("Description", Cell::Memo),
    ("Reference", Cell::Reference),
    ("Debit", Cell::Debit),
    ("Credit", Cell::Credit),
    ("Currency", Cell::Currency),
    ("Account", Cell::Account),
];

const JOURNAL: &[(&str, Cell)] = &[
    ("Date", Cell::Date),
    ("Source", Cell::Fixed("Manual Journal")),
    ("Journal Number", Cell::Number),
    ("Narration", Cell::Memo),
    ("Reference", Cell::Reference),
    ("Account", Cell::Account),
    ("Currency", Cell::Currency),
    ("Debit", Cell::Debit),
    ("Credit", Cell::Credit),
];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    match book {
        Book::Orders | Book::Transactions | Book::Invoices => {
            Layout { dates: Dates::DayFirst, amounts: POINT, ..base(INVOICES, region, word) }
        }
        Book::Payments => Layout { dates: Dates::Named, amounts: GROUPED, account, ..base(PAYMENTS, region, word) },
        Book::Journal => Layout { dates: Dates::Named, amounts: GROUPED, account, ..base(JOURNAL, region, word) },
    }
}

pub(super) fn number(role: Role, count: u64) -> String {
    match role {
        Role::Sale | Role::Invoice => format!("INV-{:04}", 1 + count),
        Role::Return | Role::CreditMemo => format!("CN-{:04}", 1 + count),
        Role::Payment => format!("RCV-{:05}", 1 + count),
        Role::Refund => format!("SPD-{:05}", 1 + count),
        Role::Deposit => format!("TRF-{:04}", 1 + count),
        Role::Clearing | Role::Counter => format!("{}", 1 + count),
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Sale | Role::Invoice => "Sales invoice",
        Role::Return | Role::CreditMemo => "Sales credit note",
        Role::Payment => "Receive Money",
        Role::Refund => "Spend Money",
        Role::Deposit => "Bank Transfer",
        Role::Clearing | Role::Counter => "Manual Journal",
    }
}

const fn account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "615 - Stripe Clearing",
        Account::Sales => "200 - Sales",
        Account::Refunds => "205 - Refunds",
        Account::Fees => "404 - Bank Fees",
        Account::Bank => "090 - Business Bank Account",
    }
}
