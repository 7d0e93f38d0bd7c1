//! The systems that merchants keep their books in.

mod homemade;
mod netsuite;
mod quickbooks;
mod sage;
mod sap;
mod shopify;
mod xero;

use super::{
    layout::{Amounts, Dates, Layout, Negative},
    row::{Account, Book, Role},
};
use crate::world::calendar::Region;

/// A system.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum System {
    Shopify,
    NetSuite,
    Sage,
    Sap,
    QuickBooks,
    Xero,
    /// A spreadsheet of the merchant's own.
    #[default]
    Homemade,
}

impl System {
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Shopify => "shopify",
            Self::NetSuite => "netsuite",
            Self::Sage => "sage",
            Self::Sap => "sap",
            Self::QuickBooks => "quickbooks",
            Self::Xero => "xero",
            Self::Homemade => "homemade",
        }
    }

    /// How it writes a book in a country.
    pub(super) fn layout(self, book: Book, region: Region) -> Layout {
        match self {
            Self::Shopify => shopify::layout(book, region),
            Self::NetSuite => netsuite::layout(book, region),
            Self::Sage => sage::layout(book, region),
            Self::Sap => sap::layout(book, region),
            Self::QuickBooks => quickbooks::layout(book, region),
            Self::Xero => xero::layout(book, region),
            Self::Homemade => homemade::layout(book, region),
        }
    }

    /// The number of its `count`th document of this role.
    pub(super) fn number(self, role: Role, count: u64) -> String {
        match self {
            Self::Shopify => shopify::number(role, count),
            Self::NetSuite => netsuite::number(role, count),
            Self::Sage => sage::number(role, count),
            Self::Sap => sap::number(role, count),
            Self::QuickBooks => quickbooks::number(role, count),
            Self::Xero => xero::number(role, count),
            Self::Homemade => homemade::number(role, count),
        }
    }
}

/// A layout as plain as can be, on which the systems build theirs.
fn base(columns: &'static [(&'static str, super::layout::Cell)], region: Region, word: fn(Role) -> &'static str) -> Layout {
    Layout {
        columns,
        delimiter: ',',
        dates: Dates::Iso,
        amounts: POINT,
        latin1: false,
        marked: false,
        preamble: &[],
        quarterly: false,
        tax_percent: tax_percent(region),
        word,
        account: english_account,
    }
}

const fn tax_percent(region: Region) -> i64 {
    match region {
        Region::Us => 0,
        Region::Eu => 19,
        Region::Gb => 20,
        Region::Jp => 10,
    }
}

/// `-1234.50`
const POINT: Amounts = Amounts { decimal: '.', thousands: None, negative: Negative::Minus };
/// `-1,234.50`
const GROUPED: Amounts = Amounts { decimal: '.', thousands: Some(','), negative: Negative::Minus };
/// `-1.234,50`
const COMMA: Amounts = Amounts { decimal: ',', thousands: Some('.'), negative: Negative::Minus };

/// Dates as people of the country write them.
const fn local_dates(region: Region) -> Dates {
    match region {
        Region::Us => Dates::MonthFirst,
        Region::Eu | Region::Gb => Dates::Dotted,
        Region::Jp => Dates::Slashed,
    }
}

const fn english_account(account: Account) -> &'static str {
    match account {
        Account::Clearing => "Stripe Clearing",
        Account::Sales => "Sales Revenue",
        Account::Refunds => "Sales Returns",
        Account::Fees => "Merchant Fees",
        Account::Bank => "Bank",
    }
}
