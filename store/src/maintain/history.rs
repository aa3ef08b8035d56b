//! The versions of files, by walking the log.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use crate::author::Author;
use crate::content::Content;
use crate::error::Result;
use crate::id::{At, FileId, Seq, Version};
use crate::op::Op;
use crate::slot::Slot;
use crate::store::Store;
use crate::tree::Tree;

/// How a version came about.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Step {
    /// The whole content.
    Put(Content),
    /// Bytes at the end.
    Append(Content),
}

/// One version of a file.
#[derive(Debug, Clone)]
pub(super) struct Made {
    pub(super) version: Version,
    pub(super) time: Timestamp,
    pub(super) author: Arc<Author>,
    pub(super) step: Step,
}

/// What happened to a file in a stretch of the log.
#[derive(Debug, Clone, Default)]
pub(super) struct FileHistory {
    /// Its last path.
    pub(super) path: String,
    /// Its versions, the one it had before the stretch first.
    pub(super) versions: Vec<Made>,
    /// How many of them are from the stretch itself.
    pub(super) made: usize,
    /// Whether it was there at the end of the stretch.
    pub(super) there: bool,
}

/// The tree at `seq`; before the first commit there is none to read.
pub(super) async fn tree_at(store: &Store, seq: Seq) -> Result<Tree> {
    if seq == 0 {
        return Ok(Tree::empty());
    }
    store.tree_at(At { seq, op: None }).await
}

/// Drops void slots: those that do not follow what was before them.
pub(super) fn effective(before: &Tree, slots: Vec<Slot>) -> Vec<Slot> {
    let mut write = before.write;
    slots
        .into_iter()
        .filter(|slot| {
            let follows = slot.header.previous == write;
            if follows {
                write = slot.header.write;
            }
            follows
        })
        .collect()
}

/// Histories of the files that `slots` write (of all, or of those in `only`); `before` is the tree they begin at.
pub(super) fn histories(
    before: &Tree,
    slots: &[Slot],
    only: Option<&HashSet<FileId>>,
) -> BTreeMap<FileId, FileHistory> {
    let mut files: BTreeMap<FileId, FileHistory> = BTreeMap::new();
    for slot in slots {
        let author = Arc::new(slot.header.author.clone());
        for (op, number) in slot.header.ops.iter().zip(1..) {
            let Some(file) = op.file().filter(|f| only.is_none_or(|only| only.contains(f))) else {
                continue;
            };
            let step = match op {
                Op::Put { content, .. } => Some(Step::Put(content.clone())),
                Op::Append { content, .. } => Some(Step::Append(content.clone())),
                Op::Remove { .. } => None,
                _ => continue,
            };
            let history = files.entry(file).or_insert_with(|| begin(before, file));
            history.there = step.is_some();
            op.path().unwrap_or("/").clone_into(&mut history.path);
            if let Some(step) = step {
                history.made += 1;
                history.versions.push(Made {
                    version: Version {
                        seq: slot.header.seq,
                        op: number,
                    },
                    time: slot.header.time,
                    author: author.clone(),
                    step,
                });
            }
        }
    }
    files
}

/// The history of a file that nothing happened to.
pub(super) fn begin(before: &Tree, file: FileId) -> FileHistory {
    let node = before.node(file).filter(|n| n.id == file);
    FileHistory {
        path: before.path(file).unwrap_or_default(),
        versions: node
            .and_then(|n| {
                Some(Made {
                    version: n.version,
                    time: n.time,
                    author: n.author.clone(),
                    step: Step::Put(n.content()?.clone()),
                })
            })
            .into_iter()
            .collect(),
        made: 0,
        there: node.is_some(),
    }
}
