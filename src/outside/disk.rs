//! Files.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::Outside;

/// How the name of a file in the making ends.
const NEIGHBOUR: &str = ".part";

/// What a database adds to its file's name for what belongs to it; nothing for the file itself.
const DATABASE_PARTS: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// How names end of files that are not whole yet.
const PARTS: [&str; 4] = [".part", ".tmp", ".crdownload", "~"];

impl Outside {
    /// The whole content of a file of at most `limit` bytes.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::FileTooLarge`] above the limit.
    pub fn read_file(&self, path: &Path, limit: u64) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
        if u64::try_from(bytes.len()).unwrap_or(u64::MAX) > limit {
            let told = format!("it is larger than the {} that are read at most", size(limit));
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, told));
        }
        Ok(bytes)
    }

    /// Writes a file so that whoever looks sees the old content or the new, never a part: a neighbour is written,
    /// flushed to the disk, and renamed.
    ///
    /// # Errors
    /// What the system says. The neighbour is taken away again.
    pub fn write_file(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let neighbour = self.neighbour(path)?;
        let written = write_through(&neighbour, bytes).and_then(|()| fs::rename(&neighbour, path));
        if written.is_err() {
            // The first error is the one to tell; a leftover that cannot be removed either does no harm.
            let _ = fs::remove_file(&neighbour);
        }
        written
    }

    /// Begins a file beside `path`, to be filled and then put in its place. Only this user may read it, unless it takes the place of one
    /// that others may read. Where a link stands, its target's place is taken.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::InvalidInput`] where something stands there that is no file.
    pub fn begin_file(&self, path: &Path) -> io::Result<FileInMaking> {
        let before = match fs::metadata(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            about => Some(about?),
        };
        let path = if before.is_some() { fs::canonicalize(path)? } else { path.to_owned() };
        if before.as_ref().is_some_and(|before| !before.is_file()) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "what stands there is no file"));
        }
        let neighbour = self.neighbour(&path)?;
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&neighbour)?;
        let making = FileInMaking { to: BufWriter::new(file), neighbour: Some(neighbour), path };
        if let Some(before) = before {
            making.to.get_ref().set_permissions(before.permissions())?;
        }
        Ok(making)
    }

    /// Adds a line to a file, which is on the disk then; makes the file where there is none. A last line without an end is ended first.
    ///
    /// # Errors
    /// What the system says.
    pub fn append_line(&self, path: &Path, line: &str) -> io::Result<()> {
        let mut file = File::options().create(true).read(true).append(true).open(path)?;
        let mut last = [b'\n'];
        if file.seek(SeekFrom::End(-1)).is_ok() {
            file.read_exact(&mut last)?;
        }
        let ended = if last == [b'\n'] { "" } else { "\n" };
        file.write_all(format!("{ended}{line}\n").as_bytes())?;
        file.sync_all()
    }

    /// Makes a folder and those above it; one that is there is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn create_dir(&self, path: &Path) -> io::Result<()> {
        fs::create_dir_all(path)
    }

    /// Takes a file away; one that is not there is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_file(&self, path: &Path) -> io::Result<()> {
        match fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// Takes a folder away with everything in it; one that is not there is fine. Links are removed, not followed.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_dir(&self, path: &Path) -> io::Result<()> {
        match fs::remove_dir_all(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            outcome => outcome,
        }
    }

    /// Takes a SQLite file away, and what SQLite keeps beside it; what is not there is fine.
    ///
    /// # Errors
    /// What the system says.
    pub fn remove_database(&self, path: &Path) -> io::Result<()> {
        DATABASE_PARTS.iter().try_for_each(|end| {
            let mut name = path.as_os_str().to_owned();
            name.push(end);
            self.remove_file(Path::new(&name))
        })
    }

    /// Gives a file that was written beside its place, and is on the disk, its name, which nobody may have taken meanwhile.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::AlreadyExists`] when something stands there, which is left as it is.
    pub fn put_in_place(&self, neighbour: &Path, path: &Path) -> io::Result<()> {
        match fs::hard_link(neighbour, path) {
            Ok(()) => fs::remove_file(neighbour)?,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
            // Not every disk has links; there the look and the step are two.
            Err(_) if self.exists(path) => return Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => fs::rename(neighbour, path)?,
        }
        // The name is on the disk once its folder is.
        File::open(folder_of(path))?.sync_all()
    }

    /// How many bytes a file has.
    ///
    /// # Errors
    /// What the system says.
    pub fn file_size(&self, path: &Path) -> io::Result<u64> {
        Ok(fs::metadata(path)?.len())
    }

    /// The plain files of a folder that nobody has changed for `still`, by name. Hidden ones, and those that a download leaves until it is
    /// whole, are left out.
    ///
    /// # Errors
    /// What the system says.
    pub fn whole_files(&self, folder: &Path, still: Duration) -> io::Result<Vec<PathBuf>> {
        files(folder, still, |name| !name.starts_with('.') && PARTS.iter().all(|end| !name.ends_with(end)))
    }

    /// What is left in a folder of files in the making (see [`Outside::neighbour`]) that nobody has written to for `still`, and of what a
    /// database keeps beside itself: their process died.
    ///
    /// # Errors
    /// What the system says.
    pub fn left_parts(&self, folder: &Path, still: Duration) -> io::Result<Vec<PathBuf>> {
        files(folder, still, |name| DATABASE_PARTS.iter().any(|end| name.strip_suffix(end).is_some_and(is_neighbour)))
    }

    /// Whether the folder that a file of this name would stand in is there.
    #[must_use]
    pub fn has_folder(&self, path: &Path) -> bool {
        folder_of(path).is_dir()
    }

    /// Whether something stands at `path`.
    #[must_use]
    pub fn exists(&self, path: &Path) -> bool {
        fs::symlink_metadata(path).is_ok()
    }

    /// A name beside `path` that nobody else uses.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidInput`] when `path` names no file.
    pub fn neighbour(&self, path: &Path) -> io::Result<PathBuf> {
        let told = || io::Error::new(io::ErrorKind::InvalidInput, "the path names no file");
        let mut name = path.file_name().ok_or_else(told)?.to_owned();
        name.push(format!(".{:016x}{NEIGHBOUR}", self.random()));
        Ok(path.with_file_name(name))
    }
}

