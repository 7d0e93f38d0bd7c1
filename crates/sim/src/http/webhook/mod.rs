//! Webhook deliveries: every event of every account, POSTed to one address as Stripe would: signed, mostly at once, some late,
//! doubled or out of order, and again and again over days of the world's time while the address does not answer with 2xx.

mod notice;
mod queue;
mod signature;

use std::future::Future;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::index::CatalogIndex;
use super::{WorldClock, event};
use queue::{Delivery, Queue};

pub use signature::signing_secret;

/// Deliveries that wait for their answer at a time.
const IN_FLIGHT_MAX: usize = 8;

/// What is sent of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// The whole event, with the object as it was.
    Snapshot,
    /// A notification that names the object: Stripe's `v2.core.event`.
    Thin,
}

/// The way out into the real world, which this crate does not know.
pub trait Courier: Sync {
    /// The real time, unix seconds: receivers compare it with their own clock.
    fn signed_at(&self) -> i64;

    /// Returns when the world's time is `at`, unix seconds.
    fn wait_until(&self, at: i64) -> impl Future<Output = ()> + Send;

    /// POSTs a JSON body with this `Stripe-Signature`. The status of the answer; `None` where there was none.
    fn post(&self, signature: String, body: Vec<u8>) -> impl Future<Output = Option<u16>> + Send;
}

/// Delivers what happens from now on, until the future is dropped.
pub(super) async fn deliver(index: &CatalogIndex, clock: &WorldClock, payload: Payload, seed: u64, courier: &impl Courier) {
    let mut queue = Queue::new(index, clock());
    let secret = signing_secret(seed);
    let mut flying = FuturesUnordered::new();
    loop {
        while flying.len() < IN_FLIGHT_MAX
            && let Some(delivery) = queue.take_due(clock())
        {
            let body = body(index, delivery, payload);
            let signature = signature::sign(&secret, courier.signed_at(), &body);
            flying.push(async move { (delivery, courier.post(signature, body).await) });
        }
        let next = queue.next_due().filter(|_| flying.len() < IN_FLIGHT_MAX);
        tokio::select! {
            // Answers first: a retry counts from when it was refused.
            biased;
            Some((delivery, status)) = flying.next(), if !flying.is_empty() => {
                if !status.is_some_and(|status| (200..300).contains(&status)) {
                    queue.again(delivery, clock());
                }
            }
            () = courier.wait_until(next.unwrap_or(i64::MAX)), if next.is_some() => {}
            else => return,
        }
    }
}

fn body(index: &CatalogIndex, delivery: Delivery, payload: Payload) -> Vec<u8> {
    let Some((account, event)) = index.event(delivery.account, delivery.event) else { return Vec::new() };
    let whole = event.body(event.created);
    let value = match payload {
        Payload::Snapshot => whole,
        Payload::Thin => notice::thin(&whole, (!index.is_owner(account)).then_some(account)),
    };
    event::text(&value)
}
