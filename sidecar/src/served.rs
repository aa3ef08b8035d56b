//! Which version of each file this mount served last: what an agent may have read before it writes.

use std::collections::HashMap;

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

/// What was served of every file.
#[derive(Debug, Default)]
pub struct ServedTable(HashMap<FileId, Served>);

impl ServedTable {
    /// A version was served; says whether it is news.
    pub fn serve(&mut self, file: FileId, version: Version) -> bool {
        match self.0.get_mut(&file) {
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
                self.0.insert(file, Served::of(version, None));
                true
            }
        }
    }

    /// As recorded by a predecessor.
    pub fn restore(&mut self, file: FileId, version: Version, content: Content) {
        self.0.insert(file, Served::of(version, Some(content)));
    }

    /// The mount itself wrote to the file.
    pub fn wrote(&mut self, file: FileId) {
        self.0
            .entry(file)
            .or_insert(Served::of(Version::NONE, Some(Content::EMPTY)))
            .own = true;
    }

    /// A commit of this mount's own changed the file: `tree` is the one that it made.
    pub fn committed(&mut self, file: FileId, tree: &Tree) {
        let Some(served) = self.0.get_mut(&file).filter(|s| s.own) else {
            return;
        };
        served.committed = tree
            .node(file)
            .and_then(|n| Some(Box::new((n.version, n.content()?.clone()))));
    }

    /// What the mount wrote became a version of its own; its content, if it became the one to base writes on.
    pub fn settled(&mut self, file: FileId, version: Version) -> Option<Content> {
        let served = self.0.get_mut(&file).filter(|s| s.own)?;
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
        if let Some(served) = self.0.get_mut(&file).filter(|s| s.content.is_none()) {
            served.content = tree
                .node(file)
                .filter(|n| n.version == served.version)
                .and_then(|n| n.content().cloned());
        }
    }

    /// Another file goes on under this id.
    pub fn rename(&mut self, from: FileId, to: FileId) {
        if let Some(served) = self.0.remove(&from) {
            self.0.insert(to, served);
        }
    }

    /// The file is gone and nobody can write to it any more.
    pub fn forget(&mut self, file: FileId) {
        self.0.remove(&file);
    }

    /// What a write of the file is based on.
    pub fn base(&self, file: FileId, tree: &Tree) -> Base {
        let Some(served) = self.0.get(&file) else {
            return Base::Head;
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
        self.0.get(&file).filter(|s| !s.own).map(|s| s.version)
    }
}
