//! What an attachment accepted and the store may not have yet. A fresh mount, or a successor of a killed process, reads
//! it back and finishes it exactly once: each intent's op counter is recorded before it is handed to the store.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use remanence_store::cache::budget::CacheBudget;
use remanence_store::content::Extent;
use remanence_store::intent::{Base, Create, Intent, Piece};
use remanence_store::op::Place;
use remanence_store::{FileId, MountId, Store, StoreError, StoreId};
use serde::{Deserialize, Serialize};

use crate::body::{Body, Missing};
use crate::record_log::RecordLog;

/// Its file's name.
pub(crate) const NAME: &str = "journal";

/// Above this size a busy journal is rewritten.
const TIDY_ABOVE: u64 = 1 << 20;

/// Above this size an idle journal is emptied.
const EMPTY_ABOVE: u64 = 64 << 10;

/// Room that is left for what has no bytes: without it nothing could be sent or removed, and so none be made.
const SPARE: u64 = 64 << 10;

/// A file's new content, before its bytes.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ContentRecord {
    /// The item.
    pub id: u64,
    /// The file.
    pub file: FileId,
    /// Its path.
    pub path: String,
    /// Set for a new file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub create: Option<Create>,
    /// Set where an editor's backup gives its id back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resume: Option<Resume>,
    /// What it is made on.
    pub base: Base,
    /// Permission bits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<u32>,
    /// Modification time.
    pub mtime: Timestamp,
    /// Set while it only adds to what is stored: length of what is stored. The pieces are then left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adds_to: Option<u64>,
    /// Its pieces; new ones are lengths of bytes that follow.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pieces: Vec<PieceRecord>,
}

/// A piece of content.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PieceRecord {
    /// Stored.
    Kept(Extent),
    /// That many of the bytes that follow.
    New(u64),
}

/// An editor's backup gives its id back (see [`Intent::Resume`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resume {
    /// Where the file is made again.
    pub place: Place,
    /// The backup's new id.
    pub backup: FileId,
}

/// One record.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "r", rename_all = "lowercase")]
pub enum Record {
    /// Whose journal it is; the first record.
    Open {
        /// The store.
        store: StoreId,
        /// The mount that writes.
        mount: MountId,
        /// The first op counter not given to an item yet.
        next: u64,
    },
    /// An intent without content.
    Name {
        /// The item.
        id: u64,
        /// The intent.
        intent: Intent,
    },
    /// New content of a file; again with the same id it replaces what was there.
    Content(ContentRecord),
    /// Bytes written; they follow.
    Write {
        /// The item.
        id: u64,
        /// Offset in the file.
        at: u64,
        /// When.
        mtime: Timestamp,
    },
    /// A length set.
    Truncate {
        /// The item.
        id: u64,
        /// The length.
        len: u64,
        /// When.
        mtime: Timestamp,
    },
    /// Mode and time set.
    Attributes {
        /// The item.
        id: u64,
        /// Permission bits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<u32>,
        /// Modification time.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mtime: Option<Timestamp>,
    },
    /// A file that is not committed yet goes elsewhere, or becomes the new content of another file.
    Refile {
        /// The item.
        id: u64,
        /// Its new number, behind all others.
        to: u64,
        /// The file it is now.
        file: FileId,
        /// Its path.
        path: String,
        /// Set while it is a new file.
        create: Option<Create>,
        /// What it is made on.
        base: Base,
    },
    /// Items about to be handed to the store, and the counter of the first; each intent takes the next.
    Sent {
        /// The items.
        ids: Vec<u64>,
        /// Counter of the first intent.
        counter: u64,
    },
    /// Items that are settled or no longer wanted.
    Done {
        /// The items.
        ids: Vec<u64>,
    },
    /// What takes the place of items that are no longer wanted: both or neither is there after a kill.
    Instead {
        /// The items that go.
        of: Vec<u64>,
        /// What comes.
        record: Box<Record>,
    },
}

/// An open journal.
#[derive(Debug)]
pub struct Journal {
    log: RecordLog,
    live: u64,
    /// Of the same disk; they go where it has no room for the next record.
    contents: Arc<CacheBudget>,
}

/// What a predecessor left.
#[derive(Debug, Default)]
pub struct Left {
    /// The store it was for.
    pub store: Option<StoreId>,
    /// The mount it wrote as.
    pub mount: Option<MountId>,
    /// The first free op counter.
    pub next: u64,
    items: BTreeMap<u64, LeftItem>,
}

/// An item left: its number, its intents and the op counter it had.
pub type LeftIntents = (u64, Vec<Intent>, Option<u64>);

#[derive(Debug)]
struct LeftItem {
    what: LeftWhat,
    counter: Option<u64>,
}

#[derive(Debug)]
enum LeftWhat {
    Name(Intent),
    Content {
        record: ContentRecord,
        bytes: Bytes,
        edits: Vec<Edit>,
    },
}