/// A file that is not whole yet, beside its place. Dropped, nothing is left of it.
pub struct FileInMaking {
    to: BufWriter<File>,
    /// `None` once it is in its place.
    neighbour: Option<PathBuf>,
    path: PathBuf,
}

impl FileInMaking {
    /// Brings all of it onto the disk; it has no name yet.
    ///
    /// # Errors
    /// What the system says.
    pub fn sync(&mut self) -> io::Result<()> {
        self.to.flush()?;
        self.to.get_ref().sync_all()
    }

    /// Gives it its name once it is on the disk. What stands there is replaced where `replaces` says so, and else left as it is.
    ///
    /// # Errors
    /// What the system says; [`io::ErrorKind::AlreadyExists`].
    pub fn put_in_place(mut self, outside: &Outside, replaces: bool) -> io::Result<()> {
        self.sync()?;
        let Some(neighbour) = &self.neighbour else { return Ok(()) };
        if replaces {
            fs::rename(neighbour, &self.path)?;
        } else {
            outside.put_in_place(neighbour, &self.path)?;
        }
        self.neighbour = None;
        Ok(())
    }
}

impl Write for FileInMaking {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.to.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

impl Drop for FileInMaking {
    fn drop(&mut self) {
        if let Some(neighbour) = &self.neighbour {
            // A leftover that cannot be removed does no harm; its name says what it is.
            let _ = fs::remove_file(neighbour);
        }
    }
}

/// The plain files of a folder with a name that is `asked` for, which nobody has changed for `still`, by name.
fn files(folder: &Path, still: Duration, asked: impl Fn(&str) -> bool) -> io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let about = match entry.metadata() {
            // Somebody took it away meanwhile.
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            about => about?,
        };
        // A time of change that lies ahead is an odd clock's.
        let is_still = about.modified()?.elapsed().map_or(true, |elapsed| elapsed >= still);
        if about.is_file() && is_still && asked(&entry.file_name().to_string_lossy()) {
            files.push(entry.path());
        }
    }
    files.sort();
    Ok(files)
}

