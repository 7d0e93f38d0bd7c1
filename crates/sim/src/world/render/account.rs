//! An account and its balance.

use std::collections::BTreeMap;

use money::Currency;
use serde_json::{Value, json};

use super::super::rows::Stamp;
use crate::catalog::Movement;

/// What an account object says of its merchant.
pub(crate) struct Profile<'a> {
    pub(crate) name: &'a str,
    pub(crate) default_currency: Currency,
    pub(crate) time_zone: &'a str,
    pub(crate) created: i64,
    pub(crate) delay_days: u32,
    pub(crate) debit_negative_balances: bool,
}

fn requirements() -> Value {
    json!({
        "alternatives": [], "current_deadline": null, "currently_due": [], "disabled_reason": null, "errors": [],
        "eventually_due": [], "past_due": [], "pending_verification": [],
    })
}

fn settings(profile: &Profile<'_>) -> Value {
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
            "schedule": {"delay_days": profile.delay_days, "interval": "daily"},
            "statement_descriptor": null,
        },
        "sepa_debit_payments": {},
    })
}

pub(crate) fn account(stamp: &Stamp, profile: &Profile<'_>) -> Value {
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

/// The balance at `now` after what `moved`, in the currencies of `ended`, which is the balance at the world's end.
pub(crate) fn balance_of(ended: &Value, moved: impl Iterator<Item = Movement>, now: i64) -> Value {
    let parts = ended.get("available").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let currencies = parts.iter().filter_map(|part| Currency::parse(part.get("currency")?.as_str()?).ok());
    let mut held: BTreeMap<Currency, (i64, i64)> = currencies.map(|currency| (currency, (0, 0))).collect();
    for movement in moved {
        let (available, pending) = held.entry(movement.currency).or_default();
        let part = if movement.available_on > now { pending } else { available };
        // The world's own sums fit 64 bits, and with them every part of them that a merchant can reach.
        *part = part.saturating_add(movement.net);
    }
    let held: Vec<(Currency, i64, i64)> =
        held.into_iter().map(|(currency, (available, pending))| (currency, available, pending)).collect();
    balance(&held)
}

/// `held`: currency, available, pending; minor units, signed.
pub(crate) fn balance(held: &[(Currency, i64, i64)]) -> Value {
    let part = |amount: i64, currency: Currency| json!({"amount": amount, "currency": currency.as_str(), "source_types": {"card": amount}});
    json!({
        "object": "balance",
        "available": held.iter().map(|(currency, available, _)| part(*available, *currency)).collect::<Vec<_>>(),
        "connect_reserved": held.iter().map(|(currency, _, _)| json!({"amount": 0, "currency": currency.as_str()})).collect::<Vec<_>>(),
        "livemode": false,
        "pending": held.iter().map(|(currency, _, pending)| part(*pending, *currency)).collect::<Vec<_>>(),
    })
}
