//! What the mount shows: the committed tree, and on top of it what this mount accepted and the store may not have yet.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use remanence_store::name::{self, NameError};
use remanence_store::op::Place;
use remanence_store::tree::{Node, NodeKind};
use remanence_store::{FileId, Tree};

/// What a node of the view is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ViewKind {
    /// A folder.
    Dir,
    /// A file; its content is found by the item that wrote it, or in the tree.
    File,
    /// A symbolic link.
    Symlink(Arc<str>),
}

/// A node of the view.
#[derive(Debug, Clone)]
pub struct ViewNode {
    /// Its id.
    pub file: FileId,
    /// Its folder.
    pub parent: FileId,
    /// Its name.
    pub name: Arc<str>,
    /// What it is.
    pub kind: ViewKind,
    /// Permission bits.
    pub mode: u32,
    /// Modification time.
    pub mtime: Timestamp,
    /// Time of the last change.
    pub ctime: Timestamp,
}

impl ViewNode {
    /// The root of an empty store.
    pub fn root() -> Self {
        Self {
            file: FileId::ROOT,
            parent: FileId::ROOT,
            name: "".into(),
            kind: ViewKind::Dir,
            mode: 0o755,
            mtime: Timestamp::UNIX_EPOCH,
            ctime: Timestamp::UNIX_EPOCH,
        }
    }

    fn of(node: &Node) -> Self {
        Self {
            file: node.id,
            parent: node.parent,
            name: node.name.clone(),
            kind: match &node.kind {
                NodeKind::Dir => ViewKind::Dir,
                NodeKind::File { .. } => ViewKind::File,
                NodeKind::Symlink { target } => ViewKind::Symlink(target.clone()),
            },
            mode: node.mode,
            mtime: node.mtime,
            ctime: node.time.max(node.mtime),
        }
    }

    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        self.kind == ViewKind::Dir
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        Place {
            parent: self.parent,
            name: self.name.to_string(),
        }
    }
}

/// Names in a folder, as they are on top of the tree: `None` where one is gone.
type Names = BTreeMap<Arc<str>, Option<FileId>>;

/// The committed tree and what lies on top of it.
#[derive(Debug)]
pub struct View {
    /// The committed tree.
    pub tree: Arc<Tree>,
    files: HashMap<FileId, Option<ViewNode>>,
    names: HashMap<FileId, Names>,
    /// Files and links that count against the limit, more (or fewer) than in the tree.
    added: i64,
}

impl View {
    /// The tree alone.
    pub fn new(tree: Arc<Tree>) -> Self {
        Self {
            tree,
            files: HashMap::new(),
            names: HashMap::new(),
            added: 0,
        }
    }

    /// Takes off everything that lies on top of the tree.
    pub fn clear(&mut self) {
        self.files.clear();
        self.names.clear();
        self.added = 0;
    }

    /// A node.
    pub fn node(&self, file: FileId) -> Option<ViewNode> {
        if !self.files.is_empty()
            && let Some(over) = self.files.get(&file)
        {
            return over.clone();
        }
        self.tree.node(file).map(|n| ViewNode::of(n))
    }

    /// The child of a folder.
    pub fn child(&self, parent: FileId, name: &str) -> Option<ViewNode> {
        if !self.names.is_empty()
            && let Some(over) = self.names.get(&parent).and_then(|names| names.get(name))
        {
            return over.and_then(|file| self.node(file));
        }
        let node = self.tree.child(parent, name)?;
        match self.files.get(&node.id) {
            None => Some(ViewNode::of(node)),
            Some(Some(over)) if over.parent == parent && *over.name == *name => Some(over.clone()),
            // Moved or removed here, and the store does not know yet.
            Some(_) => None,
        }
    }

    /// Names and files of a folder, in no order.
    pub fn children(&self, parent: FileId) -> impl Iterator<Item = (Arc<str>, FileId)> {
        let over = self.names.get(&parent);
        let tree = self.tree.children(parent).filter(move |node| {
            over.is_none_or(|names| !names.contains_key(&node.name))
                && self
                    .files
                    .get(&node.id)
                    .is_none_or(|over| over.as_ref().is_some_and(|o| o.parent == parent && o.name == node.name))
        });
        let tree = tree.map(|node| (node.name.clone(), node.id));
        let over = over
            .into_iter()
            .flatten()
            .filter_map(|(name, file)| file.map(|file| (name.clone(), file)));
        tree.chain(over)
    }

