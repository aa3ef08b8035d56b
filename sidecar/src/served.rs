//! Which version of each file this mount served last: what an agent may have read before it writes.

use std::collections::{HashMap, VecDeque};

use remanence_store::content::Content;
use remanence_store::intent::Base;
use remanence_store::{FileId, Tree, Version};

/// What was served of a file.
#[derive(Debug, Clone)]
struct Served {
    version: Version,
    /// Of what the mount wrote, and of the rest once the tree has moved on; before that the tree has it.
    content: Option<Content>,
    /// The mount itself wrote to it since.
    own: bool,
    /// The newest version that the mount's own writes made, until it is settled: others may follow before that.
    committed: Option<Box<(Version, Content)>>,
}

impl Served {
    fn of(version: Version, content: Option<Content>) -> Self {
        Self {
            version,
            content,
            own: false,
            committed: None,
        }
    }
}

/// Files that are gone of which is remembered that they were served.
const MOST_GONE: usize = 4096;

/// What was served of every file.
#[derive(Debug, Default)]
pub struct ServedTable {
    files: HashMap<FileId, Served>,
    /// Files that were served and are gone, the latest last.
    gone: VecDeque<FileId>,
}

impl ServedTable {
    /// A version was served; says whether it is news.
    pub fn serve(&mut self, file: FileId, version: Version) -> bool {
        match self.files.get_mut(&file) {
            Some(served) if served.version == version => {
                // What the mount wrote itself and what it reads now are the same.
                served.own = false;
                false
            }
            Some(served) => {
                *served = Served::of(version, None);
                true
            }
            None => {
                self.files.insert(file, Served::of(version, None));
                true
            }
        }
    }

    /// As recorded by a predecessor.
    pub fn restore(&mut self, file: FileId, version: Version, content: Content) {
        self.files.insert(file, Served::of(version, Some(content)));
    }

    /// The mount itself wrote to the file.
    pub fn wrote(&mut self, file: FileId) {
        self.files
            .entry(file)
            .or_insert(Served::of(Version::NONE, Some(Content::EMPTY)))
            .own = true;
    }

    /// A commit of this mount's own changed the file: `tree` is the one that it made.
    pub fn committed(&mut self, file: FileId, tree: &Tree) {
        let Some(served) = self.files.get_mut(&file).filter(|s| s.own) else {
            return;
        };
        served.committed = tree
            .node(file)
            .and_then(|n| Some(Box::new((n.version, n.content()?.clone()))));
    }

    /// What the mount wrote became a version of its own; its content, if it became the one to base writes on.
    pub fn settled(&mut self, file: FileId, version: Version) -> Option<Content> {
        let served = self.files.get_mut(&file).filter(|s| s.own)?;
        let content = served
            .committed
            .take()
            .filter(|made| made.0 == version)
            .map(|made| made.1);
        *served = Served::of(version, content.clone());
        content
    }

    /// The tree is about to leave this version of the file behind.
    pub fn leave(&mut self, file: FileId, tree: &Tree) {
        if let Some(served) = self.files.get_mut(&file).filter(|s| s.content.is_none()) {
            served.content = tree
                .node(file)
                .filter(|n| n.version == served.version)
                .and_then(|n| n.content().cloned());
        }
    }

    /// Another file goes on under this id.
    pub fn rename(&mut self, from: FileId, to: FileId) {
        if let Some(served) = self.files.remove(&from) {
            self.files.insert(to, served);
        }
    }

    /// The file is gone, and nothing of it is on its way. Where others make it again, what it is then was not served.
    pub fn gone(&mut self, file: FileId) {
        if self.files.remove(&file).is_none() {
            return;
        }
        if self.gone.len() == MOST_GONE {
            self.gone.pop_front();
        }
        self.gone.push_back(file);
    }

    /// The file is gone and nobody can write to it any more.
    pub fn forget(&mut self, file: FileId) {
        self.files.remove(&file);
    }

    /// What a write of the file is based on.
    pub fn base(&self, file: FileId, tree: &Tree) -> Base {
        let Some(served) = self.files.get(&file) else {
            return if self.gone.contains(&file) {
                Base::Nothing
            } else {
                Base::Head
            };
        };
        if served.own {
            return Base::Own;
        }
        let version = served.version;
        match &served.content {
            Some(content) => Base::Version {
                version,
                content: content.clone(),
            },
            None => match tree.node(file) {
                Some(node) if node.version == version => Base::Version {
                    version,
                    content: node.content().cloned().unwrap_or_default(),
                },
                _ => Base::Head,
            },
        }
    }

    /// What was served, for the record.
    pub fn version(&self, file: FileId) -> Option<Version> {
        self.files.get(&file).filter(|s| !s.own).map(|s| s.version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_gone_take_no_room_and_are_not_taken_for_unknown() {
        let (mut table, tree) = (ServedTable::default(), Tree::empty());
        let version = Version { seq: 1, op: 1 };
        for file in 1..=100_000 {
            table.serve(FileId(file), version);
            table.gone(FileId(file));
            // Once more, and one that was never served.
            table.gone(FileId(file));
            table.gone(FileId(file + 1));
        }
        assert_eq!((table.files.len(), table.gone.len()), (0, MOST_GONE));
        assert_eq!(table.base(FileId(100_000), &tree), Base::Nothing);
        assert_eq!(table.base(FileId(100_001), &tree), Base::Head);
        // Made again by others, and read.
        table.restore(FileId(100_000), version, Content::EMPTY);
        let base = Base::Version {
            version,
            content: Content::EMPTY,
        };
        assert_eq!(table.base(FileId(100_000), &tree), base);
    }
}
