//! Durable writes: the whole object is on the disk before its name is, and its name before we say so.

use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::Path;

use rustix::fs::{AtFlags, CWD, Mode, OFlags};
use rustix::io::Errno;

use super::fault::{During, Fault, Step};
use super::folder::Root;
use crate::backend::Created;
use crate::random::{OsRandom, Random};

/// Folder of half-written files that need a name before they are linked.
pub(super) const TEMP: &str = ".tmp";
const MODE: Mode = Mode::from_raw_mode(0o666);

/// Creates `name` in `folder` unless it is there.
pub(super) fn create(root: &Root, folder: &str, name: &str, body: &[u8]) -> Step<Created> {
    let key = if folder.is_empty() {
        name.to_owned()
    } else {
        format!("{folder}/{name}")
    };
    let path = root.path_of(&key);
    let dir = root.make_folder(folder)?;
    // Cheap to ask, and a lost race is found here most often, before anything is written.
    let created = if exists(dir.as_fd(), name, &path)? {
        Created::Exists
    } else {
        match create_unnamed(dir.as_fd(), name, body, &path)? {
            Some(created) => created,
            None => create_named(root, dir.as_fd(), name, body, &path)?,
        }
    };
    // Also when another created it: the caller may build on it, so its name must be on the disk, too.
    rustix::fs::fsync(&dir).during("sync the folder of", &path)?;
    Ok(created)
}

/// By a file without a name, which a crash leaves nothing of; `None` where the file system has none.
fn create_unnamed(dir: BorrowedFd<'_>, name: &str, body: &[u8], path: &Path) -> Step<Option<Created>> {
    let flags = OFlags::WRONLY | OFlags::TMPFILE | OFlags::CLOEXEC;
    let file = match rustix::fs::openat(dir, ".", flags, MODE) {
        Ok(file) => file,
        Err(Errno::OPNOTSUPP | Errno::ISDIR | Errno::INVAL | Errno::NOENT) => return Ok(None),
        Err(errno) => return Err(errno).during("write", path),
    };
    fill(&file, body, path)?;
    let own = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    match rustix::fs::linkat(CWD, own, dir, name, AtFlags::SYMLINK_FOLLOW) {
        Ok(()) => Ok(Some(Created::Yes)),
        Err(Errno::EXIST) => Ok(Some(Created::Exists)),
        // No /proc, or a file system that links only what has a name.
        Err(Errno::NOENT | Errno::OPNOTSUPP | Errno::XDEV | Errno::PERM | Errno::INVAL) => Ok(None),
        Err(errno) => Err(errno).during("link", path),
    }
}

/// By a file in the folder of half-written files.
fn create_named(root: &Root, dir: BorrowedFd<'_>, name: &str, body: &[u8], path: &Path) -> Step<Created> {
    let temp = Temp::write(root, body)?;
    match rustix::fs::linkat(&temp.folder, &temp.name, dir, name, AtFlags::empty()) {
        Ok(()) => Ok(Created::Yes),
        Err(Errno::EXIST) => Ok(Created::Exists),
        Err(errno) => Err(errno).during("link", path),
    }
}

/// Puts `body` at `name` in `folder`, whatever was there.
pub(super) fn replace(root: &Root, folder: &str, name: &str, body: &[u8]) -> Step<()> {
    let dir = root.make_folder(folder)?;
    let path = root.path_of(folder).join(name);
    exists(dir.as_fd(), name, &path)?;
    let mut temp = Temp::write(root, body)?;
    rustix::fs::renameat(&temp.folder, &temp.name, &dir, name).during("rename to", &path)?;
    temp.named = false;
    rustix::fs::fsync(&dir).during("sync the folder of", &path)
}

/// Removes `name` from `folder`; an absent one is no error.
pub(super) fn remove(root: &Root, folder: &str, name: &str) -> Step<()> {
    let Some(dir) = root.folder(folder)? else { return Ok(()) };
    let path = root.path_of(folder).join(name);
    match rustix::fs::unlinkat(&dir, name, AtFlags::empty()) {
        Ok(()) => rustix::fs::fsync(&dir).during("sync the folder of", &path),
        Err(Errno::NOENT) => Ok(()),
        Err(errno) => Err(errno).during("delete", &path),
    }
}

/// Whether an object lies at `name`; anything but a plain file there is an error.
fn exists(dir: BorrowedFd<'_>, name: &str, path: &Path) -> Step<bool> {
    match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) if rustix::fs::FileType::from_raw_mode(stat.st_mode).is_file() => Ok(true),
        Ok(_) => Err(Fault::Foreign(path.to_owned())),
        Err(Errno::NOENT) => Ok(false),
        Err(errno) => Err(errno).during("look at", path),
    }
}

/// A written and synced file under a name of its own; removed when dropped.
struct Temp {
    folder: OwnedFd,
    name: String,
    named: bool,
}

impl Temp {
    fn write(root: &Root, body: &[u8]) -> Step<Self> {
        let folder = root.make_folder(TEMP)?;
        let name = format!("{:032x}", OsRandom.u128());
        let path = root.path_of(TEMP).join(&name);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&folder, &name, flags, MODE).during("create", &path)?;
        let temp = Self {
            folder,
            name,
            named: true,
        };
        fill(&file, body, &path)?;
        Ok(temp)
    }
}

impl Drop for Temp {
    fn drop(&mut self) {
        if self.named
            && let Err(errno) = rustix::fs::unlinkat(&self.folder, &self.name, AtFlags::empty())
        {
            tracing::warn!(name = self.name, %errno, "cannot remove a half-written file from {TEMP}; remove it by hand");
        }
    }
}

/// Writes all of `body` and waits until it is on the disk.
fn fill(file: &OwnedFd, body: &[u8], path: &Path) -> Step<()> {
    let mut rest = body;
    while !rest.is_empty() {
        match rustix::io::write(file, rest) {
            Ok(0) => return Err(Errno::IO).during("write", path),
            Ok(n) => rest = &rest[n..],
            Err(Errno::INTR) => {}
            Err(errno) => return Err(errno).during("write", path),
        }
    }
    rustix::fs::fdatasync(file).during("sync", path)
}
