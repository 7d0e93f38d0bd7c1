//! Objects as lines of JSON: rendered by as many threads as the machine has, written in order.

use std::io::{self, Write};
use std::num::NonZero;
use std::thread;

use crate::catalog::StripeObject;

/// Objects that a thread renders at a time: some megabytes of text.
const CHUNK: usize = 2_048;

/// Writes the objects as they are at `now`, one a line. The bytes do not depend on the number of threads.
///
/// # Errors
/// What the writer says, and what cannot be written as JSON.
pub(super) fn write(objects: &[StripeObject], now: i64, out: &mut impl Write) -> io::Result<()> {
    let threads = thread::available_parallelism().map_or(1, NonZero::get);
    for batch in objects.chunks(CHUNK * threads) {
        let rendered: Vec<io::Result<Vec<u8>>> = thread::scope(|scope| {
            let handles: Vec<_> = batch.chunks(CHUNK).map(|chunk| scope.spawn(move || render(chunk, now))).collect();
            handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| Err(io::Error::other("a thread ended")))).collect()
        });
        for lines in rendered {
            out.write_all(&lines?)?;
        }
    }
    Ok(())
}

fn render(objects: &[StripeObject], now: i64) -> io::Result<Vec<u8>> {
    let mut lines = Vec::new();
    for object in objects {
        serde_json::to_writer(&mut lines, &object.json(now))?;
        lines.push(b'\n');
    }
    Ok(lines)
}
