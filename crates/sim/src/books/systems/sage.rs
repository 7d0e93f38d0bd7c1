//! Sage 50: the audit trail, one line a posting, amounts without signs or with parentheses.

use super::{COMMA, GROUPED, base};
use crate::{
    books::{
        layout::{Amounts, Cell, Dates, Layout, Negative},
        row::{Account, Book, Role},
    },
    world::calendar::Region,
};

const POSTINGS: &[(&str, Cell)] = &[
    ("No", Cell::Number),
    ("Type", Cell::Type),
    ("Account Reference", Cell::Name),
    ("Nominal A/C Ref", Cell::Account),
    ("Date", Cell::Date),
    ("Reference", Cell::Reference),
    ("Details", Cell::Memo),
    ("Net Amount", Cell::Net),
    ("Tax Code", Cell::Fixed("T1")),
    ("Tax Amount", Cell::Tax),
    ("Gross Amount", Cell::Signed),
    ("Currency", Cell::Currency),
];

const JOURNAL: &[(&str, Cell)] = &[
    ("No", Cell::Number),
    ("Type", Cell::Type),
    ("Nominal A/C Ref", Cell::Account),
    ("Date", Cell::Date),
    ("Reference", Cell::Reference),
    ("Details", Cell::Memo),
    ("Amount", Cell::Signed),
    ("Currency", Cell::Currency),
];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    let columns = if book == Book::Journal { JOURNAL } else { POSTINGS };
    let european = region == Region::Eu;
    let (decimals, dates) = if european { (COMMA, Dates::Dotted) } else { (GROUPED, Dates::DayFirst) };
    Layout {
        delimiter: if european { ';' } else { ',' },
        amounts: Amounts { negative: Negative::Parentheses, ..decimals },
        dates,
        latin1: true,
        quarterly: true,
        account,
        ..base(columns, region, word)
    }
}

pub(super) fn number(_role: Role, count: u64) -> String {
    format!("{}", 5_001 + count)
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Sale | Role::Invoice => "SI",
        Role::Return | Role::CreditMemo => "SC",
        Role::Payment => "SR",
        Role::Refund => "SP",
        Role::Deposit => "BR",
        Role::Clearing => "JD",
        Role::Counter => "JC",
    }
}

const fn account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "1250",
        Account::Sales => "4000",
        Account::Refunds => "4009",
        Account::Fees => "7901",
        Account::Bank => "1200",
    }
}
