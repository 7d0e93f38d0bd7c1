//! What a restricted key may read, by Stripe's names for it.
//!
//! A key says so itself: `rk_test_only_balance_payout` may read balances and payouts and nothing else. The words are those
//! of Stripe's permissions without `rak_` and `_read`, joined by `_`. They hold for connected accounts as well.

use serde_json::Value;

use super::error::StripeError;
use super::index::AccountView;
use super::inside::Around;
use super::key::Key;
use super::route::Route;
use crate::catalog::ObjectKind;

/// A permission to read: its word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Permission(&'static str);

const ACCOUNTS_KYC_BASIC: Permission = Permission("accounts_kyc_basic");
const APPLICATION_FEE: Permission = Permission("application_fee");
const BALANCE: Permission = Permission("balance");
const BALANCE_TRANSACTION_SOURCE: Permission = Permission("balance_transaction_source");
const CHARGE: Permission = Permission("charge");
const CONNECTED_ACCOUNT: Permission = Permission("connected_account");
const COUPON: Permission = Permission("coupon");
const CREDIT_NOTE: Permission = Permission("credit_note");
const CUSTOMER: Permission = Permission("customer");
const DISPUTE: Permission = Permission("dispute");
const EVENT: Permission = Permission("event");
const INVOICE: Permission = Permission("invoice");
const PAYMENT_INTENT: Permission = Permission("payment_intent");
const PAYOUT: Permission = Permission("payout");
const PLAN: Permission = Permission("plan");
const PRODUCT: Permission = Permission("product");
const PROMOTION_CODE: Permission = Permission("promotion_code");
const REPORT: Permission = Permission("report_runs_and_report_types");
const SUBSCRIPTION: Permission = Permission("subscription");
const TAX_RATE: Permission = Permission("tax_rate");
const TOP_UP: Permission = Permission("top_up");
const TRANSFER: Permission = Permission("transfer");
const WEBHOOK: Permission = Permission("webhook");

/// Every permission whose word a key may hold, those of objects that are not served here among them.
const ALL: [Permission; 25] = [
    ACCOUNTS_KYC_BASIC,
    APPLICATION_FEE,
    BALANCE,
    BALANCE_TRANSACTION_SOURCE,
    CHARGE,
    Permission("checkout_session"),
    CONNECTED_ACCOUNT,
    COUPON,
    CREDIT_NOTE,
    CUSTOMER,
    DISPUTE,
    EVENT,
    INVOICE,
    PAYMENT_INTENT,
    PAYOUT,
    PLAN,
    PRODUCT,
    PROMOTION_CODE,
    Permission("quote"),
    REPORT,
    SUBSCRIPTION,
    TAX_RATE,
    TOP_UP,
    TRANSFER,
    WEBHOOK,
];

/// By how an event's type begins; of two that fit the first is meant.
const EVENTS: [(&str, Permission); 22] = [
    ("application_fee.", APPLICATION_FEE),
    ("charge.dispute.", DISPUTE),
    ("charge.", CHARGE),
    ("coupon.", COUPON),
    ("credit_note.", CREDIT_NOTE),
    ("customer.discount.", COUPON),
    ("customer.subscription.", SUBSCRIPTION),
    ("customer.", CUSTOMER),
    // `invoice_payment.` and `invoiceitem.` among them.
    ("invoice", INVOICE),
    ("payment_intent.", PAYMENT_INTENT),
    ("payout.", PAYOUT),
    ("plan.", PLAN),
    ("price.", PLAN),
    ("product.", PRODUCT),
    ("promotion_code.", PROMOTION_CODE),
    ("radar.early_fraud_warning.", CHARGE),
    ("refund.", CHARGE),
    ("reporting.", REPORT),
    ("subscription_schedule.", SUBSCRIPTION),
    ("tax_rate.", TAX_RATE),
    ("topup.", TOP_UP),
    ("transfer.", TRANSFER),
];

impl Permission {
    /// What Stripe calls it.
    pub(super) fn name(self) -> String {
        let prefix = if self.0.starts_with("report_runs") { "" } else { "rak_" };
        format!("{prefix}{}_read", self.0)
    }

    /// Whether a key with `self` may do what needs `other`.
    pub(super) fn covers(self, other: Self) -> bool {
        self == other || (self == BALANCE_TRANSACTION_SOURCE && [APPLICATION_FEE, BALANCE, TRANSFER].contains(&other))
    }
}

/// The permissions of words such as `balance_payment_intent_payout`; `None` where something else stands there.
pub(super) fn read(words: &str) -> Option<Vec<Permission>> {
    let mut permissions = Vec::new();
    let mut left = Some(words);
    while let Some(words) = left {
        // Words hold `_` themselves, and one may begin as another does: the longest is meant.
        let fits = |permission: &&Permission| {
            words.strip_prefix(permission.0).is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
        };
        let permission = ALL.iter().filter(fits).max_by_key(|permission| permission.0.len())?;
        permissions.push(*permission);
        left = words.strip_prefix(permission.0).and_then(|rest| rest.strip_prefix('_'));
    }
    Some(permissions)
}

/// Every word, for who got one wrong.
pub(super) fn words() -> String {
    ALL.map(|permission| permission.0).join(", ")
}

