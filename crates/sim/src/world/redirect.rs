//! Refunds that reach the customer otherwise than the money came: the card is gone, and a bank account gets it.

use money::Currency;

use super::{
    dress::Dress,
    rows::{Charge, DAY, PAYMENT},
    sales::Shop,
};
use crate::{
    catalog::Step,
    json::{Json, json},
    options::SimError,
};

/// Card refunds that go to a bank account from the start, because the customer said that the card is gone; in a thousand.
const REDIRECTED: u64 = 60;
/// Card refunds that came back and are made again, to a bank account; in a thousand.
const MADE_AGAIN: u64 = 700;
/// Such refunds for which Stripe has to ask the customer for a bank account first; in a thousand.
const ASKED: u64 = 600;
/// Seconds for which Stripe's question stands.
const ASKED_SECONDS: i64 = 45 * DAY;

/// When what happens to a refund on its way to a bank account; unix seconds.
struct Way {
    created: i64,
    /// When the customer has named the account, where Stripe had to ask.
    answered: Option<i64>,
    arrived: i64,
}

/// How Stripe sends money to a customer's bank in this currency; `None` where it does not.
fn transfer(currency: Currency) -> Option<&'static str> {
    match currency.as_str() {
        "usd" => Some("us_bank_transfer"),
        "eur" => Some("eu_bank_transfer"),
        "gbp" => Some("gb_bank_transfer"),
        "jpy" => Some("jp_bank_transfer"),
        _ => None,
    }
}

impl Shop<'_> {
    /// Lets the refund that was made last go to a bank account, or makes it again if it came back.
    pub(super) fn redirect(&mut self, charge: &mut Charge, settled: Currency) -> Result<(), SimError> {
        let Some(kind) = transfer(charge.currency).filter(|_| charge.serial & PAYMENT == 0) else { return Ok(()) };
        let Some(refund) = self.sales.refunds.last() else { return Ok(()) };
        let (amount, reason) = (refund.amount, refund.reason);
        match refund.failure {
            None if self.random.chance(REDIRECTED) => {}
            Some((_, failed)) if self.random.chance(MADE_AGAIN) => {
                let created = failed + self.random.between(3_600, 4 * DAY);
                if created > self.span.end() {
                    return Ok(());
                }
                self.refund(charge, settled, amount, created, reason, None)?;
            }
            _ => return Ok(()),
        }
        self.pay_by_transfer(charge.customer, kind);
        Ok(())
    }

    fn pay_by_transfer(&mut self, customer: u32, kind: &'static str) {
        let asked = self.random.chance(ASKED);
        let (answer, travel) = (self.random.between(1_800, 3 * DAY), self.random.between(DAY, 4 * DAY));
        let reference = self.random.digits(12);
        let email = self.merchant.stamp.customer(customer).email;
        let Some(refund) = self.sales.refunds.last_mut() else { return };
        let created = refund.created;
        let answered = asked.then_some(created + answer);
        let way = Way { created, answered, arrived: answered.unwrap_or(created) + travel };
        dress(refund.dress.get_or_insert_default(), &way, kind, &reference, &email);
    }
}

fn dress(dress: &mut Dress, way: &Way, kind: &'static str, reference: &str, email: &str) {
    let updated = |at| Step { at, event: "refund.updated" };
    dress.say(way.created, "destination_details", details(kind, None));
    if let Some(answered) = way.answered {
        dress.say(way.created, "status", "requires_action");
        dress.say(way.created, "instructions_email", email.to_owned());
        dress.say(way.created, "next_action", question(way.created, email));
        dress.leave_out(answered, "next_action");
        dress.steps.push(updated(answered));
    }
    let sent = way.answered.unwrap_or(way.created);
    dress.say(sent, "status", "pending");
    dress.say(sent, "pending_reason", "processing");
    dress.say(way.arrived, "status", "succeeded");
    dress.leave_out(way.arrived, "pending_reason");
    dress.say(way.arrived, "destination_details", details(kind, Some(reference)));
    dress.steps.push(updated(way.arrived));
}

/// The reference is known once the money has arrived.
fn details(kind: &'static str, reference: Option<&str>) -> Json<'static> {
    let status = if reference.is_some() { "available" } else { "pending" };
    let told = json!({"reference": reference.map(str::to_owned), "reference_status": status});
    Json::object(vec![("type".into(), kind.into()), (kind.into(), told)])
}

fn question(at: i64, email: &str) -> Json<'static> {
    json!({
        "display_details": {"email_sent": {"email_sent_at": at, "email_sent_to": email.to_owned()}, "expires_at": at + ASKED_SECONDS},
        "type": "display_details",
    })
}
