//! What a server with 10,000 schedules on one SQLite file costs at rest, beside one without any, and how late it starts what is due: one by
//! one, and 500 at once. Prints one line a figure; nothing is asserted.

mod called;
mod fill;
mod process;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use self::called::Called;
use self::fill::SWARM;
use self::process::{Server, Use};
use crate::cost;

/// From the start of the servers until they have looked at everything once.
const BEGINNING: SignedDuration = SignedDuration::from_secs(45);

/// How long they are watched at rest.
const REST: SignedDuration = SignedDuration::from_secs(120);

/// Between two that are due by themselves.
const APART: SignedDuration = SignedDuration::from_millis(500);

/// So many are due by themselves.
const SINGLES: i32 = 300;

/// How long 500 may take.
const SWARM_TIME: SignedDuration = SignedDuration::from_secs(60);

/// So many runs are asked for by a command, the next after so long.
const ASKED: i64 = 20;
const ASKED_APART: Duration = Duration::from_secs(3);

/// When what is measured.
#[derive(Clone, Copy)]
struct Plan {
    rests_at: Timestamp,
    singles_at: Timestamp,
    swarm_at: Timestamp,
}

/// Runs it and prints its figures.
pub fn run() {
    let (folder, called) = (tempfile::tempdir().expect("a folder"), Called::listen());
    let [many, none] = ["many", "none"].map(|name| folder.path().join(name));
    let plan = Plan::from(Timestamp::now());
    fill::fill(&none, &plan, None);
    fill::fill(&many, &plan, Some(&called.address));
    let bare = fill::bare_commits(&folder.path().join("bare.db"), 2 * SWARM);
    let servers = [&many, &none].map(|folder| Server::start(folder));

    wait_until(plan.rests_at);
    print_rest(process::watch(servers.each_ref(), REST));
    wait_until(plan.swarm_at + SWARM_TIME);
    print_late("due at any instant", called.lateness("/single/", |number| plan.single(number)));
    print_late("due at full minutes", called.lateness("/minute/", |minute| second(minute * 60)));
    print_swarm(called.lateness("/swarm/", |_| plan.swarm_at), bare);
    print_late("asked for by a command", ask(&servers[0], &called));
}

/// How long after each command has ended its run called.
fn ask(server: &Server, called: &Called) -> Vec<SignedDuration> {
    let last = fill::SCHEDULES - 1;
    let asked: BTreeMap<i64, Timestamp> = (last - ASKED..last)
        .map(|number| {
            let asked = (number, server.ask(&fill::name(number)));
            std::thread::sleep(ASKED_APART);
            asked
        })
        .collect();
    called.lateness("/later/", |number| asked[&number])
}

impl Plan {
    fn from(now: Timestamp) -> Self {
        // Filling takes some seconds.
        let rests_at = now + SignedDuration::from_secs(30) + BEGINNING;
        let singles_at = rests_at + REST + SignedDuration::from_secs(5);
        let after = singles_at + APART * SINGLES + SignedDuration::from_secs(10);
        let swarm_at = second((after.as_second() / 60 + 1) * 60);
        Self { rests_at, singles_at, swarm_at }
    }

    /// When one is due by itself: never at a full second, where others are.
    fn single(&self, number: i64) -> Timestamp {
        self.singles_at + APART * i32::try_from(number).expect("a few")
    }
}

fn second(unix: i64) -> Timestamp {
    Timestamp::from_second(unix).expect("an instant")
}

fn wait_until(at: Timestamp) {
    std::thread::sleep(Duration::try_from(at.duration_since(Timestamp::now())).unwrap_or_default());
}

fn print_rest([many, none]: [Use; 2]) {
    println!("at rest for               {} s, with {} schedules and beside it without", REST.as_secs(), fill::SCHEDULES);
    println!("of a core                 {} and {} (goal at most 1 %)", percent(many.cpu), percent(none.cpu));
    println!("with / without            {}", cost::ratio(many.cpu, none.cpu));
    println!(
        "threads went to sleep     {} and {} times a minute, those of the lease {} and {}",
        a_minute(many.sleeps),
        a_minute(none.sleeps),
        a_minute(many.of_lease),
        a_minute(none.of_lease)
    );
}

fn print_late(name: &str, mut late: Vec<SignedDuration>) {
    late.sort();
    let at = |hundredths: usize| {
        late.get(late.len().saturating_sub(1) * hundredths / 100).map_or_else(|| "-".to_owned(), |late| milliseconds(*late))
    };
    println!(
        "{name:<25} {} called, after {} (middle), {} (p99), {} at most (goal 1,000 ms)",
        late.len(),
        at(50),
        at(99),
        at(100)
    );
}

fn print_swarm(mut late: Vec<SignedDuration>, bare: Duration) {
    late.sort();
    let (Some(first), Some(last)) = (late.first(), late.last()) else {
        return println!("{SWARM} due at once           none called");
    };
    let [first, most] = [*first, *last].map(milliseconds);
    println!("{SWARM} due at once           {} called, the first after {first}, the last after {most}", late.len());
    println!("{} bare commits         {}", 2 * SWARM, cost::seconds(bare));
    println!("the last / bare commits   {}", cost::ratio(last.unsigned_abs(), bare));
}

/// Thousandths of a percent of a core.
fn percent(cpu: Duration) -> String {
    let thousandths = cpu.as_micros() * 100_000 / REST.unsigned_abs().as_micros();
    format!("{}.{:03} %", thousandths / 1_000, thousandths % 1_000)
}

fn a_minute(count: u64) -> u64 {
    count * 60 / REST.unsigned_abs().as_secs()
}

fn milliseconds(time: SignedDuration) -> String {
    format!("{} ms", time.as_millis())
}
