//! Receivers that are slow, endless, broken or false cost a deadline and 64 KiB, and nothing else.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::Timestamp;
use outgoing::{ANSWER_BYTES_MAX, AllowedNetworks, Answer, Client, Failure, Method, Request, Target};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::authority::Authority;
use crate::names::Names;
use crate::now;

const LONG: Duration = Duration::from_secs(60);
const SHORT: Duration = Duration::from_millis(300);

/// A receiver that does this with each connection.
async fn receiver<F, R>(does: F) -> SocketAddr
where
    F: Fn(TcpStream) -> R + Send + Sync + 'static,
    R: Future<Output = io::Result<()>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(does(stream));
        }
    });
    address
}

/// A receiver that gives this answer, and notes what it was sent.
async fn answering(answer: impl Into<String>) -> (SocketAddr, Arc<Mutex<Vec<String>>>) {
    let (answer, heard) = (answer.into(), Arc::new(Mutex::new(Vec::new())));
    let notes = Arc::clone(&heard);
    let address = receiver(move |mut stream| {
        let (answer, notes) = (answer.clone(), Arc::clone(&notes));
        async move {
            let request = request(&mut stream).await?;
            notes.lock().unwrap().push(request);
            stream.write_all(answer.as_bytes()).await?;
            stream.shutdown().await
        }
    });
    (address.await, heard)
}

/// Reads a request with its body.
async fn request(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<String> {
    let mut heard = String::new();
    loop {
        let mut buffer = [0; 4096];
        let read = stream.read(&mut buffer).await?;
        heard.push_str(&String::from_utf8_lossy(&buffer[..read]));
        let body = heard.split_once("\r\n\r\n").map(|(_, body)| body.len());
        let length = heard.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok()).unwrap_or(0);
        if read == 0 || body.is_some_and(|body| body >= length) {
            return Ok(heard);
        }
    }
}

fn loopback() -> AllowedNetworks {
    AllowedNetworks::parse(["127.0.0.0/8", "::1"]).unwrap()
}

fn post(url: &str) -> Request {
    Request::new(Method::Post, Target::parse(url).unwrap()).body("{}").unwrap()
}

async fn send_within(address: SocketAddr, deadline: Duration) -> Result<Answer, Failure> {
    Client::new(loopback()).send(&post(&format!("http://{address}/s3cret-path?key=s3cret")), deadline, now()).await
}

