use super::*;
use proptest::prelude::*;

fn acct() -> AccountId {
    AccountId::parse("acct_1").unwrap()
}

fn answer(body: impl Into<Vec<u8>>) -> Answer {
    Answer { body: body.into(), request_id: None, fetched_at: Timestamp::UNIX_EPOCH }
}

fn list(ids: &[&str], has_more: bool) -> Page {
    let items: Vec<String> = ids.iter().map(|id| format!(r#"{{"id": "{id}", "amount": 1}}"#)).collect();
    let body = format!(r#"{{"object":"list", "data": [ {} ], "has_more": {has_more}, "url":"/v1/x"}}"#, items.join(" , "));
    Page::read(ObjectKind::Txn, &acct(), answer(body)).unwrap()
}

fn pager() -> Pager {
    Pager::new(Call::new("/v1/payouts"), None)
}

proptest! {
    #[test]
    fn any_bytes_as_a_page_get_an_answer(body: Vec<u8>) {
        let _ = Page::read(ObjectKind::Payout, &acct(), answer(body.clone()));
        let _ = Page::read_one(ObjectKind::Charge, &acct(), answer(body));
    }

    #[test]
    fn any_objects_in_a_page_are_kept_byte_for_byte(objects in prop::collection::vec(json(), 0..6), more: bool) {
        let body = format!(r#"{{"data":[{}],"has_more":{more}}}"#, objects.join(","));
        let page = Page::read(ObjectKind::Dispute, &acct(), answer(body)).unwrap();
        let raw: Vec<&str> = page.items.iter().map(|item| std::str::from_utf8(page.raw(item)).unwrap()).collect();
        prop_assert_eq!(raw, objects);
        prop_assert_eq!(page.items.len(), page.facts.len());
    }

    #[test]
    fn a_page_cut_off_anywhere_is_no_page(cut in 0_usize..60) {
        let whole = r#"{"object":"list","data":[{"id":"a"},{"id":"b"}],"has_more":false}"#;
        prop_assert!(Page::read(ObjectKind::Txn, &acct(), answer(&whole.as_bytes()[..cut])).is_err());
    }

    #[test]
    fn a_walk_ends_whatever_the_pages_say(pages in prop::collection::vec((prop::collection::vec("[a-e]", 0..3), any::<bool>()), 1..40)) {
        let mut pager = pager();
        let mut pages = pages.iter().cycle();
        for _ in 0..10 {
            if pager.next().is_none() {
                return Ok(());
            }
            let (ids, more) = pages.next().unwrap();
            let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
            if pager.take(&list(&ids, *more)).is_err() {
                return Ok(());
            }
        }
        prop_assert!(false, "five ids were walked for ten pages");
    }
}

fn json() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("{}".to_owned()),
        Just("null".to_owned()),
        Just("[1, 2.50,\n \"é\"]".to_owned()),
        "[a-z_0-9é\"]{0,12}".prop_map(|id| serde_json::json!({ "id": id, "amount": 1 }).to_string()),
        any::<i64>().prop_map(|amount| format!(r#"{{ "id" : "x", "amount" : {amount} }}"#)),
    ]
}

#[test]
fn a_walk_goes_from_cursor_to_cursor_and_ends() {
    let mut pager = pager();
    assert_eq!(pager.next().unwrap().target(), "/v1/payouts?limit=100");
    pager.take(&list(&["c", "b"], true)).unwrap();
    assert_eq!(pager.next().unwrap().target(), "/v1/payouts?limit=100&starting_after=b");
    pager.take(&list(&["a"], false)).unwrap();
    assert_eq!((pager.next(), pager.after(), pager.ended()), (None, Some("a"), true));
}

#[test]
fn a_resumed_walk_asks_for_what_follows() {
    let pager = Pager::new(Call::new("/v1/payouts"), Some("po_7".to_owned()));
    assert_eq!(pager.next().unwrap().target(), "/v1/payouts?limit=100&starting_after=po_7");
}

#[test]
fn a_list_that_cannot_be_followed_is_refused() {
    let mut circle = pager();
    circle.take(&list(&["a"], true)).unwrap();
    assert!(circle.take(&list(&["b", "a"], true)).unwrap_err().contains("circle"));
    assert!(pager().take(&list(&[], true)).unwrap_err().contains("empty"));
    assert!(pager().take(&list(&[""], true)).unwrap_err().contains("no id"));
}

#[test]
fn the_same_bytes_have_the_same_hash_and_an_object_without_id_is_found_again() {
    let (one, two) = (list(&["a", ""], false), list(&["a", ""], true));
    assert_eq!(one.items[0].hash, two.items[0].hash);
    assert_ne!(one.body_hash, two.body_hash);
    assert!(one.items[1].id.starts_with("no_id_"));
    assert_eq!(one.items[1].id, two.items[1].id);
}

#[test]
fn a_list_without_has_more_is_not_taken_for_its_end() {
    assert!(Page::read(ObjectKind::Txn, &acct(), answer(r#"{"data":[]}"#)).is_err());
    assert!(Page::read(ObjectKind::Txn, &acct(), answer(r#"<html>"#)).is_err());
}

#[test]
fn a_full_page_that_calls_itself_the_last_is_asked_what_follows_it() {
    let mut pager = pager();
    let ids: Vec<String> = (0..PAGE_SIZE).map(|number| format!("po_{number}")).collect();
    let full: Vec<&str> = ids.iter().map(String::as_str).collect();
    pager.take(&list(&full, false)).unwrap();
    assert_eq!(pager.next().unwrap().target(), format!("/v1/payouts?limit=100&starting_after=po_{}", PAGE_SIZE - 1));
    pager.take(&list(&[], false)).unwrap();
    assert!(pager.ended());
}
