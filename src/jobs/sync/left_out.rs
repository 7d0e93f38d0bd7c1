//! What the key may not read and reconciling does not need: it is left out, and said so.

use std::collections::{BTreeMap, BTreeSet};

use facts::{AccountId, ObjectKind};
use stripe::StripeError;

use super::context::Halt;

/// Kinds of objects that were left out, by the permission that the key lacks for them.
#[derive(Debug, Default)]
pub struct LeftOut(BTreeMap<String, BTreeSet<(ObjectKind, AccountId)>>);

/// The permission whose lack leaves a kind out; nothing where the trouble is another.
///
/// A connected account that has closed itself names none, and what reconciling needs must be read.
pub fn lacking(kind: ObjectKind, halt: &Halt) -> Option<String> {
    match halt {
        Halt::Stripe(StripeError::Permission { permission, .. }) if !stripe::declaration(kind).is_needed() => permission.clone(),
        _ => None,
    }
}

impl LeftOut {
    /// Notes that an account's objects of a kind were left out.
    pub fn add(&mut self, permission: String, kind: ObjectKind, account: AccountId) {
        self.0.entry(permission).or_default().insert((kind, account));
    }

    /// Adds what was left out with another key.
    pub fn extend(&mut self, other: Self) {
        for (permission, left) in other.0 {
            self.0.entry(permission).or_default().extend(left);
        }
    }

    /// Whether an account's objects of a kind were left out.
    pub fn has(&self, kind: ObjectKind, account: &AccountId) -> bool {
        self.0.values().any(|left| left.contains(&(kind, account.clone())))
    }

    /// The kinds, and for each the permission that would open it.
    pub fn by_kind(&self) -> BTreeMap<&'static str, String> {
        let kinds = |(permission, left): (&String, &BTreeSet<(ObjectKind, AccountId)>)| {
            left.iter().map(|(kind, _)| (kind.as_str(), permission.clone())).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(kinds).collect()
    }

    /// What was left out, a sentence for each permission.
    pub fn sentences(&self) -> Vec<String> {
        self.0.iter().map(|(permission, left)| sentence(permission, left.iter().map(|(kind, _)| *kind).collect())).collect()
    }
}

fn sentence(permission: &str, kinds: BTreeSet<ObjectKind>) -> String {
    if kinds.contains(&ObjectKind::Event) {
        return format!(
            "the key lacks {permission}, so what has changed in older objects is not noticed: give it that permission, or read all \
             again with tieout sync --full"
        );
    }
    let words: Vec<&str> = kinds.iter().map(|kind| kind.as_str()).collect();
    format!("left out: {}; the key lacks {permission}. Give it that permission, or name them in sync_skip", words.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn account() -> AccountId {
        AccountId::parse("acct_1").expect("an id")
    }

    #[test]
    fn kinds_of_one_permission_are_told_together_and_events_in_their_own_words() {
        let mut left_out = LeftOut::default();
        for kind in [ObjectKind::InvoiceItem, ObjectKind::Invoice] {
            left_out.add("rak_invoice_read".to_owned(), kind, account());
        }
        left_out.add("rak_event_read".to_owned(), ObjectKind::Event, account());
        let told = left_out.sentences();
        assert!(told[0].contains("rak_event_read") && told[0].contains("--full"), "{told:?}");
        assert!(told[1].contains("left out: invoice, invoice_item; the key lacks rak_invoice_read"), "{told:?}");
        assert_eq!(left_out.by_kind()["invoice_item"], "rak_invoice_read");
        assert!(left_out.has(ObjectKind::Invoice, &account()) && !left_out.has(ObjectKind::Coupon, &account()));
    }
}
