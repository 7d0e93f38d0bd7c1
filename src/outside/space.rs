//! Room on a disk.

use std::io;
use std::path::Path;

use super::Outside;

/// How full a disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Room {
    /// Bytes that an ordinary user may still write.
    pub free: u64,
    /// Bytes of the whole disk.
    pub total: u64,
}

impl Outside {
    /// How full the disk is that holds `folder`.
    ///
    /// # Errors
    /// What the system says: no such folder, no permission.
    pub fn room(&self, folder: &Path) -> io::Result<Room> {
        let disk = rustix::fs::statvfs(folder)?;
        let bytes = |blocks: u64| blocks.saturating_mul(disk.f_frsize);
        Ok(Room { free: bytes(disk.f_bavail), total: bytes(disk.f_blocks) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_that_is_there_has_a_disk_and_one_that_is_not_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let outside = Outside::real().unwrap();
        assert!(outside.room(folder.path()).is_ok_and(|room| room.free <= room.total));
        assert!(outside.room(&folder.path().join("nowhere")).is_err());
    }
}
