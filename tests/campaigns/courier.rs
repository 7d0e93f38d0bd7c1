//! Delivers at a rate, whether answers come or not.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use jiff::Timestamp;

/// Deliveries that may be on their way at once: more than the server lets wait, so that one that it refuses is never held back by
/// those that wait.
const SENDERS: usize = 512;

/// How long an answer may take, before the campaign says that it never came.
const PATIENCE: Duration = Duration::from_secs(60);

/// To where, and how many a second.
pub struct Courier {
    pub address: String,
    pub rate: u64,
}

/// What a delivery was answered with.
pub struct Answered<D> {
    pub delivery: D,
    pub sent_at: Timestamp,
    pub answered_at: Timestamp,
    pub status: u16,
}

impl Courier {
    /// Delivers all of these, as `written` says their bodies and signatures then. The answers, and by how much the latest was sent
    /// too late: were that much, the rate was not kept.
    pub fn deliver<D: Send>(
        &self,
        deliveries: impl Iterator<Item = D> + Send,
        written: impl Fn(&D) -> (Vec<u8>, String) + Sync,
    ) -> (Vec<Answered<D>>, Duration) {
        let spacing = Duration::from_secs(1) / u32::try_from(self.rate).expect("a rate");
        let started = Instant::now();
        let due = Mutex::new(deliveries.zip(0_u32..).map(|(delivery, place)| (delivery, started + spacing * place)));
        let next = || due.lock().expect("no sender dies").next();
        let sender = || {
            let (mut connection, mut answered, mut latest) = (None, Vec::new(), Duration::ZERO);
            while let Some((delivery, at)) = next() {
                std::thread::sleep(at.saturating_duration_since(Instant::now()));
                latest = latest.max(at.elapsed());
                let (body, signature) = written(&delivery);
                let sent_at = Timestamp::now();
                let status = self.send(&mut connection, body, &signature);
                answered.push(Answered { delivery, sent_at, answered_at: Timestamp::now(), status });
            }
            (answered, latest)
        };
        std::thread::scope(|threads| {
            let senders: Vec<_> = (0..SENDERS).map(|_| threads.spawn(sender)).collect();
            let ended = senders.into_iter().map(|sender| sender.join().expect("every delivery is answered"));
            ended.fold((Vec::new(), Duration::ZERO), |(mut all, latest), (answered, own)| {
                all.extend(answered);
                (all, latest.max(own))
            })
        })
    }

    fn send(&self, connection: &mut Option<BufReader<TcpStream>>, body: Vec<u8>, signature: &str) -> u16 {
        let mut request = format!(
            "POST /webhooks/stripe HTTP/1.1\r\nHost: {}\r\nStripe-Signature: {signature}\r\nContent-Length: {}\r\n\r\n",
            self.address,
            body.len()
        )
        .into_bytes();
        request.extend(body);
        let stream = connection.get_or_insert_with(|| self.connect());
        stream.get_mut().write_all(&request).expect("the server reads");
        answer(stream)
    }

    fn connect(&self) -> BufReader<TcpStream> {
        let stream = TcpStream::connect(&self.address).expect("the server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket");
        stream.set_nodelay(true).expect("a socket");
        BufReader::new(stream)
    }
}

/// Reads an answer to its end, so that the next can follow; its status.
fn answer(stream: &mut BufReader<TcpStream>) -> u16 {
    let (mut status, mut length) = (None, 0);
    loop {
        let mut line = String::new();
        stream.read_line(&mut line).expect("an answer");
        let line = line.trim_end().to_ascii_lowercase();
        match line.split_once(": ") {
            _ if line.is_empty() => break,
            Some(("content-length", value)) => length = value.parse().expect("a length"),
            None => status = line.split(' ').nth(1).and_then(|word| word.parse().ok()),
            Some(_) => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).expect("a body");
    status.expect("a status")
}
