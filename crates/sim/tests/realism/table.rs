//! Tables of one figure for several kinds of worlds, beside what others have published.

use std::fmt::Write;

use crate::sample::Kind;

/// One figure of one kind of world.
pub struct Row {
    pub kind: &'static str,
    pub figure: String,
    pub ours: String,
}

impl Row {
    pub fn new(kind: &Kind, figure: &str, ours: String) -> Self {
        Self { kind: kind.name, figure: figure.to_owned(), ours }
    }
}

/// What is said beside one figure.
pub struct Beside {
    pub published: &'static str,
    pub difference: &'static str,
}

/// A section: for each figure, in the order of their first rows, a table of ours, then what is published of it and how ours
/// differs.
pub fn section(page: &mut String, title: &str, besides: &[Beside], rows: &[Row]) {
    write!(page, "## {title}\n\n").expect("a string takes all");
    let mut figures: Vec<&str> = Vec::new();
    for row in rows {
        if !figures.contains(&row.figure.as_str()) {
            figures.push(&row.figure);
        }
    }
    assert_eq!(figures.len(), besides.len(), "{title}: what is said beside each figure");
    for (figure, Beside { published, difference }) in figures.into_iter().zip(besides) {
        write!(page, "| worlds | {figure} |\n| --- | --- |\n").expect("a string takes all");
        for row in rows.iter().filter(|row| row.figure == figure) {
            writeln!(page, "| {} | {} |", row.kind, row.ours).expect("a string takes all");
        }
        write!(page, "\nPublished: {published} Ours beside it: {difference}\n\n").expect("a string takes all");
    }
}
