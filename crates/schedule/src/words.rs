//! Words for the usual schedules, as cron.
//!
//! What comes before "at" says on which days, what comes after it at which times. Little words ("on", "the", "of", "and") say nothing,
//! so that "every month on the 1st" and "on the first of every month" are the same.

use crate::expression::BadExpression;
use crate::field::Field;

/// Words that change nothing.
const LITTLE: [&str; 9] = ["on", "the", "of", "and", "every", "each", "in", "a", "past"];

const DAYS_EXPECTED: &str = "which days, such as \"every day\", \"every weekday\", \"every monday and thursday\", \"every month on the 1st\", \
     \"on the last weekday of every month\", \"every 15 minutes\" or \"every hour\"";

const TIMES_EXPECTED: &str = "times after \"at\", such as \"at 7\", \"at 7:30\", \"at 5 pm\", \"at noon\" or \"at 7 and 19\"";

const ORDINALS: [(&str, u8); 5] = [("first", 1), ("second", 2), ("third", 3), ("fourth", 4), ("fifth", 5)];

/// How often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Period {
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

/// Which of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Which {
    Nth(u8),
    Last,
}

/// What the words before "at" say.
#[derive(Debug, Default)]
struct Said {
    period: Option<Period>,
    number: Option<u8>,
    which: Vec<Which>,
    /// Names of weekdays, as cron has them.
    days: Vec<String>,
    months: Vec<String>,
    weekdays: bool,
    weekends: bool,
}

/// The five fields that the words mean.
pub(crate) fn cron(text: &str) -> Result<String, BadExpression> {
    let lower = text.to_lowercase().replace(',', " ");
    let words: Vec<&str> = lower.split_whitespace().collect();
    let at = words.iter().position(|word| *word == "at");
    let (days, times) = words.split_at(at.unwrap_or(words.len()));
    let said = Said::read(days)?;
    let times = times.get(1..);
    match said.period {
        Some(Period::Minute) => said.parts_of("*/N * * * *", 60, times),
        Some(Period::Hour) => said.of_hours(times),
        _ => said.of_days(times),
    }
}

fn bad(found: &str, expected: &'static str) -> BadExpression {
    BadExpression::Words { found: format!("\"{found}\""), expected }
}

impl Said {
    fn read(words: &[&str]) -> Result<Self, BadExpression> {
        let mut said = Self::default();
        for word in words.iter().filter(|word| !LITTLE.contains(word)) {
            said.take(word).ok_or_else(|| bad(word, DAYS_EXPECTED))?;
        }
        Ok(said)
    }

    /// Takes a word; `None` where it says nothing here, or contradicts what was said.
    fn take(&mut self, word: &str) -> Option<()> {
        let period = match word {
            "minute" | "minutes" => Some(Period::Minute),
            "hour" | "hours" | "hourly" => Some(Period::Hour),
            "day" | "days" | "daily" => Some(Period::Day),
            "week" | "weekly" => Some(Period::Week),
            "month" | "monthly" => Some(Period::Month),
            "quarter" | "quarterly" => Some(Period::Quarter),
            "year" | "yearly" | "annually" => Some(Period::Year),
            _ => None,
        };
        match (word, period) {
            // In "the last day of the month" the day is no period.
            (_, Some(Period::Day)) if !self.which.is_empty() => {}
            (_, Some(period)) if self.period.is_none() => self.period = Some(period),
            // "every day", and then "of the month".
            (_, Some(_)) => return None,
            ("weekday" | "weekdays", _) => self.weekdays = true,
            ("weekend" | "weekends", _) => self.weekends = true,
            ("last", _) => self.which.push(Which::Last),
            _ => return self.take_name(word),
        }
        Some(())
    }

