//! The flags that narrow a list, the same in every noun, and the words that `--state` takes.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use facts::AccountId;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::exit::{Exit, Failure};

/// Which part of a list: whose, from which day to which, and how many.
#[derive(clap::Args, Debug, Clone, Default)]
pub struct Narrow {
    /// Only this account's
    #[arg(long, value_name = "ID", value_parser = AccountId::parse)]
    pub account: Option<AccountId>,
    #[command(flatten)]
    pub days: Days,
}

/// From which day to which, and how many.
#[derive(clap::Args, Debug, Clone, Default)]
pub struct Days {
    /// Only this day and later
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub from: Option<Date>,
    /// Only this day and earlier
    #[arg(long, value_name = "DATE", value_parser = day)]
    pub to: Option<Date>,
    /// At most so many
    #[arg(long, value_name = "N")]
    pub limit: Option<u64>,
}

impl Days {
    /// Days that end before they begin hold nothing, and an empty list would read as an answer.
    ///
    /// # Errors
    /// [`Exit::Usage`].
    pub fn check(&self) -> Result<(), Failure> {
        match (self.from, self.to) {
            (Some(from), Some(to)) if to < from => {
                let told = format!("the days end (--to {to}) before they begin (--from {from})");
                Err(Failure::new(Exit::Usage, told).hint("exchange the two"))
            }
            _ => Ok(()),
        }
    }

    /// The instants at which the days begin and end in `zone`: from (included) and before (excluded).
    ///
    /// # Errors
    /// [`Exit::Usage`] for a day at the end of the calendar.
    pub fn instants(&self, zone: &TimeZone) -> Result<(Option<Timestamp>, Option<Timestamp>), Failure> {
        self.check()?;
        let start = |day: Date| {
            let refused = |error| Failure::new(Exit::Usage, format!("{day} cannot be used as a day: {error}"));
            day.to_zoned(zone.clone()).map(|zoned| zoned.timestamp()).map_err(refused)
        };
        let after = |day: Date| day.tomorrow().map_err(|error| Failure::new(Exit::Usage, format!("{day}: {error}")));
        let before = self.to.map(after).transpose()?;
        Ok((self.from.map(start).transpose()?, before.map(start).transpose()?))
    }
}

/// A calendar day.
pub fn day(text: &str) -> Result<Date, String> {
    let expected = || "expected a day, such as 2026-07-31".to_owned();
    if text.len() != "2026-07-31".len() {
        return Err(expected());
    }
    text.parse().map_err(|_| expected())
}

/// A parser that takes the words of a closed set and lists them in the help.
pub fn words<T: Copy + Send + Sync + 'static>(
    all: &'static [T],
    word: fn(T) -> &'static str,
) -> impl TypedValueParser<Value = T> {
    let listed: Vec<&'static str> = all.iter().map(|value| word(*value)).collect();
    PossibleValuesParser::new(listed)
        .try_map(move |text| all.iter().copied().find(|value| word(*value) == text).ok_or("not one of the words"))
}
