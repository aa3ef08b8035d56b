//! Intents: what a mount or command wants written, on what it had seen. They are re-executed on the tree of the
//! slot they land in; [`crate::merge`] turns them into ops.

use bytes::Bytes;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::author::Author;
use crate::content::{Content, Extent};
use crate::id::{FileId, Version};
use crate::merge::resolve::KnownBase;
use crate::op::{Merged, Op, Place};
use crate::settings::Settings;

/// What a write was made on: the last version that this mount served for the file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Base {
    /// The file was never served here: whatever is there is what it is made on.
    Head,
    /// A new file: made on nothing.
    Nothing,
    /// What this mount itself wrote last to the file, be it committed yet or not.
    Own,
    /// A served version; its bytes are needed to merge.
    Version {
        /// The version.
        version: Version,
        /// Its content.
        content: Content,
    },
}

/// A part of a new content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// An extent that is stored already.
    Kept(Extent),
    /// New bytes.
    New(Bytes),
}

impl Piece {
    /// The parts of a content that is all new.
    pub fn all_new(bytes: Bytes) -> Vec<Self> {
        if bytes.is_empty() {
            Vec::new()
        } else {
            vec![Self::New(bytes)]
        }
    }
}

/// A condition on the file as it is where the write lands; not met = [`Refused::Stale`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    /// It is at this version.
    Version(Version),
    /// There is no such path.
    Absent,
}

/// Where a new file goes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Create {
    /// The place.
    pub place: Place,
    /// `O_EXCL`: never merged with another's file of that path.
    pub exclusive: bool,
}

impl Create {
    /// At a place where another's file may be by then.
    pub fn at(place: Place) -> Self {
        Self {
            place,
            exclusive: false,
        }
    }
}

/// One wish. `path` is the absolute path as the writer saw it: it is shown in the log, and a file that others
/// removed is made again there.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "lowercase")]
pub enum Intent {
    /// A file's whole content.
    Put {
        /// The file; a new random id where it is created.
        file: FileId,
        /// Its path.
        path: String,
        /// Set for a new file.
        create: Option<Create>,
        /// What it was made on.
        base: Base,
        /// The content; not part of the serialised intent.
        #[serde(skip)]
        content: Vec<Piece>,
        /// Permission bits, if they are to change.
        mode: Option<u32>,
        /// Modification time, if it is not the commit's.
        mtime: Option<Timestamp>,
        /// A condition.
        expect: Option<Expect>,
    },
    /// Bytes at a file's end.
    Append {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// What it was made on.
        base: Base,
        /// The bytes; not part of the serialised intent.
        #[serde(skip)]
        bytes: Bytes,
        /// Modification time, if it is not the commit's.
        mtime: Option<Timestamp>,
    },
    /// A symbolic link: relative, within the store.
    Symlink {
        /// The link's new id.
        file: FileId,
        /// Its path.
        path: String,
        /// Where.
        place: Place,
        /// Its target.
        target: String,
    },
    /// A folder.
    Mkdir {
        /// Its new id.
        file: FileId,
        /// Its path.
        path: String,
        /// Where.
        place: Place,
        /// Permission bits.
        mode: u32,
        /// `mkdir -p`: a folder that is there already is fine.
        exists_ok: bool,
    },
    /// Removes a file or link.
    Remove {
        /// The file.
        file: FileId,
        /// Its path.
        path: String,
        /// What was known of it: a newer edit by another wins over the removal.
        base: Base,
        /// A condition.
        expect: Option<Expect>,
    },
    /// Removes an empty folder.
    Rmdir {
        /// The folder.
        file: FileId,
        /// Its path.
        path: String,
    },
    /// Renames; over a file it is an atomic save: a new version of the file that was there.
    Rename {
        /// What is renamed.
        file: FileId,
        /// Its path before.
        from: String,
        /// Its path after.
        path: String,
        /// The new place.
        place: Place,
        /// `RENAME_NOREPLACE`.
        no_replace: bool,
        /// What the mount had served of the file that is there (for an atomic save).
        over: Base,
        /// The file that the mount showed there, which another may have taken the place of.
        #[serde(default)]
        there: Option<FileId>,
    },
    /// Mode and times.
    Setattr {
        /// The file or folder.
        file: FileId,
        /// Its path.
        path: String,
        /// Permission bits.
        mode: Option<u32>,
        /// Modification time.
        mtime: Option<Timestamp>,
    },
    /// Takes the id and history of `file`, which was just renamed to a temporary name, back to the path it came
    /// from, with new content; what it was stays at the temporary name under a new id (an editor's backup).
    Resume {
        /// The renamed file.
        file: FileId,
        /// The path it came from, where it is made again.
        path: String,
        /// Where.
        place: Place,
        /// The new id of the backup.
        backup: FileId,
    },
    /// New settings.
    Settings {
        /// All of them.
        settings: Settings,
    },
    /// An op of maintenance; what of it no longer holds where it lands is left out.
    Maintain {
        /// The op.
        op: Op,
    },
}

