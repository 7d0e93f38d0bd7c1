//! What the servers go through.

use std::fmt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use jiff::SignedDuration;
use rand::seq::{IndexedRandom, SliceRandom};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use rusqlite::OpenFlags;
use store::{BankLineFilter, Pace};

use super::clock::{Clock, OFF};
use super::ledger::{Counts, Ledger};
use super::plan::{Job, PLANS};
use super::receiver::Receiver;
use super::server::Server;
use super::watch::Watch;
use crate::shop::{Kind, Shop, trail_holds};
use crate::world::{World, whole_or};

/// How long what must come may take, before the campaign says that it did not.
const PATIENCE: Duration = Duration::from_secs(300);

/// For how long one stands still that is to be overtaken, before it is tried anew: it may just have lost the lease by itself.
const OVERTAKEN_WITHIN: Duration = Duration::from_secs(45);

/// Who writes has written within this, unless it stands still.
const WRITES_WITHIN: Duration = Duration::from_secs(1);

/// Between two frames.
const LOOK_AGAIN: Duration = Duration::from_millis(60);

const SECRET: &str = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";

/// Nobody asks Stripe for anything.
const NO_STRIPE: &str = "http://127.0.0.1:9";

/// What happens to them, once each in every stretch of a life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mischief {
    /// Who has the lease is killed.
    HolderDies,
    /// Any of them is killed.
    AnyDies,
    /// Who has the lease stands still for a few minutes.
    HolderPauses,
    /// Any of them stands still for a few minutes.
    AnyPauses,
    /// Who has the lease stands still until another has it, and wakes up.
    HolderIsOvertaken,
    /// All die, and are away for hours.
    AllAreAway,
}

const ALL: [Mischief; 6] = [
    Mischief::HolderDies,
    Mischief::AnyDies,
    Mischief::HolderPauses,
    Mischief::AnyPauses,
    Mischief::HolderIsOvertaken,
    Mischief::AllAreAway,
];

/// Where one that was killed dies again, once it has the lease.
const POINTS: [&str; 6] = [
    "schedule.settle.before_commit",
    "schedule.settle.after_commit",
    "schedule.run.before_commit",
    "schedule.run.after_commit",
    "alert.settle.before_commit",
    "alert.settle.after_commit",
];

/// What was lived through.
pub struct Lived {
    hours: i64,
    killed: u64,
    died: u64,
    paused: u64,
    overtaken: Vec<u64>,
    away: u64,
    looks: u64,
    slowest: SignedDuration,
    late: usize,
    opened: u64,
    recovered: u64,
    watchman: u64,
    counts: Counts,
}

impl fmt::Display for Lived {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { hours, killed, died, paused, overtaken, away, looks, slowest, late, opened, recovered, watchman, counts } =
            self;
        let Counts { occurrences, missed, caught_up, skipped, runs, tries, lost, calls } = counts;
        write!(
            f,
            "{hours} h, {occurrences} occurrences: {missed} missed, {caught_up} caught up, {skipped} skipped; {runs} runs, {tries} tries, \
             {lost} lost, {calls} calls; {killed} killed, {died} died at commits, \
             {paused} paused, {} overtaken after {overtaken:?} real seconds, {away} times all away; {looks} looks, {late} rows of what \
             was missed or late, {opened} alerts, {recovered} recovered, told at most {slowest:#} after what was missed was found; the \
             watchman was called {watchman} times",
            overtaken.len()
        )
    }
}

pub struct Life {
    dice: ChaCha8Rng,
    /// How wrong clocks are: how many servers there will have been is not of the seed.
    clocks: ChaCha8Rng,
    clock: Clock,
    shop: Shop,
    receiver: Receiver,
    servers: [Option<Server>; 3],
    watch: Watch,
    /// Statement files that are still to come, and lines in all.
    files: Vec<PathBuf>,
    lines: usize,
    world: World,
    killed: u64,
    died: u64,
    paused: u64,
    /// After how many seconds, none of them the servers', another had the lease.
    overtaken: Vec<u64>,
    away: u64,
}

impl Life {
    pub fn begin(seed: u64, kind: Kind) -> Self {
        let shop = Shop::new(kind, NO_STRIPE);
        shop.run(&["db", "migrate"]);
        let world = World::start(seed, whole_or(7, 30), 1, "0");
        let account = &world.truth.bank_accounts[0];
        let (files, lines) = (world.files(account).into_iter().map(PathBuf::from).collect(), account.line_count);
        let (clock, receiver) = (Clock::begin(), Receiver::start());
        let watch = Watch::begin(shop.store(), clock);
        let (dice, clocks) = (ChaCha8Rng::seed_from_u64(seed), ChaCha8Rng::seed_from_u64(seed));
        let servers = [None, None, None];
        let life = Self {
            dice,
            clocks,
            clock,
            shop,
            receiver,
            servers,
            watch,
            files,
            lines,
            world,
            killed: 0,
            died: 0,
            paused: 0,
            overtaken: Vec::new(),
            away: 0,
        };
        life.settle();
        life
    }

