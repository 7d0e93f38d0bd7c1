//! Living through a world, spell by spell.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use jiff::Timestamp;
use rand::Rng;
use rand::seq::SliceRandom;
use rand_chacha::ChaCha8Rng;
use serde_json::Value;
use sim::BankFile;

use super::beside::Sync;
use super::life::{DAY, Death, Spell};
use super::stripe::Stripe;
use crate::shop::Shop;

/// For how long Stripe tries to deliver.
const RETRIED: i64 = 3 * DAY;

/// A shop that lives with a Stripe.
pub struct Living<'s> {
    shop: Shop,
    stripe: &'s Stripe,
    dice: ChaCha8Rng,
    /// Events that Stripe still tries to deliver.
    undelivered: Vec<Value>,
    imported: Imported,
    seen: Seen,
}

/// What a life has been through.
#[derive(Debug, Default)]
pub struct Seen {
    taken: u64,
    taken_twice: u64,
    lost: u64,
    servers_died: u64,
    servers_overtaken: u64,
    syncs: u64,
    syncs_died: u64,
}

impl<'s> Living<'s> {
    /// A shop that has read everything once.
    pub fn begin(shop: Shop, stripe: &'s Stripe, dice: ChaCha8Rng) -> Self {
        shop.run(&["sync"]);
        Self { shop, stripe, dice, undelivered: Vec::new(), imported: Imported::default(), seen: Seen::default() }
    }

    pub fn go_through(&mut self, spell: Spell) {
        match spell {
            Spell::Away { seconds } => {
                self.shop.kill();
                let before = self.stripe.now();
                self.stripe.pass(seconds);
                self.take_up(before);
            }
            Spell::Listening { seconds, server_dies, sync } => self.listen(seconds, server_dies, sync),
        }
        self.imported.import(self.stripe, &self.shop);
    }

    /// The last sync, after which nothing happens any more.
    pub fn end(mut self) -> (Shop, Seen) {
        self.shop.kill();
        self.shop.run(&["sync"]);
        (self.shop, self.seen)
    }

    fn listen(&mut self, seconds: i64, server_dies: Option<Death>, sync: Option<Option<Death>>) {
        let before = self.stripe.now();
        if server_dies.as_ref().and_then(Death::switch).is_some() {
            self.shop.kill();
            self.serve(server_dies.as_ref());
        } else if !self.shop.serves() {
            self.serve(None);
        }
        self.stripe.pass(seconds / 2);
        if sync.is_some() {
            // While the server catches up, it would be refused.
            self.settle();
        }
        let beside = sync.map(|dies| Sync::start(&self.shop, dies));
        std::thread::sleep(Duration::from_millis(self.dice.random_range(0..1_500)));
        // They may be reading now.
        self.stripe.pass(seconds - seconds / 2);
        self.take_up(before);
        self.deliver();
        if let Some(Death::After(milliseconds)) = server_dies {
            std::thread::sleep(Duration::from_millis(milliseconds));
            self.shop.kill();
        }
        if let Some(beside) = beside {
            let ended = beside.end();
            self.seen.syncs += u64::from(ended == Some(0));
            self.seen.syncs_died += u64::from(ended.is_none());
        }
        self.settle();
    }

    /// Until the server has caught up and worked everything off, as often as it dies meanwhile.
    fn settle(&mut self) {
        while !self.shop.settles() {
            if self.shop.stands_still() {
                self.overtake();
            } else {
                self.seen.servers_died += 1;
                self.serve(None);
            }
        }
    }

    /// A server stands still: a sync takes over, where the server does not keep it out of a file. Then the server goes on.
    fn overtake(&mut self) {
        let sync = Sync::start(&self.shop, None).end();
        self.seen.servers_overtaken += u64::from(sync == Some(0));
        self.shop.wake();
    }

    fn serve(&mut self, dies: Option<&Death>) {
        self.shop.serve(&instant(self.stripe.now()), dies.and_then(Death::switch));
    }

    /// Adds what happened after `since`, and gives up what Stripe has tried for too long.
    fn take_up(&mut self, since: i64) {
        self.undelivered.extend(self.stripe.events(since));
        let known = self.undelivered.len() as u64;
        let now = self.stripe.now();
        self.undelivered.retain(|event| event["created"].as_i64().is_some_and(|created| created + RETRIED > now));
        self.seen.lost += known - self.undelivered.len() as u64;
    }

    /// Delivers in any order; one event in eight never comes, one comes twice, and one waits for the next time. What a server that
    /// has died did not take waits, too.
    fn deliver(&mut self) {
        let mut events = std::mem::take(&mut self.undelivered);
        events.shuffle(&mut self.dice);
        for event in events {
            let times = match self.dice.random_range(0..8) {
                0 => {
                    self.seen.lost += 1;
                    continue;
                }
                1 => 0,
                2 => 2,
                _ => 1,
            };
            // Who delivers gives up on a server that does not answer.
            let times = if self.shop.stands_still() { 0 } else { times };
            let taken = (0..times).filter(|_| self.shop.deliver(&event)).count();
            self.seen.taken += u64::from(taken > 0);
            self.seen.taken_twice += u64::from(taken > 1);
            if taken == 0 {
                self.undelivered.push(event);
            }
        }
    }
}

/// The bank's files that a shop has imported.
#[derive(Default)]
pub struct Imported(BTreeSet<String>);

impl Imported {
    /// Imports what the world has come to: the oldest first, each account's spread over the world's time.
    pub fn import(&mut self, stripe: &Stripe, shop: &Shop) {
        let mut accounts: BTreeMap<&str, Vec<&BankFile>> = BTreeMap::new();
        stripe.world.bank_files.iter().for_each(|file| accounts.entry(&file.bank_account).or_default().push(file));
        for files in accounts.values() {
            for file in files.iter().take(stripe.share_of(files.len())) {
                if self.0.insert(file.name.clone()) {
                    shop.import(file);
                }
            }
        }
    }
}

pub fn instant(seconds: i64) -> String {
    Timestamp::from_second(seconds).expect("an instant").to_string()
}
