//! What was accepted and is on its way to the store.

use std::time::Instant;

use jiff::Timestamp;
use remanence_store::FileId;
use remanence_store::intent::{Base, Create, Intent, Piece};
use tokio::sync::oneshot;

use crate::body::Body;
use crate::errno::FsError;
use crate::journal::{ContentRecord, PieceRecord, Record, Resume, content_intents};
use crate::node_id::NodeId;
use crate::view::ViewNode;

/// How far an item is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Handles are still writing to it.
    Open,
    /// Ready, and held back for a moment.
    Held,
    /// Handed to the store.
    Sent,
}

/// An accepted change.
#[derive(Debug)]
pub struct Item {
    /// Its number in the journal; also the order in which items reach the store.
    pub id: u64,
    /// What it is.
    pub what: What,
    /// How far it is.
    pub stage: Stage,
    /// When it was accepted first.
    pub since: Instant,
    /// When it is sent at the latest, once it is ready.
    pub due: Instant,
    /// Callers that wait for what becomes of it.
    pub waiters: Vec<oneshot::Sender<Result<(), FsError>>>,
}

/// What an item is.
#[derive(Debug)]
pub enum What {
    /// New content of a file.
    Content(Box<ContentItem>),
    /// Anything else. A rename over a file carries the content that the target has from then on.
    Name {
        /// The intent.
        intent: Box<Intent>,
        /// The file whose content changes.
        moved: Option<(FileId, Body)>,
        /// When it was accepted.
        time: Timestamp,
    },
}

/// New content of a file.
#[derive(Debug)]
pub struct ContentItem {
    /// The file.
    pub file: FileId,
    /// Set for a new file.
    pub create: Option<Create>,
    /// Set where an editor's backup gives its id back.
    pub resume: Option<(Resume, Body)>,
    /// What it is made on.
    pub base: Base,
    /// The content.
    pub body: Body,
    /// While it only adds to what is there: the length of that.
    pub adds_to: Option<u64>,
    /// Permission bits, if they change.
    pub mode: Option<u32>,
    /// Modification time.
    pub mtime: Timestamp,
    /// The version whose content it started from.
    pub source: Base,
    /// What the file was when it was written to, in case others remove it meanwhile.
    pub seen: ViewNode,
    /// Whether the path shows it; else only the handles of `node`, which others have superseded.
    pub shown: bool,
    /// The node it is written through.
    pub node: NodeId,
}

impl Item {
    /// The files it touches.
    pub fn files(&self) -> [Option<FileId>; 2] {
        match &self.what {
            What::Content(c) => [Some(c.file), c.resume.as_ref().map(|(r, _)| r.backup)],
            What::Name { intent, moved, .. } => {
                let file = match &**intent {
                    Intent::Symlink { file, .. }
                    | Intent::Mkdir { file, .. }
                    | Intent::Remove { file, .. }
                    | Intent::Rmdir { file, .. }
                    | Intent::Rename { file, .. }
                    | Intent::Setattr { file, .. } => Some(*file),
                    _ => None,
                };
                [file, moved.as_ref().map(|(file, _)| *file)]
            }
        }
    }

    /// Another's file or folder turned out to be the one that this mount knew as `ours`.
    pub fn follow(&mut self, ours: FileId, theirs: FileId) {
        let settle = |file: &mut FileId| {
            if *file == ours {
                *file = theirs;
            }
        };
        match &mut self.what {
            What::Content(content) => {
                settle(&mut content.file);
                settle(&mut content.seen.file);
                settle(&mut content.seen.parent);
                if let Some(create) = &mut content.create {
                    settle(&mut create.place.parent);
                }
                if let Some((resume, _)) = &mut content.resume {
                    settle(&mut resume.backup);
                    settle(&mut resume.place.parent);
                }
            }
            What::Name { intent, moved, .. } => {
                match &mut **intent {
                    Intent::Symlink { place, .. } | Intent::Mkdir { place, .. } => settle(&mut place.parent),
                    Intent::Remove { file, .. } | Intent::Rmdir { file, .. } | Intent::Setattr { file, .. } => {
                        settle(file);
                    }
                    Intent::Rename { file, place, there, .. } => {
                        settle(file);
                        settle(&mut place.parent);
                        if let Some(there) = there {
                            settle(there);
                        }
                    }
                    _ => {}
                }
                if let Some((target, _)) = moved {
                    settle(target);
                }
            }
        }
    }

