//! Settings: flags, then environment, then `tieout.toml`, then defaults.
//!
//! This is the only place that reads the environment. Every value remembers where it came from, so that a bad one is
//! refused by name: which flag, which variable, or which line of which file.

mod alerting;
mod fetcher;
mod file;
mod keys;
mod origin;
mod parse;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use facts::ObjectKind;
use jiff::Timestamp;
use secrecy::SecretString;
use store::Location;

pub use alerting::{Alerting, Channel, ChannelKind};
pub use fetcher::Fetcher;
pub use keys::StripeKey;
pub use origin::Origin;

use crate::exit::{Exit, Failure};
use crate::outside::Outside;

/// Stripe's own address.
pub const STRIPE_API_BASE_DEFAULT: &str = "https://api.stripe.com";

/// The configuration file looked for in the working folder, and in the configuration folder.
pub const FILE_NAME: &str = "tieout.toml";

/// A year and what an auditor asks for after it.
pub const HISTORY_DAYS_DEFAULT: u32 = 400;

/// A configuration file holds a handful of lines; what is bigger is some other file.
const FILE_BYTES_MAX: u64 = 1024 * 1024;

/// The flags that every command takes.
#[derive(clap::Args, Debug, Clone, Default)]
#[command(next_help_heading = "Global options")]
pub struct Flags {
    /// The database: sqlite:PATH or postgres://… [env: TIEOUT_DATABASE]
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// The configuration file [env: TIEOUT_CONFIG] [default: ./tieout.toml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Judge as of this instant (RFC 3339), or the end of this day in UTC
    #[arg(long, global = true, value_name = "INSTANT")]
    pub as_of: Option<String>,
    /// Print JSON for machines on stdout
    #[arg(long, global = true)]
    pub json: bool,
    /// Say nothing on stderr but errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Say more on stderr; repeat for more
    #[arg(long, short, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// Everything that commands and jobs may need to know about how they were asked to run.
#[derive(Debug, Clone)]
pub struct Config {
    /// The SQLite file, which need not exist yet, or the PostgreSQL database.
    pub database: Location,
    /// Where that came from.
    pub database_origin: Origin,
    /// Where Stripe's API is; https, or plain http to this machine only. No slash at the end.
    pub stripe_api_base: String,
    /// Where that came from.
    pub stripe_api_base_origin: Origin,
    /// The keys, one for each of the company's own Stripe accounts; at least one, which may not be set.
    pub stripe_keys: Vec<StripeKey>,
    /// What deliveries of Stripe's webhooks are signed with; only ever from `STRIPE_WEBHOOK_SECRET`, several during a rotation.
    pub webhook_secrets: Vec<SecretString>,
    /// What a caller of the sync endpoint must bear; only ever from `TIEOUT_SYNC_SECRET`.
    pub sync_secret: Option<SecretString>,
    /// The business time zone as an IANA name; `None` means the Stripe account's.
    pub time_zone: Option<String>,
    /// How much of Stripe's rate limits to use, 1 to 100; others who read the same account have the rest. `None` is the usual.
    pub stripe_share_percent: Option<u32>,
    /// Kinds of objects that a sync leaves out.
    pub sync_skip: BTreeSet<ObjectKind>,
    /// How many days runs of schedules, deliveries and reconciliations, and messages, are kept.
    pub history_days: u32,
    /// How alerts are told.
    pub alerting: Alerting,
    /// Programs that fetch banks' files.
    pub fetchers: Vec<Fetcher>,
    /// The instant to judge at; `None` means the clock.
    pub as_of: Option<Timestamp>,
    /// Print JSON on stdout.
    pub json: bool,
    /// Say nothing on stderr but errors.
    pub quiet: bool,
    /// How much more to say on stderr.
    pub verbose: u8,
    /// The configuration file that was read.
    pub file: Option<PathBuf>,
    /// Tieout's own folder for data; `None` where the user has no home.
    pub data_folder: Option<PathBuf>,
    /// The flags that were given, by which everything is read again.
    pub flags: Flags,
}

impl Config {
    /// The settings of this process.
    ///
    /// # Errors
    /// [`Exit::Usage`], naming where the bad value came from.
    pub fn load(flags: &Flags, outside: &Outside) -> Result<Self, Failure> {
        let variable = |name: &str| std::env::var_os(name);
        let read = |path: &Path| read_text(outside, path);
        Self::assemble(flags, &Surroundings { variable: &variable, read: &read })
    }

