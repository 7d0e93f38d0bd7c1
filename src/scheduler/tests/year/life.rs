//! The life: what happens when, by a clock that is right.

use jiff::{SignedDuration, Timestamp};
use schedule::retry::Fault;
use store::{ScheduledRun, ScheduledState};

use super::books::{Books, Counted};
use super::dice::Dice;
use super::process::{ASKS, Came, Going, Process, Stands, TAKES_OVER};
use super::shop::Shop;
use crate::exit::Exit;
use crate::scheduler::JobEnd;
use crate::scheduler::tests::{PASSING, end};

/// As many as beside a server.
const RUNS_AT_ONCE: usize = 4;

/// As often as beside a server.
const LOOK_EVERY: SignedDuration = SignedDuration::from_secs(30);

/// After something happened so many looks may find something new; what only time changes is looked at when it does.
const LOOKS: u32 = 3;

/// A process's clock is wrong by less than this, in seconds.
const OFF: i64 = 300;

const POINTS: [&str; 6] = [
    "schedule.settle.before_commit",
    "schedule.settle.after_commit",
    "schedule.run.before_commit",
    "schedule.run.after_commit",
    "alert.settle.before_commit",
    "alert.settle.after_commit",
];

pub struct Life {
    dice: Dice,
    shop: Shop,
    processes: [Process; 3],
    /// Who took the lease last.
    holder: Option<usize>,
    books: Books,
    now: Timestamp,
    mischief_at: Timestamp,
}

enum Next {
    Mischief,
    Turn(usize),
    End(usize, usize),
}

impl Life {
    pub fn new(seed: u64, shop: Shop) -> Self {
        let mut dice = Dice::new(seed);
        let now = shop.begins;
        let processes = [0; 3].map(|_| Process::new(now + dice.seconds(1, 60), dice.seconds(-OFF, OFF)));
        let books = Books::new(&shop);
        let mischief_at = now + dice.seconds(600, 7_200);
        Self { dice, shop, processes, holder: None, books, now, mischief_at }
    }

    pub fn live(mut self) -> Counted {
        loop {
            let (at, next) = self.next();
            if at > self.shop.ends {
                break;
            }
            self.pass(at);
            match next {
                Next::Mischief => self.mischief(),
                Next::Turn(process) => self.turn(process),
                Next::End(process, going) => self.end(process, going),
            }
        }
        // The one that takes back what the last ones ran.
        self.processes.iter_mut().for_each(|process| process.die(Timestamp::MAX));
        let Came::Of(last) = self.processes[0].open(&self.shop.config, TAKES_OVER, self.now) else {
            panic!("nobody has the lease")
        };
        drop(last);
        let trail = self.shop.store().verify_audit(&[], &mut |_| std::ops::ControlFlow::Continue(())).unwrap();
        assert_eq!(trail.faults, [], "the audit trail is broken");
        self.books.close()
    }

    fn next(&self) -> (Timestamp, Next) {
        let mut first = (self.mischief_at, Next::Mischief);
        for (index, process) in self.processes.iter().enumerate() {
            let (Stands::Down(at) | Stands::By(at) | Stands::Holds(at) | Stands::Still(at)) = process.stands;
            if at < first.0 {
                first = (at, Next::Turn(index));
            }
            let ends = process.going.iter().enumerate().filter(|_| process.holds());
            for (going, at) in ends.map(|(going, one)| (going, one.ends_at)) {
                if at < first.0 {
                    first = (at, Next::End(index, going));
                }
            }
        }
        first
    }

    fn pass(&mut self, at: Timestamp) {
        let at = at.max(self.now);
        let holding = self.processes.iter_mut().find(|process| process.holds());
        let off = holding.as_ref().map(|process| process.off);
        let is_late = self.books.pass(self.now, at, off);
        if let Some(process) = holding.filter(|_| is_late) {
            process.looks = LOOKS;
        }
        self.now = at;
    }

    fn turn(&mut self, index: usize) {
        match self.processes[index].stands {
            Stands::Down(_) => {
                let wait = if self.processes.iter().any(Process::holds) {
                    Timestamp::MAX
                } else if self.is_kept_by_one_who_stands_still() {
                    self.now + self.dice.seconds(15, 20)
                } else {
                    self.now
                };
                self.processes[index].stands = Stands::By(wait);
            }
            Stands::By(_) => self.take(index),
            Stands::Holds(_) => self.round(index),
            Stands::Still(_) => self.awake(index),
        }
    }

    fn is_kept_by_one_who_stands_still(&self) -> bool {
        self.holder.is_some_and(|index| matches!(self.processes[index].stands, Stands::Still(_)))
    }