/// What an address needs.
pub(super) const fn of_route(route: Route<'_>) -> Permission {
    match route {
        Route::OwnAccount => ACCOUNTS_KYC_BASIC,
        Route::Accounts | Route::Account(_) => CONNECTED_ACCOUNT,
        Route::Balance => BALANCE,
        Route::CoreEvents(_) => EVENT,
        Route::Report(_) => REPORT,
        Route::WebhookEndpoints(_) => WEBHOOK,
        Route::List(kind) | Route::Search(kind) | Route::Retrieve(kind, _) => of_kind(kind),
        Route::Inside(inside, _, _) => match inside.around {
            Around::Account => CONNECTED_ACCOUNT,
            Around::Listed(kind) => of_kind(kind),
        },
        Route::Within(nested, _, _) => of_kind(nested.kind),
    }
}

const fn of_kind(kind: ObjectKind) -> Permission {
    match kind {
        ObjectKind::BalanceTransaction => BALANCE,
        ObjectKind::Payout => PAYOUT,
        ObjectKind::Charge | ObjectKind::Refund | ObjectKind::EarlyFraudWarning => CHARGE,
        ObjectKind::Transfer | ObjectKind::TransferReversal => TRANSFER,
        ObjectKind::ApplicationFee | ObjectKind::FeeRefund => APPLICATION_FEE,
        ObjectKind::Topup => TOP_UP,
        ObjectKind::Dispute => DISPUTE,
        ObjectKind::PaymentIntent => PAYMENT_INTENT,
        ObjectKind::Customer | ObjectKind::CustomerBalanceTransaction => CUSTOMER,
        ObjectKind::Product => PRODUCT,
        ObjectKind::Price | ObjectKind::Plan => PLAN,
        ObjectKind::Coupon | ObjectKind::Discount => COUPON,
        ObjectKind::PromotionCode => PROMOTION_CODE,
        ObjectKind::TaxRate => TAX_RATE,
        ObjectKind::Subscription | ObjectKind::SubscriptionSchedule | ObjectKind::SubscriptionItem => SUBSCRIPTION,
        ObjectKind::Invoice | ObjectKind::InvoiceLine | ObjectKind::InvoiceItem | ObjectKind::InvoicePayment => INVOICE,
        ObjectKind::CreditNote => CREDIT_NOTE,
        ObjectKind::Event => EVENT,
    }
}

/// What one must be allowed to read to see an event of this type, beside events: the object that it tells of.
pub(super) fn of_event(event_type: &str) -> Permission {
    EVENTS.iter().find(|(prefix, _)| event_type.starts_with(prefix)).map_or(EVENT, |(_, permission)| *permission)
}

/// Whether a key may see an event, of which `body` is the snapshot.
///
/// # Errors
/// Stripe's 403, which names the permission.
pub(super) fn require_event(key: &Key, account: AccountView<'_>, body: &Value) -> Result<(), StripeError> {
    let event_type = body.get("type").and_then(Value::as_str).unwrap_or_default();
    key.require(of_event(event_type), account.id())
}

/// What an expanded field needs, beside what the object around it does.
pub(super) fn of_expanded(field: &str) -> Option<Permission> {
    match field {
        "source" => Some(BALANCE_TRANSACTION_SOURCE),
        "balance_transaction" | "failure_balance_transaction" => Some(BALANCE),
        "charge"
        | "latest_charge"
        | "refund"
        | "refunds"
        | "source_transaction"
        | "originating_transaction"
        | "source_refund" => Some(CHARGE),
        "original_payout" | "reversed_by" => Some(PAYOUT),
        "application_fee" | "fee" => Some(APPLICATION_FEE),
        "coupon" => Some(COUPON),
        "credit_note" => Some(CREDIT_NOTE),
        "customer" | "customer_balance_transaction" => Some(CUSTOMER),
        "invoice" | "latest_invoice" | "payments" => Some(INVOICE),
        "payment_intent" => Some(PAYMENT_INTENT),
        "plan" | "price" => Some(PLAN),
        "promotion_code" => Some(PROMOTION_CODE),
        "product" => Some(PRODUCT),
        "schedule" | "subscription" | "subscriptions" => Some(SUBSCRIPTION),
        "transfer" | "source_transfer" | "transfer_reversal" | "source_transfer_reversal" => Some(TRANSFER),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_is_meant() {
        assert_eq!(read("balance"), Some(vec![BALANCE]));
        assert_eq!(read("balance_payout"), Some(vec![BALANCE, PAYOUT]));
        assert_eq!(read("balance_transaction_source_balance"), Some(vec![BALANCE_TRANSACTION_SOURCE, BALANCE]));
        for words in ["", "balance_", "_balance", "balanced", "balance_transaction", "payout__charge", "refund"] {
            assert_eq!(read(words), None, "{words}");
        }
    }

    #[test]
    fn every_word_is_read_among_the_others() {
        for permission in ALL {
            assert_eq!(read(&format!("event_{}_invoice", permission.0)).map(|all| all[1]), Some(permission));
        }
        assert_eq!(PAYOUT.name(), "rak_payout_read");
        assert_eq!(read("report_runs_and_report_types").unwrap()[0].name(), "report_runs_and_report_types_read");
    }

    #[test]
    fn the_source_of_a_transaction_opens_what_it_implies() {
        assert!(BALANCE_TRANSACTION_SOURCE.covers(BALANCE) && BALANCE_TRANSACTION_SOURCE.covers(TRANSFER));
        assert!(!BALANCE_TRANSACTION_SOURCE.covers(CHARGE) && !BALANCE.covers(BALANCE_TRANSACTION_SOURCE));
    }
}
