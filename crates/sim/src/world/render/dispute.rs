//! A dispute, with its balance transactions whole inside it.

use serde_json::{Map, Value, json};

use super::{
    super::rows::{DAY, Dispute, Stamp},
    order, txn,
};

/// Every field of `evidence`; a merchant fills some of them in, ours none.
const EVIDENCE: [&str; 27] = [
    "access_activity_log",
    "billing_address",
    "cancellation_policy",
    "cancellation_policy_disclosure",
    "cancellation_rebuttal",
    "customer_communication",
    "customer_email_address",
    "customer_name",
    "customer_purchase_ip",
    "customer_signature",
    "duplicate_charge_documentation",
    "duplicate_charge_explanation",
    "duplicate_charge_id",
    "product_description",
    "receipt",
    "refund_policy",
    "refund_policy_disclosure",
    "refund_refusal_explanation",
    "service_date",
    "service_documentation",
    "shipping_address",
    "shipping_carrier",
    "shipping_date",
    "shipping_documentation",
    "shipping_tracking_number",
    "uncategorized_file",
    "uncategorized_text",
];

pub(crate) fn dispute(stamp: &Stamp, row: &Dispute, at: i64) -> Value {
    let txns: Vec<Value> = row.txns.iter().filter(|txn| txn.created <= at).map(|row| txn(stamp, row, at).into()).collect();
    let mut evidence: Map<String, Value> = EVIDENCE.iter().map(|field| ((*field).to_owned(), Value::Null)).collect();
    evidence.insert("enhanced_evidence".to_owned(), json!({}));
    let answered = row.is_answered(at);
    json!({
        "id": stamp.dispute_id(row.serial),
        "object": "dispute",
        "amount": row.amount,
        "balance_transactions": txns,
        "charge": stamp.charge_id(row.charge),
        "created": row.created,
        "currency": row.currency.as_str(),
        "enhanced_eligibility_types": [],
        "evidence": evidence,
        "evidence_details": {
            "due_by": row.created + 9 * DAY,
            "enhanced_eligibility": {},
            "has_evidence": answered,
            "past_due": false,
            "submission_count": i64::from(answered),
            "submission_method": if answered { "manual" } else { "not_submitted" },
        },
        "intended_submission_method": null,
        "is_charge_refundable": false,
        "livemode": false,
        "metadata": if row.intent.is_some() { json!({}) } else { json!({"order_id": order(row.order)}) },
        "payment_intent": stamp.payment_intent_id(row.intent.unwrap_or(row.charge)),
        "payment_method_details": {
            "card": {"brand": row.brand, "case_type": "chargeback", "network": row.brand, "network_reason_code": row.network_code},
            "type": "card",
        },
        "reason": row.reason,
        "status": row.status(at),
    })
}