    fn take_name(&mut self, word: &str) -> Option<()> {
        let short = |name: &str| name.get(..3).map(str::to_ascii_uppercase);
        let singular = word.strip_suffix('s').unwrap_or(word);
        if let Some(nth) = ordinal(word) {
            self.which.push(Which::Nth(nth));
        } else if is_name(singular, &["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]) {
            self.days.push(short(singular)?);
        } else if is_name(
            word,
            &[
                "january",
                "february",
                "march",
                "april",
                "may",
                "june",
                "july",
                "august",
                "september",
                "october",
                "november",
                "december",
            ],
        ) {
            self.months.push(short(word)?);
        } else {
            let number = word.parse().ok().filter(|_| word.bytes().all(|byte| byte.is_ascii_digit()))?;
            (self.number.replace(number).is_none()).then_some(())?;
        }
        Some(())
    }

    /// "every 15 minutes": a part of the next larger unit, so that the same minutes come every hour.
    fn parts_of(&self, cron: &str, whole: u8, times: Option<&[&str]>) -> Result<String, BadExpression> {
        if self.says_days() {
            return Err(bad("a day", "no days beside minutes or hours; cron says that, such as \"*/15 9-17 * * MON-FRI\""));
        }
        if let Some(times) = times {
            return Err(bad(&times.join(" "), "no time of day beside minutes or hours"));
        }
        match self.number {
            None | Some(1) => Ok(cron.replace("*/N", "*")),
            Some(number) if number > 0 && whole.is_multiple_of(number) => Ok(cron.replace('N', &number.to_string())),
            Some(number) => Err(bad(
                &number.to_string(),
                "a number that divides 60 minutes or 24 hours, so that every hour and every day is alike",
            )),
        }
    }

    /// "every hour", "every hour at :15", "every 6 hours".
    fn of_hours(&self, times: Option<&[&str]>) -> Result<String, BadExpression> {
        let minute = match times {
            Some([minute]) => {
                let plain = minute.strip_prefix(':').and_then(|minute| Field::Minute.value(minute));
                plain.ok_or_else(|| bad(minute, "a minute after \"at\", such as \"at :15\""))?
            }
            _ => 0,
        };
        let times = times.filter(|times| times.len() != 1);
        self.parts_of(&format!("{minute} */N * * *"), 24, times)
    }

    const fn says_days(&self) -> bool {
        !self.which.is_empty() || !self.days.is_empty() || !self.months.is_empty() || self.weekdays || self.weekends
    }

    fn of_days(&self, times: Option<&[&str]>) -> Result<String, BadExpression> {
        let missing = |expected| BadExpression::Words { found: "what is missing".to_owned(), expected };
        let (day, weekday) = self.days()?.ok_or_else(|| missing(DAYS_EXPECTED))?;
        let months = match (self.period, self.months.as_slice()) {
            (Some(Period::Quarter), []) => "1,4,7,10".to_owned(),
            (_, []) => "*".to_owned(),
            (_, months) => months.join(","),
        };
        let (minute, hours) = times_of_day(times.unwrap_or_default())?;
        Ok(format!("{minute} {hours} {day} {months} {weekday}"))
    }

    /// Day of month and weekday; `None` where nothing says which days.
    fn days(&self) -> Result<Option<(String, String)>, BadExpression> {
        let any = || "*".to_owned();
        let one_of_days = usize::from(!self.days.is_empty()) + usize::from(self.weekdays) + usize::from(self.weekends);
        if one_of_days > 1 || self.number.is_some() && (one_of_days > 0 || !self.which.is_empty() || self.months.is_empty()) {
            return Err(bad("that", DAYS_EXPECTED));
        }
        Ok(match (self.which.as_slice(), self.period) {
            ([], Some(Period::Day) | None | Some(Period::Week)) if one_of_days > 0 => Some((any(), self.weekday_field())),
            ([], _) if one_of_days > 0 => {
                return Err(bad("a weekday", "which one of the month, such as \"on the first monday of every month\""));
            }
            ([], Some(Period::Day)) if self.number.is_none() => Some((any(), any())),
            // "on 1 january".
            ([], None | Some(Period::Year)) => self.number.map(|day| (day.to_string(), any())),
            ([], _) => None,
            (_, Some(Period::Day | Period::Week)) => {
                return Err(bad("that", "days of a month, such as \"every month on the 1st and 15th\""));
            }
            (_, Some(Period::Year)) if self.months.is_empty() => {
                return Err(bad("year", "the month, such as \"every year on the 1st of july\""));
            }
            (which, _) if one_of_days > 0 => self.of_month(which)?,
            (which, _) => Some((listed(which, |nth| nth.to_string(), || "L".to_owned()), any())),
        })
    }

    fn weekday_field(&self) -> String {
        match (self.weekdays, self.weekends) {
            (true, _) => "MON-FRI".to_owned(),
            (_, true) => "SAT,SUN".to_owned(),
            _ => self.days.join(","),
        }
    }

    /// "the first monday", "the last weekday".
    fn of_month(&self, which: &[Which]) -> Result<Option<(String, String)>, BadExpression> {
        let any = || "*".to_owned();
        if self.weekdays {
            return match which {
                [Which::Last] => Ok(Some(("LW".to_owned(), any()))),
                [Which::Nth(1)] => Ok(Some(("1W".to_owned(), any()))),
                _ => Err(bad("weekday", "the first or the last weekday of a month")),
            };
        }
        let of_day = |day: &String| listed(which, |nth| format!("{day}#{nth}"), || format!("{day}L"));
        if self.weekends || which.iter().any(|which| matches!(which, Which::Nth(6..))) {
            return Err(bad("that", "one of the five weeks of a month, such as \"on the first monday of every month\""));
        }
        Ok(Some((any(), self.days.iter().map(of_day).collect::<Vec<_>>().join(","))))
    }
}

fn listed(which: &[Which], nth: impl Fn(u8) -> String, last: impl Fn() -> String) -> String {
    let one = |which: &Which| match which {
        Which::Nth(number) => nth(*number),
        Which::Last => last(),
    };
    which.iter().map(one).collect::<Vec<_>>().join(",")
}

/// Whether a word is one of these names, or its first three letters or more.
fn is_name(word: &str, names: &[&str]) -> bool {
    word.len() >= 3 && names.iter().any(|name| name.starts_with(word))
}

/// "1st", "second", "31st".
fn ordinal(word: &str) -> Option<u8> {
    let named = ORDINALS.iter().find(|(name, _)| *name == word).map(|(_, number)| *number);
    let numbered = || {
        let digits = ["st", "nd", "rd", "th"].iter().find_map(|end| word.strip_suffix(end))?;
        Field::Day.value(digits)
    };
    named.or_else(numbered)
}

/// Minute and hours.
fn times_of_day(words: &[&str]) -> Result<(u8, String), BadExpression> {
    let mut times: Vec<(u8, u8)> = Vec::new();
    let mut left = words.iter().filter(|word| **word != "and").peekable();
    while let Some(word) = left.next() {
        let half = left.next_if(|next| matches!(**next, "am" | "pm")).copied();
        times.push(time_of_day(word, half).ok_or_else(|| bad(word, TIMES_EXPECTED))?);
    }
    let Some((_, minute)) = times.first().copied() else {
        return Err(BadExpression::Words { found: "what is missing".to_owned(), expected: TIMES_EXPECTED });
    };
    if times.iter().any(|(_, other)| *other != minute) {
        return Err(bad(&words.join(" "), "times with the same minutes; add a schedule for each of the others"));
    }
    Ok((minute, times.iter().map(|(hour, _)| hour.to_string()).collect::<Vec<_>>().join(",")))
}

/// Hour and minute.
fn time_of_day(word: &str, half: Option<&str>) -> Option<(u8, u8)> {
    match word {
        "noon" => return half.is_none().then_some((12, 0)),
        "midnight" => return half.is_none().then_some((0, 0)),
        _ => {}
    }
    let (digits, half) = match ["am", "pm"].into_iter().find_map(|half| Some((word.strip_suffix(half)?, half))) {
        Some((digits, own)) => (digits, half.is_none().then_some(Some(own))?),
        None => (word, half),
    };
    let (hour, minute) = digits.split_once(':').unwrap_or((digits, "00"));
    let minute = Field::Minute.value(minute).filter(|_| minute.len() == 2)?;
    let hour = Field::Hour.value(hour)?;
    match half {
        None => Some((hour, minute)),
        Some(half) if (1..=12).contains(&hour) => Some((hour % 12 + if half == "pm" { 12 } else { 0 }, minute)),
        Some(_) => None,
    }
}