    /// Whether a folder has no children.
    pub fn is_empty_dir(&self, folder: FileId) -> bool {
        self.children(folder).next().is_none()
    }

    /// The absolute path of a file; of one that is gone, `None`.
    pub fn path(&self, file: FileId) -> Option<String> {
        if file == FileId::ROOT {
            return Some("/".into());
        }
        let mut names = Vec::new();
        let mut at = file;
        while at != FileId::ROOT {
            let node = self.node(at)?;
            names.push(node.name);
            at = node.parent;
        }
        let mut path = String::new();
        for name in names.iter().rev() {
            path.push('/');
            path.push_str(name);
        }
        Some(path)
    }

    /// The path of a name in a folder.
    pub fn path_in(&self, parent: FileId, name: &str) -> String {
        match self.path(parent).as_deref() {
            Some("/") | None => format!("/{name}"),
            Some(folder) => format!("{folder}/{name}"),
        }
    }

    /// Whether `folder` is `file` or lies below it.
    pub fn is_within(&self, folder: FileId, file: FileId) -> bool {
        let mut at = folder;
        loop {
            if at == file {
                return true;
            }
            match self.node(at) {
                Some(node) if at != FileId::ROOT => at = node.parent,
                _ => return false,
            }
        }
    }

    /// Files and links that count against the limit.
    pub fn files(&self) -> u64 {
        self.tree.files.saturating_add_signed(self.added)
    }

    /// Checks a name that is to be made, by which paths below it are longer by `depth` at most.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn check_name(&self, parent: FileId, name: &str, depth: usize) -> Result<(), NameError> {
        name::check(name)?;
        name::check_path_length(self.path_in(parent, name).len() + depth)?;
        if name.is_ascii() {
            return Ok(());
        }
        let siblings: Vec<_> = self.children(parent).map(|(name, _)| name).collect();
        name::check_confusable(name, siblings.iter().map(|n| &**n))
    }

    /// How much longer than that of `folder` the longest path below it is, in bytes.
    pub fn depth(&self, folder: FileId) -> usize {
        let mut deepest = 0;
        let mut below = vec![(folder, 0)];
        while let Some((id, length)) = below.pop() {
            deepest = deepest.max(length);
            if deepest > name::PATH_MAX {
                // No path is that long.
                break;
            }
            below.extend(self.children(id).map(|(name, file)| (file, length + 1 + name.len())));
        }
        deepest
    }

    /// Whether something at that place belongs to the dreams.
    pub fn is_dream(&self, parent: FileId, name: &str) -> bool {
        (parent == FileId::ROOT && name == ".dream")
            || (parent != FileId::ROOT
                && self
                    .tree
                    .child(FileId::ROOT, ".dream")
                    .is_some_and(|dream| self.is_within(parent, dream.id)))
    }

    /// Puts a node on top: made, moved or changed.
    pub fn put(&mut self, node: ViewNode) {
        let old = self.node(node.file);
        match &old {
            Some(old) if old.parent != node.parent || old.name != node.name => {
                self.names.entry(old.parent).or_default().insert(old.name.clone(), None);
            }
            Some(_) => {}
            None => self.count(&node, 1),
        }
        self.names
            .entry(node.parent)
            .or_default()
            .insert(node.name.clone(), Some(node.file));
        self.files.insert(node.file, Some(node));
    }

    /// Changes a node's attributes on top.
    pub fn touch(&mut self, file: FileId, change: impl FnOnce(&mut ViewNode)) {
        if let Some(mut node) = self.node(file) {
            change(&mut node);
            self.files.insert(file, Some(node));
        }
    }

    /// Takes a node away on top.
    pub fn remove(&mut self, file: FileId) {
        if let Some(old) = self.node(file) {
            self.count(&old, -1);
            let names = self.names.entry(old.parent).or_default();
            if names.get(&old.name).is_none_or(|there| *there == Some(file)) {
                names.insert(old.name, None);
            }
        }
        self.files.insert(file, None);
    }

    fn count(&mut self, node: &ViewNode, by: i64) {
        if !node.is_dir() {
            self.added += by;
        }
    }
}
