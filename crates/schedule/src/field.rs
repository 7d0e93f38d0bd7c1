//! One of the five fields of a cron expression: a list of values, ranges and steps.

/// The five fields, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Minute,
    Hour,
    Day,
    Month,
    Weekday,
}

const MONTHS: [&str; 12] = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

impl Field {
    /// What people call it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::Day => "day of month",
            Self::Month => "month",
            Self::Weekday => "weekday",
        }
    }

    /// What may stand in it.
    pub(crate) const fn expected(self) -> &'static str {
        match self {
            Self::Minute => "0 to 59, as *, 5, 0,30, 0-29 or */15",
            Self::Hour => "0 to 23, as *, 7, 7,19, 9-17 or */6",
            Self::Day => {
                "1 to 31, as *, 1, 1,15, 1-7, L (the last), L-2 (two before it), 15W (the weekday nearest to the 15th) or LW (the last weekday)"
            }
            Self::Month => "1 to 12 or JAN to DEC, as *, 1, JAN,JUL, 1-6 or */3",
            Self::Weekday => {
                "0 to 7 or SUN to SAT (0 and 7 are Sunday), as *, MON, MON-FRI, 1,3, MON#2 (the second Monday) or 5L (the last Friday)"
            }
        }
    }

    /// The first and the last value. Sunday is 0, and 7 too.
    pub(crate) const fn ends(self) -> (u8, u8) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::Day => (1, 31),
            Self::Month => (1, 12),
            Self::Weekday => (0, 7),
        }
    }

    /// A number of the field, or a name; `None` where it is neither.
    pub(crate) fn value(self, text: &str) -> Option<u8> {
        let (first, last) = self.ends();
        let named = |names: &[&str]| names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let name = match self {
            Self::Month => named(&MONTHS).map(|at| at + 1),
            Self::Weekday => named(&WEEKDAYS),
            Self::Minute | Self::Hour | Self::Day => None,
        };
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = name.and_then(|at| u8::try_from(at).ok()).or_else(|| text.parse().ok().filter(|_| is_number))?;
        (first..=last).contains(&number).then_some(number)
    }
}

/// The values of one item of a list: `*`, `*/5`, `3`, `3-9` or `3-9/2`; bit `n` is set for the value `n`. `None` where it is
/// nothing of these.
pub(crate) fn item(field: Field, text: &str) -> Option<u64> {
    let (range, step) = match text.split_once('/') {
        Some((range, step)) => (range, step.parse().ok().filter(|_| step.bytes().all(|byte| byte.is_ascii_digit()))?),
        None => (text, 1_u8),
    };
    let (first, last) = match range.split_once('-') {
        None if range == "*" => field.ends(),
        // A step needs an end to go to.
        None if text.contains('/') => return None,
        None => (field.value(range)?, field.value(range)?),
        Some((first, last)) => (field.value(first)?, end(field, last)?),
    };
    if step == 0 || first > last {
        return None;
    }
    Some((first..=last).step_by(usize::from(step)).fold(0, |bits, value| bits | bit(value)))
}

/// The end of a range: a week may end with Sunday.
fn end(field: Field, text: &str) -> Option<u8> {
    let value = field.value(text)?;
    let is_sunday = field == Field::Weekday && value == 0 && text != "0";
    Some(if is_sunday { 7 } else { value })
}

/// The set that holds one value, below 64.
pub(crate) const fn bit(value: u8) -> u64 {
    1_u64.wrapping_shl(value as u32)
}

/// Whether a set holds a value. Values beyond the set are in none.
pub(crate) fn holds(bits: u64, value: i8) -> bool {
    u8::try_from(value).is_ok_and(|value| value < 64 && bits & bit(value) != 0)
}
