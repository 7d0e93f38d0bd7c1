//! Somebody who keeps one book: turns what happened at Stripe into documents, in the book's habits.

use std::{
    collections::{BTreeMap, HashMap},
    rc::Rc,
};

use money::Currency;

use super::{
    damage::Vandal,
    draft::counter,
    harm::Harm,
    row::{Book, Part, Row},
    shelf::Shelf,
    subject::{Kind, Subject},
    tell::{Absence, Truths},
    ways::{Habit, JOINT_DAYS, LATE_DAYS},
};
use crate::{options::SimError, truth::Distinguishable};

/// Keeps one book of one merchant.
pub(super) struct Keeper {
    pub(super) habit: Habit,
    pub(super) vandal: Vandal,
    pub(super) shelf: Shelf,
    pub(super) seed: u64,
    pub(super) country: &'static str,
    /// Documents so far.
    pub(super) count: u64,
    /// Customer → their last payment and the place of its group in this month.
    recent: HashMap<(Box<str>, Currency), (i64, usize)>,
}

/// Subjects that share a document, and those of the same day that were left out of it.
pub(super) struct Group {
    pub(super) members: Vec<Rc<Subject>>,
    pub(super) lost: Vec<Rc<Subject>>,
    pub(super) batch: bool,
}

impl Keeper {
    pub(super) fn new(seed: u64, country: &'static str, habit: Habit, vandal: Vandal, shelf: Shelf) -> Self {
        Self { habit, vandal, shelf, seed, country, count: 0, recent: HashMap::new() }
    }

    /// Books what happened in a month. Rows wait on the shelf for their file.
    pub(super) fn month(&mut self, subjects: &[Rc<Subject>], truths: &mut Truths) -> Result<(), SimError> {
        for group in self.groups(subjects, truths)? {
            self.book(&group, truths)?;
        }
        Ok(())
    }

    fn groups(&mut self, subjects: &[Rc<Subject>], truths: &mut Truths) -> Result<Vec<Group>, SimError> {
        let mut groups = Vec::new();
        let mut days: BTreeMap<(i64, Kind, Currency), Group> = BTreeMap::new();
        self.recent.clear();
        let habit = self.habit;
        for subject in subjects.iter().filter(|subject| habit.keeps(subject.kind)) {
            if subject.failed {
                self.absent(subject, Absence::Failed, truths)?;
                continue;
            }
            let missing = self.vandal.strikes(Harm::Missing);
            let batch = habit.batches(subject.kind);
            if missing {
                self.missing(subject, batch, truths)?;
            }
            let subject = Rc::clone(subject);
            if batch {
                let currency = if habit.book == Book::Journal { subject.settled } else { subject.presented }.currency;
                let fresh = || Group { members: Vec::new(), lost: Vec::new(), batch: true };
                let group = days.entry((subject.day, subject.kind, currency)).or_insert_with(fresh);
                if missing { &mut group.lost } else { &mut group.members }.push(subject);
            } else if !missing {
                self.join(subject, &mut groups);
            }
        }
        groups.extend(days.into_values());
        Ok(groups)
    }

    /// A second payment for an order goes with the first; everything else stands alone.
    fn join(&mut self, subject: Rc<Subject>, groups: &mut Vec<Group>) {
        let key = (subject.email.clone(), subject.presented.currency);
        let can = subject.kind == Kind::Charge && !subject.email.is_empty() && subject.rate_millionths == 0;
        if can
            && let Some((day, place)) = self.recent.remove(&key)
            && subject.day - day <= JOINT_DAYS
            && self.vandal.random.chance(self.habit.joint_permille)
            && let Some(group) = groups.get_mut(place)
        {
            group.members.push(subject);
            return;
        }
        if can {
            self.recent.insert(key, (subject.day, groups.len()));
        }
        groups.push(Group { members: vec![subject], lost: Vec::new(), batch: false });
    }

    fn missing(&mut self, subject: &Rc<Subject>, batch: bool, truths: &mut Truths) -> Result<(), SimError> {
        let booked = self.booked(subject)?;
        self.shelf.missing(subject, &booked, truths)?;
        // One that is missing from a day's batch is judged with that batch.
        if batch { Ok(()) } else { self.absent(subject, Absence::Missing, truths) }
    }

