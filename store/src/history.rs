//! History: who did what to a file, a folder or the whole store, newest first.

use std::collections::BTreeMap;

use futures::stream::{self, StreamExt as _, TryStreamExt as _};
use jiff::Timestamp;
use serde::Serialize;

use crate::author::Author;
use crate::content::Content;
use crate::error::{Result, StoreError};
use crate::id::{At, FileId, Seq, Version};
use crate::op::{Merged, Op};
use crate::slot::Slot;
use crate::store::Store;
use crate::tree::{Node, Tree};

/// Slots read first, at least and at most: about as many as entries are wanted.
const FIRST: (Seq, Seq) = (4, 64);

/// Slots read at once, at most.
const CHUNK: Seq = 4096;

/// Proofs of authors asked for at once.
const PROOFS: usize = 16;

/// One op of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogEntry {
    /// Its version.
    pub version: Version,
    /// Its path, as it was then; `/` for what is about the whole store.
    pub path: String,
    /// When it was committed.
    pub time: Timestamp,
    /// Who.
    pub author: Author,
    /// What was done.
    pub op: &'static str,
    /// Bytes it wrote.
    pub bytes: u64,
    /// The path before a rename.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// How it met what others had written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub merged: Option<Merged>,
    /// More about it: why it was dropped, which version it redacts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileId>,
    /// Who wrote it by what their token proved, where the commit names somebody else.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forged: Option<Author>,
    /// Why there is no going back to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<Gone>,
}

/// Why there is no going back to an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Gone {
    /// Its commit does not follow the one before it: it never became part of the store, or is none any more.
    Void,
    /// It is past retention.
    Retention,
}

/// What to list.
#[derive(Debug, Clone)]
pub struct LogQuery {
    /// A file, a folder or `/`.
    pub path: String,
    /// Up to this moment.
    pub at: Option<At>,
    /// Only commits after this one.
    pub after: Seq,
    /// At most so many.
    pub limit: usize,
    /// Moves, condemnations and collections too.
    pub maintenance: bool,
    /// What void commits hold, too.
    pub void: bool,
}

impl LogQuery {
    /// The whole history of a path.
    pub fn of(path: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            at: None,
            after: 0,
            limit: usize::MAX,
            maintenance: false,
            void: false,
        }
    }
}

/// Lists the history of a path, newest first. A file is followed through renames, and beyond its creation to what had
/// the path before it. In a bucket, each commit that is listed costs a request: for who wrote it by what was proved.
///
/// # Errors
/// When the log can't be read, or the path is in no part of it that was asked for.
pub async fn log(store: &Store, query: &LogQuery) -> Result<Vec<LogEntry>> {
    let mut entries = claimed(store, query).await?;
    mark_forged(store, &mut entries).await?;
    Ok(entries)
}

/// Compares authors with what was proved of them when their commits were signed, where the object store knows.
async fn mark_forged(store: &Store, entries: &mut [LogEntry]) -> Result<()> {
    let mut slots: Vec<Seq> = entries.iter().map(|entry| entry.version.seq).collect();
    slots.dedup();
    let proved: BTreeMap<Seq, Author> = stream::iter(slots)
        .map(|seq| async move {
            let key = store.key(&crate::slot::key(seq));
            let Some(proved) = store.backend().read.proved_author(&key).await? else {
                return Ok(None);
            };
            match serde_json::from_str(&proved) {
                Ok(author) => Ok(Some((seq, author))),
                Err(error) => {
                    // Whoever wrote this had keys of the object store, so it proves nothing either way.
                    tracing::warn!(store = store.url(), key, %error, "a slot's metadata names no author");
                    Ok(None)
                }
            }
        })
        .buffer_unordered(PROOFS)
        .try_filter_map(|proved: Option<_>| async move { Ok::<_, StoreError>(proved) })
        .try_collect()
        .await?;
    for entry in entries {
        let proved = proved.get(&entry.version.seq);
        entry.forged = proved.filter(|proved| !entry.author.is_as(proved)).cloned();
    }
    Ok(())
}