    fn settle(&self) {
        let folder = self.folder();
        let settings = "allowed_networks = [\"127.0.0.1\"]\ntime_zone = \"UTC\"\n\
             [[channel]]\nname = \"ops\"\nkind = \"webhook\"\nurl_env = \"MESSAGES_URL\"\nsecret_env = \"HOOK_SECRET\"\n\
             [[channel]]\nname = \"watchman\"\nkind = \"heartbeat\"\nurl_env = \"WATCHMAN_URL\"\nevery_minutes = 1\n";
        std::fs::write(folder.join("tieout.toml"), settings).expect("settings");
        for plan in &PLANS {
            std::fs::create_dir_all(folder.join(plan.name)).expect("a folder");
            let mut arguments = plan.arguments(&folder);
            if plan.job == Job::Import {
                arguments.extend(["--currency".to_owned(), self.world.truth.bank_accounts[0].currency.clone()]);
            }
            self.tieout(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
        }
        // How full the disk of this machine is belongs to no night.
        self.tieout(&["alert", "add", "disk_filling", "--off"]);
    }

    pub fn live(mut self) -> Lived {
        (0..self.servers.len()).for_each(|index| self.start(index, None));
        self.somebody_holds(0);
        for _ in 0..whole_or(1, 3) {
            self.put_a_file();
            let mut all = ALL;
            all.shuffle(&mut self.dice);
            for mischief in all {
                self.pass(whole_or(5, 20), whole_or(10, 60));
                println!("{} {mischief:?}", self.clock.now());
                self.do_to_them(mischief);
            }
        }
        self.end()
    }

    fn do_to_them(&mut self, mischief: Mischief) {
        let any = self.dice.random_range(0..self.servers.len());
        match mischief {
            Mischief::HolderDies => {
                let holder = self.holder();
                self.dies(holder);
            }
            Mischief::AnyDies => self.dies(any),
            Mischief::HolderPauses => {
                let holder = self.holder();
                self.pauses(holder);
            }
            Mischief::AnyPauses => self.pauses(any),
            Mischief::HolderIsOvertaken => self.is_overtaken(),
            Mischief::AllAreAway => {
                self.kill_all();
                self.away += 1;
                self.pass(whole_or(20, 120), whole_or(35, 480));
                let calls = self.receiver.heard().watchman.1;
                (0..self.servers.len()).for_each(|index| self.start(index, None));
                self.somebody_holds(calls);
            }
        }
    }

    fn dies(&mut self, index: usize) {
        if let Some(server) = self.servers[index].take() {
            server.kill();
            self.killed += 1;
        }
        self.pass(1, 12);
        let point = format!("{}:{}", POINTS.choose(&mut self.dice).expect("some"), self.dice.random_range(1..=3));
        self.start(index, Some(&point));
    }

    fn pauses(&mut self, index: usize) {
        self.server(index).stop();
        self.paused += 1;
        self.pass(2, 9);
        self.server(index).wake();
    }

    fn is_overtaken(&mut self) {
        let since = Instant::now();
        loop {
            assert!(since.elapsed() < PATIENCE, "who stands still is never overtaken");
            let holder = self.holder();
            let calls = self.receiver.heard().watchman.1;
            self.server(holder).stop();
            if self.keeps_the_file() {
                self.server(holder).wake();
                continue;
            }
            let stopped = Instant::now();
            let is_overtaken = |life: &Self| {
                let (whose, count) = life.receiver.heard().watchman;
                count > calls && whose != Some(holder)
            };
            while !is_overtaken(self) && stopped.elapsed() < OVERTAKEN_WITHIN {
                self.frame();
            }
            // Who calls sooner had the lease already: it was lost just before.
            let is_overtaken = is_overtaken(self) && stopped.elapsed() >= Pace::STANDARD.still - Pace::STANDARD.beat;
            if is_overtaken {
                self.overtaken.push(stopped.elapsed().as_secs());
                self.pass(2, 12);
            }
            self.server(holder).wake();
            if is_overtaken {
                return;
            }
            self.somebody_holds(calls);
        }
    }

    /// Whether one that stands still does so while it writes, and so keeps all others out of the file.
    fn keeps_the_file(&self) -> bool {
        let Ok(database) = rusqlite::Connection::open_with_flags(self.shop.file(), OpenFlags::SQLITE_OPEN_READ_WRITE) else {
            // A server lets others write.
            return false;
        };
        database.busy_timeout(WRITES_WITHIN).expect("a timeout");
        database.execute_batch("BEGIN IMMEDIATE; ROLLBACK").is_err()
    }

    /// Lets minutes of the servers pass, as many as the seed says.
    fn pass(&mut self, least: u64, most: u64) {
        let minutes = i64::try_from(self.dice.random_range(least..=most)).expect("minutes");
        let (since, takes) = (Instant::now(), Clock::takes(minutes));
        while since.elapsed() < takes {
            self.frame();
        }
    }

    fn frame(&mut self) {
        self.watch.frame();
        for index in 0..self.servers.len() {
            if let Some(server) = self.servers[index].take_if(Server::has_ended) {
                assert!(server.dies_at.is_some(), "a server has ended by itself");
                self.died += 1;
                self.start(index, None);
            }
        }
        std::thread::sleep(LOOK_AGAIN);
    }

    fn until(&mut self, what: &str, is_so: impl Fn(&Self) -> bool) {
        let since = Instant::now();
        while !is_so(self) {
            assert!(since.elapsed() < PATIENCE, "not seen in time: {what}; {:?}", self.watch.standing);
            self.frame();
        }
    }

    /// Waits until somebody has the lease, and has looked at everything twice since the watchman was called so often.
    fn somebody_holds(&mut self, calls: u64) {
        self.until("somebody has the lease", |life| life.receiver.heard().watchman.1 > calls + 1);
    }

    /// Who has called the watchman last.
    fn holder(&mut self) -> usize {
        let calls = self.receiver.heard().watchman.1;
        self.somebody_holds(calls);
        self.receiver.heard().watchman.0.expect("somebody called")
    }

    fn server(&self, index: usize) -> &Server {
        self.servers[index].as_ref().expect("it is there")
    }

    fn kill_all(&mut self) {
        for server in self.servers.iter_mut().filter_map(Option::take) {
            server.kill();
            self.killed += 1;
        }
    }

    /// Starts a server, with a clock that is wrong; it dies at a point where one is named, once it comes there.
    fn start(&mut self, index: usize, point: Option<&str>) {
        let off = OFF.as_secs();
        let off = SignedDuration::from_secs(self.clocks.random_range(1 - off..off));
        let mut command = self.command(&["serve", "--listen", "127.0.0.1:0"], off);
        for (name, what) in [("WORK_URL", "work"), ("MESSAGES_URL", "messages"), ("WATCHMAN_URL", "watchman")] {
            command.env(name, self.receiver.url(index, what));
        }
        command.env("HOOK_SECRET", SECRET);
        self.servers[index] = Some(Server::start(command, point));
    }

    fn command(&self, arguments: &[&str], off: SignedDuration) -> std::process::Command {
        let mut command = self.shop.command(arguments);
        command.env_remove("STRIPE_API_KEY").env_remove("STRIPE_WEBHOOK_SECRET").env("TIEOUT_CLOCK", self.clock.switch(off));
        command
    }

    /// Runs a command, by the right time, that must end well.
    fn tieout(&self, arguments: &[&str]) {
        let output = self.command(arguments, SignedDuration::ZERO).output().expect("tieout starts");
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    fn folder(&self) -> PathBuf {
        self.shop.file().parent().expect("a folder").to_owned()
    }

    fn bank_lines(&self) -> usize {
        self.watch.store().bank_lines(&BankLineFilter::default()).expect("bank lines").len()
    }

    /// The bank puts the next file there, at once as a whole.
    fn put_a_file(&mut self) {
        let Some(file) = self.files.pop() else { return };
        let bank = PLANS.iter().find(|plan| plan.job == Job::Import).expect("one that imports");
        let to = self.folder().join(bank.name).join(file.file_name().expect("a name"));
        let making = to.with_extension("part");
        std::fs::copy(&file, &making).expect("a file");
        std::fs::rename(&making, &to).expect("a file");
    }

    /// Lets everything come to rest, and holds it against what must have become of it.
    fn end(mut self) -> Lived {
        while !self.files.is_empty() {
            self.put_a_file();
        }
        self.receiver.heard().is_kind = true;
        self.pass(whole_or(10, 60), whole_or(15, 90));
        let lines = self.lines;
        self.until("every statement is imported", |life| life.bank_lines() >= lines);
        assert_eq!(self.bank_lines(), lines, "lines were imported twice");
        // What is due each five minutes is well again soon after it was missed.
        self.until("what was missed is made good", |life| !life.watch.is_missed(PLANS[0].name));
        let until = self.clock.now() - OFF;
        let looks = self.watch.looks;
        self.until("everything is looked at", |life| life.watch.looks > looks + 2);
        self.until("nothing is to be done", |life| !life.watch.is_busy());
        self.kill_all();
        trail_holds(self.watch.store());
        let (hours, heard) = (self.clock.lived().as_hours(), self.receiver.heard());
        let counts = Ledger::read(&self.shop, self.watch.store()).close(&heard, until);
        let Self {
            killed, died, paused, overtaken, away, watch: Watch { looks, slowest, misses, opened, recovered, .. }, ..
        } = &self;
        let lived = Lived {
            hours,
            killed: *killed,
            died: *died,
            paused: *paused,
            overtaken: overtaken.clone(),
            away: *away,
            looks: *looks,
            slowest: *slowest,
            late: misses.len(),
            opened: *opened,
            recovered: *recovered,
            watchman: heard.watchman.1,
            counts,
        };
        // A life in which nothing happens shows nothing.
        let Counts { missed, caught_up, .. } = &lived.counts;
        assert!(*missed > 0 && *caught_up > 0 && lived.opened > 0 && lived.recovered > 0, "{lived}");
        lived
    }
}
