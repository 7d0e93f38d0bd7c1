//! What a delivery says: a snapshot event with its object in it, or a thin one that only names it.

use facts::{AccountId, Mode, ObjectKind};
use serde::Deserialize;

use crate::objects::{Listing, of_word};
use crate::to_facts::subject_of_event;

/// Ids and types are far shorter; what is longer is none of Stripe's.
const WORD_MAX: usize = 255;

/// A delivered event: a hint that something has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// Its id, the same however often it is delivered.
    pub id: String,
    /// The event in Stripe's list of events that it is, or that it tells of.
    pub event_id: String,
    /// Such as `payout.paid`; without the version that a thin one has before it.
    pub event_type: String,
    /// The connected account that it is about; `None` is the key's own.
    pub account: Option<AccountId>,
    /// Whether it is about live or about test data.
    pub mode: Mode,
    /// The object to be read again; `None` where it is none that is kept.
    pub subject: Option<(ObjectKind, String)>,
}

/// Why a signed delivery cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the body is no event of Stripe's: {0}")]
pub struct BadNotice(String);

#[derive(Deserialize)]
struct Body {
    id: String,
    object: String,
    #[serde(rename = "type")]
    event_type: String,
    #[serde(default)]
    livemode: Option<bool>,
    #[serde(default)]
    account: Option<String>,
    #[serde(default)]
    context: Option<String>,
    #[serde(default)]
    related_object: Option<Related>,
    #[serde(default)]
    snapshot_event: Option<String>,
}

#[derive(Deserialize)]
struct Related {
    id: String,
    #[serde(rename = "type")]
    kind: String,
}

impl Notice {
    /// Reads the body of a delivery.
    ///
    /// # Errors
    /// [`BadNotice`] in words, for what is neither an event nor a thin one.
    pub fn read(body: &[u8]) -> Result<Self, BadNotice> {
        let text = std::str::from_utf8(body).map_err(|_| BadNotice("it is not UTF-8".to_owned()))?;
        let read: Body = serde_json::from_str(text).map_err(|error| BadNotice(error.to_string()))?;
        let thin = match read.object.as_str() {
            "event" => false,
            "v2.core.event" => true,
            other => return Err(BadNotice(format!("its object is '{}'", other.chars().take(40).collect::<String>()))),
        };
        for word in [&read.id, &read.event_type] {
            if word.is_empty() || word.len() > WORD_MAX || word.chars().any(char::is_control) {
                return Err(BadNotice("its id or its type is empty, too long, or has control characters".to_owned()));
            }
        }
        // A context is a path from an organisation to an account, the innermost last.
        let context = read.context.as_deref().and_then(|context| context.rsplit('/').next());
        let context = context.filter(|context| context.starts_with("acct_"));
        let account = read.account.as_deref().or(context).map(AccountId::parse).transpose();
        Ok(Self {
            subject: if thin { read.related_object.and_then(related) } else { subject_of_event(text) },
            event_id: read.snapshot_event.filter(|_| thin).unwrap_or_else(|| read.id.clone()),
            event_type: read.event_type.strip_prefix("v1.").map_or_else(|| read.event_type.clone(), str::to_owned),
            account: account.map_err(|error| BadNotice(error.to_string()))?,
            mode: if read.livemode.unwrap_or_default() { Mode::Live } else { Mode::Test },
            id: read.id,
        })
    }
}

/// What stands within another object cannot be found by its own id alone.
fn related(related: Related) -> Option<(ObjectKind, String)> {
    let declared = of_word(&related.kind)?;
    let alone = !matches!(declared.listing, Listing::Within(_));
    (alone && !related.id.is_empty() && related.id.len() <= WORD_MAX).then_some((declared.kind, related.id))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SNAPSHOT: &str = r#"{"id":"evt_1","object":"event","type":"payout.paid","livemode":true,"created":5,"account":"acct_9",
        "data":{"object":{"object":"payout","id":"po_1"}}}"#;

    #[test]
    fn a_snapshot_names_its_object_and_the_connected_account() {
        let notice = Notice::read(SNAPSHOT.as_bytes()).unwrap();
        assert_eq!((notice.id.as_str(), notice.event_id.as_str(), notice.event_type.as_str()), ("evt_1", "evt_1", "payout.paid"));
        assert_eq!(notice.account.map(|id| id.to_string()).as_deref(), Some("acct_9"));
        assert_eq!((notice.mode, notice.subject), (Mode::Live, Some((ObjectKind::Payout, "po_1".to_owned()))));
    }

    #[test]
    fn a_thin_one_names_the_event_and_the_object_that_it_tells_of() {
        let body = r#"{"id":"evt_thin","object":"v2.core.event","type":"v1.invoice.paid","livemode":false,"context":"org_1/acct_2",
            "created":"2026-01-01T00:00:00Z","related_object":{"id":"in_1","type":"invoice","url":"/v1/invoices/in_1"},
            "snapshot_event":"evt_2"}"#;
        let notice = Notice::read(body.as_bytes()).unwrap();
        assert_eq!(
            (notice.id.as_str(), notice.event_id.as_str(), notice.event_type.as_str()),
            ("evt_thin", "evt_2", "invoice.paid")
        );
        assert_eq!(notice.account.map(|id| id.to_string()).as_deref(), Some("acct_2"));
        assert_eq!(notice.subject, Some((ObjectKind::Invoice, "in_1".to_owned())));
    }

    #[test]
    fn what_nobody_knows_yet_is_taken_and_is_about_nothing() {
        let body =
            r#"{"id":"evt_1","object":"event","type":"moon.landed","data":{"object":{"object":"moon","id":"mo_1"}},"new":[1]}"#;
        assert_eq!(Notice::read(body.as_bytes()).unwrap().subject, None);
    }

    #[test]
    fn what_is_no_event_is_refused_in_words() {
        for body in
            ["", "7", "[]", "{}", r#"{"id":"x","object":"charge","type":"t"}"#, r#"{"id":"","object":"event","type":"t"}"#]
        {
            assert!(Notice::read(body.as_bytes()).is_err(), "{body}");
        }
        assert!(Notice::read(b"\xff").unwrap_err().to_string().contains("UTF-8"));
    }

    proptest! {
        #[test]
        fn no_body_is_a_panic(body in prop::collection::vec(any::<u8>(), 0..300), cut in 0_usize..200) {
            let _ = Notice::read(&body);
            let _ = Notice::read(&SNAPSHOT.as_bytes()[..cut.min(SNAPSHOT.len())]);
        }
    }
}
