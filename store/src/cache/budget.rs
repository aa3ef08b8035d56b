//! What the folders of contents of a process may take of their disk: together, since it is one disk however many stores
//! are open.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use parking_lot::Mutex;

/// What contents were last cleared for, beside them.
pub(crate) const MARK: &str = "cleared";

/// A cap for several folders of contents.
#[derive(Debug)]
pub struct CacheBudget {
    cap: u64,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    folders: Vec<PathBuf>,
    bytes: u64,
}

impl CacheBudget {
    /// So many bytes.
    pub fn new(cap: u64) -> Self {
        Self {
            cap,
            held: Mutex::default(),
        }
    }

    /// From now on what is in this folder counts, and may be removed, whether its store is open or not.
    pub fn count(&self, folder: &Path) {
        let mut held = self.held.lock();
        if !held.folders.iter().any(|known| known == folder) {
            held.folders.push(folder.to_owned());
            held.recount();
        }
    }

    /// Removes all contents, since the disk is needed for something else; says whether that made room.
    pub fn free(&self) -> bool {
        let mut held = self.held.lock();
        held.recount();
        let before = held.bytes;
        for folder in &held.folders {
            clear(folder);
        }
        held.recount();
        held.bytes < before
    }

    /// Whether a content of that size is worth its place.
    pub(crate) fn takes(&self, size: u64) -> bool {
        size <= self.cap / 4
    }

    /// A content came. The longest unchanged ones of all folders go, until three quarters of the cap remain.
    pub(crate) fn added(&self, size: u64) {
        let mut held = self.held.lock();
        held.bytes += size;
        if held.bytes <= self.cap {
            return;
        }
        let mut all: Vec<Entry> = held.folders.iter().flat_map(|folder| entries(folder)).collect();
        all.sort_by_key(|e| e.modified);
        held.bytes = all.iter().map(|e| e.size).sum();
        for entry in all {
            if held.bytes <= self.cap / 4 * 3 {
                break;
            }
            if fs::remove_file(&entry.path).is_ok() {
                held.bytes -= entry.size;
            }
        }
    }

    /// A content went.
    pub(crate) fn removed(&self, size: u64) {
        let mut held = self.held.lock();
        held.bytes = held.bytes.saturating_sub(size);
    }

    /// Removes what is in a folder; says whether nothing is left.
    pub(crate) fn clear(&self, folder: &Path) -> bool {
        let mut held = self.held.lock();
        clear(folder);
        held.recount();
        entries(folder).is_empty()
    }
}

impl Held {
    fn recount(&mut self) {
        self.bytes = self
            .folders
            .iter()
            .flat_map(|folder| entries(folder))
            .map(|e| e.size)
            .sum();
    }
}

fn clear(folder: &Path) {
    for entry in entries(folder) {
        if let Err(error) = fs::remove_file(&entry.path) {
            tracing::warn!(%error, path = %entry.path.display(), "content stays in the cache");
        }
    }
}

struct Entry {
    path: PathBuf,
    size: u64,
    modified: SystemTime,
}

fn entries(folder: &Path) -> Vec<Entry> {
    let Ok(listing) = fs::read_dir(folder) else {
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
    use std::sync::Arc;

    use super::*;
    use crate::cache::disk::DiskCache;
    use crate::content::Hash;

    fn bytes_in(folder: &Path) -> u64 {
        entries(folder).iter().map(|e| e.size).sum()
    }

    #[test]
    fn the_cap_is_one_for_all_folders_those_of_no_open_store_included() {
        let dir = tempfile::tempdir().unwrap();
        let folders = ["a", "b", "left"].map(|name| dir.path().join(name));
        let [a, b, left] = &folders;
        fs::create_dir(left).unwrap();
        fs::write(left.join("old"), [0; 60]).unwrap();
        let budget = Arc::new(CacheBudget::new(100));
        budget.count(left);
        let caches = [a, b].map(|folder| DiskCache::open(folder.clone(), budget.clone()).unwrap());
        for n in 0..20_u8 {
            let bytes = [n; 20];
            caches[usize::from(n % 2)].insert(&Hash::of(&bytes), &bytes);
            let all: u64 = folders.iter().map(|folder| bytes_in(folder)).sum();
            assert!(all <= 100, "{all} bytes after {n}");
        }
        assert!(bytes_in(a) > 0 && bytes_in(b) > 0);
        assert_eq!(bytes_in(left), 0, "it was the oldest");
    }

    #[test]
    fn all_of_it_goes_where_the_disk_is_needed() {
        let dir = tempfile::tempdir().unwrap();
        let folders = ["a", "b"].map(|name| dir.path().join(name));
        let budget = Arc::new(CacheBudget::new(100));
        let caches = folders
            .each_ref()
            .map(|folder| DiskCache::open(folder.clone(), budget.clone()).unwrap());
        let hash = Hash::of(b"hello");
        for cache in &caches {
            cache.insert(&hash, b"hello");
        }
        assert!(budget.free());
        assert!(caches.iter().all(|cache| cache.get(&hash).is_none()));
        assert!(!budget.free(), "there is nothing more to remove");
        caches[0].insert(&hash, b"hello");
        assert_eq!(caches[0].get(&hash).unwrap(), "hello", "it goes on");
    }
}
