//! Deliveries that are written and signed before the clock runs, and those who send them, each waiting for its answer.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{SystemTime, UNIX_EPOCH};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::SENDERS;
use super::floor::Row;

/// Longer than an answer.
const ANSWER: usize = 1_024;

/// The requests that deliver these rows, signed now.
pub fn written(address: &str, secret: &str, rows: &[Row]) -> Vec<Vec<u8>> {
    rows.iter().map(|row| request(address, secret, &row.body)).collect()
}

/// Sends them all; each must be taken.
pub fn send(address: &str, requests: &[Vec<u8>]) {
    std::thread::scope(|threads| {
        for own in requests.chunks(requests.len().div_ceil(SENDERS)) {
            threads.spawn(|| {
                let mut stream = TcpStream::connect(address).expect("the server listens");
                stream.set_nodelay(true).expect("a socket");
                own.iter().for_each(|request| deliver(&mut stream, request));
            });
        }
    });
}

fn deliver(stream: &mut TcpStream, request: &[u8]) {
    stream.write_all(request).expect("the server reads");
    let (mut answer, mut read) = ([0; ANSWER], 0);
    while !answer[..read].ends_with(b"\n") || answer[..read].ends_with(b"\r\n") {
        let more = stream.read(&mut answer[read..]).expect("an answer");
        assert!(more > 0, "the server hung up");
        read += more;
    }
    assert!(answer.starts_with(b"HTTP/1.1 200 "), "{}", String::from_utf8_lossy(&answer[..read]));
}

fn request(address: &str, secret: &str, body: &[u8]) -> Vec<u8> {
    let at = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs();
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("any length");
    mac.update(format!("{at}.").as_bytes());
    mac.update(body);
    let signed: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    let head = format!(
        "POST /webhooks/stripe HTTP/1.1\r\nHost: {address}\r\nStripe-Signature: t={at},v1={signed}\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    [head.as_bytes(), body].concat()
}
