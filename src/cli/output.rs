//! stdout: buffered, and quietly finished when the reader closes the pipe.

use std::io::{self, BufWriter, ErrorKind, IsTerminal, StdoutLock, Write};

use serde::Serialize;

use crate::exit::{Exit, Failure};

/// Enough to write a million rows in few system calls.
const BUFFER_BYTES: usize = 64 * 1024;

/// The locked, buffered stdout of one command.
pub struct Output {
    to: BufWriter<StdoutLock<'static>>,
}

impl Output {
    /// Whether a person is looking.
    pub fn is_terminal() -> bool {
        io::stdout().is_terminal()
    }

    /// One value as indented JSON and a line end.
    pub fn json(&mut self, value: &impl Serialize) -> io::Result<()> {
        serde_json::to_writer_pretty(&mut self.to, value)?;
        self.to.write_all(b"\n")
    }

    /// Begins a JSON array whose elements come one by one, one a line.
    pub fn array(&mut self) -> io::Result<JsonArray<'_>> {
        self.to.write_all(b"[")?;
        Ok(JsonArray { output: self, first: true })
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

/// A JSON array in the making; holds one element at a time.
pub struct JsonArray<'a> {
    output: &'a mut Output,
    first: bool,
}

impl JsonArray<'_> {
    /// Adds one element.
    pub fn push(&mut self, element: &impl Serialize) -> io::Result<()> {
        let before: &[u8] = if self.first { b"\n" } else { b",\n" };
        self.first = false;
        self.output.to.write_all(before)?;
        serde_json::to_writer(&mut self.output.to, element)?;
        Ok(())
    }

    /// Closes the array.
    pub fn end(self) -> io::Result<()> {
        let after: &[u8] = if self.first { b"]\n" } else { b"\n]\n" };
        self.output.to.write_all(after)
    }
}

/// Why a command that prints could not go on: its output, or anything else.
pub enum PrintError {
    /// stdout cannot be written.
    Output(io::Error),
    /// The rows could not be had.
    Failure(Failure),
}

impl From<io::Error> for PrintError {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Failure> for PrintError {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Prints what a list holds as one JSON array, each row by its view.
///
/// # Errors
/// [`Exit::Failed`] when stdout cannot be written.
pub fn print_list<'r, Row, View: Serialize>(rows: &'r [Row], view: impl Fn(&'r Row) -> View) -> Result<Exit, Failure> {
    print(|output| {
        let mut array = output.array()?;
        rows.iter().try_for_each(|row| array.push(&view(row)))?;
        Ok(array.end()?)
    })
}

/// Lets `write` print to stdout. A reader that went away ends the command quietly, and well.
///
/// # Errors
/// What `write` failed with, or [`Exit::Failed`] when stdout cannot be written (a full disk behind a redirection).
pub fn print(write: impl FnOnce(&mut Output) -> Result<(), PrintError>) -> Result<Exit, Failure> {
    let mut output = Output { to: BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock()) };
    let written = write(&mut output).and_then(|()| Ok(output.flush()?));
    let outcome = match written {
        Ok(()) => Ok(Exit::Fine),
        Err(PrintError::Failure(failure)) => Err(failure),
        Err(PrintError::Output(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(Exit::Fine),
        Err(PrintError::Output(error)) => Err(Failure::new(Exit::Failed, format!("stdout cannot be written: {error}"))),
    };
    // What is left in the buffer has nobody to go to; dropping it must not try again.
    let (_, _) = output.to.into_parts();
    outcome
}