async fn send(address: SocketAddr) -> Result<Answer, Failure> {
    send_within(address, LONG).await
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made_and_its_answer_comes_back() {
    let (address, heard) = answering("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok").await;
    let request = post(&format!("http://{address}/hook?a=b#c")).header("Content-Type", "application/json").unwrap();
    let request = request.secret_header("Authorization", &"Bearer s3cret".into()).unwrap().id("job-7").unwrap();
    let answer = Client::new(loopback()).send(&request, LONG, now()).await.unwrap();
    assert_eq!(answer, Answer { status: 202, retry_after: None, body: b"ok".to_vec(), truncated: false });
    let heard = heard.lock().unwrap().join("");
    for expected in
        ["POST /hook?a=b HTTP/1.1\r\n", "authorization: Bearer s3cret\r\n", "idempotency-key: job-7\r\n", "\r\n\r\n{}"]
    {
        assert!(heard.contains(expected), "{heard}");
    }
    for unwanted in ["accept-encoding", "cookie", "referer"] {
        assert!(!heard.contains(unwanted), "{heard}");
    }
}

#[tokio::test]
async fn a_receiver_that_never_answers_costs_the_deadline() {
    let address = receiver(|mut stream| async move {
        request(&mut stream).await?;
        std::future::pending().await
    });
    let failure = send_within(address.await, SHORT).await.unwrap_err();
    assert_eq!(failure, Failure::TimedOut { host: "127.0.0.1".to_owned() });
}

#[tokio::test]
async fn a_receiver_that_trickles_costs_the_deadline() {
    for beginning in ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n"] {
        let address = receiver(move |mut stream| async move {
            request(&mut stream).await?;
            stream.write_all(beginning.as_bytes()).await?;
            loop {
                stream.write_all(if beginning.is_empty() { b"H" } else { b"a" }).await?;
                if beginning.is_empty() {
                    std::future::pending::<()>().await;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        });
        let failure = send_within(address.await, SHORT).await.unwrap_err();
        assert_eq!(failure, Failure::TimedOut { host: "127.0.0.1".to_owned() }, "{beginning}");
    }
}

#[tokio::test]
async fn an_endless_answer_is_read_up_to_the_limit_and_hung_up_on() {
    for head in ["content-length: 8000000000\r\n\r\n", "\r\n", "transfer-encoding: chunked\r\n\r\n"] {
        let hung_up = Arc::new(tokio::sync::Notify::new());
        let noticed = Arc::clone(&hung_up);
        let address = receiver(move |mut stream| {
            let noticed = Arc::clone(&noticed);
            async move {
                request(&mut stream).await?;
                stream.write_all(format!("HTTP/1.1 200 OK\r\n{head}").as_bytes()).await?;
                let mut block = vec![b'a'; 8192];
                if head.contains("chunked") {
                    block = [b"2000\r\n", block.as_slice(), b"\r\n"].concat();
                }
                while stream.write_all(&block).await.is_ok() {}
                noticed.notify_one();
                Ok(())
            }
        });
        let answer = send(address.await).await.unwrap();
        assert_eq!((answer.status, answer.body.len(), answer.truncated), (200, ANSWER_BYTES_MAX, true), "{head}");
        tokio::time::timeout(LONG, hung_up.notified()).await.unwrap();
    }
}

#[tokio::test]
async fn an_answer_of_exactly_the_limit_is_whole() {
    let body = "a".repeat(ANSWER_BYTES_MAX);
    let (address, _) = answering(format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len())).await;
    let answer = send(address).await.unwrap();
    assert_eq!((answer.body.len(), answer.truncated), (ANSWER_BYTES_MAX, false));
}

/// A bomb is never unpacked: what was not asked for is kept as it came.
#[tokio::test]
async fn a_compressed_answer_stays_compressed() {
    let (address, _) = answering("HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\nboom").await;
    assert_eq!(send(address).await.unwrap().body, b"boom");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_its_destination_is_never_asked() {
    for status in [301, 302, 303, 307, 308] {
        let (destination, heard) = answering("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
        let (address, _) =
            answering(format!("HTTP/1.1 {status} Elsewhere\r\nlocation: http://{destination}/\r\ncontent-length: 0\r\n\r\n"))
                .await;
        assert_eq!(send(address).await.unwrap().status, status);
        assert!(heard.lock().unwrap().is_empty(), "{status}");
    }
}

#[tokio::test]
async fn a_status_is_told_with_the_pause_that_the_receiver_wants() {
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    assert_eq!(now(), at("2026-11-28T10:00:00Z"));
    for (head, status, pause) in [
        ("410 Gone", 410, None),
        ("500 Oh", 500, None),
        ("429 Slow\r\nretry-after: 30", 429, Some(30)),
        ("503 Later\r\nretry-after: Sat, 28 Nov 2026 10:05:00 GMT", 503, Some(300)),
        ("429 Slow\r\nretry-after: 999999999999999999999", 429, Some(86_400)),
        ("429 Slow\r\nretry-after: never", 429, None),
    ] {
        let (address, _) = answering(format!("HTTP/1.1 {head}\r\ncontent-length: 0\r\n\r\n")).await;
        let answer = send(address).await.unwrap();
        assert_eq!((answer.status, answer.retry_after.map(|pause| pause.as_secs())), (status, pause), "{head}");
    }
}

#[tokio::test]
async fn what_is_no_answer_is_told_as_broken_off_without_what_is_secret() {
    let (cut, _) = answering("HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf").await;
    let (silent, _) = answering("").await;
    let (other, _) = answering("SSH-2.0-OpenSSH_9.2\r\n").await;
    let (many, _) = answering(format!("HTTP/1.1 200 OK\r\n{}\r\n", "a: b\r\n".repeat(5000))).await;
    let reset = receiver(|mut stream| async move {
        request(&mut stream).await?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 50\r\n\r\nhalf").await?;
        stream.set_zero_linger()
    });
    for address in [cut, silent, other, many, reset.await] {
        let failure = send(address).await.unwrap_err();
        assert!(matches!(failure, Failure::Broken { .. }) && failure.is_passing(), "{failure:?}");
        let told = format!("{failure} {failure:?}");
        assert!(told.contains("127.0.0.1") && !told.contains("s3cret"), "{told}");
    }
}

#[tokio::test]
async fn a_receiver_that_is_not_there_is_told_as_not_reached() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let failure = send(address).await.unwrap_err();
    assert!(matches!(failure, Failure::Connect { .. }) && failure.is_passing(), "{failure:?}");
    assert!(!format!("{failure} {failure:?}").contains("s3cret"), "{failure:?}");
}

#[tokio::test]
async fn a_receiver_is_sent_to_only_if_it_proves_who_it_is() {
    let (authority, stranger) = (Authority::new(), Authority::new());
    for (what, tls, trusting, believed) in [
        ("as it should be", authority.vouches_for("hook.test"), true, true),
        ("another host's", authority.vouches_for("other.test"), true, false),
        ("vouched for by a stranger", stranger.vouches_for("hook.test"), true, false),
        ("unknown to this machine", authority.vouches_for("hook.test"), false, false),
    ] {
        let heard = Arc::new(Mutex::new(0));
        let notes = Arc::clone(&heard);
        let address = receiver(move |stream| {
            let (tls, notes) = (tls.clone(), Arc::clone(&notes));
            async move {
                let mut stream = tls.accept(stream).await?;
                request(&mut stream).await?;
                *notes.lock().unwrap() += 1;
                stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").await?;
                stream.shutdown().await
            }
        });
        let url = format!("https://hook.test:{}/s3cret", address.await.port());
        let trusted = if trusting { &authority } else { &stranger }.trusted();
        let client = Client::with_resolver(loopback(), Names::new(["hook.test = 127.0.0.1"])).trusting(trusted);
        let told = client.send(&post(&url), LONG, now()).await;
        match &told {
            Ok(answer) => assert!(believed && answer.status == 204, "{what}: {answer:?}"),
            Err(Failure::Tls { host, detail }) => {
                assert!(!believed && host == "hook.test" && !detail.is_empty(), "{what}: {detail}")
            }
            Err(failure) => panic!("{what}: {failure:?}"),
        }
        assert_eq!(*heard.lock().unwrap(), i32::from(believed), "{what}");
    }
}

#[tokio::test]
async fn a_receiver_without_tls_is_told_so() {
    let address = receiver(|mut stream| async move {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await?;
        request(&mut stream).await.map(drop)
    });
    let client = Client::new(loopback()).trusting(Authority::new().trusted());
    let failure = client.send(&post(&format!("https://{}/", address.await)), LONG, now()).await.unwrap_err();
    assert!(matches!(failure, Failure::Tls { .. }), "{failure:?}");
}

/// Names are judged by what they stand for and by nothing else.
#[tokio::test]
async fn localhost_is_allowed_exactly_where_its_addresses_are() {
    let (address, _) = answering("HTTP/1.1 204 No Content\r\n\r\n").await;
    let request = post(&format!("http://localhost:{}/", address.port()));
    let answer = Client::new(loopback()).send(&request, LONG, now()).await.unwrap();
    assert_eq!(answer.status, 204);
    let failure = Client::new(AllowedNetworks::none()).send(&request, LONG, now()).await.unwrap_err();
    assert!(matches!(failure, Failure::NotAllowed { .. }) && !failure.is_passing(), "{failure:?}");
}
