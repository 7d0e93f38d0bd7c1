//! SAP: customer line items and G/L line items, tab-separated, the minus behind the number.

use super::{COMMA, GROUPED, base};
use crate::{
    books::{
        layout::{Amounts, Cell, Dates, Layout, Negative},
        row::{Account, Book, Role},
    },
    world::calendar::Region,
};

const ITEMS: &[(&str, Cell)] = &[
    ("CoCd", Cell::Fixed("1000")),
    ("DocumentNo", Cell::Number),
    ("Type", Cell::Type),
    ("Pstng Date", Cell::Date),
    ("Doc. Date", Cell::Date),
    ("Customer", Cell::Name),
    ("Assignment", Cell::Reference),
    ("Amount in doc. curr.", Cell::Signed),
    ("Curr.", Cell::Currency),
    ("Text", Cell::Memo),
];

const GERMAN_ITEMS: &[(&str, Cell)] = &[
    ("BuKr", Cell::Fixed("1000")),
    ("Belegnr", Cell::Number),
    ("Art", Cell::Type),
    ("Buch.dat.", Cell::Date),
    ("Belegdatum", Cell::Date),
    ("Debitor", Cell::Name),
    ("Zuordnung", Cell::Reference),
    ("Betrag in Belegwährung", Cell::Signed),
    ("Währg", Cell::Currency),
    ("Text", Cell::Memo),
];

const LINES: &[(&str, Cell)] = &[
    ("CoCd", Cell::Fixed("1000")),
    ("G/L", Cell::Account),
    ("DocumentNo", Cell::Number),
    ("Type", Cell::Type),
    ("Pstng Date", Cell::Date),
    ("Assignment", Cell::Reference),
    ("Amount in local cur.", Cell::Signed),
    ("LCurr", Cell::Currency),
    ("Text", Cell::Memo),
];

const GERMAN_LINES: &[(&str, Cell)] = &[
    ("BuKr", Cell::Fixed("1000")),
    ("Sachkonto", Cell::Account),
    ("Belegnr", Cell::Number),
    ("Art", Cell::Type),
    ("Buch.dat.", Cell::Date),
    ("Zuordnung", Cell::Reference),
    ("Betrag in Hauswährung", Cell::Signed),
    ("HWähr", Cell::Currency),
    ("Text", Cell::Memo),
];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    let german = region == Region::Eu;
    let columns = match (book, german) {
        (Book::Journal, true) => GERMAN_LINES,
        (Book::Journal, false) => LINES,
        (_, true) => GERMAN_ITEMS,
        (_, false) => ITEMS,
    };
    let (amounts, dates) = match region {
        Region::Eu => (COMMA, Dates::Dotted),
        Region::Us => (GROUPED, Dates::MonthFirst),
        Region::Gb => (GROUPED, Dates::Dotted),
        Region::Jp => (GROUPED, Dates::Packed),
    };
    Layout {
        delimiter: '\t',
        dates,
        amounts: Amounts { negative: Negative::Trailing, ..amounts },
        latin1: german,
        account,
        ..base(columns, region, word)
    }
}

pub(super) fn number(role: Role, count: u64) -> String {
    let range: u64 = match role {
        Role::Sale | Role::Invoice => 9_000_000_000,
        Role::Return | Role::CreditMemo | Role::Refund => 1_600_000_000,
        Role::Payment => 1_400_000_000,
        Role::Deposit => 2_000_000_000,
        Role::Clearing | Role::Counter => 100_000_000,
    };
    format!("{}", range + count)
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Sale | Role::Invoice => "RV",
        Role::Return | Role::CreditMemo => "DG",
        Role::Payment => "DZ",
        Role::Refund => "DA",
        Role::Deposit => "ZV",
        Role::Clearing | Role::Counter => "SA",
    }
}

const fn account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "113105",
        Account::Sales => "800000",
        Account::Refunds => "809000",
        Account::Fees => "470100",
        Account::Bank => "113100",
    }
}