#[derive(Debug)]
enum Edit {
    Write(u64, Bytes),
    Truncate(u64),
}

impl Journal {
    /// Opens the journal at `path` and reads what a predecessor left.
    ///
    /// # Errors
    /// When it can't be read or is not a journal.
    pub fn open(path: &Path, contents: Arc<CacheBudget>) -> io::Result<(Self, Left)> {
        let (log, records) = RecordLog::open::<Record>(path)?;
        let journal = Self { log, live: 0, contents };
        Ok((journal, Left::of(records)))
    }

    /// Starts it anew for a mount of a store, once all that it holds is settled.
    ///
    /// # Errors
    /// When the disk does not take it.
    pub fn start(&mut self, store: StoreId, mount: MountId, next: u64) -> io::Result<()> {
        self.log.clear()?;
        self.append(&Record::Open { store, mount, next }, &[])
    }

    /// Records the counter of items about to be handed to the store.
    ///
    /// # Errors
    /// When the disk is full; nothing was written then.
    pub fn sent(&mut self, ids: Vec<u64>, counter: u64) -> io::Result<()> {
        self.append(&Record::Sent { ids, counter }, &[])
    }

    /// Appends a record.
    ///
    /// # Errors
    /// When the disk is full; nothing was written then.
    pub fn append(&mut self, record: &Record, bytes: &[u8]) -> io::Result<()> {
        self.write(|log| {
            // What settles others comes last, or nothing that waits could be sent any more.
            let spare = match record {
                Record::Open { .. } | Record::Sent { .. } | Record::Done { .. } => 0,
                _ if bytes.is_empty() => SPARE / 2,
                _ => SPARE,
            };
            if spare > 0 && log.room() < bytes.len() as u64 + spare {
                return Err(io::ErrorKind::StorageFull.into());
            }
            log.append(record, bytes)
        })
    }

    /// Writes; on a full disk once more, if contents that can be had again made room.
    fn write(&mut self, write: impl Fn(&mut RecordLog) -> io::Result<()>) -> io::Result<()> {
        match write(&mut self.log) {
            Err(error)
                if matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
                    && self.contents.free() =>
            {
                tracing::warn!(journal = %self.log.path().display(), %error, "cached contents were removed to make room");
                write(&mut self.log)
            }
            written => written,
        }
    }

    /// Whether it has grown so far beyond what it has to hold that it should be rewritten.
    pub fn is_untidy(&self) -> bool {
        self.log.size() > TIDY_ABOVE.max(self.live * 4)
    }

    /// Whether it is worth emptying where nothing in it waits.
    pub fn is_long(&self) -> bool {
        self.log.size() > EMPTY_ABOVE
    }

    /// Takes away all that is settled, where that is all: it is still the same mount's. Needs no room.
    ///
    /// # Errors
    /// When the disk is broken.
    pub fn empty(&mut self) -> io::Result<()> {
        self.log.keep_first()?;
        self.live = 0;
        Ok(())
    }

    /// Replaces everything by these records.
    ///
    /// # Errors
    /// When the disk is full; the old one stays.
    pub fn rewrite(&mut self, records: &[(Record, Vec<u8>)]) -> io::Result<()> {
        self.write(|log| log.rewrite(records))?;
        self.live = self.log.size();
        Ok(())
    }

    /// Where it lies.
    pub fn path(&self) -> &Path {
        self.log.path()
    }
}

impl Left {
    /// What the journal at `path` holds, which stays as it is; nothing where there is no journal.
    ///
    /// # Errors
    /// As [`Journal::open`].
    pub fn read(path: &Path) -> io::Result<Self> {
        match RecordLog::read::<Record>(path) {
            Ok(records) => Ok(Self::of(records)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error),
        }
    }

    fn of(records: Vec<(Record, Bytes)>) -> Self {
        let mut left = Self::default();
        for (record, bytes) in records {
            left.take(record, bytes);
        }
        left
    }

    fn take(&mut self, record: Record, bytes: Bytes) {
        match record {
            Record::Open { store, mount, next } => {
                (self.store, self.mount) = (Some(store), Some(mount));
                self.next = self.next.max(next);
            }
            Record::Name { id, intent } => {
                let item = LeftItem {
                    what: LeftWhat::Name(intent),
                    counter: None,
                };
                self.items.insert(id, item);
            }
            Record::Content(record) => {
                let id = record.id;
                let what = LeftWhat::Content {
                    record,
                    bytes,
                    edits: Vec::new(),
                };
                self.items.insert(id, LeftItem { what, counter: None });
            }
            Record::Write { id, at, mtime } => self.edit(id, Some(mtime), None, Some(Edit::Write(at, bytes))),
            Record::Truncate { id, len, mtime } => self.edit(id, Some(mtime), None, Some(Edit::Truncate(len))),
            Record::Attributes { id, mode, mtime } => self.edit(id, mtime, mode, None),
            Record::Refile {
                id,
                to,
                file,
                path,
                create,
                base,
            } => {
                if let Some(mut item) = self.items.remove(&id) {
                    if let LeftWhat::Content { record, .. } = &mut item.what {
                        (record.file, record.path, record.create, record.base) = (file, path, create, base);
                    }
                    self.items.insert(to, item);
                }
            }
            Record::Sent { ids, counter } => {
                let mut next = counter;
                for id in ids {
                    if let Some(item) = self.items.get_mut(&id) {
                        item.counter = Some(next);
                        next += item.what.intents();
                    }
                }
                self.next = self.next.max(next);
            }
            Record::Done { ids } => {
                for id in ids {
                    self.items.remove(&id);
                }
            }
            Record::Instead { of, record } => {
                self.take(Record::Done { ids: of }, Bytes::new());
                self.take(*record, bytes);
            }
        }
    }

