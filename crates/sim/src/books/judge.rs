//! What can be told of rows that name nothing, from what stands in them and in Stripe's objects, and from nothing else.
//!
//! A row that shows an id of its subject whole is that subject's: it never comes here. Of the rest, a row can be a
//! subject's where amount, currency and sign are equal, the row is at most five days later, and neither name nor e-mail
//! contradicts. A reference got wrong, a name and an e-mail then speak for one reading against another.

use std::{
    collections::{BTreeSet, HashMap},
    rc::Rc,
};

use money::Currency;

use super::{
    row::{Place, Row},
    spell,
    subject::{Kind, Subject},
    ways::LATE_DAYS,
};
use crate::truth::Distinguishable;

/// Rivals that are named; the rest are counted.
const RIVALS_NAMED: usize = 8;

/// What must be equal: customers' money, fees or payouts; currency; signed amount.
type Key = (u8, Currency, i64);

/// A row that shows no id whole.
pub(super) struct LooseRow {
    key: Key,
    day: i64,
    reference: Box<str>,
    memo: Box<str>,
    name: Box<str>,
    email: Box<str>,
    elsewhere: bool,
    pub(super) subject: Option<usize>,
    pub(super) place: Place,
}

/// A subject without a row that proves itself.
pub(super) struct LooseSubject {
    key: Key,
    pub(super) subject: Rc<Subject>,
    pub(super) row: Option<usize>,
}

/// What can be told of a subject, and the other rows that it could be.
pub(super) struct Judged {
    pub(super) distinguishable: Distinguishable,
    /// The first few of them.
    pub(super) rivals: Vec<Place>,
    pub(super) rival_count: usize,
}

impl Judged {
    /// A verdict that rests on no rivals.
    pub(super) const fn alone(distinguishable: Distinguishable) -> Self {
        Self { distinguishable, rivals: Vec::new(), rival_count: 0 }
    }
}

const fn class(kind: Kind) -> u8 {
    match kind {
        Kind::Charge | Kind::Refund => 0,
        Kind::Fee => 1,
        Kind::Payout => 2,
    }
}

impl LooseRow {
    /// `shown` is what the layout has columns for: name, e-mail.
    pub(super) fn new(row: &Row, kind: Kind, shown: (bool, bool), subject: Option<usize>, place: Place) -> Self {
        let only = |shown: bool, text: &str| if shown { text.into() } else { Box::default() };
        Self {
            key: (class(kind), row.currency, row.amount),
            day: row.day,
            reference: row.reference.as_str().into(),
            memo: row.memo.as_str().into(),
            name: only(shown.0, &row.name),
            email: only(shown.1, &row.email),
            elsewhere: row.elsewhere,
            subject,
            place,
        }
    }

    /// How much speaks for this subject; `None` where something speaks against it.
    fn strength(&self, of: &LooseSubject) -> Option<u32> {
        let subject = &of.subject;
        if self.elsewhere || !(0..=LATE_DAYS).contains(&(self.day - subject.day)) {
            return None;
        }
        self.likeness(subject)
    }

    /// The same, whatever the amount and the day.
    fn likeness(&self, subject: &Subject) -> Option<u32> {
        let known = |text: &str, other: &str| !text.is_empty() && !other.is_empty();
        let mut strength = 0;
        if known(&self.email, &subject.email) {
            if self.email != subject.email {
                return None;
            }
            strength += 2;
        }
        if known(&self.name, &subject.name) {
            if !spell::same_person(&self.name, &subject.name) {
                return None;
            }
            strength += 1;
        }
        let like =
            |id: &str| spell::resembles(&self.reference, id) || self.memo.split(' ').any(|word| spell::resembles(word, id));
        if subject.ids.iter().any(|id| like(id)) {
            strength += 2;
        }
        Some(strength)
    }
}

impl LooseSubject {
    /// `currency` and `minor` are what an undamaged row would say.
    pub(super) fn new(subject: Rc<Subject>, currency: Currency, minor: i64, row: Option<usize>) -> Self {
        Self { key: (class(subject.kind), currency, minor), subject, row }
    }
}

/// Everything loose in one book.
pub(super) struct Court<'a> {
    rows: &'a [LooseRow],
    subjects: &'a [LooseSubject],
    /// Places of rows and subjects of one key, by day.
    rows_of: HashMap<Key, Vec<usize>>,
    subjects_of: HashMap<Key, Vec<usize>>,
}

impl<'a> Court<'a> {
    pub(super) fn new(rows: &'a [LooseRow], subjects: &'a [LooseSubject]) -> Self {
        let (mut rows_of, mut subjects_of): (HashMap<Key, Vec<usize>>, HashMap<Key, Vec<usize>>) = Default::default();
        for (at, row) in rows.iter().enumerate() {
            rows_of.entry(row.key).or_default().push(at);
        }
        for (at, subject) in subjects.iter().enumerate() {
            subjects_of.entry(subject.key).or_default().push(at);
        }
        for list in rows_of.values_mut() {
            list.sort_by_key(|at| rows.get(*at).map(|row| row.day));
        }
        for list in subjects_of.values_mut() {
            list.sort_by_key(|at| subjects.get(*at).map(|of| of.subject.day));
        }
        Self { rows, subjects, rows_of, subjects_of }
    }

    /// The rows that a subject could be, with what speaks for each.
    fn rows_for(&self, of: &LooseSubject) -> Vec<(usize, u32)> {
        let list = self.rows_of.get(&of.key).map(Vec::as_slice).unwrap_or_default();
        let first = list.partition_point(|at| self.rows.get(*at).is_some_and(|row| row.day < of.subject.day));
        list.iter()
            .skip(first)
            .map_while(|at| self.rows.get(*at).filter(|row| row.day <= of.subject.day + LATE_DAYS).map(|row| (*at, row)))
            .filter_map(|(at, row)| row.strength(of).map(|strength| (at, strength)))
            .collect()
    }