/// Whether a name is one that [`Outside::neighbour`] gives.
fn is_neighbour(name: &str) -> bool {
    let random = name.strip_suffix(NEIGHBOUR).and_then(|name| name.rsplit_once('.'));
    random.is_some_and(|(_, random)| random.len() == 16 && random.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// The folder of a file; a bare name stands in the current one.
fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

/// A size as people say it.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1024 * 1024;
    if bytes >= MIB { format!("{} MiB", bytes / MIB) } else { format!("{bytes} bytes") }
}

fn write_through(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create_new(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_above_the_limit_is_refused_and_one_at_the_limit_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let (outside, path) = (Outside::real().unwrap(), folder.path().join("a.txt"));
        outside.write_file(&path, b"12345").unwrap();
        assert_eq!(outside.read_file(&path, 5).unwrap(), b"12345");
        assert_eq!(outside.read_file(&path, 4).unwrap_err().kind(), io::ErrorKind::FileTooLarge);
    }

    #[test]
    fn a_file_is_put_in_place_once_and_never_over_another() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::real().unwrap();
        let (part, path) = (folder.path().join("a.part"), folder.path().join("a"));
        fs::write(&part, b"new").unwrap();
        outside.put_in_place(&part, &path).unwrap();
        assert_eq!((fs::read(&path).unwrap(), outside.exists(&part)), (b"new".to_vec(), false));
        fs::write(&part, b"other").unwrap();
        assert_eq!(outside.put_in_place(&part, &path).unwrap_err().kind(), io::ErrorKind::AlreadyExists);
        assert_eq!((fs::read(&path).unwrap(), outside.exists(&part)), (b"new".to_vec(), true));
    }

    #[test]
    fn a_file_is_replaced_whole_and_nothing_is_left_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let (outside, path) = (Outside::real().unwrap(), folder.path().join("a.txt"));
        outside.write_file(&path, b"old").unwrap();
        outside.write_file(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(outside.write_file(&folder.path().join("no").join("where"), b"x").is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_file_that_is_made_is_its_users_alone_keeps_the_mode_of_the_one_before_and_takes_no_devices_place() {
        use std::os::unix::fs::PermissionsExt;
        let (folder, outside) = (tempfile::tempdir().unwrap(), Outside::real().unwrap());
        let at = |name: &str| folder.path().join(name);
        let make = |name: &str, text: &str| {
            let mut file = outside.begin_file(&at(name))?;
            file.write_all(text.as_bytes())?;
            file.put_in_place(&outside, true)
        };
        let mode = |name: &str| fs::metadata(at(name)).unwrap().permissions().mode() & 0o777;
        make("new", "a").unwrap();
        assert_eq!(mode("new"), 0o600);
        fs::set_permissions(at("new"), fs::Permissions::from_mode(0o640)).unwrap();
        std::os::unix::fs::symlink("new", at("link")).unwrap();
        make("link", "b").unwrap();
        assert_eq!((mode("new"), fs::read_to_string(at("new")).unwrap().as_str()), (0o640, "b"));
        assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
        fs::create_dir(at("folder")).unwrap();
        assert_eq!(make("folder", "c").unwrap_err().kind(), io::ErrorKind::InvalidInput);
        drop(outside.begin_file(&at("dropped")).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3, "nothing is left of what was not put in place");
    }

    #[test]
    fn what_a_process_that_died_left_is_told_from_every_file_of_others() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::real().unwrap();
        let left = outside.neighbour(&folder.path().join("tieout-1.db")).unwrap();
        let wal = left.with_file_name(format!("{}-wal", left.file_name().unwrap().to_str().unwrap()));
        let others = ["film.part", "a.0123.part", "tieout-1.db", "tieout-1.db-wal", "x.0123456789abcdeg.part"];
        for path in others.iter().map(|name| folder.path().join(name)).chain([left.clone(), wal.clone()]) {
            fs::write(path, b"").unwrap();
        }
        assert_eq!(outside.left_parts(folder.path(), Duration::ZERO).unwrap(), [left, wal]);
        assert!(outside.left_parts(folder.path(), Duration::from_secs(3600)).unwrap().is_empty(), "it is being written");
    }
}
