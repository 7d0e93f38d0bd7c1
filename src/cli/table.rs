//! Tables for people: aligned columns, money to the right, cut at the terminal's width only on a terminal.

use std::io::{self, Write};

use console::{Term, measure_text_width, truncate_str};

use super::Output;
use super::talk::printable;

/// How the cells of a column stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Money and counts.
    Right,
}

/// A table; long ones are written part by part, columns then only ever growing wider.
pub struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<String>>,
    /// The widths so far, where a part was written already.
    widths: Vec<usize>,
}

/// Between two columns.
const GAP: &str = "  ";

impl Table {
    /// A table with these columns.
    pub fn new(columns: &[(&'static str, Align)]) -> Self {
        Self { columns: columns.to_vec(), rows: Vec::new(), widths: Vec::new() }
    }

    /// Adds a row; missing cells are blank.
    pub fn row(&mut self, cells: impl IntoIterator<Item = String>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell)).collect());
    }

    /// How many rows wait to be written.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Writes all of it, with its header.
    pub fn write(mut self, output: &mut Output) -> io::Result<()> {
        self.write_and_go_on(output)
    }

    /// Writes the rows so far, the first time with the header, and forgets them.
    pub fn write_and_go_on(&mut self, output: &mut Output) -> io::Result<()> {
        let width = Output::is_terminal().then(terminal_columns);
        self.lines(width).iter().try_for_each(|line| writeln!(output, "{line}"))
    }

    /// The rows so far, and the first time the header; none wider than `width` columns.
    fn lines(&mut self, width: Option<usize>) -> Vec<String> {
        let mut rows = std::mem::take(&mut self.rows);
        if self.widths.is_empty() {
            rows.insert(0, self.columns.iter().map(|(name, _)| name.to_uppercase()).collect());
            self.widths = vec![0; self.columns.len()];
        }
        for row in &rows {
            for (widest, cell) in self.widths.iter_mut().zip(row) {
                *widest = measure_text_width(cell).max(*widest);
            }
        }
        rows.iter().map(|row| cut(&self.line(row), width)).collect()
    }

    fn line(&self, row: &[String]) -> String {
        let mut line = String::new();
        for (at, ((_, align), width)) in self.columns.iter().zip(&self.widths).enumerate() {
            if at > 0 {
                line.push_str(GAP);
            }
            let cell = row.get(at).map_or("", String::as_str);
            let padding = " ".repeat(width.saturating_sub(measure_text_width(cell)));
            match align {
                Align::Left => line.extend([cell, &padding]),
                Align::Right => line.extend([padding.as_str(), cell]),
            }
        }
        line.truncate(line.trim_end().len());
        line
    }
}

fn cut(line: &str, width: Option<usize>) -> String {
    width.map_or_else(|| line.to_owned(), |width| truncate_str(line, width, "…").into_owned())
}

fn terminal_columns() -> usize {
    usize::from(Term::stdout().size().1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new(&[("id", Align::Left), ("amount", Align::Right), ("state", Align::Left)]);
        table.row(["po_1".to_owned(), "1.00 USD".to_owned(), "matched".to_owned()]);
        table.row(["po_22".to_owned(), "\u{2212}1,000.00 USD".to_owned(), String::new()]);
        table
    }

    #[test]
    fn money_stands_right_and_words_stand_left() {
        let expected = ["ID            AMOUNT  STATE", "po_1        1.00 USD  matched", "po_22  \u{2212}1,000.00 USD"];
        assert_eq!(table().lines(None), expected);
    }

    #[test]
    fn a_line_is_cut_only_where_a_width_is_given() {
        assert_eq!(table().lines(Some(12)), ["ID         …", "po_1       …", "po_22  \u{2212}1,0…"]);
    }

    #[test]
    fn a_later_part_keeps_the_columns_and_repeats_no_header() {
        let mut table = table();
        assert_eq!(table.lines(None).len(), 3);
        table.row(["po_3".to_owned(), "5.00 USD".to_owned(), "missing".to_owned()]);
        assert_eq!(table.lines(None), ["po_3        5.00 USD  missing"]);
        assert!(table.lines(None).is_empty());
    }

    #[test]
    fn a_wide_character_takes_two_columns() {
        let mut table = Table::new(&[("text", Align::Left), ("n", Align::Right)]);
        table.row(["勘定".to_owned(), "1".to_owned()]);
        assert_eq!(table.lines(None), ["TEXT  N", "勘定  1"]);
    }

    #[test]
    fn a_control_character_from_a_bank_cannot_reach_the_terminal() {
        let mut table = Table::new(&[("text", Align::Left)]);
        table.row(["a\u{1b}[31mb".to_owned()]);
        assert_eq!(table.lines(None), ["TEXT", "a [31mb"]);
    }
}
