//! Brings a file, a folder or the whole store back to what it was: one commit that keeps the old extents, so nothing
//! is copied and nothing of the history is lost.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::author::Author;
use crate::content::Content;
use crate::diff::same_content;
use crate::error::StoreError;
use crate::history;
use crate::id::{At, FileId, Seq, Version};
use crate::intent::{Base, Create, Entry, Intent, Piece, Refused};
use crate::op::Place;
use crate::random::Random;
use crate::store::Store;
use crate::tree::{Node, NodeKind, Tree, is_of_dreams};

/// Why nothing was restored.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Its bytes are gone for good.
    #[error("{path}: version {version} was redacted and can't be restored")]
    Redacted {
        /// The path.
        path: String,
        /// The version.
        version: Version,
    },
    /// There was nothing to restore.
    #[error("{path}: did not exist at {at}; `remanence log {path}` lists its versions, `remanence rm` removes it")]
    NotThere {
        /// The path.
        path: String,
        /// The moment.
        at: At,
    },
    /// The commit was refused.
    #[error(transparent)]
    Refused(#[from] Refused),
}

/// What was restored.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Restored {
    /// The commit; `None` when all was as it should be.
    pub commit: Option<Seq>,
    /// Files and links brought back.
    pub written: Vec<String>,
    /// Files, links and folders that were not there.
    pub removed: Vec<String>,
    /// Conflict siblings, where somebody wrote at the same time.
    pub siblings: Vec<String>,
}

/// Restores `path` to what it was at `at`.
///
/// # Errors
/// When it was not there, or some of its bytes are redacted: nothing is changed then.
pub async fn restore(store: &Store, path: &str, at: At, author: Author) -> Result<Restored, RestoreError> {
    bring_back(store, path, at, author, true).await
}

/// Restores the whole store as [`restore`] does, but for what dreams keep in it, which stays.
///
/// # Errors
/// As [`restore`].
pub async fn restore_memory(store: &Store, at: At, author: Author) -> Result<Restored, RestoreError> {
    bring_back(store, "/", at, author, false).await
}

async fn bring_back(store: &Store, path: &str, at: At, author: Author, dreams: bool) -> Result<Restored, RestoreError> {
    let now = store.tree();
    let then = history::tree_of(store, at).await?;
    let intents = plan(&now, &then, path, at, store.random(), dreams)?;
    let mut restored = Restored {
        commit: None,
        written: Vec::new(),
        removed: Vec::new(),
        siblings: Vec::new(),
    };
    if intents.is_empty() {
        return Ok(restored);
    }
    for intent in &intents {
        match intent {
            Intent::Put { path, .. } | Intent::Symlink { path, .. } => restored.written.push(path.clone()),
            Intent::Remove { path, .. } | Intent::Rmdir { path, .. } => restored.removed.push(path.clone()),
            _ => {}
        }
    }
    // What is removed only to come back elsewhere or anew is no loss to report.
    restored.removed.retain(|path| !restored.written.contains(path));
    for outcome in store.commit(Entry::new(author, intents).atomic()).await? {
        let outcome = outcome?;
        restored.commit = restored.commit.max(Some(outcome.version.seq));
        restored.siblings.extend(outcome.sibling);
    }
    Ok(restored)
}

/// The intents that make `path` in `now` what it was in `then`; what dreams keep only if `dreams`.
///
/// # Errors
/// As [`restore`].
pub fn plan(
    now: &Tree,
    then: &Tree,
    path: &str,
    at: At,
    random: &dyn Random,
    dreams: bool,
) -> Result<Vec<Intent>, RestoreError> {
    let not_there = || RestoreError::NotThere { path: path.into(), at };
    let root = history::node_then(now, then, path, at).ok_or_else(not_there)?;
    let mut plan = Plan {
        now,
        random,
        scope: path.trim_end_matches('/'),
        dreams,
        removes: Vec::new(),
        makes: Vec::new(),
        removed: HashSet::new(),
        folders: BTreeMap::new(),
    };
    let mut wanted = wanted(then, root, plan.scope);
    wanted.retain(|path, _| !plan.leaves(path));
    for (path, node) in &wanted {
        if let Some(content) = node.content()
            && is_redacted(now, content)
        {
            return Err(RestoreError::Redacted {
                path: path.clone(),
                version: node.version,
            });
        }
    }
    plan.remove_others(&wanted);
    for (path, node) in &wanted {
        plan.bring_back(path, node);
    }
    plan.removes.extend(plan.makes);
    Ok(plan.removes)
}

/// The nodes at and below `root`, by the path they are to have.
fn wanted<'a>(then: &'a Tree, root: &'a Arc<Node>, scope: &str) -> BTreeMap<String, &'a Arc<Node>> {
    let mut wanted = BTreeMap::new();
    let mut stack = vec![(scope.to_owned(), root)];
    while let Some((path, node)) = stack.pop() {
        stack.extend(
            then.children(node.id)
                .map(|child| (format!("{path}/{}", child.name), child)),
        );
        if node.id != FileId::ROOT {
            wanted.insert(path, node);
        }
    }
    wanted
}

