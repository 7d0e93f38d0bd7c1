//! A mail, checked so that nothing in it can become part of another header or another mail. Pure.

use std::fmt;
use std::str::FromStr;
use std::time::SystemTime;

use jiff::Timestamp;
use lettre::address::Envelope;
use lettre::message::SinglePart;
use lettre::message::header::ContentType;
use lettre::{Address, Message};

/// The longest address that SMTP carries.
const ADDRESS_LENGTH_MAX: usize = 254;

/// A display name that is longer is none.
const NAME_LENGTH_MAX: usize = 100;

/// Longer subjects are not shown anywhere.
const SUBJECT_LETTERS_MAX: usize = 200;

/// Servers refuse mail of some megabytes; a text that a person is to read is far shorter.
const TEXT_BYTES_MAX: usize = 512 * 1024;

/// Servers must take 100 (RFC 5321); an alert is for fewer.
const RECIPIENTS_MAX: usize = 50;

/// An address with or without a name: `a@example.com`, `Tieout <a@example.com>`.
#[derive(Clone, PartialEq, Eq)]
pub struct Mailbox(lettre::message::Mailbox);

/// Why a mail cannot be written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadMail {
    /// Not an address.
    #[error("`{0}` is no mail address: write a@example.com or Name <a@example.com>")]
    Address(String),
    /// A line break or another control character in an address.
    #[error("a mail address holds a line break or another control character")]
    AddressCharacters,
    /// Longer than mail allows.
    #[error("a mail address is longer than {ADDRESS_LENGTH_MAX} bytes, or its name longer than {NAME_LENGTH_MAX}")]
    AddressTooLong,
    /// Nobody to send it to.
    #[error("the mail has no recipient")]
    NoRecipient,
    /// More than 50 recipients.
    #[error("the mail has more than {RECIPIENTS_MAX} recipients")]
    Recipients,
    /// The text is longer than 512 KiB.
    #[error("the text of the mail is longer than {TEXT_BYTES_MAX} bytes")]
    TextTooLong,
    /// Not of the form `left@right`.
    #[error("the id of a mail is letters, digits and -_.+= on both sides of an @, at most {ADDRESS_LENGTH_MAX} bytes")]
    MessageId,
    /// It cannot be put into the form of a mail.
    #[error("the mail cannot be written: {0}")]
    Unwritable(String),
}

impl FromStr for Mailbox {
    type Err = BadMail;

    fn from_str(text: &str) -> Result<Self, BadMail> {
        if text.contains(char::is_control) {
            return Err(BadMail::AddressCharacters);
        }
        let text = text.trim();
        let wrong = || BadMail::Address(text.chars().take(ADDRESS_LENGTH_MAX).collect());
        let (name, address) = match text.strip_suffix('>').map(|rest| rest.rsplit_once('<').ok_or_else(wrong)) {
            Some(parts) => parts?,
            None => ("", text),
        };
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        if address.len() > ADDRESS_LENGTH_MAX || name.len() > NAME_LENGTH_MAX {
            return Err(BadMail::AddressTooLong);
        }
        let forbidden = |letter: char| letter.is_whitespace() || "<>,;:\"\\()[]".contains(letter);
        if address.contains(forbidden) || name.contains(['<', '>', '"', '\\']) {
            return Err(wrong());
        }
        let address = address.parse::<Address>().map_err(|_| wrong())?;
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self(lettre::message::Mailbox::new(name, address)))
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailbox({self})")
    }
}

/// A mail that can be sent, once or again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mail {
    from: Mailbox,
    to: Vec<Mailbox>,
    subject: String,
    text: String,
    message_id: String,
}

