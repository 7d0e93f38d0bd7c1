//! The ids of Billing's objects.

use super::super::rows::Stamp;
use crate::random::{base62, mix};

/// Payment intents of invoices are numbered from here on, by their invoice payment; below are those of charges.
pub(crate) const INVOICED: u32 = 1 << 31;
/// Customers with subscriptions are numbered from here on; below are those who only buy.
pub(crate) const SUBSCRIBED: u32 = 1 << 30;

impl Stamp {
    pub(crate) fn product_id(&self, serial: u32) -> String {
        format!("prod_{}", base62(self.bits(40, serial), 14))
    }
    pub(crate) fn price_id(&self, serial: u32) -> String {
        self.id("price_1", 41, serial)
    }
    pub(crate) fn coupon_id(&self, serial: u32) -> String {
        base62(self.bits(42, serial), 8)
    }
    pub(crate) fn tax_rate_id(&self, serial: u32) -> String {
        self.id("txr_1", 43, serial)
    }
    pub(crate) fn discount_id(&self, serial: u32) -> String {
        self.id("di_1", 44, serial)
    }
    pub(crate) fn subscription_id(&self, serial: u32) -> String {
        self.id("sub_1", 45, serial)
    }
    pub(crate) fn subscription_item_id(&self, serial: u32) -> String {
        format!("si_{}", base62(self.bits(46, serial), 14))
    }
    pub(crate) fn invoice_id(&self, serial: u32) -> String {
        self.id("in_1", 47, serial)
    }
    pub(crate) fn line_id(&self, serial: u32) -> String {
        self.id("il_1", 48, serial)
    }
    pub(crate) fn invoice_item_id(&self, serial: u32) -> String {
        self.id("ii_1", 49, serial)
    }
    pub(crate) fn invoice_payment_id(&self, serial: u32) -> String {
        self.id("inpay_1", 50, serial)
    }
    pub(crate) fn payment_record_id(&self, invoice_payment: u32) -> String {
        self.id("pr_1", 51, invoice_payment)
    }
    pub(crate) fn credit_note_id(&self, serial: u32) -> String {
        self.id("cn_1", 52, serial)
    }
    pub(crate) fn credit_note_line_id(&self, serial: u32) -> String {
        self.id("cnli_1", 53, serial)
    }
    pub(crate) fn balance_entry_id(&self, serial: u32) -> String {
        self.id("cbtxn_1", 54, serial)
    }
    pub(crate) fn meter_id(&self, price: u32) -> String {
        self.id("mtr_test_6", 55, price)
    }
    pub(crate) fn schedule_id(&self, serial: u32) -> String {
        self.id("sub_sched_1", 58, serial)
    }
    pub(crate) fn promotion_code_id(&self, serial: u32) -> String {
        self.id("promo_1", 59, serial)
    }
    /// What the code of one customer alone ends with.
    pub(crate) fn personal_letters(&self, code: u32) -> String {
        format!("{:06X}", self.bits(60, code) >> 40)
    }
    /// Eight characters with which the numbers of a customer's invoices begin.
    pub(crate) fn invoice_prefix(&self, customer: u32) -> String {
        format!("{:08X}", self.bits(56, customer) >> 32)
    }
    /// What else is drawn for a customer.
    pub(crate) fn dice(&self, customer: u32) -> u64 {
        mix(self.bits(57, customer))
    }
}
