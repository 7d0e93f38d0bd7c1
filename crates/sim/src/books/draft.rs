//! Documents as the bookkeeper means to write them.

use std::rc::Rc;

use super::{
    damage::Scar,
    harm::Harm,
    keeper::{Group, Keeper, sum},
    people::person,
    row::{Account, Book, Part, Role, Row},
    subject::{Kind, Subject},
};
use crate::{options::SimError, world::calendar};

impl Keeper {
    /// The same again, under the same number or the next.
    pub(super) fn copy(&mut self, row: &Row) -> Row {
        let number = if self.vandal.random.chance(500) { row.number.clone() } else { self.number(row.role) };
        let scar = whole(Harm::BookedTwice, row);
        Row { number, parts: Vec::new(), copy: true, scars: vec![scar], ..row.clone() }
    }

    /// A sale that Stripe never saw: cash, another processor, or nobody can say. Half of them have the amount of their
    /// neighbour, and half say what they are.
    pub(super) fn invent(&mut self, beside: &Row) -> Result<Row, SimError> {
        let role = match self.habit.book {
            Book::Orders | Book::Transactions => Role::Sale,
            Book::Invoices => Role::Invoice,
            Book::Payments => Role::Payment,
            Book::Journal => Role::Clearing,
        };
        let random = &mut self.vandal.random;
        let like = beside.parts.first().filter(|part| part.subject.kind == Kind::Charge && random.chance(500));
        let amount = like.map_or_else(|| random.between(9, 120) * 100 + 90, |part| part.minor);
        let customer = person(self.seed ^ 0x1117, random.below(1 << 24) as u32, self.country);
        let said = random.pick(&["", "", "", "PayPal", "Cash sale", "Klarna"]);
        let reference = if said == "PayPal" { random.text(b"ABCDEFGHJKLMNPQRSTUVWXYZ0123456789", 17) } else { String::new() };
        let day = (beside.day + random.between(0, 3)).min(self.vandal.last);
        let memo = if said.is_empty() { self.memo(Kind::Charge).to_owned() } else { said.to_owned() };
        let mut row = Row {
            role,
            number: self.number(role),
            day,
            currency: beside.currency,
            amount,
            converted: None,
            name: customer.name,
            email: customer.email,
            reference,
            memo,
            account: Account::Clearing,
            parts: Vec::new(),
            invented: true,
            elsewhere: !said.is_empty(),
            copy: false,
            told: None,
            scars: Vec::new(),
        };
        row.scars.push(whole(Harm::Invented, &row));
        Ok(row)
    }

    pub(super) fn draft(&mut self, group: &Group, day: i64) -> Result<Row, SimError> {
        let Some(first) = group.members.first() else { return Err(SimError::Amount("an empty batch")) };
        let (mut parts, mut amounts, mut foreign) = (Vec::new(), Vec::new(), None);
        let mut currency = first.presented.currency;
        for subject in &group.members {
            let booked = self.booked(subject)?;
            currency = booked.money.currency;
            amounts.push(booked.money.minor);
            parts.push(Part { subject: Rc::clone(subject), minor: booked.money.minor });
            if let Some((of, minor, rate)) = booked.converted {
                let (_, sum, _) = foreign.get_or_insert((of, 0_i64, rate));
                *sum = sum.checked_add(minor).ok_or(SimError::Amount("a day's batch"))?;
            }
        }
        let role = self.role(first.kind);
        let joint = group.members.get(1).filter(|_| !group.batch);
        let id = if group.batch { "" } else { self.reference(first) };
        let mut memo = self.memo(first.kind).to_owned();
        if group.batch {
            memo = format!("{memo} {}", calendar::date(first.day)?);
        } else if self.habit.in_memo {
            memo = format!("{memo} {id}").trim().to_owned();
        }
        if let Some(second) = joint
            && self.vandal.random.chance(500)
        {
            memo = format!("{memo} + {}", self.reference(second));
        }
        let in_column = !self.habit.in_memo && !group.batch;
        let several = group.batch.then(|| "Webshop".to_owned());
        Ok(Row {
            role,
            number: self.number(role),
            day,
            currency,
            amount: sum(&amounts)?,
            converted: foreign,
            name: several.unwrap_or_else(|| first.name.to_string()),
            email: if group.batch { String::new() } else { first.email.to_string() },
            reference: if in_column { id.to_owned() } else { String::new() },
            memo,
            account: if role == Role::Deposit { Account::Bank } else { Account::Clearing },
            parts,
            invented: false,
            elsewhere: false,
            copy: false,
            told: None,
            scars: Vec::new(),
        })
    }

    pub(super) fn number(&mut self, role: Role) -> String {
        self.count += 1;
        self.habit.system.number(role, self.count)
    }

    /// The id that the book's habit writes; for fees the charge's where the habit is not to write their own.
    pub(super) fn reference<'a>(&self, subject: &'a Subject) -> &'a str {
        let place = if subject.kind == Kind::Fee { self.habit.reference.min(1) } else { self.habit.reference };
        subject.ids.get(place).map(|id| &**id).unwrap_or_default()
    }

    pub(super) const fn role(&self, kind: Kind) -> Role {
        match (self.habit.book, kind) {
            (Book::Journal, _) => Role::Clearing,
            (_, Kind::Payout) => Role::Deposit,
            (Book::Orders | Book::Transactions, Kind::Refund) => Role::Return,
            (Book::Orders | Book::Transactions, _) => Role::Sale,
            (Book::Invoices, Kind::Refund) => Role::CreditMemo,
            (Book::Invoices, _) => Role::Invoice,
            (Book::Payments, Kind::Refund) => Role::Refund,
            (Book::Payments, _) => Role::Payment,
        }
    }

    /// What the merchant writes beside a document, in the merchant's language.
    fn memo(&self, kind: Kind) -> &'static str {
        match (kind, self.country) {
            (Kind::Charge, "DE") => "Onlineverkauf",
            (Kind::Refund, "DE") => "Erstattung an Kunde",
            (Kind::Fee, "DE") => "Gebühren Stripe",
            (Kind::Payout, "DE") => "Auszahlung Stripe",
            (Kind::Charge, _) => "Online sale",
            (Kind::Refund, _) => "Refund to customer",
            (Kind::Fee, _) => "Stripe fees",
            (Kind::Payout, _) => "Stripe payout",
        }
    }
}

/// A scar that is a whole row.
fn whole(harm: Harm, row: &Row) -> Scar {
    Scar { harm, cell: None, was: String::new(), amount: row.amount.abs(), effect: row.amount, currency: row.currency }
}

/// The other side of a line on the clearing account.
pub(super) fn counter(row: &Row) -> Row {
    let account = match row.parts.first().map(|part| part.subject.kind) {
        Some(Kind::Refund) => Account::Refunds,
        Some(Kind::Fee) => Account::Fees,
        Some(Kind::Payout) => Account::Bank,
        Some(Kind::Charge) | None => Account::Sales,
    };
    let bare = Row { parts: Vec::new(), scars: Vec::new(), invented: false, copy: false, ..row.clone() };
    Row { role: Role::Counter, account, amount: -row.amount, ..bare }
}
