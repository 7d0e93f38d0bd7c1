//! What is delivered, made from a seed.

use std::collections::VecDeque;

use rand::seq::IndexedRandom;
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use serde_json::{Value, json};

use crate::shop::{Shop, signature, signature_by};

/// Of a hundred deliveries so many repeat an earlier one, are forged, and are signed and no event; all others are new.
const AGAIN: u32 = 20;
const FORGED: u32 = 10;
const GARBAGE: u32 = 5;

/// Of a hundred new events so many overtake others ...
const DISORDER: u32 = 30;

/// ... of the next so many.
const AHEAD: usize = 500;

/// A charge's event of Stripe's is about this long, in bytes.
const BODY: usize = 4_000;

/// What a delivery is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    New,
    Again,
    Forged,
    Garbage,
}

/// One delivery, still without its body.
#[derive(Clone, Copy, Debug)]
pub struct Delivery {
    pub kind: Kind,
    /// The event's.
    pub number: u64,
}

pub struct Traffic {
    seed: u64,
    charges: Vec<String>,
    filling: String,
}

/// The id of an event.
pub fn id(number: u64) -> String {
    format!("evt_{number:08}")
}

/// The charges that a shop knows.
pub fn charges(shop: &Shop) -> Vec<String> {
    let txns: Value = serde_json::from_slice(&shop.run(&["txn", "list", "--json"]).stdout).expect("JSON");
    let charges = txns.as_array().expect("a list").iter().filter(|txn| txn["type"] == "charge");
    charges.map(|txn| txn["source"].as_str().expect("a charge").to_owned()).collect()
}

impl Traffic {
    /// About these charges.
    pub fn new(seed: u64, charges: Vec<String>) -> Self {
        assert!(!charges.is_empty(), "a world without charges");
        Self { seed, charges, filling: "filling ".repeat(BODY / 8) }
    }

    /// So many deliveries, in the order in which they come.
    pub fn deliveries(&self, count: u64) -> impl Iterator<Item = Delivery> + use<> {
        let mut dice = ChaCha8Rng::seed_from_u64(self.seed);
        let mut coming = Coming { next: 0, ahead: VecDeque::new() };
        let mut came: Vec<u64> = Vec::new();
        (0..count).map(move |place| {
            let drawn = dice.random_range(0..100);
            let kind = match drawn {
                _ if came.is_empty() => Kind::New,
                _ if drawn < AGAIN => Kind::Again,
                _ if drawn < AGAIN + FORGED => Kind::Forged,
                _ if drawn < AGAIN + FORGED + GARBAGE => Kind::Garbage,
                _ => Kind::New,
            };
            let number = match kind {
                Kind::New => coming.take(&mut dice),
                Kind::Again => *came.choose(&mut dice).expect("some came"),
                Kind::Forged | Kind::Garbage => place,
            };
            came.extend((kind == Kind::New).then_some(number));
            Delivery { kind, number }
        })
    }

    /// The body and the signature of a delivery, as of now.
    pub fn written(&self, delivery: Delivery) -> (Vec<u8>, String) {
        let Delivery { kind, number } = delivery;
        match kind {
            Kind::New | Kind::Again => {
                let body = self.event(&id(number), number);
                let signed = signature(&body);
                (body, signed)
            }
            Kind::Forged => self.forged(number),
            Kind::Garbage => {
                let body = self.garbage(number);
                let signed = signature(&body);
                (body, signed)
            }
        }
    }

    fn event(&self, id: &str, number: u64) -> Vec<u8> {
        let charge = usize::try_from(number).ok().and_then(|number| self.charges.get(number % self.charges.len()));
        let object = json!({ "id": charge, "object": "charge", "description": self.filling });
        let event =
            json!({ "id": id, "object": "event", "type": "charge.updated", "livemode": false, "data": { "object": object } });
        event.to_string().into_bytes()
    }

    /// Signed by somebody else, signed and then changed, or not signed at all.
    fn forged(&self, number: u64) -> (Vec<u8>, String) {
        let id = format!("evt_forged_{number}");
        let body = self.event(&id, number);
        match number % 3 {
            0 => (body.clone(), signature_by("whsec_somebody", &body)),
            1 => (body.clone(), signature(&body[1..])),
            _ => (body, String::new()),
        }
    }

    /// Nothing, half an event, an event without an id, and what is no text.
    fn garbage(&self, number: u64) -> Vec<u8> {
        match number % 4 {
            0 => Vec::new(),
            1 => self.event("evt_garbage", number)[..BODY / 2].to_vec(),
            2 => json!({ "object": "event", "type": "charge.updated" }).to_string().into_bytes(),
            _ => vec![0xFF; BODY],
        }
    }
}

/// Events in the order in which they come.
struct Coming {
    next: u64,
    ahead: VecDeque<u64>,
}

impl Coming {
    fn take(&mut self, dice: &mut ChaCha8Rng) -> u64 {
        while self.ahead.len() < AHEAD {
            self.ahead.push_back(self.next);
            self.next += 1;
        }
        let place = if dice.random_range(0..100) < DISORDER { dice.random_range(1..AHEAD) } else { 0 };
        self.ahead.remove(place).expect("it was filled")
    }
}
