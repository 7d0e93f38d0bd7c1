//! What a shop goes through, made from a seed.

use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::world::whole_or;

pub const HOUR: i64 = 3_600;
pub const DAY: i64 = 24 * HOUR;

/// For how long the server is away, once each in every life, and listens before, between and after: less than Stripe tries, as long as it tries, and longer than it
/// remembers events.
const AWAY: [i64; 3] = [HOUR, 3 * DAY, 31 * DAY];

/// Where processes die, besides at any moment: around every commit that a sync, the worker or a reconciliation makes.
const POINTS: [&str; 8] =
    ["run.begin", "run.end", "sync.page", "sync.balance", "sync.events", "webhook.delivery", "webhook.settle", "reconcile.apply"];

/// One stretch of a life.
#[derive(Clone, Debug)]
pub enum Spell {
    /// The server listens while so many seconds pass; some deliveries are lost.
    Listening {
        seconds: i64,
        /// Where the server dies, and its next life after it.
        server_dies: Option<Death>,
        /// Whether a sync runs beside it, and where that dies.
        sync: Option<Option<Death>>,
    },
    /// Nobody listens while so many seconds pass.
    Away { seconds: i64 },
}

/// How a process dies, or seems to.
#[derive(Clone, Debug)]
pub enum Death {
    /// As it reaches this point for the n-th time: `point:n`.
    At(String),
    /// After so many milliseconds.
    After(u64),
    /// Not quite: it stands still as it reaches this point for the n-th time, and goes on once another has taken over.
    StandsStill(String),
}

impl Death {
    /// What tells the process, where it is told.
    pub fn switch(&self) -> Option<(&'static str, &str)> {
        match self {
            Self::At(point) => Some(("TIEOUT_CRASH_AT", point)),
            Self::StandsStill(point) => Some(("TIEOUT_STOP_AT", point)),
            Self::After(_) => None,
        }
    }
}

/// A life's spells, and the seed's further choices.
pub struct Life {
    pub spells: Vec<Spell>,
    pub dice: ChaCha8Rng,
}

impl Life {
    pub fn of(seed: u64) -> Self {
        let mut dice = ChaCha8Rng::seed_from_u64(seed);
        let mut away = AWAY;
        away.shuffle(&mut dice);
        let mut spells: Vec<Spell> = Vec::new();
        for seconds in away {
            spells.extend((0..whole_or(1, 2)).map(|_| listening(&mut dice)));
            spells.push(Spell::Away { seconds });
        }
        spells.push(listening(&mut dice));
        Self { spells, dice }
    }

    /// How long it lasts, in seconds.
    pub fn seconds(&self) -> i64 {
        let of = |spell: &Spell| match spell {
            Spell::Listening { seconds, .. } | Spell::Away { seconds } => *seconds,
        };
        self.spells.iter().map(of).sum()
    }
}

fn listening(dice: &mut ChaCha8Rng) -> Spell {
    let seconds = dice.random_range(HOUR..2 * DAY);
    let server_dies = dice.random_bool(0.5).then(|| death(dice));
    let sync = dice.random_bool(0.4).then(|| dice.random_bool(0.5).then(|| death(dice)));
    Spell::Listening { seconds, server_dies, sync }
}

fn death(dice: &mut ChaCha8Rng) -> Death {
    if dice.random_bool(0.3) {
        return Death::After(dice.random_range(50..4_000));
    }
    let point = POINTS.choose(dice).expect("some");
    let side = if dice.random_bool(0.5) { "before" } else { "after" };
    let at = format!("{point}.{side}_commit:{}", dice.random_range(1..4));
    if dice.random_bool(0.3) { Death::StandsStill(at) } else { Death::At(at) }
}
