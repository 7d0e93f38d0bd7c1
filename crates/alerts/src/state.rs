//! How something that is watched stands, and when to tell of it.

use jiff::{SignedDuration, Timestamp};

/// What a look found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Reading {
    /// All is well.
    Fine,
    /// It is not.
    Bad,
    /// There is nothing to tell it by.
    NoData,
    /// The look itself failed.
    Error,
}

/// How something that is watched stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// All is well.
    Normal,
    /// It is not, and has not stood so for long.
    Pending,
    /// It is not.
    Alerting,
    /// It was not, and has not been well for long.
    Recovering,
    /// There is nothing to tell it by.
    NoData,
    /// It could not be looked at.
    Error,
}

impl State {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Normal, Self::Pending, Self::Alerting, Self::Recovering, Self::NoData, Self::Error];

    /// The word in columns and machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Pending => "pending",
            Self::Alerting => "alerting",
            Self::Recovering => "recovering",
            Self::NoData => "no_data",
            Self::Error => "error",
        }
    }

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// How long something must stand before it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timing {
    /// Before it is told of.
    pub pending: SignedDuration,
    /// Before it counts as well again.
    pub recovering: SignedDuration,
    /// Told of again so long after it was told of, where nobody has acknowledged it; `None`: never.
    pub repeat: Option<SignedDuration>,
}

/// How something stands, and since when.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// How it stands.
    pub state: State,
    /// Since when it stands so.
    pub since: Timestamp,
    /// Since when it has not been well; `None` while it is.
    pub bad_since: Option<Timestamp>,
    /// When it was told of last; `None` where nobody was told since it was well.
    pub told_at: Option<Timestamp>,
    /// Whether a person has said that they know.
    pub acknowledged: bool,
}

/// What to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Notice {
    /// It is not well.
    Opened,
    /// It still is not, or otherwise than before.
    Again,
    /// It is well again. Only ever after [`Notice::Opened`], and after a look that found it so.
    Recovered,
}

impl Notice {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Opened, Self::Again, Self::Recovered];

    /// That of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }

    /// The word in machine outputs.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Opened => "opened",
            Self::Again => "again",
            Self::Recovered => "recovered",
        }
    }
}

impl Standing {
    /// How something stands that was never looked at.
    #[must_use]
    pub const fn unknown(now: Timestamp) -> Self {
        Self { state: State::Normal, since: now, bad_since: None, told_at: None, acknowledged: false }
    }
}

/// How it stands after a look at `now`, and what to tell. While it is silenced nothing is told; what then still is not well is told of when
/// the silence ends. A clock that was set back only makes things stand for longer.
#[must_use]
pub fn next(before: Standing, reading: Reading, now: Timestamp, timing: Timing, is_silenced: bool) -> (Standing, Option<Notice>) {
    let stood = |wanted: SignedDuration| now.duration_since(before.since) >= wanted;
    let state = match (before.state, reading) {
        (State::Normal | State::Pending, Reading::Fine) => State::Normal,
        // Nobody was told, so there is nothing to recover from.
        (State::NoData | State::Error, Reading::Fine) if before.told_at.is_none() => State::Normal,
        (State::Recovering, Reading::Fine) if stood(timing.recovering) => State::Normal,
        (_, Reading::Fine) if timing.recovering <= SignedDuration::ZERO => State::Normal,
        (_, Reading::Fine) => State::Recovering,
        (State::Alerting | State::Recovering, _) => State::Alerting,
        (State::Pending, Reading::Bad) if stood(timing.pending) => State::Alerting,
        (_, Reading::Bad) if timing.pending <= SignedDuration::ZERO || before.told_at.is_some() => State::Alerting,
        (_, Reading::Bad) => State::Pending,
        (_, Reading::NoData) => State::NoData,
        (_, Reading::Error) => State::Error,
    };
    let since = if state == before.state { before.since.min(now) } else { now };
    let bad_since = match state {
        State::Normal => None,
        _ => Some(before.bad_since.unwrap_or(now)),
    };
    let after = Standing { state, since, bad_since, ..before };
    after.tell(before, now, timing, is_silenced)
}

impl Standing {
    fn tell(self, before: Self, now: Timestamp, timing: Timing, is_silenced: bool) -> (Self, Option<Notice>) {
        let stood = now.duration_since(self.since) >= timing.pending;
        let notice = match (self.state, self.told_at) {
            (State::Normal, Some(_)) => Some(Notice::Recovered),
            (State::Normal | State::Pending | State::Recovering, _) => None,
            // Somebody knows already.
            (_, None) if self.acknowledged => None,
            (State::Alerting, None) => Some(Notice::Opened),
            (State::NoData | State::Error, None) => stood.then_some(Notice::Opened),
            // It was told of as something that is not known.
            (State::Alerting, Some(_)) if matches!(before.state, State::NoData | State::Error) => Some(Notice::Again),
            (_, Some(told_at)) => {
                let is_due = timing.repeat.is_some_and(|repeat| now.duration_since(told_at) >= repeat);
                (is_due && !self.acknowledged).then_some(Notice::Again)
            }
        };
        match notice {
            Some(_) if is_silenced && self.state == State::Normal => {
                // Who was told of it and then silenced it does not wait for the end.
                (Self { told_at: None, acknowledged: false, ..self }, None)
            }
            Some(_) if is_silenced => (self, None),
            Some(Notice::Recovered) => (Self { told_at: None, acknowledged: false, ..self }, notice),
            Some(_) => (Self { told_at: Some(now), ..self }, notice),
            None => (self, None),
        }
    }
}
