//! How damage is done to a row.

use money::Currency;

use super::{
    harm::{Damage, Harm, Tallies},
    layout::{Cell, Layout},
    row::{Role, Row},
    spell,
};
use crate::{options::SimError, random::Random, world::calendar};

/// Something planted in a row.
#[derive(Clone, Debug)]
pub(super) struct Scar {
    pub(super) harm: Harm,
    /// The column in which it can be seen, and what stood in it; what stands there now is read when the row is written.
    pub(super) cell: Option<Cell>,
    pub(super) was: String,
    /// How much is in question, unsigned.
    pub(super) amount: i64,
    /// What it adds to the sum of the book.
    pub(super) effect: i64,
    pub(super) currency: Currency,
}

/// Damages the rows of one book.
pub(super) struct Vandal {
    pub(super) dial: Damage,
    pub(super) random: Random,
    pub(super) tallies: Tallies,
    pub(super) layout: Layout,
    /// The last day that a file can hold.
    pub(super) last: i64,
}

impl Vandal {
    /// Whether a kind strikes now. Each question counts as a time that it could have.
    pub(super) fn strikes(&mut self, harm: Harm) -> bool {
        let struck = self.random.chance(self.dial.permille(harm));
        self.tallies.count(harm, struck);
        struck
    }

    /// Everything that can happen within a row that stands for one thing.
    pub(super) fn damage(&mut self, row: &mut Row) -> Result<(), SimError> {
        self.damage_reference(row)?;
        self.damage_name(row)?;
        self.damage_email(row)?;
        self.damage_kind(row)?;
        self.damage_currency(row)?;
        self.damage_amount_and_date(row)
    }

    /// What can happen to rows of any kind.
    pub(super) fn damage_amount_and_date(&mut self, row: &mut Row) -> Result<(), SimError> {
        self.damage_amount(row)?;
        self.cut_off(row)
    }

    /// At most one kind strikes a reference. The first is asked of every one, so that its rate is that of all.
    fn damage_reference(&mut self, row: &mut Row) -> Result<(), SimError> {
        let in_memo = row.reference.is_empty();
        let shown = if in_memo { &row.memo } else { &row.reference };
        let mut ids = row.parts.iter().flat_map(|part| &part.subject.ids);
        let Some(id) = ids.find(|id| shown.contains(&***id) && spell::shows(shown, id)).map(ToString::to_string) else {
            return Ok(());
        };
        let random = &mut self.random;
        let ways = [
            (Harm::ReferenceMissing, Some(String::new())),
            (Harm::ReferenceMistyped, spell::mistyped(random, &id)),
            (Harm::ReferenceTransposed, spell::transposed(random, &id)),
            (Harm::ReferenceCut, spell::cut(random, &id)),
            (Harm::ReferenceInMemo, (!in_memo).then(String::new)),
            (Harm::ReferenceDressed, Some(spell::dressed(random, &id))),
        ];
        let cell = if in_memo { Cell::Memo } else { Cell::Reference };
        for (harm, way) in ways {
            let Some(way) = way else { continue };
            if self.strikes(harm) {
                self.scar(row, harm, cell, 0)?;
                if harm == Harm::ReferenceInMemo {
                    row.memo = format!("{} {id}", row.memo);
                }
                let text = if in_memo { &mut row.memo } else { &mut row.reference };
                *text = text.replace(&id, &way).trim().to_owned();
                return Ok(());
            }
        }
        Ok(())
    }

    fn damage_name(&mut self, row: &mut Row) -> Result<(), SimError> {
        if self.layout.column(Cell::Name).is_none() || row.email.is_empty() {
            return Ok(());
        }
        let name = row.name.clone();
        let ways = [
            (Harm::NameAbbreviated, spell::abbreviated(&name)),
            (Harm::NameSwapped, spell::swapped(&name)),
            (Harm::NameWithoutUmlauts, spell::without_umlauts(&name)),
            (Harm::NameWithoutForm, spell::without_form(&name)),
            (Harm::NameMisspelt, spell::misspelt(&mut self.random, &name)),
        ];
        for (harm, way) in ways {
            let Some(way) = way else { continue };
            if self.strikes(harm) {
                self.scar(row, harm, Cell::Name, 0)?;
                row.name = way;
                return Ok(());
            }
        }
        Ok(())
    }

    fn damage_email(&mut self, row: &mut Row) -> Result<(), SimError> {
        let shown = self.layout.column(Cell::Email).is_some() && !row.email.is_empty();
        if shown && self.strikes(Harm::EmailMissing) {
            self.scar(row, Harm::EmailMissing, Cell::Email, 0)?;
            row.email.clear();
        }
        Ok(())
    }

    fn damage_amount(&mut self, row: &mut Row) -> Result<(), SimError> {
        let fee = row.amount / 40 + row.amount.signum() * 25;
        let cent = row.amount.signum() * self.random.between(1, 2);
        let ways = [(Harm::AmountLessFee, -fee, row.amount.abs() > 200), (Harm::AmountRounded, cent, row.amount != 0)];
        for (harm, change, possible) in ways {
            if possible && self.strikes(harm) {
                let cell = self.layout.amount_cell(row.amount);
                self.scar(row, harm, cell, change)?;
                row.amount += change;
                return Ok(());
            }
        }
        Ok(())
    }

    fn damage_kind(&mut self, row: &mut Row) -> Result<(), SimError> {
        let sale = match row.role {
            Role::Return => Role::Sale,
            Role::CreditMemo => Role::Invoice,
            Role::Refund => Role::Payment,
            _ => return Ok(()),
        };
        let signed = self.layout.column(Cell::Unsigned).is_none() && self.layout.column(Cell::Type).is_some();
        if signed && self.strikes(Harm::NegativeSale) {
            self.scar(row, Harm::NegativeSale, Cell::Type, 0)?;
            row.role = sale;
        }
        Ok(())
    }

    /// Another currency of as many decimals, so that the number looks the same.
    fn damage_currency(&mut self, row: &mut Row) -> Result<(), SimError> {
        let others = [Currency::USD, Currency::EUR].into_iter();
        let others: Vec<Currency> =
            others.filter(|other| *other != row.currency && other.exponent() == row.currency.exponent()).collect();
        let chosen = others.get(self.random.below(others.len() as u64) as usize).copied();
        if let Some(other) = chosen
            && row.converted.is_none()
            && self.strikes(Harm::CurrencyWrong)
        {
            self.scar(row, Harm::CurrencyWrong, Cell::Currency, 0)?;
            row.currency = other;
        }
        Ok(())
    }

    /// To the first days of the next month, for rows of a month's last ten days.
    fn cut_off(&mut self, row: &mut Row) -> Result<(), SimError> {
        let next = month_after(row.day)?;
        let to = next + self.random.between(0, 2);
        if next - row.day <= 10 && to <= self.last && self.strikes(Harm::CutOff) {
            self.scar(row, Harm::CutOff, Cell::Date, 0)?;
            row.day = to;
        }
        Ok(())
    }

    /// Remembers what stands in a column before it is damaged.
    fn scar(&self, row: &mut Row, harm: Harm, cell: Cell, effect: i64) -> Result<(), SimError> {
        let was = self.layout.cell(cell, row)?;
        let amount = if effect == 0 { row.amount.abs() } else { effect.abs() };
        row.scars.push(Scar { harm, cell: Some(cell), was, amount, effect, currency: row.currency });
        Ok(())
    }
}

/// The first day of the month after the one of `day`.
pub(super) fn month_after(day: i64) -> Result<i64, SimError> {
    let on = calendar::date(day)?;
    calendar::number(on.last_of_month()).map(|last| last + 1)
}
