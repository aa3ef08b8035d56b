//! Contents in a folder, with a cap. Losing it costs requests, nothing else: no fsync, and a full disk only means
//! that less is cached.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;

use super::budget::{CacheBudget, MARK};
use crate::content::Hash;

/// A folder of contents named by their hash.
pub(crate) struct DiskCache {
    dir: PathBuf,
    budget: Arc<CacheBudget>,
}

impl DiskCache {
    /// Opens the folder, making it private if it is missing.
    pub(crate) fn open(dir: PathBuf, budget: Arc<CacheBudget>) -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        budget.count(&dir);
        Ok(Self { dir, budget })
    }

    /// The bytes, if they are there and still what their name says.
    pub(crate) fn get(&self, hash: &Hash) -> Option<Bytes> {
        let bytes = fs::read(self.dir.join(hash.to_string())).ok()?;
        if Hash::of(&bytes) != *hash {
            self.remove(hash);
            return None;
        }
        Some(bytes.into())
    }

    pub(crate) fn insert(&self, hash: &Hash, bytes: &[u8]) {
        let size = bytes.len() as u64;
        let path = self.dir.join(hash.to_string());
        if !self.budget.takes(size) || path.exists() {
            return;
        }
        if let Err(error) = Self::write(&path, bytes) {
            tracing::debug!(%error, path = %path.display(), "content not cached");
            return;
        }
        self.budget.added(size);
    }

    fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
        use std::os::unix::fs::OpenOptionsExt as _;
        let temporary = path.with_extension(format!("{}.tmp", std::process::id()));
        let mut file = fs::OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&temporary)?;
        let written = file.write_all(bytes).and_then(|()| fs::rename(&temporary, path));
        if written.is_err() {
            // The folder is ours alone; what can't be removed now is taken by the next eviction.
            let _ = fs::remove_file(&temporary);
        }
        written
    }

    /// Removes all contents, unless that was done for this very `mark`.
    pub(crate) fn clear_once(&self, mark: &Hash) {
        let path = self.dir.join(MARK);
        if fs::read_to_string(&path).is_ok_and(|last| last == mark.to_string()) || !self.clear() {
            return;
        }
        if let Err(error) = fs::write(&path, mark.to_string()) {
            tracing::debug!(%error, path = %path.display(), "the cache will be cleared again");
        }
    }

    /// Removes all contents; says whether none is left.
    pub(crate) fn clear(&self) -> bool {
        self.budget.clear(&self.dir)
    }

    fn remove(&self, hash: &Hash) {
        let path = self.dir.join(hash.to_string());
        let size = fs::metadata(&path).map_or(0, |m| m.len());
        if fs::remove_file(path).is_ok() {
            self.budget.removed(size);
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn cache(dir: &Path) -> DiskCache {
        DiskCache::open(dir.join("c"), Arc::new(CacheBudget::new(100))).unwrap()
    }

    #[test]
    fn it_is_cleared_once_for_each_mark() {
        let dir = tempfile::tempdir().unwrap();
        let (hash, one, two) = (Hash::of(b"hello"), Hash::of(b"1"), Hash::of(b"2"));
        for (mark, stays) in [(one, false), (one, true), (two, false), (two, true)] {
            let before = cache(dir.path());
            before.insert(&hash, b"hello");
            before.clear_once(&mark);
            assert_eq!(cache(dir.path()).get(&hash).is_some(), stays);
        }
    }

    #[test]
    fn damaged_contents_are_not_served() {
        let dir = tempfile::tempdir().unwrap();
        let cache = cache(dir.path());
        let hash = Hash::of(b"hello");
        cache.insert(&hash, b"hello");
        assert_eq!(cache.get(&hash).unwrap(), "hello");
        fs::write(dir.path().join("c").join(hash.to_string()), "HELLO").unwrap();
        assert!(cache.get(&hash).is_none());
    }
}