    /// The subjects that a row could be, with what speaks for each.
    fn subjects_for(&self, row: &LooseRow) -> Vec<(usize, u32)> {
        let list = self.subjects_of.get(&row.key).map(Vec::as_slice).unwrap_or_default();
        let first = list.partition_point(|at| self.subjects.get(*at).is_some_and(|of| of.subject.day < row.day - LATE_DAYS));
        list.iter()
            .skip(first)
            .map_while(|at| self.subjects.get(*at).filter(|of| of.subject.day <= row.day).map(|of| (*at, of)))
            .filter_map(|(at, of)| row.strength(of).map(|strength| (at, strength)))
            .collect()
    }

    /// What can be told of the subject at this place.
    pub(super) fn subject(&self, place: usize) -> Judged {
        let Some(of) = self.subjects.get(place) else {
            return Judged::alone(Distinguishable::No);
        };
        let readings = self.rows_for(of);
        let others = || readings.iter().filter(|(at, _)| Some(*at) != of.row).filter_map(|(at, _)| self.rows.get(*at));
        let rivals = others().take(RIVALS_NAMED).map(|row| row.place.clone()).collect();
        let own = of.row.and_then(|at| self.rows.get(at));
        let distinguishable = match own {
            None => self.absent(&readings),
            Some(row) => match readings.iter().find(|(at, _)| Some(*at) == of.row) {
                Some((_, strength)) => self.present(place, row, *strength, &readings, of.row),
                None => self.distorted(row, of, &readings),
            },
        };
        Judged { distinguishable, rivals, rival_count: others().count() }
    }

    /// A subject that stands in no row: told where every row it could be is better explained.
    fn absent(&self, readings: &[(usize, u32)]) -> Distinguishable {
        let explained = |(at, strength): &(usize, u32)| {
            let row = self.rows.get(*at);
            let better = row.and_then(|row| self.own(row)).is_some_and(|own| own > *strength);
            better || row.is_none()
        };
        if readings.is_empty() {
            Distinguishable::Yes
        } else if readings.iter().all(explained) {
            Distinguishable::Likely
        } else {
            Distinguishable::No
        }
    }

    /// What speaks for a row's true subject.
    fn own(&self, row: &LooseRow) -> Option<u32> {
        row.subject.and_then(|place| self.subjects.get(place)).and_then(|of| row.strength(of).filter(|_| of.key == row.key))
    }

    fn present(
        &self,
        place: usize,
        row: &LooseRow,
        strength: u32,
        readings: &[(usize, u32)],
        own: Option<usize>,
    ) -> Distinguishable {
        let claims = self.subjects_for(row);
        let other_rows = readings.iter().filter(|(at, _)| Some(*at) != own).map(|(_, strength)| *strength);
        let other_subjects = claims.iter().filter(|(at, _)| *at != place).map(|(_, strength)| *strength);
        match other_rows.chain(other_subjects).max() {
            None if strength > 0 => Distinguishable::Yes,
            None => Distinguishable::Likely,
            Some(rival) if rival < strength => Distinguishable::Likely,
            Some(_) if self.is_group(readings, &claims) => Distinguishable::Group,
            Some(_) => Distinguishable::No,
        }
    }

    /// k equal subjects and k equal rows, each of which is one of those subjects.
    fn is_group(&self, readings: &[(usize, u32)], claims: &[(usize, u32)]) -> bool {
        let rows: BTreeSet<usize> = readings.iter().map(|(at, _)| *at).collect();
        let subjects: BTreeSet<usize> = claims.iter().map(|(at, _)| *at).collect();
        let mut strengths = readings.iter().chain(claims).map(|(_, strength)| *strength);
        let first = strengths.next();
        rows.len() == subjects.len()
            && strengths.all(|strength| Some(strength) == first)
            && rows.iter().filter_map(|at| self.rows.get(*at)).all(|row| row.subject.is_some_and(|of| subjects.contains(&of)))
            && subjects
                .iter()
                .filter_map(|at| self.subjects.get(*at))
                .all(|of| self.rows_for(of).iter().map(|(at, _)| *at).collect::<BTreeSet<usize>>() == rows)
    }

    /// A subject whose row says another amount, currency or day: told only by its likeness, and only where nothing else fits.
    fn distorted(&self, row: &LooseRow, of: &LooseSubject, readings: &[(usize, u32)]) -> Distinguishable {
        let like = row.likeness(&of.subject).is_some_and(|strength| strength >= 2);
        if like && readings.is_empty() && self.subjects_for(row).is_empty() {
            Distinguishable::Likely
        } else {
            Distinguishable::No
        }
    }

    /// What can be told of an invented row.
    pub(super) fn invented(&self, row: &LooseRow) -> Distinguishable {
        let claims = self.subjects_for(row);
        let taken = |(at, strength): &(usize, u32)| {
            let of = self.subjects.get(*at);
            let own = of.and_then(|of| of.row).and_then(|at| self.rows.get(at)).zip(of);
            own.and_then(|(row, of)| row.strength(of).filter(|_| row.key == of.key)).is_some_and(|own| own > *strength)
        };
        if claims.is_empty() {
            Distinguishable::Yes
        } else if claims.iter().all(taken) {
            Distinguishable::Likely
        } else {
            Distinguishable::No
        }
    }
}
