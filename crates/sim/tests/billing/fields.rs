//! Every object of Billing's has exactly the fields that Stripe gives it.

use std::collections::BTreeSet;

use crate::bodies::{Account, subscribed};
use sim::ObjectKind;

/// Fields that stand only where they apply.
const SOMETIMES: [&str; 3] = ["proration_details", "quantity", "status_details"];

/// What API version 2026-10-28 shows of each kind without being asked.
const FIELDS: [(ObjectKind, &str); 18] = [
    (
        ObjectKind::PaymentIntent,
        "allowed_payment_method_types amount amount_capturable amount_details amount_received application \
         application_fee_amount automatic_payment_methods canceled_at cancellation_reason capture_method client_secret \
         confirmation_method created currency customer customer_account description excluded_payment_method_types id \
         last_payment_error latest_charge livemode managed_payments metadata next_action object on_behalf_of \
         payment_method payment_method_configuration_details payment_method_options payment_method_types payment_record \
         processing receipt_email review setup_future_usage shipping source statement_descriptor \
         statement_descriptor_suffix status transfer_data transfer_group",
    ),
    (
        ObjectKind::Customer,
        "address balance created currency customer_account default_source delinquent description discount email id \
         invoice_prefix invoice_settings livemode metadata name next_invoice_sequence object phone preferred_locales \
         shipping tax_exempt test_clock",
    ),
    (
        ObjectKind::CustomerBalanceTransaction,
        "amount checkout_session created credit_note currency customer customer_account description ending_balance id \
         invoice livemode metadata object type",
    ),
    (
        ObjectKind::Product,
        "active created default_price description id images livemode marketing_features metadata name object \
         package_dimensions shippable statement_descriptor tax_code tax_details type unit_label updated url",
    ),
    (
        ObjectKind::Price,
        "active billing_scheme created currency custom_unit_amount id livemode lookup_key metadata nickname object \
         product recurring tax_behavior tiers_mode transform_quantity type unit_amount unit_amount_decimal",
    ),
    (
        ObjectKind::Plan,
        "active amount amount_decimal billing_scheme created currency id interval interval_count livemode metadata meter \
         nickname object product tiers_mode transform_usage trial_period_days usage_type",
    ),
    (
        ObjectKind::PromotionCode,
        "active code created customer customer_account expires_at id livemode max_redemptions metadata object promotion \
         restrictions times_redeemed",
    ),
    (
        ObjectKind::SubscriptionSchedule,
        "application billing_mode canceled_at completed_at created current_phase customer customer_account \
         default_settings end_behavior id livemode metadata object pause_schedules phases released_at \
         released_subscription status subscription test_clock",
    ),
    (
        ObjectKind::Coupon,
        "amount_off created currency duration duration_in_months id livemode max_redemptions metadata name object \
         percent_off redeem_by times_redeemed valid",
    ),
    (
        ObjectKind::Discount,
        "checkout_session customer customer_account end id invoice invoice_item object promotion_code source start \
         subscription subscription_item",
    ),
    (
        ObjectKind::TaxRate,
        "active country created description display_name effective_percentage flat_amount id inclusive jurisdiction \
         jurisdiction_level livemode metadata object percentage rate_type state tax_type",
    ),
    (
        ObjectKind::Subscription,
        "application application_fee_percent automatic_tax billing_cycle_anchor billing_cycle_anchor_config \
         billing_mode billing_schedules billing_thresholds cancel_at cancel_at_period_end canceled_at \
         cancellation_details collection_method created currency customer customer_account days_until_due \
         default_payment_method default_source default_tax_rates description discounts ended_at id invoice_settings \
         items latest_invoice livemode managed_payments metadata next_pending_invoice_item_invoice object on_behalf_of \
         pause_collection payment_settings pending_invoice_item_interval pending_setup_intent pending_update schedule \
         start_date status test_clock transfer_data trial_end trial_settings trial_start",
    ),
    (
        ObjectKind::SubscriptionItem,
        "billing_thresholds created current_period_end current_period_start current_trial discounts id metadata object \
         plan price subscription tax_rates",
    ),
    (
        ObjectKind::Invoice,
        "account_country account_name account_tax_ids amount_due amount_overpaid amount_paid amount_remaining \
         amount_shipping application attempt_count attempted auto_advance automatic_tax automatically_finalizes_at \
         billing_reason collection_method created currency custom_fields customer customer_account customer_address \
         customer_email customer_name customer_phone customer_shipping customer_tax_exempt customer_tax_ids \
         default_payment_method default_source default_tax_rates description discounts due_date effective_at \
         ending_balance footer from_invoice hosted_invoice_url id invoice_pdf issuer last_finalization_error \
         latest_revision lines livemode metadata next_payment_attempt number object on_behalf_of parent \
         payment_settings period_end period_start post_payment_credit_notes_amount pre_payment_credit_notes_amount \
         receipt_number rendering shipping_cost shipping_details starting_balance statement_descriptor status \
         status_transitions subtotal subtotal_excluding_tax test_clock total total_discount_amounts total_excluding_tax \
         total_pretax_credit_amounts total_taxes webhooks_delivered_at",
    ),
    (
        ObjectKind::InvoiceLine,
        "amount currency description discount_amounts discountable discounts id invoice livemode metadata object parent \
         period pretax_credit_amounts pricing quantity quantity_decimal subscription subtotal taxes",
    ),
    (
        ObjectKind::InvoiceItem,
        "amount currency customer customer_account date description discountable discounts id invoice livemode metadata \
         net_amount object parent period pricing proration quantity quantity_decimal tax_rates test_clock",
    ),
    (
        ObjectKind::InvoicePayment,
        "amount_paid amount_requested created currency id invoice is_default livemode object payment status \
         status_transitions",
    ),
    (
        ObjectKind::CreditNote,
        "amount amount_shipping created currency customer customer_account customer_balance_transaction discount_amount \
         discount_amounts effective_at id invoice lines livemode memo metadata number object out_of_band_amount pdf \
         post_payment_amount pre_payment_amount pretax_credit_amounts reason refunds shipping_cost status subtotal \
         subtotal_excluding_tax total total_excluding_tax total_taxes type voided_at",
    ),
];

#[test]
fn every_object_has_the_fields_of_its_kind_at_any_instant() {
    let world = subscribed(5);
    let middle = world.catalog.now - 90 * 86_400;
    for objects in world.catalog.accounts.values() {
        for now in [middle, world.catalog.now] {
            let account = Account::new(objects, now);
            for (kind, fields) in FIELDS {
                let mut expected: BTreeSet<&str> = fields.split(' ').collect();
                let optional: BTreeSet<&str> = SOMETIMES.into_iter().filter(|field| !expected.contains(field)).collect();
                expected.insert("object");
                let made = account.objects(kind).iter().filter(|object| object.created <= now);
                for body in made.map(|object| object.body(now)) {
                    let fields = body.as_object().expect("an object");
                    let found: BTreeSet<&str> =
                        fields.keys().map(String::as_str).filter(|field| !optional.contains(field)).collect();
                    assert_eq!(found, expected, "{kind:?} at {now}: {body}");
                    assert_eq!(body["object"], kind.as_str());
                }
            }
        }
    }
}
