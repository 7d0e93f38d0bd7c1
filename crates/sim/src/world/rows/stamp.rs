//! What all objects of one account share, and the ids that come of it.

use std::sync::Arc;

use money::Currency;

use crate::{
    books::people::{Person, person},
    random::{base62, mix},
};

/// What all objects of one account share: the account's id and the key that makes its object ids.
#[derive(Debug)]
pub(crate) struct Stamp {
    /// `acct_…`.
    pub(crate) account: String,
    /// Ten characters that Stripe weaves into every id of an account.
    tag: String,
    key: u64,
    /// The account's bank accounts at Stripe, one a settlement currency: `ba_…`.
    pub(crate) destinations: Vec<(Currency, String)>,
    /// Two-letter country.
    pub(crate) country: &'static str,
    /// What the merchant sells, as its descriptions say.
    pub(crate) goods: &'static str,
    /// The platform that takes a fee of each charge, where there is one: `ca_…`.
    pub(crate) application: Option<String>,
    /// Whether customers leave their names with Stripe; they do where there are books to find them in.
    pub(crate) names: bool,
    /// The platform's, where fees are objects: their ids are the platform's.
    pub(crate) platform: Option<Arc<Self>>,
}

/// Set in the serials of payments (`py_`) and of their refunds (`pyr_`), which are counted with charges and refunds.
pub(crate) const PAYMENT: u32 = 1 << 29;

impl Stamp {
    pub(crate) fn new(
        seed: u64,
        index: u64,
        country: &'static str,
        goods: &'static str,
        currencies: &[Currency],
        application: Option<String>,
    ) -> Self {
        let key = mix(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ mix(index.wrapping_add(0x5eed)));
        let tag = base62(mix(key ^ 0x0bad_cafe), 10);
        let account = format!("acct_1{}{tag}", base62(mix(key ^ 0xacc7), 5));
        let destinations = Vec::new();
        let mut stamp = Self { account, tag, key, destinations, country, goods, application, names: false, platform: None };
        for (at, currency) in currencies.iter().enumerate() {
            let id = stamp.id("ba_1", 12, at as u32);
            stamp.destinations.push((*currency, id));
        }
        stamp
    }

    /// Distinct serials of one kind give distinct ids: a permutation of 64 bits, written in 13 base-62 digits.
    pub(crate) fn id(&self, prefix: &str, kind: u64, serial: u32) -> String {
        let digits = base62(self.bits(kind, serial), 13);
        let (head, tail) = digits.split_at(5);
        format!("{prefix}{head}{}{tail}", self.tag)
    }

    /// What is drawn for the serial of a kind: distinct for distinct serials.
    pub(crate) const fn bits(&self, kind: u64, serial: u32) -> u64 {
        mix(self.key ^ (kind << 40) ^ serial as u64)
    }

    pub(crate) fn txn_id(&self, serial: u32) -> String {
        self.id("txn_3", 1, serial)
    }
    pub(crate) fn payout_id(&self, serial: u32) -> String {
        self.id("po_1", 2, serial)
    }
    pub(crate) fn charge_id(&self, serial: u32) -> String {
        self.id(if serial & PAYMENT == 0 { "ch_3" } else { "py_3" }, 3, serial)
    }
    pub(crate) fn refund_id(&self, serial: u32) -> String {
        self.id(if serial & PAYMENT == 0 { "re_3" } else { "pyr_1" }, 4, serial)
    }
    /// Both prefixes that Stripe uses occur.
    pub(crate) fn dispute_id(&self, serial: u32) -> String {
        self.id(if serial.is_multiple_of(2) { "du_1" } else { "dp_1" }, 5, serial)
    }
    pub(crate) fn payment_intent_id(&self, number: u32) -> String {
        self.id("pi_3", 6, number)
    }
    pub(crate) fn payment_method_id(&self, charge: u32) -> String {
        self.id("pm_1", 7, charge)
    }
    pub(crate) fn application_fee_id(&self, serial: u32) -> String {
        self.platform.as_deref().unwrap_or(self).id("fee_1", 8, serial)
    }
    pub(crate) fn fee_refund_id(&self, serial: u32) -> String {
        self.id("fr_1", 30, serial)
    }
    pub(crate) fn transfer_id(&self, serial: u32) -> String {
        self.id("tr_1", 31, serial)
    }
    pub(crate) fn transfer_reversal_id(&self, serial: u32) -> String {
        self.id("trr_1", 32, serial)
    }
    pub(crate) fn topup_id(&self, serial: u32) -> String {
        self.id("tu_1", 33, serial)
    }
    pub(crate) fn reserve_id(&self, serial: u32) -> String {
        self.id("rsx_1", 34, serial)
    }
    pub(crate) fn collection_id(&self, serial: u32) -> String {
        self.id("connct_1", 35, serial)
    }
    pub(crate) fn warning_id(&self, serial: u32) -> String {
        self.id("issfr_1", 36, serial)
    }
    /// Customers' ids carry no account tag at Stripe.
    pub(crate) fn customer_id(&self, customer: u32) -> String {
        format!("cus_{}", base62(mix(self.key ^ (9 << 40) ^ u64::from(customer)), 14))
    }
    /// The name and e-mail behind a customer's number.
    pub(crate) fn customer(&self, customer: u32) -> Person {
        person(self.key, customer, self.country)
    }
    /// The same, where charges say it.
    pub(crate) fn person(&self, customer: u32) -> Option<Person> {
        self.names.then(|| self.customer(customer))
    }
    /// Sixteen characters that stay the same for one card.
    pub(crate) fn fingerprint(&self, card: u32) -> String {
        base62(mix(self.key ^ (10 << 40) ^ u64::from(card)), 16)
    }
    pub(crate) fn destination(&self, currency: Currency) -> Option<&str> {
        self.destinations.iter().find(|(of, _)| *of == currency).map(|(_, id)| id.as_str())
    }
}