    fn take(&mut self, index: usize) {
        if self.processes.iter().any(Process::holds) {
            self.processes[index].stands = Stands::By(Timestamp::MAX);
            return;
        }
        let overtakes = self.is_kept_by_one_who_stands_still();
        match self.processes[index].open(&self.shop.config, TAKES_OVER, self.now) {
            Came::Of(scheduler) => {
                let process = &mut self.processes[index];
                (process.scheduler, process.looks) = (Some(scheduler), LOOKS);
                self.holder = Some(index);
                self.books.counted.overtaken += u64::from(overtakes);
                self.round(index);
            }
            Came::Died(_) => self.dies(index),
            Came::Refused(failure) => panic!("at {} nobody has the lease, and it is refused: {}", self.now, failure.message),
        }
    }

    fn round(&mut self, index: usize) {
        let (now, process) = (self.now, &mut self.processes[index]);
        let local = process.local(now);
        let room = RUNS_AT_ONCE - process.going.len();
        let expected = self.books.expects(local);
        if !expected.is_empty() {
            process.looks = LOOKS;
        }
        match process.does(|scheduler| scheduler.step(local, room, &[])) {
            Came::Of(begun) => {
                self.books.settle(expected);
                for (run, job) in begun {
                    job.unwrap();
                    self.begin(index, run, local);
                }
            }
            Came::Died(point) => {
                if point != "schedule.settle.before_commit" {
                    self.books.settle(expected);
                }
                return self.dies(index);
            }
            Came::Refused(failure) => panic!("at {now} who has the lease is refused: {}", failure.message),
        }
        if self.look(index, local) {
            self.sleep(index, local);
        } else {
            self.dies(index);
        }
    }

    fn begin(&mut self, index: usize, run: ScheduledRun, local: Timestamp) {
        let others = self.processes.iter().filter(|process| process.holds()).flat_map(|process| &process.going);
        assert!(
            !others.into_iter().any(|going| going.run.schedule == run.schedule),
            "at {}: two runs of '{}' go on at once",
            self.now,
            run.schedule
        );
        self.books.begin(&run, local);
        let (state, fault) = match self.dice.below(100) {
            ..80 => (ScheduledState::Done, None),
            80..92 => (ScheduledState::Failed, PASSING),
            92..96 => (ScheduledState::Incomplete, PASSING),
            _ => (ScheduledState::Failed, Some(Fault::Lasting)),
        };
        let takes = match self.dice.below(100) {
            ..80 => self.dice.seconds(2, 120),
            80..97 => self.dice.seconds(120, 1_500),
            _ => self.dice.seconds(1_500, 9_000),
        };
        let process = &mut self.processes[index];
        process.looks = LOOKS;
        process.going.push(Going { run, end: end(state, fault), ends_at: self.now + takes });
    }

    /// Looks where it is time to; `false` where it dies of it.
    fn look(&mut self, index: usize, local: Timestamp) -> bool {
        let process = &mut self.processes[index];
        while process.looks == 0 && process.next_look <= local {
            // These looks were, and have found what the ones before had found.
            process.next_look += LOOK_EVERY;
        }
        if process.next_look > local && process.next_look.duration_since(local) <= LOOK_EVERY {
            return true;
        }
        process.looks = process.looks.saturating_sub(1);
        process.next_look = local + LOOK_EVERY;
        let (settled, came) = process.look(&self.shop.config, self.now);
        match came {
            Came::Of(()) | Came::Died("alert.settle.after_commit") => self.books.looked(&settled),
            Came::Died(_) => {}
            Came::Refused(failure) => panic!("at {} who has the lease is refused a look: {}", self.now, failure.message),
        }
        matches!(came, Came::Of(()))
    }

    fn sleep(&mut self, index: usize, local: Timestamp) {
        let slack = self.dice.seconds(0, 1);
        let process = &mut self.processes[index];
        let Came::Of(due) = process.does(|scheduler| scheduler.next_due()) else { panic!("the database cannot be read") };
        let due = due.unwrap();
        assert!(due > local || !process.going.is_empty(), "at {}: something is due at {due}, and nobody begins it", self.now);
        let due = (due > local).then(|| due + slack);
        let look = (process.looks > 0).then_some(process.next_look);
        let late = self.books.late_next(local);
        let next = [due, look, late].into_iter().flatten().min().unwrap_or(Timestamp::MAX);
        let wait = next.duration_since(local).clamp(SignedDuration::from_millis(1), SignedDuration::from_hours(24));
        process.stands = Stands::Holds(self.now + wait);
    }

