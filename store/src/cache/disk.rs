//! Contents in a folder, with a cap. Losing it costs requests, nothing else: no fsync, and a full disk only means
//! that less is cached.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use bytes::Bytes;
use parking_lot::Mutex;

use crate::content::Hash;

/// What the contents were last cleared for.
const MARK: &str = "cleared";

/// A folder of contents named by their hash.
pub(crate) struct DiskCache {
    dir: PathBuf,
    cap: u64,
    bytes: Mutex<u64>,
}

impl DiskCache {
    /// Opens the folder, making it private if it is missing.
    pub(crate) fn open(dir: PathBuf, cap: u64) -> std::io::Result<Self> {
        use std::os::unix::fs::DirBuilderExt as _;
        fs::DirBuilder::new().recursive(true).mode(0o700).create(&dir)?;
        let bytes = entries(&dir).iter().map(|e| e.size).sum();
        Ok(Self {
            dir,
            cap,
            bytes: Mutex::new(bytes),
        })
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
        if size > self.cap / 4 || path.exists() {
            return;
        }
        if let Err(error) = Self::write(&path, bytes) {
            tracing::debug!(%error, path = %path.display(), "content not cached");
            return;
        }
        let mut total = self.bytes.lock();
        *total += size;
        if *total > self.cap {
            *total = self.evict();
        }
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

    /// Removes the longest unchanged until three quarters of the cap remain; returns what remains.
    fn evict(&self) -> u64 {
        let mut all = entries(&self.dir);
        all.sort_by_key(|e| e.modified);
        let mut total: u64 = all.iter().map(|e| e.size).sum();
        for entry in all {
            if total <= self.cap / 4 * 3 {
                break;
            }
            if fs::remove_file(&entry.path).is_ok() {
                total -= entry.size;
            }
        }
        total
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
        let mut total = self.bytes.lock();
        for entry in entries(&self.dir) {
            if let Err(error) = fs::remove_file(&entry.path) {
                tracing::warn!(%error, path = %entry.path.display(), "content stays in the cache");
            }
        }
        let left = entries(&self.dir);
        *total = left.iter().map(|e| e.size).sum();
        left.is_empty()
    }

    fn remove(&self, hash: &Hash) {
        let path = self.dir.join(hash.to_string());
        let size = fs::metadata(&path).map_or(0, |m| m.len());
        if fs::remove_file(path).is_ok() {
            let mut total = self.bytes.lock();
            *total = total.saturating_sub(size);
        }
    }
}

struct Entry {
    path: PathBuf,
    size: u64,
    modified: SystemTime,
}

fn entries(dir: &Path) -> Vec<Entry> {
    let Ok(listing) = fs::read_dir(dir) else {
        return Vec::new();
    };
    listing
        .filter_map(Result::ok)
        .filter(|e| e.file_name() != MARK)
        .filter_map(|e| {
            let meta = e.metadata().ok().filter(fs::Metadata::is_file)?;
            Some(Entry {
                path: e.path(),
                size: meta.len(),
                modified: meta.modified().unwrap_or(SystemTime::UNIX_EPOCH),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn it_is_cleared_once_for_each_mark() {
        let dir = tempfile::tempdir().unwrap();
        let open = || DiskCache::open(dir.path().join("c"), 100).unwrap();
        let (hash, one, two) = (Hash::of(b"hello"), Hash::of(b"1"), Hash::of(b"2"));
        for (mark, stays) in [(one, false), (one, true), (two, false), (two, true)] {
            let cache = open();
            cache.insert(&hash, b"hello");
            cache.clear_once(&mark);
            assert_eq!(open().get(&hash).is_some(), stays);
        }
    }

    #[test]
    fn damaged_contents_are_not_served_and_the_cap_holds() {
        let dir = tempfile::tempdir().unwrap();
        let cache = DiskCache::open(dir.path().join("c"), 100).unwrap();
        let hash = Hash::of(b"hello");
        cache.insert(&hash, b"hello");
        assert_eq!(cache.get(&hash).unwrap(), "hello");
        fs::write(dir.path().join("c").join(hash.to_string()), "HELLO").unwrap();
        assert!(cache.get(&hash).is_none());
        for n in 0..20_u8 {
            let bytes = [n; 20];
            cache.insert(&Hash::of(&bytes), &bytes);
        }
        assert!(entries(&dir.path().join("c")).iter().map(|e| e.size).sum::<u64>() <= 100);
    }
}
