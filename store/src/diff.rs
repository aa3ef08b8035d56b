//! What differs between two moments of a store, file by file.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use serde::Serialize;
use similar::{ChangeTag, TextDiff};

use crate::content::Content;
use crate::error::{Result, StoreError};
use crate::history::{self, LogEntry};
use crate::id::{At, Version};
use crate::store::Store;
use crate::tree::{Node, NodeKind, Tree};

/// Longer files are said to differ, but not compared line by line.
const TEXT_MAX: u64 = 4 << 20;

/// Files compared at once.
const PARALLEL: usize = 16;

/// How one file, folder or link differs.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct FileDiff {
    /// Its path; where it is gone, the one it had.
    pub path: String,
    /// The path it had, where that differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// What happened.
    pub change: Change,
    /// Its version before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Version>,
    /// Its version after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Version>,
    /// Lines that came.
    pub added: usize,
    /// Lines that went.
    pub removed: usize,
    /// The difference as a unified diff, for texts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// Why there is no text, or what else changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Kinds of difference.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// It was not there before.
    Added,
    /// It is there no more.
    Removed,
    /// Its content differs (its path may, too).
    Changed,
    /// Only its path differs.
    Renamed,
    /// Only its permission bits differ.
    Mode,
}

/// A commit, or one op of it, and what it changed.
#[derive(Debug, Clone, Serialize)]
pub struct Shown {
    /// Its ops, first one first.
    pub ops: Vec<LogEntry>,
    /// What they changed.
    pub files: Vec<FileDiff>,
}

/// What `at` (a commit or an op) did to `path`.
///
/// # Errors
/// When that moment is not in the history.
pub async fn show(store: &Store, path: &str, at: At) -> Result<Shown> {
    // First, so that it is named where it is not in the history.
    let new = history::tree_of(store, at).await?;
    let old = history::tree_at(store, history::before(at)).await?;
    let file = history::node_then(&store.tree(), &new, path, at).filter(|n| !n.is_dir());
    let path = &file.and_then(|n| new.path(n.id)).unwrap_or_else(|| path.to_owned());
    let slots = store.headers(at.seq..at.seq + 1).await?;
    let mut ops: Vec<_> = slots
        .iter()
        .flat_map(|slot| history::entries_of(slot, u32::MAX))
        .map(|(_, entry)| entry)
        .filter(|e| at.op.is_none_or(|op| op == e.version.op))
        .filter(|e| {
            [Some(&e.path), e.from.as_ref()]
                .into_iter()
                .flatten()
                .any(|p| history::is_within(p, path))
        })
        .collect();
    ops.reverse();
    let files = diff(store, &old, &new, path).await?;
    if ops.is_empty() && files.is_empty() {
        return Err(StoreError::NotFound {
            url: store.url().into(),
            path: path.into(),
            when: format!("in version {at}"),
        });
    }
    Ok(Shown { ops, files })
}

/// What differs at and below `path` from `old` to `new`, by path.
///
/// # Errors
/// When contents can't be read. Redacted and damaged ones are noted instead.
pub async fn diff(store: &Store, old: &Tree, new: &Tree, path: &str) -> Result<Vec<FileDiff>> {
    let sides = pairs(old, new).into_iter().map(|pair| Sides::of(old, new, pair));
    let within = sides.filter(|sides| sides.is_within(path));
    // Collected: a closure in the stream would keep the future from being sent to another thread.
    let comparisons: Vec<_> = within.map(|sides| sides.compare(store)).collect();
    let mut files: Vec<FileDiff> = stream::iter(comparisons)
        .buffer_unordered(PARALLEL)
        .try_collect()
        .await?;
    // What dreams keep for themselves comes after what they wrote for everyone.
    files.sort_by_key(|f| (f.path.starts_with("/.dream"), f.path.clone()));
    Ok(files)
}

type Pair<'a> = (Option<&'a Arc<Node>>, Option<&'a Arc<Node>>);

/// Nodes that differ, matched by id, else by path (removed and made again).
fn pairs<'a>(old: &'a Tree, new: &'a Tree) -> Vec<Pair<'a>> {
    let mut pairs = Vec::new();
    let mut made_again = HashSet::new();
    for node in new.nodes() {
        let before = match old.node(node.id) {
            Some(before) if !differs(before, node) => continue,
            Some(before) => Some(before),
            None => new
                .path(node.id)
                .and_then(|path| old.lookup(&path))
                .filter(|before| new.node(before.id).is_none() && before.is_dir() == node.is_dir()),
        };
        if let Some(before) = before {
            made_again.insert(before.id);
            if !differs(before, node) && before.is_dir() {
                continue;
            }
        }
        pairs.push((before, Some(node)));
    }
    let gone = |n: &&Arc<Node>| new.node(n.id).is_none() && !made_again.contains(&n.id);
    pairs.extend(old.nodes().filter(gone).map(|n| (Some(n), None)));
    pairs
}

fn differs(a: &Node, b: &Node) -> bool {
    moved(a, b) || a.mode != b.mode || !same_content(a, b)
}

