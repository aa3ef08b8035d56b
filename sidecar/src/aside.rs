//! Journals that no mount writes to now: each waits until its own store is mounted at the same place again.

use std::io;
use std::path::{Path, PathBuf};

use remanence_store::StoreId;
use serde::Serialize;

use crate::journal::{Left, NAME};

/// A journal that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// The folder that its store was attached as.
    pub name: String,
    /// The store.
    pub store: Option<StoreId>,
    /// How many changes it holds that the store may not have.
    pub changes: usize,
    /// Where it is.
    pub journal: PathBuf,
}

/// What the journals of a store are called that were set aside; a number follows where there are several.
fn name_of(store: StoreId) -> String {
    format!("{NAME}.of-{store}")
}

/// Sets a journal aside that holds changes of another store than the one that is attached now; says where it is. It may
/// be the only copy of something, so it never takes another's place.
pub(crate) fn set(journal: &Path, store: StoreId) -> io::Result<PathBuf> {
    let name = name_of(store);
    let mut aside = journal.with_file_name(&name);
    let mut number = 1_u32;
    // Nobody else makes files here: the folder is one process's.
    while aside.try_exists()? {
        number += 1;
        aside = journal.with_file_name(format!("{name}.{number}"));
    }
    std::fs::rename(journal, &aside)?;
    Ok(aside)
}

/// The journals of a store that were set aside in a mount's folder, in the order of their numbers.
pub(crate) fn of(folder: &Path, store: StoreId) -> io::Result<Vec<PathBuf>> {
    let name = name_of(store);
    let number = |path: &Path| {
        let rest = path.file_name()?.to_str()?.strip_prefix(&name)?;
        match rest.strip_prefix('.') {
            None => rest.is_empty().then_some(1),
            Some(number) => number.parse::<u32>().ok(),
        }
    };
    let mut found = Vec::new();
    for attached in folders(folder)? {
        for entry in std::fs::read_dir(attached)? {
            let path = entry?.path();
            found.extend(number(&path).map(|number| (number, path)));
        }
    }
    found.sort();
    Ok(found.into_iter().map(|(_, path)| path).collect())
}

/// The journals in a mount's folder that hold changes and wait, while the stores of these names are attached to be
/// written to.
///
/// # Errors
/// When one can't be read.
pub fn waiting(folder: &Path, is_attached: impl Fn(&str) -> bool) -> io::Result<Vec<Waiting>> {
    let mut waiting = Vec::new();
    for attached in folders(folder)? {
        let Some(name) = attached.file_name().map(|name| name.to_string_lossy().into_owned()) else {
            continue;
        };
        for entry in std::fs::read_dir(&attached)? {
            let entry = entry?;
            let file = entry.file_name();
            let aside = file
                .to_str()
                .and_then(|file| file.strip_prefix(NAME)?.strip_prefix(".of-"));
            if aside.is_none() && (file != NAME || is_attached(&name)) {
                continue;
            }
            let left = Left::read(&entry.path())?;
            if !left.is_empty() {
                waiting.push(Waiting {
                    name: name.clone(),
                    store: left.store,
                    changes: left.len(),
                    journal: entry.path(),
                });
            }
        }
    }
    waiting.sort_by(|a, b| a.journal.cmp(&b.journal));
    Ok(waiting)
}

/// The folders of the stores that are or were attached; none where there never was a mount.
fn folders(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut folders = Vec::new();
    let entries = match std::fs::read_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(folders),
        entries => entries?,
    };
    for entry in entries {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            folders.push(entry.path());
        }
    }
    Ok(folders)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_journal_that_is_set_aside_never_takes_the_place_of_another() {
        let dir = tempfile::tempdir().unwrap();
        let attached = dir.path().join("memory");
        std::fs::create_dir(&attached).unwrap();
        let (store, other) = (StoreId(7), StoreId(8));
        for text in ["one", "two", "three"] {
            std::fs::write(attached.join(NAME), text).unwrap();
            set(&attached.join(NAME), store).unwrap();
        }
        std::fs::write(attached.join(NAME), "other").unwrap();
        set(&attached.join(NAME), other).unwrap();
        let texts = |store| {
            let journals = of(dir.path(), store).unwrap();
            journals
                .iter()
                .map(|journal| std::fs::read_to_string(journal).unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(texts(store), ["one", "two", "three"]);
        assert_eq!(texts(other), ["other"]);
        assert_eq!(texts(StoreId(9)), [""; 0]);
    }
}
