//! What a page is asked: the request without HTTP.

use std::collections::BTreeMap;

use facts::Mode;
use jiff::Timestamp;

use super::frame::Theme;
use super::link::Query;
use crate::outside::{Mishap, Seen};

/// One request for a page.
#[derive(Clone, Debug)]
pub struct Ask {
    /// The id in the path, for pages of one record.
    pub id: String,
    /// The parameters.
    pub query: Query,
    /// Path and query as they came, to return to.
    pub address: String,
    /// The reader's theme.
    pub theme: Option<Theme>,
    /// The instant to judge at.
    pub now: Timestamp,
    /// The business time zone, where the configuration names one.
    pub time_zone: Option<String>,
    /// Which mode the database holds; `None` while it holds nothing.
    pub mode: Option<Mode>,
    /// What went wrong at the edges of this process since it started.
    pub mishaps: BTreeMap<Mishap, Seen>,
}
