//! A file, folder or link of the tree, and what is kept with it.

use std::sync::Arc;

use jiff::Timestamp;

use crate::author::Author;
use crate::content::{Content, ObjectRef};
use crate::id::{FileId, MountId, Seq, Version};
use crate::op::BlameRun;

/// A file, folder or link of a [`Tree`](super::Tree).
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its id.
    pub id: FileId,
    /// Its folder; the root's is itself.
    pub parent: FileId,
    /// Its name; the root's is empty.
    pub name: Arc<str>,
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits (`0o777` at most).
    pub mode: u32,
    /// Modification time.
    pub mtime: Timestamp,
    /// The op that last changed its content (a folder's: that made it).
    pub version: Version,
    /// When that was committed.
    pub time: Timestamp,
    /// Who committed that.
    pub author: Arc<Author>,
    /// The mount that committed that.
    pub mount: MountId,
    /// Exempt from limits: what dreams keep.
    pub exempt: bool,
    /// Who wrote the lines of an old version whose history is dropped.
    pub blame: Option<Arc<KeptBlame>>,
}

/// Line authorship kept for one version of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBlame {
    /// The version.
    pub version: Version,
    /// Its lines.
    pub lines: Vec<BlameRun>,
}

/// Where a moved extent is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The commit that moved it.
    pub by: Seq,
    /// The object it lies in.
    pub object: ObjectRef,
    /// Offset of its first byte there.
    pub offset: u64,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A folder.
    Dir,
    /// A file.
    File {
        /// Its content.
        content: Content,
        /// Whether it is empty or ends in a newline.
        whole_lines: bool,
    },
    /// A symbolic link.
    Symlink {
        /// Its target.
        target: Arc<str>,
    },
}

impl Node {
    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, NodeKind::Dir)
    }

    /// Its content, if it is a file.
    pub fn content(&self) -> Option<&Content> {
        match &self.kind {
            NodeKind::File { content, .. } => Some(content),
            _ => None,
        }
    }

    /// Size in bytes: content, or length of a link's target.
    pub fn size(&self) -> u64 {
        match &self.kind {
            NodeKind::Dir => 0,
            NodeKind::File { content, .. } => content.len(),
            NodeKind::Symlink { target } => target.len() as u64,
        }
    }
}

/// Whether a name is that of a conflict sibling: `<stem>.conflict-<agent>-<short id>[.<ext>]`.
pub fn is_conflict_name(name: &str) -> bool {
    name.contains(".conflict-")
}

/// Whether what is at an absolute path is kept by dreams, and so exempt from limits.
pub fn is_of_dreams(path: &str) -> bool {
    path == "/.dream" || path.starts_with("/.dream/")
}
