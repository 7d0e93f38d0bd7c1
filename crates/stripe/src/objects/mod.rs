//! Every kind of object that is read, each by one declaration: where Stripe lists it, what shows its changes, which
//! permission opens it, what stands within it, and its columns. A new kind is an entry here, a table in the store and a
//! fixture in the tests.
//!
//! Source of paths, permissions, events and fields: Stripe's API reference at version 2026-10-28.endive.

mod billing;
mod connect;
mod events;
mod payments;

use facts::ObjectKind;

/// How one kind of object is read.
#[derive(Debug)]
pub struct Declaration {
    /// Which kind.
    pub kind: ObjectKind,
    /// Stripe's word for it in `object`.
    pub word: &'static str,
    /// Where it is found.
    pub listing: Listing,
    /// What must be asked for so that its list leaves nothing out.
    pub all: Option<(&'static str, &'static str)>,
    /// The permission that a restricted key needs to read it.
    pub permission: &'static str,
    /// The types of events that tell of its changes. They name it, so that it is read again; what stands within another object is
    /// told of by events that lead to that one.
    pub events: &'static [&'static str],
    /// The field that says when it was made.
    pub created: &'static str,
    /// For how many days after it was made it may change, or become visible, without an event that says so: for so long it
    /// is read again.
    pub quiet_days: i32,
    /// The objects that stand within it, where there are some.
    pub part: Option<Part>,
    /// Its columns; none where it is read into a fact of its own type.
    pub columns: &'static [Column],
}

impl Declaration {
    /// Whether reconciling needs it. The others are kept for whoever asks, and a key need not be able to read them.
    #[must_use]
    pub fn is_needed(&self) -> bool {
        self.columns.is_empty() && self.kind != ObjectKind::Event
    }
}

/// Where a kind of object is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Listing {
    /// It is the answer to this path.
    Single(&'static str),
    /// In a list of its own, newest first; each also stands one level below by its id.
    List(&'static str),
    /// In a list of each object of another kind.
    Within(ObjectKind),
}

/// A list that Stripe embeds in an object: the first ten, and where the rest is.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    /// What is listed.
    pub kind: ObjectKind,
    /// The field that holds the list.
    pub field: &'static str,
    /// Where all of them are listed.
    pub rest: Rest,
    /// The column of the listed that names the object they stand in.
    pub whole: &'static str,
}

/// Where the whole of an embedded list is.
#[derive(Clone, Copy, Debug)]
pub enum Rest {
    /// Below the object: `/v1/invoices/:id/lines`.
    Below(&'static str),
    /// In a list of its own, by the object's id: path and parameter.
    By(&'static str, &'static str),
}

/// One column: a field that people query.
#[derive(Clone, Copy, Debug)]
pub struct Column {
    /// Its name in the table.
    pub name: &'static str,
    /// The field, with dots between the levels.
    pub field: &'static str,
    /// What it holds.
    pub holds: Holds,
}

/// What a column holds. A field that is missing, null or of another type leaves it empty: the object's bytes keep it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// Text.
    Text,
    /// The id of another object, which may come expanded.
    Link,
    /// A whole number: an amount in minor units, a count, an instant in unix seconds.
    Number,
    /// True or false.
    Flag,
    /// A decimal number, as its own text.
    Decimal,
    /// The merchant's own names and values, as a JSON array of pairs.
    Metadata,
}

const fn column(name: &'static str, field: &'static str, holds: Holds) -> Column {
    Column { name, field, holds }
}

/// A kind that is listed, told of by its events, made at `created`, without parts.
const fn listed(
    kind: ObjectKind,
    word: &'static str,
    path: &'static str,
    permission: &'static str,
    columns: &'static [Column],
) -> Declaration {
    let listing = Listing::List(path);
    let events = events::of(kind);
    Declaration { kind, word, listing, permission, events, all: None, created: "created", quiet_days: 1, part: None, columns }
}

/// Every declaration. Reading follows this order.
pub const ALL: &[&Declaration] = &[
    &payments::ACCOUNT,
    &payments::BALANCE,
    &payments::TXN,
    &payments::PAYOUT,
    &payments::CHARGE,
    &payments::REFUND,
    &payments::DISPUTE,
    &payments::EARLY_FRAUD_WARNING,
    &payments::PAYMENT_INTENT,
    &payments::TOPUP,
    &connect::TRANSFER,
    &connect::TRANSFER_REVERSAL,
    &connect::APPLICATION_FEE,
    &connect::APPLICATION_FEE_REFUND,
    &billing::CUSTOMER,
    &billing::CUSTOMER_BALANCE_TXN,
    &billing::PRODUCT,
    &billing::PRICE,
    &billing::COUPON,
    &billing::PROMOTION_CODE,
    &billing::TAX_RATE,
    &billing::INVOICE,
    &billing::INVOICE_LINE,
    &billing::INVOICE_ITEM,
    &billing::INVOICE_PAYMENT,
    &billing::CREDIT_NOTE,
    &billing::SUBSCRIPTION,
    &billing::SUBSCRIPTION_ITEM,
    &billing::SUBSCRIPTION_SCHEDULE,
    &payments::EVENT,
];

/// The declaration of a kind. Every kind has one, which a test holds.
#[must_use]
pub fn declaration(kind: ObjectKind) -> &'static Declaration {
    ALL.iter().copied().find(|declared| declared.kind == kind).unwrap_or(&payments::ACCOUNT)
}

/// The declaration of Stripe's word in `object`.
#[must_use]
pub fn of_word(word: &str) -> Option<&'static Declaration> {
    ALL.iter().copied().find(|declared| declared.word == word)
}

/// The path under which Stripe lists a kind, or of the one object that there is of it; `None` for what stands within others.
#[must_use]
pub fn path(kind: ObjectKind) -> Option<&'static str> {
    match declaration(kind).listing {
        Listing::Single(path) | Listing::List(path) => Some(path),
        Listing::Within(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_permission_is_told_with_what_needs_it() {
        let names = |told: &[(&'static str, &str)]| told.iter().map(|(name, _)| *name).collect::<BTreeSet<_>>();
        let needing = |needed: bool| {
            let declared = ALL.iter().filter(|declared| declared.is_needed() == needed);
            declared.map(|declared| declared.permission).collect::<BTreeSet<_>>()
        };
        let mut needed = names(&crate::PERMISSIONS);
        assert!(needed.remove("rak_accounts_kyc_basic_read"), "the key's own account is none of the lists");
        assert_eq!(needing(true), needed);
        let more: BTreeSet<&str> = needing(false).difference(&needing(true)).copied().collect();
        assert_eq!(more, names(&crate::MORE_PERMISSIONS));
    }

    #[test]
    fn every_kind_has_one_declaration_and_every_part_its_whole() {
        let kinds: Vec<ObjectKind> = ALL.iter().map(|declared| declared.kind).collect();
        assert_eq!(kinds.iter().collect::<BTreeSet<_>>(), ObjectKind::ALL.iter().collect());
        assert_eq!(kinds.len(), ObjectKind::ALL.len());
        for declared in ALL {
            if let Some(part) = declared.part {
                let inner = declaration(part.kind);
                assert_eq!(inner.listing, Listing::Within(declared.kind), "{}", declared.word);
                assert!(inner.columns.iter().any(|column| column.name == part.whole), "{}", declared.word);
            }
        }
    }
}
