//! What the lines of a document come to: of an invoice and of a credit note alike.

use super::{
    invoice::Invoice,
    note::CreditNote,
    terms::{Tax, TaxRate},
};

/// A document with lines. Amounts in minor units, signed.
pub(crate) trait Sums {
    /// Each line's amount, what the discount takes off it, and its tax.
    fn parts(&self) -> impl Iterator<Item = (i64, i64, Option<Tax>)>;

    fn tax_rate(&self) -> Option<&TaxRate>;

    /// Σ lines, before discounts and taxes on top.
    fn subtotal(&self) -> i64 {
        self.parts().map(|(amount, _, _)| amount).sum()
    }

    /// What its discount takes off.
    fn discounted(&self) -> i64 {
        self.parts().map(|(_, discount, _)| discount).sum()
    }

    /// Its taxes, whether on top or within.
    fn taxes(&self) -> i64 {
        self.parts().filter_map(|(_, _, tax)| tax).map(|tax| tax.amount).sum()
    }

    /// The taxes that its lines' amounts do not hold.
    fn taxes_on_top(&self) -> i64 {
        if self.tax_rate().is_some_and(|rate| rate.inclusive) { 0 } else { self.taxes() }
    }

    /// What it comes to; negative on an invoice where it is the merchant who owes.
    fn total(&self) -> i64 {
        self.subtotal() - self.discounted() + self.taxes_on_top()
    }
}

impl Sums for Invoice {
    fn parts(&self) -> impl Iterator<Item = (i64, i64, Option<Tax>)> {
        self.lines.iter().map(|line| (line.entry.amount, line.discount, line.tax))
    }
    fn tax_rate(&self) -> Option<&TaxRate> {
        self.tax.as_deref()
    }
}

impl Sums for CreditNote {
    fn parts(&self) -> impl Iterator<Item = (i64, i64, Option<Tax>)> {
        self.lines.iter().map(|line| (line.amount, line.discount, line.tax))
    }
    fn tax_rate(&self) -> Option<&TaxRate> {
        self.tax.as_deref()
    }
}
