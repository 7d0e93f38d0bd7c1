use std::collections::VecDeque;
use std::time::Duration;

use futures_util::FutureExt;

use super::*;

/// A world by script: its clock moves only when somebody sleeps, and its answers are the ones it was given.
struct Scripted {
    state: Mutex<State>,
}

struct State {
    now: Timestamp,
    seed: u64,
    answers: VecDeque<Result<Response, TransportError>>,
    asked: Vec<(Timestamp, String)>,
}

impl Scripted {
    fn new(answers: impl IntoIterator<Item = Result<Response, TransportError>>) -> Self {
        let answers = answers.into_iter().collect();
        Self { state: Mutex::new(State { now: Timestamp::UNIX_EPOCH, seed: 7, answers, asked: Vec::new() }) }
    }

    fn elapsed(&self) -> Duration {
        Duration::try_from(self.state.lock().unwrap().now.duration_since(Timestamp::UNIX_EPOCH)).unwrap()
    }

    fn asked(&self) -> usize {
        self.state.lock().unwrap().asked.len()
    }
}

impl Outside for &Scripted {
    fn now(&self) -> Timestamp {
        self.state.lock().unwrap().now
    }

    fn random(&self) -> u64 {
        let mut state = self.state.lock().unwrap();
        state.seed = state.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.seed
    }

    async fn sleep(&self, duration: Duration) {
        let mut state = self.state.lock().unwrap();
        state.now += duration;
    }

    async fn get(&self, request: &Request) -> Result<Response, TransportError> {
        let mut state = self.state.lock().unwrap();
        let now = state.now;
        state.asked.push((now, request.call().target()));
        state.answers.pop_front().unwrap_or_else(|| ok("{}"))
    }
}

fn status(status: u16) -> Result<Response, TransportError> {
    Ok(Response { status, request_id: Some(format!("req_{status}")), ..Response::default() })
}

fn ok(body: &str) -> Result<Response, TransportError> {
    Ok(Response { status: 200, body: body.as_bytes().to_vec(), ..Response::default() })
}

fn connect() -> Result<Response, TransportError> {
    Err(TransportError::Connect("refused".to_owned()))
}

fn interrupted() -> Result<Response, TransportError> {
    Err(TransportError::Interrupted("reset".to_owned()))
}

fn client(world: &Scripted, rates: Option<Rates>) -> Client<&Scripted> {
    let base = ApiBase::parse("https://api.example.com").unwrap();
    Client::with_rates(world, base, ApiKey::parse("rk_live_hunter2").unwrap(), rates)
}

fn ask(client: &Client<&Scripted>) -> Result<serde_json::Value, StripeError> {
    let read = |answer: Answer| serde_json::from_slice(&answer.body).map_err(|error| error.to_string());
    client.get(&Call::new("/v1/payouts"), read).now_or_never().expect("a scripted world never waits")
}

#[test]
fn what_can_get_better_is_asked_again_until_it_is() {
    let world = Scripted::new([status(429), status(500), interrupted(), connect(), status(409), ok("{\"cut"), ok("{\"a\":1}")]);
    let client = client(&world, None);
    assert_eq!(ask(&client).unwrap()["a"], 1);
    assert_eq!((world.asked(), client.requests()), (7, 7));
    let waited = world.elapsed();
    assert!(waited >= Duration::from_millis(11_750) && waited <= Duration::from_millis(23_500), "{waited:?}");
}

#[test]
fn stripe_being_down_is_said_after_a_bounded_number_of_tries() {
    let world = Scripted::new((0..99).map(|_| status(503)));
    let told = ask(&client(&world, None)).unwrap_err();
    assert!(matches!(&told, StripeError::Upstream { tries: 12, .. }), "{told}");
    assert!(told.to_string().contains("req_503") && told.to_string().contains("/v1/payouts"), "{told}");
    assert!(world.elapsed() < Duration::from_secs(70));
}

#[test]
fn no_network_is_said_sooner() {
    let world = Scripted::new((0..99).map(|_| connect()));
    assert!(matches!(ask(&client(&world, None)), Err(StripeError::Upstream { tries: 5, .. })));
    assert!(world.elapsed() < Duration::from_secs(8));
}

#[test]
fn a_refusal_is_not_asked_again() {
    for (code, expected) in [(401, "does not accept the key"), (403, "may not read"), (404, "knows no such"), (400, "status 400")]
    {
        let world = Scripted::new([status(code)]);
        let told = ask(&client(&world, None)).unwrap_err().to_string();
        assert!(told.contains(expected) && told.contains(&format!("req_{code}")), "{told}");
        assert_eq!(world.asked(), 1);
    }
}

#[test]
fn what_may_not_be_sent_is_not_sent_again() {
    let world = Scripted::new([Err(TransportError::Refused("plain http".to_owned()))]);
    assert!(matches!(ask(&client(&world, None)), Err(StripeError::Unsendable { .. })));
    let world = Scripted::new([Err(TransportError::TooLarge { limit: 5 })]);
    assert!(matches!(ask(&client(&world, None)), Err(StripeError::BadAnswer { .. })));
    assert_eq!(world.asked(), 1);
}

#[test]
fn the_rate_is_kept_over_many_calls_and_lowered_by_a_429() {
    let world = Scripted::new([]);
    let client = client(&world, Some(Rates::LIVE.share(80)));
    (0..41).for_each(|_| drop(ask(&client).unwrap()));
    assert_eq!(world.elapsed(), Duration::from_secs(2), "forty gaps at twenty a second");
    world.state.lock().unwrap().answers.push_back(status(429));
    ask(&client).unwrap();
    let before = world.elapsed();
    ask(&client).unwrap();
    assert!(world.elapsed() - before > Duration::from_millis(51));
}

#[test]
fn no_error_and_no_request_shows_the_key() {
    let world = Scripted::new([status(401)]);
    let client = client(&world, None);
    let told = ask(&client).unwrap_err();
    let request = Request::new(Call::new("/v1/payouts"), Arc::clone(&client.base), Arc::clone(&client.key));
    assert!(!format!("{told} {told:?} {request:?}").contains("hunter2"));
    assert!(request.headers().contains(&("authorization", "Bearer rk_live_hunter2".to_owned())));
    assert!(request.headers().contains(&("stripe-version", "2026-10-28.endive".to_owned())));
}
