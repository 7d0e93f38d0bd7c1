//! Lists whose members stand within an object and are no objects of their own.

use axum::http::StatusCode;
use serde_json::Value;

use super::error::StripeError;
use super::expand;
use super::index::{AccountView, CatalogIndex};
use super::list::{self, Page};
use super::members;
use super::params::{self, Allowed};
use crate::catalog::ObjectKind;

/// One such list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Inside {
    /// The objects around it.
    pub(super) around: Around,
    /// Their collection, as addresses have it.
    pub(super) collection: &'static str,
    /// The list's name in the address.
    pub(super) name: &'static str,
    /// What its members are.
    pub(super) member: &'static str,
    /// What it can be narrowed by.
    equals: &'static [&'static str],
    /// Whether a member has an address of its own.
    has_addresses: bool,
}

/// The objects that have such lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Around {
    Account,
    Listed(ObjectKind),
}

/// All of them.
const ALL: [Inside; 3] = [
    Inside {
        around: Around::Listed(ObjectKind::CreditNote),
        collection: "credit_notes",
        name: "lines",
        member: "credit_note_line_item",
        equals: &[],
        has_addresses: false,
    },
    Inside {
        around: Around::Account,
        collection: "accounts",
        name: "external_accounts",
        member: "bank_account",
        equals: &["object"],
        has_addresses: true,
    },
    // Nobody sends money to a customer's own bank details here, so that it is always empty.
    Inside {
        around: Around::Listed(ObjectKind::Customer),
        collection: "customers",
        name: "cash_balance_transactions",
        member: "customer_cash_balance_transaction",
        equals: &[],
        has_addresses: true,
    },
];

/// `collection/:id/name` or `collection/:id/name/:id` after `/v1/`.
pub(super) fn parse(rest: &str) -> Option<(Inside, &str, Option<&str>)> {
    let mut parts = rest.split('/');
    let (collection, id, name) = (parts.next()?, parts.next()?, parts.next()?);
    let (member, deeper) = (parts.next(), parts.next());
    let inside = ALL.into_iter().find(|inside| inside.collection == collection && inside.name == name)?;
    let is_whole = !id.is_empty() && deeper.is_none() && member.is_none_or(|member| inside.has_addresses && !member.is_empty());
    is_whole.then_some((inside, id, member))
}

impl Inside {
    /// All members of the object with this id, in their order; `None` where there is no such object.
    pub(super) fn members(self, index: &CatalogIndex, account: AccountView<'_>, id: &str) -> Option<Vec<Value>> {
        let now = account.now();
        let shown = |body: Value| body.pointer(&format!("/{}/data", self.name)).and_then(Value::as_array).cloned();
        let all = match self.around {
            Around::Account => shown(index.account(id, now)?.account()),
            Around::Listed(kind) => {
                let object = account.shelf(kind).get(id)?;
                object.members(self.name).or_else(|| shown(object.body(now)))
            }
        };
        Some(all.unwrap_or_default())
    }

    /// A page of them.
    ///
    /// # Errors
    /// Stripe's 400 for parameters that the list does not take.
    pub(super) fn page(self, account: AccountView<'_>, all: &[Value], pairs: &[(String, String)]) -> Result<Page, StripeError> {
        let params = params::list(pairs, Allowed::by(&[], self.equals))?;
        params.equals.iter().try_for_each(|(name, value)| members::check(self.member, name, value))?;
        let paths = expand::list_paths(self.member, &params.expand)?;
        let mut page = list::page_within(all, self.member, &params)?;
        for object in &mut page.objects {
            paths.iter().for_each(|path| expand::expand(account, object, path));
        }
        Ok(page)
    }

    /// One of them.
    ///
    /// # Errors
    /// Stripe's 404 for a member that is not there.
    pub(super) fn find<'a>(self, all: &'a [Value], id: &str) -> Result<&'a Value, StripeError> {
        let is_it = |member: &&Value| member.get("id").is_some_and(|known| known == id);
        all.iter().find(is_it).ok_or_else(|| StripeError::missing(StatusCode::NOT_FOUND, self.member, id, "id"))
    }
}
