//! Why a page cannot be shown, and what the reader is told about it.

use axum::http::StatusCode;
use facts::BadId;
use store::StoreError;

/// A request that ends otherwise than in its page.
#[derive(Debug)]
pub enum Problem {
    /// No such record, or no such page.
    NotFound {
        /// What was looked for, as a noun.
        noun: &'static str,
        /// As it was asked for.
        id: String,
    },
    /// A filter's value cannot be read.
    BadQuery {
        /// Which parameter.
        name: &'static str,
        /// Its value, cut.
        value: String,
        /// What it should be.
        expected: &'static str,
    },
    /// The database could not be read.
    Store(StoreError),
    /// The database is not where it was; its address.
    Gone(String),
    /// Sums that do not fit, a page that does not render, a thread that died: ours, and said so.
    Internal(String),
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl From<BadId> for Problem {
    fn from(error: BadId) -> Self {
        Self::NotFound { noun: error.expected, id: error.text }
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        Self::Internal(format!("the page could not be rendered: {error}"))
    }
}

/// A problem in the reader's words.
#[derive(Debug)]
pub struct Told {
    /// The answer's status.
    pub status: StatusCode,
    /// What happened.
    pub title: String,
    /// What is unaffected and what to do.
    pub text: String,
}

impl Problem {
    /// What the reader is told.
    pub fn told(&self) -> Told {
        match self {
            Self::NotFound { noun, id } => Told {
                status: StatusCode::NOT_FOUND,
                title: format!("There is no {noun} “{id}” here"),
                text: match *noun {
                    "schedule" => "It may have been removed, and what it ran is still among the runs. tieout schedule list names those that there are.",
                    "scheduled run" => "It may have been forgotten with its time. tieout schedule history names those that there are.",
                    _ => {
                        "It may belong to another account or mode, or not have been read yet: run tieout sync, then try again. \
                         The search box above finds any id that is here."
                    }
                }
                .to_owned(),
            },
            Self::BadQuery { name, value, expected } => Told {
                status: StatusCode::BAD_REQUEST,
                title: format!("The filter “{name}” cannot be “{value}”"),
                text: format!("Expected {expected}. Nothing was changed; go back and correct the address or the form."),
            },
            Self::Store(error) => Told {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "The database could not be read".to_owned(),
                text: format!("{error}. Nothing was changed. Try again; if it stays, run tieout doctor."),
            },
            Self::Gone(place) => Told {
                status: StatusCode::SERVICE_UNAVAILABLE,
                title: "The database could not be read".to_owned(),
                text: format!("{place} is not there any more, and it was. Put it back, or restore a backup: tieout db restore."),
            },
            Self::Internal(what) => Told {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                title: "This page could not be made".to_owned(),
                text: format!("The fault is ours: {what}. Nothing was changed, and the other pages are unaffected."),
            },
        }
    }
}
