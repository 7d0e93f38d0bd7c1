//! Where a demo keeps its database: never in the user's own.

use std::path::{Path, PathBuf};

use store::Location;

use crate::config::{Config, Origin};
use crate::exit::{Exit, Failure};
use crate::outside::Outside;

/// The demo's folder beside the user's own database, in Tieout's own data folder.
const OWN_FOLDER: &str = "demo";
/// The same beside a database that stands in some other folder.
const OTHER_FOLDER: &str = "tieout-demo";
/// What SQLite adds to the name of a database for the files beside it.
const COMPANIONS: [&str; 3] = ["", "-wal", "-shm"];

/// The files of one demo.
pub struct Place {
    /// The database; there is none yet.
    pub database: PathBuf,
    /// The folder of the bank statements.
    pub statements: PathBuf,
}

impl Place {
    /// A place with no database in it. A path that was named with `--database` must be free; the demo's own is emptied.
    ///
    /// # Errors
    /// [`Exit::Usage`] when the named database is there already, [`Exit::Failed`] when the folder cannot be used.
    pub fn prepare(config: &Config, outside: &Outside) -> Result<Self, Failure> {
        let is_own = config.database_origin == Origin::Default;
        let place = match (&config.database, &config.database_origin, &config.data_folder) {
            (Location::File(file), Origin::Flag(_), _) => Self::named(file, outside)?,
            (Location::File(file), _, _) => Self::beside(file, is_own),
            (Location::Server(_), Origin::Variable(_) | Origin::File { .. }, Some(folder)) => {
                Self::beside(&folder.join("tieout.db"), true)
            }
            (Location::Server(_), ..) => {
                return Err(Failure::new(Exit::Usage, "a demo keeps its merchant in a file, never on a server")
                    .hint("leave out --database, or name a file that is not there yet: --database sqlite:PATH"));
            }
        };
        if !matches!(config.database_origin, Origin::Flag(_)) {
            place.clear(outside)?;
        }
        outside.create_dir(&place.statements).map_err(|error| unusable(&place.statements, &error))?;
        Ok(place)
    }

    /// Takes away what the demo before left; the folder holds nothing else of ours, and whatever else is in it stays.
    fn clear(&self, outside: &Outside) -> Result<(), Failure> {
        for companion in COMPANIONS {
            let path = with_suffix(&self.database, companion);
            outside.remove_file(&path).map_err(|error| unusable(&path, &error))?;
        }
        outside.remove_dir(&self.statements).map_err(|error| unusable(&self.statements, &error))
    }

    fn named(database: &Path, outside: &Outside) -> Result<Self, Failure> {
        if outside.exists(database) {
            let message = format!("{} is there already, and a demo begins with an empty database", database.display());
            return Err(Failure::new(Exit::Usage, message).hint("name a file that is not there yet, or leave out --database"));
        }
        Ok(Self { database: database.to_owned(), statements: with_suffix(database, "-statements") })
    }

    fn beside(database: &Path, own_folder: bool) -> Self {
        let name = if own_folder { OWN_FOLDER } else { OTHER_FOLDER };
        let folder = database.parent().unwrap_or(Path::new("")).join(name);
        Self { database: folder.join("tieout.db"), statements: folder.join("statements") }
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn unusable(path: &Path, error: &std::io::Error) -> Failure {
    Failure::new(Exit::Failed, format!("{} cannot be used: {error}", path.display()))
        .hint("--database sqlite:PATH puts the demo somewhere else")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_demo_stands_beside_the_users_database_and_is_never_it() {
        let own = Path::new("/data/tieout/tieout.db");
        for own_folder in [true, false] {
            let place = Place::beside(own, own_folder);
            assert_ne!(place.database, own);
            assert!(place.database.starts_with("/data/tieout"));
        }
    }

    #[test]
    fn a_new_demo_takes_away_the_old_one_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::real().unwrap();
        let place = Place::beside(&folder.path().join("tieout.db"), true);
        outside.create_dir(&place.statements).unwrap();
        let (own, other) = (folder.path().join("tieout.db"), place.database.with_file_name("notes.txt"));
        for path in [&own, &other, &place.database, &with_suffix(&place.database, "-wal"), &place.statements.join("old.csv")] {
            outside.write_file(path, b"x").unwrap();
        }
        place.clear(&outside).unwrap();
        assert!(outside.exists(&own) && outside.exists(&other));
        assert!(!outside.exists(&place.database) && !outside.exists(&with_suffix(&place.database, "-wal")));
        assert!(!outside.exists(&place.statements));
    }

    #[test]
    fn a_database_that_was_named_and_is_there_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::real().unwrap();
        let path = folder.path().join("mine.db");
        outside.write_file(&path, b"mine").unwrap();
        assert!(Place::named(&path, &outside).is_err_and(|failure| failure.exit == Exit::Usage));
        assert!(Place::named(&folder.path().join("new.db"), &outside).is_ok());
        assert_eq!(outside.read_file(&path, 100).unwrap(), b"mine");
    }
}