impl Intent {
    /// The new bytes it carries, for a journal that keeps them beside the serialised intent.
    pub fn new_bytes(&self) -> u64 {
        match self {
            Self::Put { content, .. } => content
                .iter()
                .map(|p| if let Piece::New(b) = p { b.len() as u64 } else { 0 })
                .sum(),
            Self::Append { bytes, .. } => bytes.len() as u64,
            _ => 0,
        }
    }

    /// The intent as it is carried out once more: on `own` where it was based on what the mount itself wrote, and
    /// without its condition, which was met.
    pub(crate) fn once_more(&mut self, own: Option<KnownBase>) {
        if let Self::Put { expect, .. } | Self::Remove { expect, .. } = self {
            *expect = None;
        }
        let base = match self {
            Self::Put { base, .. } | Self::Append { base, .. } | Self::Remove { base, .. } => base,
            Self::Rename { over, .. } => over,
            _ => return,
        };
        if let Some(KnownBase { version, content }) = own {
            *base = Base::Version { version, content };
        }
    }

    /// The path it is about.
    pub fn path(&self) -> &str {
        match self {
            Self::Put { path, .. }
            | Self::Append { path, .. }
            | Self::Symlink { path, .. }
            | Self::Mkdir { path, .. }
            | Self::Remove { path, .. }
            | Self::Rmdir { path, .. }
            | Self::Rename { path, .. }
            | Self::Setattr { path, .. }
            | Self::Resume { path, .. } => path,
            Self::Settings { .. } | Self::Maintain { .. } => "/",
        }
    }

    /// The file, link or folder it is about.
    pub fn file(&self) -> Option<FileId> {
        match self {
            Self::Put { file, .. }
            | Self::Append { file, .. }
            | Self::Symlink { file, .. }
            | Self::Mkdir { file, .. }
            | Self::Remove { file, .. }
            | Self::Rmdir { file, .. }
            | Self::Rename { file, .. }
            | Self::Setattr { file, .. }
            | Self::Resume { file, .. } => Some(*file),
            Self::Settings { .. } | Self::Maintain { .. } => None,
        }
    }
}

/// What to do where an edit can't be merged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Conflicts {
    /// Keep ours beside theirs as a conflict sibling.
    #[default]
    Merge,
    /// Merge by lines; where that can't be, refuse the write ([`Refused::Stale`]); nothing is written then.
    Lines,
    /// Refuse the write ([`Refused::Stale`]); nothing is written.
    Refuse,
}

/// A group of intents that go into one commit.
#[derive(Debug, Clone)]
pub struct Entry {
    /// The intents, in order.
    pub intents: Vec<Intent>,
    /// Who writes.
    pub author: Author,
    /// What to do where an edit can't be merged.
    pub conflicts: Conflicts,
    /// The caller was told "done" already (`Local`): what no longer applies becomes a sibling or a recorded no-op
    /// instead of an error.
    pub late: bool,
    /// One refused intent refuses all.
    pub atomic: bool,
    /// The mount's op counter of the first intent, from a journal; `None` = the next free one.
    pub counter: Option<u64>,
}

