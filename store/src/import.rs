//! Plain files in: a folder tree becomes a person's edit, in few large commits.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use jiff::Timestamp;
use rustix::fs::{Mode, OFlags, ResolveFlags};
use serde::Serialize;

use crate::author::Author;
use crate::content::{Content, Hash};
use crate::error::StoreError;
use crate::id::{FileId, Seq};
use crate::intent::{Base, Create, Entry, Intent, Piece};
use crate::op::Place;
use crate::store::{Committed, Store};
use crate::tree::{Node, NodeKind, Tree, is_of_dreams};

mod source;

pub use source::Source;

use source::Found;

/// What one commit takes: enough that a large tree needs few, little enough to be held in memory twice.
const COMMIT_FILES: usize = 4096;
const COMMIT_BYTES: u64 = 8 << 20;

/// Why an import stopped.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder can't be read.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The source is not there.
    #[error("{}: no such folder; name the one whose files are to be imported", .0.display())]
    Missing(PathBuf),
    /// The source is no folder.
    #[error("{}: is not a folder", .0.display())]
    NotDir(PathBuf),
    /// Too many files; nothing was written.
    #[error(
        "{}: {files} files would make {total} in the store, over its limit of {limit}; nothing was imported. Raise it with \
         `remanence init --store {url} --files {total}`",
        dir.display()
    )]
    Full {
        /// The source.
        dir: PathBuf,
        /// The store.
        url: String,
        /// Files that are new.
        files: u64,
        /// Files that there would be.
        total: u64,
        /// The limit.
        limit: u64,
    },
}

/// Something that was not imported.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Skipped {
    /// Its path in the store, or as it is shown where it can't have one.
    pub path: String,
    /// Why.
    pub why: String,
}

/// What an import did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Files and links written.
    pub written: u64,
    /// Files and links that were the same already.
    pub unchanged: u64,
    /// Bytes written.
    pub bytes: u64,
    /// Commits it took.
    pub commits: u64,
    /// The last commit.
    pub head: Seq,
    /// Files that were not imported, and why.
    pub skipped: Vec<Skipped>,
    /// Paths whose names are in normal form NFC here and were not on disk.
    pub normalised: Vec<String>,
    /// Conflict siblings, where somebody wrote at the same time.
    pub siblings: Vec<String>,
}

/// Writes what was found into the store. `progress` hears of every finished commit: files and bytes so far.
///
/// # Errors
/// When the store can't be written or a file not be read; commits before that stay, and importing again goes on.
pub async fn import(
    store: &Store,
    source: Source,
    author: &Author,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<Imported, ImportError> {
    let tree = store.tree();
    source.check(store.url(), &tree, &tree.settings)?;
    let root = File::open(&source.dir).map_err(|e| ImportError::Io {
        path: source.dir.clone(),
        source: e,
    })?;
    let mut run = Run {
        store,
        tree: &tree,
        root,
        dir: &source.dir,
        folders: HashMap::new(),
        done: Imported {
            head: tree.seq,
            skipped: source.skipped.clone(),
            normalised: source.normalised.clone(),
            ..Imported::default()
        },
    };
    let mut found = source.found.iter().peekable();
    let mut flying = None;
    while found.peek().is_some() {
        let mut batch = Batch::default();
        while batch.intents.len() < COMMIT_FILES && batch.bytes < COMMIT_BYTES {
            let Some((path, found)) = found.next() else { break };
            // Paths ride in the commit's header line.
            batch.bytes += path.len() as u64;
            run.add(&mut batch, path, found)?;
        }
        // The next batch is read while the last one is committed.
        if let Some((batch, answer)) = flying.take() {
            run.settle(batch, answer).await?;
            progress(run.done.written + run.done.unchanged, run.done.bytes);
        }
        if !batch.intents.is_empty() {
            let entry = Entry::new(author.clone(), std::mem::take(&mut batch.intents));
            batch.paths = entry.intents.iter().map(|i| i.path().to_owned()).collect();
            flying = Some((batch, store.enqueue(entry)));
        }
    }
    if let Some((batch, answer)) = flying {
        run.settle(batch, answer).await?;
    }
    progress(run.done.written + run.done.unchanged, run.done.bytes);
    if run.done.written >= COMMIT_FILES as u64 {
        // Whoever opens the store next need not read all these commits.
        store.write_index().await?;
    }
    Ok(run.done)
}

#[derive(Default)]
struct Batch {
    intents: Vec<Intent>,
    paths: Vec<String>,
    /// Which intents write a file or link, and how many bytes.
    writes: HashMap<usize, u64>,
    bytes: u64,
}

struct Run<'a> {
    store: &'a Store,
    tree: &'a Arc<Tree>,
    root: File,
    dir: &'a Path,
    folders: HashMap<String, FileId>,
    done: Imported,
}