fn moved(a: &Node, b: &Node) -> bool {
    a.id == b.id && (a.parent != b.parent || a.name != b.name)
}

/// Whether two nodes hold the same bytes.
pub(crate) fn same_content(a: &Node, b: &Node) -> bool {
    match (&a.kind, &b.kind) {
        (NodeKind::File { content: a, .. }, NodeKind::File { content: b, .. }) => same_bytes(a, b),
        (a, b) => a == b,
    }
}

/// Whether two contents are the same extents' bytes, wherever they lie.
fn same_bytes(a: &Content, b: &Content) -> bool {
    let bytes = |c: &Content| c.extents.iter().map(|e| (e.length, e.hash)).collect::<Vec<_>>();
    a == b || bytes(a) == bytes(b)
}

/// Both sides of a difference with their paths.
struct Sides<'a> {
    pair: Pair<'a>,
    old_path: Option<String>,
    new_path: Option<String>,
}

impl<'a> Sides<'a> {
    fn of(old: &Tree, new: &Tree, pair: Pair<'a>) -> Self {
        let path = |tree: &Tree, node: &Arc<Node>| tree.path(node.id);
        Self {
            pair,
            old_path: pair.0.and_then(|n| path(old, n)),
            new_path: pair.1.and_then(|n| path(new, n)),
        }
    }

    fn is_within(&self, scope: &str) -> bool {
        [&self.old_path, &self.new_path]
            .into_iter()
            .flatten()
            .any(|p| history::is_within(p, scope))
    }

    fn change(&self) -> Change {
        match self.pair {
            (None, _) => Change::Added,
            (_, None) => Change::Removed,
            (Some(a), Some(b)) if !same_content(a, b) => Change::Changed,
            (Some(a), Some(b)) if moved(a, b) => Change::Renamed,
            _ => Change::Mode,
        }
    }

    async fn compare(self, store: &Store) -> Result<FileDiff> {
        let change = self.change();
        let path = self
            .new_path
            .clone()
            .or_else(|| self.old_path.clone())
            .unwrap_or_default();
        let mut diff = FileDiff {
            from: self.old_path.clone().filter(|p| *p != path),
            path,
            change,
            old: self.pair.0.map(|n| n.version),
            new: self.pair.1.map(|n| n.version),
            added: 0,
            removed: 0,
            text: None,
            note: self.note(change),
        };
        if matches!(change, Change::Renamed | Change::Mode) || self.pair.0.or(self.pair.1).is_some_and(|n| n.is_dir()) {
            return Ok(diff);
        }
        match futures::try_join!(text(store, self.pair.0), text(store, self.pair.1)) {
            Ok((old, new)) => self.unified(&mut diff, &old, &new),
            Err(NoText::Store(error)) => return Err(error),
            Err(NoText::Because(why)) => diff.note = Some(why),
        }
        Ok(diff)
    }

    fn note(&self, change: Change) -> Option<String> {
        match (change, self.pair) {
            (Change::Mode, (Some(a), Some(b))) => Some(format!("mode {:03o} -> {:03o}", a.mode, b.mode)),
            (_, (a, b)) if a.or(b).is_some_and(|n| n.is_dir()) => Some("folder".into()),
            _ => None,
        }
    }

    fn unified(&self, diff: &mut FileDiff, old: &str, new: &str) {
        let lines = TextDiff::configure()
            .timeout(Duration::from_secs(5))
            .diff_lines(old, new);
        for change in lines.iter_all_changes() {
            match change.tag() {
                ChangeTag::Insert => diff.added += 1,
                ChangeTag::Delete => diff.removed += 1,
                ChangeTag::Equal => {}
            }
        }
        let name = |side: &str, path: &Option<String>| match path {
            Some(path) => format!("{side}{path}"),
            None => "/dev/null".into(),
        };
        let text = lines
            .unified_diff()
            .header(&name("a", &self.old_path), &name("b", &self.new_path))
            .to_string();
        diff.text = Some(text);
    }
}

enum NoText {
    Store(StoreError),
    Because(String),
}

/// A side's text; a link's is its target.
async fn text(store: &Store, node: Option<&Arc<Node>>) -> std::result::Result<String, NoText> {
    let content = match node.map(|n| &n.kind) {
        None | Some(NodeKind::Dir) => return Ok(String::new()),
        Some(NodeKind::Symlink { target }) => return Ok(format!("link to {target}\n")),
        Some(NodeKind::File { content, .. }) => content,
    };
    if content.len() > TEXT_MAX {
        let why = format!("larger than {TEXT_MAX} bytes: not compared line by line");
        return Err(NoText::Because(why));
    }
    match store.read(content, 0..content.len()).await {
        Ok(bytes) if bytes.contains(&0) => Err(NoText::Because("binary".into())),
        Ok(bytes) => String::from_utf8(bytes.into()).map_err(|_| NoText::Because("binary".into())),
        Err(StoreError::Redacted { .. }) => Err(NoText::Because("redacted".into())),
        Err(StoreError::Damaged { key, .. }) => Err(NoText::Because(format!("not compared: {key} is damaged"))),
        Err(error) => Err(NoText::Store(error)),
    }
}
