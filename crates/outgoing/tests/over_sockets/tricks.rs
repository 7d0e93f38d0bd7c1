//! However an address is written, and whatever a name stands for: what may not be sent to is not even connected to.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use outgoing::{AllowedNetworks, Client, Failure, Method, Request, Target};
use tokio::net::TcpListener;

use crate::authority::Authority;
use crate::names::Names;
use crate::now;

const TRICKS: &str = include_str!("tricks.txt");

/// As many as the specification of this crate asks for, and some more.
const TRICKS_MIN: usize = 220;

const LONG: Duration = Duration::from_secs(60);

/// Counts who comes.
fn count(listener: TcpListener) -> Arc<AtomicUsize> {
    let came = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&came);
    tokio::spawn(async move {
        while listener.accept().await.is_ok() {
            counter.fetch_add(1, Ordering::SeqCst);
        }
    });
    came
}

/// Listens on one port of both loopback addresses; of one only, where this machine has no IPv6.
async fn listen() -> (u16, Vec<Arc<AtomicUsize>>) {
    let four = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = four.local_addr().unwrap().port();
    let six = TcpListener::bind(("::1", port)).await.ok();
    (port, [four].into_iter().chain(six).map(count).collect())
}

/// Why nothing was sent; a failure to connect says that something tried to.
fn is_refusal(failure: &Failure) -> bool {
    matches!(failure, Failure::NotAllowed { .. } | Failure::Unencrypted { .. } | Failure::Resolve { .. })
}

#[tokio::test]
async fn no_trick_reaches_anything() {
    let (port, came) = listen().await;
    let names = Names::new(TRICKS.lines().filter_map(|line| line.strip_prefix("@ ")));
    let client = Client::with_resolver(AllowedNetworks::none(), names.clone()).trusting(Authority::new().trusted());
    let tricks = TRICKS.lines().filter(|line| !line.is_empty() && !line.starts_with("# ") && !line.starts_with("@ "));
    let (mut tried, mut unread) = (0, 0);
    for trick in tricks {
        tried += 1;
        let Ok(target) = Target::parse(&trick.replace("{port}", &port.to_string())) else {
            unread += 1;
            continue;
        };
        let request = Request::new(Method::Post, target).body("x").unwrap();
        let asked = names.asked().len();
        match client.send(&request, LONG, now()).await {
            Err(failure) => assert!(is_refusal(&failure), "{trick}: {failure:?}"),
            Ok(answer) => panic!("{trick}: {answer:?}"),
        }
        let asked = names.asked().split_off(asked);
        let once = usize::from(request.target().address().is_none());
        assert_eq!(asked.len(), once, "{trick}: {asked:?}");
    }
    assert!(tried >= TRICKS_MIN && unread < tried / 2, "{tried} tricks, of which {unread} are no URLs");
    assert_eq!(came.iter().map(|came| came.load(Ordering::SeqCst)).sum::<usize>(), 0);
}

/// The listeners can be reached: else the test above would hold of a client that guards nothing.
#[tokio::test]
async fn the_same_listener_is_reached_where_the_operator_allowed_it() {
    let (port, came) = listen().await;
    let names = Names::new(["hook.test = 127.0.0.1"]);
    let client = Client::with_resolver(AllowedNetworks::parse(["127.0.0.1"]).unwrap(), names);
    for url in ["http://0x7f.1:{port}/", "http://[::ffff:127.0.0.1]:{port}/", "http://hook.test:{port}/"] {
        let target = Target::parse(&url.replace("{port}", &port.to_string())).unwrap();
        let failure = client.send(&Request::new(Method::Get, target), LONG, now()).await.unwrap_err();
        assert!(matches!(failure, Failure::Broken { .. } | Failure::Connect { .. }), "{url}: {failure:?}");
    }
    assert_eq!(came.iter().map(|came| came.load(Ordering::SeqCst)).sum::<usize>(), 3);
}

/// Allowed at first, and not when asked again: what was judged is connected to, and the next request is judged anew.
#[tokio::test]
async fn a_name_that_is_rebound_between_check_and_connection_gains_nothing() {
    let (port, came) = listen().await;
    let Some(six) = came.get(1) else { return };
    let names = Names::new(["hook.test = ::1 | 127.0.0.1"]);
    let client = Client::with_resolver(AllowedNetworks::parse(["::1"]).unwrap(), names.clone());
    let request = Request::new(Method::Get, Target::parse(&format!("http://hook.test:{port}/")).unwrap());
    let failure = client.send(&request, LONG, now()).await.unwrap_err();
    assert!(matches!(failure, Failure::Broken { .. } | Failure::Connect { .. }), "{failure:?}");
    assert_eq!((names.asked().len(), six.load(Ordering::SeqCst)), (1, 1));
    let failure = client.send(&request, LONG, now()).await.unwrap_err();
    assert!(matches!(failure, Failure::NotAllowed { .. }), "{failure:?}");
    assert_eq!(came[0].load(Ordering::SeqCst), 0);
}
