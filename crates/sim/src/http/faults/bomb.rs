//! A small gzip body that unfolds to hundreds of megabytes, made while it is sent.
//!
//! The one block of DEFLATE has codes chosen so that a zero byte is four times "258 letters as the last one": 1032 blanks.

use std::convert::Infallible;
use std::iter;

use axum::body::{Body, Bytes};
use futures_util::stream;

/// The header of gzip, of a last block with its own codes, and the first letters.
const HEAD: [u8; 27] = [
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, //
    0xed, 0xc0, 0xb1, 0x01, 0x00, 0x00, 0x00, 0x82, 0xa0, 0xbd, 0x2b, 0xfc, 0xff, 0xca, 0x1e, 0x81, 0x05,
];
/// What is sent at once, and how often.
const ZEROS: [u8; 4_096] = [0; 4_096];
const PIECES: usize = 64;
/// The end of the block, the checksum of what was unfolded, and its length: 270,533,126.
const TAIL: [u8; 9] = [0x07, 0x45, 0x40, 0xdf, 0xb6, 0x06, 0x02, 0x20, 0x10];

/// The body.
pub(super) fn body() -> Body {
    let pieces = iter::once(Bytes::from_static(&HEAD))
        .chain(iter::repeat_n(Bytes::from_static(&ZEROS), PIECES))
        .chain(iter::once(Bytes::from_static(&TAIL)));
    Body::from_stream(stream::iter(pieces.map(Ok::<_, Infallible>)))
}