/// As [`log`], with the authors that the commits name.
async fn claimed(store: &Store, query: &LogQuery) -> Result<Vec<LogEntry>> {
    let tree = match query.at {
        Some(at) => tree_at(store, at).await?,
        None => Tree::clone(&store.tree()),
    };
    let mut trail = Trail::start(&tree, &query.path);
    let last_op = query.at.and_then(|at| at.op).unwrap_or(u32::MAX);
    let first = query.after + 1;
    let (mut end, mut chunk) = (tree.seq + 1, (query.limit as Seq).clamp(FIRST.0, FIRST.1));
    let horizon = store.tree().horizon;
    // The stamp of the next commit that counts, going back.
    let mut live = tree.write;
    let mut entries = Vec::new();
    while end > first && entries.len() < query.limit {
        let start = end.saturating_sub(chunk).max(first);
        for slot in store.headers(start..end).await?.iter().rev() {
            let gone = if slot.header.write == live {
                live = slot.header.previous;
                (slot.header.seq < horizon).then_some(Gone::Retention)
            } else {
                Some(Gone::Void)
            };
            let ops = if slot.header.seq == tree.seq { last_op } else { u32::MAX };
            for (op, entry) in entries_of(slot, ops) {
                let is_asked = match gone {
                    Some(Gone::Void) => query.void && trail.is_about(op),
                    _ => trail.takes(op),
                };
                if is_asked && (query.maintenance || !is_maintenance(entry.op)) {
                    entries.push(LogEntry { gone, ..entry });
                }
                if entries.len() >= query.limit {
                    return Ok(entries);
                }
            }
        }
        (end, chunk) = (start, (chunk * 4).min(CHUNK));
    }
    if entries.is_empty() && query.limit > 0 && matches!(trail, Trail::Lost { .. }) {
        return Err(StoreError::NotFound {
            url: store.url().into(),
            path: query.path.clone(),
            when: "in the history".into(),
        });
    }
    Ok(entries)
}

/// The tree at a moment; before the first commit it is empty.
///
/// # Errors
/// As [`Store::tree_at`].
pub async fn tree_at(store: &Store, at: At) -> Result<Tree> {
    match at.seq {
        0 => Ok(Tree::empty()),
        _ => store.tree_at(at).await,
    }
}

/// As [`tree_at`], at a moment that somebody named.
///
/// # Errors
/// As [`tree_at`], and when its commit is void.
pub async fn tree_of(store: &Store, at: At) -> Result<Tree> {
    let tree = tree_at(store, at).await?;
    if tree.written == tree.seq {
        Ok(tree)
    } else {
        Err(StoreError::void(store.url(), at))
    }
}

/// The moment before that op, or before that commit.
pub fn before(at: At) -> At {
    match at.op {
        Some(op) if op > 1 => At {
            seq: at.seq,
            op: Some(op - 1),
        },
        _ => At {
            seq: at.seq.saturating_sub(1),
            op: None,
        },
    }
}

/// What `path` named at a moment: the file it names now if `at` is a version of that one, even where it had another
/// path then; else what had the path.
pub fn node_then<'a>(now: &Tree, then: &'a Tree, path: &str, at: At) -> Option<&'a std::sync::Arc<Node>> {
    let same = now.lookup(path).and_then(|n| then.node(n.id));
    same.filter(|n| At::from(n.version) == at)
        .or_else(|| then.lookup(path))
        .or(same)
}

