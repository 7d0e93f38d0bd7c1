//! What a world is made from, and why one cannot be made.

use jiff::civil::Date;

/// A world needs some days for money to travel.
pub const DAYS_MIN: u32 = 7;
/// Ten years; longer worlds outgrow the date arithmetic's tested range, not a need.
pub const DAYS_MAX: u32 = 3_660;
/// More accounts than this that all sell alike belong into several processes.
pub const ACCOUNTS_MAX: u32 = 1_000;
/// Accounts of a rich world, where most sell a few times a month.
pub const RICH_ACCOUNTS_MAX: u32 = 100_001;
/// What the smallest account of a rich world sells on an average day, in thousandths of a charge: three charges a month.
const SMALLEST_PERMILLE: u64 = 100;
/// Own accounts of one company, each of which sells as much as the platform; more belong into several processes.
pub const OWNERS_MAX: u32 = 50;
/// More charges than this a day and account outgrow the day's seconds.
pub const PER_DAY_MAX: u32 = 80_000;
/// Customers with subscriptions for each account; each takes some ten kilobytes a year.
pub const SUBSCRIPTIONS_MAX: u32 = 100_000;
/// Days of customers with subscriptions that a world may be asked for: some gigabyte.
pub const SUBSCRIBED_DAYS_MAX: u64 = 40_000_000;
/// Charges that a world may be asked for; the rows of each take less than a kilobyte.
pub const CHARGES_MAX: u64 = 20_000_000;

/// What a world is made from. The same options give the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// Where all randomness comes from.
    pub seed: u64,
    /// How many days the world lasts.
    pub days: u32,
    /// Its last day, whole, in UTC.
    pub until: Date,
    /// Charges on an average day, for each account.
    pub per_day: u32,
    /// The platform and its connected accounts; at least 1.
    pub accounts: u32,
    /// The company's own accounts, of which only the first is a platform; at least 1. They are not connected to each other, and
    /// pay out into the same bank accounts.
    pub owners: u32,
    /// How hard the merchants' books and their banks are; without one there are no books, and the bank has its usual troubles.
    pub difficulty: Option<Difficulty>,
    /// Customers with subscriptions, for each account that has any; 0 leaves Billing out of the world.
    pub subscriptions: u32,
    /// Everything that Stripe does: Connect's transfers, top-ups and reserves, more currencies, payment methods and schedules,
    /// and accounts of very different sizes, of which the first sell `per_day`.
    pub rich: bool,
}

impl Options {
    /// A quarter of a small platform with one connected account.
    #[must_use]
    pub const fn quarter(seed: u64, until: Date) -> Self {
        Self { seed, days: 90, until, per_day: 20, accounts: 2, owners: 1, difficulty: None, subscriptions: 0, rich: false }
    }

    /// Charges on an average day of an account of this rank, in thousandths; own accounts have rank 0. In a rich world sizes fall
    /// off as those of cities do.
    pub(crate) fn charges_permille(&self, rank: usize) -> u64 {
        let most = u64::from(self.per_day) * 1_000;
        let smaller = (rank as u64).saturating_sub(1);
        if self.rich && rank > 0 { (most * 4 / (4 + smaller)).max(SMALLEST_PERMILLE).min(most) } else { most }
    }

    /// How many charges the world has, about.
    fn charges(&self) -> u64 {
        let a_day = if self.rich {
            let counted = self.accounts.min(RICH_ACCOUNTS_MAX) as usize;
            (0..counted).map(|rank| self.charges_permille(rank)).sum::<u64>().div_ceil(1_000)
        } else {
            u64::from(self.per_day) * u64::from(self.accounts)
        };
        let others = u64::from(self.owners.saturating_sub(1)) * u64::from(self.per_day);
        u64::from(self.days) * (a_day + others)
    }

    /// Days of all customers with subscriptions together.
    fn subscribed_days(&self) -> u64 {
        u64::from(self.days)
            * u64::from(self.subscriptions)
            * (u64::from(self.accounts) + u64::from(self.owners.saturating_sub(1)))
    }

