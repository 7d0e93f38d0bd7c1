//! Early fraud warnings: a card's bank says that a charge was not its owner's, before anybody disputes it.

use serde_json::{Value, json};

use super::rows::Stamp;
use crate::catalog::{Row, Step};

/// A warning.
#[derive(Clone, Copy, Debug)]
pub(super) struct Warning {
    pub(super) serial: u32,
    pub(super) created: i64,
    /// Serial of the charge.
    pub(super) charge: u32,
    /// Stripe's fraud type.
    pub(super) fraud: &'static str,
}

impl Row for Warning {
    fn id(&self, stamp: &Stamp) -> String {
        stamp.warning_id(self.serial)
    }
    fn created(&self) -> i64 {
        self.created
    }
    fn body(&self, stamp: &Stamp, _at: i64) -> Value {
        json!({
            "id": self.id(stamp),
            "object": "radar.early_fraud_warning",
            "actionable": true,
            "charge": stamp.charge_id(self.charge),
            "created": self.created,
            "fraud_type": self.fraud,
            "livemode": false,
            "payment_intent": stamp.payment_intent_id(self.charge),
        })
    }
    fn steps(&self) -> Vec<Step> {
        vec![Step { at: self.created, event: "radar.early_fraud_warning.created" }]
    }
}
