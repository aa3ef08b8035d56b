//! The tree at a commit: what slots 1…N make. Persistent maps, so a snapshot costs a few pointers.

mod apply;
mod node;

use std::sync::Arc;

use imbl::{HashMap, OrdMap, OrdSet};
use jiff::Timestamp;

pub(crate) use self::apply::Stamp;
pub use self::apply::{ApplyError, Change, ChangeKind};
pub use self::node::{KeptBlame, Moved, Node, NodeKind, is_conflict_name, is_of_dreams};
use crate::author::Author;
use crate::content::{Content, Extent, ObjectRef};
use crate::id::{FileId, MountId, Seq, Version, WriteId};
use crate::op::Place;
use crate::seqset::SeqSet;
use crate::settings::Settings;

/// A store's state after a commit.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// The commit.
    pub seq: Seq,
    /// The stamp of the newest commit that counts (void ones don't).
    pub write: WriteId,
    /// The slot of that commit.
    pub written: Seq,
    /// When it was committed.
    pub time: Timestamp,
    /// Settings.
    pub settings: Arc<Settings>,
    /// The last op counter settled of each mount that ever wrote.
    pub mounts: OrdMap<MountId, u64>,
    /// Ids that lost the race to create a path, and the file they stand for.
    pub aliases: OrdMap<FileId, FileId>,
    /// Where moved extents are now, and the commit that moved them.
    pub relocated: OrdMap<Extent, Moved>,
    /// Objects with contents that a commit after the horizon superseded, and the last such commit: they are retained
    /// until the horizon reaches it.
    pub superseded: OrdMap<ObjectRef, Seq>,
    /// Condemned objects and the commit that condemned them.
    pub condemned: OrdMap<ObjectRef, Seq>,
    /// The last commit that recorded condemned objects as gone.
    pub collected: Seq,
    /// Slots without bodies: they never had any, or are stubs by now.
    pub stubbed: SeqSet,
    /// Extents whose bytes are redacted, where they lay.
    pub redacted: OrdSet<Extent>,
    /// Objects with redacted bytes that are not yet recorded as destroyed, and the op that redacted them.
    pub destroying: OrdMap<ObjectRef, Version>,
    /// Versions at or below this commit that are no longer live are past retention.
    pub horizon: Seq,
    /// Bytes of all files.
    pub bytes: u64,
    /// Files and links that count against the limit.
    pub files: u64,
    pub(crate) nodes: HashMap<FileId, Arc<Node>>,
    children: HashMap<FileId, OrdMap<Arc<str>, FileId>>,
}

impl Default for Tree {
    fn default() -> Self {
        Self::empty()
    }
}

impl Tree {
    /// The tree before the first commit: an empty root.
    pub fn empty() -> Self {
        let root = Node {
            id: FileId::ROOT,
            parent: FileId::ROOT,
            name: "".into(),
            kind: NodeKind::Dir,
            mode: 0o755,
            mtime: Timestamp::UNIX_EPOCH,
            version: Version::NONE,
            time: Timestamp::UNIX_EPOCH,
            author: Arc::new(Author::Maintenance {
                maintenance: "init".into(),
            }),
            mount: MountId::default(),
            exempt: false,
            blame: None,
        };
        let mut tree = Self {
            seq: 0,
            write: WriteId::default(),
            written: 0,
            time: Timestamp::UNIX_EPOCH,
            settings: Arc::new(Settings::default()),
            mounts: OrdMap::new(),
            aliases: OrdMap::new(),
            relocated: OrdMap::new(),
            superseded: OrdMap::new(),
            condemned: OrdMap::new(),
            collected: 0,
            stubbed: SeqSet::default(),
            redacted: OrdSet::new(),
            destroying: OrdMap::new(),
            horizon: 0,
            bytes: 0,
            files: 0,
            nodes: HashMap::new(),
            children: HashMap::new(),
        };
        tree.insert(root);
        tree
    }

    /// The node of that id, following an alias.
    pub fn node(&self, file: FileId) -> Option<&Arc<Node>> {
        self.nodes
            .get(&file)
            .or_else(|| self.nodes.get(self.aliases.get(&file)?))
    }

    /// The id that `file` stands for.
    pub fn resolve_alias(&self, file: FileId) -> FileId {
        if self.nodes.contains_key(&file) {
            file
        } else {
            self.aliases.get(&file).copied().unwrap_or(file)
        }
    }

    /// The child `name` of a folder.
    pub fn child(&self, parent: FileId, name: &str) -> Option<&Arc<Node>> {
        self.nodes.get(self.children.get(&parent)?.get(name)?)
    }

    /// Children of a folder, by name.
    pub fn children(&self, parent: FileId) -> impl Iterator<Item = &Arc<Node>> {
        self.children
            .get(&parent)
            .into_iter()
            .flat_map(|c| c.values())
            .filter_map(|id| self.nodes.get(id))
    }

