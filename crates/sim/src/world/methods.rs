//! How customers of a rich world pay.

use money::Currency;
use serde_json::{Value, json};

use super::{dress::Dress, rows::Card};
use crate::{catalog::Step, random::Random};

/// A way to pay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Card,
    /// A card in a wallet, by Stripe's name for the wallet.
    Wallet(&'static str),
    Link,
    Klarna,
    UsBankAccount,
    SepaDebit,
}

/// How a debit of a bank account ends: it is certain only days later.
#[derive(Clone, Copy, Debug)]
pub(super) struct Debit {
    pub(super) settled_at: i64,
    /// When it failed, and the txn that took the money back.
    pub(super) failed: Option<(i64, u32)>,
}

impl Method {
    /// A customer's choice among what is offered in `currency`.
    pub(super) fn draw(random: &mut Random, currency: Currency) -> Self {
        let [card, apple, google, link, klarna, debit] = match currency.as_str() {
            "usd" => [60, 14, 8, 6, 3, 9],
            "eur" => [50, 12, 8, 5, 10, 15],
            "gbp" => [66, 16, 10, 4, 4, 0],
            _ => [80, 12, 8, 0, 0, 0],
        };
        match random.weighted(&[card, apple, google, link, klarna, debit]) {
            1 => Self::Wallet("apple_pay"),
            2 => Self::Wallet("google_pay"),
            3 => Self::Link,
            4 => Self::Klarna,
            5 if currency == Currency::USD => Self::UsBankAccount,
            5 => Self::SepaDebit,
            _ => Self::Card,
        }
    }

    /// Stripe's word for it; none for cards.
    const fn word(self) -> Option<&'static str> {
        match self {
            Self::Card | Self::Wallet(_) => None,
            Self::Link => Some("link"),
            Self::Klarna => Some("klarna"),
            Self::UsBankAccount => Some("us_bank_account"),
            Self::SepaDebit => Some("sepa_debit"),
        }
    }

    /// Whether Stripe calls it a payment (`py_`), not a charge.
    pub(super) const fn is_payment(self) -> bool {
        !matches!(self, Self::Card | Self::Wallet(_))
    }

    /// Whether it is certain only days later.
    pub(super) const fn is_debit(self) -> bool {
        matches!(self, Self::UsBankAccount | Self::SepaDebit)
    }

    /// Business days until its money is available.
    pub(super) const fn days(self) -> u32 {
        match self {
            Self::UsBankAccount => 4,
            Self::SepaDebit => 6,
            _ => 2,
        }
    }

    /// What its charge says otherwise than a card's.
    pub(super) fn dress(self, since: i64, card: &Card, fingerprint: String) -> Option<Dress> {
        let details = match self {
            Self::Card => return None,
            Self::Wallet(wallet) => {
                let mut dress = Dress::default();
                let mut said = json!({"dynamic_last4": null, "type": wallet});
                if let Some(fields) = said.as_object_mut() {
                    fields.insert(wallet.to_owned(), json!({}));
                }
                dress.say(since, "/payment_method_details/card/wallet", said);
                return Some(dress);
            }
            Self::Link => json!({"link": {"country": card.country}, "type": "link"}),
            Self::Klarna => {
                json!({"klarna": {"payer_details": null, "payment_method_category": "pay_later", "preferred_locale": "en-US"}, "type": "klarna"})
            }
            Self::UsBankAccount => json!({
                "type": "us_bank_account",
                "us_bank_account": {
                    "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
                    "fingerprint": fingerprint, "last4": format!("{:04}", card.last4), "mandate": format!("mandate_{fingerprint}"),
                    "payment_reference": null, "routing_number": "110000000",
                },
            }),
            Self::SepaDebit => json!({
                "sepa_debit": {
                    "bank_code": "37040044", "branch_code": "", "country": "DE", "fingerprint": fingerprint,
                    "last4": format!("{:04}", card.last4), "mandate": null,
                },
                "type": "sepa_debit",
            }),
        };
        let mut dress = Dress::of(self.word());
        dress.say(since, "payment_method_details", details);
        Some(dress)
    }
}

/// Lets a charge say that its debit is on its way, and how it ended.
pub(super) fn follow(dress: &mut Dress, since: i64, debit: Debit, failure_txn: Option<String>) {
    let ended = debit.failed.map_or(debit.settled_at, |(at, _)| at.min(debit.settled_at));
    dress.say(since, "status", "pending");
    dress.say(since, "paid", false);
    dress.steps = vec![Step { at: since, event: "charge.pending" }];
    if debit.failed.is_none_or(|(at, _)| at > debit.settled_at) {
        dress.say(ended, "status", "succeeded");
        dress.say(ended, "paid", true);
        dress.steps.push(Step { at: ended, event: "charge.succeeded" });
    }
    if let Some((at, _)) = debit.failed {
        dress.say(at, "status", "failed");
        dress.say(at, "paid", false);
        dress.say(at, "failure_balance_transaction", failure_txn);
        dress.say(at, "failure_code", "insufficient_funds");
        dress.say(at, "failure_message", "The customer's account has insufficient funds to cover this payment.");
        dress.say(at, "outcome", Value::Null);
        dress.steps.push(Step { at, event: "charge.failed" });
    }
}
