//! Every fault by its name, with what it does and how a correct client can end.

use axum::http::StatusCode;

/// One named fault.
pub(super) struct Named {
    /// What `--faults` calls it.
    pub(super) name: &'static str,
    /// What it does, and whether a correct client can end complete.
    pub(super) meaning: &'static str,
    /// What it is.
    pub(super) kind: Kind,
}

/// What a rate is a share of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Requests.
    Request(Fault),
    /// Objects, wherever they are shown.
    Object(News),
    /// Report runs.
    Report,
}

/// What goes wrong with a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// 429.
    RateLimited { retry_after: bool, reason: Option<&'static str> },
    /// 429 because the object is in use.
    LockTimeout,
    /// 409.
    Conflict,
    /// A 5xx.
    Broken(StatusCode),
    /// The connection ends before an answer.
    Reset,
    /// The connection ends in the middle of the body.
    CutOff,
    /// The length in the header is one byte off.
    WrongLength,
    /// Nothing comes for a long time.
    FirstByteTimeout,
    /// Half a body, and nothing for a long time.
    MidBodyTimeout,
    /// A small body that unfolds to a huge one.
    GzipBomb,
    /// The `Date` header is hours off.
    SkewedDate,
    /// A cursor that exists is refused.
    CursorInvalid,
    /// The key stops to work for good.
    KeyRevoked,
    /// A page of a list that says something else than the list.
    Page(PageLie),
}

/// What is untrue about a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageLie {
    /// A row stands there twice.
    DuplicatedRow,
    /// A row is left out.
    MissingRow,
    /// `has_more` says the opposite.
    HasMoreFlipped,
    /// `has_more` is said to be this.
    HasMore(bool),
    /// The newest rows are not there yet.
    LateVisible,
}

/// What is new about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum News {
    /// A value that no client knows.
    Enum,
    /// A field that no client knows.
    Field,
}

impl Fault {
    /// How often in a row, from the first time it is made, a request drawn for this fault has it; `None` for a fault that is
    /// drawn anew each time.
    pub(super) const fn first_times(self, dice: u64) -> Option<u32> {
        match self {
            Self::Page(PageLie::MissingRow) => Some(1),
            Self::Page(PageLie::LateVisible) => Some(match dice % 3 {
                0 => 1,
                1 => 2,
                _ => 3,
            }),
            _ => None,
        }
    }
}

/// What a bare rate spreads over: every fault that a retry of the same request cures and that costs no waiting. The order is
/// part of what a seed means.
pub(super) const HARMLESS: [Fault; 8] = [
    Fault::RateLimited { retry_after: true, reason: None },
    Fault::RateLimited { retry_after: false, reason: None },
    Fault::RateLimited { retry_after: false, reason: Some("endpoint-rate") },
    Fault::Broken(StatusCode::INTERNAL_SERVER_ERROR),
    Fault::Broken(StatusCode::BAD_GATEWAY),
    Fault::Broken(StatusCode::SERVICE_UNAVAILABLE),
    Fault::Reset,
    Fault::CutOff,
];

const fn request(name: &'static str, fault: Fault, meaning: &'static str) -> Named {
    Named { name, meaning, kind: Kind::Request(fault) }
}

const fn page(name: &'static str, lie: PageLie, meaning: &'static str) -> Named {
    request(name, Fault::Page(lie), meaning)
}

const fn limited(name: &'static str, retry_after: bool, reason: Option<&'static str>, meaning: &'static str) -> Named {
    request(name, Fault::RateLimited { retry_after, reason }, meaning)
}

