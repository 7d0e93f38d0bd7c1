//! Any bytes as a page of every list, as a single object and as a balance; a page that is read holds its objects byte for byte.
#![no_main]

use facts::{AccountId, ObjectKind};
use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use stripe::{Answer, Call, Page, Pager, balances};

fn answer(bytes: &[u8]) -> Answer {
    Answer { body: bytes.to_vec(), request_id: None, fetched_at: Timestamp::UNIX_EPOCH }
}

fuzz_target!(|bytes: &[u8]| {
    let Ok(account) = AccountId::parse("acct_1") else { return };
    let _ = balances(&account, bytes);
    let _ = Page::read_own_account(answer(bytes));
    for kind in ObjectKind::ALL.iter().copied() {
        let _ = Page::read_one(kind, &account, answer(bytes));
        let Ok(page) = Page::read(kind, &account, answer(bytes)) else { return };
        assert_eq!(page.items.len(), page.facts.len());
        for item in &page.items {
            let raw = page.raw(item);
            assert!(!raw.is_empty() && stripe::content_hash(raw) == item.hash);
        }
        let _ = page.newest();
        let _ = Pager::new(Call::new("/v1/payouts"), None).take(&page);
    }
});
