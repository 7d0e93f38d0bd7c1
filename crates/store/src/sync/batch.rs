//! Rows of one unit of work on their way into their tables.

use std::collections::HashSet;

use facts::ObjectKind;

use super::declared::{self, Lists, Text};
use super::stale::Stale;
use crate::Result;
use crate::database::{Many, ToSql, Transaction};

/// Which object: what it is, whose it is, its id. An account is nobody's, so that its second word is empty.
pub(super) type Place<'p> = (ObjectKind, &'p str, &'p str);

/// Rows that are written together. Until they are sent, a read need not see them; what is not sent is not written.
pub(super) struct Batch<'t, 'c, 'p> {
    transaction: &'t Transaction<'c>,
    /// By their texts. Few are in use at once.
    statements: Vec<(String, Many<'t>)>,
    /// Objects whose rows wait.
    waiting: HashSet<Place<'p>>,
    /// The statements of kinds that are read by declaration.
    pub(super) texts: Vec<Text>,
    /// What is left of wholes once their rows and those of their parts are written.
    pub(super) lists: Lists<'p>,
    /// What the rows make stale; noted at the end of the unit.
    pub(super) stale: Stale<'p>,
}

impl<'t, 'c, 'p> Batch<'t, 'c, 'p> {
    pub(super) fn new(transaction: &'t Transaction<'c>) -> Self {
        Self {
            transaction,
            statements: Vec::new(),
            waiting: HashSet::new(),
            texts: Vec::new(),
            lists: Lists::new(),
            stale: Stale::default(),
        }
    }

    /// Puts an object's row. One that waits from before is written first: what is put last stays.
    pub(super) fn put(&mut self, place: Place<'p>, sql: &str, row: &[&dyn ToSql]) -> Result<()> {
        if self.lists.keys().any(|(kind, ..)| *kind == place.0) {
            self.send()?;
        }
        self.put_part(place, sql, row)
    }

    /// Puts the row of an object that stands within another one.
    pub(super) fn put_part(&mut self, place: Place<'p>, sql: &str, row: &[&dyn ToSql]) -> Result<()> {
        if !self.waiting.insert(place) {
            self.send()?;
            self.waiting.insert(place);
        }
        self.add(sql, row)
    }

    /// Adds a row of a statement that does not care what else waits.
    pub(super) fn add(&mut self, sql: &str, row: &[&dyn ToSql]) -> Result<()> {
        let at = match self.statements.iter().position(|(text, _)| text == sql) {
            Some(at) => at,
            None => {
                self.statements.push((sql.to_owned(), self.transaction.many(sql)?));
                self.statements.len() - 1
            }
        };
        if let Some((_, many)) = self.statements.get_mut(at) {
            many.add(row)?;
        }
        Ok(())
    }

    /// Ends the unit of work: writes all that waits, and notes what it makes stale. Says whether all deposits are to be
    /// matched anew.
    pub(super) fn end(mut self) -> Result<bool> {
        self.send()?;
        self.stale.note(self.transaction)
    }

    /// Writes all that waits.
    pub(super) fn send(&mut self) -> Result<()> {
        self.statements.iter_mut().try_for_each(|(_, many)| many.send())?;
        self.waiting.clear();
        declared::mark_gone(self.transaction, std::mem::take(&mut self.lists))
    }
}
