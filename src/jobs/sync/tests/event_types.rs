//! The declared types of events, held against the events of a rich world: what is acted upon is declared, and nothing else.

use std::collections::BTreeSet;

use serde_json::Value;
use stripe::webhook::Notice;
use stripe::{Call, declaration};

use super::every_object::rich;
use super::*;

/// Every event of an account, as Stripe lists it.
async fn events(server: &Server, account: &str, is_own: bool) -> Vec<Value> {
    let config = config(&server.base, Path::new("."), "rk_test_1");
    let (_, client) = clients(&Outside::real().unwrap(), &config, Keys::of(&config).unwrap()).unwrap().remove(0);
    let behalf = (!is_own).then(|| facts::AccountId::parse(account).unwrap());
    let mut all: Vec<Value> = Vec::new();
    loop {
        let mut call = Call::list(ObjectKind::Event).on_behalf_of(behalf.clone()).with("limit", 100);
        if let Some(last) = all.last() {
            call = call.with("starting_after", last["id"].as_str().unwrap());
        }
        let read = |answer: stripe::Answer| serde_json::from_slice::<Value>(&answer.body).map_err(|error| error.to_string());
        let page = client.get(&call, read).await.unwrap();
        all.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["has_more"] == false {
            return all;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_acted_upon_exactly_if_its_type_is_declared_for_the_kind() {
    let catalog = rich(60);
    let server = honest(&catalog).await;
    let mut kinds = BTreeSet::new();
    for account in catalog.accounts.keys() {
        for event in events(&server, account, *account == catalog.owner).await {
            let notice = Notice::read(event.to_string().as_bytes()).unwrap();
            let event_type = notice.event_type.as_str();
            match notice.subject {
                Some((kind, _)) => {
                    assert!(
                        declaration(kind).events.contains(&event_type),
                        "{event_type} is of {}, and missing there",
                        kind.as_str()
                    );
                    kinds.insert(kind);
                }
                None => {
                    let listed = ObjectKind::ALL.iter().find(|kind| declaration(**kind).events.contains(&event_type));
                    assert_eq!(listed, None, "{event_type} is about nothing that is kept: {event}");
                }
            }
        }
    }
    assert!(kinds.len() >= 18, "the world tells of few kinds: {kinds:?}");
}