    fn absent(&mut self, subject: &Rc<Subject>, why: Absence, truths: &mut Truths) -> Result<(), SimError> {
        let booked = self.booked(subject)?;
        self.shelf.absent(subject, &booked, why, None, truths)
    }

    /// Drafts a group's documents, damages them and puts them on the shelf.
    fn book(&mut self, group: &Group, truths: &mut Truths) -> Result<(), SimError> {
        let day = group.members.iter().map(|subject| subject.day).max().unwrap_or(i64::MAX);
        let random = &mut self.vandal.random;
        let late = if random.chance(self.habit.late_permille) { random.between(1, LATE_DAYS) } else { 0 };
        if day.saturating_add(late) > self.vandal.last {
            for subject in &group.members {
                self.absent(subject, Absence::NotYet, truths)?;
            }
            // A day without its row is seen at a glance.
            let told = if group.members.is_empty() { Distinguishable::Yes } else { Distinguishable::No };
            return self.lose(group, told, truths);
        }
        let mut row = self.draft(group, day + late)?;
        if group.batch {
            self.vandal.damage_amount_and_date(&mut row)?;
            let told = self.tell_batch(group, row.amount)?;
            row.told = Some(told);
            self.lose(group, told, truths)?;
            return self.put(row);
        }
        let parts = self.split(row)?;
        for mut row in parts {
            self.vandal.damage(&mut row)?;
            self.put(row)?;
        }
        Ok(())
    }

    fn lose(&mut self, group: &Group, told: Distinguishable, truths: &mut Truths) -> Result<(), SimError> {
        for subject in &group.lost {
            let booked = self.booked(subject)?;
            self.shelf.absent(subject, &booked, Absence::Missing, Some(told), truths)?;
        }
        Ok(())
    }

    /// Whether the members of a day's batch can be told from its sum: what the sum lacks must be one charge's amount and no
    /// other's.
    fn tell_batch(&self, group: &Group, amount: i64) -> Result<Distinguishable, SimError> {
        let mut all = Vec::new();
        for subject in group.members.iter().chain(&group.lost) {
            all.push(self.booked(subject)?.money.minor);
        }
        let lacking = sum(&all)? - amount;
        let equal = all.iter().filter(|minor| **minor == lacking).count();
        Ok(match (lacking, group.lost.len(), equal) {
            (0, 0, _) => Distinguishable::Yes,
            (_, 1, 1) => Distinguishable::Likely,
            _ => Distinguishable::No,
        })
    }

    /// A charge's document, sometimes in two.
    fn split(&mut self, row: Row) -> Result<Vec<Row>, SimError> {
        let [part] = row.parts.as_slice() else { return Ok(vec![row]) };
        let sale = part.subject.kind == Kind::Charge && part.minor >= 200 && row.converted.is_none();
        if !sale || !self.vandal.random.chance(self.habit.split_permille) {
            return Ok(vec![row]);
        }
        let first = part.minor * self.vandal.random.between(20, 80) / 100;
        let halves = [first, part.minor - first];
        let mut rows = Vec::new();
        for minor in halves {
            let mut half = Row { amount: minor, ..row.clone() };
            half.parts = vec![Part { subject: Rc::clone(&part.subject), minor }];
            if !rows.is_empty() {
                half.number = self.number(half.role);
                half.day = (half.day + self.vandal.random.between(0, 2)).min(self.vandal.last);
            }
            rows.push(half);
        }
        Ok(rows)
    }

    /// Onto the shelf, sometimes twice, sometimes with a row beside it that stands for nothing.
    fn put(&mut self, row: Row) -> Result<(), SimError> {
        let twice = self.vandal.strikes(Harm::BookedTwice);
        let invented = self.vandal.strikes(Harm::Invented).then(|| self.invent(&row)).transpose()?;
        let copy = twice.then(|| self.copy(&row));
        for row in std::iter::once(row).chain(copy).chain(invented) {
            let counter = (self.habit.book == Book::Journal).then(|| counter(&row));
            self.shelf.put(row)?;
            counter.into_iter().try_for_each(|row| self.shelf.put(row))?;
        }
        Ok(())
    }
}

pub(super) fn sum(amounts: &[i64]) -> Result<i64, SimError> {
    amounts.iter().try_fold(0_i64, |sum, minor| sum.checked_add(*minor)).ok_or(SimError::Amount("a day's batch"))
}