impl Mail {
    /// Writes a mail. It goes to all recipients; where the server refuses some of them for good, to the others.
    ///
    /// The subject comes from data as often as from people, and an alert must not get lost over it: it is put on one line and cut
    /// off behind 200 letters. In the text, control characters other than tabs and ends of lines are replaced by U+FFFD.
    ///
    /// `message_id`, such as `alert-17@books.example.com`, is the same each time this mail is sent, so that a second copy is known.
    ///
    /// # Errors
    /// When there are no or too many recipients, the text is too long, or the id is none.
    pub fn new(from: Mailbox, to: Vec<Mailbox>, subject: &str, text: &str, message_id: &str) -> Result<Self, BadMail> {
        if to.is_empty() {
            return Err(BadMail::NoRecipient);
        }
        if to.len() > RECIPIENTS_MAX {
            return Err(BadMail::Recipients);
        }
        if text.len() > TEXT_BYTES_MAX {
            return Err(BadMail::TextTooLong);
        }
        if !is_message_id(message_id) {
            return Err(BadMail::MessageId);
        }
        Ok(Self { from, to, subject: one_line(subject), text: lines(text), message_id: message_id.to_owned() })
    }

    /// The mail as it is sent at this instant.
    pub(super) const fn has_several(&self) -> bool {
        self.to.len() > 1
    }

    /// To each of its recipients alone, with their addresses.
    pub(super) fn each(&self) -> impl Iterator<Item = (String, Result<Envelope, BadMail>)> {
        self.to.iter().map(|to| {
            let envelope = Envelope::new(Some(self.from.0.email.clone()), vec![to.0.email.clone()]);
            (to.0.email.to_string(), envelope.map_err(|error| BadMail::Unwritable(error.to_string())))
        })
    }

    pub(super) fn written(&self, at: Timestamp) -> Result<Message, BadMail> {
        let unwritable = |error: &dyn std::error::Error| BadMail::Unwritable(error.to_string());
        let builder = Message::builder().from(self.from.0.clone()).subject(self.subject.clone());
        let builder = self.to.iter().fold(builder, |builder, to| builder.to(to.0.clone()));
        let builder = builder.message_id(Some(format!("<{}>", self.message_id))).date(SystemTime::from(at));
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(self.text.clone());
        builder.singlepart(text).map_err(|error| unwritable(&error))
    }
}

fn is_message_id(text: &str) -> bool {
    let side = |side: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.+=".contains(&byte);
        !side.is_empty() && side.bytes().all(known)
    };
    text.len() <= ADDRESS_LENGTH_MAX && text.split_once('@').is_some_and(|(left, right)| side(left) && side(right))
}

fn one_line(text: &str) -> String {
    let breaks = |letter: char| letter.is_control() || matches!(letter, '\u{2028}' | '\u{2029}');
    let plain = text.chars().map(|letter| if breaks(letter) { ' ' } else { letter }).collect::<String>();
    let plain = plain.trim();
    if plain.chars().count() <= SUBJECT_LETTERS_MAX {
        return plain.to_owned();
    }
    plain.chars().take(SUBJECT_LETTERS_MAX - 1).chain(['…']).collect()
}

