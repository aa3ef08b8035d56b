//! The tree at a commit: what slots 1…N make. Persistent maps, so a snapshot costs a few pointers.

use std::sync::Arc;

use imbl::{HashMap, OrdMap, OrdSet};
use jiff::Timestamp;

use crate::author::Author;
use crate::content::{Content, Extent, ObjectRef};
use crate::id::{FileId, MountId, Seq, Version, WriteId};
use crate::op::{BlameRun, Op, Place};
use crate::seqset::SeqSet;
use crate::settings::Settings;
use crate::slot::Header;

/// A file, folder or link of a [`Tree`].
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its id.
    pub id: FileId,
    /// Its folder; the root's is itself.
    pub parent: FileId,
    /// Its name; the root's is empty.
    pub name: Arc<str>,
    /// What it is.
    pub kind: NodeKind,
    /// Permission bits (`0o777` at most).
    pub mode: u32,
    /// Modification time.
    pub mtime: Timestamp,
    /// The op that last changed its content (a folder's: that made it).
    pub version: Version,
    /// When that was committed.
    pub time: Timestamp,
    /// Who committed that.
    pub author: Arc<Author>,
    /// The mount that committed that.
    pub mount: MountId,
    /// Exempt from limits: below `.dream/`, or a conflict sibling.
    pub exempt: bool,
    /// Who wrote the lines of an old version whose history is dropped.
    pub blame: Option<Arc<KeptBlame>>,
}

/// Line authorship kept for one version of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBlame {
    /// The version.
    pub version: Version,
    /// Its lines.
    pub lines: Vec<BlameRun>,
}

/// Where a moved extent is now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moved {
    /// The commit that moved it.
    pub by: Seq,
    /// The object it lies in.
    pub object: ObjectRef,
    /// Offset of its first byte there.
    pub offset: u64,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeKind {
    /// A folder.
    Dir,
    /// A file.
    File {
        /// Its content.
        content: Content,
        /// Whether it is empty or ends in a newline.
        whole_lines: bool,
    },
    /// A symbolic link.
    Symlink {
        /// Its target.
        target: Arc<str>,
    },
}

impl Node {
    /// Whether it is a folder.
    pub fn is_dir(&self) -> bool {
        matches!(self.kind, NodeKind::Dir)
    }

    /// Its content, if it is a file.
    pub fn content(&self) -> Option<&Content> {
        match &self.kind {
            NodeKind::File { content, .. } => Some(content),
            _ => None,
        }
    }

    /// Size in bytes: content, or length of a link's target.
    pub fn size(&self) -> u64 {
        match &self.kind {
            NodeKind::Dir => 0,
            NodeKind::File { content, .. } => content.len(),
            NodeKind::Symlink { target } => target.len() as u64,
        }
    }
}

/// How one op changed one node, for mounts that must tell the kernel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The node.
    pub file: FileId,
    /// The op.
    pub version: Version,
    /// The mount that did it.
    pub mount: MountId,
    /// What happened.
    pub kind: ChangeKind,
}

/// Kinds of change to a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was made.
    Created,
    /// Its whole content was replaced.
    Replaced,
    /// Bytes were added at its end; the old ones stay true.
    Appended,
    /// Name or folder changed; where it was.
    Moved {
        /// Its place before.
        from: Place,
    },
    /// It is gone; where it was.
    Removed {
        /// Its place before.
        from: Place,
    },
    /// Mode or times.
    Attributes,
}

