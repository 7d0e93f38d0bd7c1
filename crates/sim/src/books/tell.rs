//! The truth about books, as JSON lines.

use std::{
    fs::{self, File},
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

use jiff::civil::Date;
use serde::Serialize;

use super::{
    harm::Harm,
    row::{Book, Place, Role},
    subject::{Kind, Subject},
};
use crate::{options::SimError, truth::Distinguishable};

/// A subject by its id.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Named<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Kind,
    pub(super) id: &'a str,
}

/// A subject's type and id.
pub(super) fn named(subject: &Subject) -> Named<'_> {
    Named { kind: subject.kind, id: subject.id() }
}

/// How a subject and its rows stand to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Shape {
    OneToOne,
    /// Several rows are one subject.
    OneToMany,
    /// One row is several subjects.
    ManyToOne,
    None,
}

/// Why a subject stands in no row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Absence {
    /// Planted.
    Missing,
    /// It will be booked after the world's end.
    NotYet,
    /// A payout that failed or was called off.
    Failed,
}

/// One subject in one book.
#[derive(Debug, Serialize)]
pub(super) struct SubjectTruth<'a> {
    pub(super) account: &'a str,
    pub(super) book: Book,
    #[serde(flatten)]
    pub(super) subject: Named<'a>,
    /// What the book should say, signed as there.
    pub(super) currency: &'a str,
    pub(super) amount_minor: i64,
    pub(super) shape: Shape,
    pub(super) rows: Vec<Place>,
    pub(super) absent_because: Option<Absence>,
    pub(super) distinguishable: Distinguishable,
    /// Other rows that it could be, the first few of them.
    pub(super) rivals: Vec<Place>,
    pub(super) rival_count: usize,
}

/// A subject's share of a row.
#[derive(Debug, Serialize)]
pub(super) struct PartTruth<'a> {
    #[serde(flatten)]
    pub(super) subject: Named<'a>,
    pub(super) amount_minor: i64,
}

/// What was converted at the merchant's own rate.
#[derive(Debug, Serialize)]
pub(super) struct ConvertedTruth {
    pub(super) currency: String,
    pub(super) amount_minor: i64,
    pub(super) rate_millionths: u64,
}

/// One row of a file.
#[derive(Debug, Serialize)]
pub(super) struct RowTruth<'a> {
    pub(super) account: &'a str,
    pub(super) book: Book,
    #[serde(flatten)]
    pub(super) place: &'a Place,
    pub(super) role: Role,
    pub(super) date_on: Date,
    /// As the file says it.
    pub(super) currency: &'a str,
    pub(super) amount_minor: i64,
    pub(super) stands_for: Vec<PartTruth<'a>>,
    pub(super) converted: Option<ConvertedTruth>,
    pub(super) invented: bool,
    /// The row that this one repeats.
    pub(super) copy_of_row: Option<u64>,
}

/// Something planted.
#[derive(Debug, Serialize)]
pub(super) struct PlantedTruth<'a> {
    pub(super) kind: Harm,
    pub(super) account: &'a str,
    pub(super) book: Book,
    /// `None` for what is missing.
    pub(super) place: Option<&'a Place>,
    pub(super) subjects: Vec<Named<'a>>,
    /// The column in which it can be seen, what would stand there, and what stands there.
    pub(super) column: Option<&'static str>,
    pub(super) was: &'a str,
    pub(super) is: String,
    /// How much is in question, unsigned.
    pub(super) amount_minor: i64,
    /// What it adds to the sum of the book in `currency`.
    pub(super) effect_minor: i64,
    pub(super) currency: &'a str,
    /// For invented rows, whether that can be told.
    pub(super) distinguishable: Option<Distinguishable>,
}

/// Where the truth is written to.
pub(super) struct Truths {
    subjects: Lines,
    rows: Lines,
    planted: Lines,
}

impl Truths {
    pub(super) fn create(dir: &Path) -> Result<Self, SimError> {
        let lines = |name: &str| Lines::create(dir.join(name));
        Ok(Self { subjects: lines("subjects.jsonl")?, rows: lines("rows.jsonl")?, planted: lines("planted.jsonl")? })
    }

    pub(super) fn subject(&mut self, truth: &SubjectTruth<'_>) -> Result<(), SimError> {
        self.subjects.write(truth)
    }

    pub(super) fn row(&mut self, truth: &RowTruth<'_>) -> Result<(), SimError> {
        self.rows.write(truth)
    }

    pub(super) fn planted(&mut self, truth: &PlantedTruth<'_>) -> Result<(), SimError> {
        self.planted.write(truth)
    }

    /// Everything is on the disk, or an error says so.
    pub(super) fn finish(self) -> Result<(), SimError> {
        for mut lines in [self.subjects, self.rows, self.planted] {
            lines.out.flush().map_err(|source| SimError::Write { path: lines.path, source })?;
        }
        Ok(())
    }
}

/// Bytes that are handed to the system at a time.
const BUFFER: usize = 1 << 18;

/// A file of JSON lines.
struct Lines {
    path: PathBuf,
    out: BufWriter<File>,
    /// The line that is being made: many small writes cost less here.
    line: Vec<u8>,
}

impl Lines {
    fn create(path: PathBuf) -> Result<Self, SimError> {
        let failed = |source| SimError::Write { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed)?;
        }
        let out = BufWriter::with_capacity(BUFFER, File::create(&path).map_err(failed)?);
        Ok(Self { path, out, line: Vec::new() })
    }

    fn write(&mut self, value: &impl Serialize) -> Result<(), SimError> {
        self.line.clear();
        serde_json::to_writer(&mut self.line, value).map_err(|source| SimError::Json { path: self.path.clone(), source })?;
        self.line.push(b'\n');
        self.out.write_all(&self.line).map_err(|source| SimError::Write { path: self.path.clone(), source })
    }
}
