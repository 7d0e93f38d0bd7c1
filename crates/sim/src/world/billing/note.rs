//! Credit notes.

use std::sync::Arc;

use money::Currency;

use super::terms::{Discount, Tax, TaxRate};

/// A credit note: what an invoice billed too much.
#[derive(Clone, Debug)]
pub(crate) struct CreditNote {
    pub(crate) serial: u32,
    pub(crate) invoice: u32,
    pub(crate) invoice_number: u32,
    /// Its place among the credit notes of its invoice, from 1.
    pub(crate) number: u32,
    pub(crate) customer: u32,
    pub(crate) created: i64,
    pub(crate) currency: Currency,
    pub(crate) reason: Option<&'static str>,
    pub(crate) lines: Vec<NoteLine>,
    pub(crate) discount: Option<Arc<Discount>>,
    pub(crate) tax: Option<Arc<TaxRate>>,
    pub(crate) given: Given,
}

/// How the money of a credit note is given; objects by their serial.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Given {
    /// The invoice was not paid yet, and asks for less.
    LessDue,
    Refund(u32),
    Balance(u32),
    OffStripe,
}

/// A line of a credit note: a part of an invoice's line.
#[derive(Clone, Debug)]
pub(crate) struct NoteLine {
    pub(crate) serial: u32,
    /// The invoice's line, by its serial.
    pub(crate) line: u32,
    pub(crate) description: String,
    pub(crate) amount: i64,
    pub(crate) discount: i64,
    pub(crate) tax: Option<Tax>,
}
