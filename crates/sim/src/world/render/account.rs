//! An account and its balance.

use std::collections::BTreeMap;

use money::Currency;
use serde_json::{Value, json};

use super::super::{rows::Stamp, schedule::Schedule};
use crate::catalog::{Movement, Row};

/// What an account object says of its merchant.
#[derive(Debug)]
pub(crate) struct Profile {
    pub(crate) name: String,
    pub(crate) default_currency: Currency,
    pub(crate) time_zone: &'static str,
    pub(crate) created: i64,
    /// When it is paid out, and so many business days after a charge.
    pub(crate) schedule: Schedule,
    pub(crate) delay_days: u32,
    pub(crate) debit_negative_balances: bool,
}

fn requirements() -> Value {
    json!({
        "alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null, "errors": [],
        "eventually_due": [], "past_due": [], "pending_verification": [],
    })
}

fn settings(profile: &Profile) -> Value {
    json!({
        "bacs_debit_payments": {"display_name": null, "service_user_number": null},
        "branding": {"icon": null, "logo": null, "primary_color": null, "secondary_color": null},
        "card_issuing": {"tos_acceptance": {"date": null, "ip": null}},
        "card_payments": {
            "decline_on": {"avs_failure": true, "cvc_failure": true},
            "statement_descriptor_prefix": null, "statement_descriptor_prefix_kana": null, "statement_descriptor_prefix_kanji": null,
        },
        "dashboard": {"display_name": profile.name, "timezone": profile.time_zone},
        "invoices": {"default_account_tax_ids": null, "hosted_payment_method_save": null},
        "payments": {
            "statement_descriptor": null, "statement_descriptor_kana": null, "statement_descriptor_kanji": null,
            "statement_descriptor_prefix_kana": null, "statement_descriptor_prefix_kanji": null,
        },
        "payouts": {
            "debit_negative_balances": profile.debit_negative_balances,
            "schedule": profile.schedule.body(profile.delay_days),
            "statement_descriptor": null,
        },
        "sepa_debit_payments": {},
    })
}

fn account(stamp: &Stamp, profile: &Profile) -> Value {
    let address =
        json!({"city": null, "country": stamp.country, "line1": null, "line2": null, "postal_code": null, "state": null});
    json!({
        "id": stamp.account,
        "object": "account",
        "business_profile": {
            "annual_revenue": {"amount": null, "currency": null, "fiscal_year_end": null},
            "estimated_worker_count": null, "mcc": "5734", "minority_owned_business_designation": null, "name": profile.name,
            "product_description": stamp.goods, "specified_commercial_transactions_act_url": null, "support_address": address, "support_email": null, "support_phone": null,
            "support_url": null, "url": null,
        },
        "business_type": "company",
        "capabilities": {"card_payments": "active", "transfers": "active"},
        "charges_enabled": true,
        "controller": {"type": "account"},
        "country": stamp.country,
        "created": profile.created,
        "default_currency": profile.default_currency.as_str(),
        "details_submitted": true,
        "email": null,
        "external_accounts": {
            "data": stamp.destinations.iter().map(|(currency, id)| bank_account(stamp, *currency, id)).collect::<Vec<_>>(),
            "has_more": false, "object": "list", "url": format!("/v1/accounts/{}/external_accounts", stamp.account),
        },
        "future_requirements": requirements(),
        "metadata": {},
        "payouts_enabled": true,
        "requirements": requirements(),
        "settings": settings(profile),
        "tos_acceptance": {"date": profile.created, "ip": null, "user_agent": null},
        "type": "standard",
    })
}

fn bank_account(stamp: &Stamp, currency: Currency, id: &str) -> Value {
    json!({
        "id": id,
        "object": "bank_account",
        "account": stamp.account,
        "account_holder_name": null,
        "account_holder_type": null,
        "account_type": null,
        "available_payout_methods": ["standard", "instant"],
        "bank_name": null,
        "country": stamp.country,
        "currency": currency.as_str(),
        "default_for_currency": true,
        "fingerprint": stamp.fingerprint(u32::from(currency.as_str().bytes().next().unwrap_or(0))),
        "last4": "6789",
        "metadata": {},
        "routing_number": null,
        "status": "verified",
    })
}

impl Row for Profile {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.account.clone()
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        account(stamp, self)
    }
}

/// What an account holds in each currency; minor units.
#[derive(Clone, Debug, Default)]
pub(crate) struct Holdings(pub(crate) BTreeMap<Currency, Held>);

/// What an account holds in one currency; minor units, signed.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Held {
    pub(crate) available: i64,
    pub(crate) pending: i64,
    /// Set aside for connected accounts that owe.
    pub(crate) set_aside: i64,
}

impl Held {
    /// With what moved by `now`; `None` where it outgrows 64 bits.
    pub(crate) fn with(self, movement: Movement, now: i64) -> Option<Self> {
        let mut held = self;
        let part = if movement.available_on > now { &mut held.pending } else { &mut held.available };
        *part = part.checked_add(movement.net)?;
        if movement.sets_aside {
            held.set_aside = held.set_aside.checked_sub(movement.net)?;
        }
        Some(held)
    }
}

impl Row for Holdings {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.account.clone()
    }
    fn created(&self) -> i64 {
        0
    }
    fn body(&self, _: &Stamp, _at: i64) -> Value {
        balance(self)
    }
}

/// The balance of the currencies that `ended` names, after `moved`.
pub(crate) fn balance_of(ended: &Value, moved: impl Iterator<Item = Movement>, now: i64) -> Value {
    let parts = ended.get("available").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let currencies = parts.iter().filter_map(|part| Currency::parse(part.get("currency")?.as_str()?).ok());
    let mut holdings = Holdings(currencies.map(|currency| (currency, Held::default())).collect());
    for movement in moved {
        let held = holdings.0.entry(movement.currency).or_default();
        // The world's own sums fit 64 bits, and with them every part of them that a merchant can reach.
        *held = held.with(movement, now).unwrap_or(*held);
    }
    balance(&holdings)
}

fn balance(holdings: &Holdings) -> Value {
    let list = |part: fn(&Held) -> i64| -> Vec<Value> {
        let told = |(currency, held): (&Currency, &Held)| {
            let amount = part(held);
            json!({"amount": amount, "currency": currency.as_str(), "source_types": {"card": amount}})
        };
        holdings.0.iter().map(told).collect()
    };
    let set_aside = |(currency, held): (&Currency, &Held)| json!({"amount": held.set_aside, "currency": currency.as_str()});
    json!({
        "object": "balance",
        "available": list(|held| held.available),
        "connect_reserved": holdings.0.iter().map(set_aside).collect::<Vec<_>>(),
        "livemode": false,
        "pending": list(|held| held.pending),
    })
}
