//! A reader of the books' files and of the truth about them that shares nothing with the simulator but its public face.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::LazyLock,
};

use jiff::civil::Date;
use serde_json::Value;
use sim::{Difficulty, Options, World};

/// A world with its books, as they were exported.
pub struct Exported {
    pub seed: u64,
    pub difficulty: Difficulty,
    pub world: World,
    /// The books' files, decoded.
    pub files: BTreeMap<String, String>,
    pub books: Value,
    pub rows: Vec<Value>,
    pub subjects: Vec<Value>,
    pub planted: Vec<Value>,
    /// File and line → the cells by their headings.
    pub cells: BTreeMap<(String, u64), BTreeMap<String, String>>,
}

pub fn options(seed: u64, difficulty: Difficulty) -> Options {
    let until = Date::new(2026, 8, 1 + (seed % 28) as i8).expect("a date");
    Options { days: 50, per_day: 9, accounts: 3, difficulty: Some(difficulty), ..Options::quarter(seed, until) }
}

/// The books of a world, read back.
pub fn exported(options: &Options) -> Exported {
    let (seed, difficulty) = (options.seed, options.difficulty.expect("a difficulty"));
    let world = World::generate(options).expect("a world");
    let dir = tempfile::tempdir().expect("a folder");
    sim::export(&world, dir.path()).expect("an export");
    let truth = dir.path().join("truth-books");
    let books: Value = serde_json::from_slice(&fs::read(truth.join("books.json")).expect("books.json")).expect("JSON");
    let (rows, subjects) = (lines(&truth.join("rows.jsonl")), lines(&truth.join("subjects.jsonl")));
    let planted = lines(&truth.join("planted.jsonl"));
    let files = files(dir.path(), &books);
    let cells = cells(&files, &books);
    Exported { seed, difficulty, world, files, books, rows, subjects, planted, cells }
}

/// Three seeds at each difficulty, made once for all tests.
pub fn many() -> &'static [Exported] {
    static MANY: LazyLock<Vec<Exported>> = LazyLock::new(|| {
        let seeds = |difficulty| (1..=3).map(move |seed| exported(&options(seed, difficulty)));
        Difficulty::ALL.into_iter().flat_map(seeds).collect()
    });
    &MANY
}

fn lines(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).expect("a file");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// The text of a field.
pub fn text(value: &Value, field: &str) -> String {
    value[field].as_str().unwrap_or_default().to_owned()
}

pub fn int(value: &Value, field: &str) -> i64 {
    value[field].as_i64().unwrap_or_else(|| panic!("{field} of {value} is not an integer"))
}

pub fn place(value: &Value) -> (String, u64) {
    (text(value, "file"), value["row"].as_u64().unwrap_or_else(|| panic!("no row in {value}")))
}

pub fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn files(dir: &Path, books: &Value) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for book in list(&books["books"]) {
        for file in list(&book["files"]).iter().map(|file| text(file, "file")) {
            files.insert(file.clone(), decoded(dir, book, &file));
        }
    }
    files
}

fn decoded(dir: &Path, book: &Value, file: &str) -> String {
    let bytes = fs::read(dir.join("books").join(file)).expect("a file");
    if book["encoding"] == "iso-8859-1" {
        return bytes.iter().map(|byte| char::from(*byte)).collect();
    }
    let text = String::from_utf8(bytes).expect("UTF-8");
    text.strip_prefix('\u{feff}').map(ToOwned::to_owned).unwrap_or(text)
}

fn cells(files: &BTreeMap<String, String>, books: &Value) -> BTreeMap<(String, u64), BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for book in list(&books["books"]) {
        let above = book["preamble_lines"].as_u64().expect("a number");
        for file in list(&book["files"]).iter().map(|file| text(file, "file")) {
            let body: String = files[&file].split_inclusive('\n').skip(above as usize).collect();
            let delimiter = text(book, "delimiter").bytes().next().expect("a delimiter");
            let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(body.as_bytes());
            let headings: Vec<String> = reader.headers().expect("a header").iter().map(ToOwned::to_owned).collect();
            assert_eq!(headings, list(&book["columns"]).iter().filter_map(Value::as_str).collect::<Vec<_>>(), "{file}");
            for (at, record) in reader.records().enumerate() {
                let record = record.unwrap_or_else(|error| panic!("{file}: {error}"));
                let row: BTreeMap<String, String> = headings.iter().cloned().zip(record.iter().map(ToOwned::to_owned)).collect();
                found.insert((file.clone(), above + 2 + at as u64), row);
            }
        }
    }
    found
}

/// The signed amount of a row in minor units: digits only, so that it is the same for every currency.
pub fn amount(row: &BTreeMap<String, String>) -> i64 {
    let minor = |cell: &str| -> i64 {
        let digits: String = cell.chars().filter(char::is_ascii_digit).collect();
        let size: i64 = digits.parse().unwrap_or_else(|_| panic!("no amount in {row:?}"));
        if cell.contains(['-', '(']) { -size } else { size }
    };
    for (plus, minus) in [("Amount (Debit)", "Amount (Credit)"), ("Debit", "Credit"), ("in", "out"), ("Soll", "Haben")] {
        if let (Some(plus), Some(minus)) = (row.get(plus), row.get(minus)) {
            assert!(plus.is_empty() != minus.is_empty(), "{row:?}");
            return if plus.is_empty() { -minor(minus) } else { minor(plus) };
        }
    }
    let signed = [
        "Gross Amount",
        "Amount in doc. curr.",
        "Betrag in Belegwährung",
        "Amount in local cur.",
        "Betrag in Hauswährung",
        "Amount",
        "Total",
        "total",
        "Brutto",
    ];
    let cell = signed.iter().find_map(|heading| row.get(*heading)).unwrap_or_else(|| panic!("no amount in {row:?}"));
    let size = minor(cell);
    if row.get("Kind").is_some_and(|kind| kind == "refund") { -size } else { size }
}

/// Every way in which a system may write a day.
pub fn dates(on: &str) -> BTreeSet<String> {
    let on: Date = on.parse().expect("a date");
    ["%Y-%m-%d", "%m/%d/%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y/%m/%d", "%-d %b %Y", "%Y%m%d"]
        .iter()
        .map(|format| on.strftime(format).to_string())
        .collect()
}