/// The ops of a slot as entries, last first; of the first `ops` ones.
pub(crate) fn entries_of(slot: &Slot, ops: u32) -> impl Iterator<Item = (&Op, LogEntry)> {
    let header = &slot.header;
    let ops = header.ops.iter().enumerate().take(ops as usize);
    ops.collect::<Vec<_>>().into_iter().rev().map(move |(index, op)| {
        let version = Version {
            seq: header.seq,
            op: index as u32 + 1,
        };
        let entry = LogEntry {
            version,
            path: op.path().unwrap_or("/").to_owned(),
            time: header.time,
            author: header.author.clone(),
            op: op.name(),
            bytes: op.content().map_or(0, Content::len),
            from: renamed_from(op).map(str::to_owned),
            merged: merged(op),
            note: note(op),
            file: op.file(),
            forged: None,
            gone: None,
        };
        (op, entry)
    })
}

fn renamed_from(op: &Op) -> Option<&str> {
    match op {
        Op::Rename { from, .. } => Some(from),
        _ => None,
    }
}

fn merged(op: &Op) -> Option<Merged> {
    match op {
        Op::Put { merged, .. } | Op::Append { merged, .. } => *merged,
        _ => None,
    }
}

fn note(op: &Op) -> Option<String> {
    match op {
        Op::Dropped { why, .. } => Some(why.clone()),
        Op::Redact { version, .. } => Some(format!("version {version}")),
        Op::Symlink { target, .. } => Some(format!("to {target}")),
        _ => None,
    }
}

fn is_maintenance(op: &str) -> bool {
    matches!(op, "move" | "condemn" | "collected" | "blame")
}

/// What is followed backwards through the log.
enum Trail {
    /// Everything.
    Store,
    /// A file or link.
    File(FileId),
    /// A folder: what lay below its path at that time.
    Folder(String),
    /// A path that nothing had at this time; what had it earlier is found where it was removed or renamed away.
    Lost { path: String, file: Option<FileId> },
}

impl Trail {
    fn start(tree: &Tree, path: &str) -> Self {
        match tree.lookup(path) {
            Some(node) if node.id == FileId::ROOT => Self::Store,
            Some(node) if node.is_dir() => Self::Folder(path.trim_end_matches('/').into()),
            Some(node) => Self::File(node.id),
            None => Self::Lost {
                path: path.into(),
                file: None,
            },
        }
    }

    /// Whether an op that changed nothing would belong to it.
    fn is_about(&self, op: &Op) -> bool {
        let mut paths = [op.path(), renamed_from(op)].into_iter().flatten();
        match self {
            Self::Store => true,
            Self::File(file) => op.file() == Some(*file),
            Self::Folder(folder) => paths.any(|p| is_within(p, folder)),
            Self::Lost { path, file } => (file.is_some() && op.file() == *file) || paths.any(|p| p == path),
        }
    }

    /// Whether an op belongs to it; moves one op back.
    fn takes(&mut self, op: &Op) -> bool {
        match self {
            Self::Store => true,
            Self::File(file) if op.file() == Some(*file) => {
                if let Op::Put {
                    path, place: Some(_), ..
                }
                | Op::Symlink { path, .. } = op
                {
                    *self = Self::Lost {
                        path: path.clone(),
                        file: Some(*file),
                    };
                }
                true
            }
            Self::File(_) => false,
            Self::Folder(folder) => {
                let within = [op.path(), renamed_from(op)]
                    .into_iter()
                    .flatten()
                    .any(|p| is_within(p, folder));
                if let Op::Rename { from, path, .. } = op
                    && is_within(folder, path)
                {
                    *folder = format!("{from}{}", &folder[path.len()..]);
                    return true;
                }
                within
            }
            Self::Lost { path, file } => {
                let gone = match op {
                    Op::Remove { path: p, .. } | Op::Rmdir { path: p, .. } => p == path,
                    Op::Rename { from, .. } => from == path,
                    _ => false,
                };
                let again = file.is_some() && op.file() == *file;
                if !gone && !again {
                    return false;
                }
                match op {
                    Op::Rmdir { .. } => *self = Self::Folder(path.clone()),
                    _ => *self = op.file().map_or(Self::Store, Self::File),
                }
                true
            }
        }
    }
}

/// Whether `path` is `folder` or lies below it.
pub(crate) fn is_within(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder.trim_end_matches('/'))
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
