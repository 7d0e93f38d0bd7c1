//! Objects of Stripe's that could not be taken, as exceptions.

#![expect(clippy::unwrap_used, reason = "tests")]

use facts::{AccountId, Exception, RefusalCause};
use recon::{Refusal, Rules, Snapshot, conclude, remedy_of_refusal};

fn refusal(account: &str, kind: &'static str, cause: RefusalCause) -> Refusal {
    let reason = format!("{account} is wrong");
    Refusal { account: AccountId::parse(account).unwrap(), kind, object_id: "x_1".to_owned(), cause, reason, currency: None }
}

fn raised(refusals: Vec<Refusal>) -> Vec<Exception> {
    let snapshot = Snapshot { refusals, ..Snapshot::default() };
    conclude(&snapshot, &Rules::standard(), "2026-07-31".parse().unwrap()).exceptions
}

#[test]
fn two_accounts_that_refuse_an_object_of_the_same_id_hide_neither_from_the_person_who_looks() {
    let contradicts = RefusalCause::Contradicts;
    let all = raised(vec![
        refusal("acct_1", "txn", contradicts),
        refusal("acct_2", "txn", contradicts),
        refusal("acct_2", "charge", RefusalCause::MissingField),
    ]);
    let ids: Vec<&str> = all.iter().map(|exception| exception.id.as_str()).collect();
    assert_eq!(ids, ["fact_refused:acct_1:txn:x_1", "fact_refused:acct_2:charge:x_1", "fact_refused:acct_2:txn:x_1"]);
    let accounts: Vec<&str> = all.iter().map(|exception| exception.account.as_ref().unwrap().as_str()).collect();
    assert_eq!(accounts, ["acct_1", "acct_2", "acct_2"]);
    assert!(all.iter().all(|exception| exception.subjects[0].id == "x_1"));
}

#[test]
fn each_cause_has_a_remedy_of_its_own_that_names_what_to_run() {
    let remedies: Vec<&str> = RefusalCause::ALL.iter().map(|cause| remedy_of_refusal(*cause)).collect();
    for (cause, remedy) in RefusalCause::ALL.iter().zip(&remedies) {
        assert_eq!(RefusalCause::from_word(cause.as_str()), Some(*cause));
        assert!(remedy.contains("`tieout sync --full`"), "{remedy}");
        assert_eq!(remedies.iter().filter(|other| *other == remedy).count(), 1, "{remedy}");
        assert_eq!(raised(vec![refusal("acct_1", "txn", *cause)])[0].remedy, *remedy);
    }
}