    fn end(&mut self, index: usize, going: usize) {
        let dice = self.dice.roll();
        let process = &mut self.processes[index];
        let local = process.local(self.now);
        let Going { run, end, .. } = process.going.swap_remove(going);
        let stands = self.books.stands_after(&run, &end);
        (process.next_look, process.looks) = (Timestamp::MIN, LOOKS);
        match process.does(|scheduler| scheduler.ended(&run, end.clone(), local, dice)) {
            Came::Of(state) => {
                assert_eq!(state, stands, "at {}: {run:?} after {end:?}", self.now);
                self.books.end(&run, stands);
                self.round(index);
            }
            Came::Died(point) => {
                if point == "schedule.run.after_commit" {
                    self.books.end(&run, stands);
                }
                self.dies(index);
            }
            Came::Refused(failure) => panic!("at {} who has the lease is refused an end: {}", self.now, failure.message),
        }
    }

    fn dies(&mut self, index: usize) {
        let starts_at = self.now + self.dice.seconds(1, 600);
        self.processes[index].die(starts_at);
        self.books.died();
        self.call(0);
    }

    /// Lets those who wait for the lease try to get it, after so many seconds.
    fn call(&mut self, after: i64) {
        for index in 0..self.processes.len() {
            if matches!(self.processes[index].stands, Stands::By(_)) {
                self.processes[index].stands = Stands::By(self.now + self.dice.seconds(after, after + 5));
            }
        }
    }

    fn awake(&mut self, index: usize) {
        let local = self.processes[index].local(self.now);
        let process = &mut self.processes[index];
        process.looks = LOOKS;
        if self.holder == Some(index) {
            process.stands = Stands::Holds(self.now);
            return;
        }
        let is_refused = |came: bool| assert!(came, "at {}: one that was overtaken is not refused", self.now);
        if let Some(Going { run, end, .. }) = process.going.pop() {
            let came = process.does(|scheduler| scheduler.ended(&run, JobEnd { ..end }, local, 0));
            is_refused(matches!(came, Came::Refused(failure) if failure.exit == Exit::Conflict));
        }
        // It may look what is due, and writes nothing.
        let before = self.books.rows();
        let came = process.does(|scheduler| scheduler.step(local, RUNS_AT_ONCE, &[]));
        is_refused(matches!(came, Came::Refused(_)) || matches!(came, Came::Of(begun) if begun.is_empty()));
        is_refused(matches!(process.look(&self.shop.config, self.now).1, Came::Refused(_)));
        assert_eq!(self.books.rows(), before);
        process.fuse_out();
        process.let_go();
        let is_held = self.processes.iter().any(Process::holds);
        let asks_at = if is_held { Timestamp::MAX } else { self.now + SignedDuration::from_secs(5) };
        self.processes[index].stands = Stands::By(asks_at);
    }

    fn mischief(&mut self) {
        self.mischief_at = self.now + self.dice.seconds(600, 36_000);
        let any = usize::try_from(self.dice.below(3)).unwrap();
        let holding = self.processes.iter().position(Process::holds);
        match (self.dice.below(100), holding) {
            (..20, _) => self.dies(any),
            (20..50, Some(index)) => {
                let point = POINTS[usize::try_from(self.dice.below(6)).unwrap()];
                self.processes[index].fuse.arm(point, 1 + self.dice.below(3));
            }
            (50..75, Some(index)) => {
                self.processes[index].stands = Stands::Still(self.now + self.dice.seconds(5, 240));
                self.call(15);
            }
            (75..78, _) => self.outage(),
            (78..88, _) => {
                let off = self.dice.seconds(-OFF, OFF);
                let slack = self.dice.seconds(0, 1);
                let process = &mut self.processes[any];
                (process.off, process.looks) = (off, LOOKS);
                if process.holds() {
                    process.stands = Stands::Holds(self.now + slack);
                }
            }
            (88..94, Some(_)) => self.intrude(any),
            _ => {
                let names = ["daily", "hourly", "quarter", "after-hourly"];
                self.books.ask(names[usize::try_from(self.dice.below(4)).unwrap()], self.now);
                if let Some(index) = holding {
                    self.processes[index].stands = Stands::Holds(self.now + self.dice.seconds(0, 1));
                }
            }
        }
    }

    /// Nobody is there for up to a day.
    fn outage(&mut self) {
        let back = self.now + self.dice.seconds(1_800, 100_000);
        for index in 0..self.processes.len() {
            let starts_at = back + self.dice.seconds(0, 120);
            self.processes[index].die(starts_at);
        }
        self.books.died();
        self.books.counted.outages += 1;
    }

    /// While one has the lease and lives, another does not get it.
    fn intrude(&mut self, index: usize) {
        if matches!(self.processes[index].stands, Stands::By(_)) {
            let came = self.processes[index].open(&self.shop.config, ASKS, self.now);
            assert!(matches!(came, Came::Refused(failure) if failure.exit == Exit::Conflict), "two have the lease");
        }
    }
}