    /// Another database, named by an argument of a command.
    ///
    /// # Errors
    /// [`Exit::Usage`] when it names none, or holds a password.
    pub fn location(url: &str) -> Result<Location, Failure> {
        let around = Surroundings { variable: &|name| std::env::var_os(name), read: &|_| Ok(None) };
        let (home, password) = (around.folder("HOME"), around.text("PGPASSWORD")?);
        parse::database(url, home.as_deref(), password.as_deref(), &Origin::Flag("TO"))
    }

    fn assemble(flags: &Flags, around: &Surroundings<'_>) -> Result<Self, Failure> {
        let (file, settings) = match around.file(flags)? {
            Some((path, text)) => {
                let settings = file::Settings::read(&path, &text)?;
                (Some(path), settings)
            }
            None => (None, file::Settings::default()),
        };
        let (database, database_origin) = around.database(flags, settings.database)?;
        let (stripe_api_base, stripe_api_base_origin) = around.api_base(settings.stripe_api_base)?;
        Ok(Self {
            database,
            database_origin,
            stripe_api_base,
            stripe_api_base_origin,
            stripe_keys: around.stripe_keys(&settings.stripe)?,
            webhook_secrets: parse::webhook_secrets(around.text("STRIPE_WEBHOOK_SECRET")?)?,
            sync_secret: around.text("TIEOUT_SYNC_SECRET")?.map(parse::sync_secret).transpose()?,
            time_zone: around.time_zone(settings.time_zone)?,
            stripe_share_percent: settings.stripe_share_percent.as_ref().map(parse::share_percent).transpose()?,
            sync_skip: settings.sync_skip.iter().map(parse::kind).collect::<Result<_, _>>()?,
            history_days: settings.history_days.as_ref().map_or(Ok(HISTORY_DAYS_DEFAULT), parse::history_days)?,
            alerting: around.alerting(settings.alerting)?,
            fetchers: fetcher::fetchers(settings.fetch)?,
            as_of: flags.as_of.as_deref().map(parse::as_of).transpose()?,
            json: flags.json,
            quiet: flags.quiet,
            verbose: flags.verbose,
            file,
            data_folder: around.data_folder(),
            flags: flags.clone(),
        })
    }
}

/// A variable that a job of a schedule names; an empty one counts as not set.
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|text| !text.is_empty())
}

/// A name of schedules, rules and channels is typed in commands and stands in addresses.
pub const NAME_MAX: usize = 64;

/// Whether a text can be such a name: letters, digits, - and _.
pub fn is_name(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    !text.is_empty() && text.len() <= NAME_MAX && text.bytes().all(plain)
}

/// What a file holds as text; `None` when there is no such file, and in words why it cannot be read.
fn read_text(outside: &Outside, path: &Path) -> Result<Option<String>, String> {
    match outside.read_file(path, FILE_BYTES_MAX) {
        Ok(bytes) => String::from_utf8(bytes).map(Some).map_err(|_| "it is not UTF-8 text".to_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error.to_string()),
    }
}

type ReadText<'a> = dyn Fn(&Path) -> Result<Option<String>, String> + 'a;

/// The environment and the files of the process, or of a test.
struct Surroundings<'a> {
    variable: &'a dyn Fn(&str) -> Option<std::ffi::OsString>,
    read: &'a ReadText<'a>,
}

