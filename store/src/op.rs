//! Ops: what a commit did, resolved. Readers apply them as they stand; all merging happened at the writer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::content::{Content, Extent, ObjectRef};
use crate::id::{FileId, Version};
use crate::settings::Settings;

/// Where a name lies.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Place {
    /// The folder.
    pub parent: FileId,
    /// The name in it.
    pub name: String,
}

/// How a write met what others had written since its base.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Merged {
    /// Lines of both were joined.
    Lines,
    /// Appended lines went onto a newer text.
    AppendedOnEdit,
    /// It could not be joined and was kept beside as a conflict sibling.
    Sibling,
    /// The file had been removed; the edit won.
    EditWins,
    /// The same was created or written by another already.
    Same,
}

/// One change as it stands in the log. `path` is where the file was for the writer, for people who read the log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "lowercase")]
pub enum Op {
    /// A file's whole content; creates the file where `place` is given.
    Put {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// Set when the file is made (or made again) here.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        place: Option<Place>,
        /// The version it was made on; `None` for a new file.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        base: Option<Version>,
        /// The content; extents in the own slot count from the end of the header line.
        content: Content,
        /// Whether the content is empty or ends in a newline.
        whole_lines: bool,
        /// Permission bits; unchanged where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<u32>,
        /// Modification time; the commit's time where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mtime: Option<Timestamp>,
        /// Another id under which the writer's mount knows the file (it lost the race to create the path).
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<FileId>,
        /// How it was merged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        merged: Option<Merged>,
    },
    /// Bytes at the end of a file.
    Append {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// The version it was made on.
        base: Version,
        /// The added extents.
        content: Content,
        /// Whether the added bytes end in a newline.
        whole_lines: bool,
        /// Modification time; the commit's time where left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mtime: Option<Timestamp>,
        /// How it was merged.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        merged: Option<Merged>,
    },
    /// A symbolic link.
    Symlink {
        /// The link.
        file: FileId,
        /// Its path.
        path: String,
        /// Where it is made.
        place: Place,
        /// Relative target within the store.
        target: String,
    },
    /// Another name or folder for a file, folder or link.
    Rename {
        /// What is renamed.
        file: FileId,
        /// Its path before.
        from: String,
        /// Its path after.
        path: String,
        /// The new place.
        place: Place,
    },
    /// A file or link is gone.
    Remove {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// The version that was removed.
        base: Version,
    },
    /// A folder.
    Mkdir {
        /// The folder.
        file: FileId,
        /// Its path.
        path: String,
        /// Where it is made.
        place: Place,
        /// Permission bits.
        mode: u32,
    },
    /// An empty folder is gone.
    Rmdir {
        /// The folder.
        file: FileId,
        /// Its path.
        path: String,
    },
    /// Mode and times.
    Setattr {
        /// The file or folder.
        file: FileId,
        /// Its path.
        path: String,
        /// Permission bits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<u32>,
        /// Modification time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mtime: Option<Timestamp>,
    },
    /// New settings of the store.
    Settings {
        /// All of them.
        settings: Settings,
    },
    /// Something that no longer applied and was let go; recorded so that nothing happens unseen.
    Dropped {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// Why.
        why: String,
        /// Another id under which the writer's mount knows it from now on.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        alias: Option<FileId>,
    },
    /// Contents were moved to other objects; every extent that lay there is found here now.
    Move {
        /// The commit whose tree the mover knew before it wrote the new objects.
        base: u64,
        /// Each moved extent.
        moves: Vec<Relocation>,
        /// Runs of moved extents that now lie one behind the other: a file that holds such a run holds this one
        /// extent instead.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        joined: Vec<Extent>,
    },
    /// Objects nothing retained refers to any more; deleted (slots: stubbed) a generation later.
    Condemn {
        /// The objects.
        objects: Vec<ObjectRef>,
        /// Versions at or below this commit that are no longer live are past retention.
        horizon: u64,
    },
    /// Condemned objects that are gone for good.
    Collected {
        /// The objects.
        objects: Vec<ObjectRef>,
    },
    /// A version's bytes are to be destroyed everywhere.
    Redact {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// The version.
        version: Version,
        /// Its extents, and every other past extent that holds the same bytes, where they lie now.
        content: Content,
    },
    /// Who wrote which lines of a file's version, kept since older versions are dropped.
    Blame {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// The version described.
        version: Version,
        /// Runs of lines: how many, written by whom in which version.
        lines: Vec<BlameRun>,
    },
}

/// Consecutive lines of one origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlameRun {
    /// Number of lines.
    pub lines: u32,
    /// The version that brought them.
    pub version: Version,
    /// When.
    pub time: Timestamp,
    /// Who.
    pub author: crate::author::Author,
}

/// One moved extent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relocation {
    /// Where it lay.
    pub from: Extent,
    /// The object it lies in now.
    pub to: ObjectRef,
    /// Offset of its first byte there.
    pub at: u64,
}

impl Relocation {
    /// The extent where it lies now.
    pub fn moved(&self) -> Extent {
        Extent {
            object: self.to,
            offset: self.at,
            ..self.from
        }
    }
}

impl Op {
    /// The file an op is about, if it is about one.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::Put { file, .. }
            | Self::Append { file, .. }
            | Self::Symlink { file, .. }
            | Self::Rename { file, .. }
            | Self::Remove { file, .. }
            | Self::Mkdir { file, .. }
            | Self::Rmdir { file, .. }
            | Self::Setattr { file, .. }
            | Self::Dropped { file, .. }
            | Self::Redact { file, .. }
            | Self::Blame { file, .. } => Some(*file),
            Self::Settings { .. } | Self::Move { .. } | Self::Condemn { .. } | Self::Collected { .. } => None,
        }
    }

    /// The path it shows, if it is about a file.
    pub fn path(&self) -> Option<&str> {
        match self {
            Self::Put { path, .. }
            | Self::Append { path, .. }
            | Self::Symlink { path, .. }
            | Self::Rename { path, .. }
            | Self::Remove { path, .. }
            | Self::Mkdir { path, .. }
            | Self::Rmdir { path, .. }
            | Self::Setattr { path, .. }
            | Self::Dropped { path, .. }
            | Self::Redact { path, .. }
            | Self::Blame { path, .. } => Some(path),
            Self::Settings { .. } | Self::Move { .. } | Self::Condemn { .. } | Self::Collected { .. } => None,
        }
    }

    /// Its name in the log.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Put { .. } => "put",
            Self::Append { .. } => "append",
            Self::Symlink { .. } => "symlink",
            Self::Rename { .. } => "rename",
            Self::Remove { .. } => "remove",
            Self::Mkdir { .. } => "mkdir",
            Self::Rmdir { .. } => "rmdir",
            Self::Setattr { .. } => "setattr",
            Self::Settings { .. } => "settings",
            Self::Dropped { .. } => "dropped",
            Self::Move { .. } => "move",
            Self::Condemn { .. } => "condemn",
            Self::Collected { .. } => "collected",
            Self::Redact { .. } => "redact",
            Self::Blame { .. } => "blame",
        }
    }

    /// New content it brings, if any.
    pub fn content(&self) -> Option<&Content> {
        match self {
            Self::Put { content, .. } | Self::Append { content, .. } => Some(content),
            _ => None,
        }
    }

    /// New content it brings, to be changed.
    pub(crate) fn content_mut(&mut self) -> Option<&mut Content> {
        match self {
            Self::Put { content, .. } | Self::Append { content, .. } => Some(content),
            _ => None,
        }
    }
}
