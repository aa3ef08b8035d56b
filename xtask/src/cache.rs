//! Where downloaded prerequisites are kept: outside the repository, shared by all checkouts.

use std::env;
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// The cache folder, held for one run at a time while something may be installed into it.
pub(crate) struct Cache {
    root: PathBuf,
    _lock: File,
}

impl Cache {
    /// Opens the cache and waits until no other run is installing.
    pub(crate) fn lock() -> Result<Self> {
        let root = root()?;
        fs::create_dir_all(&root).with_context(|| format!("making the cache folder {}", root.display()))?;
        let path = root.join("lock");
        let file = File::create(&path).with_context(|| format!("opening {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                println!("waiting for another run that is installing into {}", root.display());
                file.lock().with_context(|| format!("locking {}", path.display()))?;
            }
            Err(TryLockError::Error(error)) => {
                return Err(error).with_context(|| format!("locking {}", path.display()));
            }
        }
        Ok(Self { root, _lock: file })
    }

    /// The folder of one prerequisite.
    pub(crate) fn folder(&self, name: &str) -> PathBuf {
        self.root.join(name)
    }
}

/// Whether `folder` was completely installed as `what`; an interrupted or older install is not.
pub(crate) fn installed(folder: &Path, what: &str) -> bool {
    fs::read_to_string(stamp(folder)).is_ok_and(|found| found == what)
}

/// Notes that `folder` now holds `what`.
pub(crate) fn mark_installed(folder: &Path, what: &str) -> Result<()> {
    let path = stamp(folder);
    fs::write(&path, what).with_context(|| format!("writing {}", path.display()))
}

fn stamp(folder: &Path) -> PathBuf {
    folder.join(".installed")
}

/// Where it lies.
pub(crate) fn root() -> Result<PathBuf> {
    if let Some(dir) = env::var_os("REMANENCE_CACHE").filter(|dir| !dir.is_empty()) {
        return std::path::absolute(dir).context("resolving REMANENCE_CACHE");
    }
    if let Some(dir) = env::var_os("XDG_CACHE_HOME").filter(|dir| !dir.is_empty()) {
        return Ok(PathBuf::from(dir).join("remanence"));
    }
    let home =
        env::home_dir().context("no home folder: set REMANENCE_CACHE to a folder for downloaded prerequisites")?;
    Ok(home.join(".cache/remanence"))
}