impl Run<'_> {
    fn add(&mut self, batch: &mut Batch, path: &str, found: &Found) -> Result<(), ImportError> {
        let there = self.tree.lookup(path);
        match found {
            Found::Dir { mode } => match there {
                Some(node) if node.is_dir() => {}
                Some(_) => self.skip(path, "is a file in the store and a folder here"),
                None => self.make_folder(batch, path, *mode),
            },
            Found::Link { target } => match there.map(|n| &n.kind) {
                Some(NodeKind::Symlink { target: old }) if **old == *target => self.done.unchanged += 1,
                Some(_) => self.skip(path, "is something else in the store already; remove it there first"),
                None => {
                    if let Some((file, place)) = self.new_place(path) {
                        batch.writes.insert(batch.intents.len(), 0);
                        batch.intents.push(Intent::Symlink {
                            file,
                            path: path.into(),
                            place,
                            target: target.clone(),
                        });
                    }
                }
            },
            Found::File {
                real,
                mode,
                mtime,
                size,
            } => {
                let limit = self.tree.settings.file_size;
                // One that is larger already may stay so.
                let most = limit.max(there.map_or(0, |node| node.size()));
                if *size > most && !is_of_dreams(path) {
                    // Not even read: it may be much larger than memory.
                    self.skip(
                        path,
                        format!("{size} bytes are over the store's limit of {limit} bytes a file"),
                    );
                    return Ok(());
                }
                let bytes = self.read(real)?;
                self.add_file(batch, path, there, bytes, *mode, *mtime);
            }
        }
        Ok(())
    }

    fn add_file(
        &mut self,
        batch: &mut Batch,
        path: &str,
        there: Option<&Arc<Node>>,
        bytes: Bytes,
        mode: u32,
        mtime: Option<Timestamp>,
    ) {
        let (file, create, base) = match there.map(|n| (n, n.content())) {
            Some((node, Some(content))) if is_content(&bytes, content) => {
                self.done.unchanged += 1;
                if node.mode != mode {
                    let (file, path) = (node.id, path.into());
                    batch.intents.push(Intent::Setattr {
                        file,
                        path,
                        mode: Some(mode),
                        mtime: None,
                    });
                }
                return;
            }
            Some((node, Some(content))) => {
                let (version, content) = (node.version, content.clone());
                (node.id, None, Base::Version { version, content })
            }
            Some((_, None)) => return self.skip(path, "is a folder or link in the store and a file here"),
            None => match self.new_place(path) {
                Some((file, place)) => (file, Some(Create::at(place)), Base::Nothing),
                None => return,
            },
        };
        let size = bytes.len() as u64;
        batch.writes.insert(batch.intents.len(), size);
        batch.bytes += size;
        batch.intents.push(Intent::Put {
            file,
            path: path.into(),
            create,
            base,
            content: Piece::all_new(bytes),
            mode: Some(mode),
            mtime,
            expect: None,
        });
    }

    fn make_folder(&mut self, batch: &mut Batch, path: &str, mode: u32) {
        if let Some((file, place)) = self.new_place(path) {
            self.folders.insert(path.into(), file);
            let path = path.into();
            batch.intents.push(Intent::Mkdir {
                file,
                path,
                place,
                mode,
                exists_ok: true,
            });
        }
    }

    /// A new id and its place; `None` where the folder could not be made.
    fn new_place(&mut self, path: &str) -> Option<(FileId, Place)> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = match self.folders.get(folder) {
            Some(id) => *id,
            None => match self.tree.lookup(folder) {
                Some(node) if node.is_dir() => node.id,
                _ => {
                    self.skip(path, "its folder is a file in the store");
                    return None;
                }
            },
        };
        let place = Place {
            parent,
            name: name.into(),
        };
        Some((FileId::random(self.store.random()), place))
    }

    /// Reads a file without following a link anywhere in its path, even one that was put there since the walk.
    fn read(&self, real: &Path) -> Result<Bytes, ImportError> {
        let io = |source| ImportError::Io {
            path: self.dir.join(real),
            source,
        };
        let flags = OFlags::RDONLY | OFlags::CLOEXEC | OFlags::NONBLOCK;
        let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
        let fd = rustix::fs::openat2(&self.root, real, flags, Mode::empty(), resolve).map_err(|e| io(e.into()))?;
        let mut bytes = Vec::new();
        File::from(fd).read_to_end(&mut bytes).map_err(io)?;
        Ok(bytes.into())
    }

    async fn settle(
        &mut self,
        batch: Batch,
        answer: tokio::sync::oneshot::Receiver<Committed>,
    ) -> Result<(), ImportError> {
        let closed = |_| StoreError::Closed {
            url: self.store.url().into(),
        };
        let before = self.done.head;
        for (index, outcome) in answer.await.map_err(closed)??.into_iter().enumerate() {
            match outcome {
                Ok(outcome) => {
                    self.done.head = self.done.head.max(outcome.version.seq);
                    self.done.siblings.extend(outcome.sibling);
                    if let Some(bytes) = batch.writes.get(&index) {
                        self.done.written += 1;
                        self.done.bytes += bytes;
                    }
                }
                Err(refused) => self.skip(&batch.paths[index], refused.to_string()),
            }
        }
        self.done.commits += u64::from(self.done.head > before);
        Ok(())
    }

    fn skip(&mut self, path: &str, why: impl Into<String>) {
        self.done.skipped.push(Skipped {
            path: path.into(),
            why: why.into(),
        });
    }
}

/// Whether `bytes` are what a stored content holds, told by its hashes.
fn is_content(bytes: &[u8], content: &Content) -> bool {
    if bytes.len() as u64 != content.len() {
        return false;
    }
    let mut rest = bytes;
    content.extents.iter().all(|extent| {
        let (head, tail) = rest.split_at(extent.length as usize);
        rest = tail;
        Hash::of(head) == extent.hash
    })
}
