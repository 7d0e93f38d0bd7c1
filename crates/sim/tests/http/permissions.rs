//! Keys that may read only what they say.

use serde_json::json;

use super::{Answer, OWNER, SHOP, Server};

fn ask(server: &Server, key: &str, path: &str) -> Answer {
    server.ask("GET", path, &[&format!("Authorization: Bearer {key}")]).unwrap()
}

#[test]
fn a_key_reads_what_it_says_and_nothing_else() {
    let server = Server::start("0");
    let addresses = [
        ("/v1/account", "accounts_kyc_basic"),
        ("/v1/accounts", "connected_account"),
        ("/v1/accounts/acct_shop", "connected_account"),
        ("/v1/balance", "balance"),
        ("/v1/balance_transactions", "balance"),
        ("/v1/balance_transactions/txn_001", "balance"),
        ("/v1/balance/history", "balance"),
        ("/v1/payouts/po_auto", "payout"),
        ("/v1/charges", "charge"),
        ("/v1/refunds", "charge"),
        ("/v1/disputes/dp_1", "dispute"),
    ];
    for (path, needed) in addresses {
        for word in ["accounts_kyc_basic", "connected_account", "balance", "payout", "charge", "dispute"] {
            let answer = ask(&server, &format!("rk_test_only_event_{word}"), path);
            if word == needed {
                assert_eq!(answer.status, 200, "{path} with {word}");
            } else {
                assert_eq!(answer.status, 403, "{path} with {word}");
                let message = answer.body["error"]["message"].as_str().unwrap();
                assert!(message.contains(&format!("'rak_{needed}_read'")), "{message}");
            }
        }
    }
}

#[test]
fn a_refusal_is_worded_as_stripes() {
    let refused = ask(&Server::start("0"), "rk_test_only_balance_payout", "/v1/charges");
    let expected = json!(format!(
        "The provided key 'rk_test_***************yout' does not have the required permissions for this endpoint on account \
         '{OWNER}'. Having the 'rak_charge_read' permission would allow this request to continue."
    ));
    assert_eq!(refused.body["error"]["message"], expected);
    assert_eq!(refused.body["error"]["type"], json!("invalid_request_error"));
}

#[test]
fn what_is_expanded_needs_its_own_permission() {
    let server = Server::start("0");
    let cases = [
        ("balance", "/v1/balance_transactions?expand[]=data.source", "rak_balance_transaction_source_read"),
        ("balance_transaction_source", "/v1/balance_transactions?expand[]=data.source", ""),
        ("balance_transaction_source", "/v1/balance_transactions?expand[]=data.source.charge", "rak_charge_read"),
        ("balance_transaction_source_charge", "/v1/balance_transactions?expand[]=data.source.charge", ""),
        ("charge", "/v1/charges/ch_1?expand[]=balance_transaction", "rak_balance_read"),
        ("charge_balance", "/v1/charges/ch_1?expand[]=balance_transaction", ""),
        ("charge", "/v1/charges/ch_1?expand[]=refunds", ""),
        ("charge", "/v1/charges?expand[]=data.customer", "rak_customer_read"),
        ("dispute", "/v1/disputes/dp_1?expand[]=charge", "rak_charge_read"),
    ];
    for (words, path, named) in cases {
        let answer = ask(&server, &format!("rk_test_only_{words}"), path);
        assert_eq!(answer.status, if named.is_empty() { 200 } else { 403 }, "{words}: {path}");
        assert!(answer.body["error"]["message"].as_str().unwrap_or_default().contains(named), "{words}: {}", answer.body);
    }
}

#[test]
fn a_permission_holds_for_connected_accounts_too() {
    let server = Server::start("0");
    let acting = |key: &str| {
        let headers = [format!("Authorization: Bearer {key}"), format!("Stripe-Account: {SHOP}")];
        server.ask("GET", "/v1/charges", &[&headers[0], &headers[1]]).unwrap()
    };
    assert_eq!(acting("rk_test_only_charge").ids(), ["ch_shop"]);
    let refused = acting("rk_test_only_payout");
    assert!(refused.body["error"]["message"].as_str().unwrap().contains(&format!("on account '{SHOP}'")));
}

#[test]
fn keys_that_worked_once_and_misspelled_ones_are_refused() {
    let server = Server::start("0");
    for (key, code, says) in [
        ("rk_test_expired", "api_key_expired", "Expired API Key provided: rk_test_"),
        ("sk_test_expired_9f3a", "api_key_expired", "Expired API Key provided: sk_test_"),
        ("rk_test_revoked", "", "Invalid API Key provided: rk_test_"),
        ("rk_test_only_balance_refund", "", "balance_transaction_source, charge, checkout_session"),
    ] {
        let refused = ask(&server, key, "/v1/balance");
        assert_eq!(refused.error(), (401, code, ""), "{key}");
        assert!(refused.body["error"]["message"].as_str().unwrap().contains(says), "{}", refused.body);
    }
    assert_eq!(ask(&server, "sk_test_only_balance", "/v1/charges").status, 200, "a secret key is never restricted");
}
