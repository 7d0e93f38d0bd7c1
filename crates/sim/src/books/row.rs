//! A row of a book, before a system writes it in its own way.

use std::rc::Rc;

use money::Currency;
use serde::Serialize;

use super::{damage::Scar, subject::Subject};
use crate::truth::Distinguishable;

/// A series of files of one layout: the unit in which the truth counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Book {
    /// The order system's orders.
    Orders,
    /// The order system's payments and refunds.
    Transactions,
    /// The ERP's invoices and credit memos.
    Invoices,
    /// The ERP's payments, refunds and deposits.
    Payments,
    /// The ledger's lines.
    Journal,
}

impl Book {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Orders => "orders",
            Self::Transactions => "transactions",
            Self::Invoices => "invoices",
            Self::Payments => "payments",
            Self::Journal => "journal",
        }
    }
}

/// What a row is, whatever the system calls it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Role {
    /// An order, or a sale in a list of payments.
    Sale,
    /// An order or payment going back.
    Return,
    Invoice,
    CreditMemo,
    Payment,
    Refund,
    /// A payout as the bank's deposit.
    Deposit,
    /// A journal line on Stripe's clearing account.
    Clearing,
    /// The other side of a journal entry.
    Counter,
}

/// An account of the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Account {
    Clearing,
    Sales,
    Refunds,
    Fees,
    Bank,
}

/// A subject's share of a row, in the row's currency and sign.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) subject: Rc<Subject>,
    pub(super) minor: i64,
}

/// A row.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) role: Role,
    /// The document's number.
    pub(super) number: String,
    /// What the date column says.
    pub(super) day: i64,
    pub(super) currency: Currency,
    /// Minor units; positive: a sale, a deposit, a debit of the clearing account.
    pub(super) amount: i64,
    /// For a converted one: what was converted, and major units for one major unit in millionths.
    pub(super) converted: Option<(Currency, i64, u64)>,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) reference: String,
    pub(super) memo: String,
    pub(super) account: Account,
    /// What it stands for; none for invented rows, copies and counter lines.
    pub(super) parts: Vec<Part>,
    /// On the merchant's side only.
    pub(super) invented: bool,
    /// Says itself that it is cash or another processor's.
    pub(super) elsewhere: bool,
    /// The second of two rows for the same thing, which stands right behind the first of the same number of lines.
    pub(super) copy: bool,
    /// For rows of several parts, whether they can be told.
    pub(super) told: Option<Distinguishable>,
    pub(super) scars: Vec<Scar>,
}

/// Where a row stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Place {
    /// The file, relative to `books/`.
    #[serde(serialize_with = "text")]
    pub(super) file: Rc<str>,
    /// The line of the file, from 1, whatever stands above the header counted too.
    pub(super) row: u64,
    /// The document's number.
    #[serde(serialize_with = "text")]
    pub(super) document: Rc<str>,
}

fn text<S: serde::Serializer>(text: &Rc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text)
}