impl Entry {
    /// Intents of `author` with the defaults: merged, not late, each on its own.
    pub fn new(author: Author, intents: Vec<Intent>) -> Self {
        Self {
            intents,
            author,
            conflicts: Conflicts::Merge,
            late: false,
            atomic: false,
            counter: None,
        }
    }

    /// One refused intent refuses all.
    #[must_use]
    pub fn atomic(mut self) -> Self {
        self.atomic = true;
        self
    }
}

/// What became of an intent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    /// The version it made; the file's version where nothing had to change.
    pub version: Version,
    /// The file it ended in (another's, where two created the same path).
    pub file: FileId,
    /// Whether the file's content now is exactly what was written.
    pub ours: bool,
    /// How it was merged, if others had written meanwhile.
    pub merged: Option<Merged>,
    /// Path of the conflict sibling that keeps what could not be merged.
    pub sibling: Option<String>,
}

impl Outcome {
    /// An outcome without a merge: what was written is what is there.
    pub(crate) fn plain(version: Version, file: FileId) -> Self {
        Self {
            version,
            file,
            ours: true,
            merged: None,
            sibling: None,
        }
    }

    /// What is known of an intent that a predecessor of this process had committed already.
    pub(crate) fn settled_before(intent: &Intent) -> Self {
        Self {
            ours: false,
            ..Self::plain(Version::NONE, intent.file().unwrap_or(FileId::ROOT))
        }
    }
}

/// Why an intent was not carried out. Nothing of it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The path is taken.
    #[error("{path}: exists already")]
    Exists {
        /// The path.
        path: String,
    },
    /// No such file or folder.
    #[error("{path}: no such file or folder")]
    NotFound {
        /// The path.
        path: String,
    },
    /// A folder that is not empty.
    #[error("{path}: folder is not empty")]
    NotEmpty {
        /// The path.
        path: String,
    },
    /// A folder where a file is needed.
    #[error("{path}: is a folder")]
    IsDir {
        /// The path.
        path: String,
    },
    /// A file where a folder is needed.
    #[error("{path}: is not a folder")]
    NotDir {
        /// The path.
        path: String,
    },
    /// Changed meanwhile, and the caller asked not to merge.
    #[error("{path}: was changed meanwhile (now {now}); read it again and redo the change")]
    Stale {
        /// The path.
        path: String,
        /// Its version now, or `absent`.
        now: String,
    },
    /// The file is over the store's limit.
    #[error("{path}: {size} bytes are over the store's limit of {limit} bytes a file")]
    TooLarge {
        /// The path.
        path: String,
        /// Its size.
        size: u64,
        /// The limit.
        limit: u64,
    },
    /// The store has as many files as it may.
    #[error("{path}: the store is full ({limit} files); remove some or raise the limit")]
    Full {
        /// The path.
        path: String,
        /// The limit.
        limit: u64,
    },
    /// The store holds as many bytes as it may.
    #[error("{path}: the store is full ({limit} bytes in all); make files shorter, remove some or raise the limit")]
    NoRoom {
        /// The path.
        path: String,
        /// The limit.
        limit: u64,
    },
    /// A name that is not allowed.
    #[error("{path}: {why}")]
    Name {
        /// The path.
        path: String,
        /// What is wrong with it.
        why: String,
    },
    /// Would put a folder into itself, or otherwise makes no sense.
    #[error("{path}: {why}")]
    Invalid {
        /// The path.
        path: String,
        /// What is wrong.
        why: String,
    },
    /// The store is archived, or the path belongs to dreams.
    #[error("{path}: {why}")]
    ReadOnly {
        /// The path.
        path: String,
        /// Why.
        why: String,
    },
    /// The bytes were redacted.
    #[error("{path}: this version was redacted")]
    Redacted {
        /// The path.
        path: String,
    },
    /// Another intent of an atomic entry was refused.
    #[error("not written, since another part of the same change was refused: {why}")]
    Together {
        /// The other's reason.
        why: String,
    },
}
