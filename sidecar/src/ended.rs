//! How a mount ended, left in its folder of the cache: whoever ended a mount in the background reads it there.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::journal::{Left, NAME};
use crate::mount::Stopped;
use crate::replace::replace;

/// No store's folder has a name like that.
fn file(folder: &Path) -> PathBuf {
    folder.join(".ended.json")
}

/// Forgets how an earlier mount ended.
///
/// # Errors
/// When it can't be removed.
pub(crate) fn forget(folder: &Path) -> io::Result<()> {
    match std::fs::remove_file(file(folder)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        done => done,
    }
}

/// Leaves word of how a mount ended.
///
/// # Errors
/// When the disk does not take it.
pub(crate) fn leave(stopped: &Stopped) -> io::Result<()> {
    replace(&file(&stopped.journal), &serde_json::to_vec(stopped)?).map(drop)
}

/// What a mount that ended without a word left in the journals in its folder. Some of it may be in the store.
///
/// # Errors
/// When there is no such folder, or a journal can't be read.
pub fn left(folder: &Path) -> io::Result<Stopped> {
    let mut left = BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        if !entry.file_type()?.is_dir() {
            continue;
        }
        let items = Left::read(&entry.path().join(NAME))?.len();
        if items > 0 {
            left.insert(entry.file_name().to_string_lossy().into_owned(), items);
        }
    }
    Ok(Stopped {
        left,
        journal: folder.to_owned(),
        in_use: false,
    })
}

/// How the last mount with this folder ended; `None` where it ended without a word, or still runs.
///
/// # Errors
/// When it can't be read.
pub fn read(folder: &Path) -> io::Result<Option<Stopped>> {
    match std::fs::read(file(folder)) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
