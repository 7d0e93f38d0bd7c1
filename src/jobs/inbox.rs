//! A watched folder: each statement file that somebody put there is imported and moved aside, and one that is refused is moved aside with
//! the reason beside it.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::time::Duration;

use money::Currency;
use store::Store;

use super::import::{ImportReport, ImportRequest, import_bank, shown_name};
use crate::config::Config;
use crate::exit::{Exit, Failure};
use crate::outside::Outside;
use crate::views::load::store_failure;

/// A file that was changed within this time may still be written.
const STILL: Duration = Duration::from_secs(2);

/// Where files go that were imported.
const IMPORTED: &str = "imported";

/// Where files go that were refused, each with its reason.
const REFUSED: &str = "refused";

/// What the name of the file ends with that holds the reason.
const WHY: &str = ".why.txt";

/// So many files may have one name.
const SAME_NAMES_MAX: u32 = 10_000;

/// Which folder, and what its files are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inbox {
    /// The folder.
    pub folder: PathBuf,
    /// The bank account's name.
    pub bank_account: String,
    /// The currency, where the files do not say it.
    pub currency: Option<Currency>,
    /// How to read a CSV.
    pub profile: Option<String>,
}

/// What came of the files of one look.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Those that were imported.
    pub imported: Vec<ImportReport>,
    /// Names of those that were refused, each with its reason.
    pub refused: Vec<(String, Failure)>,
    /// Names of those that were refused earlier, and that nobody has taken away since.
    pub refused_before: Vec<String>,
}

impl Inbox {
    /// Imports each file that lies in the folder. One that is refused hinders no other.
    ///
    /// # Errors
    /// [`Exit::Failed`] where the folder cannot be read or a file cannot be moved, and what is no file's fault: the database's errors. Then
    /// what was not moved stays where it is, and importing it again adds nothing. It stops between two files where it is called off.
    pub fn take(&self, outside: &Outside, config: &Config) -> Result<Taken, Failure> {
        let unread = |error: io::Error| {
            Failure::new(Exit::Failed, format!("the folder {} cannot be read: {error}", self.folder.display()))
                .hint("make the folder, or mount its disk")
        };
        let mut taken = Taken { refused_before: self.refused_before(outside).map_err(unread)?, ..Taken::default() };
        for file in outside.whole_files(&self.folder, STILL).map_err(unread)? {
            outside.goes_on()?;
            if let Err(failure) = import_bank(outside, config, &self.request(&file, true)) {
                // Where the database cannot be read either, the fault is no file's.
                is_readable(config)?;
                self.put_aside(outside, &file, REFUSED, Some(&failure))?;
                taken.refused.push((shown_name(&file), failure));
                continue;
            }
            outside.goes_on()?;
            taken.imported.extend(import_bank(outside, config, &self.request(&file, false))?);
            self.put_aside(outside, &file, IMPORTED, None)?;
        }
        Ok(taken)
    }

    /// Files that lie where those go that are refused. Where there is no such folder yet, there are none.
    fn refused_before(&self, outside: &Outside) -> io::Result<Vec<String>> {
        let files = match outside.whole_files(&self.folder.join(REFUSED), Duration::ZERO) {
            Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
            files => files?,
        };
        Ok(files.iter().map(|file| shown_name(file)).filter(|name| !name.ends_with(WHY)).collect())
    }

    fn request(&self, file: &Path, dry_run: bool) -> ImportRequest {
        ImportRequest {
            files: vec![file.to_owned()],
            given: Vec::new(),
            bank_account: self.bank_account.clone(),
            currency: self.currency,
            profile: self.profile.clone(),
            days: None,
            dry_run,
        }
    }

    /// Moves a file into the folder of its fate, under a name that is free there.
    fn put_aside(&self, outside: &Outside, file: &Path, fate: &str, why: Option<&Failure>) -> Result<(), Failure> {
        let folder = self.folder.join(fate);
        let name = shown_name(file);
        let unmoved = |error: io::Error| {
            Failure::new(Exit::Failed, format!("{} cannot be moved into {}: {error}", file.display(), folder.display()))
                .hint("check the folder's permissions; a file that was imported and is imported again adds nothing")
        };
        outside.create_dir(&folder).map_err(unmoved)?;
        for number in 0..SAME_NAMES_MAX {
            let place = folder.join(if number == 0 { name.clone() } else { format!("{number}-{name}") });
            match outside.put_in_place(file, &place) {
                Ok(()) => return why.map_or(Ok(()), |why| note_why(outside, &place, why).map_err(unmoved)),
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(unmoved(error)),
            }
        }
        Err(unmoved(ErrorKind::AlreadyExists.into()))
    }
}

fn is_readable(config: &Config) -> Result<(), Failure> {
    let store = Store::open_existing(&config.database).map_err(store_failure)?;
    store.map_or(Ok(()), |store| store.revision().map(drop).map_err(store_failure))
}

/// The reason beside a file that was refused.
fn note_why(outside: &Outside, place: &Path, why: &Failure) -> io::Result<()> {
    let mut name = place.as_os_str().to_owned();
    name.push(WHY);
    outside.write_file(Path::new(&name), format!("{why}\n").as_bytes())
}