/// Each line ended as mail ends lines; a lone carriage return ends one too, as some servers would take it.
fn lines(text: &str) -> String {
    let ended = text.replace("\r\n", "\n").replace('\r', "\n");
    let shown = |letter: char| if letter.is_control() && letter != '\n' && letter != '\t' { '\u{fffd}' } else { letter };
    let shown = ended.chars().map(shown).collect::<String>();
    shown.trim_end_matches('\n').split('\n').flat_map(|line| [line, "\r\n"]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(subject: &str, text: &str) -> String {
        let from = "Tieout <books@example.com>".parse().unwrap();
        let mail = Mail::new(from, vec!["a@example.org".parse().unwrap()], subject, text, "alert-1@example.com").unwrap();
        let written = mail.written("2026-11-28T10:00:00Z".parse().unwrap()).unwrap();
        String::from_utf8(written.formatted()).unwrap()
    }

    fn headers(mail: &str) -> Vec<&str> {
        let head = mail.split("\r\n\r\n").next().unwrap();
        head.split("\r\n").filter(|line| !line.starts_with([' ', '\t'])).map(|line| line.split(':').next().unwrap()).collect()
    }

    #[test]
    fn a_mail_says_from_whom_to_whom_when_and_which_it_is() {
        let written = mail("Payout po_1: gap", "12.00 EUR are missing.\nSee tieout payout explain po_1");
        for expected in [
            "From: Tieout <books@example.com>",
            "To: a@example.org",
            "Subject: Payout po_1: gap",
            "Message-ID: <alert-1@example.com>",
            "Date: Sat, 28 Nov 2026 10:00:00 +0000",
            "\r\n\r\n12.00 EUR are missing.\r\nSee tieout payout explain po_1\r\n",
        ] {
            assert!(written.contains(expected), "{expected}\n{written}");
        }
    }

    #[test]
    fn no_subject_or_text_becomes_a_header_or_a_second_mail() {
        let usual = headers(&mail("x", "x")).iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
        for subject in
            ["a\r\nBcc: evil@example.net", "a\nBcc: evil@example.net", "a\r\n\r\nbody", "\u{2028}Bcc: x", "ü\r\nBcc: ü\0"]
        {
            let written = mail(subject, "x");
            assert_eq!(headers(&written), usual, "{written}");
        }
        for text in ["a\r\n.\r\nMAIL FROM:<x>", "a\n.\nQUIT", "a\r.\rQUIT", "a\0b", "\u{1b}[2J", &"long ".repeat(500)] {
            let written = mail("x", text);
            let bare = written.replace("\r\n", "");
            assert!(!bare.contains(['\r', '\n', '\0', '\u{1b}']), "{written:?}");
            assert!(written.split("\r\n").all(|line| line.len() <= 998), "{written:?}");
        }
    }

    #[test]
    fn a_subject_is_one_line_and_a_text_has_lines_of_one_kind() {
        assert_eq!(one_line(" a\r\nBcc: b\u{2028}c\0 "), "a  Bcc: b c");
        assert_eq!(lines("a\r\nb\rc\nd\te\0\n\n"), "a\r\nb\r\nc\r\nd\te\u{fffd}\r\n");
    }

    #[test]
    fn a_long_subject_is_cut_off() {
        assert_eq!(one_line(&"ä".repeat(500)).chars().count(), SUBJECT_LETTERS_MAX);
        assert_eq!(one_line(&"ä".repeat(200)), "ä".repeat(200));
    }

    #[test]
    fn an_address_that_is_none_or_more_than_one_is_refused() {
        for text in
            ["a@example.com", "Tieout <a@example.com>", "\"Books, Ltd\" <a@example.com>", " a+b@example.co.uk ", "<a@b.example>"]
        {
            assert!(text.parse::<Mailbox>().is_ok(), "{text}");
        }
        for text in [
            "",
            "a",
            "@",
            "a@",
            "@b.example",
            "a@b@c.example",
            "a@b.example, c@d.example",
            "a b@c.example",
            "a@b.example>",
            "<a@b.example",
            "X <a@b.example> <c@d.example>",
            "a@b.example SIZE=1",
            "a@b.example;c@d.example",
            "(x)a@b.example",
        ] {
            assert_eq!(text.parse::<Mailbox>().unwrap_err(), BadMail::Address(text.to_owned()), "{text}");
        }
        for text in ["a@b.example\r\nRCPT TO:<c@d.example>", "X\nBcc: c@d.example <a@b.example>", "a\0@b.example"] {
            assert_eq!(text.parse::<Mailbox>().unwrap_err(), BadMail::AddressCharacters, "{text:?}");
        }
        let long = format!("{}@b.example", "a".repeat(300));
        assert_eq!(long.parse::<Mailbox>().unwrap_err(), BadMail::AddressTooLong);
    }

    #[test]
    fn a_mail_to_nobody_or_without_a_right_id_is_refused() {
        let a = || "a@b.example".parse::<Mailbox>().unwrap();
        assert_eq!(Mail::new(a(), vec![], "x", "x", "1@b").unwrap_err(), BadMail::NoRecipient);
        assert_eq!(Mail::new(a(), vec![a(); 51], "x", "x", "1@b").unwrap_err(), BadMail::Recipients);
        assert_eq!(Mail::new(a(), vec![a()], "x", &"x".repeat(TEXT_BYTES_MAX + 1), "1@b").unwrap_err(), BadMail::TextTooLong);
        for id in ["", "1", "@", "1@", "a b@c", "a@b\r\nX: y", "<a@b>", "a@b@c"] {
            assert_eq!(Mail::new(a(), vec![a()], "x", "x", id).unwrap_err(), BadMail::MessageId, "{id:?}");
        }
    }
}
