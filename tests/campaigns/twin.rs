//! Two shops in one world: the one lives through it, with a server that is killed, is away and misses deliveries while Stripe
//! fails; the other reads it once, at its end. They must know the same. Run by `./campaign twin`.

mod beside;
mod compare;
mod life;
mod living;
mod stripe;

use sim::Options;

use self::compare::are_twins;
use self::life::{DAY, Life};
use self::living::{Imported, Living, instant};
pub use self::stripe::Stripe;
use crate::shop::{Kind, Shop};
use crate::world::{UNTIL, seeds, whole_or};

/// What becomes of three requests in ten: 429, 5xx, a reset, or a body that is cut off.
const FAULTS: &str = "0.3";

/// Half as many and no 429, after each of which the product asks more slowly: a sample takes less than a minute and not four.
const FAULTS_OF_A_SAMPLE: &str = "500:0.05,reset:0.05,cut-off:0.05";

/// Days of the world before the first sync.
const BEFORE: i64 = 20;

#[test]
#[ignore = "a campaign: ./campaign twin"]
fn a_shop_that_lived_through_everything_knows_what_one_knows_that_reads_at_once() {
    // A rich one for a sample.
    for seed in seeds("TWIN_SEEDS", whole_or(1, 0)..whole_or(2, 20)) {
        live(seed, Kind::Sqlite);
        if whole_or(0, 1) == 1 {
            live(seed, Kind::Postgres);
        }
    }
}

/// Of three worlds two are rich, and one of these has billing.
fn world(seed: u64, life: &Life) -> Options {
    let days = u32::try_from(BEFORE + 1 + life.seconds() / DAY).expect("days");
    let quarter = Options::quarter(seed, UNTIL.parse().expect("a day"));
    let subscriptions = if seed % 3 == 2 { 12 } else { 0 };
    Options { days, per_day: 4, rich: !seed.is_multiple_of(3), subscriptions, ..quarter }
}

fn live(seed: u64, kind: Kind) {
    let told = format!("seed {seed}, {kind:?}");
    let life = Life::of(seed);
    let faults = if whole_or(0, 1) == 1 { FAULTS } else { FAULTS_OF_A_SAMPLE };
    let stripe = Stripe::start(&world(seed, &life), |end| end - life.seconds(), faults);
    let mut living = Living::begin(Shop::new(kind, &stripe.faulty), &stripe, life.dice);
    for spell in life.spells {
        println!("{told}: {} {spell:?}", instant(stripe.now()));
        living.go_through(spell);
    }
    let (lived, seen) = living.end();
    let as_of = instant(stripe.now());
    lived.run(&["reconcile", "--as-of", &as_of]);
    let once = Shop::new(kind, &stripe.honest);
    once.run(&["sync"]);
    Imported::default().import(&stripe, &once);
    once.run(&["reconcile", "--as-of", &as_of]);
    are_twins(&lived, &once, &as_of, &told);
    println!("{told}: twins after {seen:?}");
}