/// Every fault that can be asked for.
pub(super) const NAMES: [Named; 28] = [
    limited("429", true, None, "Too many requests, with Retry-After; a retry ends complete."),
    limited("429-no-retry-after", false, None, "Too many requests, without a word how long to wait; a retry ends complete."),
    limited("429-endpoint", false, Some("endpoint-rate"), "Too many requests of one endpoint, by header; a retry ends complete."),
    limited("429-global", false, Some("global-rate"), "Too many requests of the account, by header; a retry ends complete."),
    limited("429-concurrency", false, Some("global-concurrency"), "Too many requests at once, by header; a retry ends complete."),
    request("lock-timeout", Fault::LockTimeout, "A 429 because the object is in use; a retry ends complete."),
    request("409", Fault::Conflict, "Conflict with another request; a retry ends complete."),
    request("500", Fault::Broken(StatusCode::INTERNAL_SERVER_ERROR), "Stripe's own failure; a retry ends complete."),
    request("502", Fault::Broken(StatusCode::BAD_GATEWAY), "A proxy's page, no JSON; a retry ends complete."),
    request("503", Fault::Broken(StatusCode::SERVICE_UNAVAILABLE), "Not available; a retry ends complete."),
    request("reset", Fault::Reset, "The connection ends before an answer; a retry ends complete."),
    request("cut-off", Fault::CutOff, "The connection ends in mid-body; a retry ends complete."),
    request("wrong-length", Fault::WrongLength, "Content-Length is one byte more or less than the body; a retry ends complete."),
    request("first-byte-timeout", Fault::FirstByteTimeout, "No byte for 30 s, then a reset; a retry ends complete."),
    request("mid-body-timeout", Fault::MidBodyTimeout, "Half a body, 30 s of nothing, then a reset; a retry ends complete."),
    request(
        "gzip-bomb",
        Fault::GzipBomb,
        "256 KiB of gzip that unfold to 270 MB of blanks; a client that stops unfolding and retries ends \
         complete.",
    ),
    request("skewed-date", Fault::SkewedDate, "A true answer whose Date is 7 hours off, either way; a client ends complete."),
    request(
        "cursor-invalid",
        Fault::CursorInvalid,
        "A cursor that exists gets a 400 resource_missing; a client that begins the list anew, or asks again, \
         ends complete.",
    ),
    request(
        "key-revoked",
        Fault::KeyRevoked,
        "From the drawn request on, all requests with that key get a 401 api_key_expired until the server ends; a \
         client must say incomplete.",
    ),
    page(
        "duplicated-page-row",
        PageLie::DuplicatedRow,
        "A page of a list holds a row twice in a row; a client that goes by ids ends complete.",
    ),
    page(
        "missing-page-row",
        PageLie::MissingRow,
        "A page lacks a row the first time it is asked for; nothing on the page tells, so a client ends complete \
         only by reading again and must say incomplete where its sums do not add up.",
    ),
    page(
        "has-more-true",
        PageLie::HasMore(true),
        "has_more is true on the last page; the page after it is empty, so a client ends complete.",
    ),
    page(
        "has-more-false",
        PageLie::HasMore(false),
        "has_more is false before the end; nothing on the page tells, so a client ends complete only by reading \
         again and must say incomplete where its sums do not add up.",
    ),
    page(
        "has-more-lies",
        PageLie::HasMoreFlipped,
        "has-more-true on last pages, has-more-false on all others; as for has-more-false.",
    ),
    page(
        "late-visible",
        PageLie::LateVisible,
        "The 3 newest rows of a list's first page are missing the first 1 to 3 times it is asked for; a later \
         reading ends complete. A payout's own transactions are never late.",
    ),
    Named {
        name: "new-enum",
        kind: Kind::Object(News::Enum),
        meaning: "The rate is a share of objects: those have, always, a value that nobody knows in type, status or \
         reporting_category; a client ends complete and must show what it does not understand.",
    },
    Named {
        name: "new-field",
        kind: Kind::Object(News::Field),
        meaning: "The rate is a share of objects: those have, always, a field that nobody knows; a client ends complete.",
    },
    Named {
        name: "failed-report",
        kind: Kind::Report,
        meaning: "The rate is a share of report runs: those end failed, with an error and no file; a client that orders the \
         report again ends complete.",
    },
];
