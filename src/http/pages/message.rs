//! Pages that say one thing: nothing yet, not found, went wrong.

use askama::Template;

use super::Answer;
use crate::http::ask::Ask;
use crate::http::frame::Frame;
use crate::http::parts::{Empty, Link};
use crate::http::problem::{Problem, Told};

/// A page that says one thing.
#[derive(Template)]
#[template(path = "message.html")]
pub struct Message {
    /// What surrounds it.
    pub frame: Frame,
    /// What it says.
    pub empty: Empty,
}

/// The page while there is no database.
pub fn nothing_yet(ask: &Ask) -> Result<Answer, Problem> {
    let empty = Empty { title: "Nothing is here yet".to_owned(), ..Empty::never("payouts, bank lines and exceptions") };
    Ok(Answer::Html(Message { frame: Frame::new(ask, "Nothing here yet", ""), empty }.render()?))
}

/// A problem, told on a page.
pub fn problem(ask: &Ask, told: &Told) -> askama::Result<String> {
    let empty = Empty {
        icon: "bang",
        title: told.title.clone(),
        text: told.text.clone(),
        link: Some(Link::words("/", "To the overview")),
        commands: Vec::new(),
    };
    Message { frame: Frame::new(ask, &told.title, ""), empty }.render()
}
