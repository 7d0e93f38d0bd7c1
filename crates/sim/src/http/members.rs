//! The values that a filter can have, where Stripe names them: others are refused.

use super::error::StripeError;

/// What a flag can be.
const FLAG: &[&str] = &["true", "false"];
const COLLECTION: &[&str] = &["charge_automatically", "send_invoice"];

/// The members of an object's filter; `None` where any text will do.
fn of(object: &str, name: &str) -> Option<&'static [&'static str]> {
    Some(match (object, name) {
        ("event", "delivery_success")
        | ("product", "active" | "shippable")
        | ("price" | "plan" | "promotion_code", "active")
        | ("subscription_schedule", "scheduled")
        | ("tax_rate", "active" | "inclusive")
        | ("subscription", "automatic_tax[enabled]")
        | ("invoiceitem", "pending") => FLAG,
        ("product", "type") => &["good", "service"],
        ("price", "type") => &["one_time", "recurring"],
        ("price", "recurring[interval]") => &["day", "month", "week", "year"],
        ("price", "recurring[usage_type]") => &["licensed", "metered"],
        ("invoice" | "subscription", "collection_method") => COLLECTION,
        ("invoice", "status") => &["draft", "open", "paid", "uncollectible", "void"],
        ("subscription", "status") => &[
            "active",
            "all",
            "canceled",
            "ended",
            "incomplete",
            "incomplete_expired",
            "past_due",
            "paused",
            "trialing",
            "unpaid",
        ],
        ("invoice_payment", "status") => &["canceled", "open", "paid"],
        // `charge` is not among those that Stripe names, but is what an older payment is.
        ("invoice_payment", "payment[type]") => &["charge", "payment_intent", "payment_record"],
        ("topup", "status") => &["canceled", "failed", "pending", "succeeded"],
        ("bank_account", "object") => &["bank_account", "card"],
        _ => return None,
    })
}

/// Takes a filter's value.
///
/// # Errors
/// Stripe's 400, which names the values that there are.
pub(super) fn check(object: &str, name: &str, value: &str) -> Result<(), StripeError> {
    let Some(members) = of(object, name) else { return Ok(()) };
    if members.contains(&value) {
        return Ok(());
    }
    let told = match members {
        FLAG => format!("Invalid boolean: {value}"),
        [one, other] => format!("Invalid {name}: must be one of {one} or {other}"),
        [others @ .., last] => format!("Invalid {name}: must be one of {}, or {last}", others.join(", ")),
        [] => format!("Invalid {name}: {value}"),
    };
    Err(StripeError::bad_request(told).param(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_nothing_can_have_is_refused_with_those_that_there_are() {
        let refusal = StripeError::bad_request("Invalid status: must be one of canceled, open, or paid").param("status");
        assert_eq!(check("invoice_payment", "status", "lost"), Err(refusal));
        assert_eq!(check("invoice_payment", "status", "open"), Ok(()));
        assert_eq!(check("payout", "status", "lost"), Ok(()), "which Stripe does not name as an enumeration");
    }

    #[test]
    fn a_flag_is_true_or_false() {
        let refusal = StripeError::bad_request("Invalid boolean: maybe").param("active");
        assert_eq!(check("price", "active", "maybe"), Err(refusal));
        assert_eq!(check("price", "active", "false"), Ok(()));
    }
}