impl Surroundings<'_> {
    /// A variable's text; an empty one counts as not set.
    fn text(&self, name: &str) -> Result<Option<String>, Failure> {
        match (self.variable)(name).map(std::ffi::OsString::into_string) {
            None => Ok(None),
            Some(Ok(text)) => Ok((!text.is_empty()).then_some(text)),
            Some(Err(_)) => Err(Failure::new(Exit::Usage, format!("the environment variable {name} is not UTF-8 text"))),
        }
    }

    /// An absolute folder from a variable; XDG says that a relative one is to be ignored.
    fn folder(&self, name: &str) -> Option<PathBuf> {
        (self.variable)(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    fn xdg(&self, name: &str, below_home: &str) -> Option<PathBuf> {
        self.folder(name).or_else(|| self.folder("HOME").map(|home| home.join(below_home)))
    }

    fn settings_text(&self, path: &Path) -> Result<Option<String>, Failure> {
        (self.read)(path).map_err(|why| {
            Failure::new(Exit::Usage, format!("the configuration file {} cannot be read: {why}", path.display()))
                .hint("--config FILE and TIEOUT_CONFIG name another one")
        })
    }

    /// The configuration file and its text. One that was named must be there.
    fn file(&self, flags: &Flags) -> Result<Option<(PathBuf, String)>, Failure> {
        let named = match &flags.config {
            Some(path) => Some((path.clone(), Origin::Flag("--config"))),
            None => self.text("TIEOUT_CONFIG")?.map(|path| (PathBuf::from(path), Origin::Variable("TIEOUT_CONFIG"))),
        };
        if let Some((path, origin)) = named {
            let missing = || {
                Failure::new(Exit::Usage, format!("there is no configuration file {} ({origin})", path.display()))
                    .hint("tieout init writes one")
            };
            let text = self.settings_text(&path)?.ok_or_else(missing)?;
            return Ok(Some((path, text)));
        }
        let own = self.xdg("XDG_CONFIG_HOME", ".config").map(|folder| folder.join("tieout").join(FILE_NAME));
        for path in std::iter::once(PathBuf::from(FILE_NAME)).chain(own) {
            if let Some(text) = self.settings_text(&path)? {
                return Ok(Some((path, text)));
            }
        }
        Ok(None)
    }

    fn database(&self, flags: &Flags, from_file: Option<file::Setting>) -> Result<(Location, Origin), Failure> {
        let (home, password) = (self.folder("HOME"), self.text("PGPASSWORD")?);
        let parse = |url: &str, origin: &Origin| parse::database(url, home.as_deref(), password.as_deref(), origin);
        if let Some(url) = &flags.database {
            let origin = Origin::Flag("--database");
            return Ok((parse(url, &origin)?, origin));
        }
        if let Some(url) = self.text("TIEOUT_DATABASE")? {
            let origin = Origin::Variable("TIEOUT_DATABASE");
            return Ok((parse(&url, &origin)?, origin));
        }
        if let Some(setting) = from_file {
            let location = match parse(&setting.text, &setting.origin)? {
                Location::File(path) => Location::File(setting.beside_its_file(path)),
                server @ Location::Server(_) => server,
            };
            return Ok((location, setting.origin));
        }
        let folder = self.data_folder().ok_or_else(|| {
            Failure::new(Exit::Usage, "there is nowhere to keep the database: neither HOME nor XDG_DATA_HOME is set")
                .hint("name one: --database sqlite:PATH, or TIEOUT_DATABASE")
        })?;
        Ok((Location::File(folder.join("tieout.db")), Origin::Default))
    }

    fn data_folder(&self) -> Option<PathBuf> {
        self.xdg("XDG_DATA_HOME", ".local/share").map(|folder| folder.join("tieout"))
    }

    fn api_base(&self, from_file: Option<file::Setting>) -> Result<(String, Origin), Failure> {
        let given = match self.text("STRIPE_API_BASE")? {
            Some(text) => Some((text, Origin::Variable("STRIPE_API_BASE"))),
            None => from_file.map(|setting| (setting.text, setting.origin)),
        };
        let (text, origin) = given.unwrap_or((STRIPE_API_BASE_DEFAULT.to_owned(), Origin::Default));
        Ok((parse::api_base(&text, &origin)?, origin))
    }

    fn time_zone(&self, from_file: Option<file::Setting>) -> Result<Option<String>, Failure> {
        let given = match self.text("TIEOUT_TIME_ZONE")? {
            Some(text) => Some((text, Origin::Variable("TIEOUT_TIME_ZONE"))),
            None => from_file.map(|setting| (setting.text, setting.origin)),
        };
        given.map(|(text, origin)| parse::time_zone(text, &origin)).transpose()
    }
}

#[cfg(test)]
mod tests;
