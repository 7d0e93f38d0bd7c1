//! The types of balance transactions that are understood, and those that are not.

use money::Currency;

use crate::{AccountId, TxnId};

/// Every `type` that Stripe's API or its documentation names, in alphabetical order; the API's own list had 52 of them at
/// version 2026-10-28. A txn of any other is kept and counted like all others, and raised, because what it means for the books is
/// nobody's guess.
pub const TXN_TYPES: [&str; 66] = [
    "adjusted_for_overdraft_transaction",
    "adjustment",
    "advance",
    "advance_funding",
    "anticipation_repayment",
    "application_fee",
    "application_fee_refund",
    "balance_transfer_inbound",
    "balance_transfer_outbound",
    "charge",
    "climate_order_purchase",
    "climate_order_refund",
    "connect_collection_transfer",
    "contribution",
    "fee_credit_funding",
    "inbound_transfer",
    "inbound_transfer_reversal",
    "issuing_authorization_hold",
    "issuing_authorization_release",
    "issuing_disbursement",
    "issuing_dispute",
    "issuing_dispute_fraud_liability_debit",
    "issuing_dispute_provisional_credit",
    "issuing_dispute_provisional_credit_reversal",
    "issuing_transaction",
    "obligation_inbound",
    "obligation_outbound",
    "obligation_payout",
    "obligation_payout_failure",
    "obligation_reversal_inbound",
    "obligation_reversal_outbound",
    "payment",
    "payment_failure_refund",
    "payment_network_reserve_hold",
    "payment_network_reserve_release",
    "payment_refund",
    "payment_reversal",
    "payment_unreconciled",
    "payout",
    "payout_cancel",
    "payout_failure",
    "payout_minimum_balance_hold",
    "payout_minimum_balance_release",
    "recipient_transfer",
    "recipient_transfer_cancel",
    "recipient_transfer_failure",
    "refund",
    "refund_failure",
    "reserve_hold",
    "reserve_release",
    "reserve_transaction",
    "reserved_funds",
    "stripe_balance_payment_debit",
    "stripe_balance_payment_debit_reversal",
    "stripe_fee",
    "stripe_fx_fee",
    "tax_fee",
    "tax_fund",
    "topup",
    "topup_reversal",
    "transfer",
    "transfer_cancel",
    "transfer_failure",
    "transfer_refund",
    "transferred_to_balance_transaction",
    "validation",
];

/// Txns of one account and currency whose type is not among [`TXN_TYPES`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownType {
    /// Whose.
    pub account: AccountId,
    /// In which currency.
    pub currency: Currency,
    /// Stripe's word.
    pub kind: String,
    /// How many.
    pub txn_count: u64,
    /// Σ net, signed as the balance moved.
    pub sum_net_minor: i64,
    /// The first of them by id.
    pub first: TxnId,
}