    fn edit(&mut self, id: u64, time: Option<Timestamp>, bits: Option<u32>, edit: Option<Edit>) {
        let Some(LeftItem {
            what: LeftWhat::Content { record, edits, .. },
            ..
        }) = self.items.get_mut(&id)
        else {
            return;
        };
        record.mtime = time.unwrap_or(record.mtime);
        record.mode = bits.or(record.mode);
        edits.extend(edit);
    }

    /// Whether nothing is left to do.
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    /// How many items are left.
    pub fn len(&self) -> usize {
        self.items.len()
    }

    /// The intents left, in the order in which they must be handed to the store, with the counter each had.
    ///
    /// # Errors
    /// When stored bytes that an edit touches can't be read.
    pub async fn intents(self, store: &Store) -> Result<Vec<LeftIntents>, StoreError> {
        let mut all = Vec::new();
        for (id, item) in self.items {
            all.push((id, item.what.into_intents(store).await?, item.counter));
        }
        // Those that have a counter come first, in its order; the others keep theirs.
        all.sort_by_key(|(_, _, counter)| counter.unwrap_or(u64::MAX));
        Ok(all)
    }
}

impl LeftWhat {
    fn intents(&self) -> u64 {
        match self {
            Self::Content { record, .. } if record.resume.is_some() => 2,
            _ => 1,
        }
    }

    async fn into_intents(self, store: &Store) -> Result<Vec<Intent>, StoreError> {
        let (record, bytes, edits) = match self {
            Self::Name(intent) => return Ok(vec![intent]),
            Self::Content { record, bytes, edits } => (record, bytes, edits),
        };
        let mut rest = bytes;
        let pieces = record
            .pieces
            .iter()
            .map(|p| match p {
                PieceRecord::Kept(extent) => Piece::Kept(*extent),
                PieceRecord::New(len) => Piece::New(rest.split_to((*len as usize).min(rest.len()))),
            })
            .collect();
        let mut body = Body::of_pieces(pieces);
        let start = record.adds_to.unwrap_or(0);
        for edit in &edits {
            loop {
                let done = match edit {
                    Edit::Write(at, bytes) => body.write(at - start, bytes),
                    Edit::Truncate(len) => body.truncate(len - start),
                };
                let Err(Missing(extents)) = done else { break };
                for extent in extents {
                    body.fill(&extent, &bytes_under(store, &extent).await?);
                }
            }
        }
        Ok(content_intents(&record, body))
    }
}

/// The bytes that an edit goes over. Where they were redacted since, what was written is kept all the same, with zeros
/// where they were.
async fn bytes_under(store: &Store, extent: &Extent) -> Result<Bytes, StoreError> {
    match store.read_extent(extent).await {
        Err(error @ StoreError::Redacted { .. }) => {
            tracing::warn!(store = store.url(), %error, "an earlier mount wrote over them");
            Ok(vec![0; extent.length as usize].into())
        }
        read => read,
    }
}

/// The intents that bring a body to the store. Of one that only adds, `body` holds the added bytes alone.
pub fn content_intents(record: &ContentRecord, mut body: Body) -> Vec<Intent> {
    let mut intents = Vec::new();
    if let Some(resume) = &record.resume {
        intents.push(Intent::Resume {
            file: record.file,
            path: record.path.clone(),
            place: resume.place.clone(),
            backup: resume.backup,
        });
    }
    let pieces = body.pieces();
    intents.push(if record.adds_to.is_some() {
        let mut all = Vec::new();
        let bytes = match pieces.as_slice() {
            [Piece::New(only)] => only.clone(),
            many => {
                for piece in many {
                    if let Piece::New(bytes) = piece {
                        all.extend_from_slice(bytes);
                    }
                }
                all.into()
            }
        };
        Intent::Append {
            file: record.file,
            path: record.path.clone(),
            base: record.base.clone(),
            bytes,
            mtime: Some(record.mtime),
        }
    } else {
        Intent::Put {
            file: record.file,
            path: record.path.clone(),
            create: record.create.clone(),
            base: record.base.clone(),
            content: pieces,
            mode: record.mode,
            mtime: Some(record.mtime),
            expect: None,
        }
    });
    intents
}
