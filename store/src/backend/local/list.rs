//! Listing in byte order of whole keys, which is not the order of folders: `a.b` comes before `a/c`.

use std::collections::BinaryHeap;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;

use jiff::Timestamp;
use rustix::fs::{AtFlags, FileType, RawDir};
use rustix::io::Errno;

use super::fault::{During, Step};
use super::folder::Root;
use super::write::TEMP;
use crate::backend::Listed;

/// Up to `max` objects below `prefix` after `after`.
pub(super) fn list(root: &Root, prefix: &str, after: Option<&str>, max: usize) -> Step<Vec<Listed>> {
    // Only the deepest folder of the prefix is read, whatever lies beside it.
    let base = prefix.rfind('/').map_or("", |slash| &prefix[..=slash]);
    let lister = Lister {
        root,
        prefix,
        after,
        max,
    };
    loop {
        let mut found = Vec::new();
        // Where an object was deleted under way, a short answer would look like the end of the list.
        if lister.walk(base, &mut found)? || found.len() == max {
            return Ok(found);
        }
    }
}

struct Lister<'a> {
    root: &'a Root,
    prefix: &'a str,
    after: Option<&'a str>,
    max: usize,
}

impl Lister<'_> {
    /// Adds the objects of the folder `base` (`""` or ending in `/`), in order. False when one vanished meanwhile.
    fn walk(&self, base: &str, found: &mut Vec<Listed>) -> Step<bool> {
        let Some(folder) = self.root.folder(base.trim_end_matches('/'))? else {
            return Ok(true);
        };
        let mut whole = true;
        for name in self.names(base, &folder, self.max.saturating_sub(found.len()))? {
            if found.len() >= self.max {
                break;
            }
            let key = format!("{base}{name}");
            if key.ends_with('/') {
                whole &= self.walk(&key, found)?;
                continue;
            }
            match rustix::fs::statat(&folder, &name, AtFlags::SYMLINK_NOFOLLOW) {
                Ok(stat) => found.push(Listed {
                    key,
                    size: stat.st_size as u64,
                    etag: Some(format!("{:x}-{}-{}", stat.st_ino, stat.st_mtime, stat.st_mtime_nsec)),
                    modified: Timestamp::from_second(stat.st_mtime).ok(),
                }),
                Err(Errno::NOENT) => whole = false,
                Err(errno) => return Err(errno).during("look at", self.root.path_of(&key)),
            }
        }
        Ok(whole)
    }

    /// The names of a folder that matter, in order; folders end in `/`. Of the files no more than the first `room`
    /// are kept, so that the newest of many costs one pass and no memory.
    fn names(&self, base: &str, folder: &OwnedFd, room: usize) -> Step<Vec<String>> {
        let mut files: BinaryHeap<String> = BinaryHeap::new();
        let mut names = Vec::new();
        let mut buffer = vec![MaybeUninit::uninit(); 64 * 1024];
        let mut entries = RawDir::new(folder, &mut buffer);
        while let Some(entry) = entries.next() {
            let entry = entry.during("list the folder", self.root.path_of(base))?;
            // Names that are not text, and `.` and `..`, are not keys.
            let Ok(name) = entry.file_name().to_str() else { continue };
            if name == "." || name == ".." || (base.is_empty() && name == TEMP) {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => match rustix::fs::statat(folder, name, AtFlags::SYMLINK_NOFOLLOW) {
                    Ok(stat) => FileType::from_raw_mode(stat.st_mode),
                    Err(_) => continue,
                },
                kind => kind,
            };
            if kind.is_dir() {
                if self.wants_folder(base, name) {
                    names.push(format!("{name}/"));
                }
            } else if kind.is_file() && self.wants_file(base, name) {
                if files.len() < room {
                    files.push(name.to_owned());
                } else if let Some(mut last) = files.peek_mut()
                    && name < last.as_str()
                {
                    name.clone_into(&mut last);
                }
            }
        }
        names.extend(files);
        names.sort_unstable();
        Ok(names)
    }

    fn wants_file(&self, base: &str, name: &str) -> bool {
        // `base` is the folder of the prefix or one below it.
        let matches = match self.prefix.strip_prefix(base) {
            Some(rest) => name.starts_with(rest),
            None => true,
        };
        matches && self.after.is_none_or(|after| is_after(base, name, after))
    }

    fn wants_folder(&self, base: &str, name: &str) -> bool {
        let key = format!("{base}{name}/");
        key.starts_with(self.prefix)
            // A folder with nothing after `after` in it sorts before `after` and does not hold it.
            && self.after.is_none_or(|after| key.as_str() > after || after.starts_with(&key))
    }
}

/// Whether `base` + `name` > `after`, without joining them.
fn is_after(base: &str, name: &str, after: &str) -> bool {
    match after.strip_prefix(base) {
        Some(rest) => name > rest,
        None => base > after,
    }
}
