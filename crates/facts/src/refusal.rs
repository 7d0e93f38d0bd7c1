//! Why an object of Stripe's cannot be taken as a fact.

/// What is wrong with a refused object. A published word keeps its meaning for good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RefusalCause {
    /// A field that it must have is not there.
    MissingField,
    /// A field is not what it must be: no whole number of minor units, no time, no decimal.
    BadField,
    /// An id is empty, too long, or holds control characters.
    BadId,
    /// A currency is not three letters.
    UnknownCurrency,
    /// Its amounts contradict each other.
    Contradicts,
    /// It is no object at all.
    NotAnObject,
    /// A second payout lists it as its own.
    ClaimedTwice,
}

impl RefusalCause {
    /// Every cause.
    pub const ALL: &'static [Self] = &[
        Self::MissingField,
        Self::BadField,
        Self::BadId,
        Self::UnknownCurrency,
        Self::Contradicts,
        Self::NotAnObject,
        Self::ClaimedTwice,
    ];

    /// The word in machine outputs and columns.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MissingField => "missing_field",
            Self::BadField => "bad_field",
            Self::BadId => "bad_id",
            Self::UnknownCurrency => "unknown_currency",
            Self::Contradicts => "contradicts",
            Self::NotAnObject => "not_an_object",
            Self::ClaimedTwice => "claimed_twice",
        }
    }

    /// The cause of a word that [`Self::as_str`] gave.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|cause| cause.as_str() == word)
    }
}
