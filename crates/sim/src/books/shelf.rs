//! Rows that wait for their file, and what is known of the subjects they stand for.

use std::{
    collections::{BTreeMap, HashMap},
    fs::{self, File},
    io::{BufWriter, Write},
    path::PathBuf,
    rc::Rc,
};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    damage::{Scar, month_after},
    harm::Harm,
    judge::{LooseRow, LooseSubject},
    layout::Layout,
    row::{Book, Place, Row},
    subject::{Kind, Money, Subject},
    tell::{Absence, Truths},
};
use crate::{options::SimError, truth::Distinguishable, world::calendar};

/// A file that was written, and how to read it.
#[derive(Debug, Serialize)]
pub(super) struct FileTruth {
    pub(super) file: String,
    pub(super) rows: u64,
}

/// One book's rows and subjects.
pub(super) struct Shelf {
    pub(super) account: String,
    pub(super) book: Book,
    system: &'static str,
    pub(super) layout: Layout,
    dir: PathBuf,
    /// First day of a file's period → its rows.
    periods: BTreeMap<i64, Vec<Row>>,
    pub(super) open: HashMap<Box<str>, Open>,
    pub(super) loose_rows: Vec<LooseRow>,
    /// A loose row's scar, for rows that were invented.
    pub(super) inventions: Vec<(usize, Scar)>,
    pub(super) loose: Vec<Loose>,
    pub(super) files: Vec<FileTruth>,
}

/// A subject some of whose rows are not written yet.
pub(super) struct Open {
    pub(super) subject: Rc<Subject>,
    pub(super) money: Money,
    pub(super) expected: Money,
    pub(super) left: usize,
    pub(super) rows: Vec<Place>,
    pub(super) shared: bool,
    /// How many of its rows show an id of it whole.
    pub(super) proven: usize,
    /// Whether a row of it shows an id of anything that it stands for.
    pub(super) named: bool,
    pub(super) told: Option<Distinguishable>,
    pub(super) loose_row: Option<usize>,
}

/// A subject that is judged at the end.
pub(super) struct Loose {
    pub(super) subject: LooseSubject,
    pub(super) expected: Money,
    pub(super) rows: Vec<Place>,
    pub(super) absence: Option<Absence>,
}

impl Shelf {
    pub(super) fn new(account: &str, book: Book, system: &'static str, layout: Layout, dir: PathBuf) -> Self {
        Self {
            account: account.to_owned(),
            book,
            system,
            layout,
            dir,
            periods: BTreeMap::new(),
            open: HashMap::new(),
            loose_rows: Vec::new(),
            inventions: Vec::new(),
            loose: Vec::new(),
            files: Vec::new(),
        }
    }

    /// Puts a row where its date belongs.
    pub(super) fn put(&mut self, row: Row) -> Result<(), SimError> {
        let shared = row.parts.len() > 1;
        for part in &row.parts {
            let money = Money { currency: row.currency, minor: part.minor };
            let seen = self.seen(&part.subject);
            let fresh = || Open {
                subject: Rc::clone(&part.subject),
                money: seen,
                expected: Money { minor: 0, ..money },
                left: 0,
                rows: Vec::new(),
                shared,
                proven: 0,
                named: false,
                told: None,
                loose_row: None,
            };
            let open = self.open.entry(part.subject.id().into()).or_insert_with(fresh);
            open.left += 1;
            open.expected.minor += part.minor;
            // A currency that was damaged is not what the book should say.
            if let Some(scar) = row.scars.iter().find(|scar| scar.harm == Harm::CurrencyWrong) {
                open.expected.currency = scar.currency;
            }
        }
        let period = self.period(row.day)?;
        self.periods.entry(period).or_default().push(row);
        Ok(())
    }

    /// What a reader expects of a subject, who knows Stripe but no rates of the merchant's own.
    pub(super) fn seen(&self, subject: &Subject) -> Money {
        match (self.book, subject.kind) {
            (Book::Journal, Kind::Payout) => Money { minor: -subject.settled.minor, ..subject.settled },
            (Book::Journal, _) => subject.settled,
            _ => subject.presented,
        }
    }

    /// The first day of the period that a file covers.
    fn period(&self, day: i64) -> Result<i64, SimError> {
        let on = calendar::date(day)?;
        let month = if self.layout.quarterly { (on.month() - 1) / 3 * 3 + 1 } else { on.month() };
        calendar::number(Date::new(on.year(), month, 1)?)
    }

    fn period_end(&self, first: i64) -> Result<i64, SimError> {
        let mut end = month_after(first)?;
        if self.layout.quarterly {
            end = month_after(month_after(end)?)?;
        }
        Ok(end)
    }

    /// Writes the files of the periods that end before the day `before`.
    pub(super) fn close(&mut self, before: i64, truths: &mut Truths) -> Result<(), SimError> {
        while let Some(first) = self.periods.keys().next().copied() {
            if self.period_end(first)? > before {
                break;
            }
            let rows = self.periods.remove(&first).unwrap_or_default();
            self.write(first, rows, truths)?;
        }
        Ok(())
    }

    fn write(&mut self, first: i64, mut rows: Vec<Row>, truths: &mut Truths) -> Result<(), SimError> {
        let on = calendar::date(first)?;
        let period = if self.layout.quarterly {
            format!("{}-Q{}", on.year(), (on.month() - 1) / 3 + 1)
        } else {
            format!("{}-{:02}", on.year(), on.month())
        };
        let name: Rc<str> = format!("{}/{}-{}-{period}.csv", self.account, self.book.as_str(), self.system).into();
        let path = self.dir.join(&*name);
        let failed = |source| SimError::Write { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let mut out = BufWriter::new(File::create(&path).map_err(failed)?);
        out.write_all(&self.layout.head()).map_err(failed)?;
        rows.sort_by_key(|row| row.day);
        self.files.push(FileTruth { file: name.to_string(), rows: rows.len() as u64 });
        let header = self.layout.preamble.len() as u64 + 1;
        for (line, row) in (header + 1..).zip(rows) {
            out.write_all(&self.layout.row(&row)?).map_err(failed)?;
            let place = Place { file: Rc::clone(&name), row: line, document: row.number.as_str().into() };
            self.tell_row(&row, &place, truths)?;
            self.place(&row, place, truths)?;
        }
        out.flush().map_err(failed)
    }
}
