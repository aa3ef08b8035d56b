//! The directory and its folders, walked one part at a time so that no link leads out of it.

use std::collections::HashSet;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;

use super::fault::{During, Fault, Step};

const FOLDER: OFlags = OFlags::RDONLY.union(OFlags::DIRECTORY).union(OFlags::CLOEXEC);
const MODE: Mode = Mode::from_raw_mode(0o777);

/// The directory that serves as the bucket.
#[derive(Debug)]
pub(super) struct Root {
    path: PathBuf,
    /// Whether this process has seen the directory: one that vanishes later is not made again.
    seen: AtomicBool,
    /// Folders whose names this process knows to be on the disk.
    on_disk: Mutex<HashSet<String>>,
}

impl Root {
    pub(super) fn new(path: PathBuf) -> Self {
        Self {
            path,
            seen: AtomicBool::new(false),
            on_disk: Mutex::default(),
        }
    }

    /// The path of `key`, for messages.
    pub(super) fn path_of(&self, key: &str) -> PathBuf {
        self.path.join(key)
    }

    /// The directory; `None` when it was never made.
    fn open(&self) -> Step<Option<OwnedFd>> {
        // Asked first: another may make it while this one looks.
        let was_there = self.seen.load(Ordering::Relaxed);
        // The user names the directory, so links on the way to it are followed.
        match rustix::fs::open(&self.path, FOLDER, Mode::empty()) {
            Ok(fd) => {
                self.seen.store(true, Ordering::Relaxed);
                Ok(Some(fd))
            }
            Err(Errno::NOENT) if was_there => Err(Fault::NoRoot(self.path.clone())),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR) => Err(Fault::Foreign(self.path.clone())),
            Err(errno) => Err(errno).during("open the folder", &self.path),
        }
    }

    /// The directory, made with those above it when it was never there.
    fn open_or_make(&self) -> Step<OwnedFd> {
        if let Some(fd) = self.open()? {
            return Ok(fd);
        }
        let missing: Vec<&Path> = self.path.ancestors().take_while(|folder| !folder.is_dir()).collect();
        for folder in missing.into_iter().rev() {
            match rustix::fs::mkdir(folder, MODE) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(errno) => return Err(errno).during("make the folder", folder),
            }
            if let Some(parent) = folder.parent() {
                let fd = rustix::fs::open(parent, FOLDER, Mode::empty()).during("open the folder", parent)?;
                rustix::fs::fsync(fd).during("sync the folder", parent)?;
            }
        }
        // A link that leads nowhere has the name.
        self.open()?.ok_or_else(|| Fault::Foreign(self.path.clone()))
    }

    /// The folder `folder` (`""` = the directory itself); `None` when it is absent.
    pub(super) fn folder(&self, folder: &str) -> Step<Option<OwnedFd>> {
        let Some(mut fd) = self.open()? else { return Ok(None) };
        for (part, upto) in parts(folder) {
            match rustix::fs::openat(&fd, part, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
                Ok(next) => fd = next,
                Err(Errno::NOENT) => return Ok(None),
                Err(Errno::NOTDIR | Errno::LOOP) => return Err(Fault::Foreign(self.path_of(upto))),
                Err(errno) => return Err(errno).during("open the folder", self.path_of(upto)),
            }
        }
        Ok(Some(fd))
    }

    /// The folder `folder`, made with all above it where absent. Its name is on the disk when this returns.
    pub(super) fn make_folder(&self, folder: &str) -> Step<OwnedFd> {
        let mut fd = self.open_or_make()?;
        let known = self.on_disk.lock().contains(folder);
        for (part, upto) in parts(folder) {
            let path = self.path_of(upto);
            let mut made = false;
            let next = loop {
                match rustix::fs::openat(&fd, part, FOLDER | OFlags::NOFOLLOW, Mode::empty()) {
                    Ok(next) => break next,
                    Err(Errno::NOENT) if !made => match rustix::fs::mkdirat(&fd, part, MODE) {
                        Ok(()) | Err(Errno::EXIST) => made = true,
                        Err(errno) => return Err(errno).during("make the folder", path),
                    },
                    Err(Errno::NOTDIR | Errno::LOOP) => return Err(Fault::Foreign(path)),
                    Err(errno) => return Err(errno).during("open the folder", path),
                }
            };
            // Another process may have made it and not have synced it yet: once per process, we do.
            if made || !known {
                rustix::fs::fsync(&fd).during("sync the folder above", &path)?;
            }
            fd = next;
        }
        if !known {
            self.on_disk.lock().insert(folder.to_owned());
        }
        Ok(fd)
    }
}

/// The parts of a folder's path, each with the path up to it.
fn parts(folder: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut from = 0;
    std::iter::from_fn(move || {
        let rest = folder.get(from..).filter(|rest| !rest.is_empty())?;
        let part = rest.split('/').next()?;
        let upto = &folder[..from + part.len()];
        from += part.len() + 1;
        Some((part, upto))
    })
}
