//! Customers: those who subscribe and those who only buy.

use money::Currency;

use super::timeline::Timeline;

/// A customer.
#[derive(Clone, Debug)]
pub(crate) struct Customer {
    pub(crate) number: u32,
    pub(crate) created: i64,
    /// The currency of its invoices, where it has any.
    pub(crate) currency: Option<Currency>,
    pub(crate) told: Timeline<Account>,
}

/// What a customer's account says.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Account {
    /// Minor units; negative is credit for its next invoice.
    pub(crate) balance: i64,
    /// Whether its newest invoice could not be collected.
    pub(crate) delinquent: bool,
    /// Invoices that have a number.
    pub(crate) invoices: u32,
}

impl Customer {
    /// A customer who is new at `created`.
    pub(crate) fn new(number: u32, created: i64, currency: Option<Currency>) -> Self {
        Self { number, created, currency, told: Timeline::new(created, &["customer.created"], Account::default()) }
    }
}

/// A change of a customer's credit: not cash.
#[derive(Clone, Debug)]
pub(crate) struct BalanceEntry {
    pub(crate) serial: u32,
    pub(crate) customer: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    /// Minor units; negative is credit to the customer.
    pub(crate) amount: i64,
    /// The balance after it.
    pub(crate) ending: i64,
    pub(crate) cause: Cause,
}

/// Why a customer's balance changes; objects by their serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cause {
    Adjustment,
    AppliedToInvoice(u32),
    UnappliedFromInvoice(u32),
    InvoiceTooSmall(u32),
    CreditNote { note: u32, invoice: u32 },
}
