//! Shopify: the export of orders and the export of their transactions.

use super::base;
use crate::{
    books::{
        layout::{Cell, Layout},
        row::{Book, Role},
    },
    world::calendar::Region,
};

const ORDERS: &[(&str, Cell)] = &[
    ("Name", Cell::Number),
    ("Email", Cell::Email),
    ("Financial Status", Cell::Type),
    ("Paid at", Cell::Date),
    ("Fulfillment Status", Cell::Fixed("fulfilled")),
    ("Currency", Cell::Currency),
    ("Subtotal", Cell::Net),
    ("Shipping", Cell::Fixed("0.00")),
    ("Taxes", Cell::Tax),
    ("Total", Cell::Signed),
    ("Billing Name", Cell::Name),
    ("Notes", Cell::Memo),
    ("Payment Method", Cell::Fixed("Stripe")),
    ("Payment Reference", Cell::Reference),
    ("Source", Cell::Fixed("web")),
];

const TRANSACTIONS: &[(&str, Cell)] = &[
    ("Order", Cell::Number),
    ("Name", Cell::Name),
    ("Kind", Cell::Type),
    ("Gateway", Cell::Fixed("stripe")),
    ("Created At", Cell::Date),
    ("Status", Cell::Fixed("success")),
    ("Amount", Cell::Unsigned),
    ("Currency", Cell::Currency),
    ("Card Type", Cell::Fixed("")),
    ("Authorization", Cell::Reference),
    ("Message", Cell::Memo),
];

pub(super) fn layout(book: Book, region: Region) -> Layout {
    let columns = if book == Book::Transactions { TRANSACTIONS } else { ORDERS };
    base(columns, region, if book == Book::Transactions { kind } else { status })
}

pub(super) fn number(role: Role, count: u64) -> String {
    match role {
        Role::Return | Role::Refund | Role::CreditMemo => format!("#R{}", 1_000 + count),
        _ => format!("#{}", 1_000 + count),
    }
}

const fn status(role: Role) -> &'static str {
    match role {
        Role::Return | Role::Refund | Role::CreditMemo => "refunded",
        _ => "paid",
    }
}

const fn kind(role: Role) -> &'static str {
    match role {
        Role::Return | Role::Refund | Role::CreditMemo => "refund",
        _ => "sale",
    }
}