    /// # Errors
    /// [`SimError::Options`] names the first option that is out of its range.
    pub(crate) fn check(&self) -> Result<(), SimError> {
        let accounts_max = if self.rich { RICH_ACCOUNTS_MAX } else { ACCOUNTS_MAX };
        let checks = [
            ("days", u64::from(self.days), u64::from(DAYS_MIN), u64::from(DAYS_MAX)),
            ("per-day", u64::from(self.per_day), 1, u64::from(PER_DAY_MAX)),
            ("accounts", u64::from(self.accounts), 1, u64::from(accounts_max)),
            ("owners", u64::from(self.owners), 1, u64::from(OWNERS_MAX)),
            ("subscriptions", u64::from(self.subscriptions), 0, u64::from(SUBSCRIPTIONS_MAX)),
            ("days × per-day × accounts", self.charges(), 1, CHARGES_MAX),
            ("days × subscriptions × accounts", self.subscribed_days(), 0, SUBSCRIBED_DAYS_MAX),
        ];
        for (option, value, least, most) in checks {
            if value < least || value > most {
                return Err(SimError::Options { option, value, least, most });
            }
        }
        let years = 1990..=2150;
        if !years.contains(&self.until.year()) {
            return Err(SimError::Until { until: self.until });
        }
        Ok(())
    }
}

/// Why a world could not be made or written.
#[derive(Debug, thiserror::Error)]
pub enum SimError {
    /// An option is out of its range.
    #[error("--{option} is {value}; expected {least} to {most}")]
    Options {
        /// Which option, as its flag is called.
        option: &'static str,
        /// What was asked for.
        value: u64,
        /// The least that works.
        least: u64,
        /// The most that works.
        most: u64,
    },
    /// The last day is out of range.
    #[error("--until is {until}; expected a day from 1990 to 2150")]
    Until {
        /// What was asked for.
        until: Date,
    },
    /// Something else is in the folder.
    #[error("{path} is not empty; expected a new or an empty folder, so that two worlds are not mixed")]
    NotEmpty {
        /// Which folder.
        path: std::path::PathBuf,
    },
    /// A date left the calendar.
    #[error("a date of the world is out of range")]
    Date(#[from] jiff::Error),
    /// An amount or a rate left its range.
    #[error("an amount of the world does not fit: {0}")]
    Amount(&'static str),
    /// A file could not be written.
    #[error("could not write {path}: {source}")]
    Write {
        /// Which file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The truth could not be written as JSON.
    #[error("could not write {path} as JSON: {source}")]
    Json {
        /// Which file.
        path: std::path::PathBuf,
        /// What the writer said.
        source: serde_json::Error,
    },
}

/// How hard the merchant's books and its bank's files are to match.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Difficulty {
    /// Nothing is damaged and nothing is late.
    Clean,
    /// A careful bookkeeper and a good bank: some of a hundred rows have something.
    Light,
    /// Books and banks as they usually are.
    Real,
    /// Careless books and a careless bank: references missing in an eighth of the rows, one thing in 25 not booked.
    Hard,
    /// A quarter of the references is missing, 15 % is missing on either side, and many amounts are equal.
    Hardened,
}

impl Difficulty {
    /// Every difficulty, the easiest first.
    pub const ALL: [Self; 5] = [Self::Clean, Self::Light, Self::Real, Self::Hard, Self::Hardened];

    const fn as_str(self) -> &'static str {
        match self {
            Self::Clean => "clean",
            Self::Light => "light",
            Self::Real => "real",
            Self::Hard => "hard",
            Self::Hardened => "hardened",
        }
    }
}

impl std::fmt::Display for Difficulty {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

/// A word that is no difficulty.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no difficulty; expected clean, light, real, hard or hardened")]
pub struct BadDifficulty(pub String);

impl std::str::FromStr for Difficulty {
    type Err = BadDifficulty;

    fn from_str(text: &str) -> Result<Self, BadDifficulty> {
        Self::ALL.into_iter().find(|difficulty| difficulty.as_str() == text).ok_or_else(|| BadDifficulty(text.to_owned()))
    }
}