    /// Whether it leaves the content of the files it touches as it is: mode and times, or another name.
    pub fn leaves_content(&self) -> bool {
        let What::Name { intent, moved, .. } = &self.what else {
            return false;
        };
        moved.is_none() && matches!(**intent, Intent::Setattr { .. } | Intent::Rename { .. })
    }

    /// The content it gives to `file`, if it does.
    pub fn body_of(&self, file: FileId) -> Option<&Body> {
        match &self.what {
            What::Content(c) if c.file == file => Some(&c.body),
            What::Content(c) => c
                .resume
                .as_ref()
                .filter(|(r, _)| r.backup == file)
                .map(|(_, body)| body),
            What::Name { moved, .. } => moved.as_ref().filter(|(f, _)| *f == file).map(|(_, body)| body),
        }
    }

    /// Its content, if it is one.
    pub fn content(&self) -> Option<&ContentItem> {
        match &self.what {
            What::Content(content) => Some(content),
            What::Name { .. } => None,
        }
    }

    /// As [`Item::content`], to be changed.
    pub fn content_mut(&mut self) -> Option<&mut ContentItem> {
        match &mut self.what {
            What::Content(content) => Some(content),
            What::Name { .. } => None,
        }
    }

    /// How many op counters it takes.
    pub fn intents(&self) -> u64 {
        match &self.what {
            What::Content(c) if c.resume.is_some() => 2,
            _ => 1,
        }
    }

    /// Its records, for a journal that is rewritten.
    pub fn records(&mut self, path: String) -> Vec<(Record, Vec<u8>)> {
        let id = self.id;
        match &mut self.what {
            What::Name { intent, .. } => vec![(
                Record::Name {
                    id,
                    intent: Intent::clone(intent),
                },
                Vec::new(),
            )],
            What::Content(content) => {
                let (record, bytes) = content.record(id, path);
                let mut records = vec![(Record::Content(record), bytes)];
                if let Some(start) = content.adds_to {
                    // The length that is there is known, so nothing can be missing beyond it.
                    if let Ok(added) = content.body.read(start..u64::MAX, |_| None) {
                        let write = Record::Write {
                            id,
                            at: start,
                            mtime: content.mtime,
                        };
                        records.push((write, added.to_vec()));
                    }
                }
                records
            }
        }
    }
}

impl ContentItem {
    /// Its record and the new bytes that go with it.
    pub fn record(&mut self, id: u64, path: String) -> (ContentRecord, Vec<u8>) {
        let mut record = self.head(id, path);
        let mut bytes = Vec::new();
        if self.adds_to.is_none() {
            for piece in self.body.pieces() {
                record.pieces.push(match piece {
                    Piece::Kept(extent) => PieceRecord::Kept(extent),
                    Piece::New(new) => {
                        bytes.extend_from_slice(&new);
                        PieceRecord::New(new.len() as u64)
                    }
                });
            }
        }
        (record, bytes)
    }

    /// The intents that bring it to the store.
    pub fn intents(&mut self, id: u64, path: String) -> Vec<Intent> {
        self.body.freeze();
        let record = self.head(id, path);
        let body = match self.adds_to.map(|start| self.body.read(start..u64::MAX, |_| None)) {
            Some(Ok(added)) => Body::of_pieces(vec![Piece::New(added)]),
            _ => self.body.clone(),
        };
        content_intents(&record, body)
    }

    fn head(&self, id: u64, path: String) -> ContentRecord {
        ContentRecord {
            id,
            file: self.file,
            path,
            create: self.create.clone(),
            resume: self.resume.as_ref().map(|(resume, _)| resume.clone()),
            base: self.base.clone(),
            mode: self.mode,
            mtime: self.mtime,
            adds_to: self.adds_to,
            pieces: Vec::new(),
        }
    }
}
