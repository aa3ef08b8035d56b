//! What each op of a commit makes of the tree.

use std::sync::Arc;

use jiff::Timestamp;

use super::{KeptBlame, Node, NodeKind, Tree};
use crate::author::Author;
use crate::content::Content;
use crate::id::{FileId, MountId, Seq, Version};
use crate::op::{Op, Place};
use crate::slot::Header;

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

impl Tree {
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
        // No writer of ours does that; who forges a commit must not make readers go round in circles.
        if let Some(old) = self.nodes.get(&file).filter(|old| old.is_dir()) {
            let below = place.is_some_and(|place| self.is_within(place.parent, old.id));
            if below || kind != NodeKind::Dir {
                return Err(format!("{file} is a folder"));
            }
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
