//! Carries the simulated Stripe's webhooks to the address that was given.

use std::time::Duration;

use sim::http::Courier;
use stripe::ApiBase;

use super::time::Pace;
use crate::outside::Outside;

/// Reads the address for webhooks. A simulated Stripe talks to this machine only.
///
/// # Errors
/// What is expected instead.
pub(super) fn address(text: &str) -> Result<String, String> {
    let address = text.split('?').next().unwrap_or_default();
    let here = ApiBase::parse(address).is_ok_and(|base| base.is_loopback() && !base.is_encrypted());
    let expected = "expected an address on this machine, such as http://127.0.0.1:8080/webhooks/stripe";
    here.then(|| text.to_owned()).ok_or_else(|| expected.to_owned())
}

/// The longest wait in one go: timers of a year are not to be trusted.
const WAIT_MAX: Duration = Duration::from_secs(3_600);

/// Posts to one address.
pub(super) struct Post {
    pub(super) url: String,
    pub(super) pace: Pace,
    pub(super) outside: Outside,
}

impl Courier for Post {
    async fn wait_until(&self, at: i64) {
        while self.pace.now() < at {
            self.outside.sleep(Duration::from_millis(self.pace.wait_millis(at)).min(WAIT_MAX)).await;
        }
    }

    async fn post(&self, signature: String, body: Vec<u8>) -> Option<u16> {
        let headers = [("content-type", "application/json; charset=utf-8"), ("stripe-signature", signature.as_str())];
        self.outside.post_here(&self.url, &headers, body).await
    }
}