/// A slot that does not fit the tree: the log is damaged, or the tree is not the slot's predecessor.
#[derive(Debug, thiserror::Error)]
#[error("slot {seq} does not fit the tree at {tree}: {why}")]
pub struct ApplyError {
    /// The slot.
    pub seq: Seq,
    /// The tree's commit.
    pub tree: Seq,
    /// What does not fit.
    pub why: String,
}

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

    /// Whether a name in `parent` is exempt from limits.
    pub fn is_exempt(&self, place: &Place) -> bool {
        is_conflict_name(&place.name)
            || (place.parent == FileId::ROOT && place.name == ".dream")
            || self
                .nodes
                .get(&place.parent)
                .is_some_and(|p| p.exempt && !is_conflict_name(&p.name))
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
                let exempt = exempt || is_conflict_name(&node.name);
                if !node.is_dir() && node.exempt != exempt {
                    self.files = if exempt { self.files - 1 } else { self.files + 1 };
                }
                node.exempt = exempt;
                self.nodes.insert(id, Arc::new(node));
            }
            folders.extend(self.children.get(&id).into_iter().flat_map(OrdMap::values));
        }
    }

    /// Applies a commit.
    ///
    /// # Errors
    /// When the commit is not this tree's successor or an op does not fit; the tree is then unchanged.
    pub fn apply(&mut self, header: &Header) -> Result<Vec<Change>, ApplyError> {
        let error = |why: String| ApplyError {
            seq: header.seq,
            tree: self.seq,
            why,
        };
        if header.seq != self.seq + 1 {
            return Err(error("it is not the next".into()));
        }
        if header.previous != self.write {
            return Err(error(format!(
                "it follows write {}, the tree holds {}",
                header.previous, self.write
            )));
        }
        let mut next = self.clone();
        next.seq = header.seq;
        next.write = header.write;
        next.written = header.seq;
        next.time = header.time;
        if header.body == 0 {
            next.stubbed.insert(header.seq);
        }
        let author = Arc::new(header.author.clone());
        let mut changes = Vec::new();
        for (index, op) in header.ops.iter().enumerate() {
            let version = Version {
                seq: header.seq,
                op: index as u32 + 1,
            };
            let stamp = Stamp {
                version,
                time: header.time,
                author: &author,
                mount: header.mount,
            };
            next.apply_op(op, &stamp, &mut changes)
                .map_err(|why| error(format!("op {version}: {why}")))?;
        }
        let settled = next.mounts.entry(header.mount).or_insert(0);
        *settled = (*settled).max(header.last);
        *self = next;
        Ok(changes)
    }

    /// Goes past a slot that counts for nothing.
    pub(crate) fn pass_void(&mut self, seq: Seq) -> Result<(), ApplyError> {
        if seq != self.seq + 1 {
            return Err(ApplyError {
                seq,
                tree: self.seq,
                why: "it is not the next".into(),
            });
        }
        self.seq = seq;
        Ok(())
    }

    /// Applies the first `ops` ops of a commit, for looking at the middle of it.
    ///
    /// # Errors
    /// As [`Tree::apply`].
    pub fn apply_first(&mut self, header: &Header, ops: u32) -> Result<(), ApplyError> {
        let mut partial = header.clone();
        partial.ops.truncate(ops as usize);
        self.apply(&partial).map(|_| ())
    }

    /// Applies one op.
    ///
    /// # Errors
    /// A sentence that says what does not fit.
    pub(crate) fn apply_op(&mut self, op: &Op, stamp: &Stamp<'_>, changes: &mut Vec<Change>) -> Result<(), String> {
        let mut change = |file, kind| {
            changes.push(Change {
                file,
                version: stamp.version,
                mount: stamp.mount,
                kind,
            });
        };
        match op {
            Op::Put {
                file,
                place,
                content,
                whole_lines,
                mode,
                mtime,
                alias,
                ..
            } => {
                if let Some(alias) = alias {
                    self.aliases.insert(*alias, *file);
                }
                let content = self.located_content(content);
                if let Some(old) = self.nodes.get(file).cloned() {
                    self.supersede(&old, &content, stamp.version.seq);
                }
                let kind = NodeKind::File {
                    content,
                    whole_lines: *whole_lines,
                };
                let made = self.put_node(*file, place.as_ref(), kind, *mode, *mtime, stamp)?;
                change(
                    *file,
                    if made {
                        ChangeKind::Created
                    } else {
                        ChangeKind::Replaced
                    },
                );
            }
            Op::Append {
                file,
                content,
                whole_lines,
                mtime,
                ..
            } => {
                let content = self.located_content(content);
                let old = self.take(*file).ok_or_else(|| format!("no file {file}"))?;
                let mut node = Arc::unwrap_or_clone(old);
                let NodeKind::File {
                    content: all,
                    whole_lines: whole,
                } = &mut node.kind
                else {
                    return Err(format!("{file} is no file"));
                };
                all.extents.extend(content.extents);
                *whole = *whole_lines;
                stamp.onto(&mut node, *mtime);
                self.insert(node);
                change(*file, ChangeKind::Appended);
            }
            Op::Symlink {
                file, place, target, ..
            } => {
                let kind = NodeKind::Symlink {
                    target: target.as_str().into(),
                };
                self.put_node(*file, Some(place), kind, Some(0o777), None, stamp)?;
                change(*file, ChangeKind::Created);
            }
            Op::Mkdir { file, place, mode, .. } => {
                self.put_node(*file, Some(place), NodeKind::Dir, Some(*mode), None, stamp)?;
                change(*file, ChangeKind::Created);
            }
            Op::Rename { file, place, .. } => {
                let from = self.relocate(*file, place)?;
                change(*file, ChangeKind::Moved { from });
            }
            Op::Remove { file, .. } | Op::Rmdir { file, .. } => {
                if !self.is_empty_dir(*file) {
                    return Err(format!("folder {file} is not empty"));
                }
                let node = self.take(*file).ok_or_else(|| format!("no file {file}"))?;
                self.supersede(&node, &Content::EMPTY, stamp.version.seq);
                let from = Place {
                    parent: node.parent,
                    name: node.name.to_string(),
                };
                change(*file, ChangeKind::Removed { from });
            }
            Op::Setattr { file, mode, mtime, .. } => {
                let node = self.nodes.get_mut(file).ok_or_else(|| format!("no file {file}"))?;
                let node = Arc::make_mut(node);
                node.mode = mode.unwrap_or(node.mode);
                node.mtime = mtime.unwrap_or(node.mtime);
                change(*file, ChangeKind::Attributes);
            }
            Op::Settings { settings } => self.settings = Arc::new(settings.clone()),
            Op::Dropped { file, alias, .. } => {
                if let Some(alias) = alias {
                    self.aliases.insert(*alias, *file);
                }
            }
            Op::Move { moves, joined, .. } => self.apply_moves(moves, joined, stamp.version.seq),
            Op::Condemn { objects, horizon } => self.apply_condemn(objects, *horizon, stamp.version.seq),
            Op::Collected { objects } => self.apply_collected(objects, stamp.version.seq),
            Op::Redact { content, .. } => self.apply_redact(content, stamp.version),
            Op::Blame {
                file, version, lines, ..
            } => {
                if let Some(node) = self.nodes.get_mut(file) {
                    let kept = KeptBlame {
                        version: *version,
                        lines: lines.clone(),
                    };
                    Arc::make_mut(node).blame = Some(Arc::new(kept));
                }
            }
        }
        Ok(())
    }

    /// Makes or replaces a node; says whether it was made.
    fn put_node(
        &mut self,
        file: FileId,
        place: Option<&Place>,
        kind: NodeKind,
        mode: Option<u32>,
        mtime: Option<Timestamp>,
        stamp: &Stamp<'_>,
    ) -> Result<bool, String> {
        if let Some(place) = place {
            self.check_place(place, file)?;
        }
        let old = self.take(file);
        let made = old.is_none();
        let mut node = match (old, place) {
            (Some(old), _) => Arc::unwrap_or_clone(old),
            (None, None) => return Err(format!("no file {file}")),
            (None, Some(_)) => Node {
                id: file,
                parent: FileId::ROOT,
                name: "".into(),
                kind: NodeKind::Dir,
                mode: 0o644,
                mtime: stamp.time,
                version: stamp.version,
                time: stamp.time,
                author: stamp.author.clone(),
                mount: stamp.mount,
                exempt: false,
                blame: None,
            },
        };
        if let Some(place) = place {
            node.parent = place.parent;
            node.name = place.name.as_str().into();
            node.exempt = self.is_exempt(place);
        }
        node.kind = kind;
        node.mode = mode.unwrap_or(node.mode);
        stamp.onto(&mut node, mtime);
        self.insert(node);
        Ok(made)
    }

    fn check_place(&self, place: &Place, file: FileId) -> Result<(), String> {
        match self.nodes.get(&place.parent) {
            Some(parent) if parent.is_dir() => {}
            _ => return Err(format!("no folder {}", place.parent)),
        }
        match self.child(place.parent, &place.name) {
            Some(other) if other.id != file => Err(format!("{} is taken by {}", place.name, other.id)),
            _ => Ok(()),
        }
    }

    fn relocate(&mut self, file: FileId, place: &Place) -> Result<Place, String> {
        self.check_place(place, file)?;
        if file == FileId::ROOT || self.is_within(place.parent, file) {
            return Err(format!("{file} can't be moved into itself"));
        }
        let exempt = self.is_exempt(place);
        let old = self.nodes.get(&file).ok_or_else(|| format!("no file {file}"))?.clone();
        let mut node = Node::clone(&old);
        if let Some(siblings) = self.children.get_mut(&node.parent) {
            siblings.remove(&node.name);
        }
        if !node.is_dir() && node.exempt != exempt {
            self.files = if exempt { self.files - 1 } else { self.files + 1 };
        }
        let from = Place {
            parent: node.parent,
            name: node.name.to_string(),
        };
        node.parent = place.parent;
        node.name = place.name.as_str().into();
        node.exempt = exempt;
        self.children
            .entry(node.parent)
            .or_default()
            .insert(node.name.clone(), file);
        let into_other = node.is_dir() && old.exempt != exempt;
        self.nodes.insert(file, Arc::new(node));
        if into_other {
            self.set_exempt_below(file, exempt);
        }
        Ok(from)
    }
}

/// What an op takes from its commit.
pub(crate) struct Stamp<'a> {
    pub(crate) version: Version,
    pub(crate) time: Timestamp,
    pub(crate) author: &'a Arc<Author>,
    pub(crate) mount: MountId,
}

impl Stamp<'_> {
    fn onto(&self, node: &mut Node, mtime: Option<Timestamp>) {
        node.version = self.version;
        node.time = self.time;
        node.author = self.author.clone();
        node.mount = self.mount;
        node.mtime = mtime.unwrap_or(self.time);
    }
}

/// Whether a name is that of a conflict sibling: `<stem>.conflict-<agent>-<short id>[.<ext>]`.
pub fn is_conflict_name(name: &str) -> bool {
    name.contains(".conflict-")
}
