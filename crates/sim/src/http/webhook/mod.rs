//! Webhook deliveries: every event of every account, POSTed to one address as Stripe would: signed, mostly at once, some late,
//! doubled or out of order, and again and again over days of the world's time while the address does not answer with 2xx.

mod delivered;
mod notice;
mod queue;
mod signature;

use std::future::Future;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use super::index::EventList;
use super::{Simulator, WorldClock, event};
use crate::catalog::StripeObject;
use queue::Queue;

pub(super) use delivered::Delivered;
pub(super) use notice::thin;
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

impl Payload {
    /// Whether an endpoint with this payload gets an event at all.
    fn tells_of(self, event: &StripeObject) -> bool {
        match self {
            Self::Snapshot => true,
            Self::Thin => event.event_type().is_some_and(notice::is_told),
        }
    }
}

/// The way out into the real world, which this crate does not know.
pub trait Courier: Sync {
    /// Returns when the world's time is `at`, unix seconds.
    fn wait_until(&self, at: i64) -> impl Future<Output = ()> + Send;

    /// POSTs a JSON body with this `Stripe-Signature`. The status of the answer; `None` where there was none.
    fn post(&self, signature: String, body: Vec<u8>) -> impl Future<Output = Option<u16>> + Send;
}

/// Delivers what happens from now on, until the future is dropped.
pub(super) async fn deliver(simulator: &Simulator, clock: &WorldClock, payload: Payload, courier: &impl Courier) {
    let accounts: Vec<Arc<EventList>> = simulator.index.events().collect();
    let (delivered, made, now) = (simulator.index.delivered(), simulator.index.made(), clock());
    delivered.begin(now, payload);
    let histories: Vec<&[StripeObject]> = accounts.iter().map(|events| events.objects()).collect();
    let mut queue = Queue::new(&histories, now);
    let secret = signing_secret(simulator.seed);
    let mut flying = FuturesUnordered::new();
    let mut known = 0;
    loop {
        while flying.len() < IN_FLIGHT_MAX
            && let Some(delivery) = queue.take_due(clock())
        {
            let event = match histories.get(delivery.account as usize) {
                Some(history) => history.get(delivery.event as usize).cloned(),
                None => made.get(delivery.event),
            };
            let Some(event) = event else { continue };
            let Some(body) = body(&event, payload) else { continue };
            // Receivers compare it with their own clock.
            let signature = signature::sign(&secret, simulator.clock.now().as_second(), &body);
            flying.push(async move { (delivery, event, courier.post(signature, body).await) });
        }
        let next = queue.next_due().filter(|_| flying.len() < IN_FLIGHT_MAX);
        tokio::select! {
            // Answers first: a retry counts from when it was refused.
            biased;
            Some((delivery, event, status)) = flying.next(), if !flying.is_empty() => {
                match status {
                    Some(200..300) => delivered.acknowledge(&event.id()),
                    Some(_) | None => queue.again(delivery, clock()),
                }
            }
            () = made.more() => {
                while let Some(event) = made.get(known) {
                    queue.put(event.created, known);
                    known += 1;
                }
            }
            () = courier.wait_until(next.unwrap_or(i64::MAX)), if next.is_some() => {}
        }
    }
}

/// What is sent of an event; `None` where an endpoint with this payload gets nothing.
fn body(event: &StripeObject, payload: Payload) -> Option<Vec<u8>> {
    let mut whole = event.body(event.created);
    let value = match payload {
        Payload::Snapshot => {
            event::count_pending(&mut whole, 1);
            whole
        }
        Payload::Thin => thin(&whole)?,
    };
    // Of a JSON value that always works.
    Some(serde_json::to_vec(&value).unwrap_or_default())
}
