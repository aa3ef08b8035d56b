//! Plain files out: a store's tree becomes a folder tree. Nothing is written through a link that lies in the way.

use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use futures::{StreamExt, stream};
use rustix::fs::{AtFlags, Mode, OFlags, ResolveFlags, Timespec, Timestamps};
use rustix::io::Errno;
use serde::Serialize;

use crate::content::Content;
use crate::error::{Result as StoreResult, StoreError};
use crate::id::FileId;
use crate::import::Skipped;
use crate::merge::stays_inside;
use crate::store::Store;
use crate::tree::{Node, NodeKind, Tree};

/// Contents fetched ahead of the file that is being written.
const AHEAD: usize = 16;

/// Longer files are fetched piece by piece.
const PIECE: u64 = 4 << 20;

/// Why an export stopped.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The folder can't be written.
    #[error("{}: {source}", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something is in the way.
    #[error("{}: {why}; export to another folder or move it away", path.display())]
    InTheWay {
        /// The path.
        path: PathBuf,
        /// What it is.
        why: String,
    },
}

/// What an export did.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Exported {
    /// Files and links written.
    pub written: u64,
    /// Bytes written.
    pub bytes: u64,
    /// What could not be had, and why.
    pub skipped: Vec<Skipped>,
}

/// Writes the tree below `dir`, which is made if it is missing. Files of the same path are replaced, others stay.
/// `progress` hears of every file: files and bytes so far.
///
/// # Errors
/// When contents can't be read or the folder not be written.
pub async fn export(
    store: &Store,
    tree: &Tree,
    dir: &Path,
    progress: &(dyn Fn(u64, u64) + Send + Sync),
) -> Result<Exported, ExportError> {
    let mut target = Target::open(dir)?;
    let (folders, files) = listing(tree);
    for (path, _) in &folders {
        target.make_folder(path)?;
    }
    let mut done = Exported::default();
    let mut contents = stream::iter(&files)
        .map(|(path, node)| async move { (path, node, fetch(store, node).await) })
        .buffered(AHEAD);
    while let Some((path, node, first)) = contents.next().await {
        let first = match first {
            Ok(first) => first,
            Err(error @ (StoreError::Redacted { .. } | StoreError::Damaged { .. })) => {
                let why = match error {
                    StoreError::Redacted { .. } => "its bytes were redacted".to_owned(),
                    error => error.to_string(),
                };
                done.skipped.push(Skipped {
                    path: format!("/{path}"),
                    why,
                });
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        match &node.kind {
            NodeKind::File { content, .. } => target.write(store, path, node, content, &first).await?,
            NodeKind::Symlink { target: to } if !stays_inside(path, to) => {
                let why = format!("is a link that leaves the store (to {to})");
                done.skipped.push(Skipped {
                    path: format!("/{path}"),
                    why,
                });
                continue;
            }
            NodeKind::Symlink { target: to } => target.link(path, to)?,
            NodeKind::Dir => {}
        }
        done.written += 1;
        done.bytes += node.content().map_or(0, Content::len);
        progress(done.written, done.bytes);
    }
    // Last, so that a folder without write permission can be filled.
    for (path, node) in folders.iter().rev() {
        target.set_folder_mode(path, node.mode)?;
    }
    Ok(done)
}

type Paths<'a> = Vec<(String, &'a Arc<Node>)>;

/// Folders (parents first) and everything else, in byte order of their paths, without the leading `/`.
fn listing(tree: &Tree) -> (Paths<'_>, Paths<'_>) {
    let (mut folders, mut files) = (Vec::new(), Vec::new());
    let mut stack = vec![(String::new(), FileId::ROOT)];
    while let Some((prefix, folder)) = stack.pop() {
        for node in tree.children(folder) {
            let path = format!("{prefix}{}", node.name);
            if node.is_dir() {
                stack.push((format!("{path}/"), node.id));
                folders.push((path, node));
            } else {
                files.push((path, node));
            }
        }
    }
    folders.sort_by(|a, b| a.0.cmp(&b.0));
    files.sort_by(|a, b| a.0.cmp(&b.0));
    (folders, files)
}

/// The first piece of a file.
async fn fetch(store: &Store, node: &Node) -> StoreResult<Bytes> {
    match node.content() {
        Some(content) => store.read(content, 0..content.len().min(PIECE)).await,
        None => Ok(Bytes::new()),
    }
}

/// The folder that is written to.
struct Target {
    dir: PathBuf,
    root: OwnedFd,
    /// The folder opened last: files come sorted.
    open: Option<(String, OwnedFd)>,
}

impl Target {
    fn open(dir: &Path) -> Result<Self, ExportError> {
        let io = |source| ExportError::Io {
            path: dir.into(),
            source,
        };
        std::fs::create_dir_all(dir).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory => ExportError::InTheWay {
                path: dir.into(),
                why: "a file is in the way of a folder".into(),
            },
            _ => io(error),
        })?;
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let root = rustix::fs::open(dir, flags, Mode::empty()).map_err(|e| io(e.into()))?;
        Ok(Self {
            dir: dir.into(),
            root,
            open: None,
        })
    }

    /// What went wrong with a path; a link in the way is named as such.
    fn error(&self, path: &str, errno: Errno) -> ExportError {
        let full = self.dir.join(path);
        let why = match errno {
            Errno::LOOP => "a symbolic link is in the way, and export follows none",
            Errno::NOTDIR => "a file is in the way of a folder",
            Errno::ISDIR | Errno::NOTEMPTY => "a folder is in the way of a file",
            _ => {
                return ExportError::Io {
                    path: full,
                    source: errno.into(),
                };
            }
        };
        ExportError::InTheWay {
            path: full,
            why: why.into(),
        }
    }

    fn folder(&mut self, path: &str) -> Result<&OwnedFd, ExportError> {
        if path.is_empty() {
            return Ok(&self.root);
        }
        if self.open.as_ref().is_none_or(|(open, _)| open != path) {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            let resolve = ResolveFlags::NO_SYMLINKS | ResolveFlags::BENEATH;
            let fd = rustix::fs::openat2(&self.root, path, flags, Mode::empty(), resolve)
                .map_err(|e| self.error(path, e))?;
            self.open = Some((path.into(), fd));
        }
        Ok(self.open.as_ref().map_or(&self.root, |(_, fd)| fd))
    }

    fn make_folder(&mut self, path: &str) -> Result<(), ExportError> {
        let (parent, name) = split(path);
        match rustix::fs::mkdirat(self.folder(parent)?, name, Mode::from_raw_mode(0o755)) {
            // Opened at once, so that something else of that name is reported here.
            Ok(()) | Err(Errno::EXIST) => self.folder(path).map(|_| ()),
            Err(errno) => Err(self.error(path, errno)),
        }
    }

    fn set_folder_mode(&mut self, path: &str, mode: u32) -> Result<(), ExportError> {
        let result = rustix::fs::fchmod(self.folder(path)?, Mode::from_raw_mode(mode));
        result.map_err(|e| self.error(path, e))
    }

    /// Writes a file beside its place and renames it there, so that a reader never sees half of it.
    async fn write(
        &mut self,
        store: &Store,
        path: &str,
        node: &Node,
        content: &Content,
        first: &Bytes,
    ) -> Result<(), ExportError> {
        let (parent, name) = split(path);
        let temp = format!(".export-{}", node.id);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let folder = self.folder(parent)?;
        // Left by an export that was interrupted.
        let _ = rustix::fs::unlinkat(folder, &*temp, AtFlags::empty());
        let fd =
            rustix::fs::openat(folder, &*temp, flags, Mode::from_raw_mode(0o600)).map_err(|e| self.error(path, e))?;
        let mut file = File::from(fd);
        let written = fill(store, &mut file, node, content, first).await;
        let folder = self.folder(parent)?;
        let placed = match written {
            Ok(()) => rustix::fs::renameat(folder, &*temp, folder, name).map_err(|e| self.error(path, e)),
            Err(Fill::Store(error)) => Err(error.into()),
            Err(Fill::Io(source)) => Err(ExportError::Io {
                path: self.dir.join(path),
                source,
            }),
        };
        if placed.is_err() {
            // The error that matters is the one above; what can't be removed is replaced by the next export.
            let _ = rustix::fs::unlinkat(self.folder(parent)?, &*temp, AtFlags::empty());
        }
        placed
    }

    fn link(&mut self, path: &str, to: &str) -> Result<(), ExportError> {
        let (parent, name) = split(path);
        let folder = self.folder(parent)?;
        let result = match rustix::fs::symlinkat(to, folder, name) {
            Err(Errno::EXIST) => rustix::fs::unlinkat(folder, name, AtFlags::empty())
                .and_then(|()| rustix::fs::symlinkat(to, folder, name)),
            other => other,
        };
        result.map_err(|e| self.error(path, e))
    }
}

enum Fill {
    Store(StoreError),
    Io(io::Error),
}

async fn fill(store: &Store, file: &mut File, node: &Node, content: &Content, first: &Bytes) -> Result<(), Fill> {
    file.write_all(first).map_err(Fill::Io)?;
    let mut at = first.len() as u64;
    while at < content.len() {
        let piece = store
            .read(content, at..(at + PIECE).min(content.len()))
            .await
            .map_err(Fill::Store)?;
        file.write_all(&piece).map_err(Fill::Io)?;
        at += piece.len() as u64;
    }
    let time = Timespec {
        tv_sec: node.mtime.as_second(),
        tv_nsec: node.mtime.subsec_nanosecond().into(),
    };
    let times = Timestamps {
        last_access: time,
        last_modification: time,
    };
    rustix::fs::fchmod(&*file, Mode::from_raw_mode(node.mode))
        .and_then(|()| rustix::fs::futimens(&*file, &times))
        .map_err(|e| Fill::Io(e.into()))
}

fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
