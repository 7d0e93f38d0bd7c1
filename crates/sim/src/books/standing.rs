//! Where each subject stands in a book, once its rows have their places, and what can be told of it.

use std::rc::Rc;

use super::{
    booked::Booked,
    damage::Scar,
    harm::Harm,
    judge::{Court, Judged, LooseRow, LooseSubject},
    row::{Part, Place, Role, Row},
    shelf::{Loose, Shelf},
    spell,
    subject::{Kind, Subject},
    tell::{Absence, Truths, named},
};
use crate::{options::SimError, truth::Distinguishable};

impl Shelf {
    /// A row has its place: the subjects that have no other row to wait for are told, or set aside to be judged.
    pub(super) fn place(&mut self, row: &Row, place: Place, truths: &mut Truths) -> Result<(), SimError> {
        let shown = self.layout.shown();
        if let (true, Some(scar)) = (row.invented && row.role != Role::Counter, row.scars.first()) {
            self.inventions.push((self.loose_rows.len(), scar.clone()));
            self.loose_rows.push(LooseRow::new(row, Kind::Charge, shown, None, place));
            return Ok(());
        }
        let text = spell::bare(&format!("{} {}", row.reference, row.memo));
        let proves = |part: &Part| part.subject.ids.iter().any(|id| spell::shows_bare(&text, id));
        let any = row.parts.iter().any(proves);
        for part in &row.parts {
            let Some(open) = self.open.get_mut(part.subject.id()) else { continue };
            let proven = proves(part);
            open.named |= any;
            open.proven += usize::from(proven);
            open.left -= 1;
            open.rows.push(place.clone());
            open.told = open.told.or(row.told);
            if !proven && row.parts.len() == 1 {
                open.loose_row = Some(self.loose_rows.len());
                self.loose_rows.push(LooseRow::new(row, part.subject.kind, shown, None, place.clone()));
            }
            if open.left == 0 {
                self.settle(part.subject.id(), truths)?;
            }
        }
        Ok(())
    }

    pub(super) fn settle(&mut self, id: &str, truths: &mut Truths) -> Result<(), SimError> {
        let Some(mut open) = self.open.remove(id) else { return Ok(()) };
        let told = open.told.or(match open.rows.len() {
            rows if open.proven == rows => Some(Distinguishable::Yes),
            1 if !open.shared => None,
            // An order paid twice that names one payment; a charge in two documents of which one names it.
            _ if open.named => Some(Distinguishable::Likely),
            _ => Some(Distinguishable::No),
        });
        if let Some(told) = told {
            let judged = Judged::alone(told);
            return self.tell_subject(&open.subject, open.expected, open.rows, open.shared, None, judged, truths);
        }
        if let Some(row) = open.loose_row.and_then(|at| self.loose_rows.get_mut(at)) {
            row.subject = Some(self.loose.len());
        }
        let subject = LooseSubject::new(open.subject, open.money.currency, open.money.minor, open.loose_row);
        open.rows.shrink_to_fit();
        self.loose.push(Loose { subject, expected: open.expected, rows: open.rows, absence: None });
        Ok(())
    }

    /// Plants that a subject is missing.
    pub(super) fn missing(&mut self, subject: &Subject, booked: &Booked, truths: &mut Truths) -> Result<(), SimError> {
        let (currency, minor) = (booked.money.currency, booked.money.minor);
        let scar = Scar { harm: Harm::Missing, cell: None, was: String::new(), amount: minor.abs(), effect: -minor, currency };
        self.tell_scar(&scar, None, vec![named(subject)], String::new(), None, truths)
    }

    /// A subject that stands in no row; `told` where that is known already.
    pub(super) fn absent(
        &mut self,
        subject: &Rc<Subject>,
        booked: &Booked,
        why: Absence,
        told: Option<Distinguishable>,
        truths: &mut Truths,
    ) -> Result<(), SimError> {
        if let Some(distinguishable) = told {
            let judged = Judged::alone(distinguishable);
            return self.tell_subject(subject, booked.money, Vec::new(), false, Some(why), judged, truths);
        }
        let seen = self.seen(subject);
        let subject = LooseSubject::new(Rc::clone(subject), seen.currency, seen.minor, None);
        self.loose.push(Loose { subject, expected: booked.money, rows: Vec::new(), absence: Some(why) });
        Ok(())
    }

    /// Writes what is left, and judges what is loose.
    pub(super) fn finish(&mut self, truths: &mut Truths) -> Result<(), SimError> {
        self.close(i64::MAX, truths)?;
        let rows = std::mem::take(&mut self.loose_rows);
        let (mut subjects, mut rest) = (Vec::new(), Vec::new());
        for loose in std::mem::take(&mut self.loose) {
            subjects.push(loose.subject);
            rest.push((loose.expected, loose.rows, loose.absence));
        }
        let court = Court::new(&rows, &subjects);
        for (place, (expected, own, absence)) in rest.into_iter().enumerate() {
            let Some(loose) = subjects.get(place) else { continue };
            self.tell_subject(&loose.subject, expected, own, false, absence, court.subject(place), truths)?;
        }
        for (at, scar) in std::mem::take(&mut self.inventions) {
            let Some(row) = rows.get(at) else { continue };
            self.tell_scar(&scar, Some(&row.place), Vec::new(), String::new(), Some(court.invented(row)), truths)?;
        }
        Ok(())
    }
}
