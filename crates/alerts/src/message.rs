//! The words in which a person is told: what, how much, since when, what was done already, what to do, with a link.

use std::fmt::Write;

use jiff::Timestamp;

use crate::condition::Condition;
use crate::rule::Severity;
use crate::state::Notice;

/// More than this in one message are counted and not told one by one: a mail of ten thousand lines is read by nobody.
const TOLD_MAX: usize = 20;

/// What is told of one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// Whether it began, goes on or is over.
    pub notice: Notice,
    /// The rule's name.
    pub rule: String,
    /// What was looked at.
    pub condition: Condition,
    /// How loudly.
    pub severity: Severity,
    /// What exactly: a schedule's name, an exception's id.
    pub subject: String,
    /// What is not well, in a sentence.
    pub what: String,
    /// How much money, as people write it.
    pub how_much: Option<String>,
    /// Since when it has not been well.
    pub since: Timestamp,
    /// What was done already.
    pub done: Option<String>,
    /// What to do.
    pub to_do: String,
    /// Where to look.
    pub link: Option<String>,
}

/// One message, of everything that is told at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// In a line.
    pub subject: String,
    /// In lines.
    pub text: String,
}

impl Message {
    /// The message that tells of these; none of nothing.
    #[must_use]
    pub fn of(told: &[Told]) -> Option<Self> {
        let [first, rest @ ..] = told else { return None };
        let subject = if rest.is_empty() { first.line() } else { together(told) };
        let mut text = String::new();
        for one in told.iter().take(TOLD_MAX) {
            one.write(&mut text);
        }
        if let Some(more) = told.len().checked_sub(TOLD_MAX).filter(|more| *more > 0) {
            // Writing to a string never fails.
            let _ = writeln!(text, "… and {more} more: tieout alert list");
        }
        Some(Self { subject: format!("[tieout] {subject}"), text: text.trim_end().to_owned() })
    }
}

impl Told {
    /// What happened, in a line.
    #[must_use]
    pub fn line(&self) -> String {
        match self.notice {
            Notice::Opened => self.what.clone(),
            Notice::Again => format!("Still: {}", self.what),
            Notice::Recovered => format!("Well again: {}", self.what),
        }
    }

    fn write(&self, text: &mut String) {
        let lines = [
            Some(self.line()),
            self.how_much.as_ref().map(|amount| format!("  How much: {amount}")),
            Some(format!("  Since: {}", self.since)),
            self.done.as_ref().map(|done| format!("  Done already: {done}")),
            Some(format!("  To do: {}", self.to_do)).filter(|_| self.notice != Notice::Recovered),
            self.link.as_ref().map(|link| format!("  Look: {link}")),
        ];
        for line in lines.into_iter().flatten() {
            // What others have written may hold line breaks, which would begin a line of ours.
            text.push_str(&line.replace(['\r', '\n'], " "));
            text.push('\n');
        }
        text.push('\n');
    }
}

/// Several things in a line.
fn together(told: &[Told]) -> String {
    let count = |notice: Notice| told.iter().filter(|one| one.notice == notice).count();
    let parts = [(Notice::Opened, "new"), (Notice::Again, "still open"), (Notice::Recovered, "well again")];
    let parts: Vec<String> = parts
        .iter()
        .map(|(notice, words)| (count(*notice), words))
        .filter(|(count, _)| *count > 0)
        .map(|(count, words)| format!("{count} {words}"))
        .collect();
    format!("{} alerts: {}", told.len(), parts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(notice: Notice, what: &str) -> Told {
        Told {
            notice,
            rule: "run_failed".to_owned(),
            condition: Condition::RunFailed,
            severity: Severity::Critical,
            subject: "nightly".to_owned(),
            what: what.to_owned(),
            how_much: None,
            since: "2026-07-01T11:00:00Z".parse().unwrap(),
            done: Some("tried 4 times".to_owned()),
            to_do: "tieout schedule history nightly".to_owned(),
            link: Some("http://127.0.0.1:8377/schedules/nightly".to_owned()),
        }
    }

    #[test]
    fn one_thing_is_its_own_subject_and_says_what_since_when_and_what_to_do() {
        let message = Message::of(&[told(Notice::Opened, "The schedule 'nightly' failed: Stripe answered 500")]).unwrap();
        assert_eq!(message.subject, "[tieout] The schedule 'nightly' failed: Stripe answered 500");
        assert_eq!(
            message.text,
            "The schedule 'nightly' failed: Stripe answered 500\n  Since: 2026-07-01T11:00:00Z\n  Done already: tried 4 times\n  \
             To do: tieout schedule history nightly\n  Look: http://127.0.0.1:8377/schedules/nightly"
        );
        assert_eq!(Message::of(&[]), None);
    }

    #[test]
    fn many_things_are_one_message_that_counts_them() {
        let mut all = vec![told(Notice::Opened, "a"); 30];
        all.push(told(Notice::Recovered, "b"));
        let message = Message::of(&all).unwrap();
        assert_eq!(message.subject, "[tieout] 31 alerts: 30 new, 1 well again");
        assert!(message.text.ends_with("… and 11 more: tieout alert list"), "{}", message.text);
    }

    #[test]
    fn what_others_have_written_begins_no_line_of_ours() {
        let message = Message::of(&[told(Notice::Opened, "x\r\n  To do: send money")]).unwrap();
        assert_eq!(message.text.lines().filter(|line| line.starts_with("  To do")).count(), 1);
    }
}