    /// The names and ids of a folder, as a snapshot that later commits do not change.
    pub fn listing(&self, parent: FileId) -> Option<OrdMap<Arc<str>, FileId>> {
        self.children.get(&parent).cloned()
    }

    /// Whether a folder has no children.
    pub fn is_empty_dir(&self, parent: FileId) -> bool {
        self.children.get(&parent).is_none_or(OrdMap::is_empty)
    }

    /// All nodes but the root, in no order.
    pub fn nodes(&self) -> impl Iterator<Item = &Arc<Node>> {
        self.nodes.values().filter(|n| n.id != FileId::ROOT)
    }

    /// The node at an absolute path (`/` is the root; a trailing `/` is let pass).
    pub fn lookup(&self, path: &str) -> Option<&Arc<Node>> {
        let mut node = self.nodes.get(&FileId::ROOT)?;
        for name in path.split('/').filter(|n| !n.is_empty()) {
            node = self.child(node.id, name)?;
        }
        Some(node)
    }

    /// The absolute path of a node; `None` when it is not in the tree.
    pub fn path(&self, file: FileId) -> Option<String> {
        let mut node = self.nodes.get(&file)?;
        if file == FileId::ROOT {
            return Some("/".into());
        }
        let mut names = Vec::new();
        while node.id != FileId::ROOT {
            names.push(&*node.name);
            node = self.nodes.get(&node.parent)?;
        }
        let mut path = String::new();
        for name in names.iter().rev() {
            path.push('/');
            path.push_str(name);
        }
        Some(path)
    }

    /// The path a child of `place.parent` has.
    pub fn path_of_place(&self, place: &Place) -> Option<String> {
        let parent = self.path(place.parent)?;
        Some(if parent == "/" {
            format!("/{}", place.name)
        } else {
            format!("{parent}/{}", place.name)
        })
    }

    /// How much longer than that of `folder` the longest path below it is, in bytes.
    pub fn depth(&self, folder: FileId) -> usize {
        let mut deepest = 0;
        let mut below = vec![(folder, 0)];
        while let Some((id, length)) = below.pop() {
            deepest = deepest.max(length);
            below.extend(self.children(id).map(|child| (child.id, length + 1 + child.name.len())));
        }
        deepest
    }

    /// Whether `folder` is `file` itself or lies below it.
    pub fn is_within(&self, folder: FileId, file: FileId) -> bool {
        let mut at = folder;
        loop {
            if at == file {
                return true;
            }
            if at == FileId::ROOT {
                return false;
            }
            match self.nodes.get(&at) {
                Some(node) => at = node.parent,
                None => return false,
            }
        }
    }

    /// Whether what is at `place` is exempt from limits.
    pub fn is_exempt(&self, place: &Place) -> bool {
        (place.parent == FileId::ROOT && place.name == ".dream")
            || self.nodes.get(&place.parent).is_some_and(|parent| parent.exempt)
    }

    fn insert(&mut self, node: Node) {
        if node.id != FileId::ROOT {
            self.children
                .entry(node.parent)
                .or_default()
                .insert(node.name.clone(), node.id);
        }
        if node.is_dir() {
            self.children.entry(node.id).or_default();
        } else if !node.exempt {
            self.files += 1;
        }
        self.bytes += node.content().map_or(0, Content::len);
        self.nodes.insert(node.id, Arc::new(node));
    }

    fn take(&mut self, file: FileId) -> Option<Arc<Node>> {
        let node = self.nodes.remove(&file)?;
        if let Some(siblings) = self.children.get_mut(&node.parent) {
            siblings.remove(&node.name);
        }
        if node.is_dir() {
            self.children.remove(&file);
        } else if !node.exempt {
            self.files -= 1;
        }
        self.bytes -= node.content().map_or(0, Content::len);
        Some(node)
    }

    /// Puts a decoded node back, for reading an index.
    pub(crate) fn restore_node(&mut self, node: Node) {
        self.insert(node);
    }

    /// Marks everything below a folder as exempt from limits or not.
    pub(crate) fn set_exempt_below(&mut self, folder: FileId, exempt: bool) {
        let mut folders = vec![folder];
        while let Some(id) = folders.pop() {
            let node = self.nodes.get(&id).map(|n| Node::clone(n));
            if let Some(mut node) = node {
                if !node.is_dir() && node.exempt != exempt {
                    self.files = if exempt { self.files - 1 } else { self.files + 1 };
                }
                node.exempt = exempt;
                self.nodes.insert(id, Arc::new(node));
            }
            folders.extend(self.children.get(&id).into_iter().flat_map(OrdMap::values));
        }
    }
}
