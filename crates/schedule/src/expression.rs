//! An expression as a person typed it: cron, one of its nicknames, or words.

use std::fmt;

use crate::cron::Cron;
use crate::words;

/// Longer than any sensible expression; a list of every minute takes less than two hundred characters.
const LENGTH_MAX: usize = 1_000;

const NICKNAMES: [(&str, &str); 7] = [
    ("@hourly", "0 * * * *"),
    ("@daily", "0 0 * * *"),
    ("@midnight", "0 0 * * *"),
    ("@weekly", "0 0 * * 0"),
    ("@monthly", "0 0 1 * *"),
    ("@yearly", "0 0 1 1 *"),
    ("@annually", "0 0 1 1 *"),
];

/// When something is to happen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expression {
    text: String,
    cron: Cron,
}

impl Expression {
    /// Reads cron of five fields, a nickname such as `@daily`, or words such as "every weekday at 7".
    ///
    /// # Errors
    /// [`BadExpression`], which says what was expected.
    pub fn parse(text: &str) -> Result<Self, BadExpression> {
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if text.len() > LENGTH_MAX {
            return Err(BadExpression::Long);
        }
        let text = match NICKNAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(&text)) {
            Some((_, cron)) => (*cron).to_owned(),
            None if text.starts_with(char::is_alphabetic) && !text.contains('*') => words::cron(&text)?,
            None => text.to_ascii_uppercase(),
        };
        Ok(Self { cron: Cron::parse(&text)?, text })
    }

    /// The same as cron of five fields.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it names.
    #[must_use]
    pub const fn cron(&self) -> &Cron {
        &self.cron
    }
}

/// Why an expression cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BadExpression {
    /// It has another number of fields than five.
    Fields {
        /// How many.
        found: usize,
    },
    /// One field cannot be read.
    Field {
        /// What people call it.
        name: &'static str,
        /// What stands in it.
        found: String,
        /// What may stand in it.
        expected: &'static str,
    },
    /// Words that are not understood.
    Words {
        /// The first of them, or what is missing.
        found: String,
        /// What was expected there.
        expected: &'static str,
    },
    /// It is too long.
    Long,
}

impl fmt::Display for BadExpression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fields { found } => write!(
                f,
                "it has {found} field{}; expected five (minute, hour, day of month, month, weekday), such as \"0 7 * * MON-FRI\", or words, \
                 such as \"every weekday at 7\"",
                if *found == 1 { "" } else { "s" }
            ),
            Self::Field { name, found, expected } => write!(f, "its {name} is \"{found}\"; expected {expected}"),
            Self::Words { found, expected } => write!(f, "{found} is not understood; expected {expected}"),
            Self::Long => write!(f, "it has more than {LENGTH_MAX} characters"),
        }
    }
}

impl std::error::Error for BadExpression {}
