//! How customers of a rich world pay.

use money::Currency;

use super::{
    dress::Dress,
    rows::{Card, Stamp},
};
use crate::{
    catalog::Step,
    json::{Json, json},
    random::Random,
};

/// A way to pay.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Method {
    #[default]
    Card,
    ApplePay,
    GooglePay,
    Link,
    Klarna,
    UsBankAccount,
    SepaDebit,
}

/// How a debit of a bank account ends: it is certain only days later.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Debit {
    pub(crate) settled_at: i64,
    /// When it failed, and the txn that took the money back.
    pub(crate) failed: Option<(i64, u32)>,
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
            1 => Self::ApplePay,
            2 => Self::GooglePay,
            3 => Self::Link,
            4 => Self::Klarna,
            5 if currency == Currency::USD => Self::UsBankAccount,
            5 => Self::SepaDebit,
            _ => Self::Card,
        }
    }

    /// Stripe's word for it; none for cards.
    pub(crate) const fn word(self) -> Option<&'static str> {
        match self {
            Self::Card | Self::ApplePay | Self::GooglePay => None,
            Self::Link => Some("link"),
            Self::Klarna => Some("klarna"),
            Self::UsBankAccount => Some("us_bank_account"),
            Self::SepaDebit => Some("sepa_debit"),
        }
    }

    /// Whether Stripe calls it a payment (`py_`), not a charge.
    pub(super) const fn is_payment(self) -> bool {
        !matches!(self, Self::Card | Self::ApplePay | Self::GooglePay)
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

    /// Lets a charge say otherwise than a card's.
    pub(super) fn dress(self, dress: &mut Dress, since: i64, card: &Card, fingerprint: &str) {
        const WALLET: &str = "/payment_method_details/card/wallet";
        let details = match self {
            Self::Card => return,
            Self::ApplePay => {
                return dress.say(since, WALLET, json!({"apple_pay": {}, "dynamic_last4": null, "type": "apple_pay"}));
            }
            Self::GooglePay => {
                return dress.say(since, WALLET, json!({"dynamic_last4": null, "google_pay": {}, "type": "google_pay"}));
            }
            Self::Link => json!({"link": {"country": card.country}, "type": "link"}),
            Self::Klarna => {
                json!({"klarna": {"payer_details": null, "payment_method_category": "pay_later", "preferred_locale": "en-US"}, "type": "klarna"})
            }
            Self::UsBankAccount => json!({
                "type": "us_bank_account",
                "us_bank_account": {
                    "account_holder_type": "individual", "account_type": "checking", "bank_name": "STRIPE TEST BANK",
                    "fingerprint": fingerprint.to_owned(), "last4": format!("{:04}", card.last4), "mandate": format!("mandate_{fingerprint}"),
                    "payment_reference": null, "routing_number": "110000000",
                },
            }),
            Self::SepaDebit => json!({
                "sepa_debit": {
                    "bank_code": "37040044", "branch_code": "", "country": "DE", "fingerprint": fingerprint.to_owned(),
                    "last4": format!("{:04}", card.last4), "mandate": null,
                },
                "type": "sepa_debit",
            }),
        };
        dress.say(since, "payment_method_details", details);
    }
}

impl Debit {
    /// Whether it went through, for good or for some days.
    fn is_settled(self) -> bool {
        self.failed.is_none_or(|(at, _)| at > self.settled_at)
    }

    /// Lets a charge say that its debit is on its way, and how it ended.
    pub(super) fn dress(self, dress: &mut Dress, since: i64, stamp: &Stamp) {
        dress.say(since, "status", "pending");
        dress.say(since, "paid", false);
        if self.is_settled() {
            dress.say(self.settled_at, "status", "succeeded");
            dress.say(self.settled_at, "paid", true);
        }
        if let Some((at, txn)) = self.failed {
            dress.say(at, "status", "failed");
            dress.say(at, "paid", false);
            dress.say(at, "failure_balance_transaction", stamp.txn_id(txn));
            dress.say(at, "failure_code", "insufficient_funds");
            dress.say(at, "failure_message", "The customer's account has insufficient funds to cover this payment.");
            dress.say(at, "outcome", Json::Null);
        }
    }

    /// The first steps of its charge.
    pub(super) fn steps(self, since: i64) -> Vec<Step> {
        let settled = self.is_settled().then_some(Step { at: self.settled_at, event: "charge.succeeded" });
        let failed = self.failed.map(|(at, _)| Step { at, event: "charge.failed" });
        let pending = Step { at: since, event: "charge.pending" };
        std::iter::once(pending).chain(settled).chain(failed).collect()
    }
}
