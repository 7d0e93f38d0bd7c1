//! What ties a charge to an object in another account.

use std::sync::Arc;

use super::{dress::Dress, render::order, rows::Stamp};
use crate::json::{Json, json};

/// A charge's partner in another account.
#[derive(Clone, Debug)]
pub(crate) enum Tie {
    /// It names the account that its money goes to.
    Destination {
        /// Serial of the transfer that takes it there.
        transfer: u32,
        /// How much goes, minor units; `None` for all of it.
        amount: Option<i64>,
        to: Arc<Stamp>,
    },
    /// Its money goes by transfers of this order.
    Group(u32),
    /// It is money that the platform sent.
    Received {
        /// Serial of the platform's transfer.
        transfer: u32,
        /// The order that the transfer belongs to.
        group: Option<u32>,
    },
}

/// The name of what belongs to one order.
pub(super) fn group(number: u32) -> String {
    format!("group_{}", order(number))
}

impl Tie {
    /// Lets a charge of `stamp`'s account say it.
    pub(super) fn dress(&self, dress: &mut Dress, since: i64, stamp: &Stamp) {
        match self {
            Self::Destination { transfer, amount, to } => {
                dress.say(since, "transfer", stamp.transfer_id(*transfer));
                dress.say(since, "transfer_data", json!({"amount": *amount, "destination": to.account.clone()}));
            }
            Self::Group(order) => dress.say(since, "transfer_group", group(*order)),
            Self::Received { transfer, group: of } => {
                // No customer, no card.
                for field in ["calculated_statement_descriptor", "customer", "description", "payment_intent", "payment_method"] {
                    dress.say(since, field, Json::Null);
                }
                dress.say(since, "metadata", json!({}));
                dress.say(since, "payment_method_details", json!({"stripe_account": {}, "type": "stripe_account"}));
                dress.say(since, "source_transfer", stamp.platform.as_ref().map(|platform| platform.transfer_id(*transfer)));
                dress.say(since, "transfer_group", of.map(group));
            }
        }
    }
}