fn is_redacted(now: &Tree, content: &Content) -> bool {
    content.extents.iter().any(|e| now.is_redacted(e))
}

struct Plan<'a> {
    now: &'a Tree,
    random: &'a dyn Random,
    scope: &'a str,
    /// Whether what dreams keep is restored as well.
    dreams: bool,
    removes: Vec<Intent>,
    makes: Vec<Intent>,
    /// Ids that are free again.
    removed: HashSet<FileId>,
    /// Folders that are made here, by path.
    folders: BTreeMap<String, FileId>,
}

impl Plan<'_> {
    /// Whether that stays as it is.
    fn leaves(&self, path: &str) -> bool {
        !self.dreams && is_of_dreams(path)
    }

    /// Removes what was not there, and what must make room: files first, then folders from the deepest.
    fn remove_others(&mut self, wanted: &BTreeMap<String, &Arc<Node>>) {
        let Some(top) = self.now.lookup(self.scope) else {
            return;
        };
        let mut below = vec![(self.scope.to_owned(), top)];
        let mut others = Vec::new();
        while let Some((path, node)) = below.pop() {
            below.extend(
                self.now
                    .children(node.id)
                    .map(|child| (format!("{path}/{}", child.name), child)),
            );
            let stays = wanted.get(&path).is_some_and(|then| match (&then.kind, &node.kind) {
                (NodeKind::Symlink { target: a }, NodeKind::Symlink { target: b }) => a == b,
                (NodeKind::File { .. }, NodeKind::File { .. }) | (NodeKind::Dir, NodeKind::Dir) => true,
                _ => false,
            });
            if node.id != FileId::ROOT && !stays && !self.leaves(&path) {
                others.push((path, node));
            }
        }
        // Children come after their folder in byte order of the path, so the reverse removes them first.
        others.sort_by(|a, b| b.0.cmp(&a.0));
        for (path, node) in others {
            self.removed.insert(node.id);
            self.removes.push(if node.is_dir() {
                Intent::Rmdir { file: node.id, path }
            } else {
                Intent::Remove {
                    file: node.id,
                    path,
                    base: base_of(node),
                    expect: None,
                }
            });
        }
    }

    fn bring_back(&mut self, path: &str, then: &Arc<Node>) {
        let there = self.now.lookup(path).filter(|n| !self.removed.contains(&n.id));
        match (&then.kind, there) {
            // What is another kind now is among what is removed.
            (NodeKind::Dir | NodeKind::Symlink { .. }, Some(_)) => {}
            (NodeKind::Dir, None) => {
                self.folder(path, then.mode);
            }
            (NodeKind::Symlink { target }, None) => {
                let (file, place) = (self.free_id(then.id), self.place(path));
                self.makes.push(Intent::Symlink {
                    file,
                    path: path.into(),
                    place,
                    target: target.to_string(),
                });
            }
            (NodeKind::File { .. }, Some(there)) if same_content(there, then) => {
                if there.mode != then.mode {
                    self.makes.push(Intent::Setattr {
                        file: there.id,
                        path: path.into(),
                        mode: Some(then.mode),
                        mtime: None,
                    });
                }
            }
            (NodeKind::File { content, .. }, there) => {
                let (file, create, base) = if let Some(there) = there {
                    (there.id, None, base_of(there))
                } else {
                    let create = Create::at(self.place(path));
                    (self.free_id(then.id), Some(create), Base::Nothing)
                };
                self.makes.push(Intent::Put {
                    file,
                    path: path.into(),
                    create,
                    base,
                    content: content.extents.iter().copied().map(Piece::Kept).collect(),
                    mode: Some(then.mode),
                    mtime: None,
                    expect: None,
                });
            }
        }
    }

    /// The id it had, so that its history goes on, unless something has it now.
    fn free_id(&self, id: FileId) -> FileId {
        match self.now.node(id) {
            Some(_) if !self.removed.contains(&id) => FileId::random(self.random),
            _ => id,
        }
    }

    /// The place of a path; its folders are made where they are missing.
    fn place(&mut self, path: &str) -> Place {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.folder(folder, 0o755);
        Place {
            parent,
            name: name.into(),
        }
    }

    fn folder(&mut self, path: &str, mode: u32) -> FileId {
        if let Some(id) = self.folders.get(path) {
            return *id;
        }
        if let Some(node) = self.now.lookup(path)
            && node.is_dir()
            && !self.removed.contains(&node.id)
        {
            return node.id;
        }
        let place = self.place(path);
        let file = FileId::random(self.random);
        self.folders.insert(path.into(), file);
        self.makes.push(Intent::Mkdir {
            file,
            path: path.into(),
            place,
            mode,
            exists_ok: true,
        });
        file
    }
}

/// What is there is what the restorer saw: who writes at the same time is merged, not overwritten.
fn base_of(node: &Node) -> Base {
    match node.content() {
        Some(content) => Base::Version {
            version: node.version,
            content: content.clone(),
        },
        None => Base::Head,
    }
}
