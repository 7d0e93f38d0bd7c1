//! A spreadsheet that the merchant made, in the merchant's language.

use super::{COMMA, POINT, base, local_dates};
use crate::{
    books::{
        layout::{Cell, Layout},
        row::{Account, Book, Role},
    },
    world::calendar::Region,
};

const ENGLISH: &[(&str, Cell)] = &[
    ("placed_on", Cell::Date),
    ("order_no", Cell::Number),
    ("what", Cell::Type),
    ("customer", Cell::Name),
    ("e-mail", Cell::Email),
    ("net", Cell::Net),
    ("tax", Cell::Tax),
    ("total", Cell::Signed),
    ("currency", Cell::Currency),
    ("payment ref", Cell::Reference),
    ("comment", Cell::Memo),
];

const GERMAN: &[(&str, Cell)] = &[
    ("Bestellnr.", Cell::Number),
    ("Datum", Cell::Date),
    ("Art", Cell::Type),
    ("Kunde", Cell::Name),
    ("E-Mail", Cell::Email),
    ("Netto", Cell::Net),
    ("USt", Cell::Tax),
    ("Brutto", Cell::Signed),
    ("Währung", Cell::Currency),
    ("Zahlungsreferenz", Cell::Reference),
    ("Bemerkung", Cell::Memo),
];

const ENGLISH_JOURNAL: &[(&str, Cell)] = &[
    ("date", Cell::Date),
    ("no", Cell::Number),
    ("account", Cell::Account),
    ("text", Cell::Memo),
    ("ref", Cell::Reference),
    ("in", Cell::Debit),
    ("out", Cell::Credit),
    ("cur", Cell::Currency),
];

const GERMAN_JOURNAL: &[(&str, Cell)] = &[
    ("Datum", Cell::Date),
    ("Beleg", Cell::Number),
    ("Konto", Cell::Account),
    ("Buchungstext", Cell::Memo),
    ("Referenz", Cell::Reference),
    ("Soll", Cell::Debit),
    ("Haben", Cell::Credit),
    ("Währung", Cell::Currency),
];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    let german = region == Region::Eu;
    let columns = match (book, german) {
        (Book::Journal, true) => GERMAN_JOURNAL,
        (Book::Journal, false) => ENGLISH_JOURNAL,
        (_, true) => GERMAN,
        (_, false) => ENGLISH,
    };
    let plain = base(columns, region, if german { german_word } else { word });
    let plain = Layout { marked: true, dates: local_dates(region), ..plain };
    if german {
        Layout { delimiter: ';', amounts: COMMA, account: german_account, ..plain }
    } else {
        Layout { amounts: POINT, ..plain }
    }
}

pub(super) fn number(role: Role, count: u64) -> String {
    match role {
        Role::Return | Role::CreditMemo | Role::Refund => format!("G-{:05}", 100 + count),
        Role::Clearing | Role::Counter => format!("{:05}", 1 + count),
        _ => format!("B-{:06}", 4_000 + count),
    }
}

const fn word(role: Role) -> &'static str {
    match role {
        Role::Return | Role::CreditMemo | Role::Refund => "refund",
        _ => "order",
    }
}

const fn german_word(role: Role) -> &'static str {
    match role {
        Role::Return | Role::CreditMemo | Role::Refund => "Gutschrift",
        _ => "Bestellung",
    }
}

const fn german_account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "1361 Stripe Verrechnung",
        Account::Sales => "8400 Erlöse 19 %",
        Account::Refunds => "8700 Erlösschmälerungen",
        Account::Fees => "4970 Nebenkosten Geldverkehr",
        Account::Bank => "1200 Bank",
    }
}
