//! Where a store's ring is heard and rung.

use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, Mode, OFlags};

use crate::id::StoreId;
use crate::url::StoreUrl;

/// Where a ring is.
#[derive(Debug)]
pub(super) enum Place {
    /// The log of a store in a directory: a new slot is the ring.
    Log {
        /// The store's directory.
        root: PathBuf,
        /// The folder of slots.
        log: PathBuf,
    },
    /// A file of this user on this machine that holds the newest slot's number.
    File {
        /// Its path, to watch it.
        path: PathBuf,
        /// Itself, to ring.
        file: OwnedFd,
    },
}

impl Place {
    /// The ring of the store `id` at `url`; its file, if it takes one, is in `runtime` or else where this user's are.
    pub(super) fn find(url: &str, id: StoreId, runtime: Option<&Path>) -> std::io::Result<Self> {
        let url: StoreUrl = url.parse().map_err(std::io::Error::other)?;
        if let Some(root) = url.directory() {
            return Ok(Self::Log {
                root: root.to_owned(),
                log: root.join(id.to_string()).join("log"),
            });
        }
        let folder = match runtime {
            Some(runtime) => runtime.join("ring"),
            None => runtime_folder()?.join("ring"),
        };
        let name = id.to_string();
        let dir = own_folder(&folder)?;
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let file = rustix::fs::openat(&dir, &name, flags, Mode::RUSR | Mode::WUSR)?;
        check_owner(&folder.join(&name), &file)?;
        Ok(Self::File {
            path: folder.join(name),
            file,
        })
    }

    /// What to watch, best first: only the first hears everything, the others hear it come into being.
    pub(super) fn watched(&self) -> Vec<&Path> {
        match self {
            Self::Log { root, log } => [Some(log.as_path()), log.parent(), Some(root)]
                .into_iter()
                .flatten()
                .collect(),
            Self::File { path, .. } => vec![path],
        }
    }
}

/// This user's folder for what lives no longer than the machine runs.
fn runtime_folder() -> std::io::Result<PathBuf> {
    if let Some(runtime) = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from)
        && runtime.is_absolute()
        && runtime.is_dir()
    {
        let folder = runtime.join("remanence");
        own_folder(&folder)?;
        return Ok(folder);
    }
    let uid = rustix::process::geteuid().as_raw();
    let folder = std::env::temp_dir().join(format!("remanence-{uid}"));
    own_folder(&folder)?;
    Ok(folder)
}

/// Makes `path` unless it is there, and opens it if it is a folder, ours, and closed to others.
fn own_folder(path: &Path) -> std::io::Result<OwnedFd> {
    match rustix::fs::mkdir(path, Mode::RWXU) {
        Ok(()) | Err(rustix::io::Errno::EXIST) => {}
        Err(errno) => return Err(errno.into()),
    }
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let dir = rustix::fs::open(path, flags, Mode::empty())?;
    check_owner(path, &dir)?;
    Ok(dir)
}

/// Refuses what another user owns or may write.
fn check_owner(path: &Path, fd: &OwnedFd) -> std::io::Result<()> {
    let stat = rustix::fs::statat(fd.as_fd(), "", AtFlags::EMPTY_PATH)?;
    if stat.st_uid != rustix::process::geteuid().as_raw() || stat.st_mode & 0o022 != 0 {
        return Err(std::io::Error::other(format!(
            "{} belongs to another user or may be written by others; remove it",
            path.display()
        )));
    }
    Ok(())
}
