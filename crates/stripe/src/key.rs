//! The API key: what it may do, and that nobody sees it.

use std::fmt;

use facts::Mode;

/// What a restricted key needs for reconciling, all of it reading: the permission's name and what it is for.
pub const PERMISSIONS: [(&str, &str); 6] = [
    ("rak_accounts_kyc_basic_read", "whose key it is"),
    ("rak_balance_read", "balance and balance transactions"),
    ("rak_payout_read", "payouts"),
    ("rak_charge_read", "charges, refunds and early fraud warnings"),
    ("rak_dispute_read", "disputes"),
    ("rak_connected_account_read", "connected accounts, for a platform"),
];

/// What it needs beside for all else that is kept, all of it reading. What it may not read is left out.
pub const MORE_PERMISSIONS: [(&str, &str); 14] = [
    ("rak_event_read", "what has changed"),
    ("rak_payment_intent_read", "payment intents"),
    ("rak_top_up_read", "top-ups"),
    ("rak_customer_read", "customers and their credit"),
    ("rak_product_read", "products"),
    ("rak_plan_read", "prices"),
    ("rak_coupon_read", "coupons"),
    ("rak_promotion_code_read", "promotion codes"),
    ("rak_tax_rate_read", "tax rates"),
    ("rak_invoice_read", "invoices with their lines, items and payments"),
    ("rak_credit_note_read", "credit notes"),
    ("rak_subscription_read", "subscriptions with their items and schedules"),
    ("rak_transfer_read", "transfers and their reversals, for a platform"),
    ("rak_application_fee_read", "application fees and their refunds, for a platform"),
];

/// A secret or restricted key of one mode.
#[derive(Clone, PartialEq, Eq)]
pub struct ApiKey {
    secret: Box<str>,
    mode: Mode,
    restricted: bool,
}

/// The text is no key that can read an account. It is not repeated here: it may be a secret all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadKey {
    /// It begins with no known prefix.
    #[error("the key begins with none of rk_live_, rk_test_, sk_live_, sk_test_")]
    Prefix,
    /// It is a publishable key, which reads nothing.
    #[error("the key is a publishable one (pk_…), which cannot read an account")]
    Publishable,
    /// It holds blanks or other characters that no key has.
    #[error("the key holds characters that no key has; was it cut or quoted?")]
    Characters,
}

impl ApiKey {
    /// Takes a key by its prefix; blanks around it are ignored.
    ///
    /// # Errors
    /// [`BadKey`], which never repeats the text.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        let prefixes = [
            ("rk_live_", Mode::Live, true),
            ("rk_test_", Mode::Test, true),
            ("sk_live_", Mode::Live, false),
            ("sk_test_", Mode::Test, false),
        ];
        if text.starts_with("pk_") {
            return Err(BadKey::Publishable);
        }
        let known = prefixes.iter().find(|(prefix, ..)| text.len() > prefix.len() && text.starts_with(prefix));
        let &(_, mode, restricted) = known.ok_or(BadKey::Prefix)?;
        if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
            return Err(BadKey::Characters);
        }
        Ok(Self { secret: text.into(), mode, restricted })
    }

    /// Live or test.
    #[must_use]
    pub const fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether it is a restricted key. An unrestricted one can move money, and reading needs none of that.
    #[must_use]
    pub const fn is_restricted(&self) -> bool {
        self.restricted
    }

    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }
}

impl fmt::Debug for ApiKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let prefix = if self.restricted { "rk" } else { "sk" };
        write!(f, "{prefix}_{}_…", self.mode.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_prefix_tells_mode_and_reach() {
        let cases = [
            ("rk_live_a1", Mode::Live, true),
            ("sk_live_a1", Mode::Live, false),
            (" rk_test_a1\n", Mode::Test, true),
            ("sk_test_a1", Mode::Test, false),
        ];
        for (text, mode, restricted) in cases {
            let key = ApiKey::parse(text).unwrap();
            assert_eq!((key.mode(), key.is_restricted()), (mode, restricted), "{text}");
        }
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        for (text, expected) in [
            ("", BadKey::Prefix),
            ("rk_live_", BadKey::Prefix),
            ("hunter2", BadKey::Prefix),
            ("pk_live_hunter2", BadKey::Publishable),
            ("rk_live_hun ter2", BadKey::Characters),
        ] {
            let refused = ApiKey::parse(text).unwrap_err();
            assert_eq!(refused, expected);
            assert!(!format!("{refused} {refused:?}").contains("hun"));
        }
    }

    #[test]
    fn a_secret_is_never_shown() {
        let key = ApiKey::parse("rk_live_hunter2").unwrap();
        assert_eq!(format!("{key:?}"), "rk_live_…");
    }
}
