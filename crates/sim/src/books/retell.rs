//! What is true of a row, of what was planted in it, and of a subject, as it is written down.

use super::{
    damage::Scar,
    harm::Harm,
    judge::Judged,
    row::{Book, Part, Place, Row},
    shelf::Shelf,
    subject::{Money, Subject},
    tell::{Absence, ConvertedTruth, Named, PartTruth, PlantedTruth, RowTruth, Shape, SubjectTruth, Truths, named},
};
use crate::{options::SimError, truth::Distinguishable, world::calendar};

impl Shelf {
    pub(super) fn tell_row<'r>(&self, row: &'r Row, place: &Place, truths: &mut Truths) -> Result<(), SimError> {
        // A copy stands behind the lines of what it repeats: one, or two in the ledger.
        let lines = if self.book == Book::Journal { 2 } else { 1 };
        let part = |part: &'r Part| PartTruth { subject: named(&part.subject), amount_minor: part.minor };
        let converted = row.converted.map(|(currency, amount_minor, rate_millionths)| ConvertedTruth {
            currency: currency.to_string(),
            amount_minor,
            rate_millionths,
        });
        truths.row(&RowTruth {
            account: &self.account,
            book: self.book,
            place,
            role: row.role,
            date_on: calendar::date(row.day)?,
            currency: row.currency.as_str(),
            amount_minor: row.amount,
            stands_for: row.parts.iter().map(part).collect(),
            converted,
            invented: row.invented,
            copy_of_row: row.copy.then(|| place.row - lines),
        })?;
        for scar in row.scars.iter().filter(|scar| scar.harm != Harm::Invented) {
            let is = scar.cell.map(|cell| self.layout.cell(cell, row)).transpose()?.unwrap_or_default();
            let subjects = row.parts.iter().map(|part| named(&part.subject)).collect();
            self.tell_scar(scar, Some(place), subjects, is, None, truths)?;
        }
        Ok(())
    }

    pub(super) fn tell_scar(
        &self,
        scar: &Scar,
        place: Option<&Place>,
        subjects: Vec<Named<'_>>,
        is: String,
        distinguishable: Option<Distinguishable>,
        truths: &mut Truths,
    ) -> Result<(), SimError> {
        truths.planted(&PlantedTruth {
            kind: scar.harm,
            account: &self.account,
            book: self.book,
            place,
            subjects,
            column: scar.cell.and_then(|cell| self.layout.heading(cell)),
            was: &scar.was,
            is,
            amount_minor: scar.amount,
            effect_minor: scar.effect,
            currency: scar.currency.as_str(),
            distinguishable,
        })
    }

    #[expect(clippy::too_many_arguments, reason = "a subject's truth has that many sides")]
    pub(super) fn tell_subject(
        &self,
        subject: &Subject,
        expected: Money,
        rows: Vec<Place>,
        shared: bool,
        absent_because: Option<Absence>,
        judged: Judged,
        truths: &mut Truths,
    ) -> Result<(), SimError> {
        let shape = match rows.len() {
            0 => Shape::None,
            1 if shared => Shape::ManyToOne,
            1 => Shape::OneToOne,
            _ => Shape::OneToMany,
        };
        truths.subject(&SubjectTruth {
            account: &self.account,
            book: self.book,
            subject: named(subject),
            currency: expected.currency.as_str(),
            amount_minor: expected.minor,
            shape,
            rows,
            absent_because,
            distinguishable: judged.distinguishable,
            rivals: judged.rivals,
            rival_count: judged.rival_count,
        })
    }
}
