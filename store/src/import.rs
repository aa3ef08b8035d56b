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
use unicode_normalization::UnicodeNormalization;

use crate::author::Author;
use crate::content::{Content, Hash};
use crate::error::StoreError;
use crate::id::{FileId, Seq};
use crate::intent::{Base, Create, Entry, Intent, Piece};
use crate::name;
use crate::op::Place;
use crate::settings::Settings;
use crate::store::{Committed, Store};
use crate::tree::{Node, NodeKind, Tree, is_conflict_name};

/// What one commit takes: enough that a large tree needs few, little enough to be held in memory twice.
const COMMIT_FILES: usize = 4096;
const COMMIT_BYTES: u64 = 16 << 20;

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
    /// Conflict siblings, where somebody wrote at the same time.
    pub siblings: Vec<String>,
}

/// A folder tree as it was found. Symbolic links are taken as links, never followed.
#[derive(Debug, Default)]
pub struct Source {
    dir: PathBuf,
    /// By path in the store; folders before what is in them.
    found: Vec<(String, Found)>,
    skipped: Vec<Skipped>,
}

#[derive(Debug)]
enum Found {
    Dir {
        mode: u32,
    },
    File {
        real: PathBuf,
        mode: u32,
        mtime: Option<Timestamp>,
        size: u64,
    },
    Link {
        target: String,
    },
}

impl Source {
    /// Walks `dir`.
    ///
    /// # Errors
    /// When it, or a folder in it, can't be read.
    pub fn scan(dir: &Path) -> Result<Self, ImportError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |source| ImportError::Io { path, source }
        };
        if !dir.metadata().map_err(io(dir))?.is_dir() {
            return Err(ImportError::NotDir(dir.into()));
        }
        let mut source = Self {
            dir: dir.into(),
            ..Self::default()
        };
        let mut folders = vec![(PathBuf::new(), String::new())];
        let mut seen = HashMap::new();
        while let Some((folder, path)) = folders.pop() {
            let at = dir.join(&folder);
            for entry in at.read_dir().map_err(io(&at))? {
                let entry = entry.map_err(io(&at))?;
                let real = folder.join(entry.file_name());
                let Some(child) = source.path_of(&path, &real) else {
                    continue;
                };
                if let Some(other) = seen.insert(child.clone(), real.clone()) {
                    source.skip(
                        &child,
                        format!("has the same name as {} in Unicode NFC", other.display()),
                    );
                    continue;
                }
                let meta = entry.metadata().map_err(io(&dir.join(&real)))?;
                source.take(child, real, &meta, &mut folders).map_err(io(&at))?;
            }
        }
        source.found.sort_by(|a, b| a.0.cmp(&b.0));
        Ok(source)
    }

    /// Number of files and links.
    pub fn files(&self) -> u64 {
        self.found
            .iter()
            .filter(|(_, f)| !matches!(f, Found::Dir { .. }))
            .count() as u64
    }

    fn skip(&mut self, path: &str, why: impl Into<String>) {
        self.skipped.push(Skipped {
            path: path.into(),
            why: why.into(),
        });
    }

    /// The path in the store; names that systems write decomposed are normalised.
    fn path_of(&mut self, folder: &str, real: &Path) -> Option<String> {
        let Some(name) = real.file_name().and_then(|n| n.to_str()) else {
            self.skip(&real.display().to_string(), "the name is not UTF-8");
            return None;
        };
        let name: String = name.nfc().collect();
        let path = format!("{folder}/{name}");
        match name::check(&name).and_then(|()| name::check_path(&path)) {
            Ok(()) => Some(path),
            Err(why) => {
                self.skip(&path.escape_default().to_string(), why.to_string());
                None
            }
        }
    }

    fn take(
        &mut self,
        path: String,
        real: PathBuf,
        meta: &std::fs::Metadata,
        folders: &mut Vec<(PathBuf, String)>,
    ) -> io::Result<()> {
        use std::os::unix::fs::MetadataExt;
        let mode = meta.mode() & 0o777;
        if meta.is_dir() {
            folders.push((real, path.clone()));
            self.found.push((path, Found::Dir { mode }));
        } else if meta.is_file() {
            let mtime = Timestamp::new(meta.mtime(), meta.mtime_nsec() as i32).ok();
            let size = meta.len();
            self.found.push((
                path,
                Found::File {
                    real,
                    mode,
                    mtime,
                    size,
                },
            ));
        } else if meta.is_symlink() {
            let target = self.dir.join(&real).read_link()?;
            match target.to_str() {
                Some(target) if stays_inside(&path, target) => {
                    let target = target.to_owned();
                    self.found.push((path, Found::Link { target }));
                }
                _ => self.skip(
                    &path,
                    format!("is a link that leaves the folder (to {})", target.display()),
                ),
            }
        } else {
            self.skip(&path, "is neither a file nor a folder nor a link");
        }
        Ok(())
    }

    /// Checks the number of files against a store's limit, before anything is written.
    ///
    /// # Errors
    /// [`ImportError::Full`].
    pub fn check(&self, url: &str, tree: &Tree, settings: &Settings) -> Result<(), ImportError> {
        let counts =
            |path: &str| !path.starts_with("/.dream/") && !path.rsplit('/').next().is_some_and(is_conflict_name);
        let new = |(path, found): &&(String, Found)| {
            !matches!(found, Found::Dir { .. }) && counts(path) && tree.lookup(path).is_none()
        };
        let files = self.found.iter().filter(new).count() as u64;
        let total = tree.files + files;
        if files > 0 && total > settings.files {
            return Err(ImportError::Full {
                dir: self.dir.clone(),
                url: url.into(),
                files,
                total,
                limit: settings.files,
            });
        }
        Ok(())
    }
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
            ..Imported::default()
        },
    };
    let mut found = source.found.iter().peekable();
    let mut flying = None;
    while found.peek().is_some() {
        let mut batch = Batch::default();
        while batch.intents.len() < COMMIT_FILES && batch.bytes < COMMIT_BYTES {
            let Some((path, found)) = found.next() else { break };
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
                let exempt = path.starts_with("/.dream/") || is_conflict_name(path);
                if *size > limit && !exempt {
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
                Some((file, place)) => (
                    file,
                    Some(Create {
                        place,
                        exclusive: false,
                    }),
                    Base::Nothing,
                ),
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
            content: if bytes.is_empty() {
                Vec::new()
            } else {
                vec![Piece::New(bytes)]
            },
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

/// Whether a link at `path` to `target` stays within the store.
fn stays_inside(path: &str, target: &str) -> bool {
    if target.is_empty() || target.starts_with('/') {
        return false;
    }
    let mut depth = path.matches('/').count() as i64 - 1;
    target.split('/').all(|name| {
        match name {
            "" | "." => {}
            ".." => depth -= 1,
            _ => depth += 1,
        }
        depth >= 0
    })
}
